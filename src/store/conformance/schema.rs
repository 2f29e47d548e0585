//! The golden schema: what all migrations together make, to be read and compared as one text.
//!
//! `UPDATE_GOLDEN=1` writes it anew.

use tempfile::TempDir;

use crate::db::Location;
use crate::db::testing::{columns, indices, sqlite_schema};

use super::{Postgres, postgres_lab, sqlite_lab};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/db/schema.sql");

#[test]
fn the_golden_schema_is_the_sum_of_migrations() {
    let directory = TempDir::new().unwrap();
    let lab = sqlite_lab(&directory, "schema");
    let Location::File(path) = &lab.location else {
        unreachable!("it is SQLite");
    };
    let header = "-- The schema that all migrations together make. Written by a test with \
                  UPDATE_GOLDEN=1;\n-- do not edit: add a migration instead.\n\n";
    let schema = format!("{header}{}", sqlite_schema(path));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(GOLDEN, &schema).unwrap();
    }
    let golden = std::fs::read_to_string(GOLDEN).unwrap_or_default();
    assert!(
        schema == golden,
        "src/db/schema.sql is not what the migrations make; look at them, then run this test with \
         UPDATE_GOLDEN=1\n{schema}"
    );
}

#[test]
fn both_engines_have_the_same_schema() {
    let directory = TempDir::new().unwrap();
    let server = Postgres::start();
    let (sqlite, postgres) = (
        sqlite_lab(&directory, "schema"),
        postgres_lab(&server, "schema"),
    );
    assert_eq!(columns(&postgres.location), columns(&sqlite.location));
    assert_eq!(indices(&postgres.location), indices(&sqlite.location));
    assert!(columns(&sqlite.location).contains(&"posts.markdown TEXT not null".to_owned()));
}
