//! Snippets: the passage of a text that answers a query best, with its words marked. The text is the
//! store's, read again for each answer, so a snippet cannot show what was unpublished.
//!
//! Must not know the index; gives HTML in which everything but its own `<mark>` is escaped.

use super::query::Query;
use super::stems::Stems;
use super::stopwords::is_stop_word;
use super::tokens::{Kind, Token, tokenize};
use super::writer::up_to;
use crate::domain::time::Timestamp;

const PASSAGE_CHARS: usize = 200;
/// A match far beyond is not worth reading a whole book for each line of an answer.
const MAX_TEXT_BYTES: usize = 200_000;
/// An unfinished last word marks what begins with it, from this length.
const MIN_PREFIX_CHARS: usize = 3;
/// How much of the passage may stand before its first match.
const LEAD_CHARS: usize = 40;

pub(super) fn of(languages: &[String], query: &str, text: &str) -> String {
    let text = up_to(text, MAX_TEXT_BYTES);
    let mut wanted = Wanted::new(languages, query);
    let marks = marks(&mut wanted, text);
    let range = best_passage(text, &marks);
    let mut html = String::with_capacity(range.len() + 64);
    if range.start > 0 {
        html.push('…');
    }
    let mut at = range.start;
    for mark in marks
        .iter()
        .filter(|mark| range.start <= mark.start && mark.end <= range.end)
    {
        escape(&text[at..mark.start], &mut html);
        html.push_str("<mark>");
        escape(&text[mark.start..mark.end], &mut html);
        html.push_str("</mark>");
        at = mark.end;
    }
    escape(&text[at..range.end], &mut html);
    if range.end < text.trim_end().len() {
        html.push('…');
    }
    html
}

/// What to mark.
struct Wanted<'a> {
    languages: &'a [String],
    stems: Stems,
    exact: Vec<String>,
    stemmed: Vec<String>,
    prefixes: Vec<String>,
    /// Whether single characters are asked for, or only pairs.
    singles: Vec<String>,
}

struct Mark {
    start: usize,
    end: usize,
    /// Which of the wanted words this is, to prefer passages that have several.
    word: String,
}

impl<'a> Wanted<'a> {
    fn new(languages: &'a [String], query: &str) -> Self {
        let query = Query::parse(query, true, Timestamp::from_micros(0));
        let names = || languages.iter().map(String::as_str);
        let all_stop = query
            .words
            .iter()
            .all(|word| is_stop_word(&word.cased, names()));
        let mut wanted = Self {
            languages,
            stems: Stems::new(),
            exact: Vec::new(),
            stemmed: Vec::new(),
            prefixes: Vec::new(),
            singles: Vec::new(),
        };
        for (at, word) in query.words.iter().enumerate() {
            let only_single = word.kind == Kind::Single
                && !query.words.iter().any(|other| {
                    other.kind == Kind::Pair && other.start <= word.start && word.end <= other.end
                });
            if only_single {
                wanted.singles.push(word.exact.clone());
            } else if word.kind != Kind::Single && (all_stop || !is_stop_word(&word.cased, names()))
            {
                let stems = wanted.stems_of(word);
                wanted.stemmed.extend(stems);
                wanted.exact.push(word.exact.clone());
                let long_enough = word.exact.chars().count() >= MIN_PREFIX_CHARS;
                if word.kind == Kind::Word && long_enough && query.prefixes.contains(&at) {
                    wanted.prefixes.push(word.exact.clone());
                }
            }
        }
        wanted
    }

    fn stems_of(&mut self, word: &Token) -> Vec<String> {
        if word.kind != Kind::Word {
            return Vec::new();
        }
        self.languages
            .iter()
            .flat_map(|language| self.stems.of(&word.cased, language))
            .collect()
    }

    fn finds(&mut self, token: &Token) -> Option<String> {
        if token.kind == Kind::Single {
            return self
                .singles
                .contains(&token.exact)
                .then(|| token.exact.clone());
        }
        if self.exact.contains(&token.exact) {
            return Some(token.exact.clone());
        }
        let stems = self.stems_of(token);
        let stem = stems.into_iter().find(|stem| self.stemmed.contains(stem));
        stem.or_else(|| {
            self.prefixes
                .iter()
                .find(|prefix| token.exact.starts_with(*prefix))
                .cloned()
        })
    }
}

/// Where to mark, in order; what touches or overlaps is one.
fn marks(wanted: &mut Wanted<'_>, text: &str) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    for token in tokenize(text) {
        let Some(word) = wanted.finds(&token) else {
            continue;
        };
        let gram = matches!(token.kind, Kind::Single | Kind::Pair);
        match marks.last_mut() {
            Some(last) if token.start < last.end || (gram && token.start == last.end) => {
                last.end = last.end.max(token.end);
            }
            _ => marks.push(Mark {
                start: token.start,
                end: token.end,
                word,
            }),
        }
    }
    marks
}

/// The stretch with the most different words, then the most marks; the beginning when nothing is marked.
fn best_passage(text: &str, marks: &[Mark]) -> std::ops::Range<usize> {
    let mut best = (0, 0, 0);
    let mut first = 0;
    for (at, last) in marks.iter().enumerate() {
        while last.end - marks[first].start > PASSAGE_CHARS && first < at {
            first += 1;
        }
        let inside = &marks[first..=at];
        let different = inside
            .iter()
            .enumerate()
            .filter(|(at, mark)| inside[..*at].iter().all(|other| other.word != mark.word))
            .count();
        if (different, inside.len()) > (best.0, best.1) {
            best = (different, inside.len(), marks[first].start);
        }
    }
    let start = begin(text, best.2);
    start..finish(text, start)
}

/// A little before the first match, at a word.
fn begin(text: &str, wanted: usize) -> usize {
    let earliest = text[..wanted]
        .char_indices()
        .rev()
        .take(LEAD_CHARS)
        .last()
        .map_or(wanted, |(at, _)| at);
    if earliest == 0 {
        return text.len() - text.trim_start().len();
    }
    let lead = &text[earliest..wanted];
    lead.find(char::is_whitespace).map_or(earliest, |space| {
        let after = &lead[space..];
        earliest + space + after.len() - after.trim_start().len()
    })
}

fn finish(text: &str, start: usize) -> usize {
    let rest = &text[start..];
    let Some((end, _)) = rest.char_indices().nth(PASSAGE_CHARS) else {
        return start + rest.trim_end().len();
    };
    let cut = rest[..end]
        .rfind(char::is_whitespace)
        .filter(|space| *space > end / 2)
        .unwrap_or(end);
    start + rest[..cut].trim_end().len()
}

fn escape(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\n' | '\r' | '\t' => html.push(' '),
            _ => html.push(c),
        }
    }
}
