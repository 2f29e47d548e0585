//! Feeds: what is new, for programs that read it to people. RSS 2.0, Atom 1.0 and JSON Feed 1.1 say the
//! same of the same entries. Pure functions; must not know where entries come from.

mod absolute;
mod atom;
mod json;
mod rss;
mod xml;

#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

pub use absolute::absolute;
pub use atom::atom;
pub use json::json;
pub use rss::rss;
pub(super) use xml::Xml;

use crate::domain::id::PostId;
use crate::domain::time::Timestamp;

/// A list of posts as its readers subscribe to it. Every address is whole.
#[derive(Debug, Clone)]
pub struct Feed {
    pub title: String,
    pub description: String,
    pub language: String,
    /// The page with the same posts.
    pub page_url: String,
    /// Where this very feed is.
    pub own_url: String,
    pub icon_url: Option<String>,
    /// Who tells subscribers of news: a `WebSub` hub.
    pub hub_url: Option<String>,
    pub updated: Timestamp,
    pub entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
pub struct Entry {
    /// The same for ever, whatever becomes of title, address and domain.
    pub id: String,
    pub url: String,
    pub title: String,
    pub summary: String,
    /// The whole text; see [`absolute`].
    pub html: String,
    pub language: String,
    pub published: Timestamp,
    pub updated: Timestamp,
    pub authors: Vec<Person>,
    pub tags: Vec<String>,
    pub image_url: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Person {
    pub name: String,
    pub url: String,
}

/// A name for a post that no other thing on the web has: a UUID made of the post's own number.
pub fn entry_id(post: PostId) -> String {
    let mut bytes = Sha256::digest(format!("inkstand post {post}").as_bytes());
    // Version 8, "as its maker likes", and the variant all UUIDs have.
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut id = "urn:uuid:".to_owned();
    for (index, byte) in bytes.iter().take(16).enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            id.push('-');
        }
        // Writing to a string cannot fail.
        let _ = write!(id, "{byte:02x}");
    }
    id
}

/// As RFC 3339 writes it.
pub(super) fn iso(time: Timestamp) -> String {
    moment(time).to_string()
}

/// Times beyond what calendars know become the beginning of ours.
fn moment(time: Timestamp) -> jiff::Timestamp {
    let seconds = time.as_micros().div_euclid(1_000_000);
    jiff::Timestamp::from_second(seconds).unwrap_or_default()
}
