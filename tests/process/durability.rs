//! What was acknowledged is kept, whenever the process dies: killed again and again in the midst of
//! writing, on the same data, and everything looked at after each restart.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::Connection;
use serde_json::json;

use super::site::{Browser, Setup, Site, eventually};

const KILLS: u32 = 50;
const WRITERS: u64 = 3;
/// The process lives for at most this long once it has begun to serve.
const LONGEST_LIFE_MILLIS: u64 = 600;
/// After this many kills the search is asked as well; it comes a moment later than the rest.
const KILLS_BETWEEN_SEARCHES: u32 = 10;
/// Posts a writer changes again before it makes the next.
const UPDATES_PER_POST: u64 = 2;

/// What a writer was told about one post.
#[derive(Debug, Clone, Default)]
struct Told {
    /// The text that was acknowledged last.
    kept: String,
    /// A text that was sent and not answered: it may be there, whole, or not.
    perhaps: Option<String>,
}

type Book = Arc<Mutex<BTreeMap<i64, Told>>>;

/// Long enough to need several pages of the database, and no two alike.
fn text_of(word: &str, edition: u64) -> String {
    let line = format!("{word} in edition {edition}: nothing that was acknowledged is lost.\n\n");
    line.repeat(5 + usize::try_from(edition * 40).unwrap_or(40))
}

fn word_of(round: u32, writer: u64, number: u64) -> String {
    format!("kept{round}x{writer}x{number}")
}

/// Creates posts and changes them until the site is gone.
fn write_until_cut_off(author: &Browser, book: &Book, round: u32, writer: u64) {
    let json = [("content-type", "application/json")];
    for number in 0.. {
        let word = word_of(round, writer, number);
        let text = text_of(&word, 0);
        let form = json!({ "title": word, "markdown": text, "status": "published" }).to_string();
        let answer = author.try_send("POST", "/api/v1/posts", &json, Some(form.as_bytes()));
        let Ok(answer) = answer else { return };
        assert_eq!(answer.status, 201, "{}", answer.body);
        let id = answer.json()["id"].as_i64().expect("an id");
        let told = |told: Told| book.lock().unwrap().insert(id, told);
        let mut kept = text;
        told(Told {
            kept: kept.clone(),
            perhaps: None,
        });
        for edition in 1..=UPDATES_PER_POST {
            let text = text_of(&word, edition);
            told(Told {
                kept: kept.clone(),
                perhaps: Some(text.clone()),
            });
            let form = json!({ "markdown": text }).to_string();
            let path = format!("/api/v1/posts/{id}");
            let answer = author.try_send("PATCH", &path, &json, Some(form.as_bytes()));
            let Ok(answer) = answer else { return };
            assert_eq!(answer.status, 200, "{}", answer.body);
            kept = text;
            told(Told {
                kept: kept.clone(),
                perhaps: None,
            });
        }
    }
}

/// Reads beside the running site, as a backup would.
fn open(data_dir: &Path) -> Connection {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE;
    let database = Connection::open_with_flags(data_dir.join("inkstand.db"), flags).unwrap();
    database.busy_timeout(Duration::from_secs(10)).unwrap();
    database.pragma_update(None, "query_only", true).unwrap();
    database
}

