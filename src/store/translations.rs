//! Which posts say the same in different languages: they share a group. A post that stands alone has
//! no row.

use crate::db::{ReadTx, WriteTx};
use crate::domain::id::PostId;

use super::StoreError;

/// The group a post belongs to.
pub fn group_of(tx: &mut ReadTx<'_>, post: PostId) -> Result<Option<i64>, StoreError> {
    tx.query_opt(
        "SELECT group_id FROM translations WHERE post_id = $1",
        &[&post.as_i64()],
        |row| row.get(0),
    )
}

/// The posts of a group, the oldest first.
pub fn members(tx: &mut ReadTx<'_>, group: i64) -> Result<Vec<PostId>, StoreError> {
    tx.query(
        "SELECT post_id FROM translations WHERE group_id = $1 ORDER BY post_id",
        &[&group],
        |row| row.get(0).map(PostId::from_i64),
    )
}

/// Puts a post into a group; it leaves the one it was in.
pub fn join(tx: &mut WriteTx<'_>, post: PostId, group: i64) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO translations (post_id, group_id) VALUES ($1, $2)
         ON CONFLICT (post_id) DO UPDATE SET group_id = excluded.group_id",
        &[&post.as_i64(), &group],
    )?;
    Ok(())
}

/// Takes a post out of its group; says whether it was in one.
pub fn leave(tx: &mut WriteTx<'_>, post: PostId) -> Result<bool, StoreError> {
    let gone = tx.execute(
        "DELETE FROM translations WHERE post_id = $1",
        &[&post.as_i64()],
    )?;
    Ok(gone > 0)
}
