//! Language tags (BCP 47): what a text is written in decides its direction, stemming and quotes.

use serde::{Deserialize, Serialize};

/// A well-formed tag such as `en`, `pt-BR` or `zh-Hant`, kept in its usual letter case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(String);

pub const MAX_TAG_BYTES: usize = 35;

impl Language {
    pub fn parse(text: &str) -> Result<Self, InvalidLanguage> {
        let text = text.trim();
        let mut parts = text.split('-');
        let primary = parts.next().unwrap_or_default();
        let alphabetic = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphabetic());
        let sound = text.len() <= MAX_TAG_BYTES
            && (2..=8).contains(&primary.len())
            && alphabetic(primary)
            && parts.clone().all(|part| {
                (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
            });
        if !sound {
            return Err(InvalidLanguage(text.to_owned()));
        }
        let mut tag = primary.to_ascii_lowercase();
        for part in parts {
            tag.push('-');
            match part.len() {
                2 => tag.push_str(&part.to_ascii_uppercase()),
                4 if alphabetic(part) => {
                    tag.push_str(&part[..1].to_ascii_uppercase());
                    tag.push_str(&part[1..].to_ascii_lowercase());
                }
                _ => tag.push_str(&part.to_ascii_lowercase()),
            }
        }
        Ok(Self(tag))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first part: `pt` of `pt-BR`.
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }

    pub fn is_right_to_left(&self) -> bool {
        let script_says = self.0.split('-').find(|part| part.len() == 4);
        match script_says {
            Some(script) => matches!(script, "Arab" | "Hebr" | "Thaa" | "Syrc" | "Nkoo" | "Adlm"),
            None => matches!(
                self.primary(),
                "ar" | "he" | "fa" | "ur" | "yi" | "ps" | "sd" | "ug" | "dv" | "ckb" | "syr"
            ),
        }
    }
}

impl Default for Language {
    fn default() -> Self {
        Self("en".to_owned())
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Language {
    type Error = InvalidLanguage;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a language tag; write one like “en”, “pt-BR” or “zh-Hant”")]
pub struct InvalidLanguage(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_put_into_their_usual_case() {
        for (given, kept) in [
            ("EN", "en"),
            ("pt-br", "pt-BR"),
            ("ZH-hant-tw", "zh-Hant-TW"),
        ] {
            assert_eq!(Language::parse(given).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "e", "en_US", "englishlanguage", "en-", "e n", "ä1"] {
            assert!(Language::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn direction_follows_the_script_then_the_language() {
        let rtl = |tag| Language::parse(tag).unwrap().is_right_to_left();
        assert!(rtl("ar") && rtl("he-IL") && rtl("az-Arab"));
        assert!(!rtl("en") && !rtl("ur-Latn"));
    }
}
