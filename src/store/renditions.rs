//! Rendered posts, kept beside their source so that a page need not render it again.

use crate::db::{ReadTx, WriteTx};
use crate::domain::id::PostId;
use crate::domain::post::StoredRendition;

use super::StoreError;

pub fn of(tx: &mut ReadTx<'_>, post: PostId) -> Result<Option<StoredRendition>, StoreError> {
    tx.query_opt(
        "SELECT stamp, html, facts, plain FROM renditions WHERE post_id = $1",
        &[&post.as_i64()],
        |row| {
            Ok(StoredRendition {
                stamp: row.get(0)?,
                html: row.get(1)?,
                facts: row.get(2)?,
                plain: row.get(3)?,
            })
        },
    )
}

/// What the renderer found out about a post, without the rendering itself.
pub fn facts(tx: &mut ReadTx<'_>, post: PostId) -> Result<Option<String>, StoreError> {
    tx.query_opt(
        "SELECT facts FROM renditions WHERE post_id = $1",
        &[&post.as_i64()],
        |row| row.get(0),
    )
}

/// The text alone.
pub fn plain(tx: &mut ReadTx<'_>, post: PostId) -> Result<Option<String>, StoreError> {
    tx.query_opt(
        "SELECT plain FROM renditions WHERE post_id = $1",
        &[&post.as_i64()],
        |row| row.get(0),
    )
}

pub fn put(
    tx: &mut WriteTx<'_>,
    post: PostId,
    rendition: &StoredRendition,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO renditions (post_id, stamp, html, facts, plain) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (post_id) DO UPDATE SET stamp = excluded.stamp, html = excluded.html,
            facts = excluded.facts, plain = excluded.plain",
        &[
            &post.as_i64(),
            &rendition.stamp,
            &rendition.html,
            &rendition.facts,
            &rendition.plain,
        ],
    )?;
    Ok(())
}

/// Which renderer and options made what is kept.
pub fn stamp(tx: &mut ReadTx<'_>, post: PostId) -> Result<Option<String>, StoreError> {
    tx.query_opt(
        "SELECT stamp FROM renditions WHERE post_id = $1",
        &[&post.as_i64()],
        |row| row.get(0),
    )
}
