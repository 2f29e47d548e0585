//! Revisions: every saved state of a post, as far back as is kept.

use crate::db::{ReadTx, Row, WriteTx};
use crate::domain::id::{PostId, RevisionId, UserId};
use crate::domain::place::{Place, Stretch};
use crate::domain::post::Revision;

use super::{StoreError, from_json, time, to_json};

const COLUMNS: &str = "id, post_id, edited_by, at, version, content";

fn from_row(row: &Row<'_>) -> Result<Revision, StoreError> {
    let edited_by: Option<i64> = row.get(2)?;
    Ok(Revision {
        id: RevisionId::from_i64(row.get(0)?),
        post: PostId::from_i64(row.get(1)?),
        edited_by: edited_by.map(UserId::from_i64),
        at: time(row, 3)?,
        version: row.get(4)?,
        content: from_json(row, 5)?,
    })
}

pub fn insert(tx: &mut WriteTx<'_>, revision: &Revision) -> Result<(), StoreError> {
    tx.execute(
        &format!("INSERT INTO revisions ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6)"),
        &[
            &revision.id.as_i64(),
            &revision.post.as_i64(),
            &revision.edited_by.map(UserId::as_i64),
            &revision.at.as_micros(),
            &revision.version,
            &to_json(&revision.content)?,
        ],
    )?;
    Ok(())
}

pub fn by_id(tx: &mut ReadTx<'_>, id: RevisionId) -> Result<Option<Revision>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM revisions WHERE id = $1");
    tx.query_opt(&sql, &[&id.as_i64()], from_row)
}

/// A post's revisions, the newest first.
pub fn of_post(tx: &mut ReadTx<'_>, post: PostId, limit: u32) -> Result<Vec<Revision>, StoreError> {
    tx.query(
        &format!(
            "SELECT {COLUMNS} FROM revisions WHERE post_id = $1
             ORDER BY at DESC, id DESC LIMIT $2"
        ),
        &[&post.as_i64(), &limit],
        from_row,
    )
}

/// A part of the same list: those behind a place.
pub fn of_post_after(
    tx: &mut ReadTx<'_>,
    post: PostId,
    after: Place,
    limit: u32,
) -> Result<Stretch<Revision>, StoreError> {
    let found = tx.query(
        &format!(
            "SELECT {COLUMNS} FROM revisions WHERE post_id = $1 AND (at, id) < ($2, $3)
             ORDER BY at DESC, id DESC LIMIT $4"
        ),
        &[
            &post.as_i64(),
            &after.key,
            &after.id,
            &(limit.saturating_add(1)),
        ],
        from_row,
    )?;
    Ok(Stretch::of(found, limit, |revision| {
        Place::behind(revision.at, revision.id.as_i64())
    }))
}

pub fn delete(tx: &mut WriteTx<'_>, id: RevisionId) -> Result<(), StoreError> {
    match tx.execute("DELETE FROM revisions WHERE id = $1", &[&id.as_i64()])? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

/// Keeps the newest `keep` revisions of a post and drops the rest.
pub fn thin_out(tx: &mut WriteTx<'_>, post: PostId, keep: u32) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM revisions WHERE post_id = $1 AND id NOT IN (
            SELECT id FROM revisions WHERE post_id = $1 ORDER BY at DESC, id DESC LIMIT $2)",
        &[&post.as_i64(), &keep],
    )?;
    Ok(())
}
