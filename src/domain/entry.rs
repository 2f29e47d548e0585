//! An entry as programs of the `IndieWeb` send and ask for it: properties, each with a list of values, in
//! the JSON of microformats.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::words;

pub type Properties = BTreeMap<String, Vec<Value>>;

words! {
    /// What a plain string of content means.
    Writing {
        /// Letters that mean nothing but themselves.
        Plain = "plain",
        /// Markdown: it was written in the editor, or says so.
        Markdown = "markdown",
    }
}

/// What is kept of an entry beside the post that was made of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Those that are part of the post's text, as they were sent, and those a post has no place for.
    pub properties: Properties,
    pub writing: Writing,
    /// The title that was made where none was sent.
    #[serde(default)]
    pub made_title: Option<String>,
    /// The hash of the text that was made of the properties. Another text was changed since.
    pub made_text: String,
}
