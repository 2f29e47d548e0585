//! What transactions promise: all or nothing, readers that only read, versions that are respected.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::db::testing::{batch, digests};
use crate::db::{Location, StoreError, WriteTx};
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::user::Role;

use super::super::{changes, posts, users};
use super::{Case, Lab, new_post, new_user};

pub(super) const CASES: &[Case] = &[
    ("readers_cannot_write", readers_cannot_write),
    (
        "a_failing_transaction_leaves_nothing",
        a_failing_transaction_leaves_nothing,
    ),
    (
        "a_panicking_transaction_leaves_nothing",
        a_panicking_transaction_leaves_nothing,
    ),
    ("readers_keep_their_moment", readers_keep_their_moment),
    (
        "an_incompatible_newer_database_is_refused",
        an_incompatible_newer_database_is_refused,
    ),
    (
        "a_compatible_newer_database_works",
        a_compatible_newer_database_works,
    ),
];

const INSERT: &str =
    "INSERT INTO settings (name, value, updated_at) VALUES ('x', '1', 1) RETURNING updated_at";

fn readers_cannot_write(lab: &Lab) {
    for sql in [
        INSERT,
        "UPDATE feed_state SET seq = 9 WHERE id = 1 RETURNING seq",
        "DELETE FROM feed_state WHERE id = 1 RETURNING seq",
    ] {
        let outcome = lab
            .db
            .read(|tx| tx.query_one(sql, &[], |row| row.get::<i64>(0)));
        assert!(
            matches!(outcome, Err(StoreError::Unwritable(_))),
            "{sql}: {outcome:?}"
        );
    }
    assert_eq!(lab.read(changes::newest), 0);
    assert_eq!(
        lab.write(|tx| tx.query_one(INSERT, &[], |row| row.get::<i64>(0))),
        1
    );
}

/// Several statements over several tables.
fn much(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    let user = users::insert(tx, &new_user("ada", Role::Owner))?;
    let mut post = new_post(tx, "lost");
    post.content.authors = vec![user.id];
    posts::insert(tx, &post)?;
    tx.record(Change::visible(Noun::Post, post.id.as_i64(), Verb::Created));
    Ok(())
}

fn a_failing_transaction_leaves_nothing(lab: &Lab) {
    lab.write(|_| Ok(()));
    let before = everything(lab);
    let refused = lab.db.write(|tx| {
        much(tx)?;
        Err::<(), _>(StoreError::NotFound)
    });
    assert!(matches!(refused, Err(StoreError::NotFound)));
    let broken = lab.db.write(|tx| {
        much(tx)?;
        tx.execute("INSERT INTO nowhere VALUES (1)", &[])
    });
    assert!(matches!(broken, Err(StoreError::Backend(_))));
    let swallowed = lab.db.write(|tx| {
        much(tx)?;
        let twice = users::insert(tx, &new_user("ada", Role::Owner));
        assert!(super::is_conflict(&twice));
        Err::<(), _>(StoreError::Busy)
    });
    assert!(matches!(swallowed, Err(StoreError::Busy)));
    assert_eq!(everything(lab), before);
    lab.write(much);
    assert_ne!(
        everything(lab),
        before,
        "the same is kept when nothing fails"
    );
}

fn a_panicking_transaction_leaves_nothing(lab: &Lab) {
    lab.write(|_| Ok(()));
    let before = everything(lab);
    for _ in 0..5 {
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            lab.db.write(|tx| {
                much(tx)?;
                if tx.now().as_micros() > 0 {
                    resume_unwind(Box::new("a bug, as a test"));
                }
                Ok::<_, StoreError>(())
            })
        }));
        assert!(outcome.is_err());
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            lab.db.read(|tx| {
                changes::newest(tx)?;
                if true {
                    resume_unwind(Box::new("a bug, as a test"));
                }
                Ok::<_, StoreError>(())
            })
        }));
        assert!(outcome.is_err());
    }
    assert_eq!(everything(lab), before);
    lab.write(much);
    assert_eq!(lab.read(changes::newest), 3);
}

/// All tables' contents and, on SQLite, how far the oplog has come.
fn everything(lab: &Lab) -> (std::collections::BTreeMap<String, String>, usize) {
    let entries = match &lab.location {
        Location::File(path) => crate::db::testing::oplog(path, 0).len(),
        Location::Postgres(_) => 0,
    };
    (digests(&lab.location), entries)
}

fn readers_keep_their_moment(lab: &Lab) {
    let seen = lab.db.read(|tx| {
        let before = changes::newest(tx)?;
        lab.write(much);
        let after = changes::newest(tx)?;
        Ok::<_, StoreError>((before, after))
    });
    assert_eq!(seen.unwrap(), (0, 0));
    assert_eq!(lab.read(changes::newest), 2);
}

fn an_incompatible_newer_database_is_refused(lab: &Lab) {
    lab.write(much);
    batch(
        &lab.location,
        "UPDATE schema_info SET version = 999, oldest_reader = 999 WHERE id = 1;
         ALTER TABLE settings ADD COLUMN tomorrow TEXT;",
    );
    let before = everything(lab);
    let message = lab.open_again().unwrap_err().to_string();
    assert!(
        message.contains("written by a newer Inkstand (schema 999)"),
        "{message}"
    );
    assert!(message.contains("restore a backup"), "{message}");
    assert_eq!(everything(lab), before);
}

fn a_compatible_newer_database_works(lab: &Lab) {
    batch(
        &lab.location,
        "UPDATE schema_info SET version = 999 WHERE id = 1;
         ALTER TABLE posts ADD COLUMN mood TEXT;
         CREATE TABLE dreams (id INTEGER PRIMARY KEY, post_id INTEGER);",
    );
    let db = lab.open_again().unwrap();
    db.write(much).unwrap();
    let version: u32 = lab.read(|tx| {
        let sql = "SELECT version FROM schema_info WHERE id = 1";
        tx.query_one(sql, &[], |row| row.get(0))
    });
    assert_eq!(version, 999, "it stays what it is");
}
