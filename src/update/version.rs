//! Versions of the program: three numbers, and a word for what comes before a release.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

const MAX_WORD_CHARS: usize = 30;

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    numbers: [u32; 3],
    before: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a version; write one like 1.2.3 or 1.2.3-beta.1")]
pub struct InvalidVersion(String);

impl Version {
    pub fn parse(text: &str) -> Result<Self, InvalidVersion> {
        let invalid = || InvalidVersion(text.to_owned());
        let (numbers, before) = match text.split_once('-') {
            Some((numbers, word)) => (numbers, Some(word)),
            None => (text, None),
        };
        let fits = |word: &str| {
            (1..=MAX_WORD_CHARS).contains(&word.len())
                && !word.starts_with('.')
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
        };
        let number = |text: &str| {
            let parsed = text.parse::<u32>().ok();
            // One way to write each: a version is the name of a folder.
            parsed.filter(|number| number.to_string() == text)
        };
        let parsed: Vec<u32> = numbers.split('.').map_while(number).collect();
        let count = numbers.split('.').count();
        match <[u32; 3]>::try_from(parsed) {
            Ok(numbers) if count == 3 && before.is_none_or(fits) => Ok(Self {
                numbers,
                before: before.map(str::to_owned),
            }),
            _ => Err(invalid()),
        }
    }

    /// Of the running program.
    pub fn own() -> Self {
        Self::parse(crate::domain::VERSION).unwrap_or(Self {
            numbers: [0; 3],
            before: None,
        })
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [major, minor, patch] = self.numbers;
        write!(f, "{major}.{minor}.{patch}")?;
        match &self.before {
            Some(word) => write!(f, "-{word}"),
            None => Ok(()),
        }
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        // What comes before a release is older than it.
        let rank = |version: &Self| (version.numbers, version.before.is_none());
        let parts = |version: &Self| -> Vec<(bool, u64, String)> {
            let words = version.before.as_deref().unwrap_or_default().split('.');
            let part = |word: &str| match word.parse() {
                Ok(number) => (false, number, String::new()),
                Err(_) => (true, 0, word.to_owned()),
            };
            words.map(part).collect()
        };
        rank(self)
            .cmp(&rank(other))
            .then_with(|| parts(self).cmp(&parts(other)))
            .then_with(|| self.before.cmp(&other.before))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl TryFrom<String> for Version {
    type Error = InvalidVersion;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_an_order() {
        let order = [
            "0.9.9",
            "1.0.0-alpha",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0",
            "1.0.1",
            "1.10.0",
            "2.0.0",
        ];
        let order = order.map(|text| Version::parse(text).unwrap());
        for (index, one) in order.iter().enumerate() {
            for (other_index, other) in order.iter().enumerate() {
                assert_eq!(one.cmp(other), index.cmp(&other_index), "{one} {other}");
            }
        }
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for bad in [
            "",
            "1",
            "1.2",
            "1.2.3.4",
            "01.2.3",
            "1.2.x",
            "1.2.3-",
            "1.2.3-../..",
            "1.2.3-a/b",
            "+1.2.3",
            "1.2.3-.",
            "../../x",
        ] {
            assert!(Version::parse(bad).is_err(), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_again(text in "[0-9]{1,3}\\.[0-9]\\.[0-9](-[a-z0-9]{1,4}(\\.[0-9])?)?") {
            if let Ok(version) = Version::parse(&text) {
                assert_eq!(version.to_string(), text);
            }
        }
    }
}
