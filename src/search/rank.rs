//! Scoring: BM25 over the merged terms, one posting list after the other into an array of scores. That
//! costs what the lists are long and no more, and lets a word's variants share one score, the title and
//! the exact form add to it, and the share of the query that was found decide in the end.
//!
//! Must not know how words were chosen (`plan`) or text analysed.

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::Postings as _;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet as _, Searcher, SegmentReader, TERMINATED};

use super::filter::Filter;
use super::plan::{Matching, Unit};
use super::schema::Fields;
use super::weigh::{List, Role, Weighed, weigh};
use super::{Hits, Request, rerank};
use crate::domain::id::PostId;

/// Nobody pages further.
pub(super) const MAX_HITS: usize = 1_000;
/// With so many documents that have all of it, those that lack some are not shown; and likewise for those
/// that have most of it. One page of an answer.
const MATCHES_SUFFICE: usize = 10;
/// Up to so many words a reader means all of them; a question has more, and means some.
const MAX_WORDS_MEANT_TOGETHER: usize = 4;
/// What a short query's document must have of it when another has all.
const MIN_COVERAGE: f32 = 0.5;

const K1: f32 = 1.2;
const B: f32 = 0.75;
/// How much of the score hangs on having the whole query: for few words, for many.
const COVERAGE_SHARE_SHORT: f32 = 0.6;
const COVERAGE_SHARE_LONG: f32 = 0.15;

/// A document on its way to the answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub segment: usize,
    pub doc: DocId,
    pub score: f32,
    coverage: f32,
}

/// The best documents for the units.
pub(super) fn best(
    searcher: &Searcher,
    fields: Fields,
    units: &[Unit],
    filter: &Filter,
    request: &Request,
) -> tantivy::Result<Hits> {
    let weighed = weigh(searcher, fields, units)?;
    let mut candidates = Vec::new();
    for (ord, segment) in searcher.segment_readers().iter().enumerate() {
        score_segment(ord, segment, &weighed, filter, &mut candidates)?;
    }
    settle(&weighed, &mut candidates);
    let total = candidates.len();
    let wanted = request.offset.saturating_add(request.limit.min(MAX_HITS));
    keep_best(&mut candidates, wanted.max(rerank::DEPTH));
    rerank::by_proximity(searcher, &weighed, &mut candidates)?;
    let page = candidates.get(request.offset.min(candidates.len())..wanted.min(candidates.len()));
    let mut posts = Vec::new();
    for candidate in page.unwrap_or_default() {
        let segment = searcher.segment_reader(u32::try_from(candidate.segment).unwrap_or(u32::MAX));
        posts.extend(
            segment
                .fast_fields()
                .i64("id")?
                .first(candidate.doc)
                .map(PostId::from_i64),
        );
    }
    Ok(Hits {
        posts,
        total,
        suggestion: None,
    })
}

