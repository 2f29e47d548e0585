//! Cuts raw HTML into tags, comments and text exactly as an HTML tokenizer does in its ordinary state.
//! Must not know what any tag means.

/// Attributes beyond this many are not kept, only counted far enough to be seen as too many.
pub(super) const MAX_ATTRIBUTES: usize = 100;

pub(super) enum Piece<'h> {
    Text(&'h str),
    Tag(Tag<'h>),
    /// A comment, declaration, processing instruction or CDATA section.
    Comment,
    /// A `<` that begins nothing that ends: it must not reach into what follows.
    Stray,
}

pub(super) struct Tag<'h> {
    /// In lower case.
    pub(super) name: String,
    pub(super) is_end: bool,
    pub(super) attributes: Vec<(&'h str, &'h str)>,
    /// From `<` to `>`.
    pub(super) text: &'h str,
}

impl<'h> Tag<'h> {
    pub(super) fn attribute(&self, name: &str) -> Option<&'h str> {
        let found = self
            .attributes
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| *value)
    }
}

/// Cuts HTML the way an HTML tokenizer does outside of scripts and the like. Because nothing that
/// switches the tokenizer's mode is let through, the two never disagree about where a tag ends.
pub(super) struct Pieces<'h> {
    html: &'h str,
    at: usize,
    /// No `</iframe>` follows any more.
    frames_end: bool,
    /// Where the last of each stands: what begins behind it never ends, and need not be searched for.
    last_bracket: usize,
    last_comment_end: usize,
    last_section_end: usize,
    /// Bytes looked at in vain for the end of a tag.
    wasted_bytes: usize,
}

/// Tags that never end are searched for as often as this times the text; after that a `<` is a `<`.
const MAX_WASTE: usize = 8;

impl<'h> Pieces<'h> {
    pub(super) fn of(html: &'h str) -> Self {
        Self {
            html,
            at: 0,
            frames_end: false,
            last_bracket: html.rfind('>').unwrap_or_default(),
            last_comment_end: html.rfind("-->").unwrap_or_default(),
            last_section_end: html.rfind("]]>").unwrap_or_default(),
            wasted_bytes: 0,
        }
    }

    /// Goes on after `</iframe>`, if there is one.
    pub(super) fn skip_past_frame(&mut self) -> bool {
        let from = self.at;
        if self.frames_end {
            return false;
        }
        for piece in self.by_ref() {
            if matches!(&piece, Piece::Tag(tag) if tag.is_end && tag.name == "iframe") {
                return true;
            }
        }
        self.at = from;
        // Remembered, so that a thousand open frames do not look a thousand times.
        self.frames_end = true;
        false
    }
}

impl Pieces<'_> {
    /// What begins here cannot end, as far as that is known without looking.
    fn never_ends(&self, rest: &str) -> bool {
        let last_end = if rest.starts_with("<!--") {
            self.last_comment_end
        } else if rest.starts_with("<![CDATA[") {
            self.last_section_end
        } else {
            self.last_bracket
        };
        last_end <= self.at || self.wasted_bytes > MAX_WASTE * self.html.len()
    }
}

impl<'h> Iterator for Pieces<'h> {
    type Item = Piece<'h>;

    fn next(&mut self) -> Option<Piece<'h>> {
        let rest = &self.html[self.at..];
        if rest.is_empty() {
            return None;
        }
        let start = rest.find('<').unwrap_or(rest.len());
        if start > 0 {
            self.at += start;
            return Some(Piece::Text(&rest[..start]));
        }
        let (piece, length) = match rest.as_bytes().get(1) {
            _ if self.never_ends(rest) => (Piece::Stray, 1),
            Some(b'!' | b'?') => match comment_length(rest) {
                Some(length) => (Piece::Comment, length),
                None => (Piece::Stray, 1),
            },
            Some(b'/') if !rest[2..].starts_with(|c: char| c.is_ascii_alphabetic()) => {
                (Piece::Stray, 1)
            }
            Some(byte) if byte.is_ascii_alphabetic() || *byte == b'/' => {
                if let Some(tag) = tag(rest) {
                    let length = tag.text.len();
                    (Piece::Tag(tag), length)
                } else {
                    self.wasted_bytes += rest.len();
                    (Piece::Stray, 1)
                }
            }
            _ => (Piece::Stray, 1),
        };
        self.at += length;
        Some(piece)
    }
}

fn comment_length(rest: &str) -> Option<usize> {
    if rest.starts_with("<!-->") {
        return Some(5);
    }
    if rest.starts_with("<!--->") {
        return Some(6);
    }
    let (from, end) = if rest.starts_with("<!--") {
        (4, "-->")
    } else if rest.starts_with("<![CDATA[") {
        (9, "]]>")
    } else {
        (2, ">")
    };
    rest[from..].find(end).map(|at| from + at + end.len())
}

/// A tag from its `<`, or nothing if it never ends.
fn tag(text: &str) -> Option<Tag<'_>> {
    let bytes = text.as_bytes();
    let is_end = bytes.get(1) == Some(&b'/');
    let name_start = 1 + usize::from(is_end);
    let ends_name = |byte: u8| byte.is_ascii_whitespace() || byte == b'/' || byte == b'>';
    let name_end = name_start + bytes[name_start..].iter().position(|b| ends_name(*b))?;
    let mut attributes = Vec::new();
    let mut at = name_end;
    loop {
        at += bytes[at..]
            .iter()
            .position(|b| !b.is_ascii_whitespace() && *b != b'/')?;
        if bytes[at] == b'>' {
            break;
        }
        // A name may begin with `=`, and may hold quotes.
        let name_start = at;
        let ends = |byte: u8| ends_name(byte) || byte == b'=';
        at += 1 + bytes[at + 1..].iter().position(|b| ends(*b))?;
        let name = text.get(name_start..at)?;
        let after = at + bytes[at..].iter().position(|b| !b.is_ascii_whitespace())?;
        let mut value = "";
        if bytes[after] == b'=' {
            let start = after
                + 1
                + bytes[after + 1..]
                    .iter()
                    .position(|b| !b.is_ascii_whitespace())?;
            let (from, to, next) = match bytes[start] {
                quote @ (b'"' | b'\'') => {
                    let end = start + 1 + bytes[start + 1..].iter().position(|b| *b == quote)?;
                    (start + 1, end, end + 1)
                }
                b'>' => (start, start, start),
                _ => {
                    let ends = |byte: u8| byte.is_ascii_whitespace() || byte == b'>';
                    let end = start + bytes[start..].iter().position(|b| ends(*b))?;
                    (start, end, end)
                }
            };
            value = text.get(from..to)?;
            at = next;
        } else {
            at = after;
        }
        if attributes.len() <= MAX_ATTRIBUTES {
            attributes.push((name, value));
        }
    }
    Some(Tag {
        name: text.get(name_start..name_end)?.to_ascii_lowercase(),
        is_end,
        attributes,
        text: text.get(..=at)?,
    })
}
