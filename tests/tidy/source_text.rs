//! Splits the text of a Rust file into code, and strings with their lines, so that a rule about
//! one is not fooled by the other. Knows quotes and comments, and no more of the language.

pub(crate) struct Parts {
    /// The text with comments and the insides of strings blanked; lines stay where they are.
    pub(crate) code: String,
    /// Each string with the line on which it begins, escapes as written.
    pub(crate) strings: Vec<(usize, String)>,
    /// The line of the `#[cfg(test)]` in front of the tests; beyond the end where there is none.
    pub(crate) tests_begin_at_line: usize,
}

pub(crate) fn split(text: &str) -> Parts {
    let mut code = String::with_capacity(text.len());
    let mut strings = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let previous = code.chars().next_back();
        let in_word = previous.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let (kept, taken) = if rest.starts_with("//") {
            (0, rest.find('\n').unwrap_or(rest.len()))
        } else if rest.starts_with("/*") {
            (0, block_comment_bytes(rest))
        } else if let Some((open, inside, close)) =
            string_bytes(rest).filter(|_| !in_word || first == '"')
        {
            let line = 1 + code.matches('\n').count();
            strings.push((line, rest[open..open + inside].to_owned()));
            (open, open + inside + close)
        } else if let Some(bytes) = character_bytes(rest) {
            (0, bytes)
        } else {
            (first.len_utf8(), first.len_utf8())
        };
        code.push_str(&rest[..kept]);
        code.extend(
            rest[kept..taken]
                .chars()
                .map(|c| if c == '\n' { c } else { ' ' }),
        );
        rest = &rest[taken..];
    }
    let is_test_mark = |line: &str| line.starts_with("#[cfg(test)]");
    let tests_begin_at_line = code
        .lines()
        .position(is_test_mark)
        .map_or(usize::MAX, |index| index + 1);
    Parts {
        code,
        strings,
        tests_begin_at_line,
    }
}

/// Block comments nest.
fn block_comment_bytes(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// Of `"…"`, `b"…"`, `r#"…"#` and their like: the bytes of the opening, the inside, the closing.
fn string_bytes(text: &str) -> Option<(usize, usize, usize)> {
    let bare = text.trim_start_matches(['b', 'c']);
    let prefix_bytes = text.len() - bare.len();
    if prefix_bytes > 1 {
        return None;
    }
    if let Some(raw) = bare.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let inside = raw[hashes..].strip_prefix('"')?;
        let closing = format!("\"{}", "#".repeat(hashes));
        let inside_bytes = inside.find(&closing).unwrap_or(inside.len());
        let closing_bytes = closing.len().min(inside.len() - inside_bytes);
        return Some((prefix_bytes + 2 + hashes, inside_bytes, closing_bytes));
    }
    let inside = bare.strip_prefix('"')?;
    let mut escaped = false;
    for (at, character) in inside.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some((prefix_bytes + 1, at, 1)),
            _ => {}
        }
    }
    Some((prefix_bytes + 1, inside.len(), 0))
}

/// `'x'` and `'\n'`, but not the lifetime `'x`.
fn character_bytes(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('\'')?;
    if let Some(escape) = inside.strip_prefix('\\') {
        let escaped_bytes = escape.chars().next()?.len_utf8();
        return Some(2 + escaped_bytes + escape[escaped_bytes..].find('\'')? + 1);
    }
    let bytes = inside.chars().next()?.len_utf8();
    inside[bytes..].starts_with('\'').then_some(2 + bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_are_set_apart() {
        let parts = split(
            "let a = \"x // y\\\" z\"; // \"no\n/* a /* b */ c */ let r = r#\"q\"r\"#; 'l: b\"b\"; '\"'; '\\'';",
        );
        let strings: Vec<&str> = parts.strings.iter().map(|(_, s)| s.as_str()).collect();
        assert_eq!(strings, ["x // y\\\" z", "q\"r", "b"]);
        assert_eq!(parts.strings[1].0, 2);
        assert!(!parts.code.contains('y') && !parts.code.contains("no"));
        assert!(parts.code.contains("let r") && parts.code.contains("'l: b"));
        assert_eq!(parts.code.lines().count(), 2);
    }

    #[test]
    fn what_never_closes_ends_with_the_text() {
        for text in ["\"abc", "r#\"abc\"", "/* abc", "'", "'\\", "b\"\\"] {
            let _ = split(text);
        }
    }
}