fn score_segment(
    ord: usize,
    segment: &SegmentReader,
    weighed: &[Weighed<'_>],
    filter: &Filter,
    candidates: &mut Vec<Candidate>,
) -> tantivy::Result<()> {
    let size = segment.max_doc() as usize;
    let mut scores = Scores {
        total: vec![0.0; size],
        coverage: vec![0.0; size],
        unit: vec![0.0; size],
        touched: Vec::new(),
    };
    for weighed in weighed {
        let factor = weighed.idf * weighed.unit.weight;
        let covers = if weighed.unit.counts {
            weighed.idf
        } else {
            0.0
        };
        match &weighed.unit.matching {
            Matching::Run {
                documents,
                characters,
            } => {
                // As much as its pairs could give at most, so that the run outranks scattered pairs.
                #[expect(clippy::cast_precision_loss, reason = "a few characters")]
                let score = factor * (*characters as f32);
                for doc in documents.get(ord).map(Vec::as_slice).unwrap_or_default() {
                    scores.total[*doc as usize] += score;
                    scores.coverage[*doc as usize] += covers;
                }
            }
            Matching::Word { .. } => {
                let forms = weighed.lists.iter().filter(|list| list.role == Role::Form);
                let only_form = forms.count() == 1;
                for list in &weighed.lists {
                    let each: fn(&mut Scores, DocId, f32, f32) = match list.role {
                        Role::Form if only_form => Scores::add_covering,
                        Role::Form => Scores::raise,
                        Role::Bonus => Scores::add,
                    };
                    read(segment, list, factor, |doc, score| {
                        each(&mut scores, doc, score, covers);
                    })?;
                }
                scores.finish_unit(covers);
            }
        }
    }
    for (doc, score) in (0..).zip(&scores.total) {
        if *score > 0.0 && filter.allows(ord, segment, doc) {
            candidates.push(Candidate {
                segment: ord,
                doc,
                score: *score,
                coverage: scores.coverage[doc as usize],
            });
        }
    }
    Ok(())
}

/// One score a document, while the units of a query pass by.
struct Scores {
    total: Vec<f32>,
    coverage: Vec<f32>,
    /// The best form of the word at hand, and which documents have one.
    unit: Vec<f32>,
    touched: Vec<DocId>,
}

impl Scores {
    fn add(&mut self, doc: DocId, score: f32, _covers: f32) {
        self.total[doc as usize] += score;
    }

    fn add_covering(&mut self, doc: DocId, score: f32, covers: f32) {
        self.total[doc as usize] += score;
        self.coverage[doc as usize] += covers;
    }

    fn raise(&mut self, doc: DocId, score: f32, _covers: f32) {
        let known = &mut self.unit[doc as usize];
        if *known == 0.0 {
            self.touched.push(doc);
        }
        *known = known.max(score);
    }

    fn finish_unit(&mut self, covers: f32) {
        for doc in self.touched.drain(..) {
            let doc = doc as usize;
            self.total[doc] += std::mem::take(&mut self.unit[doc]);
            self.coverage[doc] += covers;
        }
    }
}

/// Hands each document of a posting list on with its BM25 score.
fn read(
    segment: &SegmentReader,
    list: &List<'_>,
    factor: f32,
    mut each: impl FnMut(DocId, f32),
) -> tantivy::Result<()> {
    let field = list.term.field();
    let index = segment.inverted_index(field)?;
    let Some(mut postings) = index.read_postings(list.term, IndexRecordOption::WithFreqs)? else {
        return Ok(());
    };
    let lengths = segment.get_fieldnorms_reader(field)?;
    let norms = length_norms(list.average_length);
    let weight = factor * list.weight * (K1 + 1.0);
    let mut doc = postings.doc();
    while doc != TERMINATED {
        #[expect(clippy::cast_precision_loss, reason = "a count of occurrences")]
        let occurrences = postings.term_freq() as f32;
        let norm = norms[usize::from(lengths.fieldnorm_id(doc))];
        each(doc, weight * occurrences / (occurrences + norm));
        doc = postings.advance();
    }
    Ok(())
}

/// BM25's length part for each of the 256 stored lengths.
fn length_norms(average_length: f32) -> [f32; 256] {
    let mut norms = [0.0; 256];
    for (code, norm) in (0..=u8::MAX).zip(&mut norms) {
        #[expect(clippy::cast_precision_loss, reason = "a length in words")]
        let length = FieldNormReader::id_to_fieldnorm(code) as f32;
        *norm = K1 * (1.0 - B + B * length / average_length);
    }
    norms
}

/// Weighs in how much of the query each has, and drops what lacks too much of a short one.
fn settle(weighed: &[Weighed<'_>], candidates: &mut Vec<Candidate>) {
    let asked = weighed.iter().filter(|weighed| weighed.unit.counts);
    let (count, whole) = asked.fold((0, 0.0), |(count, sum), weighed| {
        (count + 1, sum + weighed.idf)
    });
    if count == 0 || whole <= 0.0 {
        return;
    }
    let is_full = |candidate: &Candidate| candidate.coverage > whole * 0.999;
    let full = candidates
        .iter()
        .filter(|candidate| is_full(candidate))
        .count();
    let short = count <= MAX_WORDS_MEANT_TOGETHER;
    if full > 0 {
        // Only scattered pairs of a run that stands whole elsewhere.
        candidates.retain(|candidate| candidate.coverage > 0.0);
    }
    let has_most = |candidate: &Candidate| candidate.coverage >= whole * MIN_COVERAGE;
    if short && full >= MATCHES_SUFFICE {
        candidates.retain(is_full);
    } else if short
        && candidates
            .iter()
            .filter(|candidate| has_most(candidate))
            .count()
            >= MATCHES_SUFFICE
    {
        candidates.retain(has_most);
    }
    let share = if short {
        COVERAGE_SHARE_SHORT
    } else {
        COVERAGE_SHARE_LONG
    };
    for candidate in candidates {
        candidate.score *= 1.0 - share + share * candidate.coverage / whole;
    }
}

fn keep_best(candidates: &mut Vec<Candidate>, count: usize) {
    if count < candidates.len() {
        candidates.select_nth_unstable_by(count, best_first);
        candidates.truncate(count);
    }
    candidates.sort_unstable_by(best_first);
}

/// Equal scores: what was indexed last first.
pub(super) fn best_first(a: &Candidate, b: &Candidate) -> std::cmp::Ordering {
    let place = |candidate: &Candidate| (candidate.segment, candidate.doc);
    b.score
        .total_cmp(&a.score)
        .then_with(|| place(b).cmp(&place(a)))
}
