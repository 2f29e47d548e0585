//! The conformance suite: every function of the store, and what transactions promise, tried on
//! both engines with the same assertions. A case gets a database of its own.

mod coverage;
mod engine;
mod feed;
mod growth;
mod lists;
mod oplog;
mod people;
mod plans;
#[path = "../../tests/support/postgres.rs"]
#[expect(dead_code, reason = "shared with tests that need more of it")]
mod postgres;
mod programs;
mod proofs;
mod schema;
mod selections;
mod texts;
mod things;
mod webhooks;

use std::collections::BTreeMap;
use std::sync::Arc;

use tempfile::TempDir;

use crate::db::{Db, Location, Options, StoreError, WriteTx};
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::clock::ManualClock;
use crate::domain::id::{PostId, TagId};
use crate::domain::post::{Content, Kind, Post, Status};
use crate::domain::slug::Slug;
use crate::domain::tag::Tag;
use crate::domain::text::{Email, Name, Title};
use crate::domain::time::Timestamp;
use crate::domain::user::{NewUser, Role, User};

use self::postgres::Postgres;
use super::{posts, tags, users};

type Case = (&'static str, fn(&Lab));

/// 2026-01-01
const START: Timestamp = Timestamp::from_micros(1_767_225_600_000_000);
const HOUR_SECONDS: i64 = 3_600;

fn cases() -> Vec<Case> {
    [
        people::CASES,
        proofs::CASES,
        programs::CASES,
        texts::CASES,
        things::CASES,
        lists::CASES,
        selections::CASES,
        feed::CASES,
        engine::CASES,
        webhooks::CASES,
    ]
    .concat()
}

/// A fresh database with a clock that stands still.
struct Lab {
    db: Db,
    clock: Arc<ManualClock>,
    location: Location,
}

impl Lab {
    fn open(location: Location) -> Self {
        let clock = Arc::new(ManualClock::at(START));
        let db = Db::open(&options(&location), clock.clone()).unwrap();
        Self {
            db,
            clock,
            location,
        }
    }

    /// Another handle to the same database, as another process has it.
    fn open_again(&self) -> Result<Db, StoreError> {
        // A moment apart, so that the ids of the two do not meet.
        let clock = ManualClock::at(START.plus_seconds(30 * HOUR_SECONDS));
        Db::open(&options(&self.location), Arc::new(clock))
    }

    /// A transaction whose change nobody asks for.
    fn write<T>(&self, work: impl FnOnce(&mut WriteTx<'_>) -> Result<T, StoreError>) -> T {
        self.try_write(work).unwrap()
    }

    fn try_write<T>(
        &self,
        work: impl FnOnce(&mut WriteTx<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.db.write(|tx| {
            tx.record(Change::hidden(Noun::Settings, 0, Verb::Updated));
            work(tx)
        })
    }

    fn read<T>(&self, work: impl FnOnce(&mut crate::db::ReadTx<'_>) -> Result<T, StoreError>) -> T {
        self.db.read(work).unwrap()
    }

    fn user(&self, name: &str, role: Role) -> User {
        self.write(|tx| users::insert(tx, &new_user(name, role)))
    }

    fn tag(&self, name: &str) -> Tag {
        self.write(|tx| {
            let tag = new_tag(tx, name);
            tags::insert(tx, &tag)?;
            Ok(tag)
        })
    }

    /// A post that is written as `change` makes it.
    fn post(&self, slug: &str, change: impl FnOnce(&mut Post)) -> Post {
        self.write(|tx| {
            let mut post = new_post(tx, slug);
            change(&mut post);
            posts::insert(tx, &post)?;
            Ok(post)
        })
    }

    /// A published post, so many hours after the start.
    fn published(&self, slug: &str, hours: i64) -> Post {
        self.post(slug, |post| publish(post, hours))
    }
}

fn options(location: &Location) -> Options {
    Options {
        location: location.clone(),
        readers: 2,
        log_plans: true,
    }
}

fn publish(post: &mut Post, hours: i64) {
    post.status = Status::Published;
    post.published_at = Some(START.plus_seconds(hours * HOUR_SECONDS));
}

fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn new_user(who: &str, role: Role) -> NewUser {
    NewUser {
        email: Email::parse(&format!("{who}@example.org")).unwrap(),
        name: name(who),
        slug: slug(who),
        role,
        password_hash: None,
    }
}

fn new_tag(tx: &WriteTx<'_>, called: &str) -> Tag {
    Tag {
        id: TagId::from_i64(tx.new_id()),
        slug: slug(&called.to_lowercase().replace(' ', "-")),
        name: name(called),
        description: String::new(),
        colour: None,
        cover_url: None,
        updated_at: tx.now(),
    }
}

fn new_post(tx: &WriteTx<'_>, at: &str) -> Post {
    let title = Title::parse(&format!("About {at}")).unwrap();
    Post {
        id: PostId::from_i64(tx.new_id()),
        kind: Kind::Post,
        status: Status::Draft,
        trashed_from: None,
        content: Content::new(title, slug(at), format!("Some words on *{at}*.")),
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
        publish_at: None,
        published_at: None,
    }
}

fn is_conflict<T>(outcome: &Result<T, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Conflict(_)))
}

fn is_not_found<T>(outcome: &Result<T, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::NotFound))
}

fn sqlite_lab(directory: &TempDir, name: &str) -> Lab {
    Lab::open(Location::File(directory.path().join(name)))
}

fn postgres_lab(server: &Postgres, name: &str) -> Lab {
    Lab::open(Location::Postgres(server.create_database(name)))
}

/// Runs every case and gives each one's statements and plans.
fn run_all(mut open: impl FnMut(&str) -> Lab) -> BTreeMap<String, String> {
    let mut plans = BTreeMap::new();
    for (name, case) in cases() {
        let lab = open(name);
        eprintln!("case {name}");
        case(&lab);
        plans.extend(lab.db.plans().seen());
    }
    plans
}

#[test]
fn the_store_works_on_sqlite_and_no_query_walks_a_table() {
    let directory = TempDir::new().unwrap();
    let plans = run_all(|name| sqlite_lab(&directory, name));
    plans::assert_every_plan_is_sound_on_sqlite(&plans);
}

#[test]
fn the_store_works_on_postgresql_and_no_query_walks_a_table() {
    let server = Postgres::start();
    let mut last = None;
    run_all(|name| {
        let lab = postgres_lab(&server, name);
        last = Some(lab.location.clone());
        lab
    });
    // PostgreSQL is asked about the statements that the SQLite suite has collected.
    let directory = TempDir::new().unwrap();
    let plans = run_all(|name| sqlite_lab(&directory, name));
    let statements: Vec<String> = plans.into_keys().collect();
    plans::assert_every_plan_is_sound_on_postgres(last.as_ref(), &statements);
}
