//! HTML that people type into markdown, made tame before it reaches an HTML parser: elements that would
//! swallow the rest of the page become visible text, comments go, frames become click-to-load, images
//! learn their size, and a document whose HTML would make a parser crawl shows it as text.
//!
//! This is about order and cost; what is safe is the sanitiser's business, which reads everything after.

use std::collections::HashMap;

use comrak::nodes::{Node, NodeValue};

use super::embeds::{Embed, is_click_to_load};
use super::html_pieces::{MAX_ATTRIBUTES, Piece, Pieces, Tag};
use super::labels::Labels;
use super::{Options, escape_into, escaped, sanitise};

/// Elements left open at the same time.
const MAX_OPEN: usize = 100;
/// Of these, formatting elements, which HTML opens again in every paragraph that follows.
const MAX_OPEN_FORMATTING: usize = 12;
const MAX_TAGS: usize = 40_000;
/// With a table in raw HTML, what the parser moves out of it costs a search each.
const MAX_NODES_WITH_TABLE: usize = 40_000;

/// Elements that the sanitiser may drop without a trace, keeping what is inside. With those it keeps
/// they are all that is let through. Anything else shows as it was typed: `Vec<String>` means itself,
/// and what would swallow the page (`script`, `textarea`, `plaintext`) leaves what follows alone. No
/// `math` and `svg` either, so that only our own formulas ever put a parser into its foreign mode.
const DROPPED: [&str; 28] = [
    "acronym", "area", "base", "basefont", "big", "blink", "body", "button", "dialog", "fieldset",
    "form", "head", "html", "label", "legend", "link", "main", "map", "marquee", "menu", "meta",
    "meter", "nobr", "output", "progress", "search", "strike", "wbr",
];

fn is_let_through(name: &str) -> bool {
    sanitise::is_article_tag(name) || DROPPED.contains(&name)
}

const FORMATTING: [&str; 14] = [
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
];

/// Elements that never stay open, or whose end tags people rightly leave out.
const UNCOUNTED: [&str; 27] = [
    "area", "base", "br", "col", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr", "p", "li", "dd", "dt", "td", "th", "tr", "tbody", "thead", "tfoot", "rt", "rp",
    "colgroup", "caption",
];

/// Rewrites every piece of raw HTML in the tree.
pub(super) fn tame(root: Node<'_>, options: &Options<'_>, labels: &Labels) {
    let mut census = Census::default();
    for node in root.descendants() {
        census.nodes += 1;
        match &node.data().value {
            NodeValue::HtmlBlock(html) => census.take(&html.literal),
            NodeValue::HtmlInline(literal) => census.take(literal),
            _ => {}
        }
    }
    if census.tags == 0 && census.others == 0 {
        return;
    }
    let as_text = census.is_excessive();
    for node in root.descendants() {
        let mut data = node.data_mut();
        match &mut data.value {
            NodeValue::HtmlBlock(html) if as_text => {
                html.literal = format!("<p>{}</p>\n", escaped(html.literal.trim_end()));
            }
            NodeValue::HtmlInline(literal) if as_text => *literal = escaped(literal),
            NodeValue::HtmlBlock(html) => html.literal = rewrite(&html.literal, options, labels),
            NodeValue::HtmlInline(literal) => *literal = rewrite(literal, options, labels),
            _ => {}
        }
    }
}

/// The same for HTML that stands alone.
pub(super) fn tame_fragment(html: &str, options: &Options<'_>, labels: &Labels) -> String {
    let mut census = Census::default();
    census.take(html);
    if census.is_excessive() {
        return escaped(html);
    }
    rewrite(html, options, labels)
}

/// What the raw HTML of a document amounts to.
#[derive(Default)]
struct Census {
    nodes: usize,
    tags: usize,
    others: usize,
    has_table: bool,
    open: HashMap<String, usize>,
    open_now: usize,
    open_most: usize,
    formatting_now: usize,
    formatting_most: usize,
}

impl Census {
    fn take(&mut self, literal: &str) {
        for piece in Pieces::of(literal) {
            match piece {
                Piece::Tag(tag) => self.count(&tag),
                Piece::Comment => self.others += 1,
                Piece::Text(_) | Piece::Stray => {}
            }
        }
    }

    fn count(&mut self, tag: &Tag<'_>) {
        self.tags += 1;
        self.has_table |= tag.name == "table";
        if UNCOUNTED.contains(&tag.name.as_str()) {
            return;
        }
        let formatting = usize::from(FORMATTING.contains(&tag.name.as_str()));
        let open = self.open.entry(tag.name.clone()).or_default();
        if !tag.is_end {
            *open += 1;
            self.open_now += 1;
            self.formatting_now += formatting;
        } else if *open > 0 {
            *open -= 1;
            self.open_now -= 1;
            self.formatting_now -= formatting;
        }
        self.open_most = self.open_most.max(self.open_now);
        self.formatting_most = self.formatting_most.max(self.formatting_now);
    }

    fn is_excessive(&self) -> bool {
        self.open_most > MAX_OPEN
            || self.formatting_most > MAX_OPEN_FORMATTING
            || self.tags > MAX_TAGS
            || (self.has_table && self.nodes + self.tags > MAX_NODES_WITH_TABLE)
    }
}

