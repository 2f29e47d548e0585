//! The engine layer: one `Db` over SQLite (embedded, the default) or PostgreSQL, with transactions
//! as closures. A reading transaction has no way to write; a writing one is alone, on both engines,
//! so the numbers of the change feed commit in order.
//!
//! All calls block: async callers bring them to a blocking thread. Knows no noun of the blog; the
//! SQL is in `store`.

mod error;
mod migrations;
mod oplog;
mod plans;
mod pool;
mod postgres;
mod soundness;
mod sqlite;
#[cfg(test)]
pub(crate) mod testing;
mod tx;
mod value;
mod watch;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::domain::clock::Clock;
use crate::domain::id::IdMaker;

pub use error::StoreError;
pub use migrations::{Migration, SCHEMA_VERSION};
pub use oplog::{replay, table_digests};
pub use plans::Plans;
pub use soundness::{Soundness, examine};
pub use sqlite::MIN_SQLITE_VERSION;
pub use tx::{ReadTx, WriteTx};
pub use value::{FromValue, Row, ToValue, Value};
pub use watch::FeedWatch;

/// How long a reader waits for a free connection, or a writer for its turn, before it says Busy.
pub const QUEUE_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A database file, made when missing.
    File(PathBuf),
    /// A `postgres://` address.
    Postgres(String),
}

#[derive(Debug, Clone)]
pub struct Options {
    pub location: Location,
    /// Connections for reading; one more is for writing.
    pub readers: usize,
    /// Log the query plan of every statement once.
    pub log_plans: bool,
}

/// A handle to the database; clones share it.
#[derive(Debug, Clone)]
pub struct Db {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    engine: Engine,
    tools: Tools,
}

#[derive(Debug)]
enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(Box<postgres::Postgres>),
}

/// What transactions of either engine are handed.
#[derive(Debug)]
struct Tools {
    clock: Arc<dyn Clock>,
    ids: IdMaker,
    plans: Plans,
    generation: AtomicU64,
    feed: tokio::sync::watch::Sender<u64>,
}

impl Tools {
    /// Readers of this process see a commit the moment it is done; other processes' commits come
    /// through the watch.
    fn announce(&self, seq: u64, generation: u64) {
        self.generation.fetch_max(generation, Ordering::AcqRel);
        self.feed.send_if_modified(|seen| {
            let newer = seq > *seen;
            *seen = seq.max(*seen);
            newer
        });
    }
}

impl Db {
    /// Opens the database, makes it when missing, and brings it to this program's schema.
    pub fn open(options: &Options, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let tools = Tools {
            clock,
            ids: IdMaker::default(),
            plans: Plans::new(options.log_plans),
            generation: AtomicU64::new(0),
            feed: tokio::sync::watch::Sender::new(0),
        };
        let engine = match &options.location {
            Location::File(path) => {
                Engine::Sqlite(sqlite::Sqlite::open(path, options.readers, &*tools.clock)?)
            }
            Location::Postgres(url) => Engine::Postgres(Box::new(postgres::Postgres::open(
                url,
                options.readers,
                &*tools.clock,
            )?)),
        };
        let db = Self {
            shared: Arc::new(Shared { engine, tools }),
        };
        let (seq, generation) = db.read(tx::feed_state)?;
        db.shared.tools.announce(seq, generation);
        Ok(db)
    }

    /// Runs `work` on one consistent state of the database.
    pub fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut ReadTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let tools = &self.shared.tools;
        match &self.shared.engine {
            Engine::Sqlite(sqlite) => sqlite.read(tools, work),
            Engine::Postgres(postgres) => postgres.read(tools, work),
        }
    }

    /// Runs `work` as one transaction: all of it is kept, or none when it returns an error.
    ///
    /// Work that records no change and does not say why (`WriteTx::quiet`) is refused, because
    /// pages, search index and subscribers would never hear of it.
    pub fn write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut WriteTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let tools = &self.shared.tools;
        match &self.shared.engine {
            Engine::Sqlite(sqlite) => sqlite.write(tools, work),
            Engine::Postgres(postgres) => postgres.write(tools, work),
        }
    }

    /// The number in every page's cache key: it rises with each change that readers can see.
    pub fn generation(&self) -> u64 {
        self.shared.tools.generation.load(Ordering::Acquire)
    }

    /// Tells when the change feed has grown, by the number of its newest entry.
    pub fn subscribe(&self) -> tokio::sync::watch::Receiver<u64> {
        self.shared.tools.feed.subscribe()
    }

    /// Drops entries of the oplog that are older than `keep_seconds` or beyond the newest
    /// `keep_bytes`; says how many. The newest entry always stays. Does nothing on PostgreSQL,
    /// which keeps its own log.
    pub fn prune_oplog(&self, keep_seconds: u32, keep_bytes: u64) -> Result<u64, StoreError> {
        if !self.is_sqlite() {
            return Ok(0);
        }
        self.write(|tx| oplog::prune(tx, keep_seconds, keep_bytes))
    }

    pub fn clock(&self) -> &dyn Clock {
        &*self.shared.tools.clock
    }

    /// The plans seen so far, when asked for in the options.
    pub fn plans(&self) -> &Plans {
        &self.shared.tools.plans
    }

    /// "sqlite" or "postgresql", with the library's or server's version, for people to read.
    pub fn engine_name(&self) -> String {
        match &self.shared.engine {
            Engine::Sqlite(_) => format!("SQLite {}", sqlite::version()),
            Engine::Postgres(postgres) => format!("PostgreSQL {}", postgres.server_version()),
        }
    }

    /// Writes a copy of the whole database, as it is at one moment, to a file that is not there yet. Says
    /// whether it did: on PostgreSQL that is `pg_dump`'s work.
    pub fn snapshot(&self, to: &Path) -> Result<bool, StoreError> {
        match &self.shared.engine {
            Engine::Sqlite(sqlite) => sqlite.snapshot(to).map(|()| true),
            Engine::Postgres(_) => Ok(false),
        }
    }

    pub fn is_sqlite(&self) -> bool {
        matches!(self.shared.engine, Engine::Sqlite(_))
    }
}
