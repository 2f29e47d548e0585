//! The dialect: which of comrak's extensions are on, and the limits a parsed document must keep
//! before anything walks it. Must not know about output.

use std::borrow::Cow;

use comrak::nodes::{Node, NodeValue};

use super::Options;

/// Quotes and emphasis nested deeper than this are shown without the innermost wrappers. HTML parsers,
/// ours and browsers', spend time on every open element, so depth is what turns linear into quadratic.
pub(super) const MAX_DEPTH: usize = 100;

/// The most a document may cost, in nodes, before it is shown as typed. Ordinary prose of one megabyte
/// has about a fifth of it.
pub(super) const MAX_COST: usize = 200_000;

/// A footnote reference writes two links and a label for its four letters.
const FOOTNOTE_COST: usize = 8;

pub(super) fn syntax(options: &Options<'_>) -> comrak::Options<'static> {
    let mut syntax = dialect();
    syntax.parse.smart = options.smart_punctuation;
    // `**「强调」**的` is emphasis to everybody who writes without spaces, though not to `CommonMark`.
    syntax.extension.cjk_friendly_emphasis =
        matches!(options.language.primary(), "zh" | "ja" | "ko");
    syntax
}

/// `CommonMark` with GitHub's extensions, as the conformance tests run it.
pub(super) fn dialect() -> comrak::Options<'static> {
    let mut syntax = comrak::Options::default();
    let extension = &mut syntax.extension;
    extension.strikethrough = true;
    extension.table = true;
    extension.autolink = true;
    extension.tasklist = true;
    extension.footnotes = true;
    extension.description_lists = true;
    extension.alerts = true;
    extension.math_dollars = true;
    extension.math_code = true;
    // Raw HTML passes through to the sanitiser, which knows more about it.
    syntax.render.r#unsafe = true;
    syntax.render.tasklist_classes = true;
    syntax
}

/// Takes the meaning from quote signs at the start of a line beyond [`MAX_DEPTH`]. The parser looks at
/// the rest of the line once for each, so a line of nothing else would take it minutes.
pub(super) fn limit_quotes(source: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut kept_until = 0;
    let mut line_start = 0;
    for line in source.split_inclusive(['\n', '\r']) {
        if let Some(at) = surplus_quote(line) {
            out.push_str(&source[kept_until..line_start + at]);
            out.push('\\');
            kept_until = line_start + at;
        }
        line_start += line.len();
    }
    if kept_until == 0 && out.is_empty() {
        return Cow::Borrowed(source);
    }
    out.push_str(&source[kept_until..]);
    Cow::Owned(out)
}

/// Where the first quote sign too many stands, among the signs that open quotes and lists.
fn surplus_quote(line: &str) -> Option<usize> {
    if line.len() <= MAX_DEPTH {
        return None;
    }
    let is_opener = |byte: &u8| b" \t>*+-.)0123456789".contains(byte);
    let openers = line.bytes().take_while(is_opener).enumerate();
    openers
        .filter(|(_, byte)| *byte == b'>')
        .map(|(at, _)| at)
        .nth(MAX_DEPTH)
}

/// What rendering this tree will cost, counting up to a little over [`MAX_COST`].
pub(super) fn cost(root: Node<'_>) -> usize {
    let mut cost = 0;
    for node in root.descendants() {
        cost += match node.data().value {
            NodeValue::FootnoteReference(_) => FOOTNOTE_COST,
            _ => 1,
        };
        if cost > MAX_COST {
            break;
        }
    }
    cost
}

/// Unwraps what is nested deeper than [`MAX_DEPTH`]: the text stays, the wrapper goes.
pub(super) fn flatten(root: Node<'_>) {
    let mut waiting = vec![(root, 0)];
    while let Some((node, depth)) = waiting.pop() {
        let mut next = node.first_child();
        while let Some(child) = next {
            if depth >= MAX_DEPTH && is_wrapper(&child.data().value) {
                let first = child.first_child();
                while let Some(grandchild) = child.first_child() {
                    child.insert_before(grandchild);
                }
                next = first.or_else(|| child.next_sibling());
                child.detach();
            } else {
                next = child.next_sibling();
                waiting.push((child, depth + 1));
            }
        }
    }
}

fn is_wrapper(value: &NodeValue) -> bool {
    matches!(
        value,
        NodeValue::BlockQuote
            | NodeValue::Alert(_)
            | NodeValue::Emph
            | NodeValue::Strong
            | NodeValue::Strikethrough
            | NodeValue::Link(_)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_beyond_the_limit_are_text() {
        let at_limit = format!("a\n{} x\n", ">".repeat(MAX_DEPTH));
        assert_eq!(limit_quotes(&at_limit), at_limit);
        let over = format!("a\n{}x\nb\n", "> ".repeat(MAX_DEPTH + 2));
        let limited = format!("a\n{}\\> > x\nb\n", "> ".repeat(MAX_DEPTH));
        assert_eq!(limit_quotes(&over), limited);
    }

    #[test]
    fn deep_emphasis_loses_its_wrappers_and_keeps_its_text() {
        let source = "*a **a ".repeat(300) + &" b** b*".repeat(300);
        let arena = comrak::Arena::new();
        let root = comrak::parse_document(&arena, &source, &dialect());
        flatten(root);
        let depth = |node: Node<'_>| node.ancestors().count();
        assert!(root.descendants().map(depth).max().unwrap() <= MAX_DEPTH + 2);
        let mut html = String::new();
        comrak::format_html(root, &dialect(), &mut html).unwrap();
        assert_eq!(
            (html.matches('a').count(), html.matches('b').count()),
            (600, 600)
        );
    }
}
