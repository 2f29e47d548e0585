//! From a query to what is looked up: each word becomes a unit with its stems (under the languages in
//! play), its prefixes or its near misses; each run of a script without spaces a phrase of pairs. Decides
//! when typing mistakes are forgiven and what is suggested.
//!
//! Must not know how documents are scored (`rank`).

use std::collections::HashMap;

use tantivy::schema::Field;
use tantivy::{DocId, Searcher, Term};

use super::filter::{Filter, MAX_PHRASE_MATCHES, documents_of, newest, phrase_query};
use super::index::Live;
use super::query::{MAX_QUERY_BYTES, Query};
use super::schema::Fields;
use super::stems::{Stems, has_stemmer, may_be_in};
use super::stopwords::is_stop_word;
use super::tokens::{Kind, Token};
use super::writer::up_to;
use super::{Hits, Request, expand, rank};
use crate::domain::language::Language;

/// Distinct words of a query that are looked up; the others of a pasted page are ignored.
const MAX_UNITS: usize = 32;
/// Languages a query is looked at in: the reader's, then the most written ones.
const MAX_LANGUAGES: usize = 24;
/// Of those, the ones whose stems are tried for one word; only languages of its script are.
const MAX_STEMMED_LANGUAGES: usize = 4;
/// Longer runs without spaces are sentences; their pairs rank, the whole is not asked for.
const MAX_RUN_FOR_PHRASE: usize = 24;
/// Fewer hits than this, and typing mistakes are forgiven.
const FEW_HITS: usize = 3;
/// In longer queries one unknown word says little, and its neighbours would be noise.
const MAX_WORDS_FOR_TYPOS: usize = 5;
const MAX_PREFIX_WORDS: usize = 32;
/// Documents of longer words read for a beginning; the first letters of a word would read everything.
const MAX_PREFIX_POSTINGS: u64 = 60_000;
const MAX_TYPO_WORDS: usize = 8;
/// A known word is only doubted when its neighbour is this many times as frequent.
const DOUBT_RATIO: u64 = 20;

const PREFIX_WEIGHT: f32 = 0.7;
const ONE_TYPO_WEIGHT: f32 = 0.3;
const TWO_TYPOS_WEIGHT: f32 = 0.15;
const COMPOUND_WEIGHT: f32 = 0.6;
const PAIR_IN_RUN_WEIGHT: f32 = 0.5;

/// One thing asked for.
#[derive(Debug)]
pub(super) struct Unit {
    pub matching: Matching,
    pub weight: f32,
    /// Whether a document without it lacks something the reader asked for.
    pub counts: bool,
    /// Where it stands in the query.
    pub position: usize,
}

#[derive(Debug)]
pub(super) enum Matching {
    Word {
        /// The best of them counts; each with its weight.
        alternatives: Vec<(Term, f32)>,
        /// The unstemmed form, when it says more than the stem.
        exact: Option<Term>,
        title: Vec<Term>,
    },
    /// The documents that hold a run of characters, by segment.
    Run {
        documents: Vec<Vec<DocId>>,
        characters: usize,
    },
}

pub(super) fn search(live: &Live, request: &Request) -> tantivy::Result<Hits> {
    let searcher = live.searcher();
    let query = Query::parse(request.query, request.prefix, request.now);
    let filter = Filter::new(&searcher, live.fields, &query)?;
    if query.words.is_empty() {
        let asked = query.has_filters();
        return if asked {
            newest(&searcher, &filter, request)
        } else {
            Ok(Hits::default())
        };
    }
    let mut planner = Planner {
        fields: live.fields,
        languages: languages(&searcher, live.fields, request.language)?,
        stems: Stems::new(),
        forgiving: false,
        replacements: HashMap::new(),
        searcher,
    };
    let units = planner.units(&query)?;
    let mut hits = rank::best(&planner.searcher, planner.fields, &units, &filter, request)?;
    if hits.total < FEW_HITS && planner.may_forgive(&query) {
        planner.forgiving = true;
        let units = planner.units(&query)?;
        let forgiving = rank::best(&planner.searcher, planner.fields, &units, &filter, request)?;
        if forgiving.total > hits.total {
            hits = forgiving;
        }
        hits.suggestion = planner.suggestion(&query, request.query);
    }
    Ok(hits)
}

