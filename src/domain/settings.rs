//! What the owner sets for the site. Each has a default, so a site works before anybody sets one.

use serde::{Deserialize, Serialize};

use super::appearance::{Colour, FontStack, Link, ThemeName};
use super::language::Language;
use super::text::{Title, WebAddress};

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a box the owner ticks"
)]
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

    // How it looks
    pub theme: ThemeName,
    /// `None`: the theme's own.
    pub accent: Option<Colour>,
    pub font_text: FontStack,
    pub font_headings: FontStack,
    pub logo: Option<WebAddress>,
    pub cover: Option<WebAddress>,
    pub navigation: Vec<Link>,
    pub footer_links: Vec<Link>,
    pub social_links: Vec<Link>,
    pub custom_css: String,
    /// HTML put into every page as it is.
    pub code_head: String,
    pub code_foot: String,
    /// Style sheet and code of the owner's are left out of every page, to get out of a mistake.
    pub safe_mode: bool,

    // What machines are told
    /// The text of `/robots.txt`; `None`: everything but what trains models is welcome.
    pub robots_txt: Option<String>,
    /// Told of each publication by feeds' readers, so that they need not ask (`WebSub`).
    pub websub_hub: Option<WebAddress>,
    /// Each post's text at its address with `.md`.
    pub markdown_pages: bool,
    pub llms_txt: bool,
    /// Where weaknesses are reported to: `mailto:…` or `https://…`, for `security.txt`.
    pub security_contact: Option<String>,
}

pub const MAX_DESCRIPTION_CHARS: usize = 2_000;
pub const POSTS_PER_PAGE_LIMIT: u32 = 100;
pub const MAX_LINKS: usize = 30;
pub const MAX_CUSTOM_CSS_BYTES: usize = 100 * 1024;
pub const MAX_CODE_BYTES: usize = 64 * 1024;
pub const MAX_ROBOTS_BYTES: usize = 64 * 1024;

impl Settings {
    /// The owner's style sheet, as far as pages wear it.
    pub fn worn_css(&self) -> &str {
        if self.safe_mode { "" } else { &self.custom_css }
    }

    /// The owner's code for head and foot, as far as pages have it.
    pub fn worn_code(&self) -> [&str; 2] {
        if self.safe_mode {
            [""; 2]
        } else {
            [&self.code_head, &self.code_foot]
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            title: Title::known("A new Inkstand"),
            description: String::new(),
            language: Language::default(),
            time_zone: "UTC".to_owned(),
            posts_per_page: 10,
            smart_punctuation: false,
            theme: ThemeName::default(),
            accent: None,
            font_text: FontStack::Theme,
            font_headings: FontStack::Theme,
            logo: None,
            cover: None,
            navigation: Vec::new(),
            footer_links: Vec::new(),
            social_links: Vec::new(),
            custom_css: String::new(),
            code_head: String::new(),
            code_foot: String::new(),
            safe_mode: false,
            robots_txt: None,
            websub_hub: None,
            markdown_pages: true,
            llms_txt: true,
            security_contact: None,
        }
    }
}
