//! Which pieces of a page a browser may run although they stand in the page itself: the scripts and
//! styles that the owner put into it, told apart from all others by their hashes. Everything else
//! inline is refused by the policy.
//!
//! A browser's own reading of the HTML decides what runs. Where this one reads otherwise, a hash is
//! missing or idle, and nothing runs that was not written by those who may write it.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// More than these are not allowed for; a header has its limits. They are about 3 KB.
const MAX_HASHES: usize = 60;

/// Elements whose content is text up to their end tag, whatever it looks like.
const RAW: [&str; 8] = [
    "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes",
];

/// Hashes of what stands in some HTML.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Inline {
    scripts: BTreeSet<String>,
    styles: BTreeSet<String>,
    /// Of `style` attributes, which a policy names in another way.
    attributes: BTreeSet<String>,
}

impl Inline {
    /// Everything inline that the owner or an admin put into the page.
    pub(super) fn read(&mut self, html: &str) {
        let html = as_browsers_read(html);
        let mut rest = &*html;
        while let Some(tag) = Tag::next(&mut rest) {
            self.note_attributes(&tag);
            if !RAW.contains(&tag.name.as_str()) {
                continue;
            }
            let content = raw_text(&mut rest, &tag.name);
            match tag.name.as_str() {
                "script" => note(&mut self.scripts, content),
                "style" => note(&mut self.styles, content),
                _ => {}
            }
        }
    }

    /// The `style` attributes of a rendered text, where trusted authors may write them.
    pub(super) fn read_styled(&mut self, html: &str) {
        if !html.contains("style=") {
            return;
        }
        let mut rest = html;
        while let Some(tag) = Tag::next(&mut rest) {
            self.note_attributes(&tag);
        }
    }

    fn note_attributes(&mut self, tag: &Tag) {
        if let Some(style) = &tag.style {
            note(&mut self.attributes, style);
        }
    }

    /// For `script-src`, each after a space.
    pub(super) fn script_sources(&self) -> String {
        spaced(&self.scripts)
    }

    /// For `style-src`, each after a space.
    pub(super) fn style_sources(&self) -> String {
        let by_attribute = if self.attributes.is_empty() {
            ""
        } else {
            " 'unsafe-hashes'"
        };
        let (styles, attributes) = (spaced(&self.styles), spaced(&self.attributes));
        format!("{by_attribute}{styles}{attributes}")
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn spaced(hashes: &BTreeSet<String>) -> String {
    hashes.iter().flat_map(|hash| [" ", hash]).collect()
}

fn note(hashes: &mut BTreeSet<String>, text: &str) {
    if hashes.len() < MAX_HASHES && !text.is_empty() {
        let hash = STANDARD.encode(Sha256::digest(text));
        hashes.insert(format!("'sha256-{hash}'"));
    }
}

/// Line ends and impossible letters as the HTML standard has them.
fn as_browsers_read(html: &str) -> String {
    html.replace("\r\n", "\n")
        .replace('\r', "\n")
        .replace('\0', "\u{fffd}")
}

/// A start tag, as far as it matters here.
#[derive(Debug, PartialEq, Eq)]
struct Tag {
    name: String,
    style: Option<String>,
}

impl Tag {
    /// The next start tag; leaves `rest` behind it.
    fn next(rest: &mut &str) -> Option<Self> {
        loop {
            let at = rest.find('<')?;
            *rest = &rest[at + 1..];
            if let Some(comment) = rest.strip_prefix("!--") {
                let end = comment.find("-->")?;
                *rest = &comment[end + 3..];
            } else if rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
                return Self::read(rest);
            }
        }
    }

    fn read(rest: &mut &str) -> Option<Self> {
        let ends = |c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>');
        let name_end = rest.find(ends)?;
        let name = rest[..name_end].to_ascii_lowercase();
        *rest = &rest[name_end..];
        let mut style = None;
        loop {
            *rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            if let Some(after) = rest.strip_prefix('>') {
                *rest = after;
                return Some(Self { name, style });
            }
            let (attribute, value) = attribute(rest)?;
            // Of two the first counts.
            if attribute.eq_ignore_ascii_case("style") && style.is_none() {
                style = Some(unescaped(value));
            }
        }
    }
}

/// The attribute that `rest` begins with; leaves `rest` behind it.
fn attribute<'a>(rest: &mut &'a str) -> Option<(&'a str, &'a str)> {
    let ends = |c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '=');
    let text = *rest;
    // An equals sign in the first place is part of the name.
    let first = text.chars().next()?.len_utf8();
    let name_end = first + text[first..].find(ends)?;
    let (name, after) = text.split_at(name_end);
    let Some(value) = after.trim_ascii_start().strip_prefix('=') else {
        *rest = after;
        return Some((name, ""));
    };
    let value = value.trim_ascii_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let (value, after) = match quote {
        Some(quote) => value[1..].split_once(quote)?,
        None => value.split_at(value.find(|c: char| c.is_ascii_whitespace() || c == '>')?),
    };
    *rest = after;
    Some((name, value))
}

