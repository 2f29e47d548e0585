//! What tests need to see beneath the transactions: raw statements, schemas, snapshots, plans.
//! Lives here because this folder is the home of both engines' libraries.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use postgres::{Client, NoTls};
use rusqlite::Connection;

use super::{Db, Engine, Location, replay, table_digests};

/// Runs statements outside of any `Db`, as somebody else would.
pub(crate) fn batch(location: &Location, sql: &str) {
    match location {
        Location::File(path) => connect(path).execute_batch(sql).unwrap(),
        Location::Postgres(url) => client(url).batch_execute(sql).unwrap(),
    }
}

fn connect(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection
        .busy_timeout(std::time::Duration::from_secs(10))
        .unwrap();
    connection
}

fn client(url: &str) -> Client {
    Client::connect(url, NoTls).unwrap()
}

/// Every object of a SQLite schema as its statement, sorted by name.
pub(crate) fn sqlite_schema(path: &Path) -> String {
    let connection = connect(path);
    let mut statement = connection
        .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type DESC, name")
        .unwrap();
    let rows = statement
        .query_map([], |row| row.get::<_, String>(0))
        .unwrap();
    rows.fold(String::new(), |mut out, sql| {
        writeln!(out, "{};\n", sql.unwrap()).unwrap();
        out
    })
}

/// `table.column type [not null]` of every column, in SQLite's words, sorted.
pub(crate) fn columns(location: &Location) -> Vec<String> {
    let mut columns: Vec<String> = match location {
        Location::File(path) => connect(path)
            .prepare(
                "SELECT t.name || '.' || c.name || ' ' || c.type
                    || iif(c.\"notnull\" OR c.pk, ' not null', '')
                 FROM sqlite_schema t, pragma_table_info(t.name) c
                 WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'",
            )
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect(),
        Location::Postgres(url) => client(url)
            .query(
                "SELECT table_name || '.' || column_name || ' '
                    || CASE data_type WHEN 'bigint' THEN 'INTEGER' WHEN 'bytea' THEN 'BLOB'
                        WHEN 'text' THEN 'TEXT' ELSE data_type END
                    || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END
                 FROM information_schema.columns WHERE table_schema = 'public'",
                &[],
            )
            .unwrap()
            .iter()
            .map(|row| row.get(0))
            .collect(),
    };
    columns.sort();
    columns
}

/// The names of all indices that are not made by a constraint, sorted.
pub(crate) fn indices(location: &Location) -> Vec<String> {
    let mut indices: Vec<String> = match location {
        Location::File(path) => connect(path)
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect(),
        Location::Postgres(url) => client(url)
            .query(
                "SELECT indexname::text FROM pg_indexes
                 WHERE schemaname = 'public' AND indexname NOT LIKE '%_pkey'",
                &[],
            )
            .unwrap()
            .iter()
            .map(|row| row.get(0))
            .collect(),
    };
    indices.sort();
    indices
}

/// Everything that is stored, in a form that can be compared.
pub(crate) fn digests(location: &Location) -> BTreeMap<String, String> {
    match location {
        Location::File(path) => table_digests(&connect(path)).unwrap(),
        Location::Postgres(url) => {
            let mut client = client(url);
            let sql = "SELECT table_name::text FROM information_schema.tables
                       WHERE table_schema = 'public'";
            let tables: Vec<String> = client
                .query(sql, &[])
                .unwrap()
                .iter()
                .map(|row| row.get(0))
                .collect();
            tables
                .into_iter()
                .map(|table| {
                    let sql =
                        format!("SELECT coalesce(string_agg(t::text, '|' ORDER BY t::text), '') FROM {table} t");
                    let digest = client.query_one(&sql, &[]).unwrap().get(0);
                    (table, digest)
                })
                .collect()
        }
    }
}

/// A copy of a SQLite database as it is at this moment.
pub(crate) fn snapshot(path: &Path, to: &Path) {
    connect(path)
        .execute("VACUUM INTO ?1", [to.to_str().unwrap()])
        .unwrap();
}

/// Sequence number, kind and body of the oplog entries after `after`.
pub(crate) fn oplog(path: &Path, after: u64) -> Vec<(u64, String, Vec<u8>)> {
    connect(path)
        .prepare("SELECT seq, kind, body FROM oplog WHERE seq > ?1 ORDER BY seq")
        .unwrap()
        .query_map([i64::try_from(after).unwrap()], |row| {
            let seq: i64 = row.get(0)?;
            Ok((seq.unsigned_abs(), row.get(1)?, row.get(2)?))
        })
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

/// Applies entries to the copy at `path`; says what is wrong where that fails.
pub(crate) fn replay_on(path: &Path, entries: Vec<(u64, String, Vec<u8>)>) -> Result<(), String> {
    let entries = entries.into_iter().map(|(_, kind, body)| (kind, body));
    replay(&connect(path), entries).map_err(|error| error.to_string())
}

/// What SQLite finds wrong with a database file: "ok" when nothing is.
pub(crate) fn integrity(path: &Path) -> String {
    let connection = connect(path);
    let verdict = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0));
    verdict.unwrap()
}

/// Lets the database grow to its present size and `spare_pages` more, as a nearly full disk does;
/// `None` ends that.
pub(crate) fn limit_growth(db: &Db, spare_pages: Option<u32>) {
    let Engine::Sqlite(sqlite) = &db.shared.engine else {
        panic!("only for SQLite");
    };
    let pages = spare_pages.map_or(u32::MAX - 1, |spare| {
        let path = sqlite.path();
        let used: u32 = connect(path)
            .query_row("PRAGMA page_count", [], |row| row.get(0))
            .unwrap();
        used + spare
    });
    sqlite
        .configure_writer(&format!("PRAGMA max_page_count = {pages}"))
        .unwrap();
}

/// PostgreSQL's plans for statements, with walks over whole tables made as dear as can be.
pub(crate) fn postgres_plans(url: &str, statements: &[String]) -> Vec<(String, String)> {
    let mut client = client(url);
    client
        .batch_execute("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan")
        .unwrap();
    let mut plans = Vec::new();
    for sql in statements {
        client
            .batch_execute(&format!("PREPARE one AS {sql}"))
            .unwrap();
        let params = (1..=99)
            .take_while(|n| sql.contains(&format!("${n}")))
            .count();
        let nulls = vec!["NULL"; params].join(", ");
        let call = if params == 0 {
            String::new()
        } else {
            format!("({nulls})")
        };
        let plan: Vec<String> = client
            .query(&format!("EXPLAIN EXECUTE one{call}"), &[])
            .unwrap()
            .iter()
            .map(|row| row.get(0))
            .collect();
        plans.push((sql.clone(), plan.join("\n")));
        client.batch_execute("DEALLOCATE one").unwrap();
    }
    plans
}
