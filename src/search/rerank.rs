//! The last look at the best candidates: words that stand together in the query and in the text count
//! more. Reads positions, which is dear, so only for the first few dozen.
//!
//! Must not know how candidates were found.

use tantivy::postings::{Postings as _, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet as _, Searcher};

use super::plan::Matching;
use super::rank::{Candidate, best_first};
use super::weigh::Weighed;

/// Candidates looked at again.
pub(super) const DEPTH: usize = 50;
/// Words of the query looked at; a longer question is decided by its words.
const MAX_WORDS: usize = 16;
/// Farther apart, two words are not together.
const WINDOW_WORDS: u32 = 8;
const PROXIMITY_WEIGHT: f32 = 0.2;
const SATURATION: f32 = 1.2;

/// Adds to the scores of the first `DEPTH` and puts them in order again.
pub(super) fn by_proximity(
    searcher: &Searcher,
    weighed: &[Weighed<'_>],
    candidates: &mut [Candidate],
) -> tantivy::Result<()> {
    let words: Vec<&Weighed<'_>> = weighed
        .iter()
        .filter(|weighed| matches!(weighed.unit.matching, Matching::Word { .. }))
        .take(MAX_WORDS)
        .collect();
    if words.len() < 2 {
        return Ok(());
    }
    let depth = DEPTH.min(candidates.len());
    let first = &mut candidates[..depth];
    first.sort_unstable_by_key(|candidate| (candidate.segment, candidate.doc));
    for group in first.chunk_by_mut(|a, b| a.segment == b.segment) {
        let ord = group.first().map_or(0, |candidate| candidate.segment);
        let mut lists = open(searcher, ord, &words)?;
        for candidate in group {
            candidate.score += bonus(&words, &mut lists, candidate.doc);
        }
    }
    first.sort_unstable_by(best_first);
    Ok(())
}

/// The posting lists of each word's own forms, with positions.
fn open(
    searcher: &Searcher,
    ord: usize,
    words: &[&Weighed<'_>],
) -> tantivy::Result<Vec<Vec<SegmentPostings>>> {
    let segment = searcher.segment_reader(u32::try_from(ord).unwrap_or(u32::MAX));
    let mut lists = Vec::with_capacity(words.len());
    for word in words {
        let mut of_word = Vec::new();
        if let Matching::Word { alternatives, .. } = &word.unit.matching {
            for (term, _) in alternatives.iter().filter(|(_, weight)| *weight >= 1.0) {
                let index = segment.inverted_index(term.field())?;
                of_word
                    .extend(index.read_postings(term, IndexRecordOption::WithFreqsAndPositions)?);
            }
        }
        lists.push(of_word);
    }
    Ok(lists)
}

fn bonus(words: &[&Weighed<'_>], lists: &mut [Vec<SegmentPostings>], doc: DocId) -> f32 {
    let places: Vec<Vec<u32>> = lists
        .iter_mut()
        .map(|of_word| places(of_word, doc))
        .collect();
    let mut bonus = 0.0;
    for (pair, places) in words.windows(2).zip(places.windows(2)) {
        let apart = pair[1].unit.position.abs_diff(pair[0].unit.position);
        let together = togetherness(
            &places[0],
            &places[1],
            u32::try_from(apart).unwrap_or(u32::MAX),
        );
        let weight = pair[0].unit.weight.min(pair[1].unit.weight);
        let idf = pair[0].idf.min(pair[1].idf);
        bonus += PROXIMITY_WEIGHT * weight * idf * together * (SATURATION + 1.0)
            / (together + SATURATION);
    }
    bonus
}

fn places(lists: &mut [SegmentPostings], doc: DocId) -> Vec<u32> {
    let mut places = Vec::new();
    for list in lists.iter_mut() {
        if list.doc() <= doc && list.seek(doc) == doc {
            list.append_positions_with_offset(0, &mut places);
        }
    }
    places.sort_unstable();
    places
}

/// How often, and how closely, the second follows the first as it does in the query; half as much the
/// other way round.
fn togetherness(first: &[u32], second: &[u32], apart: u32) -> f32 {
    let mut sum = 0.0;
    for place in first {
        let next = second.partition_point(|other| other <= place);
        let after = second.get(next).map(|other| (other - place, 1.0));
        let before = next
            .checked_sub(1)
            .and_then(|at| second.get(at))
            .map(|other| (place - other, 0.5));
        let near = [after, before]
            .into_iter()
            .flatten()
            .filter(|(gap, _)| (1..=WINDOW_WORDS).contains(gap));
        sum += near
            .map(|(gap, share)| share / closeness(gap.abs_diff(apart)))
            .fold(0.0, f32::max);
    }
    sum
}

#[expect(clippy::cast_precision_loss, reason = "at most the window")]
fn closeness(off_by: u32) -> f32 {
    1.0 + off_by.min(WINDOW_WORDS) as f32
}
