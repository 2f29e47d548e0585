//! Heading anchors and the table of contents. Ids keep every script's letters, are unique on the page,
//! and stay the same while the heading does, because people link to them.

use std::collections::{HashMap, HashSet};

use comrak::nodes::{Node, NodeValue};
use serde::{Deserialize, Serialize};

/// Longer headings are cut in the id, not in the text.
const MAX_ID_CHARS: usize = 80;

/// Ids that footnotes make: a heading called “fn 1” must not take them.
const FOOTNOTE_PREFIXES: [&str; 2] = ["fn-", "fnref-"];

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TocEntry {
    pub level: u8,
    pub id: String,
    pub text: String,
}

/// The headings of a document, in the order they are written out.
#[derive(Debug, Default)]
pub(super) struct Headings {
    entries: Vec<TocEntry>,
}

impl Headings {
    pub(super) fn collect(root: Node<'_>) -> Self {
        let mut ids = Ids::default();
        let mut entries = Vec::new();
        for node in root.descendants() {
            let NodeValue::Heading(heading) = node.data().value else {
                continue;
            };
            let text = text_of(node);
            entries.push(TocEntry {
                level: heading.level,
                id: ids.make(&text),
                text,
            });
        }
        Self { entries }
    }

    pub(super) fn get(&self, index: usize) -> Option<&TocEntry> {
        self.entries.get(index)
    }

    pub(super) fn joined(&self) -> String {
        let texts: Vec<&str> = self
            .entries
            .iter()
            .map(|entry| entry.text.as_str())
            .collect();
        texts.join("\n")
    }

    /// Headings without text have nothing to show in a table of contents.
    pub(super) fn into_toc(self) -> Vec<TocEntry> {
        let mut toc = self.entries;
        toc.retain(|entry| !entry.text.is_empty());
        toc
    }
}

fn text_of(heading: Node<'_>) -> String {
    let mut text = String::new();
    for node in heading.descendants() {
        match &node.data().value {
            NodeValue::Text(literal) => text.push_str(literal),
            NodeValue::Code(code) => text.push_str(&code.literal),
            NodeValue::Math(math) => text.push_str(&math.literal),
            NodeValue::SoftBreak | NodeValue::LineBreak => text.push(' '),
            _ => {}
        }
    }
    text.trim().to_owned()
}

#[derive(Debug, Default)]
struct Ids {
    taken: HashSet<String>,
    /// The next number to try, so that a thousand equal headings do not try a million ids.
    next_suffix: HashMap<String, usize>,
}

impl Ids {
    fn make(&mut self, text: &str) -> String {
        let stem = stem(text);
        if self.taken.insert(stem.clone()) {
            return stem;
        }
        let suffix = self.next_suffix.entry(stem.clone()).or_insert(1);
        loop {
            *suffix += 1;
            let id = format!("{stem}-{suffix}");
            if self.taken.insert(id.clone()) {
                return id;
            }
        }
    }
}

fn stem(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;

    let mut id = String::new();
    let mut gap = false;
    for letter in text.nfc().flat_map(char::to_lowercase).take(MAX_ID_CHARS) {
        if letter.is_alphanumeric() || unicode_normalization::char::is_combining_mark(letter) {
            if gap && !id.is_empty() {
                id.push('-');
            }
            gap = false;
            id.push(letter);
        } else if letter != '\'' && letter != '’' {
            gap = true;
        }
    }
    if id.is_empty() {
        return "section".to_owned();
    }
    if FOOTNOTE_PREFIXES
        .iter()
        .any(|prefix| id.starts_with(prefix))
    {
        id.insert_str(0, "section-");
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_keep_letters_of_every_script() {
        for (text, id) in [
            ("Hello, World!", "hello-world"),
            ("Don’t panic", "dont-panic"),
            ("Über uns", "über-uns"),
            ("日本語の見出し", "日本語の見出し"),
            ("ภาษาไทย", "ภาษาไทย"),
            ("C++ & Rust: 1.0", "c-rust-1-0"),
            ("🎉", "section"),
            ("fn 1", "section-fn-1"),
        ] {
            assert_eq!(stem(text), id);
        }
    }

    #[test]
    fn ids_are_unique_even_against_their_own_suffixes() {
        let mut ids = Ids::default();
        let made: Vec<_> = ["a", "a 2", "a", "a", "A"]
            .map(|text| ids.make(text))
            .into();
        assert_eq!(made, ["a", "a-2", "a-3", "a-4", "a-5"]);
    }
}
