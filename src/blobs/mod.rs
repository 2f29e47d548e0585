//! Uploaded files on disk. A file is written under another name, synced, and only then renamed to the
//! path it keeps, so a power cut leaves all of it or nothing. Must not know what the files mean: which
//! may be read, and by whom, stands in the store.

use std::fs::{self, File};
use std::io::{self, Read, Seek as _, SeekFrom, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

/// Holds what is being written, on the same file system so that a rename is enough.
const UNFINISHED_FOLDER: &str = ".unfinished";
/// What is not finished by then has been given up by a process that is gone.
const ABANDONED_AFTER: Duration = Duration::from_hours(24);

/// A folder of files; clones share it.
#[derive(Debug, Clone)]
pub struct Blobs {
    root: Arc<Path>,
}

impl Blobs {
    pub fn open(root: &Path) -> io::Result<Self> {
        let unfinished = root.join(UNFINISHED_FOLDER);
        fs::create_dir_all(&unfinished)?;
        for entry in fs::read_dir(&unfinished)? {
            let entry = entry?;
            // Another process may be faster.
            if is_abandoned(&entry) {
                let _ = fs::remove_file(entry.path());
            }
        }
        Ok(Self { root: root.into() })
    }

    /// Begins a file that has no path yet. Dropped, it leaves nothing behind.
    pub fn begin(&self) -> io::Result<Draft> {
        Ok(Draft {
            file: NamedTempFile::new_in(self.root.join(UNFINISHED_FOLDER))?,
            hash: Sha256::new(),
            bytes: 0,
            was_read: false,
            root: Arc::clone(&self.root),
        })
    }

    /// `None`: there is no such file.
    pub fn read(&self, path: &str) -> io::Result<Option<File>> {
        match File::open(below(&self.root, path)?) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removing what is not there is no failure.
    pub fn remove(&self, path: &str) -> io::Result<()> {
        let file = below(&self.root, path)?;
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        // The folder stays where other files are in it.
        if let Some(folder) = file.parent().filter(|folder| **folder != *self.root) {
            let _ = fs::remove_dir(folder);
        }
        Ok(())
    }
}

fn is_abandoned(entry: &fs::DirEntry) -> bool {
    let changed = entry.metadata().and_then(|facts| facts.modified());
    let age = changed.map(|at| SystemTime::now().duration_since(at).unwrap_or_default());
    age.is_ok_and(|age| age > ABANDONED_AFTER)
}

/// Never above the folder, whatever the path says.
fn below(root: &Path, path: &str) -> io::Result<PathBuf> {
    let relative = Path::new(path);
    let mut parts = relative.components();
    if path.is_empty() || !parts.all(|part| matches!(part, Component::Normal(_))) {
        let why = format!("“{path}” is not a path of a stored file");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    Ok(root.join(relative))
}

/// A file on its way in: its bytes are counted and hashed as they come.
#[derive(Debug)]
pub struct Draft {
    file: NamedTempFile,
    hash: Sha256,
    bytes: u64,
    /// Somebody has looked into it since the last byte came.
    was_read: bool,
    root: Arc<Path>,
}

impl Draft {
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// SHA-256 of what has come so far.
    pub fn digest(&self) -> [u8; 32] {
        self.hash.clone().finalize().into()
    }

    /// The file from its beginning, to look at.
    pub fn reader(&mut self) -> io::Result<impl Read + io::Seek + '_> {
        self.was_read = true;
        let file = self.file.as_file_mut();
        file.seek(SeekFrom::Start(0))?;
        Ok(file)
    }

    /// The file from its beginning, for somebody else who may only read it.
    pub fn reopen(&mut self) -> io::Result<File> {
        self.flush()?;
        File::open(self.file.path())
    }

    /// Gives the file its path; it has survived a power cut when this returns. A file there has the
    /// same bytes, because paths are made from them.
    pub fn keep(self, path: &str) -> io::Result<()> {
        self.file.as_file().sync_all()?;
        let place = below(&self.root, path)?;
        let folder = place.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder)?;
        self.file.persist(&place).map_err(|failed| failed.error)?;
        // A name is safe once its folder is; and a new folder is a name, too.
        let mut folders = folder.ancestors();
        while let Some(folder) = folders.next().filter(|at| at.starts_with(&self.root)) {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if std::mem::take(&mut self.was_read) {
            // What comes goes behind what is there, not to where the reading ended.
            self.file.as_file_mut().seek(SeekFrom::End(0))?;
        }
        let written = self.file.as_file_mut().write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_file_mut().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lab() -> (tempfile::TempDir, Blobs) {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        (folder, blobs)
    }

    fn unfinished(folder: &Path) -> usize {
        let entries = fs::read_dir(folder.join(UNFINISHED_FOLDER)).unwrap();
        entries.count()
    }

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let (folder, blobs) = lab();
        let mut draft = blobs.begin().unwrap();
        draft.write_all(b"hello ").unwrap();
        draft.write_all(b"there").unwrap();
        assert_eq!(draft.bytes(), 11);
        assert_eq!(draft.digest()[..], Sha256::digest(b"hello there")[..]);
        assert!(blobs.read("ab/hello.txt").unwrap().is_none());
        draft.keep("ab/hello.txt").unwrap();
        let text = io::read_to_string(blobs.read("ab/hello.txt").unwrap().unwrap()).unwrap();
        assert_eq!(
            (text.as_str(), unfinished(folder.path())),
            ("hello there", 0)
        );
        blobs.remove("ab/hello.txt").unwrap();
        blobs.remove("ab/hello.txt").unwrap();
        assert!(blobs.read("ab/hello.txt").unwrap().is_none());
        assert!(!folder.path().join("ab").exists());
    }

    #[test]
    fn a_look_at_the_head_changes_nothing() {
        let (_folder, blobs) = lab();
        let mut draft = blobs.begin().unwrap();
        draft.write_all(b"first, ").unwrap();
        let mut head = [0; 2];
        draft.reader().unwrap().read_exact(&mut head).unwrap();
        draft.write_all(b"then the rest").unwrap();
        draft.keep("a/b").unwrap();
        let mut text = String::new();
        let mut file = blobs.read("a/b").unwrap().unwrap();
        file.read_to_string(&mut text).unwrap();
        assert_eq!((&head, &*text), (b"fi", "first, then the rest"));
    }

    #[test]
    fn what_was_given_up_leaves_nothing() {
        let (folder, blobs) = lab();
        let mut draft = blobs.begin().unwrap();
        draft.write_all(b"half").unwrap();
        assert_eq!(unfinished(folder.path()), 1);
        drop(draft);
        assert_eq!(unfinished(folder.path()), 0);

        let old = folder.path().join(UNFINISHED_FOLDER).join("old");
        let long_ago = SystemTime::now() - 2 * ABANDONED_AFTER;
        File::create(&old).unwrap().set_modified(long_ago).unwrap();
        File::create(old.with_file_name("new")).unwrap();
        Blobs::open(folder.path()).unwrap();
        assert_eq!(unfinished(folder.path()), 1);
    }

    #[test]
    fn no_path_leads_out() {
        let (_folder, blobs) = lab();
        for path in ["", "/etc/passwd", "../x", "a/../../x", "a/./../..", "."] {
            assert!(blobs.read(path).is_err(), "{path}");
            assert!(blobs.begin().unwrap().keep(path).is_err(), "{path}");
        }
    }
}
