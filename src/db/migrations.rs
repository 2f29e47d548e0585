//! The schema's history: one list for both engines. A migration only adds; what is dropped is
//! dropped a release later, because a rollback puts the previous release on the migrated database.

use crate::domain::time::Timestamp;

use super::error::StoreError;

#[derive(Debug)]
pub struct Migration {
    pub version: u32,
    pub sql: &'static str,
    /// The oldest schema version a program may know and still read and write the result.
    pub oldest_reader: u32,
}

impl Migration {
    /// The migration with the note that it was done.
    pub(super) fn statements(&self) -> String {
        format!(
            "{}\nUPDATE schema_info SET version = {}, oldest_reader = {} WHERE id = 1;",
            self.sql, self.version, self.oldest_reader
        )
    }
}

pub(super) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        sql: include_str!("migrations/0001_engine_room.sql"),
        oldest_reader: 1,
    },
    Migration {
        version: 2,
        sql: include_str!("migrations/0002_public_site.sql"),
        oldest_reader: 1,
    },
    Migration {
        version: 3,
        sql: include_str!("migrations/0003_writing_room.sql"),
        oldest_reader: 1,
    },
    Migration {
        version: 4,
        sql: include_str!("migrations/0004_people.sql"),
        oldest_reader: 1,
    },
    Migration {
        version: 5,
        sql: include_str!("migrations/0005_media.sql"),
        oldest_reader: 1,
    },
    Migration {
        version: 6,
        sql: include_str!("migrations/0006_certificates.sql"),
        oldest_reader: 1,
    },
    Migration {
        version: 7,
        sql: include_str!("migrations/0007_kept_answers.sql"),
        oldest_reader: 1,
    },
    Migration {
        version: 8,
        sql: include_str!("migrations/0008_webhooks.sql"),
        oldest_reader: 1,
    },
    Migration {
        version: 9,
        sql: include_str!("migrations/0009_others_programs.sql"),
        oldest_reader: 1,
    },
    Migration {
        version: 10,
        sql: include_str!("migrations/0010_program_lists.sql"),
        oldest_reader: 1,
    },
    Migration {
        version: 12,
        sql: include_str!("migrations/0012_origins.sql"),
        oldest_reader: 1,
    },
    // What a later version may do: the earlier one is to work on it. Far ahead of the real ones.
    #[cfg(feature = "faults")]
    Migration {
        version: 1000,
        sql: "CREATE TABLE later (id INTEGER PRIMARY KEY, note TEXT NOT NULL DEFAULT '') STRICT;
              ALTER TABLE posts ADD COLUMN later INTEGER NOT NULL DEFAULT 0;",
        oldest_reader: 1,
    },
];

/// The schema this program was written for.
pub const SCHEMA_VERSION: u32 = MIGRATIONS[MIGRATIONS.len() - 1].version;

const BOOKKEEPING: &str = "
    CREATE TABLE IF NOT EXISTS schema_info (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        version INTEGER NOT NULL,
        oldest_reader INTEGER NOT NULL
    ) STRICT;
    INSERT INTO schema_info (id, version, oldest_reader) VALUES (1, 0, 0)
        ON CONFLICT (id) DO NOTHING;";

/// What an engine does for migrations; it holds the write lock and an open transaction.
pub(super) trait Script {
    fn batch(&mut self, sql: &str) -> Result<(), StoreError>;
    fn has_schema(&mut self) -> Result<bool, StoreError>;
    /// (version, oldest reader)
    fn schema_info(&mut self) -> Result<(u32, u32), StoreError>;
    /// Called after each applied migration.
    fn migrated(&mut self, version: u32, now: Timestamp) -> Result<(), StoreError>;
}

/// Brings the schema to `SCHEMA_VERSION`; says whether anything was done.
pub(super) fn run(script: &mut dyn Script, now: Timestamp) -> Result<bool, StoreError> {
    if !script.has_schema()? {
        script.batch(BOOKKEEPING)?;
    }
    let (found, oldest_reader) = script.schema_info()?;
    if oldest_reader > SCHEMA_VERSION {
        return Err(StoreError::backend(format!(
            "this database was written by a newer Inkstand (schema {found}) and this program \
             (schema {SCHEMA_VERSION}) is too old to use it; start the newer version, or restore a \
             backup made before the update"
        )));
    }
    let mut done = false;
    for migration in MIGRATIONS.iter().filter(|step| step.version > found) {
        script.batch(&migration.statements())?;
        script.migrated(migration.version, now)?;
        done = true;
    }
    Ok(done)
}

pub(super) fn find(version: u32) -> Option<&'static Migration> {
    MIGRATIONS.iter().find(|step| step.version == version)
}

/// The same schema in PostgreSQL's words.
pub(super) fn for_postgres(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    for line in sql.lines() {
        let statement = line.split("--").next().unwrap_or_default();
        let line = statement
            .replace(") STRICT, WITHOUT ROWID;", ");")
            .replace(") STRICT;", ");")
            .replace(" INTEGER", " BIGINT")
            .replace(" BLOB", " BYTEA");
        out.push_str(&line);
        out.push('\n');
    }
    out
}
