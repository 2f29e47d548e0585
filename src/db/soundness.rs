//! How a database is, for whoever looks before opening it: nothing is made, brought up to date or changed.
//! A damaged database is an answer here, not an error.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::domain::time::Timestamp;

use super::error::StoreError;
use super::{Db, Engine, Location, postgres, sqlite};

/// Of a damaged database, so many faults are told; one is enough to act.
const MAX_FAULTS: u32 = 20;

/// What can be seen from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Soundness {
    /// The engine with its version.
    pub engine: String,
    /// The schema's version; `None` where there is no schema.
    pub schema: Option<u32>,
    /// The oldest schema a program may know to use it.
    pub oldest_reader: Option<u32>,
    /// When the newest entry of the change feed was written.
    pub last_write: Option<Timestamp>,
    /// How large the write-ahead log is, where there is one.
    pub log_bytes: Option<u64>,
    /// What is wrong with it; empty where nothing is, or nothing was looked for.
    pub faults: Vec<String>,
}

/// Looks at a database. `None`: there is none yet. `thorough`: reads all of it.
pub fn examine(location: &Location, thorough: bool) -> Result<Option<Soundness>, StoreError> {
    match location {
        Location::File(path) if !path.exists() => Ok(None),
        Location::File(path) => Ok(Some(examine_file(path, thorough))),
        Location::Postgres(url) => postgres::examine(url).map(Some),
    }
}

fn examine_file(path: &Path, thorough: bool) -> Soundness {
    let log = PathBuf::from(format!("{}-wal", path.display()));
    let mut found = Soundness {
        engine: format!("SQLite {}", sqlite::version()),
        schema: None,
        oldest_reader: None,
        last_write: None,
        log_bytes: std::fs::metadata(log).ok().map(|facts| facts.len()),
        faults: Vec::new(),
    };
    if let Err(error) = look_inside(path, thorough, &mut found) {
        found.faults.push(error.to_string());
    }
    found
}

fn look_inside(path: &Path, thorough: bool, found: &mut Soundness) -> rusqlite::Result<()> {
    let connection = sqlite::open_looker(path)?;
    if connection.table_exists(None, "schema_info")? {
        let sql = "SELECT version, oldest_reader FROM schema_info WHERE id = 1";
        let (version, oldest) =
            connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        (found.schema, found.oldest_reader) = (Some(version), Some(oldest));
    }
    if connection.table_exists(None, "changes")? {
        let sql = "SELECT max(at) FROM (SELECT at FROM changes ORDER BY seq DESC LIMIT 1)";
        let at: Option<i64> = connection.query_row(sql, [], |row| row.get(0))?;
        found.last_write = at.map(Timestamp::from_micros);
    }
    if thorough {
        found.faults = said_by(&connection, &format!("PRAGMA quick_check({MAX_FAULTS})"))?;
    }
    Ok(())
}

/// The lines of a check that are no praise.
fn said_by(connection: &Connection, check: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(check)?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
    let mut faults = lines.collect::<rusqlite::Result<Vec<_>>>()?;
    faults.retain(|line| line != "ok");
    Ok(faults)
}

impl Db {
    /// What is wrong with the whole database: each page, each index against its table, each reference.
    /// PostgreSQL looks after itself; nothing is read there.
    pub fn faults(&self) -> Result<Vec<String>, StoreError> {
        match &self.shared.engine {
            Engine::Postgres(_) => Ok(Vec::new()),
            Engine::Sqlite(sqlite) => {
                let connection = sqlite.open_watcher()?;
                let mut faults = said_by(
                    &connection,
                    &format!("PRAGMA integrity_check({MAX_FAULTS})"),
                )?;
                let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
                let astray = statement.query_map([], |row| {
                    let (table, row_id) = (row.get::<_, String>(0)?, row.get::<_, Option<i64>>(1)?);
                    let (parent, row_id) = (row.get::<_, String>(2)?, row_id.unwrap_or_default());
                    Ok(format!(
                        "row {row_id} of {table} refers to {parent}, where nothing answers to it"
                    ))
                })?;
                for line in astray.take(MAX_FAULTS as usize) {
                    faults.push(line?);
                }
                Ok(faults)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, SeekFrom, Write as _};
    use std::sync::Arc;

    use super::*;
    use crate::db::{Options, SCHEMA_VERSION};
    use crate::domain::change::{Change, Noun, Verb};
    use crate::domain::clock::SystemClock;

    fn open(path: &Path) -> Db {
        let options = Options {
            location: Location::File(path.to_owned()),
            readers: 1,
            log_plans: false,
        };
        Db::open(&options, Arc::new(SystemClock)).unwrap()
    }

    #[test]
    fn a_sound_database_is_told_as_one_and_nothing_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let at = Location::File(path.clone());
        assert_eq!(examine(&at, true).unwrap(), None);
        assert!(!path.exists());
        let db = open(&path);
        db.write(|tx| {
            tx.record(Change::hidden(Noun::Post, 1, Verb::Created));
            Ok::<_, StoreError>(())
        })
        .unwrap();
        let found = examine(&at, true).unwrap().unwrap();
        assert_eq!(found.schema, Some(SCHEMA_VERSION));
        assert!(found.last_write.is_some());
        assert_eq!(found.faults, Vec::<String>::new());
        assert_eq!(db.faults().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn damage_is_an_answer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        drop(open(&path));
        let mut file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.seek(SeekFrom::Start(4096)).unwrap();
        file.write_all(&vec![7; 20_000]).unwrap();
        let at = Location::File(path.clone());
        let found = examine(&at, true).unwrap().unwrap();
        assert!(!found.faults.is_empty());
        std::fs::write(&path, "this is no database, and long enough to be one").unwrap();
        let found = examine(&at, false).unwrap().unwrap();
        assert!(!found.faults.is_empty() && found.schema.is_none());
    }

    #[test]
    fn references_that_lead_nowhere_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let db = open(&path);
        let other = rusqlite::Connection::open(&path).unwrap();
        other.pragma_update(None, "foreign_keys", false).unwrap();
        let sql = "INSERT INTO renditions (post_id, stamp, html, facts, plain) VALUES (7, '', '', '', '')";
        other.execute(sql, []).unwrap();
        let faults = db.faults().unwrap();
        assert!(
            faults[0].contains("renditions") && faults[0].contains("posts"),
            "{faults:?}"
        );
    }
}
