//! The index in its directory: opening, healing, and what is visible to searches.
//!
//! Whatever stands in the directory, opening gives a working index: what is damaged or foreign is cleared,
//! and the missing cursor tells the feeding job to rebuild. Must not know how to rebuild, nor how text
//! is matched.

use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::SystemTime;

use tantivy::{Directory as _, IndexReader, ReloadPolicy};

use super::schema::{self, Fields};
use super::writer::Writer;
use super::{Hits, Request, SearchError, plan, snippet};

const META_FILE: &str = "meta.json";
/// Files up to this size in all are checked byte by byte when opening; above, `verify` does it later.
const MAX_BYTES_CHECKED_AT_OPEN: u64 = 48_000_000;

/// The searching side. Clones are cheap and see the same index, also after it has been repaired.
#[derive(Clone)]
pub struct Index {
    shared: Arc<Shared>,
}

struct Shared {
    /// The directory of this schema version.
    directory: PathBuf,
    live: RwLock<Arc<Live>>,
    /// What `meta.json` looked like when the reader was last brought up to date.
    seen: Mutex<Option<MetaStamp>>,
    damaged: AtomicBool,
}

type MetaStamp = (SystemTime, u64);

pub(super) struct Live {
    engine: tantivy::Index,
    reader: IndexReader,
    pub fields: Fields,
}

impl Live {
    pub(super) fn searcher(&self) -> tantivy::Searcher {
        self.reader.searcher()
    }
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index")
            .field("directory", &self.shared.directory)
            .finish_non_exhaustive()
    }
}

impl Index {
    /// Opens the index, or makes an empty one. Content that cannot be used is cleared with a warning; the
    /// only errors are those of the file system.
    pub fn open(directory: &Path) -> Result<Self, SearchError> {
        let directory = directory.join(format!("v{}", schema::VERSION));
        fs::create_dir_all(&directory).map_err(|source| unusable(&directory, source))?;
        let live = match Live::open(&directory, true) {
            Ok(live) => live,
            Err(damage) => {
                if damage != Damage::Missing {
                    tracing::warn!(directory = %directory.display(), %damage, "search index cleared; it will be rebuilt");
                }
                Live::create(&directory)?
            }
        };
        Ok(Self::of(directory, live))
    }

