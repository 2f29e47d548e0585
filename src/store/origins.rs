//! Where posts and files came from that were taken over from another site.

use crate::db::{ReadTx, Row, WriteTx};
use crate::domain::id::{MediaId, PostId};
use crate::domain::origin::Origin;
use crate::domain::slug::Slug;

use super::{StoreError, parsed_opt};

const COLUMNS: &str = "source, name, digest, post_id, media_id, written_digest";

fn from_row(row: &Row<'_>) -> Result<Origin, StoreError> {
    let post: Option<i64> = row.get(3)?;
    let media: Option<i64> = row.get(4)?;
    Ok(Origin {
        source: row.get(0)?,
        name: row.get(1)?,
        digest: row.get(2)?,
        post: post.map(PostId::from_i64),
        media: media.map(MediaId::from_i64),
        written_digest: row.get(5)?,
    })
}

pub fn find(tx: &mut ReadTx<'_>, source: &str, name: &str) -> Result<Option<Origin>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM origins WHERE source = $1 AND name = $2");
    tx.query_opt(&sql, &[&source, &name], from_row)
}

/// The posts that came from a site: what each was called there, and its address here. `None`: it was deleted.
pub fn addresses_of(
    tx: &mut ReadTx<'_>,
    source: &str,
) -> Result<Vec<(String, Option<Slug>)>, StoreError> {
    tx.query(
        "SELECT o.name, p.slug FROM origins o LEFT JOIN posts p ON p.id = o.post_id
         WHERE o.source = $1 AND o.written_digest IS NOT NULL",
        &[&source],
        |row| Ok((row.get(0)?, parsed_opt(row, 1, Slug::parse)?)),
    )
}

/// Writes it down, over what was noted of the same thing before.
pub fn put(tx: &mut WriteTx<'_>, origin: &Origin) -> Result<(), StoreError> {
    tx.execute(
        &format!(
            "INSERT INTO origins ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (source, name) DO UPDATE SET digest = excluded.digest,
                post_id = excluded.post_id, media_id = excluded.media_id,
                written_digest = excluded.written_digest"
        ),
        &[
            &origin.source,
            &origin.name,
            &origin.digest,
            &origin.post.map(PostId::as_i64),
            &origin.media.map(MediaId::as_i64),
            &origin.written_digest,
        ],
    )?;
    Ok(())
}
