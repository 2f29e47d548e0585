//! Which documents an answer may hold at all: tags, authors, dates, phrases that must stand and ones that
//! must not. Also the answer to a query that has nothing but such conditions.
//!
//! Must not know scores.

use tantivy::columnar::Column;
use tantivy::query::{EnableScoring, PhraseQuery, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet as _, Searcher, SegmentReader, TERMINATED, Term};

use super::query::Query;
use super::rank::MAX_HITS;
use super::schema::Fields;
use super::tokens::{Kind, Token};
use super::{Hits, Request};
use crate::domain::{id::PostId, time::Timestamp};

/// A phrase that stands in more documents says little; the search goes on with those found so far.
pub(super) const MAX_PHRASE_MATCHES: usize = 5_000;

/// Which documents may appear at all.
pub(super) struct Filter {
    /// By segment; absent where everything may.
    allowed: Vec<Option<Vec<bool>>>,
}

impl Filter {
    pub(super) fn new(searcher: &Searcher, fields: Fields, query: &Query) -> tantivy::Result<Self> {
        let required = clauses(fields, &query.tags, &query.authors, &query.phrases);
        let excluded = clauses(
            fields,
            &query.excluded_tags,
            &query.excluded_authors,
            &query.excluded,
        );
        let segments = searcher.segment_readers();
        let mut allowed: Vec<Option<Vec<bool>>> = vec![None; segments.len()];
        for (clause, keep) in required
            .iter()
            .map(|clause| (clause, true))
            .chain(excluded.iter().map(|clause| (clause, false)))
        {
            let limit = if keep { MAX_PHRASE_MATCHES } else { usize::MAX };
            let matching = documents_of(searcher, clause.as_ref(), limit)?;
            for ((mask, segment), matching) in allowed.iter_mut().zip(segments).zip(matching) {
                let mut matches = vec![!keep; segment.max_doc() as usize];
                for doc in matching {
                    matches[doc as usize] = keep;
                }
                restrict(mask, matches.into_iter());
            }
        }
        if query.after.is_some() || query.before.is_some() {
            for (mask, segment) in allowed.iter_mut().zip(segments) {
                let published = segment.fast_fields().i64("published")?;
                let within = (0..segment.max_doc()).map(|doc| is_within(&published, doc, query));
                restrict(mask, within);
            }
        }
        Ok(Self { allowed })
    }

    pub(super) fn allows(&self, segment: usize, reader: &SegmentReader, doc: DocId) -> bool {
        let allowed = self.allowed.get(segment).and_then(Option::as_ref);
        !reader.is_deleted(doc) && allowed.is_none_or(|allowed| allowed[doc as usize])
    }
}

type Clause = Box<dyn tantivy::query::Query>;

fn clauses(
    fields: Fields,
    tags: &[String],
    authors: &[String],
    texts: &[Vec<Token>],
) -> Vec<Clause> {
    let tags = tags.iter().map(|label| term_query(fields.tag, label));
    let authors = authors.iter().map(|label| term_query(fields.author, label));
    let texts = texts
        .iter()
        .filter_map(|tokens| together(fields.words, tokens));
    tags.chain(authors).chain(texts).collect()
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

fn term_query(field: Field, text: &str) -> Clause {
    Box::new(TermQuery::new(
        Term::from_field_text(field, text),
        IndexRecordOption::Basic,
    ))
}

/// A quoted or excluded text as it must stand. Compounds are left out, their parts say the same; except
/// where a sign is part of the name.
fn together(field: Field, tokens: &[Token]) -> Option<Clause> {
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
        several => {
            phrase_query(field, several.iter().copied()).map(|query| -> Clause { Box::new(query) })
        }
    }
}

/// The documents a condition holds for, by segment; of a phrase not more than the limit, since each costs
/// reading positions.
pub(super) fn documents_of(
    searcher: &Searcher,
    query: &dyn tantivy::query::Query,
    max_phrase_matches: usize,
) -> tantivy::Result<Vec<Vec<DocId>>> {
    let limit = if query.is::<PhraseQuery>() {
        max_phrase_matches
    } else {
        usize::MAX
    };
    let weight = query.weight(EnableScoring::disabled_from_searcher(searcher))?;
    let mut left = limit;
    let mut documents = Vec::new();
    for segment in searcher.segment_readers() {
        let mut matching = weight.scorer(segment, 1.0)?;
        let mut of_segment = Vec::new();
        while matching.doc() != TERMINATED && left > 0 {
            of_segment.push(matching.doc());
            matching.advance();
            left -= 1;
        }
        documents.push(of_segment);
    }
    Ok(documents)
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

/// Tokens standing exactly as given. One token is no phrase.
pub(super) fn phrase_query<'a>(
    field: Field,
    tokens: impl Iterator<Item = &'a Token>,
) -> Option<PhraseQuery> {
    let terms: Vec<(usize, Term)> = tokens
        .map(|token| (token.position, Term::from_field_text(field, &token.exact)))
        .collect();
    (terms.len() > 1).then(|| PhraseQuery::new_with_offset(terms))
}
