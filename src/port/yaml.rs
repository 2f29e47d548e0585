//! Writing front matter: every value on one line, in the part of YAML that every reader of it reads alike.
//! Must not know what the fields mean.

use std::fmt::Write as _;

/// A head that grows field by field.
#[derive(Debug)]
pub(super) struct Head(String);

impl Head {
    pub(super) fn new() -> Self {
        Self("---\n".to_owned())
    }

    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.plain(name, &quoted(text));
    }

    pub(super) fn text_if(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// What needs no quotation marks: words of ours, moments, truth values.
    pub(super) fn plain(&mut self, name: &str, word: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{name}: {word}");
    }

    pub(super) fn list<'a>(&mut self, name: &str, texts: impl IntoIterator<Item = &'a str>) {
        let texts: Vec<String> = texts.into_iter().map(quoted).collect();
        if !texts.is_empty() {
            self.plain(name, &format!("[{}]", texts.join(", ")));
        }
    }

    /// The whole file.
    pub(super) fn with_body(mut self, body: &str) -> String {
        self.0.push_str("---\n\n");
        self.0.push_str(body);
        self.0
    }
}

/// A text between double quotation marks; what cannot be seen is written out.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if is_hidden(letter) => {
                let number = u32::from(letter);
                let _ = if number > 0xFFFF {
                    write!(out, "\\U{number:08X}")
                } else {
                    write!(out, "\\u{number:04X}")
                };
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

/// Letters that readers of YAML refuse, fold away, or take for the end of a line.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{A0}' | '\u{FFFE}' | '\u{FFFF}'
        )
        || u32::from(letter) & 0xFFFE == 0xFFFE
}

#[cfg(test)]
mod tests {
    use super::super::front_matter;
    use super::*;

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read(text in "\\PC{0,30}|[\u{0}-\u{FF}\u{2028}\u{FEFF}\u{1FFFF}\"\\\\:#'-]{0,30}", body in ".{0,20}") {
            let mut head = Head::new();
            head.text("title", &text);
            head.list("tags", [text.as_str(), "x"]);
            let file = head.with_body(&body);
            let page = front_matter::split(&file).unwrap();
            assert_eq!(page.fields["title"].as_str(), Some(text.as_str()));
            assert_eq!(page.fields["tags"][0].as_str(), Some(text.as_str()));
            assert_eq!(&file[page.body_at..], format!("\n{body}"));
        }
    }
}
