//! The engine for several machines: a PostgreSQL server. Writers take one advisory lock for the
//! length of their transaction, so it behaves as the embedded engine does.

use std::collections::HashMap;
use std::str::FromStr;
use std::time::Duration;

use postgres::types::ToSql;
use postgres::{Client, Config, NoTls, Statement};

use crate::domain::clock::Clock;
use crate::domain::time::Timestamp;

use super::error::StoreError;
use super::migrations::{self, Script};
use super::pool::{Lent, Pool};
use super::soundness::Soundness;
use super::tx::{Link, ReadTx, WriteTx};
use super::value::Value;
use super::{QUEUE_TIMEOUT, Tools};

const MIN_SERVER_VERSION: i32 = 15_00_00;
/// "inkstand" in a number: the advisory lock every writer takes.
const WRITER_LOCK: i64 = 0x696e_6b73_7461_6e64;
pub(super) const FEED_CHANNEL: &str = "inkstand_feed";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Writers queue at the lock on the server, so a few connections serve them.
const WRITERS: usize = 2;

#[derive(Debug)]
pub(super) struct Postgres {
    config: Config,
    server_version: String,
    readers: Pool<PgConnection>,
    writers: Pool<PgConnection>,
}

/// A connection with its prepared statements.
pub(super) struct PgConnection {
    client: Client,
    prepared: HashMap<String, Statement>,
}

impl PgConnection {
    fn open(config: &Config) -> Result<Self, StoreError> {
        let mut client = config.connect(NoTls)?;
        let limit_ms = QUEUE_TIMEOUT.as_millis();
        client.batch_execute(&format!(
            "SET lock_timeout = {limit_ms}; SET statement_timeout = {}; SET TIME ZONE 'UTC'",
            3 * limit_ms
        ))?;
        Ok(Self {
            client,
            prepared: HashMap::new(),
        })
    }

    fn is_open(&self) -> bool {
        !self.client.is_closed()
    }

    fn statement(&mut self, sql: &str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.prepared.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql)?;
        self.prepared.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    pub(super) fn query(
        &mut self,
        sql: &str,
        params: &[Value],
    ) -> Result<Vec<postgres::Row>, StoreError> {
        let statement = self.statement(sql)?;
        Ok(self.client.query(&statement, &as_sql(params))?)
    }

    pub(super) fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
        let statement = self.statement(sql)?;
        Ok(self.client.execute(&statement, &as_sql(params))?)
    }

    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        Ok(self.client.batch_execute(sql)?)
    }
}

fn as_sql(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as _).collect()
}

/// Runs `work` between `begin` and a commit. On any error the transaction is rolled back; where
/// that fails too, or `work` panics, the connection is closed, which rolls back as well.
fn transact<T, E: From<StoreError>>(
    lent: &mut Lent<'_, PgConnection>,
    begin: &str,
    work: impl FnOnce(&mut PgConnection) -> Result<T, E>,
) -> Result<T, E> {
    let mut open = DiscardOnDrop { lent, armed: true };
    let outcome = {
        let connection = open.lent.get()?;
        connection.batch(begin)?;
        work(connection)
    };
    let connection = open.lent.get()?;
    match outcome {
        Ok(value) => {
            connection.batch("COMMIT")?;
            open.armed = false;
            Ok(value)
        }
        Err(error) => {
            open.armed = connection.batch("ROLLBACK").is_err();
            Err(error)
        }
    }
}

struct DiscardOnDrop<'a, 'pool> {
    lent: &'a mut Lent<'pool, PgConnection>,
    armed: bool,
}

impl Drop for DiscardOnDrop<'_, '_> {
    fn drop(&mut self) {
        if self.armed {
            self.lent.discard();
        }
    }
}

impl Drop for Postgres {
    /// A client closes itself by waiting, which panics on a thread that drives async tasks; and the
    /// last who holds the database may well be one.
    fn drop(&mut self) {
        let mut connections = self.readers.drain();
        connections.extend(self.writers.drain());
        let closing = std::thread::spawn(move || drop(connections));
        let _ = closing.join();
    }
}

impl Postgres {
    pub(super) fn open(url: &str, readers: usize, clock: &dyn Clock) -> Result<Self, StoreError> {
        // The address may hold a password, so it is not repeated in the error.
        let mut config = Config::from_str(url).map_err(|error| {
            StoreError::backend(format!(
                "the database address cannot be read ({error}); write it as \
                 postgres://user:password@host/name"
            ))
        })?;
        config.connect_timeout(CONNECT_TIMEOUT);
        config.application_name("inkstand");
        let mut first = PgConnection::open(&config)?;
        let (number, server_version) = server_version(&mut first)?;
        if number < MIN_SERVER_VERSION {
            return Err(StoreError::backend(format!(
                "PostgreSQL {server_version} is too old; Inkstand needs 15 or newer"
            )));
        }
        let writers = Pool::new(WRITERS, opener(&config));
        {
            let mut lent = writers.take(PgConnection::is_open)?;
            transact(&mut lent, "BEGIN", |connection| {
                connection.batch(&lock())?;
                migrations::run(&mut Migrating(connection), clock.now())
            })?;
        }
        Ok(Self {
            readers: Pool::new(readers, opener(&config)),
            writers,
            server_version,
            config,
        })
    }

