//! The change feed, as its followers read it. Written by `db` when a transaction commits.

use crate::db::{ReadTx, Row, WriteTx};
use crate::domain::change::{Change, Entry, Noun, Verb};

use super::{StoreError, time};

/// An entry, or only its number where a newer release wrote a word this one does not know.
fn from_row(row: &Row<'_>) -> Result<(u64, Option<Entry>), StoreError> {
    let seq = row.get(0)?;
    let (noun, verb): (String, String) = (row.get(2)?, row.get(4)?);
    let (Some(noun), Some(verb)) = (Noun::parse(&noun), Verb::parse(&verb)) else {
        return Ok((seq, None));
    };
    let change = Change {
        noun,
        id: row.get(3)?,
        verb,
        visible: row.get(5)?,
    };
    let at = time(row, 1)?;
    Ok((seq, Some(Entry { seq, at, change })))
}

/// Entries after `seq`, oldest first. Entries about things only a newer release knows are left
/// out: a follower must get past them after a rollback.
pub fn after(tx: &mut ReadTx<'_>, seq: u64, limit: u32) -> Result<Vec<Entry>, StoreError> {
    let mut cursor = seq;
    loop {
        let rows = tx.query(
            "SELECT seq, at, noun, noun_id, verb, visible FROM changes
             WHERE seq > $1 ORDER BY seq LIMIT $2",
            &[&cursor, &limit],
            from_row,
        )?;
        let Some(&(last, _)) = rows.last() else {
            return Ok(Vec::new());
        };
        let known: Vec<Entry> = rows.into_iter().filter_map(|(_, entry)| entry).collect();
        if !known.is_empty() {
            return Ok(known);
        }
        cursor = last;
    }
}

/// The number of the newest entry ever written, also when it has been forgotten since.
pub fn newest(tx: &mut ReadTx<'_>) -> Result<u64, StoreError> {
    let sql = "SELECT seq FROM feed_state WHERE id = 1";
    tx.query_one(sql, &[], |row| row.get(0))
}

/// The number of the oldest entry still kept. A follower whose cursor stands before it has missed
/// something and starts anew.
pub fn oldest(tx: &mut ReadTx<'_>) -> Result<Option<u64>, StoreError> {
    let sql = "SELECT seq FROM changes ORDER BY seq LIMIT 1";
    tx.query_opt(sql, &[], |row| row.get(0))
}

/// The number in every page's cache key, as this transaction sees it.
pub fn generation(tx: &mut ReadTx<'_>) -> Result<u64, StoreError> {
    let sql = "SELECT generation FROM feed_state WHERE id = 1";
    tx.query_one(sql, &[], |row| row.get(0))
}

/// Drops the entries before `seq`, but never the newest: followers tell by it that they are late.
pub fn forget(tx: &mut WriteTx<'_>, before_seq: u64) -> Result<u64, StoreError> {
    tx.quiet("every follower has read what is forgotten");
    tx.execute(
        "DELETE FROM changes WHERE seq < $1 AND seq < (SELECT seq FROM feed_state WHERE id = 1)",
        &[&before_seq],
    )
}
