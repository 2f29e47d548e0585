//! What an index holds, and its version.
//!
//! Ranking reads `terms` (stems, and grams of scripts without spaces; title, tags, headings and body
//! merged, the weightier ones repeated, so that one look-up a word gives a weighted BM25) and `title`
//! (for a moderate boost). `words` holds the unstemmed forms for phrases, prefixes, typos and exclusions.
//!
//! Must not know queries or files.

use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions,
};

/// Raise when the fields or the way text becomes tokens change; each version has its own directory, so
/// that a rolled-back program finds its index as it left it.
pub(super) const VERSION: u32 = 1;

#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    pub id: Field,
    pub published: Field,
    pub language: Field,
    pub tag: Field,
    pub author: Field,
    pub title: Field,
    pub terms: Field,
    pub words: Field,
}

pub(super) fn build() -> (Schema, Fields) {
    let text = |record| {
        let indexing = TextFieldIndexing::default()
            .set_tokenizer("raw")
            .set_index_option(record);
        TextOptions::default().set_indexing_options(indexing)
    };
    let mut schema = Schema::builder();
    let fields = Fields {
        id: schema.add_i64_field("id", INDEXED | FAST),
        published: schema.add_i64_field("published", FAST),
        language: schema.add_text_field("language", STRING),
        tag: schema.add_text_field("tag", STRING),
        author: schema.add_text_field("author", STRING),
        title: schema.add_text_field("title", text(IndexRecordOption::WithFreqs)),
        terms: schema.add_text_field("terms", text(IndexRecordOption::WithFreqsAndPositions)),
        words: schema.add_text_field("words", text(IndexRecordOption::WithFreqsAndPositions)),
    };
    (schema.build(), fields)
}