/// The primary tags to analyse a query under: the hint first, then what is written in the index, most first.
pub(super) fn languages(
    searcher: &Searcher,
    fields: Fields,
    hint: Option<&Language>,
) -> tantivy::Result<Vec<String>> {
    let mut written: HashMap<String, u64> = HashMap::new();
    for segment in searcher.segment_readers() {
        let index = segment.inverted_index(fields.language)?;
        let mut stream = index.terms().stream()?;
        while stream.advance() {
            let language = String::from_utf8_lossy(stream.key()).into_owned();
            *written.entry(language).or_insert(0) += u64::from(stream.value().doc_freq);
        }
    }
    let mut written: Vec<_> = written.into_iter().collect();
    written.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let mut languages: Vec<String> = hint.iter().map(|hint| hint.primary().to_owned()).collect();
    for (language, _) in written {
        if languages.len() < MAX_LANGUAGES && !languages.contains(&language) {
            languages.push(language);
        }
    }
    Ok(languages)
}

struct Planner {
    searcher: Searcher,
    fields: Fields,
    languages: Vec<String>,
    stems: Stems,
    /// Typing mistakes are looked for.
    forgiving: bool,
    /// What a misspelt word probably is, by its start in the query.
    replacements: HashMap<usize, String>,
}

impl Planner {
    fn units(&mut self, query: &Query) -> tantivy::Result<Vec<Unit>> {
        let mut units: Vec<Unit> = Vec::new();
        let keep_stop_words = query.words.iter().all(|word| self.is_stop_word(word));
        let mut at = 0;
        let mut seen: Vec<&str> = Vec::new();
        while let Some(word) = query.words.get(at).filter(|_| units.len() < MAX_UNITS) {
            match word.kind {
                Kind::Single | Kind::Pair => {
                    let run = run_at(&query.words, at);
                    self.run(run, &mut units)?;
                    at += run.len();
                }
                Kind::Compound => at += self.compound(&query.words[at..], &mut units)?,
                Kind::Word | Kind::Emoji => {
                    let prefix = query.prefixes.contains(&at);
                    let wanted = prefix || !seen.contains(&word.exact.as_str());
                    if wanted && (keep_stop_words || !self.is_stop_word(word)) {
                        units.extend(self.word(word, prefix)?);
                    }
                    seen.push(&word.exact);
                    at += 1;
                }
            }
        }
        units.truncate(MAX_UNITS);
        Ok(units)
    }

    fn is_stop_word(&self, word: &Token) -> bool {
        word.kind == Kind::Word
            && is_stop_word(&word.cased, self.languages.iter().map(String::as_str))
    }

    /// A word with its stems; nothing when the index does not know it in any form.
    fn word(&mut self, word: &Token, prefix: bool) -> tantivy::Result<Option<Unit>> {
        let stems = self.stems_of(&word.cased, &word.exact);
        let mut alternatives = self.known(self.fields.terms, &stems, 1.0)?;
        let title = self.known(self.fields.title, &stems, 1.0)?;
        let exact = self.known(self.fields.words, std::slice::from_ref(&word.exact), 1.0)?;
        if prefix {
            let longer = expand::beginning_with(
                &self.searcher,
                self.fields.words,
                &word.exact,
                MAX_PREFIX_WORDS,
            )?;
            let mut postings = 0;
            for longer in longer.iter().filter(|longer| longer.word != word.exact) {
                let term = Term::from_field_text(self.fields.words, &longer.word);
                postings += longer.documents;
                if alternatives.is_empty() || postings <= MAX_PREFIX_POSTINGS {
                    alternatives.push((term, PREFIX_WEIGHT));
                }
            }
        }
        if self.forgiving {
            self.forgive(word, &mut alternatives)?;
        }
        if alternatives.is_empty() {
            return Ok(None);
        }
        let exact = exact.into_iter().map(|(term, _)| term).next();
        let matching = Matching::Word {
            alternatives,
            exact,
            title: title.into_iter().map(|(term, _)| term).collect(),
        };
        Ok(Some(Unit {
            matching,
            weight: 1.0,
            counts: true,
            position: word.position,
        }))
    }

