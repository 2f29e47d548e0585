//! Writing the index: documents in, one commit with the change-feed cursor inside it, visible at once.
//!
//! Must not know what the cursor counts, nor when to commit: the job that follows the feed does.

use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};
use tantivy::query::AllQuery;
use tantivy::schema::Field;
use tantivy::tokenizer::{PreTokenizedString, Token as StoredToken};
use tantivy::{IndexWriter, TantivyDocument, Term};

use super::fold::fold;
use super::index::Index;
use super::schema::Fields;
use super::stems::Stems;
use super::tokens::{Kind, Token, tokenize};
use super::{Document, SearchError};
use crate::domain::id::PostId;

/// Text held in memory before a segment is written. Small: the machine may have 512 MB in all.
const MEMORY_BUDGET_BYTES: usize = 20_000_000;
/// Segments of about the same size that are merged into one; fewer segments answer faster.
const SEGMENTS_PER_MERGE: usize = 6;
/// A segment is rewritten when this share of it has been deleted.
const DELETED_SHARE_BEFORE_MERGE: f32 = 0.3;
/// Body text beyond this is not searched; a post of this size is a book.
const MAX_BODY_BYTES: usize = 2_000_000;

/// Merged weights of what is said where, as repetitions in `terms`.
const TITLE_REPEATS: usize = 2;
const TAG_REPEATS: usize = 2;

/// The one writer. Dropping it without a commit leaves the index as it was.
pub struct Writer {
    index: Index,
    fields: Fields,
    inner: IndexWriter<TantivyDocument>,
    stems: Stems,
    /// What `clear` could not do; the commit then fails instead of mixing old and new.
    refused: Option<SearchError>,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

impl Writer {
    pub(super) fn open(
        index: Index,
        engine: &tantivy::Index,
        fields: Fields,
    ) -> Result<Self, SearchError> {
        let options = IndexWriterOptions::builder()
            .memory_budget_per_thread(MEMORY_BUDGET_BYTES)
            .num_worker_threads(1)
            .num_merge_threads(1)
            .build();
        let inner = engine.writer_with_options(options)?;
        let mut merge_policy = LogMergePolicy::default();
        merge_policy.set_min_num_segments(SEGMENTS_PER_MERGE);
        merge_policy.set_del_docs_ratio_before_merge(DELETED_SHARE_BEFORE_MERGE);
        inner.set_merge_policy(Box::new(merge_policy));
        // A writer that was killed leaves files no commit knows of, under names the next one will
        // want: numbers go on from the last commit.
        inner.garbage_collect_files().wait()?;
        Ok(Self {
            index,
            fields,
            inner,
            stems: Stems::new(),
            refused: None,
        })
    }

    /// Adds a document, or replaces the one with the same id.
    pub fn put(&mut self, document: &Document) -> Result<(), SearchError> {
        self.remove(document.id)?;
        let stored = self.stored(document);
        self.inner.add_document(stored)?;
        Ok(())
    }

    pub fn remove(&mut self, id: PostId) -> Result<(), SearchError> {
        self.inner
            .delete_term(Term::from_field_i64(self.fields.id, id.as_i64()));
        Ok(())
    }

    /// Forgets every document; searches see it with the next commit, so a rebuild never shows half.
    pub fn clear(&mut self) {
        if let Err(error) = self.inner.delete_query(Box::new(AllQuery)) {
            self.refused = Some(error.into());
        }
    }

    /// Makes everything since the last commit durable and visible, and remembers the feed position.
    pub fn commit(&mut self, cursor: u64) -> Result<(), SearchError> {
        if let Some(refused) = self.refused.take() {
            return Err(refused);
        }
        let mut commit = self.inner.prepare_commit()?;
        commit.set_payload(&cursor.to_string());
        commit.commit()?;
        self.index.reload()
    }

    fn stored(&mut self, document: &Document) -> TantivyDocument {
        let fields = self.fields;
        let language = document.language.primary();
        let mut stored = TantivyDocument::new();
        stored.add_i64(fields.id, document.id.as_i64());
        stored.add_i64(fields.published, document.published_at.as_micros());
        stored.add_text(fields.language, language);
        let title = self.analyse(&document.title, language);
        add(&mut stored, fields.title, &title.terms);
        for _ in 0..TITLE_REPEATS {
            title.add_to(&mut stored, fields);
        }
        for (slug, name) in &document.tags {
            add_label(&mut stored, fields.tag, slug, name);
            let tag = self.analyse(name, language);
            for _ in 0..TAG_REPEATS {
                tag.add_to(&mut stored, fields);
            }
        }
        for (slug, name) in &document.authors {
            add_label(&mut stored, fields.author, slug, name);
            self.analyse(name, language).add_to(&mut stored, fields);
        }
        for heading in document
            .headings
            .lines()
            .filter(|line| !line.trim().is_empty())
        {
            self.analyse(heading, language).add_to(&mut stored, fields);
        }
        let body = up_to(&document.body, MAX_BODY_BYTES);
        self.analyse(body, language).add_to(&mut stored, fields);
        stored
    }

    fn analyse(&mut self, text: &str, language: &str) -> Analysed {
        let tokens = tokenize(text);
        let mut analysed = Analysed {
            words: Vec::with_capacity(tokens.len()),
            terms: Vec::with_capacity(tokens.len()),
        };
        for token in tokens {
            match token.kind {
                Kind::Word => {
                    for stem in self.stems.of(&token.cased, language) {
                        analysed.terms.push(stored_token(stem, &token));
                    }
                }
                Kind::Compound | Kind::Single | Kind::Pair | Kind::Emoji => {
                    analysed
                        .terms
                        .push(stored_token(token.exact.clone(), &token));
                }
            }
            analysed
                .words
                .push(stored_token(token.exact.clone(), &token));
        }
        analysed
    }
}

/// A text as the index takes it.
struct Analysed {
    words: Vec<StoredToken>,
    terms: Vec<StoredToken>,
}

impl Analysed {
    fn add_to(&self, stored: &mut TantivyDocument, fields: Fields) {
        add(stored, fields.words, &self.words);
        add(stored, fields.terms, &self.terms);
    }
}

fn add(stored: &mut TantivyDocument, field: Field, tokens: &[StoredToken]) {
    if !tokens.is_empty() {
        let text = PreTokenizedString {
            text: String::new(),
            tokens: tokens.to_vec(),
        };
        stored.add_pre_tokenized_text(field, text);
    }
}

fn stored_token(text: String, token: &Token) -> StoredToken {
    StoredToken {
        offset_from: token.start,
        offset_to: token.end,
        position: token.position,
        text,
        position_length: 1,
    }
}

/// A tag or author is asked for by slug or by name.
fn add_label(stored: &mut TantivyDocument, field: Field, slug: &str, name: &str) {
    let (slug, name) = (label(slug), label(name));
    stored.add_text(field, &slug);
    if name != slug {
        stored.add_text(field, &name);
    }
}

/// Folded, with single spaces: how labels are compared.
pub(super) fn label(text: &str) -> String {
    fold(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As much of the text as fits, never half a character.
pub(super) fn up_to(text: &str, max_bytes: usize) -> &str {
    &text[..text.floor_char_boundary(max_bytes)]
}
