//! Addresses readers asked for and did not find.

use crate::db::{ReadTx, Row, WriteTx};
use crate::domain::redirect::Missing;

use super::{StoreError, time};

fn from_row(row: &Row<'_>) -> Result<Missing, StoreError> {
    Ok(Missing {
        path: row.get(0)?,
        hits: row.get(1)?,
        referrer: row.get(2)?,
        seen_at: time(row, 3)?,
    })
}

/// Adds hits to what is known of an address.
pub fn note(
    tx: &mut WriteTx<'_>,
    path: &str,
    hits: u32,
    referrer: Option<&str>,
) -> Result<(), StoreError> {
    let now = tx.now().as_micros();
    tx.execute(
        "INSERT INTO missing_pages (path, hits, referrer, seen_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (path) DO UPDATE
         SET hits = missing_pages.hits + excluded.hits, seen_at = excluded.seen_at,
            referrer = COALESCE(excluded.referrer, missing_pages.referrer)",
        &[&path, &hits, &referrer, &now],
    )?;
    Ok(())
}

/// What was asked for most.
pub fn most_wanted(tx: &mut ReadTx<'_>, limit: u32) -> Result<Vec<Missing>, StoreError> {
    tx.query(
        "SELECT path, hits, referrer, seen_at FROM missing_pages
         ORDER BY hits DESC, path LIMIT $1",
        &[&limit],
        from_row,
    )
}

/// The same without what was asked for more than `hits` times, and without the first so many of the rest.
pub fn wanted_less(
    tx: &mut ReadTx<'_>,
    hits: u32,
    limit: u32,
    offset: u32,
) -> Result<Vec<Missing>, StoreError> {
    tx.query(
        "SELECT path, hits, referrer, seen_at FROM missing_pages WHERE hits <= $1
         ORDER BY hits DESC, path LIMIT $2 OFFSET $3",
        &[&hits, &limit, &offset],
        from_row,
    )
}

/// Forgets one address; says whether it was known.
pub fn forget(tx: &mut WriteTx<'_>, path: &str) -> Result<bool, StoreError> {
    Ok(tx.execute("DELETE FROM missing_pages WHERE path = $1", &[&path])? > 0)
}

/// Forgets all but the `keep` that were asked for last.
pub fn forget_oldest(tx: &mut WriteTx<'_>, keep: u32) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM missing_pages WHERE seen_at <=
            (SELECT seen_at FROM missing_pages ORDER BY seen_at DESC LIMIT 1 OFFSET $1)
         /* scan: along an index, to the last that is kept */",
        &[&keep],
    )?;
    Ok(())
}
