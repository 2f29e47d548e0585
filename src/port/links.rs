//! Where the links of a markdown text lead. Finds destinations in links, pictures, reference definitions
//! and HTML attributes, outside of code, and lets somebody write others in their place. Must not know
//! what an address means.

use super::marks::Marks;

/// Longer ones are no addresses, like pictures written out in their address.
const MAX_ADDRESS_BYTES: usize = 4_096;
/// A longer tag is none.
const MAX_TAG_BYTES: usize = 4 * 1024;
/// Attributes that hold an address.
const ATTRIBUTES: &[&str] = &["src", "href", "poster", "data-src"];

/// The text with the destinations that `change` gives another for.
pub(super) fn rewrite(text: &str, mut change: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut fence: Option<(u8, usize)> = None;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start_matches([' ', '\t', '>']);
        if let Some((mark, length)) = fence {
            out.push_str(line);
            let run = run_of(trimmed, mark);
            if run >= length
                && trimmed
                    .get(run..)
                    .is_some_and(|rest| rest.trim().is_empty())
            {
                fence = None;
            }
            continue;
        }
        let opening = [b'`', b'~'].into_iter().find_map(|mark| {
            let run = run_of(trimmed, mark);
            let rest = trimmed.get(run..).unwrap_or_default();
            (run >= 3 && !(mark == b'`' && rest.contains('`'))).then_some((mark, run))
        });
        if opening.is_some() {
            fence = opening;
            out.push_str(line);
            continue;
        }
        rewrite_line(line, &mut out, &mut change);
    }
    out
}

fn run_of(text: &str, mark: u8) -> usize {
    text.bytes().take_while(|byte| *byte == mark).count()
}

fn rewrite_line(line: &str, out: &mut String, change: &mut impl FnMut(&str) -> Option<String>) {
    let mut at = 0;
    if let Some((before, after)) = definition(line) {
        out.push_str(&line[..before]);
        at = destination(line, before, after, out, change);
    }
    while let Some(rest) = line.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(next) = rest.find(['`', '\\', ']', '<']) else {
            out.push_str(rest);
            return;
        };
        out.push_str(&rest[..next]);
        at += next;
        let rest = &line[at..];
        match rest.as_bytes().first() {
            Some(b'`') => {
                let run = run_of(rest, b'`');
                let end = code_end(rest, run);
                out.push_str(&rest[..end]);
                at += end;
            }
            Some(b'\\') => {
                let end = rest
                    .char_indices()
                    .nth(2)
                    .map_or(rest.len(), |(end, _)| end);
                out.push_str(&rest[..end]);
                at += end;
            }
            Some(b']') if rest.starts_with("](") => {
                out.push_str("](");
                at = destination(line, at + 2, at + 2, out, change);
            }
            Some(b'<') => at = angle(line, at, out, change),
            _ => {
                let end = rest
                    .char_indices()
                    .nth(1)
                    .map_or(rest.len(), |(end, _)| end);
                out.push_str(&rest[..end]);
                at += end;
            }
        }
    }
}

/// Where a run of backticks that long closes on this line; the run itself where it does not.
fn code_end(rest: &str, run: usize) -> usize {
    let mut at = run;
    while let Some(next) = rest.get(at..).and_then(|rest| rest.find('`')) {
        let closing = run_of(&rest[at + next..], b'`');
        at += next + closing;
        if closing == run {
            return at;
        }
    }
    run
}

/// `[label]: address`: where the address begins, given as often as it is wanted.
fn definition(line: &str) -> Option<(usize, usize)> {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let rest = line.get(indent..)?.strip_prefix('[')?;
    if indent > 3 || rest.starts_with('^') {
        return None;
    }
    let close = rest.find("]:")?;
    if rest.get(..close)?.contains(['[', ']']) {
        return None;
    }
    let after = indent + 1 + close + 2;
    let gap = line.get(after..)?;
    let at = after + (gap.len() - gap.trim_start_matches([' ', '\t']).len());
    Some((at, at))
}

/// Writes the destination that begins at `at`, or another in its place; says where to go on.
fn destination(
    line: &str,
    begin: usize,
    at: usize,
    out: &mut String,
    change: &mut impl FnMut(&str) -> Option<String>,
) -> usize {
    let rest = &line[at..];
    let space = rest.len() - rest.trim_start_matches(' ').len();
    let start = at + space;
    let body = &line[start..];
    out.push_str(&line[begin.max(at)..start]);
    let (address, end) = if let Some(inner) = body.strip_prefix('<') {
        match inner.find(['>', '<', '\n']) {
            Some(close) if inner[close..].starts_with('>') => (&inner[..close], start + close + 2),
            _ => return start,
        }
    } else {
        let end = bare_end(body);
        (&body[..end], start + end)
    };
    match changed(address, change) {
        Some(new) => out.push_str(&new),
        None => out.push_str(&line[start..end]),
    }
    end
}

/// The end of an address that is not in angle brackets: brackets in it are balanced.
fn bare_end(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut is_escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '(' => depth += 1,
            ')' if depth == 0 => return at,
            ')' => depth -= 1,
            letter if letter.is_whitespace() => return at,
            _ => {}
        }
    }
    text.len()
}

