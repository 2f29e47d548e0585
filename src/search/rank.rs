//! Scoring: BM25 over the merged terms, one posting list after the other into an array of scores. That
//! costs what the lists are long and no more, and lets a word's variants share one score, the title and
//! the exact form add to it, and the share of the query that was found decide in the end.
//!
//! Must not know how words were chosen (`plan`) or text analysed.

use tantivy::columnar::Column;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::Postings as _;
use tantivy::query::{EnableScoring, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet as _, Searcher, SegmentReader, TERMINATED, Term};

use super::plan::{Matching, Unit, phrase_query};
use super::query::Query;
use super::schema::Fields;
use super::tokens::{Kind, Token};
use super::{Hits, Request, rerank};
use crate::domain::{id::PostId, time::Timestamp};

/// Postings read for one search; the commonest words of a long query are left out beyond it.
const MAX_POSTINGS: u64 = 600_000;
/// Nobody pages further.
const MAX_HITS: usize = 1_000;
/// With so many documents that have all of it, those that lack some are not shown; and likewise for those
/// that have most of it. One page of an answer.
const MATCHES_SUFFICE: usize = 10;
/// Up to so many words a reader means all of them; a question has more, and means some.
const MAX_WORDS_MEANT_TOGETHER: usize = 4;
/// What a short query's document must have of it when another has all.
const MIN_COVERAGE: f32 = 0.5;

const K1: f32 = 1.2;
const B: f32 = 0.75;
const TITLE_WEIGHT: f32 = 0.3;
const EXACT_WEIGHT: f32 = 0.05;
/// Rare words decide more than BM25 alone lets them: the common words of a question carry little.
const RARITY_POWER: f32 = 1.3;
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

/// Which documents may appear at all.
pub(super) struct Filter {
    /// By segment; absent where everything may.
    allowed: Vec<Option<Vec<bool>>>,
}

impl Filter {
    pub(super) fn new(searcher: &Searcher, fields: Fields, query: &Query) -> tantivy::Result<Self> {
        let mut required: Vec<Box<dyn tantivy::query::Query>> = Vec::new();
        let mut excluded: Vec<Box<dyn tantivy::query::Query>> = Vec::new();
        for (list, field, labels) in [
            (&mut required, fields.tag, &query.tags),
            (&mut excluded, fields.tag, &query.excluded_tags),
        ] {
            list.extend(labels.iter().map(|label| term_query(field, label)));
        }
        required.extend(
            query
                .authors
                .iter()
                .map(|label| term_query(fields.author, label)),
        );
        excluded.extend(
            query
                .excluded_authors
                .iter()
                .map(|label| term_query(fields.author, label)),
        );
        required.extend(
            query
                .phrases
                .iter()
                .filter_map(|tokens| together(fields.words, tokens)),
        );
        excluded.extend(
            query
                .excluded
                .iter()
                .filter_map(|tokens| together(fields.words, tokens)),
        );
        let mut allowed = Vec::new();
        for segment in searcher.segment_readers() {
            let mut masks = None;
            for (clause, keep) in required
                .iter()
                .map(|clause| (clause, true))
                .chain(excluded.iter().map(|clause| (clause, false)))
            {
                let matching = matching(searcher, segment, clause.as_ref())?;
                restrict(&mut masks, matching.iter().map(|matches| *matches == keep));
            }
            if query.after.is_some() || query.before.is_some() {
                let published = segment.fast_fields().i64("published")?;
                let within = (0..segment.max_doc()).map(|doc| is_within(&published, doc, query));
                restrict(&mut masks, within);
            }
            allowed.push(masks);
        }
        Ok(Self { allowed })
    }

    fn allows(&self, segment: usize, reader: &SegmentReader, doc: DocId) -> bool {
        let allowed = self.allowed.get(segment).and_then(Option::as_ref);
        !reader.is_deleted(doc) && allowed.is_none_or(|allowed| allowed[doc as usize])
    }
}

