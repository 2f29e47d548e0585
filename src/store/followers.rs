//! How far those have read who follow the change feed and keep their place in the store. One that moves its
//! place in the transaction in which it acts on an entry does so exactly once.

use crate::db::{ReadTx, WriteTx};

use super::StoreError;

/// The last entry that was read; 0 before the first.
pub fn place(tx: &mut ReadTx<'_>, follower: &str) -> Result<u64, StoreError> {
    let sql = "SELECT seq FROM followers WHERE name = $1";
    let seq = tx.query_opt(sql, &[&follower], |row| row.get(0))?;
    Ok(seq.unwrap_or_default())
}

pub fn keep_place(tx: &mut WriteTx<'_>, follower: &str, seq: u64) -> Result<(), StoreError> {
    tx.quiet("how far a follower has read is no change of the site");
    tx.execute(
        "INSERT INTO followers (name, seq) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET seq = excluded.seq",
        &[&follower, &seq],
    )?;
    Ok(())
}
