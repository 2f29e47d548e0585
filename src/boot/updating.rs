//! Putting another version of the program in the place of this one: look, fetch, try on a copy, choose, and
//! have the launcher do it. What goes wrong before the choice leaves everything as it was; what goes
//! wrong after it is taken back by the launcher.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::statvfs::statvfs;

use super::{BootError, database_bytes, database_in, open_app};
use crate::app::secrets;
use crate::config::{Config, Database};
use crate::db::SCHEMA_VERSION;
use crate::launcher;
use crate::update::{
    Artifact, Manifest, ManifestError, Refusal, Root, SignatureError, Situation, SlotError, Slots,
    Source, SourceError, Version, judge, target,
};

/// Where the database is kept as it was before an update.
pub(super) const SNAPSHOTS: &str = "snapshots";
const KEPT: &str = "before-leaving-";
const COPY: &str = ".copy-";
const VERSIONS: &str = "versions";
const DEFAULT_CHANNEL: &str = "stable";
/// Room that stays free whatever an update needs.
const SPARE_BYTES: u64 = 64 * 1024 * 1024;
const MIB: u64 = 1024 * 1024;
/// The keys of whoever built this program, if there are any.
const BUILT_IN: Option<&str> = option_env!("INKSTAND_RELEASE_ROOT");