fn rewrite(literal: &str, options: &Options<'_>, labels: &Labels) -> String {
    let mut out = String::with_capacity(literal.len() + 16);
    let mut pieces = Pieces::of(literal);
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Stray => out.push_str("&lt;"),
            Piece::Comment => {}
            Piece::Tag(tag) => match tag.name.as_str() {
                "iframe" if options.trusted_html && !tag.is_end => match frame(&tag) {
                    // Ours, written a moment ago.
                    Frame::Waiting if pieces.skip_past_frame() => {
                        out.push_str(tag.text);
                        out.push_str("</iframe>");
                    }
                    Frame::Loading(embed) => {
                        pieces.skip_past_frame();
                        out.push_str(&embed.html(labels));
                    }
                    Frame::Waiting | Frame::Unusable => escape_into(&mut out, tag.text),
                },
                name if !is_let_through(name) || tag.attributes.len() > MAX_ATTRIBUTES => {
                    escape_into(&mut out, tag.text);
                }
                "img" if !tag.is_end => rewrite_image(&mut out, &tag, options),
                "input" if !tag.is_end => out.push_str(match tag.attribute("checked") {
                    Some(_) => "<input type=\"checkbox\" disabled=\"\" checked=\"\">",
                    None => "<input type=\"checkbox\" disabled=\"\">",
                }),
                _ => out.push_str(tag.text),
            },
        }
    }
    out
}

enum Frame {
    /// It would load something at once.
    Loading(Embed),
    /// It is click-to-load already. The sanitiser looks again.
    Waiting,
    Unusable,
}

fn frame(tag: &Tag<'_>) -> Frame {
    if let Some(src) = tag.attribute("src") {
        return Embed::from_frame(&decoded(src)).map_or(Frame::Unusable, Frame::Loading);
    }
    match tag.attribute("srcdoc") {
        Some(srcdoc) if is_click_to_load(&decoded(srcdoc)) => Frame::Waiting,
        _ => Frame::Unusable,
    }
}

/// Late loading for every image, and what the library knows unless the author knows better. Of two
/// equal attributes HTML takes the first, so ours stand in front.
fn rewrite_image(out: &mut String, tag: &Tag<'_>, options: &Options<'_>) {
    const SIZING: [&str; 4] = ["width", "height", "srcset", "sizes"];
    let is_sized = SIZING.iter().any(|name| tag.attribute(name).is_some());
    out.push_str("<img");
    if let Some(src) = tag.attribute("src")
        && !is_sized
        && let Some(facts) = options.images.find(&decoded(src))
    {
        out.push_str(&facts.attributes());
    }
    out.push_str(" loading=\"lazy\" decoding=\"async\"");
    out.push_str(tag.text.get("<img".len()..).unwrap_or(">"));
}

/// The few entities that occur in addresses.
fn decoded(value: &str) -> String {
    value
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#x27;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::super::labels::Labels;
    use super::*;
    use crate::domain::language::Language;

    fn tamed(html: &str, trusted_html: bool) -> String {
        let language = Language::default();
        let options = Options {
            language: &language,
            smart_punctuation: false,
            trusted_html,
            site_url: None,
            images: &(),
        };
        tame_fragment(html, &options, Labels::of(&language))
    }

    #[test]
    fn what_swallows_the_page_becomes_text() {
        assert_eq!(
            tamed("<ScRiPt x='>'>1</script>", false),
            "&lt;ScRiPt x='&gt;'&gt;1&lt;/script&gt;"
        );
        assert_eq!(tamed("<p>a</p><textarea", false), "<p>a</p>&lt;textarea");
        assert_eq!(tamed("<div title='", false), "&lt;div title='");
    }

    #[test]
    fn what_is_no_html_means_itself() {
        assert_eq!(
            tamed("Vec<String> <T>", false),
            "Vec&lt;String&gt; &lt;T&gt;"
        );
        assert_eq!(
            tamed("<circle r=1/>x<mi>", true),
            "&lt;circle r=1/&gt;x&lt;mi&gt;"
        );
        assert_eq!(tamed("<label>x</label>", true), "<label>x</label>");
    }

    #[test]
    fn comments_go_whatever_they_hide() {
        assert_eq!(
            tamed("a<!-- <a x=\"--> <math>\">b", false),
            "a &lt;math&gt;\">b"
        );
        assert_eq!(tamed("<!-->x<!--->y<!DOCTYPE z><?php ?>", false), "xy");
    }

    #[test]
    fn frames_are_for_the_trusted_and_wait_for_a_click() {
        let frame = "<iframe src='https://maps.example/?a=1&amp;b=2'>no</iframe>after";
        assert!(tamed(frame, false).starts_with("&lt;iframe"));
        insta::assert_snapshot!(tamed(frame, true));
        assert!(
            tamed("<iframe src='javascript:alert(1)'></iframe>", true).starts_with("&lt;iframe")
        );
    }

    #[test]
    fn ordinary_html_is_left_as_it_is() {
        let html = "<details open><summary>A &amp; b</summary>\n<p class=x>1 &lt; 2<br/></details>";
        assert_eq!(tamed(html, false), html);
    }

    #[test]
    fn what_would_make_a_parser_crawl_is_text() {
        assert!(tamed(&"<div>".repeat(101), false).starts_with("&lt;div"));
        assert!(tamed(&"<div></x>".repeat(101), false).starts_with("&lt;div"));
        assert!(tamed(&"<b>".repeat(13), false).starts_with("&lt;b"));
        assert!(tamed(&"<li>x".repeat(500), false).starts_with("<li>"));
        let many_attributes = format!("<i {}>", "a ".repeat(1_000));
        assert!(tamed(&many_attributes, false).starts_with("&lt;i"));
    }
}