fn assert_sound(database: &Connection) {
    let lines = |sql: &str| -> Vec<String> {
        let mut statement = database.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    assert_eq!(lines("PRAGMA integrity_check"), ["ok"]);
    assert!(lines("SELECT \"table\" FROM pragma_foreign_key_check").is_empty());
}

/// No number of the change feed is missing, and the last is the one the site goes by.
fn assert_dense_feed(database: &Connection) -> i64 {
    let sql = "SELECT min(seq), max(seq), count(*), (SELECT seq FROM feed_state) FROM changes";
    let (first, last, count, state): (i64, i64, i64, i64) = database
        .query_row(sql, [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .unwrap();
    assert_eq!((first, last), (1, state), "the feed's ends");
    assert_eq!(count, state, "entries of the feed are missing");
    // Everything about a post came in one transaction: none without its creation in the feed.
    let sql = "SELECT count(*) FROM posts WHERE id NOT IN
        (SELECT noun_id FROM changes WHERE noun = 'post' AND verb = 'created')";
    let orphans: i64 = database.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(orphans, 0, "posts nobody was told of");
    count
}

/// Every text is one that was sent, and none older than what was acknowledged. What was perhaps
/// written has come to light now: the book is brought up to date.
fn assert_all_kept(database: &Connection, book: &Book) {
    let mut statement = database
        .prepare("SELECT markdown, status FROM posts WHERE id = ?1")
        .unwrap();
    for (id, told) in book.lock().unwrap().iter_mut() {
        let found = statement.query_row([id], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        });
        let (text, status) = found.unwrap_or_else(|error| panic!("post {id} is lost: {error}"));
        assert_eq!(status, "published");
        if told.perhaps.as_ref() == Some(&text) {
            told.kept = text;
        } else {
            assert!(
                text == told.kept,
                "post {id} has another text than acknowledged"
            );
        }
        told.perhaps = None;
    }
}

/// What the newest post says is what the site shows, and under its word the search finds it.
fn assert_served(site: &Site, book: &Book, id: i64, searched: bool) {
    let kept = book.lock().unwrap()[&id].kept.clone();
    let word = kept.split(' ').next().unwrap_or_default();
    let page = site.anyone().get(&format!("/{word}")).expect(200);
    let first_line = kept.lines().next().unwrap_or_default();
    assert!(page.body.contains(first_line), "{}", page.body);
    if searched {
        eventually("an acknowledged post is found by the search", || {
            let found = site
                .anyone()
                .get(&format!("/api/v1/search?q={word}"))
                .json();
            (found["items"][0]["id"] == json!(id)).then_some(())
        });
    }
}

#[test]
fn fifty_kills_lose_nothing_that_was_acknowledged() {
    let setup = Setup::new();
    let token = setup.make_owner();
    let book = Book::default();
    let mut feed = 0;
    for round in 0..KILLS {
        let site = setup.start().with_token(&token);
        let before = book.lock().unwrap().len();
        let life_millis = u64::from(getrandom::u32().unwrap()) % LONGEST_LIFE_MILLIS;
        std::thread::scope(|scope| {
            for writer in 0..WRITERS {
                let (author, book) = (site.owner(), book.clone());
                scope.spawn(move || write_until_cut_off(&author, &book, round, writer));
            }
            // Not a wait for something to happen: the moment of the power cut.
            std::thread::sleep(Duration::from_millis(life_millis));
            site.kill();
        });
        let written = book.lock().unwrap().len() - before;
        eprintln!("kill {round} after {life_millis} ms and {written} new posts");

        let site = setup.start().with_token(&token);
        let database = open(setup.data_dir());
        assert_sound(&database);
        let entries = assert_dense_feed(&database);
        assert!(entries >= feed, "the feed went back");
        feed = entries;
        assert_all_kept(&database, &book);
        let newest = book.lock().unwrap().keys().next_back().copied();
        if let Some(id) = newest {
            assert_served(&site, &book, id, round % KILLS_BETWEEN_SEARCHES == 0);
        }
        // The check itself is no reason to end gently.
        site.kill();
    }
    let site = setup.start().with_token(&token);
    let ids: Vec<_> = book.lock().unwrap().keys().copied().collect();
    assert!(
        ids.len() >= KILLS as usize,
        "only {} posts: nothing was tested",
        ids.len()
    );
    for id in ids.iter().step_by(ids.len().div_ceil(30)) {
        assert_served(&site, &book, *id, true);
    }
    eprintln!("{} posts, {feed} entries of the feed", ids.len());
}
