//! Pending drafts: edits of a published post that readers do not see yet. One a post.

use crate::db::{ReadTx, WriteTx};
use crate::domain::id::{PostId, UserId};
use crate::domain::post::PendingDraft;

use super::{StoreError, from_json, time, to_json};

pub fn get(tx: &mut ReadTx<'_>, post: PostId) -> Result<Option<PendingDraft>, StoreError> {
    tx.query_opt(
        "SELECT base_version, version, content, edited_by, updated_at
         FROM pending_drafts WHERE post_id = $1",
        &[&post.as_i64()],
        |row| {
            let edited_by: Option<i64> = row.get(3)?;
            Ok(PendingDraft {
                post,
                base_version: row.get(0)?,
                version: row.get(1)?,
                content: from_json(row, 2)?,
                edited_by: edited_by.map(UserId::from_i64),
                updated_at: time(row, 4)?,
            })
        },
    )
}

/// Keeps the draft in place of the one before it.
pub fn put(tx: &mut WriteTx<'_>, draft: &PendingDraft) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO pending_drafts
            (post_id, base_version, version, content, edited_by, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (post_id) DO UPDATE
         SET base_version = excluded.base_version, version = excluded.version,
            content = excluded.content, edited_by = excluded.edited_by,
            updated_at = excluded.updated_at",
        &[
            &draft.post.as_i64(),
            &draft.base_version,
            &draft.version,
            &to_json(&draft.content)?,
            &draft.edited_by.map(UserId::as_i64),
            &draft.updated_at.as_micros(),
        ],
    )?;
    Ok(())
}

/// Drops the draft; says whether there was one.
pub fn delete(tx: &mut WriteTx<'_>, post: PostId) -> Result<bool, StoreError> {
    let sql = "DELETE FROM pending_drafts WHERE post_id = $1";
    Ok(tx.execute(sql, &[&post.as_i64()])? > 0)
}
