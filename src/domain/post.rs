//! Posts and pages: what an author edits (`Content`) and where it stands (`Post`).

use serde::{Deserialize, Serialize};

use super::id::{PostId, RevisionId, TagId, UserId};
use super::language::Language;
use super::slug::Slug;
use super::text::{Title, WebAddress};
use super::time::Timestamp;
use super::words;

/// The longest markdown a post may have.
pub const MAX_MARKDOWN_BYTES: usize = 2 * 1024 * 1024;
pub const MAX_TAGS: usize = 50;
pub const MAX_AUTHORS: usize = 20;

words! {
    Kind {
        /// Part of the timeline, the feeds and the archives.
        Post = "post",
        /// Stands alone, outside the timeline.
        Page = "page",
    }
}

words! {
    Status {
        Draft = "draft",
        Scheduled = "scheduled",
        Published = "published",
        /// Whoever has the address may read it; it is listed nowhere.
        Unlisted = "unlisted",
        /// Only people who are signed in may read it.
        Private = "private",
        Trashed = "trashed",
    }
}

impl Status {
    /// Anyone with the address may read it.
    pub fn is_readable(self) -> bool {
        matches!(self, Self::Published | Self::Unlisted)
    }

    /// Part of lists, feeds and search.
    pub fn is_listed(self) -> bool {
        matches!(self, Self::Published)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cover {
    pub url: WebAddress,
    pub alt: String,
}

/// Everything an author edits. Revisions and pending drafts keep it whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    pub title: Title,
    pub slug: Slug,
    pub markdown: String,
    #[serde(default)]
    pub excerpt: Option<String>,
    #[serde(default)]
    pub cover: Option<Cover>,
    #[serde(default)]
    pub tags: Vec<TagId>,
    #[serde(default)]
    pub authors: Vec<UserId>,
    /// `None`: the site's language.
    #[serde(default)]
    pub language: Option<Language>,
    #[serde(default)]
    pub canonical_url: Option<WebAddress>,
    #[serde(default)]
    pub meta_title: Option<String>,
    #[serde(default)]
    pub meta_description: Option<String>,
    #[serde(default)]
    pub code_head: Option<String>,
    #[serde(default)]
    pub code_foot: Option<String>,
    #[serde(default)]
    pub featured: bool,
}

impl Content {
    pub fn new(title: Title, slug: Slug, markdown: String) -> Self {
        Self {
            title,
            slug,
            markdown,
            excerpt: None,
            cover: None,
            tags: Vec::new(),
            authors: Vec::new(),
            language: None,
            canonical_url: None,
            meta_title: None,
            meta_description: None,
            code_head: None,
            code_foot: None,
            featured: false,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Post {
    pub id: PostId,
    pub kind: Kind,
    pub status: Status,
    /// Where a trashed post goes when it is restored.
    pub trashed_from: Option<Status>,
    #[serde(flatten)]
    pub content: Content,
    /// Rises with each saved change; tells two editors that they edit the same text.
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// When a scheduled post is due.
    pub publish_at: Option<Timestamp>,
    pub published_at: Option<Timestamp>,
}

impl Post {
    pub fn is_by(&self, user: UserId) -> bool {
        self.content.authors.contains(&user)
    }
}

/// What lists show of a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub id: PostId,
    pub kind: Kind,
    pub status: Status,
    pub title: Title,
    pub slug: Slug,
    pub excerpt: Option<String>,
    pub cover: Option<Cover>,
    pub language: Option<Language>,
    pub featured: bool,
    pub updated_at: Timestamp,
    pub publish_at: Option<Timestamp>,
    pub published_at: Option<Timestamp>,
}

/// Edits of a published post that readers do not see yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PendingDraft {
    pub post: PostId,
    /// The version of the post these edits began from.
    pub base_version: i64,
    pub version: i64,
    pub content: Content,
    pub edited_by: Option<UserId>,
    pub updated_at: Timestamp,
}

/// A post as it once was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Revision {
    pub id: RevisionId,
    pub post: PostId,
    pub edited_by: Option<UserId>,
    pub at: Timestamp,
    pub version: i64,
    pub content: Content,
}

/// Markdown as it was rendered, with what the renderer found out about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRendition {
    /// Which renderer and options made it.
    pub stamp: String,
    pub html: String,
    /// Table of contents, excerpt, word count, headings: JSON of the renderer's.
    pub facts: String,
    /// The text alone, for search and snippets.
    pub plain: String,
}