fn restrict(mask: &mut Option<Vec<bool>>, by: impl Iterator<Item = bool>) {
    match mask {
        Some(mask) => mask
            .iter_mut()
            .zip(by)
            .for_each(|(allowed, by)| *allowed &= by),
        None => *mask = Some(by.collect()),
    }
}

fn is_within(published: &Column<i64>, doc: DocId, query: &Query) -> bool {
    let at = Timestamp::from_micros(published.first(doc).unwrap_or_default());
    query.after.is_none_or(|after| at >= after) && query.before.is_none_or(|before| at < before)
}

fn term_query(field: Field, text: &str) -> Box<dyn tantivy::query::Query> {
    Box::new(TermQuery::new(
        Term::from_field_text(field, text),
        IndexRecordOption::Basic,
    ))
}

/// A quoted or excluded text as it must stand. Compounds are left out, their parts say the same; except
/// where a sign is part of the name.
fn together(field: Field, tokens: &[Token]) -> Option<Box<dyn tantivy::query::Query>> {
    let has_sign = |token: &Token| token.exact.ends_with(['+', '#']);
    let mut kept: Vec<&Token> = Vec::new();
    for token in tokens {
        let part_of_sign = kept
            .last()
            .is_some_and(|last| has_sign(last) && token.start < last.end);
        if (token.kind != Kind::Compound || has_sign(token)) && !part_of_sign {
            kept.push(token);
        }
    }
    if kept.iter().any(|token| token.kind == Kind::Pair) {
        let all = kept.clone();
        let in_pair = |single: &Token| {
            all.iter().any(|pair| {
                pair.kind == Kind::Pair
                    && (pair.position == single.position || pair.position + 1 == single.position)
                    && pair.start <= single.start
                    && single.end <= pair.end
            })
        };
        kept.retain(|token| token.kind != Kind::Single || !in_pair(token));
    }
    match kept.as_slice() {
        [] => None,
        [only] => Some(term_query(field, &only.exact)),
        several => phrase_query(field, several.iter().copied())
            .map(|query| -> Box<dyn tantivy::query::Query> { Box::new(query) }),
    }
}

fn matching(
    searcher: &Searcher,
    segment: &SegmentReader,
    query: &dyn tantivy::query::Query,
) -> tantivy::Result<Vec<bool>> {
    let mut found = vec![false; segment.max_doc() as usize];
    let weight = query.weight(EnableScoring::disabled_from_searcher(searcher))?;
    weight.for_each_no_score(segment, &mut |docs| {
        for doc in docs {
            found[*doc as usize] = true;
        }
    })?;
    Ok(found)
}

/// Everything the filter lets through, newest first.
pub(super) fn newest(
    searcher: &Searcher,
    filter: &Filter,
    request: &Request,
) -> tantivy::Result<Hits> {
    let mut found: Vec<(i64, i64)> = Vec::new();
    for (ord, segment) in searcher.segment_readers().iter().enumerate() {
        let (ids, published) = (
            segment.fast_fields().i64("id")?,
            segment.fast_fields().i64("published")?,
        );
        let allowed = (0..segment.max_doc()).filter(|doc| filter.allows(ord, segment, *doc));
        found.extend(allowed.filter_map(|doc| Some((published.first(doc)?, ids.first(doc)?))));
    }
    found.sort_unstable_by(|a, b| b.cmp(a));
    let page = found
        .iter()
        .skip(request.offset)
        .take(request.limit.min(MAX_HITS));
    Ok(Hits {
        posts: page.map(|(_, id)| PostId::from_i64(*id)).collect(),
        total: found.len(),
        suggestion: None,
    })
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

/// A unit with what its rarity is worth, over all segments.
#[derive(Debug)]
pub(super) struct Weighed<'a> {
    pub unit: &'a Unit,
    pub idf: f32,
    lists: Vec<List<'a>>,
}

/// A posting list to read for a unit.
#[derive(Debug)]
struct List<'a> {
    term: &'a Term,
    weight: f32,
    average_length: f32,
    role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// One of the forms of the word; the best counts.
    Form,
    /// Adds to what was found.
    Bonus,
}

