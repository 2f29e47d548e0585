//! Full-text search over published posts, in every language: an index in a directory of its own, fed by
//! whoever follows the change feed. It answers with ids; the caller reads the posts from the store, so a
//! stale index never shows what is no longer published. `docs/search.md` records the choices.
//!
//! Must not know the store, the change feed or HTTP. The only home of tantivy.

mod expand;
mod filter;
mod fold;
mod index;
mod plan;
mod query;
mod rank;
mod rerank;
mod schema;
mod snippet;
mod stems;
mod stopwords;
mod tokens;
mod weigh;
mod writer;

pub use fold::fold;
pub use index::Index;
pub use writer::Writer;

use std::path::PathBuf;

use crate::domain::{id::PostId, language::Language, time::Timestamp};

/// What is searched of a post.
#[derive(Debug, Clone)]
pub struct Document {
    pub id: PostId,
    pub title: String,
    /// The headings, one a line; they also stand in `body`.
    pub headings: String,
    /// Plain text.
    pub body: String,
    /// Slug and name.
    pub tags: Vec<(String, String)>,
    /// Slug and name.
    pub authors: Vec<(String, String)>,
    pub language: Language,
    pub published_at: Timestamp,
}

#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    pub query: &'a str,
    /// What the question is probably written in: the language of the site or the page.
    pub language: Option<&'a Language>,
    /// The last word is still being typed.
    pub prefix: bool,
    pub limit: usize,
    pub offset: usize,
    /// What `after:7d` and `before:today` count from.
    pub now: Timestamp,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hits {
    /// Best first.
    pub posts: Vec<PostId>,
    /// How many there are in all.
    pub total: usize,
    /// "Did you mean": the query with unknown words replaced by known ones.
    pub suggestion: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    #[error("another process is writing the search index; try again when it has stopped")]
    Busy,
    #[error("the search index in {directory} cannot be used; check its permissions and free space")]
    Directory {
        directory: PathBuf,
        source: std::io::Error,
    },
    #[error("the search index could not be read or written; open a new writer, which repairs it")]
    Engine(#[source] tantivy::TantivyError),
}

impl SearchError {
    /// Another process has the writer.
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Busy)
    }
}

impl From<tantivy::TantivyError> for SearchError {
    fn from(error: tantivy::TantivyError) -> Self {
        match error {
            tantivy::TantivyError::LockFailure(
                tantivy::directory::error::LockError::LockBusy,
                _,
            ) => Self::Busy,
            other => Self::Engine(other),
        }
    }
}

#[cfg(test)]
mod tests;
