//! The embedded engine: one writing connection, several that can only read, write-ahead log,
//! every commit on the disk before it is acknowledged.

use std::path::{Path, PathBuf};

use rusqlite::session::Session;
use rusqlite::{Connection, OpenFlags};

use crate::domain::clock::Clock;

use super::error::StoreError;
use super::migrations::{self, Script};
use super::oplog;
use super::pool::Pool;
use super::tx::{Link, ReadTx, WriteTx};
use super::{QUEUE_TIMEOUT, Tools};

/// Older libraries can corrupt a database in write-ahead mode when two connections write and
/// checkpoint at the same instant.
pub const MIN_SQLITE_VERSION: i32 = 3_051_003;

const STATEMENTS_CACHED: usize = 128;
/// The log file is cut back to this size after a checkpoint.
const WAL_LIMIT_BYTES: u32 = 64 * 1024 * 1024;
const READER_CACHE_KB: i32 = 2 * 1024;

#[derive(Debug)]
pub(super) struct Sqlite {
    path: PathBuf,
    readers: Pool<Connection>,
    writer: Pool<Connection>,
}

pub(super) fn version() -> &'static str {
    rusqlite::version()
}

impl Sqlite {
    pub(super) fn open(path: &Path, readers: usize, clock: &dyn Clock) -> Result<Self, StoreError> {
        if rusqlite::version_number() < MIN_SQLITE_VERSION {
            return Err(StoreError::backend(format!(
                "this build carries SQLite {}, which can damage databases; build it with 3.51.3 or \
                 newer",
                version()
            )));
        }
        let connection = open_writer(path)?;
        let migrated = {
            let tx = Open::begin(&connection, "BEGIN IMMEDIATE")?;
            let migrated = migrations::run(&mut Migrating(&connection), clock.now())?;
            tx.commit()?;
            migrated
        };
        if migrated {
            tracing::info!(path = %path.display(), version = migrations::SCHEMA_VERSION, "database schema is up to date");
        }
        drop(connection);
        let (for_reading, for_writing) = (path.to_owned(), path.to_owned());
        Ok(Self {
            path: path.to_owned(),
            readers: Pool::new(readers, move || open_reader(&for_reading)),
            writer: Pool::new(1, move || open_writer(&for_writing)),
        })
    }

    pub(super) fn read<T, E: From<StoreError>>(
        &self,
        tools: &Tools,
        work: impl FnOnce(&mut ReadTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut lent = self.readers.take(|_| true)?;
        let connection = lent.get()?;
        let _tx = Open::begin(connection, "BEGIN")?;
        work(&mut ReadTx::new(Link::Sqlite(connection), &tools.plans))
    }

    pub(super) fn write<T, E: From<StoreError>>(
        &self,
        tools: &Tools,
        work: impl FnOnce(&mut WriteTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut lent = self.writer.take(|_| true)?;
        let connection = lent.get()?;
        let tx = Open::begin(connection, "BEGIN IMMEDIATE")?;
        let mut session = oplog::record(connection)?;
        let mut write = WriteTx::new(ReadTx::new(Link::Sqlite(connection), &tools.plans), tools);
        let value = work(&mut write)?;
        let (seq, generation) = write.append_changes()?;
        oplog::append_changeset(connection, &changeset(&mut session)?, write.now())?;
        drop(session);
        tx.commit()?;
        tools.announce(seq, generation);
        Ok(value)
    }

    pub(super) fn snapshot(&self, to: &Path) -> Result<(), StoreError> {
        let connection = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.execute("VACUUM INTO ?1", [to.to_string_lossy()])?;
        std::fs::File::open(to)
            .and_then(|file| file.sync_all())
            .map_err(|error| StoreError::Unwritable(error.to_string()))
    }

    #[cfg(test)]
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Runs a statement on the connection that writes, for settings that belong to a connection.
    #[cfg(test)]
    pub(super) fn configure_writer(&self, sql: &str) -> Result<(), StoreError> {
        Ok(self.writer.take(|_| true)?.get()?.execute_batch(sql)?)
    }

    /// A connection of its own for somebody who watches for other processes' commits.
    pub(super) fn open_watcher(&self) -> Result<Connection, StoreError> {
        open_reader(&self.path)
    }
}

fn changeset(session: &mut Session<'_>) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    session.changeset_strm(&mut bytes)?;
    Ok(bytes)
}

/// An open transaction that is rolled back unless committed, also when the work inside panics.
struct Open<'a> {
    connection: &'a Connection,
    done: bool,
}

impl<'a> Open<'a> {
    fn begin(connection: &'a Connection, sql: &str) -> Result<Self, StoreError> {
        connection.prepare_cached(sql)?.raw_execute()?;
        Ok(Self {
            connection,
            done: false,
        })
    }

    fn commit(mut self) -> Result<(), StoreError> {
        self.connection.prepare_cached("COMMIT")?.raw_execute()?;
        self.done = true;
        Ok(())
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        // SQLite has rolled back by itself after some failures (a full disk among them).
        if !self.done && !self.connection.is_autocommit() {
            let rolled_back = self
                .connection
                .prepare_cached("ROLLBACK")
                .and_then(|mut statement| statement.raw_execute());
            if let Err(error) = rolled_back {
                tracing::error!(%error, "a transaction could not be rolled back");
            }
        }
    }
}

fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    prepare(&connection)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "journal_size_limit", WAL_LIMIT_BYTES)?;
    Ok(connection)
}

fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    // Read-write at the file level, so that it may take part in recovering the log.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    prepare(&connection)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", -READER_CACHE_KB)?;
    Ok(connection)
}

/// A connection that makes nothing, for a look at a database that may be damaged.
pub(super) fn open_looker(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(QUEUE_TIMEOUT)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    Ok(connection)
}

fn prepare(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(QUEUE_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    Ok(())
}

/// The plan SQLite has for a statement, a step a line.
pub(super) fn explain(connection: &Connection, sql: &str) -> Option<String> {
    let mut statement = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .ok()?;
    let mut rows = statement.raw_query();
    let mut steps = Vec::new();
    while let Ok(Some(row)) = rows.next() {
        steps.push(row.get::<_, String>(3).ok()?);
    }
    Some(steps.join("\n"))
}

struct Migrating<'a>(&'a Connection);

impl Script for Migrating<'_> {
    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        Ok(self.0.execute_batch(sql)?)
    }

    fn has_schema(&mut self) -> Result<bool, StoreError> {
        Ok(self.0.table_exists(None, "schema_info")?)
    }

    fn schema_info(&mut self) -> Result<(u32, u32), StoreError> {
        Ok(self.0.query_row(
            "SELECT version, oldest_reader FROM schema_info WHERE id = 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?)
    }

    fn migrated(
        &mut self,
        version: u32,
        now: crate::domain::time::Timestamp,
    ) -> Result<(), StoreError> {
        oplog::append_migration(self.0, version, now)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_bundled_library_is_new_enough() {
        assert!(rusqlite::version_number() >= super::MIN_SQLITE_VERSION);
    }
}
