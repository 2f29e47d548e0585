//! What each part of a query is worth, by how rare it is over the whole index, and which posting lists that
//! takes; within a budget, so that the longest query costs a known time.
//!
//! Must not know documents or segments beyond their counts.

use tantivy::schema::Field;
use tantivy::{Searcher, Term};

use super::plan::{Matching, Unit};
use super::schema::Fields;

/// Postings read for one search; the commonest words of a long query are left out beyond it.
const MAX_POSTINGS: u64 = 250_000;
const TITLE_WEIGHT: f32 = 0.3;
const EXACT_WEIGHT: f32 = 0.05;
/// Rare words decide more than BM25 alone lets them: the common words of a question carry little.
const RARITY_POWER: f32 = 1.3;

/// A unit with what its rarity is worth, over all segments.
#[derive(Debug)]
pub(super) struct Weighed<'a> {
    pub unit: &'a Unit,
    pub idf: f32,
    pub lists: Vec<List<'a>>,
}

/// A posting list to read for a unit.
#[derive(Debug)]
pub(super) struct List<'a> {
    pub term: &'a Term,
    pub weight: f32,
    pub average_length: f32,
    pub role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// One of the forms of the word; the best counts.
    Form,
    /// Adds to what was found.
    Bonus,
}

#[expect(clippy::cast_precision_loss, reason = "scores need no more")]
pub(super) fn weigh<'a>(
    searcher: &Searcher,
    fields: Fields,
    units: &'a [Unit],
) -> tantivy::Result<Vec<Weighed<'a>>> {
    let scales = Scales::of(searcher, fields)?;
    let mut weighed = Vec::new();
    for unit in units {
        let read = scales.lists(searcher, &unit.matching)?;
        let documents = scales.documents as f32;
        let frequency = read.frequency.min(scales.documents) as f32;
        let rarity = 1.0 + (documents - frequency + 0.5) / (frequency + 0.5);
        let idf = rarity.ln().powf(RARITY_POWER);
        let lists = read.lists;
        weighed.push((read.postings, Weighed { unit, idf, lists }));
    }
    Ok(within_budget(weighed))
}

/// What one unit reads.
#[derive(Default)]
struct Reading<'a> {
    lists: Vec<List<'a>>,
    /// Documents that have the best form.
    frequency: u64,
    /// What reading costs.
    postings: u64,
}

/// Sizes of the whole index, which scores are relative to.
struct Scales {
    fields: Fields,
    documents: u64,
    terms_length: f32,
    words_length: f32,
    title_length: f32,
}

impl Scales {
    #[expect(clippy::cast_precision_loss, reason = "scores need no more")]
    fn of(searcher: &Searcher, fields: Fields) -> tantivy::Result<Self> {
        let segments = searcher.segment_readers();
        let documents: u64 = segments.iter().map(|s| u64::from(s.max_doc())).sum();
        let length = |field: Field| -> tantivy::Result<f32> {
            let mut tokens = 0;
            for segment in segments {
                tokens += segment.inverted_index(field)?.total_num_tokens();
            }
            Ok((tokens as f32 / documents.max(1) as f32).max(1.0))
        };
        Ok(Self {
            fields,
            documents,
            terms_length: length(fields.terms)?,
            words_length: length(fields.words)?,
            title_length: length(fields.title)?,
        })
    }

    fn lists<'a>(
        &self,
        searcher: &Searcher,
        matching: &'a Matching,
    ) -> tantivy::Result<Reading<'a>> {
        let mut reading = Reading::default();
        let (alternatives, exact, title) = match matching {
            Matching::Run { documents, .. } => {
                reading.frequency = documents.iter().map(|segment| segment.len() as u64).sum();
                return Ok(reading);
            }
            Matching::Word {
                alternatives,
                exact,
                title,
            } => (alternatives, exact, title),
        };
        let weights = alternatives.iter().map(|(_, weight)| *weight);
        let best_weight = weights.fold(0.0, f32::max);
        for (term, weight) in alternatives {
            let documents = searcher.doc_freq(term)?;
            if *weight >= best_weight {
                reading.frequency += documents;
            }
            reading.postings += documents;
            reading.lists.push(self.list(term, *weight, Role::Form));
        }
        if let Some(term) = exact {
            let documents = searcher.doc_freq(term)?;
            // Where every form is this one, it says nothing more.
            if documents < reading.frequency {
                reading.postings += documents;
                reading
                    .lists
                    .push(self.list(term, EXACT_WEIGHT, Role::Bonus));
            }
        }
        for term in title {
            reading.postings += searcher.doc_freq(term)?;
            reading
                .lists
                .push(self.list(term, TITLE_WEIGHT, Role::Bonus));
        }
        Ok(reading)
    }

    fn list<'a>(&self, term: &'a Term, weight: f32, role: Role) -> List<'a> {
        let field = term.field();
        let average_length = if field == self.fields.words {
            self.words_length
        } else if field == self.fields.title {
            self.title_length
        } else {
            self.terms_length
        };
        List {
            term,
            weight,
            average_length,
            role,
        }
    }
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
