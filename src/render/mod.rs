//! Markdown to safe HTML, with what a page needs to know about its text: contents, excerpt, length.
//!
//! Pure functions: the same source and options give the same bytes, so a rendition is made once, when
//! a post is saved, and stored. Must not know where posts come from, where pages go, or what time it
//! is; facts about images are asked of [`Images`]. `docs/rendering.md` tells the choices.

mod allowed;
mod client_page;
mod difference;
mod embeds;
mod extract;
pub mod feeds;
mod format;
mod headings;
mod highlight;
mod html_pieces;
mod images;
mod labels;
mod math;
mod palette;
mod parse;
mod raw_html;
mod references;
mod sanitise;
pub mod sitemap;
mod stylesheet;
pub mod svg;
mod typography;
mod words;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use client_page::ClientPage;
pub use difference::difference;
pub use embeds::EMBED_ORIGINS;
pub use headings::TocEntry;
pub use highlight::language_count;
pub use images::{ImageFacts, Images};
pub use palette::highlight_css;
pub use references::{Manner, Reference, References, references};
pub use stylesheet::content_css;

use crate::domain::language::Language;

/// Raised whenever the same source would give other HTML, so that stored renditions are renewed.
pub const VERSION: u32 = 3;

/// Longer sources are shown as they were typed: markdown of this length is a mistake or an attack.
pub const MAX_MARKDOWN_BYTES: usize = 2 * 1024 * 1024;

/// What the renderer must know besides the source.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// The language of the text: quotes, counting, and the few words the renderer adds itself.
    pub language: &'a Language,
    /// Straight quotes, `--` and `...` become typographic ones.
    pub smart_punctuation: bool,
    /// The author's role may keep raw HTML and embeds. Scripts are never kept here.
    pub trusted_html: bool,
    /// The site's own address: links to its host are not external.
    pub site_url: Option<&'a str>,
    pub images: &'a dyn Images,
}

impl std::fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("language", &self.language)
            .field("smart_punctuation", &self.smart_punctuation)
            .field("trusted_html", &self.trusted_html)
            .field("site_url", &self.site_url)
            .finish_non_exhaustive()
    }
}

/// Everything that follows from a source. Stored next to the post, see [`VERSION`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendition {
    pub html: String,
    pub toc: Vec<TocEntry>,
    /// Plain text: what stands before `<!--more-->`, or the first words.
    pub excerpt: String,
    /// Words of prose. A Chinese, Japanese or Thai letter counts as one.
    pub words: u32,
    pub reading_minutes: u32,
    /// Plain text for the search index, code included.
    pub text: String,
    /// The headings' text, newline separated.
    pub headings: String,
}

/// Renders a post. Never fails: what cannot be rendered is shown as it was typed.
pub fn markdown(source: &str, options: &Options<'_>) -> Rendition {
    if source.len() > MAX_MARKDOWN_BYTES {
        return as_typed(source, options);
    }
    let labels = labels::Labels::of(options.language);
    let arena = comrak::Arena::new();
    let syntax = parse::syntax(options);
    let limited = parse::limit_quotes(source);
    let root = comrak::parse_document(&arena, &limited, &syntax);
    if parse::cost(root) > parse::MAX_COST {
        return as_typed(source, options);
    }
    parse::flatten(root);
    if options.smart_punctuation {
        typography::localise_quotes(root, source, options.language);
    }
    let extract = extract::extract(root);
    let headings = headings::Headings::collect(root);
    embeds::replace_lone_links(root, options, labels);
    raw_html::tame(root, options, labels);
    let html = format::format(root, &syntax, options, labels, &headings);
    let html = sanitise::clean(&html, options.trusted_html);
    let count = words::count(&extract.prose);
    Rendition {
        html,
        headings: headings.joined(),
        toc: headings.into_toc(),
        excerpt: extract.excerpt,
        words: count.words(),
        reading_minutes: count.minutes(),
        text: extract.text,
    }
}

/// Sanitises HTML that did not come from markdown, by the same rules.
pub fn sanitise_html(html: &str, options: &Options<'_>) -> String {
    let labels = labels::Labels::of(options.language);
    let tamed = raw_html::tame_fragment(html, options, labels);
    sanitise::clean(&tamed, options.trusted_html)
}

/// The rendition of last resort: nothing is lost, nothing is interpreted.
fn as_typed(source: &str, _options: &Options<'_>) -> Rendition {
    let mut html = String::with_capacity(source.len() + 64);
    html.push_str("<pre class=\"plain\">");
    escape_into(&mut html, source);
    html.push_str("</pre>\n");
    let count = words::count(source);
    Rendition {
        html,
        excerpt: extract::shorten(source),
        words: count.words(),
        reading_minutes: count.minutes(),
        text: source.to_owned(),
        ..Rendition::default()
    }
}

/// Appends `text` so that it means itself, in content and in double-quoted attributes.
fn escape_into(html: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\0' => html.push('\u{fffd}'),
            _ => html.push(letter),
        }
    }
}

fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 8);
    escape_into(&mut html, text);
    html
}
