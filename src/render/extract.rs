//! The plain text of a document: for search, for counting, for the excerpt. Walks the tree, not the
//! HTML, so labels the renderer adds never reach the index. Must not change the tree, but for taking
//! the excerpt's marker out of it.

use comrak::arena_tree::NodeEdge;
use comrak::nodes::{Node, NodeValue};

use super::words::Kind;

/// The excerpt without a marker: this many words, an ideograph being half of one.
const EXCERPT_HALF_WORDS: usize = 110;
/// The excerpt in any case, so that a marker at the end does not repeat the post.
const MAX_EXCERPT_CHARS: usize = 2_000;

#[derive(Debug, Default)]
pub(super) struct Extract {
    /// All text, code included.
    pub(super) text: String,
    /// What is read as prose: no code blocks, no formulas.
    pub(super) prose: String,
    pub(super) excerpt: String,
}

pub(super) fn extract(root: Node<'_>) -> Extract {
    let mut out = Extract::default();
    let mut opening = String::new();
    let mut marker = None;
    let mut unquotable_depth = 0_usize;
    for edge in root.traverse() {
        match edge {
            NodeEdge::Start(node) => {
                let data = node.data();
                if is_more_marker(&data.value) && marker.is_none() {
                    marker = Some((node, opening.trim().to_owned()));
                }
                unquotable_depth += usize::from(is_unquotable(&data.value));
                read(&data.value, &mut out, unquotable_depth == 0, &mut opening);
            }
            NodeEdge::End(node) => {
                let data = node.data();
                unquotable_depth -= usize::from(is_unquotable(&data.value));
                if data.value.block() || matches!(data.value, NodeValue::TableCell) {
                    for text in [&mut out.text, &mut out.prose, &mut opening] {
                        end_block(text);
                    }
                }
            }
        }
    }
    out.excerpt = match marker {
        Some((node, before)) => {
            node.detach();
            cut(&squeeze(&before), usize::MAX)
        }
        None => shorten(&opening),
    };
    out.text.truncate(out.text.trim_end().len());
    out
}

/// The first words of a text, on one line.
pub(super) fn shorten(text: &str) -> String {
    let opening: String = text.chars().take(MAX_EXCERPT_CHARS * 2).collect();
    cut(&squeeze(&opening), EXCERPT_HALF_WORDS)
}

fn read(value: &NodeValue, out: &mut Extract, quotable: bool, opening: &mut String) {
    let (literal, is_prose) = match value {
        NodeValue::Text(text) => (text.as_ref(), true),
        NodeValue::Code(code) => (code.literal.as_str(), true),
        NodeValue::SoftBreak | NodeValue::LineBreak => (" ", true),
        NodeValue::Math(math) => (math.literal.as_str(), false),
        NodeValue::CodeBlock(code) => {
            out.text.push_str(&code.literal);
            return;
        }
        NodeValue::HtmlBlock(html) => {
            let text = squeeze(&without_tags(&html.literal));
            out.text.push_str(&text);
            out.prose.push_str(&text);
            return;
        }
        _ => return,
    };
    out.text.push_str(literal);
    if is_prose {
        out.prose.push_str(literal);
    }
    if quotable && opening.len() < MAX_EXCERPT_CHARS * 8 {
        opening.push_str(literal);
    }
}

/// What would read oddly in an excerpt.
fn is_unquotable(value: &NodeValue) -> bool {
    matches!(
        value,
        NodeValue::Heading(_)
            | NodeValue::Table(_)
            | NodeValue::FootnoteDefinition(_)
            | NodeValue::Image(_)
    )
}

fn is_more_marker(value: &NodeValue) -> bool {
    let literal = match value {
        NodeValue::HtmlBlock(html) => &html.literal,
        NodeValue::HtmlInline(literal) => literal,
        _ => return false,
    };
    literal
        .trim()
        .strip_prefix("<!--")
        .and_then(|rest| rest.strip_suffix("-->"))
        .is_some_and(|inside| inside.trim().eq_ignore_ascii_case("more"))
}

fn end_block(text: &mut String) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

/// Text between tags, roughly: this feeds an index, never a page.
fn without_tags(html: &str) -> String {
    let mut text = String::with_capacity(html.len() / 2);
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        text.push(' ');
        let end = if rest[start..].starts_with("<!--") {
            "-->"
        } else {
            ">"
        };
        match rest[start..].find(end) {
            Some(at) => rest = &rest[start + at + end.len()..],
            None => rest = "",
        }
    }
    text.push_str(rest);
    for (entity, letter) in [
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ] {
        if text.contains(entity) {
            text = text.replace(entity, letter);
        }
    }
    text
}

fn squeeze(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// Cuts after so many half words or [`MAX_EXCERPT_CHARS`], at a boundary, and says so with an ellipsis.
fn cut(line: &str, half_words: usize) -> String {
    let mut left = half_words;
    let mut inside_word = false;
    let mut boundary = 0;
    for (seen, (at, letter)) in line.char_indices().enumerate() {
        let kind = Kind::of(letter);
        let price = match kind {
            Kind::Ideograph => 1,
            Kind::Unspaced => usize::from(seen % 2 == 0),
            Kind::Spaced if !inside_word => 2,
            _ => 0,
        };
        if kind != Kind::Spaced || !inside_word {
            boundary = at;
        }
        if price > left || seen >= MAX_EXCERPT_CHARS {
            let end = if boundary == 0 { at } else { boundary };
            return format!(
                "{}…",
                line[..end].trim_end_matches([' ', ',', ';', ':', '—', '–'])
            );
        }
        left -= price;
        inside_word = match kind {
            Kind::Spaced => true,
            Kind::Other => inside_word,
            _ => false,
        };
    }
    line.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_words() {
        let text = "alpha, beta ".repeat(60);
        let excerpt = shorten(&text);
        assert_eq!(excerpt.split(' ').count(), 55);
        assert!(excerpt.ends_with("alpha…"), "{excerpt}");
    }

    #[test]
    fn chinese_is_cut_between_letters_and_one_endless_word_somewhere() {
        assert_eq!(shorten(&"字".repeat(500)).chars().count(), 111);
        assert_eq!(
            shorten(&"x".repeat(9_000)).chars().count(),
            MAX_EXCERPT_CHARS + 1
        );
    }

    #[test]
    fn short_texts_are_kept() {
        assert_eq!(shorten(" one\n two "), "one two");
        assert_eq!(shorten(""), "");
    }
}
