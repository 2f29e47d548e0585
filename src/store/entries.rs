//! What a Micropub program sent, for posts that came from one: what it is to be given back, and what
//! has no place in a post.

use crate::db::{ReadTx, WriteTx};
use crate::domain::entry::Entry;
use crate::domain::id::PostId;

use super::{StoreError, from_json, to_json};

pub fn get(tx: &mut ReadTx<'_>, post: PostId) -> Result<Option<Entry>, StoreError> {
    tx.query_opt(
        "SELECT entry FROM micropub_entries WHERE post_id = $1",
        &[&post.as_i64()],
        |row| from_json(row, 0),
    )
}

/// Keeps it in place of what was there.
pub fn put(tx: &mut WriteTx<'_>, post: PostId, entry: &Entry) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO micropub_entries (post_id, entry) VALUES ($1, $2)
         ON CONFLICT (post_id) DO UPDATE SET entry = excluded.entry",
        &[&post.as_i64(), &to_json(entry)?],
    )?;
    Ok(())
}
