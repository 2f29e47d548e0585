//! Other sites in, this one out. A [`Source`] reads a site somebody has elsewhere and hands its things
//! over in a form that knows no file formats; `carrier` takes them to the verbs of `app`. Folders of
//! markdown are one source; other programs' files are to become more, and everything behind [`Source`]
//! stays as it is. Must not know SQL, HTTP or the terminal.

mod carrier;
mod dates;
mod export;
mod fields;
mod folder;
mod front_matter;
mod item;
mod links;
mod liquid;
mod markdown;
mod marks;
mod notes;
mod own;
mod permalinks;
mod report;
mod rewriting;
#[cfg(test)]
mod round_trip;
mod shortcodes;
mod yaml;

use std::io::Read;
use std::path::PathBuf;

pub use carrier::{Wishes, carry};
pub use export::{ExportError, Exported, export};
pub use item::{Entry, Head, Picture, Piece, Rule, SiteFacts, Upload};
pub use markdown::{Format, open};
pub use notes::Note;
pub use report::{Counts, Report};

/// A site that is read. Things are called by names of its own: paths, addresses, numbers.
pub trait Source: Sync {
    /// What it is, for people: “Hugo”.
    fn what(&self) -> &'static str;

    /// What its things are remembered under, so that taking it over again changes nothing.
    fn name(&self) -> &str;

    /// What is known of the site itself.
    fn site(&self) -> &SiteFacts;

    /// Every post and page, without its text: enough to give each an address.
    fn heads(&self) -> &[Head];

    /// A post or page whole; asked once for each, from several threads.
    fn entry(&self, at: usize) -> Result<Entry, Note>;

    /// A file that an entry shows.
    fn file(&self, name: &str) -> Result<Box<dyn Read>, Note>;

    /// What could not be understood before any entry was asked for.
    fn notes(&self) -> &[Note];
}

/// Is told how far the work is.
pub trait Watch: Sync {
    fn begin(&self, total: usize);
    fn done(&self, more: usize);
}

/// Nobody looks.
impl Watch for () {
    fn begin(&self, _total: usize) {}
    fn done(&self, _more: usize) {}
}

#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("{} is no folder that can be read: {source}", .path.display())]
    Folder {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{} holds more than {limit} files; take it over in parts", .path.display())]
    TooMany { path: PathBuf, limit: usize },
    #[error("{0}")]
    Config(String),
}