#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    #[error("there are no updates here: set update.url to where releases come from")]
    Off,
    #[error(
        "this runs in a container: pull the image of version {0} and start it instead of this one"
    )]
    Container(Version),
    #[error("{0}")]
    Refused(#[from] Refusal),
    #[error("{0}")]
    Source(#[from] SourceError),
    #[error("{0}")]
    Manifest(#[from] ManifestError),
    #[error("{0}")]
    Slot(#[from] SlotError),
    #[error("update.root: {0}")]
    Root(#[from] SignatureError),
    #[error("{} cannot be used: {source}", .path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{} belongs to another user; run this as that one (with id {owner})", .path.display())]
    OtherUser { path: PathBuf, owner: u32 },
    #[error("an update needs {needed_mib} MiB in {} and there are {free_mib}; make room and try again", .path.display())]
    NoRoom {
        path: PathBuf,
        needed_mib: u64,
        free_mib: u64,
    },
    #[error("the new version does not work on a copy of the database: {0}")]
    Selfcheck(String),
    #[error("{0}")]
    Boot(#[from] BootError),
    #[error("{0}; nothing has changed for readers")]
    NotReady(String),
}

/// The versions of this site, under the keys it trusts.
pub fn slots(config: &Config) -> Result<Slots, UpdateError> {
    let file = config.update.root.as_ref();
    let file = file
        .map(|path| fs::read(path).map_err(at(path)))
        .transpose()?;
    let text = file.or_else(|| BUILT_IN.map(|text| text.as_bytes().to_vec()));
    let root = text.map(|text| Root::trusted(&text)).transpose()?;
    Ok(Slots::open(&config.data_dir.join(VERSIONS), root)?)
}

/// A version that could be taken.
#[derive(Debug)]
pub struct Found {
    pub manifest: Manifest,
    pub running: Version,
    texts: (Vec<u8>, Vec<u8>),
    artifact: Artifact,
    source: Source,
}

/// Looks for the newest version of the channel, or for the one that is asked for; refuses what this site
/// should not take.
pub fn look(config: &Config, to: Option<&Version>) -> Result<Found, UpdateError> {
    let source = Source::at(config.update.url.as_deref().ok_or(UpdateError::Off)?);
    same_user(config)?;
    let mut slots = slots(config)?;
    follow_roots(&source, &mut slots)?;
    let channel = config.update.channel.as_deref().unwrap_or(DEFAULT_CHANNEL);
    let name = match to {
        None => format!("{channel}.json"),
        Some(version) => format!("releases/{version}.json"),
    };
    let texts = (source.need(&name)?, source.need(&format!("{name}.sig"))?);
    let manifest = Manifest::read(&texts.0, &texts.1, slots.root()?)?;
    let choice = slots.choice()?;
    let running = choice.current.clone().unwrap_or_else(Version::own);
    let situation = Situation {
        running: running.clone(),
        target: &target(),
        channel,
        highest_counter: choice.highest_counter,
        now: jiff::Timestamp::now(),
        schema: SCHEMA_VERSION,
        install_id: &slots.install_id(|| secrets::new_secret().unwrap_or_default())?,
        asked_for: to,
        bad: &choice.bad,
    };
    let artifact = judge(&manifest, &situation)?.clone();
    Ok(Found {
        manifest,
        running,
        texts,
        artifact,
        source,
    })
}

/// What an update has done so far, for whoever waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Downloaded,
    /// The database as it was is kept there.
    Kept(PathBuf),
    /// It is on PostgreSQL, which has tools of its own.
    NotKept,
    WorksOnCopy,
    Serves,
    /// Nothing runs here now.
    AtNextStart,
}

/// Puts the version in the place of the one that runs.
pub fn take(config: &Config, found: &Found, mut done: impl FnMut(Step)) -> Result<(), UpdateError> {
    // Container engines say so, and so does our own image.
    if std::env::var_os("container").is_some() {
        return Err(UpdateError::Container(found.manifest.version.clone()));
    }
    has_room(config, &found.artifact)?;
    let slots = slots(config)?;
    let program = found.source.open(&found.artifact.path)?;
    let texts = (&*found.texts.0, &*found.texts.1);
    slots.keep(&found.manifest, texts, program)?;
    done(Step::Downloaded);
    let version = &found.manifest.version;
    let program = slots.program(version)?;
    match keep_database(config, &found.running)? {
        None => done(Step::NotKept),
        Some(kept) => {
            done(Step::Kept(kept.clone()));
            try_on_copy(&program, &kept)?;
            done(Step::WorksOnCopy);
        }
    }
    slots.try_out(version, found.manifest.counter)?;
    match launcher::ask(&config.data_dir, "reload") {
        Err(_) => done(Step::AtNextStart),
        Ok(answer) => match answer["error"].as_str() {
            Some(error) => return Err(UpdateError::NotReady(error.to_owned())),
            None => done(Step::Serves),
        },
    }
    Ok(())
}

/// Files of another user's would stand in the way of the site.
pub fn same_user(config: &Config) -> Result<(), UpdateError> {
    let owner = fs::metadata(&config.data_dir).map(|facts| facts.uid());
    match owner {
        Ok(owner) if owner != nix::unistd::geteuid().as_raw() => Err(UpdateError::OtherUser {
            path: config.data_dir.clone(),
            owner,
        }),
        _ => Ok(()),
    }
}

/// Roots that have taken each other's place, one after the other.
fn follow_roots(source: &Source, slots: &mut Slots) -> Result<(), UpdateError> {
    loop {
        let name = format!("roots/{}.json", slots.root()?.version + 1);
        let Some(text) = source.fetch(&name)? else {
            return Ok(());
        };
        slots.replace_root(&text, &source.need(&format!("{name}.sig"))?)?;
    }
}

fn has_room(config: &Config, artifact: &Artifact) -> Result<(), UpdateError> {
    let path = &config.data_dir;
    let facts = statvfs(path).map_err(|error| at(path)(error.into()))?;
    let free = facts.blocks_available() * facts.fragment_size();
    let database = match &config.database {
        Database::InDataDir => database_bytes(config),
        _ => 0,
    };
    // The program, a copy of the database to keep, and one to try the program on.
    let needed = artifact.bytes + 2 * database + SPARE_BYTES;
    if free < needed {
        return Err(UpdateError::NoRoom {
            path: path.clone(),
            needed_mib: needed / MIB,
            free_mib: free / MIB,
        });
    }
    Ok(())
}

/// The database as it is now; nothing where it is not ours to copy.
fn keep_database(config: &Config, running: &Version) -> Result<Option<PathBuf>, UpdateError> {
    let snapshots = config.data_dir.join(SNAPSHOTS);
    fs::create_dir_all(&snapshots).map_err(at(&snapshots))?;
    let kept = snapshots.join(format!("{KEPT}{running}.db"));
    forget_old(&snapshots)?;
    match fs::remove_file(&kept) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&kept)(error)),
        _ => {}
    }
    let app = open_app(config, false)?;
    let is_kept = app.db.snapshot(&kept).map_err(BootError::Database)?;
    Ok(is_kept.then_some(kept))
}

/// Of the databases before earlier updates the newest stays; and nothing of an update that was killed.
fn forget_old(snapshots: &Path) -> Result<(), UpdateError> {
    let mut kept = Vec::new();
    for entry in fs::read_dir(snapshots).map_err(at(snapshots))?.flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if name.starts_with(COPY) {
            fs::remove_dir_all(&path).map_err(at(&path))?;
        } else if name.starts_with(KEPT) {
            let changed = entry.metadata().and_then(|facts| facts.modified());
            kept.push((changed.map_err(at(&path))?, path));
        }
    }
    kept.sort();
    kept.pop();
    let mut old = kept.iter();
    old.try_for_each(|(_, path)| fs::remove_file(path).map_err(at(path)))
}

fn try_on_copy(program: &Path, kept: &Path) -> Result<(), UpdateError> {
    let folder = kept.parent().unwrap_or(kept);
    let copy = tempfile::Builder::new().prefix(COPY).tempdir_in(folder);
    let copy = copy.map_err(at(folder))?;
    fs::copy(kept, database_in(copy.path())).map_err(at(copy.path()))?;
    let mut check = Command::new(program);
    check.args(["selfcheck", "--database", "sqlite", "--data-dir"]);
    let said = check.arg(copy.path()).output().map_err(at(program))?;
    if said.status.success() {
        return Ok(());
    }
    let why = String::from_utf8_lossy(&said.stderr);
    let last = why.lines().last().unwrap_or("it says nothing");
    Err(UpdateError::Selfcheck(last.to_owned()))
}

fn at(path: &Path) -> impl Fn(io::Error) -> UpdateError {
    let path = path.to_owned();
    move |source| UpdateError::Io {
        path: path.clone(),
        source,
    }
}
