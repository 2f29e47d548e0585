//! What was not understood, where it stands, and what to do about it.

use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Note {
    /// What it is about: a file, as it is called in its folder.
    pub file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What is the matter.
    pub what: String,
    /// What to do.
    pub advice: String,
}

impl Note {
    pub(super) fn new(file: &str, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: None,
            field: None,
            what: what.into(),
            advice: advice.into(),
        }
    }

    pub(super) fn at_line(mut self, line: Option<usize>) -> Self {
        self.line = line;
        self
    }

    pub(super) fn about(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }
}
