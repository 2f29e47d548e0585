//! What a reader typed, taken apart: words, "phrases", -exclusions, `tag:` `author:` `before:` `after:`.
//! Nothing is an error: what is not understood is a word.
//!
//! Must not know the index, languages or scoring.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::tokens::{Token, tokenize};
use super::writer::{label, up_to};
use crate::domain::time::Timestamp;

/// A longer query is cut; the longest sensible one is a pasted paragraph.
pub(super) const MAX_QUERY_BYTES: usize = 2_000;
/// Phrases, exclusions and filters, each.
const MAX_CLAUSES: usize = 16;
/// Tokens of one phrase.
const MAX_PHRASE_TOKENS: usize = 32;
const SECONDS_PER_DAY: i64 = 86_400;

#[derive(Debug, Default)]
pub(super) struct Query {
    /// Everything to rank by, in the order typed, offsets into the query; phrases included.
    pub words: Vec<Token>,
    /// Indices into `words` that end in `*`, or were still being typed.
    pub prefixes: Vec<usize>,
    /// Runs of `words` that must stand together.
    pub phrases: Vec<Vec<Token>>,
    pub excluded: Vec<Vec<Token>>,
    pub tags: Vec<String>,
    pub authors: Vec<String>,
    pub excluded_tags: Vec<String>,
    pub excluded_authors: Vec<String>,
    /// Published at or after this moment.
    pub after: Option<Timestamp>,
    /// Published before this moment.
    pub before: Option<Timestamp>,
}

impl Query {
    pub(super) fn parse(text: &str, typing: bool, now: Timestamp) -> Self {
        let text = up_to(text, MAX_QUERY_BYTES);
        let mut query = Self::default();
        let mut reader = Reader { text, at: 0 };
        while let Some(piece) = reader.next_piece() {
            query.take(&piece, typing && reader.rest().is_empty(), now);
        }
        query
    }

    /// Whether anything but words is asked for.
    pub(super) fn has_filters(&self) -> bool {
        !(self.tags.is_empty()
            && self.authors.is_empty()
            && self.excluded.is_empty()
            && self.excluded_tags.is_empty()
            && self.excluded_authors.is_empty())
            || self.after.is_some()
            || self.before.is_some()
    }

    fn take(&mut self, piece: &Piece<'_>, last: bool, now: Timestamp) {
        if self.take_filter(piece, now) {
            return;
        }
        let mut tokens = tokenize(piece.whole);
        for token in &mut tokens {
            token.start += piece.start;
            token.end += piece.start;
        }
        if piece.excluded {
            push_tokens(&mut self.excluded, tokens);
            return;
        }
        let base = self.words.last().map_or(0, |token| token.position + 1);
        let first = self.words.len();
        for token in &tokens {
            let mut word = token.clone();
            word.position += base;
            self.words.push(word);
        }
        if piece.quoted {
            push_tokens(&mut self.phrases, tokens);
        } else if self.words.len() > first && (piece.whole.ends_with('*') || (last && piece.at_end))
        {
            self.prefixes.push(self.words.len() - 1);
        }
    }

    /// Whether the piece was a filter. A filter with a value that makes no sense is taken as words.
    fn take_filter(&mut self, piece: &Piece<'_>, now: Timestamp) -> bool {
        let Some((key, value)) = piece.key_value else {
            return false;
        };
        let labels = match (key, piece.excluded) {
            ("tag", false) => &mut self.tags,
            ("author", false) => &mut self.authors,
            ("tag", true) => &mut self.excluded_tags,
            ("author", true) => &mut self.excluded_authors,
            _ => return self.take_date(key, value, piece.excluded, now),
        };
        let value = label(value.trim_start_matches('#'));
        if value.is_empty() {
            return true;
        }
        push(labels, value);
        true
    }

    fn take_date(&mut self, key: &str, value: &str, excluded: bool, now: Timestamp) -> bool {
        let Some(moment) = date(value, now) else {
            return false;
        };
        if (key == "after") == excluded {
            self.before = Some(self.before.map_or(moment, |known| known.min(moment)));
        } else {
            self.after = Some(self.after.map_or(moment, |known| known.max(moment)));
        }
        true
    }
}

fn push_tokens(list: &mut Vec<Vec<Token>>, tokens: Vec<Token>) {
    if !tokens.is_empty() {
        push(list, tokens.into_iter().take(MAX_PHRASE_TOKENS).collect());
    }
}

fn push<T>(list: &mut Vec<T>, item: T) {
    if list.len() < MAX_CLAUSES {
        list.push(item);
    }
}

/// The start of a year, a month or a day (UTC); `today`, `yesterday`, or `7d` ago.
fn date(text: &str, now: Timestamp) -> Option<Timestamp> {
    let days_ago = |days: i64| {
        let day = now
            .as_seconds()
            .div_euclid(SECONDS_PER_DAY)
            .saturating_sub(days);
        Timestamp::from_micros(0).plus_seconds(day.saturating_mul(SECONDS_PER_DAY))
    };
    match text {
        "today" => return Some(days_ago(0)),
        "yesterday" => return Some(days_ago(1)),
        _ => {}
    }
    if let Some(days) = text.strip_suffix('d') {
        return days
            .parse::<u32>()
            .ok()
            .map(|days| days_ago(i64::from(days)));
    }
    let mut parts = text.splitn(3, ['-', '/', '.']);
    let year: i16 = parts.next()?.parse().ok()?;
    let mut part = || parts.next().map_or(Ok(1), str::parse::<i8>);
    let (month, day) = (part().ok()?, part().ok()?);
    let start = Date::new(year, month, day)
        .ok()?
        .to_zoned(TimeZone::UTC)
        .ok()?;
    Some(Timestamp::from_micros(start.timestamp().as_microsecond()))
}

