//! The record of every write on SQLite: the changeset of a transaction, kept in that same
//! transaction. A snapshot and the entries after it give back any moment since.

use std::collections::BTreeMap;

use rusqlite::session::{ConflictAction, Session};
use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

use crate::domain::text::hex;
use crate::domain::time::Timestamp;

use super::error::StoreError;
use super::migrations;
use super::tx::WriteTx;

/// Tables that are not history: the log itself, and who holds what at this moment.
const NOT_RECORDED: [&str; 2] = ["oplog", "leases"];

fn is_recorded(table: &str) -> bool {
    !NOT_RECORDED.contains(&table)
}

/// Starts to record what the open transaction changes.
pub(super) fn record(connection: &Connection) -> Result<Session<'_>, StoreError> {
    let mut session = Session::new(connection)?;
    session.table_filter(Some(is_recorded as fn(&str) -> bool));
    session.attach::<&str>(None)?;
    Ok(session)
}

pub(super) fn append_changeset(
    connection: &Connection,
    changeset: &[u8],
    now: Timestamp,
) -> Result<(), StoreError> {
    if changeset.is_empty() {
        return Ok(());
    }
    append(connection, "changeset", changeset, now)
}

pub(super) fn append_migration(
    connection: &Connection,
    version: u32,
    now: Timestamp,
) -> Result<(), StoreError> {
    append(connection, "migration", &version.to_be_bytes(), now)
}

fn append(
    connection: &Connection,
    kind: &str,
    body: &[u8],
    now: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO oplog (seq, at, kind, body) VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM oplog), ?, ?, ?)")?
        .execute(params![now.as_micros(), kind, body])?;
    Ok(())
}

/// Drops what is too old or too much from the old end, so that no gap appears. The newest entry
/// stays, because the next one counts on from it.
pub(super) fn prune(
    tx: &mut WriteTx<'_>,
    keep_seconds: u32,
    keep_bytes: u64,
) -> Result<u64, StoreError> {
    tx.quiet("shortening the log changes nothing that it tells of");
    let oldest = tx.now().plus_seconds(-i64::from(keep_seconds)).as_micros();
    tx.execute(
        "DELETE FROM oplog /* scan: a nightly job */
         WHERE seq < (SELECT max(seq) FROM oplog) AND (
            seq < (SELECT coalesce(min(seq), $1) FROM oplog WHERE at >= $2)
            OR seq <= (SELECT coalesce(max(seq), 0) FROM (
                SELECT seq, sum(length(body)) OVER (ORDER BY seq DESC) AS total_bytes FROM oplog)
                WHERE total_bytes > $3))",
        &[&i64::MAX, &oldest, &keep_bytes],
    )
}

/// Applies log entries, oldest first, to a copy of the database. `entries` are (kind, body).
/// All of them are kept, or none when one fails.
pub fn replay(
    connection: &Connection,
    entries: impl IntoIterator<Item = (String, Vec<u8>)>,
) -> Result<(), StoreError> {
    // A changeset holds the effects of cascades, so they must not happen a second time.
    connection.pragma_update(None, "foreign_keys", false)?;
    let transaction = connection.unchecked_transaction()?;
    for (kind, body) in entries {
        if kind == "migration" {
            let version = body.try_into().map(u32::from_be_bytes).ok();
            let migration = version.and_then(migrations::find).ok_or_else(|| {
                StoreError::backend("the log names a migration this program does not know")
            })?;
            transaction.execute_batch(&migration.statements())?;
        } else {
            // Rows that exchange unique values need no help: the library finds a way between.
            transaction.apply_strm(&mut &body[..], None::<fn(&str) -> bool>, |_, _| {
                ConflictAction::SQLITE_CHANGESET_ABORT
            })?;
        }
    }
    Ok(transaction.commit()?)
}

/// A digest of each table's rows in key order: equal digests mean logically identical databases.
pub fn table_digests(connection: &Connection) -> Result<BTreeMap<String, String>, StoreError> {
    let tables = connection
        .prepare(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        )?
        .query_map([], |row| row.get::<_, String>(0))?
        .collect::<Result<Vec<_>, _>>()?;
    let mut digests = BTreeMap::new();
    for table in tables.into_iter().filter(|table| is_recorded(table)) {
        let key = connection
            .prepare("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk")?
            .query_map([&table], |row| {
                Ok(format!("\"{}\"", row.get::<_, String>(0)?))
            })?
            .collect::<Result<Vec<_>, _>>()?;
        let mut statement = connection.prepare(&format!(
            "SELECT * FROM \"{table}\" ORDER BY {}",
            key.join(", ")
        ))?;
        let columns = statement.column_count();
        let mut rows = statement.raw_query();
        let mut digest = Sha256::new();
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                digest.update(format!("{:?}\x1f", row.get_ref(column)?));
            }
            digest.update("\x1e");
        }
        digests.insert(table, hex(&digest.finalize()));
    }
    Ok(digests)
}
