//! Tags: what posts are grouped by.

use serde::Serialize;

use super::id::TagId;
use super::slug::Slug;
use super::text::{Name, WebAddress};
use super::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tag {
    pub id: TagId,
    pub slug: Slug,
    pub name: Name,
    pub description: String,
    /// `#rrggbb`
    pub colour: Option<String>,
    pub cover_url: Option<WebAddress>,
    pub updated_at: Timestamp,
}

pub fn is_colour(text: &str) -> bool {
    text.len() == 7
        && text.starts_with('#')
        && text.bytes().skip(1).all(|byte| byte.is_ascii_hexdigit())
}