    /// Adds the words that may have been meant, and remembers the likeliest.
    fn forgive(
        &mut self,
        word: &Token,
        alternatives: &mut Vec<(Term, f32)>,
    ) -> tantivy::Result<()> {
        let near = expand::similar_to(
            &self.searcher,
            self.fields.words,
            &word.exact,
            MAX_TYPO_WORDS,
        )?;
        let exact = Term::from_field_text(self.fields.words, &word.exact);
        let known = self.searcher.doc_freq(&exact)?;
        let stem_known = alternatives.iter().any(|(_, weight)| *weight >= 1.0);
        let likeliest = near.first().filter(|likeliest| {
            if stem_known || known > 0 {
                likeliest.distance == 1 && likeliest.documents >= known.max(1) * DOUBT_RATIO
            } else {
                true
            }
        });
        if let Some(likeliest) = likeliest {
            self.replacements.insert(word.start, likeliest.word.clone());
        }
        for neighbour in &near {
            let weight = if neighbour.distance == 1 {
                ONE_TYPO_WEIGHT
            } else {
                TWO_TYPOS_WEIGHT
            };
            let stems = self.stems_of(&neighbour.word, &neighbour.word);
            for found in self.known(self.fields.terms, &stems, weight)? {
                if alternatives.iter().all(|(term, _)| *term != found.0) {
                    alternatives.push(found);
                }
            }
        }
        Ok(())
    }

    /// An identifier: the whole ranks above its parts. Returns how many tokens it took.
    fn compound(&mut self, words: &[Token], units: &mut Vec<Unit>) -> tantivy::Result<usize> {
        let Some(whole) = words.first() else {
            return Ok(1);
        };
        let parts = words[1..]
            .iter()
            .take_while(|part| part.start < whole.end)
            .count();
        let stems = self.stems_of(&whole.cased, &whole.exact);
        let alternatives = self.known(self.fields.terms, &stems, 1.0)?;
        let known = !alternatives.is_empty();
        let with_sign = whole.exact.ends_with(['+', '#']);
        if known {
            let title = self.known(self.fields.title, &stems, 1.0)?;
            units.push(Unit {
                matching: Matching::Word {
                    alternatives,
                    exact: None,
                    title: title.into_iter().map(|(term, _)| term).collect(),
                },
                weight: if with_sign { 1.0 } else { COMPOUND_WEIGHT },
                counts: true,
                position: whole.position,
            });
        }
        if !(known && with_sign) {
            for part in &words[1..=parts] {
                let unit = self.word(part, false)?;
                units.extend(unit.map(|unit| Unit {
                    counts: !known,
                    ..unit
                }));
            }
        }
        Ok(parts + 1)
    }

    /// A run without spaces: together it must stand, its pairs rank.
    fn run(&mut self, run: &[Token], units: &mut Vec<Unit>) -> tantivy::Result<()> {
        let pairs: Vec<&Token> = run
            .iter()
            .filter(|token| token.kind == Kind::Pair)
            .collect();
        let Some(first) = run.first() else {
            return Ok(());
        };
        if pairs.is_empty() {
            units.extend(self.gram(first, 1.0, true)?);
            return Ok(());
        }
        let mut whole_known = false;
        if (2..MAX_RUN_FOR_PHRASE).contains(&pairs.len()) {
            let documents = self.documents_with(&pairs)?;
            whole_known = documents.iter().any(|segment| !segment.is_empty());
            let matching = Matching::Run {
                documents,
                characters: pairs.len() + 1,
            };
            let position = first.position;
            if whole_known {
                units.push(Unit {
                    matching,
                    weight: 1.0,
                    counts: true,
                    position,
                });
            }
        }
        let weight = if pairs.len() == 1 {
            1.0
        } else {
            PAIR_IN_RUN_WEIGHT
        };
        for pair in pairs {
            units.extend(self.gram(pair, weight, !whole_known)?);
        }
        Ok(())
    }

