//! A folder of files as it lies on disk: what is in it, and reading one. Never leads out of the folder,
//! whatever links and names say. Must not know what the files mean.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::domain::post::MAX_MARKDOWN_BYTES;
use crate::domain::time::Timestamp;

use super::SourceError;
use super::notes::Note;

pub(super) const MAX_HEAD_BYTES: usize = 256 * 1024;
/// A text with its head; longer ones cannot become a post.
const MAX_TEXT_BYTES: u64 = (MAX_MARKDOWN_BYTES + MAX_HEAD_BYTES) as u64;
/// A list of files, redirects or people.
const MAX_LIST_BYTES: u64 = 256 * 1024 * 1024;
const MAX_FILES: usize = 500_000;
const MAX_DEPTH: usize = 40;
const BOM: &str = "\u{feff}";
/// Not part of any site.
const LEFT_ALONE: &[&str] = &[
    "node_modules",
    "vendor",
    "target",
    "_site",
    "public",
    "resources",
];

#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    /// Each file by its path below the root, with `/` between its parts.
    files: BTreeMap<String, Facts>,
    pub(super) notes: Vec<Note>,
}

#[derive(Debug, Clone, Copy)]
struct Facts {
    changed_at: Option<Timestamp>,
}

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Self, SourceError> {
        let unreadable = |source| SourceError::Folder {
            path: path.to_owned(),
            source,
        };
        let root = path.canonicalize().map_err(unreadable)?;
        std::fs::read_dir(&root).map_err(unreadable)?;
        let mut folder = Self {
            root,
            files: BTreeMap::new(),
            notes: Vec::new(),
        };
        folder.walk()?;
        Ok(folder)
    }

    fn walk(&mut self) -> Result<(), SourceError> {
        let mut waiting = vec![(String::new(), 0_usize)];
        while let Some((below, depth)) = waiting.pop() {
            let entries = match std::fs::read_dir(self.root.join(&below)) {
                Ok(entries) => entries,
                Err(error) => {
                    self.note(
                        &below,
                        format!("the folder cannot be read: {error}"),
                        "give it to whoever runs the import",
                    );
                    continue;
                }
            };
            for entry in entries.flatten() {
                let Ok(name) = entry.file_name().into_string() else {
                    let shown = entry.file_name().to_string_lossy().into_owned();
                    self.note(
                        &join(&below, &shown),
                        "its name is not written in UTF-8",
                        "give it another name",
                    );
                    continue;
                };
                if name.starts_with('.') {
                    continue;
                }
                let path = join(&below, &name);
                let Some((is_folder, changed_at)) = self.look(&path) else {
                    continue;
                };
                if !is_folder {
                    if self.files.len() >= MAX_FILES {
                        return Err(SourceError::TooMany {
                            path: self.root.clone(),
                            limit: MAX_FILES,
                        });
                    }
                    self.files.insert(path, Facts { changed_at });
                } else if depth >= MAX_DEPTH {
                    self.note(
                        &path,
                        format!("it lies deeper than {MAX_DEPTH} folders"),
                        "move it up",
                    );
                } else if !(depth == 0 && LEFT_ALONE.contains(&name.as_str())) {
                    waiting.push((path, depth + 1));
                }
            }
        }
        Ok(())
    }

    /// Whether it is a folder, and when it was changed; nothing for what is left alone. Links are
    /// followed to files within the folder only, so that nothing is walked twice or for ever.
    fn look(&mut self, path: &str) -> Option<(bool, Option<Timestamp>)> {
        let full = self.root.join(path);
        let mut facts = std::fs::symlink_metadata(&full).ok()?;
        if facts.is_symlink() {
            let target = full.canonicalize().ok();
            let inside = target.filter(|target| target.starts_with(&self.root));
            facts = match inside.map(std::fs::metadata) {
                Some(Ok(facts)) if facts.is_file() => facts,
                _ => {
                    self.note(
                        path,
                        "it is a link to a folder, to nothing, or out of the folder that is read",
                        "put a copy of what it means in its place",
                    );
                    return None;
                }
            };
        }
        if !facts.is_dir() && !facts.is_file() {
            self.note(path, "it is neither a file nor a folder", "leave it out");
            return None;
        }
        let changed = facts.modified().ok();
        let since = changed.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        let micros = since.and_then(|since| i64::try_from(since.as_micros()).ok());
        Some((facts.is_dir(), micros.map(Timestamp::from_micros)))
    }

    fn note(&mut self, path: &str, what: impl Into<String>, advice: &str) {
        self.notes.push(Note::new(path, what, advice));
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    pub(super) fn has_folder(&self, path: &str) -> bool {
        let prefix = format!("{path}/");
        let next = self.files.range(prefix.clone()..).next();
        next.is_some_and(|(path, _)| path.starts_with(&prefix))
    }

    pub(super) fn changed_at(&self, path: &str) -> Option<Timestamp> {
        self.files.get(path)?.changed_at
    }

    /// The text of a file without its byte order mark.
    pub(super) fn text(&self, path: &str) -> Result<String, Note> {
        let file = self.open_file(path)?;
        let mut bytes = Vec::new();
        let unreadable = |error: std::io::Error| {
            Note::new(
                path,
                format!("it cannot be read: {error}"),
                "give it to whoever runs the import",
            )
        };
        file.take(MAX_TEXT_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        if bytes.len() as u64 > MAX_TEXT_BYTES {
            let what = format!("it is longer than {MAX_TEXT_BYTES} bytes");
            return Err(Note::new(path, what, "split it"));
        }
        let text = String::from_utf8(bytes)
            .map_err(|_| Note::new(path, "it is not written in UTF-8", "save it as UTF-8"))?;
        Ok(text
            .strip_prefix(BOM)
            .map_or_else(|| text.clone(), str::to_owned))
    }

    /// The text of a file that may be longer than a post: a list of things.
    pub(super) fn whole(&self, path: &str) -> Result<String, Note> {
        let unreadable = |error: std::io::Error| {
            Note::new(
                path,
                format!("it cannot be read: {error}"),
                "save it as UTF-8",
            )
        };
        let mut text = String::new();
        let mut file = self.open_file(path)?.take(MAX_LIST_BYTES);
        file.read_to_string(&mut text).map_err(unreadable)?;
        Ok(text)
    }

    pub(super) fn open_file(&self, path: &str) -> Result<File, Note> {
        let gone = |what: String| Note::new(path, what, "look whether it is still there");
        // Looked at again: what was walked may have become a link since.
        let full = self.root.join(path).canonicalize();
        let full = full.map_err(|error| gone(format!("it cannot be read: {error}")))?;
        if !self.has(path) || !full.starts_with(&self.root) {
            return Err(gone("it is not in the folder that is read".to_owned()));
        }
        File::open(full).map_err(|error| gone(format!("it cannot be read: {error}")))
    }
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

/// The folder a file lies in: empty for the root.
pub(super) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last part of a path.
pub(super) fn base(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// A path seen from a folder, without `.` and `..`; nothing where it leads out.
pub(super) fn resolve(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_do_not_lead_out() {
        assert_eq!(resolve("a/b", "../c/./d.png").as_deref(), Some("a/c/d.png"));
        assert_eq!(resolve("a", "../../etc/passwd"), None);
        assert_eq!(resolve("", "x"), Some("x".to_owned()));
    }

    #[test]
    fn links_that_lead_out_are_left_alone() {
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("secret.md"), "secret").unwrap();
        let inside = tempfile::tempdir().unwrap();
        let at = |name: &str| inside.path().join(name);
        std::fs::write(at("a.md"), "\u{feff}text").unwrap();
        std::fs::write(at("latin.md"), b"caf\xe9").unwrap();
        let link = |to: &Path, name: &str| std::os::unix::fs::symlink(to, at(name));
        link(&outside.path().join("secret.md"), "out.md").unwrap();
        link(outside.path(), "folder").unwrap();
        link(inside.path(), "circle").unwrap();
        link(Path::new("a.md"), "same.md").unwrap();
        let folder = Folder::open(inside.path()).unwrap();
        let paths: Vec<_> = folder.paths().collect();
        assert_eq!(paths, ["a.md", "latin.md", "same.md"]);
        assert_eq!(folder.notes.len(), 3);
        assert_eq!(folder.text("a.md").unwrap(), "text");
        assert!(folder.text("latin.md").unwrap_err().what.contains("UTF-8"));
        assert!(folder.text("../secret.md").is_err());
        assert!(folder.text("out.md").is_err());
    }
}
