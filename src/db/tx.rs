//! Transactions as the store sees them: parameters in, rows out, on either engine.

use std::ops::{Deref, DerefMut};

use crate::domain::change::Change;
use crate::domain::time::Timestamp;

use super::Tools;
use super::error::StoreError;
use super::plans::Plans;
use super::postgres::PgConnection;
use super::value::{Row, RowOf, ToValue, Value};

/// The open connection a transaction runs on.
pub(super) enum Link<'a> {
    Sqlite(&'a rusqlite::Connection),
    Postgres(&'a mut PgConnection),
}

/// One consistent state of the database. It can look, and nothing else: the connection beneath
/// refuses writes as well.
pub struct ReadTx<'a> {
    link: Link<'a>,
    plans: &'a Plans,
}

impl std::fmt::Debug for ReadTx<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReadTx")
    }
}

fn values(params: &[&dyn ToValue]) -> Vec<Value> {
    params.iter().map(ToValue::to_value).collect()
}

impl<'a> ReadTx<'a> {
    pub(super) fn new(link: Link<'a>, plans: &'a Plans) -> Self {
        Self { link, plans }
    }

    /// Every row of the answer, each turned into a `T`.
    pub fn query<T>(
        &mut self,
        sql: &str,
        params: &[&dyn ToValue],
        mut turn: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let params = values(params);
        match &mut self.link {
            Link::Sqlite(connection) => {
                self.plans
                    .note(sql, || super::sqlite::explain(connection, sql));
                let mut statement = connection.prepare_cached(sql)?;
                bind(&mut statement, &params)?;
                let mut rows = statement.raw_query();
                let mut answer = Vec::new();
                while let Some(row) = rows.next()? {
                    answer.push(turn(&Row(RowOf::Sqlite(row)))?);
                }
                Ok(answer)
            }
            Link::Postgres(connection) => connection
                .query(sql, &params)?
                .iter()
                .map(|row| turn(&Row(RowOf::Postgres(row))))
                .collect(),
        }
    }

    /// The first row of the answer, if there is one.
    pub fn query_opt<T>(
        &mut self,
        sql: &str,
        params: &[&dyn ToValue],
        turn: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.query(sql, params, turn)?.into_iter().next())
    }

    /// The first row of the answer, which must be there.
    pub fn query_one<T>(
        &mut self,
        sql: &str,
        params: &[&dyn ToValue],
        turn: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.query_opt(sql, params, turn)?
            .ok_or(StoreError::NotFound)
    }
}

/// SQLite takes `$1` for a name, numbered by first appearance, so binding goes by name.
fn bind(statement: &mut rusqlite::Statement<'_>, params: &[Value]) -> Result<(), StoreError> {
    for (number, value) in params.iter().enumerate() {
        let name = format!("${}", number + 1);
        let index = statement.parameter_index(&name)?.ok_or_else(|| {
            StoreError::backend(format!("a value is given for {name}, which is not used"))
        })?;
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(())
}

/// The one transaction that may change the database at this moment.
pub struct WriteTx<'a> {
    read: ReadTx<'a>,
    tools: &'a Tools,
    now: Timestamp,
    changes: Vec<Change>,
    quiet: bool,
}

impl std::fmt::Debug for WriteTx<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WriteTx")
    }
}

impl<'a> Deref for WriteTx<'a> {
    type Target = ReadTx<'a>;

    fn deref(&self) -> &Self::Target {
        &self.read
    }
}

impl DerefMut for WriteTx<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.read
    }
}

impl<'a> WriteTx<'a> {
    pub(super) fn new(read: ReadTx<'a>, tools: &'a Tools) -> Self {
        Self {
            read,
            tools,
            now: tools.clock.now(),
            changes: Vec::new(),
            quiet: false,
        }
    }

    /// Runs a statement; says how many rows it touched.
    pub fn execute(&mut self, sql: &str, params: &[&dyn ToValue]) -> Result<u64, StoreError> {
        let params = values(params);
        match &mut self.read.link {
            Link::Sqlite(connection) => {
                self.read
                    .plans
                    .note(sql, || super::sqlite::explain(connection, sql));
                let mut statement = connection.prepare_cached(sql)?;
                bind(&mut statement, &params)?;
                Ok(statement.raw_execute()? as u64)
            }
            Link::Postgres(connection) => connection.execute(sql, &params),
        }
    }

    /// The moment of this transaction; the same for everything in it.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// A number no row of any table has.
    pub fn new_id(&self) -> i64 {
        self.tools.ids.next(self.now)
    }

    /// Tells the change feed what this transaction did.
    pub fn record(&mut self, change: Change) {
        if !self.changes.contains(&change) {
            self.changes.push(change);
        }
    }

    /// Declares that nobody needs to hear of this transaction, and why.
    pub fn quiet(&mut self, _why: &str) {
        self.quiet = true;
    }

    /// Writes the recorded changes into the feed; says where feed and generation stand then.
    pub(super) fn append_changes(&mut self) -> Result<(u64, u64), StoreError> {
        if self.changes.is_empty() {
            return if self.quiet {
                feed_state(&mut self.read)
            } else {
                Err(StoreError::backend(
                    "a write transaction recorded no change and was not declared quiet",
                ))
            };
        }
        let changes = std::mem::take(&mut self.changes);
        let visible = changes.iter().any(|change| change.visible);
        let added = changes.len() as u64;
        let (seq, generation) = self.query_one(
            "UPDATE feed_state SET seq = seq + $1, generation = generation + $2 WHERE id = 1
             RETURNING seq, generation",
            &[&added, &visible],
            |row| Ok((row.get::<u64>(0)?, row.get::<u64>(1)?)),
        )?;
        let at = self.now.as_micros();
        for (change, number) in changes.iter().zip(seq + 1 - added..) {
            self.execute(
                "INSERT INTO changes (seq, at, noun, noun_id, verb, visible)
                 VALUES ($1, $2, $3, $4, $5, $6)",
                &[
                    &number,
                    &at,
                    &change.noun.as_str(),
                    &change.id,
                    &change.verb.as_str(),
                    &change.visible,
                ],
            )?;
        }
        Ok((seq, generation))
    }
}

/// The newest entry of the change feed, and the site's generation.
pub(super) fn feed_state(tx: &mut ReadTx<'_>) -> Result<(u64, u64), StoreError> {
    tx.query_one(
        "SELECT seq, generation FROM feed_state WHERE id = 1",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}