/// What stands before the end tag; leaves `rest` at it. Without one, all of the rest.
fn raw_text<'a>(rest: &mut &'a str, name: &str) -> &'a str {
    let text = *rest;
    let end = text.match_indices("</").map(|(at, _)| at).find(|at| {
        let after = &text[at + 2..];
        after
            .get(..name.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(name))
            && after[name.len()..]
                .starts_with(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'))
    });
    let (content, after) = text.split_at(end.unwrap_or(text.len()));
    *rest = after;
    content
}

/// The few references that our own renderer writes into attributes, and people into theirs.
fn unescaped(value: &str) -> String {
    value
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&nbsp;", "\u{a0}")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(text: &str) -> String {
        format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
    }

    fn read(html: &str) -> Inline {
        let mut inline = Inline::default();
        inline.read(html);
        inline
    }

    #[test]
    fn the_hash_is_the_one_of_the_specification() {
        // The example of Content Security Policy Level 3.
        assert_eq!(
            read("<script>alert('Hello, world.');</script>").script_sources(),
            " 'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"
        );
    }

    #[test]
    fn scripts_and_styles_are_found_wherever_they_are() {
        for (html, script) in [
            ("<SCRIPT async\n>a</Script >", "a"),
            ("<script>a\r\nb</script>", "a\nb"),
            (
                "<script>if (a < b) '</scripts>'</script>",
                "if (a < b) '</scripts>'",
            ),
            ("<!-- <script>no</script> --><script>a</script>", "a"),
            ("<p title='<script>no</script>'><script>a</script>", "a"),
            (
                "<textarea><script>no</script></textarea><script>a</script>",
                "a",
            ),
            ("<a href=x><script/defer>a</script>", "a"),
            ("1 < 2 <script>a", "a"),
        ] {
            assert_eq!(
                read(html).script_sources(),
                format!(" {}", hash(script)),
                "{html}"
            );
        }
        let styled = read("<style media=print>p { color: red }</style><b style='x: \"y&amp;\"'>");
        assert!(styled.scripts.is_empty());
        let sources = styled.style_sources();
        assert!(sources.starts_with(" 'unsafe-hashes'"), "{sources}");
        for text in ["p { color: red }", "x: \"y&\""] {
            assert!(sources.contains(&hash(text)), "{sources}");
        }
    }

    #[test]
    fn what_has_no_text_has_no_hash() {
        for html in [
            "",
            "<script src=x></script>",
            "<script",
            "<p",
            "</script>",
            "<b style>",
            "< script>a</script>",
        ] {
            assert!(read(html).is_empty(), "{html}");
        }
    }

    #[test]
    fn of_a_rendered_text_only_styles_count() {
        let mut inline = Inline::default();
        inline.read_styled("<p style=\"color: red\">a<script>b</script></p>");
        assert!(inline.script_sources().is_empty());
        assert!(inline.style_sources().contains(&hash("color: red")));
    }

    #[test]
    fn there_are_only_so_many() {
        let html: Vec<String> = (0..500).map(|n| format!("<script>{n}</script>")).collect();
        assert_eq!(read(&html.concat()).scripts.len(), MAX_HASHES);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_to_its_end(html in "[<>/!='\"a-dA-D -]{0,80}|.{0,40}") {
            let _ = read(&html);
            let html = format!("<script>{html}</script><p style={html}><style a='{html}");
            let _ = read(&html);
        }
    }
}