    pub(super) fn server_version(&self) -> &str {
        &self.server_version
    }

    pub(super) fn read<T, E: From<StoreError>>(
        &self,
        tools: &Tools,
        work: impl FnOnce(&mut ReadTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut lent = self.readers.take(PgConnection::is_open)?;
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        transact(&mut lent, begin, |connection| {
            work(&mut ReadTx::new(Link::Postgres(connection), &tools.plans))
        })
    }

    pub(super) fn write<T, E: From<StoreError>>(
        &self,
        tools: &Tools,
        work: impl FnOnce(&mut WriteTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut lent = self.writers.take(PgConnection::is_open)?;
        let (value, seq, generation) = transact(&mut lent, "BEGIN", |connection| {
            connection.batch(&lock())?;
            let mut tx = WriteTx::new(ReadTx::new(Link::Postgres(connection), &tools.plans), tools);
            let value = work(&mut tx)?;
            let (seq, generation) = tx.append_changes()?;
            drop(tx);
            connection.batch(&format!("NOTIFY {FEED_CHANNEL}"))?;
            Ok::<_, E>((value, seq, generation))
        })?;
        tools.announce(seq, generation);
        Ok(value)
    }

    /// A connection of its own that hears of other processes' commits.
    pub(super) fn open_watcher(&self) -> Result<Client, StoreError> {
        let mut client = self.config.connect(NoTls)?;
        client.batch_execute(&format!("LISTEN {FEED_CHANNEL}"))?;
        Ok(client)
    }
}

fn opener(config: &Config) -> impl Fn() -> Result<PgConnection, StoreError> + Send + Sync + use<> {
    let config = config.clone();
    move || PgConnection::open(&config)
}

fn lock() -> String {
    format!("SELECT pg_advisory_xact_lock({WRITER_LOCK})")
}

fn server_version(connection: &mut PgConnection) -> Result<(i32, String), StoreError> {
    let row = connection.client.query_one(
        "SELECT current_setting('server_version_num')::int, current_setting('server_version')",
        &[],
    )?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

/// A look from outside: nothing is made there, nor brought up to date.
pub(super) fn examine(url: &str) -> Result<Soundness, StoreError> {
    let mut config = Config::from_str(url)?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    config.application_name("inkstand");
    let mut connection = PgConnection::open(&config)?;
    let (number, version) = server_version(&mut connection)?;
    let mut found = Soundness {
        engine: format!("PostgreSQL {version}"),
        schema: None,
        oldest_reader: None,
        last_write: None,
        log_bytes: None,
        faults: Vec::new(),
    };
    if number < MIN_SERVER_VERSION {
        let fault = format!("PostgreSQL {version} is too old; Inkstand needs 15 or newer");
        found.faults.push(fault);
        return Ok(found);
    }
    if Migrating(&mut connection).has_schema()? {
        let (version, oldest) = Migrating(&mut connection).schema_info()?;
        (found.schema, found.oldest_reader) = (Some(version), Some(oldest));
        let sql = "SELECT at FROM changes ORDER BY seq DESC LIMIT 1";
        let last = connection.client.query_opt(sql, &[])?;
        let at = last.map(|row| row.try_get::<_, i64>(0)).transpose()?;
        found.last_write = at.map(Timestamp::from_micros);
    }
    Ok(found)
}

struct Migrating<'a>(&'a mut PgConnection);

impl Script for Migrating<'_> {
    fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        self.0.batch(&migrations::for_postgres(sql))
    }

    fn has_schema(&mut self) -> Result<bool, StoreError> {
        let row = self
            .0
            .client
            .query_one("SELECT to_regclass('schema_info') IS NOT NULL", &[])?;
        Ok(row.try_get(0)?)
    }

    fn schema_info(&mut self) -> Result<(u32, u32), StoreError> {
        let row = self.0.client.query_one(
            "SELECT version::int, oldest_reader::int FROM schema_info WHERE id = 1",
            &[],
        )?;
        let number = |index| -> Result<u32, StoreError> {
            u32::try_from(row.try_get::<_, i32>(index)?).map_err(StoreError::backend)
        };
        Ok((number(0)?, number(1)?))
    }

    fn migrated(&mut self, _version: u32, _now: Timestamp) -> Result<(), StoreError> {
        Ok(())
    }
}
