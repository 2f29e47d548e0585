//! The things of a site as they travel: neither its file formats nor our store.

use serde::Serialize;

use crate::app::moving::{Label, Person};
use crate::domain::language::Language;
use crate::domain::post::{Kind, Status};
use crate::domain::settings::Settings;
use crate::domain::slug::Slug;
use crate::domain::text::{Name, Title, WebAddress};
use crate::domain::time::Timestamp;

use super::notes::Note;

/// A post or page without its text.
#[derive(Debug, Clone, Serialize)]
pub struct Head {
    /// What it is called there.
    pub name: String,
    pub kind: Kind,
    /// The address it asks for.
    pub slug: Slug,
    /// Another one will not do.
    pub is_exact: bool,
    /// Addresses on its site that readers knew, and whether they are to lead here for good.
    pub old_paths: Vec<(String, bool)>,
    /// Posts with the same word are translations of each other.
    pub translations: Option<String>,
}

/// A piece of a text: what a link leads to is known only once everything has its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Piece {
    Text(String),
    /// The address of a post, by its name, and what stands behind it (`#part`, `?query`).
    Post(String, String),
    /// The address of a file, by its name; and what stands there if it cannot be taken over.
    File(String, String),
}

#[derive(Debug, Clone, Serialize)]
pub struct Picture {
    pub at: Piece,
    pub alt: String,
}

/// A post or page whole.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    pub title: Title,
    pub body: Vec<Piece>,
    pub excerpt: Option<String>,
    pub cover: Option<Picture>,
    pub tags: Vec<Name>,
    /// Names, addresses or e-mails: whatever stood there.
    pub authors: Vec<String>,
    pub language: Option<Language>,
    pub canonical_url: Option<WebAddress>,
    pub meta_title: Option<String>,
    pub meta_description: Option<String>,
    pub code_head: Option<String>,
    pub code_foot: Option<String>,
    pub featured: bool,
    pub status: Status,
    pub trashed_from: Option<Status>,
    pub created_at: Option<Timestamp>,
    pub updated_at: Option<Timestamp>,
    pub published_at: Option<Timestamp>,
    pub publish_at: Option<Timestamp>,
    /// Only the file's own time says when it is from, which may change without a reason.
    pub is_dated_by_file: bool,
    #[serde(skip)]
    pub notes: Vec<Note>,
}

/// A file that is to come whether a text shows it or not.
#[derive(Debug, Clone)]
pub struct Upload {
    pub name: String,
    /// What it is called in the library.
    pub title: String,
    pub alt: String,
    pub caption: String,
    /// Other paths that texts may name it by.
    pub former: Vec<String>,
}

/// An address that leads elsewhere.
#[derive(Debug, Clone)]
pub struct Rule {
    pub from: String,
    pub to: WebAddress,
    pub permanent: bool,
}

/// What is known of a site besides its posts.
#[derive(Debug, Default)]
pub struct SiteFacts {
    /// Those that differ from a new site's are taken over where this site has none of its own.
    pub settings: Option<Settings>,
    pub people: Vec<Person>,
    pub labels: Vec<Label>,
    pub uploads: Vec<Upload>,
    pub rules: Vec<Rule>,
}
