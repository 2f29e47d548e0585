//! Leases: what only one process may do at a time, held for a while and renewed. A holder that
//! dies loses its lease by the clock, so nothing waits for it for ever.

use crate::db::{ReadTx, WriteTx};
use crate::domain::time::Timestamp;

use super::StoreError;

const WHY_QUIET: &str = "who holds a lease at this moment is no change of the site";

/// Takes the lease when it is free, has run out, or is the holder's already; says whether it is
/// the holder's now.
pub fn try_take(
    tx: &mut WriteTx<'_>,
    name: &str,
    holder: &str,
    ttl_seconds: u32,
) -> Result<bool, StoreError> {
    tx.quiet(WHY_QUIET);
    let now = tx.now();
    let taken = tx.execute(
        "INSERT INTO leases (name, holder, expires_at) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE
         SET holder = excluded.holder, expires_at = excluded.expires_at
         WHERE leases.holder = excluded.holder OR leases.expires_at <= $4",
        &[&name, &holder, &expiry(now, ttl_seconds), &now.as_micros()],
    )?;
    Ok(taken > 0)
}

/// Gives a lease up; `false` when it was not the holder's.
pub fn release(tx: &mut WriteTx<'_>, name: &str, holder: &str) -> Result<bool, StoreError> {
    tx.quiet(WHY_QUIET);
    let released = tx.execute(
        "DELETE FROM leases WHERE name = $1 AND holder = $2",
        &[&name, &holder],
    )?;
    Ok(released > 0)
}

/// Who holds the lease at `now`.
pub fn holder(
    tx: &mut ReadTx<'_>,
    name: &str,
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    tx.query_opt(
        "SELECT holder FROM leases WHERE name = $1 AND expires_at > $2",
        &[&name, &now.as_micros()],
        |row| row.get(0),
    )
}

fn expiry(now: Timestamp, ttl_seconds: u32) -> i64 {
    now.plus_seconds(i64::from(ttl_seconds)).as_micros()
}