fn changed(address: &str, change: &mut impl FnMut(&str) -> Option<String>) -> Option<String> {
    let is_one =
        !address.is_empty() && address.len() <= MAX_ADDRESS_BYTES && !Marks::is_mark(address);
    is_one.then(|| change(address)).flatten()
}

/// A tag's attributes, or an address between angle brackets.
fn angle(
    line: &str,
    at: usize,
    out: &mut String,
    change: &mut impl FnMut(&str) -> Option<String>,
) -> usize {
    let rest = &line[at..];
    let Some(close) = tag_end(rest) else {
        out.push('<');
        return at + 1;
    };
    let inside = &rest[1..close];
    let end = at + close + 1;
    if inside.starts_with("http://") || inside.starts_with("https://") {
        match changed(inside, change) {
            // Between angle brackets only whole addresses are links.
            Some(new) => out.extend(["[", inside, "](", &new, ")"]),
            None => out.push_str(&line[at..end]),
        }
        return end;
    }
    let mut copied = 0;
    for (name_end, open, quote) in quoted_attributes(inside) {
        let name = inside[..name_end]
            .rsplit(|c: char| c.is_whitespace())
            .next()
            .unwrap_or_default();
        let Some(length) = inside[open..].find(quote) else {
            break;
        };
        let is_address = ATTRIBUTES
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known));
        if let Some(new) = is_address
            .then(|| changed(&inside[open..open + length], change))
            .flatten()
        {
            if copied == 0 {
                out.push('<');
            }
            out.push_str(&inside[copied..open]);
            out.push_str(&new);
            copied = open + length;
        }
    }
    if copied == 0 {
        out.push_str(&line[at..end]);
    } else {
        out.push_str(&inside[copied..]);
        out.push('>');
    }
    end
}

/// Where a tag closes on this line, quotation marks heeded.
fn tag_end(text: &str) -> Option<usize> {
    let next = text.as_bytes().get(1)?;
    if !next.is_ascii_alphabetic() {
        return None;
    }
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate().take(MAX_TAG_BYTES) {
        match (quote, byte) {
            (Some(open), byte) if byte == open => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => return Some(at),
            _ => {}
        }
    }
    None
}

/// Where each `name=` ends and its quoted value begins, and with which mark.
fn quoted_attributes(inside: &str) -> Vec<(usize, usize, char)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = inside.get(at..).and_then(|rest| rest.find('=')) {
        let equals = at + next;
        let rest = &inside[equals + 1..];
        let quote = rest
            .chars()
            .next()
            .filter(|mark| matches!(mark, '"' | '\''));
        let Some(quote) = quote else {
            at = equals + 1;
            continue;
        };
        let open = equals + 2;
        found.push((equals, open, quote));
        let length = inside[open..].find(quote).unwrap_or(inside.len() - open);
        at = open + length;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shout(text: &str) -> String {
        rewrite(text, |address| {
            address
                .strip_suffix(".x")
                .is_some()
                .then(|| address.to_uppercase())
        })
    }

    #[test]
    fn destinations_are_found() {
        for (text, expected) in [
            ("![a](b.x)", "![a](B.X)"),
            ("[a](b.x \"t\") [c]( d.x )", "[a](B.X \"t\") [c]( D.X )"),
            ("[a](<b c.x>)", "[a](B C.X)"),
            ("[![a](b.x)](c.x)", "[![a](B.X)](C.X)"),
            ("[a](b(1).x)", "[a](B(1).X)"),
            ("[a]: b.x 'title'\n", "[a]: B.X 'title'\n"),
            ("  [a]:   b.x", "  [a]:   B.X"),
            (
                "<img alt=\"q\" src=\"b.x\" width=3>",
                "<img alt=\"q\" src=\"B.X\" width=3>",
            ),
            (
                "<a HREF='b.x'>y</a> [c](d.x)",
                "<a HREF='B.X'>y</a> [c](D.X)",
            ),
            ("<https://h/b.x>", "[https://h/b.x](HTTPS://H/B.X)"),
            ("> ![a](b.x)", "> ![a](B.X)"),
            ("a]\\(b.x)", "a]\\(b.x)"),
        ] {
            assert_eq!(shout(text), expected, "{text}");
        }
    }

    #[test]
    fn code_and_other_things_stay() {
        for text in [
            "`![a](b.x)`",
            "``` \n[a](b.x)\n```\n",
            "~~~~\n[a](b.x)\n~~~\n[c](d.x)\n~~~~\n",
            "``a ` [b](c.x)``",
            "\\[a](b.y) [a][b] [^1]: b.x",
            "<b.x> 1 < 2 ](",
            "[a](b.y) <img src=b.x>",
            "]( \n](<b.x\n",
        ] {
            assert_eq!(shout(text), text, "{text}");
        }
        assert_eq!(
            shout("```\n[a](b.x)\n```\n[c](d.x)\n"),
            "```\n[a](b.x)\n```\n[c](D.X)\n"
        );
    }

    proptest::proptest! {
        #[test]
        fn without_a_change_nothing_changes(text in "[\\[\\]()<>`~\\\\a =\"'\n:!äh/.x^-]{0,60}") {
            assert_eq!(rewrite(&text, |_| None), text);
            let _ = rewrite(&text, |_| Some("y".to_owned()));
        }
    }
}
