//! Mistakes: what is wrong, where it stands, and what to write instead.

use super::options::ROWS;

/// More are counted, not printed.
const MAX_LISTED_MISTAKES: usize = 100;

/// Where a value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    File {
        name: String,
        line: usize,
    },
    Environment(String),
    Flag(String),
    /// The configuration as a whole: two sound values that do not go together.
    Whole,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File { name, line: 0 } => f.write_str(name),
            Self::File { name, line } => write!(f, "{name}:{line}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
            Self::Whole => f.write_str("configuration"),
        }
    }
}

/// Reads alone: `inkstand.toml:3: cache.size_mb: “big” is not a whole number; write …`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}; {advice}")]
pub struct Mistake {
    pub place: Place,
    pub problem: String,
    pub advice: String,
}

impl Mistake {
    pub(super) fn new(place: Place, problem: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            place,
            problem: problem.into(),
            advice: advice.into(),
        }
    }

    pub(super) fn unknown_key(place: Place, key: &str) -> Self {
        let advice = match nearest(key) {
            Some(known) => format!("write “{known}”"),
            None => "remove it, or look it up in docs/configuration.md".to_owned(),
        };
        Self::new(place, format!("there is no option “{key}”"), advice)
    }
}

/// All mistakes, one to a line.
pub fn list(mistakes: &[Mistake]) -> String {
    let mut lines: Vec<String> = mistakes
        .iter()
        .take(MAX_LISTED_MISTAKES)
        .map(ToString::to_string)
        .collect();
    if let Some(unlisted @ 1..) = mistakes.len().checked_sub(MAX_LISTED_MISTAKES) {
        lines.push(format!("… and {unlisted} more"));
    }
    lines.join("\n")
}

/// The option that was probably meant: the same name in another section, or a few letters off.
pub(super) fn nearest(key: &str) -> Option<&'static str> {
    // Nobody mistypes at this length; it would only cost time.
    const MAX_KEY_CHARS: usize = 64;
    if key.chars().count() > MAX_KEY_CHARS {
        return None;
    }
    let key = key.to_ascii_lowercase().replace('-', "_");
    let name = key.rsplit('.').next().unwrap_or(&key);
    let moved = ROWS.iter().find(|row| row.key == key || row.name() == name);
    if let Some(row) = moved {
        return Some(row.key);
    }
    ROWS.iter()
        .map(|row| {
            (
                distance(&key, row.key).min(distance(&key, row.name())),
                row.key,
            )
        })
        .filter(|(typos, known)| *typos <= 1.max(known.len().min(key.len()) / 3))
        .min_by_key(|(typos, _)| *typos)
        .map(|(_, known)| known)
}

/// Letters to insert, remove or change to get from one word to the other (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, have) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, want) in to.iter().enumerate() {
            let changed = diagonal + usize::from(have != *want);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (from, to, typos) in [("", "abc", 3), ("abc", "abc", 0), ("kitten", "sitting", 3)] {
            assert_eq!(distance(from, to), typos, "{from} {to}");
        }
    }

    #[test]
    fn the_option_that_was_meant() {
        for (written, meant) in [
            ("lisen", Some("listen")),
            ("data-dir", Some("data_dir")),
            ("size_mb", Some("cache.size_mb")),
            ("cache.sise_mb", Some("cache.size_mb")),
            ("server.trusted_proxies", Some("trusted_proxies")),
            ("zzzzzzzz", None),
        ] {
            assert_eq!(nearest(written), meant, "{written}");
        }
    }
}
