//! The change feed: what it holds, who hears of it, and what is refused for its sake.

use std::time::{Duration, Instant};

use crate::db::{FeedWatch, StoreError};
use crate::domain::change::{Change, Entry, Noun, Verb};

use super::super::changes;
use super::{Case, Lab, START};

pub(super) const CASES: &[Case] = &[
    (
        "changes_are_numbered_and_forgotten",
        changes_are_numbered_and_forgotten,
    ),
    (
        "unknown_words_do_not_stop_followers",
        unknown_words_do_not_stop_followers,
    ),
    (
        "writes_must_say_what_they_change",
        writes_must_say_what_they_change,
    ),
    (
        "concurrent_writers_get_dense_numbers",
        concurrent_writers_get_dense_numbers,
    ),
    (
        "commits_of_others_are_heard_of",
        commits_of_others_are_heard_of,
    ),
];

const THREADS: i64 = 8;
const WRITES: i64 = 50;
/// All threads' writes together.
const CHANGES: usize = 400;
/// Long enough for the slowest machine; a pass takes a second or two.
const PATIENCE: Duration = Duration::from_mins(1);

fn record(lab: &Lab, changes: &[Change]) {
    let outcome = lab.db.write(|tx| {
        for change in changes {
            tx.record(*change);
        }
        Ok::<_, StoreError>(())
    });
    outcome.unwrap();
}

fn changes_are_numbered_and_forgotten(lab: &Lab) {
    assert_eq!(lab.read(changes::newest), 0);
    assert_eq!(lab.read(changes::oldest), None);
    let generation = lab.db.generation();
    assert_eq!(lab.read(changes::generation), generation);
    let hidden = Change::hidden(Noun::Session, 5, Verb::Created);
    let visible = Change::visible(Noun::Post, -6, Verb::Published);
    record(lab, &[hidden]);
    assert_eq!(lab.db.generation(), generation, "readers see no difference");
    lab.clock.advance_seconds(1);
    record(lab, &[visible, hidden, visible]);
    assert_eq!(lab.db.generation(), generation + 1);
    assert_eq!(lab.read(changes::generation), generation + 1);
    let entry = |seq, seconds, change| Entry {
        seq,
        at: START.plus_seconds(seconds),
        change,
    };
    let all = [
        entry(1, 0, hidden),
        entry(2, 1, visible),
        entry(3, 1, hidden),
    ];
    assert_eq!(lab.read(|tx| changes::after(tx, 0, 9)), all);
    assert_eq!(lab.read(|tx| changes::after(tx, 1, 1)), all[1..2]);
    assert_eq!(lab.read(|tx| changes::after(tx, 3, 9)), []);

    assert_eq!(lab.db.write(|tx| changes::forget(tx, 3)).unwrap(), 2);
    assert_eq!(lab.read(changes::oldest), Some(3));
    assert_eq!(
        lab.db.write(|tx| changes::forget(tx, 99)).unwrap(),
        0,
        "the newest stays"
    );
    assert_eq!(lab.read(|tx| changes::after(tx, 0, 9)), all[2..]);
    record(lab, &[hidden]);
    assert_eq!(lab.read(changes::newest), 4);
}

fn unknown_words_do_not_stop_followers(lab: &Lab) {
    let change = Change::hidden(Noun::Post, 1, Verb::Updated);
    (0..6).for_each(|_| record(lab, &[change]));
    let later_words = "UPDATE changes SET noun = 'dream' WHERE seq IN (1, 2, 3);
                       UPDATE changes SET verb = 'dreamt' WHERE seq = 5";
    crate::db::testing::batch(&lab.location, later_words);
    let seqs = |after, limit| -> Vec<u64> {
        let found = lab.read(|tx| changes::after(tx, after, limit));
        found.iter().map(|entry| entry.seq).collect()
    };
    assert_eq!(seqs(0, 2), [4]);
    assert_eq!(seqs(4, 1), [6]);
    assert_eq!(seqs(0, 9), [4, 6]);
    assert!(seqs(6, 9).is_empty());
}

fn writes_must_say_what_they_change(lab: &Lab) {
    let insert = "INSERT INTO settings (name, value, updated_at) VALUES ('x', '1', 1)";
    let outcome = lab.db.write(|tx| tx.execute(insert, &[]));
    let message = outcome.unwrap_err().to_string();
    assert!(message.contains("recorded no change"), "{message}");
    let names = |lab: &Lab| -> Vec<String> {
        let sql = "SELECT name FROM settings /* scan: a test */";
        lab.read(|tx| tx.query(sql, &[], |row| row.get(0)))
    };
    assert_eq!(names(lab), [""; 0]);
    let outcome = lab.db.write(|tx| {
        tx.quiet("a test");
        tx.execute(insert, &[])
    });
    assert_eq!(outcome.unwrap(), 1);
    assert_eq!(names(lab), ["x"]);
    assert_eq!(lab.read(changes::newest), 0);
}

fn concurrent_writers_get_dense_numbers(lab: &Lab) {
    // Half of them in "another process".
    let other = lab.open_again().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let db = if thread % 2 == 0 { &lab.db } else { &other };
            scope.spawn(move || {
                for write in 0..WRITES {
                    let id = thread * WRITES + write;
                    let outcome = db.write(|tx| {
                        tx.record(Change::hidden(Noun::Post, id, Verb::Updated));
                        Ok::<_, StoreError>(())
                    });
                    outcome.unwrap();
                }
            });
        }
        // A reader sees the numbers without gaps at every moment.
        let mut seen = 0;
        let deadline = Instant::now() + PATIENCE;
        while seen < CHANGES {
            assert!(Instant::now() < deadline, "only {seen} writes were done");
            let found = lab.read(|tx| changes::after(tx, 0, 10_000));
            assert!(found.iter().zip(1..).all(|(entry, seq)| entry.seq == seq));
            assert!(found.len() >= seen, "what was there has gone");
            seen = found.len();
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let found = lab.read(|tx| changes::after(tx, 0, 10_000));
    let mut ids: Vec<i64> = found.iter().map(|entry| entry.change.id).collect();
    for thread in 0..THREADS {
        let own = ids.iter().filter(|id| **id / WRITES == thread);
        assert!(own.is_sorted(), "a writer's own changes are in its order");
    }
    ids.sort_unstable();
    assert!(ids.into_iter().eq(0..THREADS * WRITES));
}

fn commits_of_others_are_heard_of(lab: &Lab) {
    let _watch = FeedWatch::start(&lab.db).unwrap();
    let heard = lab.db.subscribe();
    let other = lab.open_again().unwrap();
    for seq in 1..=3 {
        let outcome = other.write(|tx| {
            tx.record(Change::visible(Noun::Post, 1, Verb::Updated));
            Ok::<_, StoreError>(())
        });
        outcome.unwrap();
        let deadline = Instant::now() + PATIENCE;
        while *heard.borrow() < seq {
            assert!(Instant::now() < deadline, "change {seq} was not heard of");
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(lab.db.generation(), other.generation());
    }
}
