//! LaTeX formulas to `MathML`, which browsers show by themselves. A formula with a mistake shows its
//! source. Must never panic, whatever the parser underneath does with what it is given.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::{Event, Parser, Storage, push_mathml};

use super::escaped;

const MAX_SOURCE_BYTES: usize = 4_000;
/// Groups and environments open at once. The parser recurses into them.
const MAX_NESTING: usize = 40;
const MAX_EVENTS: usize = 20_000;
const MAX_OUTPUT_BYTES: usize = 512 * 1024;

pub(super) fn to_mathml(source: &str, display: bool) -> String {
    // The parser holds nothing that outlives this call, so an unwound one leaves nothing broken.
    let made = catch_unwind(AssertUnwindSafe(|| convert(source.trim(), display)));
    made.ok()
        .flatten()
        .unwrap_or_else(|| as_source(source, display))
}

fn as_source(source: &str, display: bool) -> String {
    let sign = if display { "$$" } else { "$" };
    format!(
        "<code class=\"math-error\">{sign}{}{sign}</code>",
        escaped(source)
    )
}

fn convert(source: &str, display: bool) -> Option<String> {
    if source.is_empty() || source.len() > MAX_SOURCE_BYTES || is_too_deep(source) {
        return None;
    }
    let storage = Storage::new();
    let parser = Parser::new(source, &storage);
    let events: Vec<Event<'_>> = parser.take(MAX_EVENTS + 1).collect::<Result<_, _>>().ok()?;
    if events.len() > MAX_EVENTS {
        return None;
    }
    let config = RenderConfig {
        display_mode: if display {
            DisplayMode::Block
        } else {
            DisplayMode::Inline
        },
        ..RenderConfig::default()
    };
    let mut html = String::new();
    let events = events.into_iter().map(Ok::<_, std::convert::Infallible>);
    push_mathml(&mut html, events, config).ok()?;
    let sound = html.len() <= MAX_OUTPUT_BYTES && !html.contains("<merror");
    sound.then(|| without_styles(&html))
}

/// Colours become attributes and other styles go: a strict content security policy refuses `style`.
fn without_styles(html: &str) -> String {
    const STYLE: &str = " style=\"";
    let mut out = String::with_capacity(html.len());
    // Letters `<` and `>` of the formula are escaped, so every part but the first begins with a tag.
    for (index, part) in html.split('<').enumerate() {
        if index > 0 {
            out.push('<');
        }
        let tag_end = part.find('>').unwrap_or(0);
        let style = part[..tag_end].find(STYLE).and_then(|start| {
            let value_start = start + STYLE.len();
            let value_end = value_start + part[value_start..tag_end].find('"')?;
            Some((start, value_start, value_end))
        });
        let Some((start, value_start, value_end)) = style else {
            out.push_str(part);
            continue;
        };
        out.push_str(&part[..start]);
        if let Some(colour) = hex_colour(&part[value_start..value_end]) {
            out.push_str(" mathcolor=\"");
            out.push_str(&colour);
            out.push('"');
        }
        out.push_str(&part[value_end + 1..]);
    }
    out
}

/// `#ff0000` for a style that holds `color: rgb(255 0 0)`.
fn hex_colour(style: &str) -> Option<String> {
    let declarations = style.split(';').map(str::trim);
    let mut colours = declarations.filter_map(|one| one.strip_prefix("color: rgb("));
    let numbers = colours.next()?.strip_suffix(')')?;
    let parts: Vec<u8> = numbers
        .split(' ')
        .map_while(|number| number.parse().ok())
        .collect();
    match parts[..] {
        [red, green, blue] => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
        _ => None,
    }
}

/// Counts what opens a group, braces and `\left` and `\begin`, without minding what closes what.
fn is_too_deep(source: &str) -> bool {
    let mut depth = 0_usize;
    let mut rest = source;
    while let Some(at) = rest.find(['{', '}', '\\']) {
        rest = &rest[at..];
        let opens = rest.starts_with('{') || starts(rest, "\\left") || starts(rest, "\\begin");
        let closes = rest.starts_with('}') || starts(rest, "\\right") || starts(rest, "\\end");
        depth = (depth + usize::from(opens)).saturating_sub(usize::from(closes));
        if depth > MAX_NESTING {
            return true;
        }
        // An escaped brace is a letter.
        let escape = rest.starts_with("\\{") || rest.starts_with("\\}") || rest.starts_with("\\\\");
        rest = &rest[if escape { 2 } else { 1 }..];
    }
    // Scripts on scripts nest without braces.
    source.matches(['^', '_']).count() > 500
}

/// `\left` but not `\leftarrow`.
fn starts(text: &str, command: &str) -> bool {
    text.strip_prefix(command)
        .is_some_and(|rest| !rest.starts_with(|letter: char| letter.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_mathml() {
        insta::assert_snapshot!(to_mathml(r"e^{i\pi} + 1 = 0", false));
        insta::assert_snapshot!(to_mathml(
            r"\begin{pmatrix} a & b \\ c & d \end{pmatrix} \color{red} \frac{1}{\sqrt{2}}",
            true
        ));
    }

    #[test]
    fn mistakes_show_the_source() {
        for source in [r"\frac{1}", r"\nosuch", "{", "<b>", r"\left( x"] {
            let html = to_mathml(source, true);
            let source_shown = html.starts_with("<code class=\"math-error\">$$");
            assert!(source_shown || source == "<b>", "{source}: {html}");
            assert!(!html.contains("<b>"), "{html}");
        }
    }

    #[test]
    fn bombs_do_not_go_off() {
        let doubling = r"\def\a{xxxxxxxxxx}\def\b{\a\a\a\a\a\a\a\a\a\a}\def\c{\b\b\b\b\b\b\b\b\b\b}\def\d{\c\c\c\c\c\c\c\c\c\c}\def\e{\d\d\d\d\d\d\d\d\d\d}\e\e\e\e\e\e\e";
        let endless = r"\def\a{\a\a}\a";
        for source in [
            doubling.to_owned(),
            endless.to_owned(),
            "{".repeat(100_000),
            "{".repeat(1_900) + &"}".repeat(1_900),
            "x^".repeat(1_999),
            r"\left(".repeat(600),
            r"\begin{matrix}".repeat(200),
            r"\sqrt".repeat(700),
            r"\frac".repeat(700),
            "'".repeat(3_999),
        ] {
            assert!(to_mathml(&source, false).len() < 2 * MAX_OUTPUT_BYTES);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_formula_panics(source in r"([a-z0-9 {}^_&\\\\]|\\\\(frac|left|right|begin|end|sqrt|text|color|over|hline|def|let|limits|not|operatorname|big|middle|left\(|begin\{array\}\{c\|c\})){0,60}") {
            let storage = Storage::new();
            if !is_too_deep(&source) {
                let _ = Parser::new(&source, &storage).take(MAX_EVENTS).collect::<Vec<_>>();
            }
            let _ = to_mathml(&source, true);
        }
    }
}