/// One thing between spaces, or between quotes.
#[derive(Debug)]
struct Piece<'a> {
    /// The text without sign and quotes; with its key, should that turn out not to be one.
    whole: &'a str,
    start: usize,
    excluded: bool,
    quoted: bool,
    key_value: Option<(&'static str, &'a str)>,
    /// Nothing, not even a space, was typed after it.
    at_end: bool,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn next_piece(&mut self) -> Option<Piece<'a>> {
        let spaces = self.rest().len() - self.rest().trim_start().len();
        self.at += spaces;
        if self.rest().is_empty() {
            return None;
        }
        let excluded = self.rest().strip_prefix(['-', '−']).is_some_and(|after| {
            after
                .chars()
                .next()
                .is_some_and(|c| !c.is_whitespace() && c != '-')
        });
        if excluded {
            self.at += self.rest().chars().next().map_or(0, char::len_utf8);
        }
        let start = self.at;
        let key = key_at(self.rest());
        if let Some((_, length)) = key {
            self.at += length;
        }
        let quoted = self.rest().starts_with(is_quote);
        let (value_start, value) = if quoted {
            self.quoted()
        } else {
            (self.at, self.bare())
        };
        let value_end = value_start + value.len();
        let (start, whole) = match key {
            Some(_) => (start, &self.text[start..value_end]),
            None => (value_start, value),
        };
        Some(Piece {
            whole,
            start,
            excluded,
            quoted: quoted && key.is_none(),
            key_value: key.map(|(key, _)| (key, value.trim())),
            at_end: self.at == self.text.len(),
        })
    }

    /// Up to the closing quote, or to the end where it is missing. Returns where the inside starts, and it.
    fn quoted(&mut self) -> (usize, &'a str) {
        self.at += self.rest().chars().next().map_or(0, char::len_utf8);
        let start = self.at;
        let rest = self.rest();
        let inside = rest.find(is_quote).map_or(rest, |end| &rest[..end]);
        self.at += inside.len();
        self.at += self.rest().chars().next().map_or(0, char::len_utf8);
        (start, inside)
    }

    fn bare(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest
            .find(|c: char| c.is_whitespace() || is_quote(c))
            .unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }
}

const fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '‟' | '＂' | '«' | '»')
}

/// A known key with its colon (also the wide one of Chinese and Japanese keyboards), and its bytes.
fn key_at(text: &str) -> Option<(&'static str, usize)> {
    ["tag", "author", "before", "after"]
        .into_iter()
        .find_map(|key| {
            let head = text.get(..key.len())?;
            let colon = text[key.len()..]
                .chars()
                .next()
                .filter(|c| matches!(c, ':' | '：'))?;
            head.eq_ignore_ascii_case(key)
                .then_some((key, key.len() + colon.len_utf8()))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_763_700_000_000_000); // 2025-11-21 04:40 UTC

    fn shown(text: &str) -> String {
        let query = Query::parse(text, true, NOW);
        let line = |tokens: &[Token]| {
            tokens
                .iter()
                .map(|t| t.exact.as_str())
                .collect::<Vec<_>>()
                .join(" ")
        };
        let lines =
            |list: &[Vec<Token>]| list.iter().map(|tokens| line(tokens)).collect::<Vec<_>>();
        let prefixes: Vec<_> = query
            .prefixes
            .iter()
            .map(|at| query.words[*at].exact.as_str())
            .collect();
        format!(
            "{text}\n    words {} · prefixes {prefixes:?} · phrases {:?} · not {:?} · tags {:?} -{:?} · authors {:?} -{:?} · {:?}..{:?}",
            line(&query.words),
            lines(&query.phrases),
            lines(&query.excluded),
            query.tags,
            query.excluded_tags,
            query.authors,
            query.excluded_authors,
            query.after.map(Timestamp::as_seconds),
            query.before.map(Timestamp::as_seconds),
        )
    }

    #[test]
    fn queries_are_taken_apart() {
        let queries = [
            "rust async run",
            "rust async ",
            "\"exact phrase\" word* -not -\"two words\"",
            "tag:Rust tag:\"Machine Learning\" author:ann -tag:old",
            "after:2025 before:2025-01-31 x",
            "after:2025-02 before:today",
            "after:7d before:nonsense",
            "unbalanced \"quote here",
            "“curly” „unten“ tag：日本",
            "- -- \"\" tag: author:\"\" * + :",
            "C++ foo_bar e-mail",
        ];
        insta::assert_snapshot!(queries.map(shown).join("\n"));
    }

    proptest::proptest! {
        #[test]
        fn any_string_is_a_query(text in "\\PC{0,60}|([a-z]{1,3}|[-\"*: ]|tag:|before:|20[0-9]{2}-?){0,20}") {
            let query = Query::parse(&text, true, NOW);
            for word in &query.words {
                proptest::prop_assert!(text.get(word.start..word.end).is_some());
            }
            proptest::prop_assert!(query.prefixes.iter().all(|at| *at < query.words.len()));
        }
    }
}
