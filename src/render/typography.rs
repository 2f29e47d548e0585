//! Quotation marks by language. The parser's smart punctuation knows English ones; here they become
//! what the text's language uses. Single quotes are left alone: an apostrophe looks like one.

use comrak::nodes::{Node, NodeValue};

use crate::domain::language::Language;

/// Opening and closing double quotes, or nothing where the English ones are right.
fn quotes(language: &Language) -> Option<(&'static str, &'static str)> {
    match language.primary() {
        "de" if language.as_str() == "de-CH" => Some(("«", "»")),
        "de" | "cs" | "sk" | "sl" | "bg" | "is" | "lt" => Some(("„", "“")),
        "pl" | "ro" | "hu" | "hr" => Some(("„", "”")),
        "fr" => Some(("«\u{202f}", "\u{202f}»")),
        "ru" | "uk" | "be" | "es" | "it" | "no" | "nb" | "nn" | "el" | "fa" => Some(("«", "»")),
        "da" => Some(("»", "«")),
        "sv" | "fi" => Some(("”", "”")),
        _ => None,
    }
}

/// Does nothing when the author typed curly quotes: then they mean what they are.
pub(super) fn localise_quotes(root: Node<'_>, source: &str, language: &Language) {
    let Some((open, close)) = quotes(language) else {
        return;
    };
    if source.contains(['“', '”', '„']) {
        return;
    }
    for node in root.descendants() {
        if let NodeValue::Text(text) = &mut node.data_mut().value
            && text.contains(['“', '”'])
        {
            *text = text.replace('“', open).replace('”', close).into();
        }
    }
}
