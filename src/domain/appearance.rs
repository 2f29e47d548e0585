//! How the site looks: what the owner chooses beside the words. Types that exist only when valid, so
//! that nothing a style sheet could trip over is ever kept.

use serde::{Deserialize, Serialize};

use super::text::{Name, WebAddress};
use super::words;

const MAX_THEME_NAME_CHARS: usize = 40;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidAppearance(String);

/// What a theme is called: also the name of its folder, so small letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ThemeName(String);

impl ThemeName {
    pub const DEFAULT: &'static str = "default";

    pub fn parse(text: &str) -> Result<Self, InvalidAppearance> {
        let fits = (1..=MAX_THEME_NAME_CHARS).contains(&text.len())
            && !text.starts_with('-')
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidAppearance(format!(
                "“{text}” cannot be a theme's name; use small letters, digits and hyphens"
            )))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ThemeName {
    fn default() -> Self {
        Self(Self::DEFAULT.to_owned())
    }
}

impl std::fmt::Display for ThemeName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ThemeName {
    type Error = InvalidAppearance;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<ThemeName> for String {
    fn from(name: ThemeName) -> Self {
        name.0
    }
}

/// A colour as `#rrggbb`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Colour(String);

impl Colour {
    pub fn parse(text: &str) -> Result<Self, InvalidAppearance> {
        if super::tag::is_colour(text) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(InvalidAppearance(format!(
                "“{text}” is not a colour; write one like #8a3324"
            )))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the default theme is coloured with where the owner chose nothing.
    pub fn accent() -> Self {
        Self("#8a3324".to_owned())
    }

    /// Red, green and blue.
    pub fn channels(&self) -> [u8; 3] {
        let channel = |at: usize| u8::from_str_radix(&self.0[at..at + 2], 16).unwrap_or_default();
        [channel(1), channel(3), channel(5)]
    }
}

impl TryFrom<String> for Colour {
    type Error = InvalidAppearance;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Colour> for String {
    fn from(colour: Colour) -> Self {
        colour.0
    }
}

words! {
    /// A family of letters that readers' systems have already, so that no font is ever fetched.
    FontStack {
        /// As the theme has it.
        Theme = "theme",
        System = "system",
        Transitional = "transitional",
        OldStyle = "old-style",
        Humanist = "humanist",
        Geometric = "geometric",
        Grotesque = "grotesque",
        Slab = "slab",
        Antique = "antique",
        Rounded = "rounded",
        Monospace = "monospace",
    }
}

/// A labelled address: in the navigation, in the foot of the page, elsewhere on the web.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub label: Name,
    pub url: WebAddress,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_leave_the_folder_are_refused() {
        for good in ["default", "my-theme-2"] {
            assert!(ThemeName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "..", "a/b", "-x", "Up", "a b", "ä"] {
            assert!(ThemeName::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn colours_have_channels() {
        assert_eq!(Colour::parse("#8A3324").unwrap().channels(), [138, 51, 36]);
        for bad in ["red", "#fff", "#12345g", "#8a3324;"] {
            assert!(Colour::parse(bad).is_err(), "{bad}");
        }
    }
}