#[expect(clippy::cast_precision_loss, reason = "scores need no more")]
fn weigh<'a>(
    searcher: &Searcher,
    fields: Fields,
    units: &'a [Unit],
) -> tantivy::Result<Vec<Weighed<'a>>> {
    let documents: u64 = searcher
        .segment_readers()
        .iter()
        .map(|segment| u64::from(segment.max_doc()))
        .sum();
    let mut lengths = Vec::new();
    for field in [fields.terms, fields.words, fields.title] {
        let mut tokens = 0;
        for segment in searcher.segment_readers() {
            tokens += segment.inverted_index(field)?.total_num_tokens();
        }
        lengths.push((field, (tokens as f32 / documents.max(1) as f32).max(1.0)));
    }
    let length_of = |field: Field| {
        lengths
            .iter()
            .find(|(known, _)| *known == field)
            .map_or(1.0, |(_, length)| *length)
    };
    let mut weighed = Vec::new();
    for unit in units {
        let mut frequency = 0;
        let mut cost = 0;
        let mut lists = Vec::new();
        match &unit.matching {
            Matching::Run { documents, .. } => {
                frequency = documents.iter().map(|segment| segment.len() as u64).sum();
            }
            Matching::Word {
                alternatives,
                exact,
                title,
            } => {
                let best_weight = alternatives
                    .iter()
                    .map(|(_, weight)| *weight)
                    .fold(0.0, f32::max);
                for (term, weight) in alternatives {
                    let of_term = searcher.doc_freq(term)?;
                    cost += of_term;
                    frequency += if *weight >= best_weight { of_term } else { 0 };
                    lists.push(List {
                        term,
                        weight: *weight,
                        average_length: length_of(term.field()),
                        role: Role::Form,
                    });
                }
                let of_exact = exact
                    .as_ref()
                    .map_or(Ok(0), |exact| searcher.doc_freq(exact))?;
                if let Some(term) = exact.as_ref().filter(|_| of_exact < frequency) {
                    cost += of_exact;
                    lists.push(List {
                        term,
                        weight: EXACT_WEIGHT,
                        average_length: length_of(fields.words),
                        role: Role::Bonus,
                    });
                }
                for term in title {
                    cost += searcher.doc_freq(term)?;
                    lists.push(List {
                        term,
                        weight: TITLE_WEIGHT,
                        average_length: length_of(fields.title),
                        role: Role::Bonus,
                    });
                }
            }
        }
        let frequency = frequency.min(documents) as f32;
        let rarity = 1.0 + (documents as f32 - frequency + 0.5) / (frequency + 0.5);
        weighed.push((
            cost,
            Weighed {
                unit,
                idf: rarity.ln().powf(RARITY_POWER),
                lists,
            },
        ));
    }
    Ok(within_budget(weighed))
}

/// The rarest first while the budget lasts, then back into the order of the query.
fn within_budget(mut weighed: Vec<(u64, Weighed<'_>)>) -> Vec<Weighed<'_>> {
    weighed.sort_by_key(|(cost, _)| *cost);
    let mut spent = 0;
    let mut kept: Vec<Weighed<'_>> = Vec::new();
    for (cost, unit) in weighed {
        spent += cost;
        if spent <= MAX_POSTINGS || kept.is_empty() {
            kept.push(unit);
        }
    }
    kept.sort_by_key(|weighed| weighed.unit.position);
    kept
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
                for list in &weighed.lists {
                    scores.read(segment, list, factor)?;
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
    fn read(
        &mut self,
        segment: &SegmentReader,
        list: &List<'_>,
        factor: f32,
    ) -> tantivy::Result<()> {
        let field = list.term.field();
        let index = segment.inverted_index(field)?;
        let Some(mut postings) = index.read_postings(list.term, IndexRecordOption::WithFreqs)?
        else {
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
            let score = weight * occurrences / (occurrences + norm);
            match list.role {
                Role::Form => self.raise(doc, score),
                Role::Bonus => self.total[doc as usize] += score,
            }
            doc = postings.advance();
        }
        Ok(())
    }

    fn raise(&mut self, doc: DocId, score: f32) {
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