    fn of(directory: PathBuf, live: Live) -> Self {
        let seen = Mutex::new(meta_stamp(&directory));
        let shared = Shared {
            directory,
            live: RwLock::new(Arc::new(live)),
            seen,
            damaged: AtomicBool::new(false),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// The change-feed position of what searches see. `None`: empty, lost or damaged; rebuild it.
    pub fn cursor(&self) -> Option<u64> {
        if self.shared.damaged.load(Ordering::Relaxed) {
            return None;
        }
        let meta = self.live().engine.load_metas().ok()?;
        self.refresh();
        meta.payload?.parse().ok()
    }

    /// How many documents searches see.
    pub fn documents(&self) -> u64 {
        self.live().searcher().num_docs()
    }

    /// Answers any string. What cannot be understood is taken as words; what fails gives no hits and a
    /// line in the log. Blocks while it computes: call it off the async threads.
    pub fn search(&self, request: &Request) -> Hits {
        self.refresh();
        self.guarded(|live| plan::search(live, request))
    }

    /// A passage of `text` with the query's words marked, as safe HTML.
    pub fn snippet(&self, query: &str, text: &str) -> String {
        snippet::of(&self.languages(), query, text)
    }

    fn languages(&self) -> Vec<String> {
        self.guarded(|live| plan::languages(&live.searcher(), live.fields, None))
    }

    /// The writer; there is one at a time, over all processes. Repairs a lost or damaged index first, after
    /// which the cursor is `None`.
    pub fn writer(&self) -> Result<Writer, SearchError> {
        let lost = self.live().engine.load_metas().is_err();
        if lost || self.shared.damaged.load(Ordering::Relaxed) {
            self.start_over()?;
        }
        self.remove_old_versions();
        let live = self.live();
        Writer::open(self.clone(), &live.engine, live.fields)
    }

    /// Reads every byte and compares checksums. False: damaged; the cursor is `None` from now on and the
    /// next writer starts over. For the background, when the index is too large to check at start.
    pub fn verify(&self) -> bool {
        let sound = self.live().damage().is_none();
        if !sound {
            self.distrust();
        }
        sound
    }

    fn distrust(&self) {
        self.shared.damaged.store(true, Ordering::Relaxed);
    }

    pub(super) fn reload(&self) -> Result<(), SearchError> {
        let stamp = meta_stamp(&self.shared.directory);
        self.live().reader.reload()?;
        *self
            .shared
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = stamp;
        Ok(())
    }

    /// Another process may have committed: one `stat` tells.
    fn refresh(&self) {
        let stamp = meta_stamp(&self.shared.directory);
        let changed = stamp.is_some()
            && *self
                .shared
                .seen
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                != stamp;
        if changed && let Err(error) = self.reload() {
            tracing::debug!(%error, "search goes on with what it had opened");
        }
    }

    fn live(&self) -> Arc<Live> {
        Arc::clone(
            &self
                .shared
                .live
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    fn start_over(&self) -> Result<(), SearchError> {
        let directory = &self.shared.directory;
        tracing::warn!(directory = %directory.display(), "search index lost or damaged; starting over");
        fs::create_dir_all(directory).map_err(|source| unusable(directory, source))?;
        let live = Live::create(directory)?;
        *self
            .shared
            .live
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(live);
        *self
            .shared
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = meta_stamp(directory);
        self.shared.damaged.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// The engine panics on some damage that checksums would have shown; a search must not.
    fn guarded<T: Default>(&self, work: impl FnOnce(&Live) -> tantivy::Result<T>) -> T {
        let live = self.live();
        match catch_unwind(AssertUnwindSafe(|| work(&live))) {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => {
                tracing::error!(%error, "search failed");
                T::default()
            }
            Err(_) => {
                tracing::error!("search index is damaged; it will be rebuilt");
                self.shared.damaged.store(true, Ordering::Relaxed);
                T::default()
            }
        }
    }

    /// The previous version stays for a rollback; older ones go.
    fn remove_old_versions(&self) {
        let Some(parent) = self.shared.directory.parent() else {
            return;
        };
        for version in 0..schema::VERSION.saturating_sub(1) {
            let old = parent.join(format!("v{version}"));
            if old.is_dir() && remove_index_files(&old).is_ok() {
                let _emptied = fs::remove_dir(&old);
            }
        }
    }
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Damage {
    #[error("there is none yet")]
    Missing,
    #[error("it was made by another program or version")]
    Foreign,
    #[error("{0}")]
    Broken(String),
}

impl From<tantivy::TantivyError> for Damage {
    fn from(error: tantivy::TantivyError) -> Self {
        Self::Broken(error.to_string())
    }
}

impl Live {
    fn open(directory: &Path, check: bool) -> Result<Self, Damage> {
        if !directory.join(META_FILE).exists() {
            return Err(Damage::Missing);
        }
        let engine = tantivy::Index::open_in_dir(directory)?;
        let (schema, fields) = schema::build();
        if engine.schema() != schema {
            return Err(Damage::Foreign);
        }
        let small = bytes_in(directory) <= MAX_BYTES_CHECKED_AT_OPEN;
        if check
            && small
            && let Some(damage) = damage_of(&engine)
        {
            return Err(Damage::Broken(damage));
        }
        // What a skipped check would have found may panic here.
        let reader = catch_unwind(AssertUnwindSafe(|| reader(&engine)))
            .map_err(|_| Damage::Broken("its files do not fit together".to_owned()))??;
        Ok(Self {
            engine,
            reader,
            fields,
        })
    }

    fn create(directory: &Path) -> Result<Self, SearchError> {
        remove_index_files(directory).map_err(|source| unusable(directory, source))?;
        let (schema, fields) = schema::build();
        let engine = tantivy::Index::create_in_dir(directory, schema)?;
        let reader = reader(&engine)?;
        Ok(Self {
            engine,
            reader,
            fields,
        })
    }

    fn damage(&self) -> Option<String> {
        damage_of(&self.engine)
    }
}

fn reader(engine: &tantivy::Index) -> tantivy::Result<IndexReader> {
    engine
        .reader_builder()
        .reload_policy(ReloadPolicy::Manual)
        .try_into()
}

/// Compares the checksum of every file the index needs.
fn damage_of(engine: &tantivy::Index) -> Option<String> {
    let meta = match engine.load_metas() {
        Ok(meta) => meta,
        Err(error) => return Some(error.to_string()),
    };
    let directory = engine.directory();
    for file in meta.list_segment_files() {
        let optional = !directory.exists(&file).unwrap_or(false);
        if optional {
            continue;
        }
        match directory.validate_checksum(&file) {
            Ok(true) => {}
            Ok(false) => return Some(format!("{} does not match its checksum", file.display())),
            Err(error) => return Some(error.to_string()),
        }
    }
    None
}

/// Removes what an index consists of and nothing else, in case the directory is not what we think.
fn remove_index_files(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if is_index_file(name) && !path.is_dir() {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// The lock file stays: another process may hold it, and a new file would be a second lock.
fn is_index_file(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    let of_segment = stem.len() == 32 && stem.bytes().all(|byte| byte.is_ascii_hexdigit());
    of_segment || name == META_FILE || name == ".managed.json"
}

fn bytes_in(directory: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(directory) else {
        return 0;
    };
    entries
        .flatten()
        .filter_map(|entry| entry.metadata().ok())
        .map(|meta| meta.len())
        .sum()
}

fn meta_stamp(directory: &Path) -> Option<MetaStamp> {
    let meta = fs::metadata(directory.join(META_FILE)).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}

fn unusable(directory: &Path, source: io::Error) -> SearchError {
    SearchError::Directory {
        directory: directory.to_owned(),
        source,
    }
}
