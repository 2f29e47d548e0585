//! Tests of the renderer as a whole: real documents, the published examples, hostile input.

mod conformance;
mod documents;
mod pathological;
mod xss;

use super::{Options, Rendition, markdown};
use crate::domain::language::Language;

/// Renders with plain settings, as an author or as an editor.
fn render(source: &str, trusted_html: bool) -> Rendition {
    render_in("en", source, trusted_html)
}

fn render_in(language: &str, source: &str, trusted_html: bool) -> Rendition {
    let language = Language::parse(language).unwrap();
    let options = Options {
        language: &language,
        smart_punctuation: language.primary() != "en",
        trusted_html,
        site_url: Some("https://blog.example"),
        images: &(),
    };
    markdown(source, &options)
}
