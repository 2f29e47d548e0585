//! What deleted things were called, for those who hear of it when the thing itself is gone.

use crate::db::{ReadTx, WriteTx};
use crate::domain::change::Noun;
use crate::domain::id::PostId;
use crate::domain::slug::Slug;
use crate::domain::time::Timestamp;
use crate::domain::webhook::Departed;

use super::{StoreError, from_json, to_json};

/// To be called in the transaction that deletes the thing, which records the change.
pub fn insert(tx: &mut WriteTx<'_>, id: i64, departed: &Departed) -> Result<(), StoreError> {
    let now = tx.now().as_micros();
    tx.execute(
        "INSERT INTO departed (noun, noun_id, facts, at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (noun, noun_id) DO UPDATE SET facts = excluded.facts, at = excluded.at",
        &[&departed.noun().as_str(), &id, &to_json(departed)?, &now],
    )?;
    Ok(())
}

pub fn find(tx: &mut ReadTx<'_>, noun: Noun, id: i64) -> Result<Option<Departed>, StoreError> {
    tx.query_opt(
        "SELECT facts FROM departed WHERE noun = $1 AND noun_id = $2",
        &[&noun.as_str(), &id],
        |row| from_json(row, 0),
    )
}

pub fn forget(tx: &mut WriteTx<'_>, before: Timestamp) -> Result<u64, StoreError> {
    tx.quiet("everybody has heard of it");
    tx.execute("DELETE FROM departed WHERE at < $1", &[&before.as_micros()])
}

/// Notes that readers can see a post, and where.
pub fn note_shown(tx: &mut WriteTx<'_>, post: PostId, slug: &Slug) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO posts_shown (post_id, slug) VALUES ($1, $2)
         ON CONFLICT (post_id) DO UPDATE SET slug = excluded.slug",
        &[&post.as_i64(), &slug.as_str()],
    )?;
    Ok(())
}

/// Where readers could see a post last; `None` if they never could.
pub fn shown_at(tx: &mut ReadTx<'_>, post: PostId) -> Result<Option<String>, StoreError> {
    let sql = "SELECT slug FROM posts_shown WHERE post_id = $1";
    tx.query_opt(sql, &[&post.as_i64()], |row| row.get(0))
}
