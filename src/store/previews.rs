//! Links that show a post before it is published. The secret in a link is known only by its hash.

use crate::db::{ReadTx, WriteTx};
use crate::domain::id::{PostId, PreviewId, UserId};
use crate::domain::time::Timestamp;

use super::{StoreError, time};

pub fn insert(
    tx: &mut WriteTx<'_>,
    post: PostId,
    secret_hash: &[u8],
    created_by: Option<UserId>,
    expires_at: Timestamp,
) -> Result<PreviewId, StoreError> {
    let id = tx.new_id();
    let now = tx.now().as_micros();
    tx.execute(
        "INSERT INTO preview_links (id, post_id, secret_hash, created_by, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            &id,
            &post.as_i64(),
            &secret_hash,
            &created_by.map(UserId::as_i64),
            &now,
            &expires_at.as_micros(),
        ],
    )?;
    Ok(PreviewId::from_i64(id))
}

/// Which post a link shows, and until when; nothing once that moment has come.
pub fn by_secret_hash(
    tx: &mut ReadTx<'_>,
    secret_hash: &[u8],
    now: Timestamp,
) -> Result<Option<(PostId, Timestamp)>, StoreError> {
    tx.query_opt(
        "SELECT post_id, expires_at FROM preview_links WHERE secret_hash = $1 AND expires_at > $2",
        &[&secret_hash, &now.as_micros()],
        |row| Ok((PostId::from_i64(row.get(0)?), time(row, 1)?)),
    )
}

/// Ends all links of a post; says how many there were.
pub fn delete_of_post(tx: &mut WriteTx<'_>, post: PostId) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM preview_links WHERE post_id = $1",
        &[&post.as_i64()],
    )
}

pub fn delete_expired(tx: &mut WriteTx<'_>) -> Result<u64, StoreError> {
    let now = tx.now().as_micros();
    tx.execute("DELETE FROM preview_links WHERE expires_at <= $1", &[&now])
}
