//! A text in the operator's own editor: in a file that nobody else can read, which stays where it is
//! until what was written is safe.
//!
//! Must not know posts beyond that they have a title and a text.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::domain::post::MAX_MARKDOWN_BYTES;

use super::super::{Failure, failed, misused};

/// Where nobody has said which, the one every system has.
const USUAL_EDITOR: &str = "vi";
/// Before the title, in the first line.
const TITLE_MARK: &str = "# ";
/// A title and the ends of lines around it.
const MAX_TITLE_BYTES: usize = 4096;

/// What stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    /// `None`: no line says it, so it stays what it was.
    pub(super) title: Option<String>,
    pub(super) markdown: String,
}

impl Page {
    /// The first line is the title, behind a `#`; the text follows after an empty line.
    pub(super) fn text(title: &str, markdown: &str) -> String {
        format!("{TITLE_MARK}{title}\n\n{}\n", markdown.trim_end())
    }

    pub(super) fn parse(text: &str) -> Self {
        let text = text.replace("\r\n", "\n");
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
        // An editor may have cut the space off an empty title.
        let title = first.strip_prefix(TITLE_MARK);
        let title = title.or_else(|| (first.trim_end() == TITLE_MARK.trim_end()).then_some(""));
        match title {
            Some(title) => Self {
                title: Some(title.trim().to_owned()),
                markdown: rest.trim_start_matches('\n').trim_end().to_owned(),
            },
            None => Self {
                title: None,
                markdown: text.trim_end().to_owned(),
            },
        }
    }
}

/// A file of its own folder, both the operator's alone: editors lay copies beside what they edit.
#[derive(Debug)]
pub(super) struct Desk {
    folder: tempfile::TempDir,
    file: PathBuf,
    before: String,
}

impl Desk {
    pub(super) fn new(name: &str, text: &str) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("inkstand-").tempdir()?;
        let file = folder.path().join(format!("{name}.md"));
        let mut options = OpenOptions::new();
        let mut opened: File = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&file)?;
        opened.write_all(text.as_bytes())?;
        Ok(Self {
            folder,
            file,
            before: text.to_owned(),
        })
    }

    /// Waits until the editor is left. `None`: nothing was changed.
    pub(super) fn work(&self) -> Result<Option<Page>, Failure> {
        let editor = chosen();
        // As git does: the words may be a program with switches of its own.
        let script = format!("{editor} \"$1\"");
        let left = Command::new("sh")
            .args(["-c", &script, "inkstand"])
            .arg(&self.file)
            .status();
        match left {
            Ok(status) if status.success() => {}
            Ok(status) => {
                return Err(failed(format!(
                    "the editor “{editor}” ended with {status}; nothing was saved. Set VISUAL or EDITOR to the \
                     one you want"
                )));
            }
            Err(error) => return Err(failed(format!("no editor can be started: {error}"))),
        }
        let text = read(&self.file)?;
        Ok((text != self.before).then(|| Page::parse(&text)))
    }

    /// Leaves the file where it is, because what is in it is nowhere else. `None`: there is nothing
    /// in it that is not elsewhere, and it goes.
    pub(super) fn leave(self) -> Option<PathBuf> {
        let is_changed = fs::read_to_string(&self.file).is_ok_and(|text| text != self.before);
        if !is_changed {
            return None;
        }
        let folder = self.folder.keep();
        self.file.file_name().map(|name| folder.join(name))
    }
}

/// The operator's editor, in the order everybody looks for it.
fn chosen() -> String {
    let named = ["VISUAL", "EDITOR"].iter().find_map(|name| {
        let words = std::env::var(name).ok()?;
        (!words.trim().is_empty()).then_some(words)
    });
    named.unwrap_or_else(|| USUAL_EDITOR.to_owned())
}

/// A text no longer than a post may be.
pub(super) fn read(path: &Path) -> Result<String, Failure> {
    let unreadable = |error: &dyn std::fmt::Display| {
        misused(format!(
            "inkstand: {} cannot be read: {error}",
            path.display()
        ))
    };
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    read_from(file).map_err(|error| unreadable(&error))
}

/// The same from anywhere.
pub(super) fn read_from(source: impl io::Read) -> io::Result<String> {
    let mut text = String::new();
    let most = MAX_MARKDOWN_BYTES + MAX_TITLE_BYTES;
    let mut limited = source.take(most as u64 + 1);
    io::Read::read_to_string(&mut limited, &mut text)?;
    if text.len() > most {
        let why = format!("it is longer than {MAX_MARKDOWN_BYTES} bytes; split it");
        return Err(io::Error::other(why));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_comes_back_as_it_was_put_there() {
        for (title, markdown) in [("A title", "Words\n\n# a heading"), ("", ""), ("", "# x")] {
            let page = Page::parse(&Page::text(title, markdown));
            assert_eq!(page.title.as_deref(), Some(title));
            assert_eq!(page.markdown, markdown);
        }
    }

    #[test]
    fn without_its_line_the_title_stays_what_it_was() {
        let page = Page::parse("Just words\r\nand more\r\n");
        assert_eq!(page.title, None);
        assert_eq!(page.markdown, "Just words\nand more");
        assert_eq!(Page::parse("#\n\nx").title.as_deref(), Some(""));
        assert_eq!(Page::parse("## Two\n").title, None);
    }

    #[test]
    fn what_was_not_changed_is_not_left_behind() {
        let desk = Desk::new("a", "text").unwrap();
        let folder = desk.folder.path().to_owned();
        assert_eq!(desk.leave(), None);
        assert!(!folder.exists());

        let desk = Desk::new("a", "text").unwrap();
        fs::write(&desk.file, "other").unwrap();
        let left = desk.leave().unwrap();
        assert_eq!(fs::read_to_string(&left).unwrap(), "other");
        fs::remove_dir_all(left.parent().unwrap()).unwrap();
    }
}
