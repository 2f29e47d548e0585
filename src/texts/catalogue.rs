//! The texts of one language, and the choice of a language.
//!
//! The files are part of the program and read once. One that could not be read would leave its language
//! without texts, never the program without an answer; the tests read every one.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use icu_plurals::{PluralCategory, PluralRules};
use serde::Deserialize;

use crate::domain::language::Language;

use super::{dates, locale};

/// A language's tag and its file. English is first: it is what all others fall back to.
const FILES: &[(&str, &str)] = &[
    ("en", include_str!("../../assets/i18n/en.toml")),
    ("ar", include_str!("../../assets/i18n/ar.toml")),
    ("de", include_str!("../../assets/i18n/de.toml")),
    ("es", include_str!("../../assets/i18n/es.toml")),
    ("fr", include_str!("../../assets/i18n/fr.toml")),
    ("it", include_str!("../../assets/i18n/it.toml")),
    ("ja", include_str!("../../assets/i18n/ja.toml")),
    ("nl", include_str!("../../assets/i18n/nl.toml")),
    ("pt", include_str!("../../assets/i18n/pt.toml")),
];

/// Chooses the plural, and is a number.
const COUNT: &str = "n";

static ALL: LazyLock<Vec<Catalogue>> = LazyLock::new(|| {
    FILES
        .iter()
        .filter_map(|(tag, toml)| Catalogue::read(tag, toml).ok())
        .collect()
});

static NOTHING: LazyLock<Catalogue> = LazyLock::new(|| Catalogue {
    language: Language::default(),
    entries: BTreeMap::new(),
});

#[derive(Debug)]
pub struct Catalogue {
    language: Language,
    entries: BTreeMap<String, Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Entry {
    Plain(String),
    Counted(Forms),
}

/// One text for each plural category that the language has.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Forms {
    zero: Option<String>,
    one: Option<String>,
    two: Option<String>,
    few: Option<String>,
    many: Option<String>,
    other: String,
}

/// What a text is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument<'a> {
    /// Written in the language's digits.
    Number(i64),
    Text(Cow<'a, str>),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    #[error("there is no text “{0}”; the texts are listed in assets/i18n/en.toml")]
    Key(String),
    #[error("the text “{key}” needs {argument}=…")]
    Argument { key: String, argument: String },
    #[error("the text “{0}” needs a number as n=…")]
    Count(String),
}

/// The texts for this language: its own, else those of its first part, else English.
pub fn of(language: &Language) -> &'static Catalogue {
    let with = |tag: &str| ALL.iter().find(|texts| texts.language.as_str() == tag);
    with(language.as_str())
        .or_else(|| with(language.primary()))
        .or_else(|| ALL.first())
        .unwrap_or(&NOTHING)
}

impl Catalogue {
    fn read(tag: &str, toml: &str) -> Result<Self, String> {
        let language = Language::parse(tag).map_err(|error| error.to_string())?;
        let entries = toml::from_str(toml).map_err(|error| error.to_string())?;
        Ok(Self { language, entries })
    }

    /// What the texts are written in; English, where the one asked for is missing.
    pub fn language(&self) -> &Language {
        &self.language
    }

    /// Title and detail of the page for an HTTP status; not every status has its own.
    pub fn failure(&self, status: u16) -> Option<(String, String)> {
        let part = |part: &str| self.get(&format!("error_{status}_{part}"), &[]).ok();
        Some((part("title")?, part("detail")?))
    }

    /// The text with its arguments in their places, as they are: who writes it into HTML escapes it.
    pub fn get(&self, key: &str, arguments: &[(&str, Argument<'_>)]) -> Result<String, Missing> {
        self.get_with(key, arguments, |words, made| made.push_str(words))
    }

    /// The same with markup as arguments: `write` puts the text's own words down and escapes them.
    pub fn get_with(
        &self,
        key: &str,
        arguments: &[(&str, Argument<'_>)],
        write: impl Fn(&str, &mut String),
    ) -> Result<String, Missing> {
        let mut made = String::new();
        for piece in pieces(self.text(key, arguments)?) {
            match piece {
                Piece::Words(words) => write(words, &mut made),
                Piece::Place(name) => match find(arguments, name) {
                    Some(Argument::Number(number)) => {
                        made.push_str(&dates::number(&self.language, *number));
                    }
                    Some(Argument::Text(text)) => made.push_str(text),
                    None => {
                        return Err(Missing::Argument {
                            key: key.to_owned(),
                            argument: name.to_owned(),
                        });
                    }
                },
            }
        }
        Ok(made)
    }

    fn text(&self, key: &str, arguments: &[(&str, Argument<'_>)]) -> Result<&str, Missing> {
        match self.entries.get(key) {
            None => Err(Missing::Key(key.to_owned())),
            Some(Entry::Plain(text)) => Ok(text),
            Some(Entry::Counted(forms)) => match find(arguments, COUNT) {
                Some(Argument::Number(number)) => Ok(forms.of(self.category(*number))),
                _ => Err(Missing::Count(key.to_owned())),
            },
        }
    }

    fn category(&self, number: i64) -> PluralCategory {
        // Made for each question: the rules are part of the program, and finding them is all there is.
        PluralRules::try_new_cardinal(locale::of(&self.language).into())
            .map_or(PluralCategory::Other, |rules| rules.category_for(number))
    }
}

impl Forms {
    fn of(&self, category: PluralCategory) -> &str {
        let own = match category {
            PluralCategory::Zero => &self.zero,
            PluralCategory::One => &self.one,
            PluralCategory::Two => &self.two,
            PluralCategory::Few => &self.few,
            PluralCategory::Many => &self.many,
            PluralCategory::Other => return &self.other,
        };
        own.as_deref().unwrap_or(&self.other)
    }
}

fn find<'a>(arguments: &'a [(&str, Argument<'a>)], wanted: &str) -> Option<&'a Argument<'a>> {
    let named = arguments.iter().find(|(name, _)| *name == wanted);
    named.map(|(_, argument)| argument)
}

#[derive(Debug, PartialEq)]
enum Piece<'a> {
    Words(&'a str),
    /// `{name}`
    Place(&'a str),
}

fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((name, after)) = rest
            .strip_prefix('{')
            .and_then(|inside| inside.split_once('}'))
        {
            rest = after;
            return Some(Piece::Place(name));
        }
        // A brace that is never closed is a word like others.
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let end = rest[first..].find('{').map_or(rest.len(), |at| at + first);
        let (words, after) = rest.split_at(end);
        rest = after;
        Some(Piece::Words(words))
    })
}

#[cfg(test)]
mod tests;
