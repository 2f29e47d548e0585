//! What the owner sets for the site. Each has a default, so a site works before anybody sets one.

use serde::{Deserialize, Serialize};

use super::language::Language;
use super::text::Title;

/// Stored a row a field; unknown rows are left alone, because a newer release may have written them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub title: Title,
    pub description: String,
    pub language: Language,
    /// IANA name, for schedules and dates.
    pub time_zone: String,
    pub posts_per_page: u32,
    /// Curly quotes and dashes from straight ones.
    pub smart_punctuation: bool,
}

pub const POSTS_PER_PAGE_LIMIT: u32 = 100;

impl Default for Settings {
    fn default() -> Self {
        Self {
            title: Title::known("A new Inkstand"),
            description: String::new(),
            language: Language::default(),
            time_zone: "UTC".to_owned(),
            posts_per_page: 10,
            smart_punctuation: false,
        }
    }
}
