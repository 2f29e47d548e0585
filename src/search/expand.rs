//! Neighbours of a word among those the index holds: longer ones with the same beginning, and ones a
//! typing mistake away. Scans the sorted dictionary, never the documents.
//!
//! Must not know scoring or languages.

use std::collections::HashMap;

use tantivy::query::FuzzyTermQuery;
use tantivy::schema::Field;
use tantivy::{Searcher, Term};

/// Dictionary entries looked at for one prefix, shared among the segments.
const MAX_ENTRIES_PER_PREFIX: usize = 6_000;
/// Dictionary entries taken for one misspelt word, in each segment.
const MAX_ENTRIES_PER_TYPO: usize = 1_000;
/// Below this many letters a typo makes another word.
const MIN_CHARS_FOR_ONE_TYPO: usize = 4;
const MIN_CHARS_FOR_TWO_TYPOS: usize = 8;

/// A word of the index and in how many documents it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Neighbour {
    pub word: String,
    pub documents: u64,
    /// Typing mistakes away.
    pub distance: u8,
}

/// The most frequent words that begin so.
pub(super) fn beginning_with(
    searcher: &Searcher,
    field: Field,
    prefix: &str,
    limit: usize,
) -> tantivy::Result<Vec<Neighbour>> {
    let mut found = HashMap::new();
    let segments = searcher.segment_readers();
    let entries_each = MAX_ENTRIES_PER_PREFIX / segments.len().max(1);
    for segment in segments {
        let index = segment.inverted_index(field)?;
        let mut stream = index.terms().range().ge(prefix).into_stream()?;
        let mut looked_at = 0;
        while looked_at < entries_each && stream.advance() {
            let Some(word) = std::str::from_utf8(stream.key())
                .ok()
                .filter(|word| word.starts_with(prefix))
            else {
                break;
            };
            let documents = u64::from(stream.value().doc_freq);
            match found.get_mut(word) {
                Some(sum) => *sum += documents,
                None => drop(found.insert(word.to_owned(), documents)),
            }
            looked_at += 1;
        }
    }
    Ok(best(found, 0, limit))
}

/// The likeliest words meant by a misspelt one: nearest first, then most frequent.
pub(super) fn similar_to(
    searcher: &Searcher,
    field: Field,
    word: &str,
    limit: usize,
) -> tantivy::Result<Vec<Neighbour>> {
    let mut all = Vec::new();
    for distance in 1..=allowed_distance(word) {
        let mut found = within(searcher, field, word, distance)?;
        found.retain(|known, _| {
            known != word && all.iter().all(|near: &Neighbour| near.word != *known)
        });
        all.extend(best(found, distance, limit));
    }
    all.truncate(limit);
    Ok(all)
}

fn allowed_distance(word: &str) -> u8 {
    let chars = word.chars().count();
    let letters = word.chars().all(char::is_alphabetic);
    if !letters || chars < MIN_CHARS_FOR_ONE_TYPO {
        0
    } else if chars < MIN_CHARS_FOR_TWO_TYPOS {
        1
    } else {
        2
    }
}

fn within(
    searcher: &Searcher,
    field: Field,
    word: &str,
    distance: u8,
) -> tantivy::Result<HashMap<String, u64>> {
    let fuzzy = FuzzyTermQuery::new(Term::from_field_text(field, word), distance, true);
    let mut found = HashMap::new();
    for segment in searcher.segment_readers() {
        let index = segment.inverted_index(field)?;
        let mut stream = index.terms().search(fuzzy.automaton()?).into_stream()?;
        let mut taken = 0;
        while taken < MAX_ENTRIES_PER_TYPO && stream.advance() {
            if let Ok(word) = std::str::from_utf8(stream.key()) {
                *found.entry(word.to_owned()).or_insert(0) += u64::from(stream.value().doc_freq);
            }
            taken += 1;
        }
    }
    Ok(found)
}

fn best(found: HashMap<String, u64>, distance: u8, limit: usize) -> Vec<Neighbour> {
    let mut neighbours: Vec<_> = found
        .into_iter()
        .map(|(word, documents)| Neighbour {
            word,
            documents,
            distance,
        })
        .collect();
    neighbours.sort_unstable_by(|a, b| {
        b.documents
            .cmp(&a.documents)
            .then_with(|| a.word.cmp(&b.word))
    });
    neighbours.truncate(limit);
    neighbours
}