    fn gram(&self, token: &Token, weight: f32, counts: bool) -> tantivy::Result<Option<Unit>> {
        let text = std::slice::from_ref(&token.exact);
        let alternatives = self.known(self.fields.terms, text, 1.0)?;
        if alternatives.is_empty() {
            return Ok(None);
        }
        let title = self
            .known(self.fields.title, text, 1.0)?
            .into_iter()
            .map(|(term, _)| term)
            .collect();
        let matching = Matching::Word {
            alternatives,
            exact: None,
            title,
        };
        Ok(Some(Unit {
            matching,
            weight,
            counts,
            position: token.position,
        }))
    }

    /// The stems of a word in every language in play, and the word itself where one has no stemmer.
    fn stems_of(&mut self, cased: &str, exact: &str) -> Vec<String> {
        let mut stems: Vec<String> = Vec::new();
        let of_script = self
            .languages
            .iter()
            .filter(|language| may_be_in(language, exact));
        for language in of_script.take(MAX_STEMMED_LANGUAGES) {
            for stem in self.stems.of(cased, language) {
                if !stems.contains(&stem) {
                    stems.push(stem);
                }
            }
        }
        let unstemmed = self.languages.iter().any(|language| !has_stemmer(language));
        if stems.is_empty() || (unstemmed && !stems.iter().any(|stem| stem == exact)) {
            stems.push(exact.to_owned());
        }
        stems
    }

    fn known(
        &self,
        field: Field,
        texts: &[String],
        weight: f32,
    ) -> tantivy::Result<Vec<(Term, f32)>> {
        let mut known = Vec::new();
        for text in texts {
            let term = Term::from_field_text(field, text);
            if self.searcher.doc_freq(&term)? > 0 {
                known.push((term, weight));
            }
        }
        Ok(known)
    }

    fn documents_with(&self, phrase: &[&Token]) -> tantivy::Result<Vec<Vec<DocId>>> {
        let Some(query) = phrase_query(self.fields.words, phrase.iter().copied()) else {
            return Ok(Vec::new());
        };
        documents_of(&self.searcher, &query, MAX_PHRASE_MATCHES)
    }

    fn may_forgive(&self, query: &Query) -> bool {
        let words = query.words.iter().filter(|word| word.kind == Kind::Word);
        let count = words.filter(|word| !self.is_stop_word(word)).count();
        query.phrases.is_empty() && (1..=MAX_WORDS_FOR_TYPOS).contains(&count)
    }

    fn suggestion(&self, query: &Query, typed: &str) -> Option<String> {
        let typed = up_to(typed, MAX_QUERY_BYTES);
        let mut suggestion = String::with_capacity(typed.len());
        let mut copied = 0;
        for word in query.words.iter().filter(|word| word.kind == Kind::Word) {
            if let Some(replacement) = self.replacements.get(&word.start)
                && word.start >= copied
            {
                suggestion.push_str(&typed[copied..word.start]);
                suggestion.push_str(replacement);
                copied = word.end;
            }
        }
        suggestion.push_str(&typed[copied..]);
        (copied > 0).then_some(suggestion)
    }
}

/// The singles and pairs that follow one another without a gap.
fn run_at(words: &[Token], at: usize) -> &[Token] {
    let mut length = 1;
    while let (Some(last), Some(next)) = (words.get(at + length - 1), words.get(at + length)) {
        let gram = matches!(next.kind, Kind::Single | Kind::Pair);
        if !gram || next.start > last.end {
            break;
        }
        length += 1;
    }
    &words[at..at + length]
}
