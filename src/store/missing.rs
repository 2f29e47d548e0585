//! Addresses readers asked for and did not find.

use crate::db::{ReadTx, WriteTx};
use crate::domain::redirect::Missing;

use super::{StoreError, time};

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
        |row| {
            Ok(Missing {
                path: row.get(0)?,
                hits: row.get(1)?,
                referrer: row.get(2)?,
                seen_at: time(row, 3)?,
            })
        },
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
