//! What rewriting a text needs: where names lead, the marks of open places, and what is to be told. Must
//! not know any syntax.

use super::item::Piece;
use super::marks::Marks;
use super::notes::Note;

/// What is told of one text; more of the same says nothing new.
const MAX_NOTES: usize = 20;
/// Of a foreign piece that is quoted in a note.
const MAX_QUOTE_CHARS: usize = 60;

pub(super) struct Rewriting<'a> {
    /// Where a name or address in this text leads.
    pub(super) resolve: &'a dyn Fn(&str) -> Option<Piece>,
    pub(super) marks: Marks,
    pub(super) notes: Vec<Note>,
    pub(super) file: &'a str,
    /// The line of the file that the text begins on.
    pub(super) first_line: usize,
}

impl Rewriting<'_> {
    /// The mark for where a name leads.
    pub(super) fn place(&mut self, name: &str) -> Option<String> {
        let piece = (self.resolve)(name)?;
        Some(self.marks.mark(piece))
    }

    /// The mark for an address, or the address itself where it leads to nothing of this site.
    pub(super) fn address(&mut self, name: &str) -> String {
        self.place(name).unwrap_or_else(|| name.to_owned())
    }

    /// Tells of a piece at `at` that stays as it is.
    pub(super) fn left(&mut self, text: &str, at: usize, piece: &str, advice: &str) {
        if self.notes.len() >= MAX_NOTES {
            return;
        }
        let line = self.first_line + text.get(..at).unwrap_or_default().matches('\n').count();
        let piece = piece.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut quote: String = piece.chars().take(MAX_QUOTE_CHARS).collect();
        if quote.len() < piece.len() {
            quote.push('…');
        }
        let note = Note::new(self.file, format!("left as it is: {quote}"), advice);
        self.notes.push(note.about("text").at_line(Some(line)));
    }
}

/// Whether a piece stands on a line alone: what is there becomes a block of its own.
pub(super) fn is_alone(text: &str, begin: usize, end: usize) -> bool {
    let before = text.get(..begin).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default();
    // Only as far as the next letter: lines may be long.
    let counts = |letter: &char| *letter == '\n' || !letter.is_whitespace();
    let before = before.chars().rev().find(counts);
    let after = after.chars().find(counts);
    [before, after]
        .iter()
        .all(|letter| matches!(letter, None | Some('\n')))
}

/// A link to something that is shown in the page where it stands alone.
pub(super) fn embed(url: &str, label: &str, alone: bool) -> String {
    if alone {
        format!("\n{url}\n")
    } else {
        format!("[{label}]({url})")
    }
}

/// A block of code that no line in it can end.
pub(super) fn fenced(language: &str, code: &str) -> String {
    let longest = code.lines().map(|line| {
        let line = line.trim_start();
        line.len() - line.trim_start_matches('`').len()
    });
    let fence = "`".repeat(longest.max().unwrap_or_default().max(2) + 1);
    let language: String = language
        .chars()
        .filter(|letter| {
            letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '+' | '#' | '.')
        })
        .collect();
    let code = code.trim_start_matches(['\r', '\n']).trim_end();
    format!("\n{fence}{language}\n{code}\n{fence}\n")
}

/// The words of an image or link, so that no bracket in them ends it.
pub(super) fn escaped(words: &str) -> String {
    let words = words
        .replace('\\', "\\\\")
        .replace('[', "\\[")
        .replace(']', "\\]");
    words.replace(['\n', '\r'], " ")
}

/// A picture as markdown; `target` may be a mark.
pub(super) fn picture(target: &str, alt: &str, title: &str) -> String {
    let target = if target.contains([' ', '(', ')']) && !Marks::is_mark(target) {
        format!("<{target}>")
    } else {
        target.to_owned()
    };
    let title = title
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace(['\n', '\r'], " ");
    let title = match title.trim() {
        "" => String::new(),
        title => format!(" \"{title}\""),
    };
    format!("![{}]({target}{title})", escaped(alt))
}

/// Words given to a shortcode: `name="value"`, `name=value` or values alone.
pub(super) fn arguments(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text.trim_start_matches([' ', '\t', '\n', '\r', ',']);
    while !rest.is_empty() {
        let name_end = rest
            .find(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.')))
            .unwrap_or(rest.len());
        let after = rest.get(name_end..).unwrap_or_default().trim_start();
        let (name, value) = match after.strip_prefix('=') {
            Some(value) if name_end > 0 => {
                (rest.get(..name_end).unwrap_or_default(), value.trim_start())
            }
            _ => ("", rest),
        };
        let (value, left) = one_value(value);
        found.push((name.to_owned(), value));
        if left.len() >= rest.len() {
            break;
        }
        rest = left.trim_start_matches([' ', '\t', '\n', '\r', ',']);
    }
    found
}

fn one_value(text: &str) -> (String, &str) {
    let quote = text
        .chars()
        .next()
        .filter(|mark| matches!(mark, '"' | '\'' | '`' | '“'));
    if let Some(quote) = quote {
        let close = if quote == '“' { '”' } else { quote };
        let inner = text.get(quote.len_utf8()..).unwrap_or_default();
        let mut value = String::new();
        let mut letters = inner.char_indices();
        while let Some((at, letter)) = letters.next() {
            if letter == '\\' && quote == '"' {
                value.extend(letters.next().map(|(_, letter)| letter));
            } else if letter == close {
                return (
                    value,
                    inner.get(at + close.len_utf8()..).unwrap_or_default(),
                );
            } else {
                value.push(letter);
            }
        }
        return (value, "");
    }
    let end = text
        .find(|letter: char| letter.is_whitespace() || letter == ',')
        .unwrap_or(text.len());
    (
        text.get(..end).unwrap_or_default().to_owned(),
        text.get(end..).unwrap_or_default(),
    )
}

/// The value of a name, or of a place where values stand alone.
pub(super) fn value<'a>(
    arguments: &'a [(String, String)],
    names: &[&str],
    place: usize,
) -> Option<&'a str> {
    let by_name = names.iter().find_map(|name| {
        arguments
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
    });
    let alone = arguments
        .iter()
        .filter(|(name, _)| name.is_empty())
        .nth(place);
    let found = by_name.or(alone).map(|(_, value)| value.as_str());
    found.filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_come_in_shapes() {
        let pairs = |text: &str| -> Vec<String> {
            let all = arguments(text).into_iter();
            all.map(|(name, value)| format!("{name}:{value}")).collect()
        };
        assert_eq!(
            pairs("src=\"a b\" alt='c' width=3"),
            ["src:a b", "alt:c", "width:3"]
        );
        assert_eq!(pairs("go \"x \\\" y\""), [":go", ":x \" y"]);
        assert_eq!(pairs("id=\"x\", class=\"y\""), ["id:x", "class:y"]);
        assert_eq!(pairs("= = \"\" ,"), [":=", ":=", ":"]);
        assert_eq!(pairs(""), [""; 0]);
    }

    #[test]
    fn code_keeps_its_fences() {
        assert_eq!(fenced("go", "\n```\nx\n"), "\n````go\n```\nx\n````\n");
        assert_eq!(fenced("a`b\n", "x"), "\n```ab\nx\n```\n");
    }

    proptest::proptest! {
        #[test]
        fn arguments_end(text in "[a-z=\"'`“” \n,\\\\ä-]{0,40}") {
            let _ = arguments(&text);
        }
    }
}
