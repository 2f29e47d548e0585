//! `inkstand check` finds what is broken in what a site holds: each kind of damage is done once.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::site::Setup;

/// What is found, as “weight place: found”, and the code of the command.
fn found(setup: &Setup, more: &[&str]) -> (i32, Vec<String>) {
    let args = [&["check", "--json"][..], more].concat();
    let outcome = setup.inkstand(&args);
    let said: Value =
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{outcome:?}"));
    let findings = said["findings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let lines = findings.map(|finding| {
        let (weight, place) = (text(&finding["weight"]), text(&finding["place"]));
        assert!(!text(&finding["advice"]).is_empty(), "{finding}");
        format!("{weight} {place}: {}", text(&finding["found"]))
    });
    (outcome.code, lines.collect())
}

#[track_caller]
fn has(findings: &[String], words: &[&str]) {
    let is_told = findings
        .iter()
        .any(|line| words.iter().all(|word| line.contains(word)));
    assert!(is_told, "nothing says {words:?}:\n{}", findings.join("\n"));
}

fn site() -> Setup {
    let setup = Setup::new();
    setup.make_owner();
    setup
}

fn write(setup: &Setup, title: &str, markdown: &str) {
    let args = ["post", "new", "--title", title, "--publish"];
    setup.inkstand_reading(&args, markdown).ok();
}

fn database(setup: &Setup) -> rusqlite::Connection {
    rusqlite::Connection::open(setup.data_dir().join("inkstand.db")).unwrap()
}

#[test]
fn links_that_lead_nowhere_are_found_and_others_are_not() {
    let setup = site();
    setup
        .inkstand_reading(&["post", "new", "--title", "Hidden"], "draft")
        .ok();
    write(&setup, "Target", "## A place\n\nwords");
    setup
        .inkstand(&["redirect", "add", "/moved/*", "/target"])
        .ok();
    write(
        &setup,
        "Sound",
        "[a](/target) [b](target#a-place) [c](/archive/2024) [d](/feed.xml) [e](/moved/x) [f](https://example.org/x) \
         [g](mailto:a@example.org) [h](/target.md) [i](#there) [j](/author/olive-owner)\n\n# There",
    );
    setup.inkstand(&["reindex"]).ok();
    let (code, findings) = found(&setup, &[]);
    assert_eq!((code, findings), (0, Vec::new()));
    write(
        &setup,
        "Broken",
        "[a](/nowhere) [b](/hidden) [c](#not-here) [d](/tag/none) ![](/media/none.png) ![x](http://localhost:8080/gone)",
    );
    setup.inkstand(&["reindex"]).ok();
    let (code, findings) = found(&setup, &[]);
    assert_eq!(code, 1);
    for words in [
        ["wrong /broken", "/nowhere leads nowhere"],
        ["wrong /broken", "/hidden leads to a post that is draft"],
        ["wrong /broken", "#not-here names no place"],
        ["wrong /broken", "/tag/none leads nowhere"],
        ["wrong /broken", "/media/none.png leads nowhere"],
        ["wrong /broken", "/gone leads nowhere"],
        ["advice /broken", "/media/none.png says nothing"],
    ] {
        has(&findings, &words);
    }
    assert_eq!(findings.len(), 7, "{findings:#?}");
}

#[test]
fn files_that_are_lost_or_changed_are_found() {
    let setup = site();
    let picture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pictures/logo.png");
    setup
        .inkstand(&["media", "add", picture.to_str().unwrap()])
        .ok();
    setup.inkstand(&["reindex"]).ok();
    assert_eq!(found(&setup, &[]), (0, Vec::new()));
    let listed = setup.inkstand(&["media", "list", "--json"]).ok();
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let path = listed["items"][0]["path"].as_str().unwrap();
    let file = setup.data_dir().join(path.trim_start_matches('/'));
    let mut bytes = fs::read(&file).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&file, &bytes).unwrap();
    let (code, findings) = found(&setup, &[]);
    has(&findings, &["wrong", "not those that were uploaded"]);
    assert_eq!(code, 1);
    assert_eq!(
        found(&setup, &["--quick"]),
        (0, Vec::new()),
        "a quick look sees sizes only"
    );
    fs::write(&file, &bytes[1..]).unwrap();
    has(
        &found(&setup, &["--quick"]).1,
        &["wrong", "bytes, and should have"],
    );
    fs::remove_file(&file).unwrap();
    has(&found(&setup, &[]).1, &["wrong", "not on the disk"]);
}

#[test]
fn redirects_settings_search_and_references_are_looked_at() {
    let setup = site();
    write(&setup, "Target", "words");
    let (code, findings) = found(&setup, &[]);
    has(&findings, &["advice the search index"]);
    assert_eq!(code, 0, "the next start writes it");
    setup.inkstand(&["reindex"]).ok();
    for (from, to) in [("/a", "/target"), ("/b", "/a"), ("/c", "/target")] {
        setup.inkstand(&["redirect", "add", from, to]).ok();
    }
    assert_eq!(found(&setup, &[]), (0, Vec::new()));
    let database = database(&setup);
    let change = |sql: &str| assert!(database.execute(sql, []).unwrap() > 0, "{sql}");
    change("UPDATE redirects SET to_url = '/b' WHERE from_path = '/a'");
    change("UPDATE redirects SET to_url = '/lost' WHERE from_path = '/c'");
    setup
        .inkstand(&["settings", "set", "logo", "/media/none.svg"])
        .ok();
    setup.inkstand(&["settings", "set", "theme", "plain"]).ok();
    change("UPDATE settings SET value = '\"vanished\"' WHERE name = 'theme'");
    database.pragma_update(None, "foreign_keys", false).unwrap();
    change(
        "INSERT INTO renditions (post_id, stamp, html, facts, plain) VALUES (7, '', '', '', '')",
    );
    let (code, findings) = found(&setup, &["--wrong"]);
    for words in [
        ["wrong /a", "circle"],
        ["wrong /c", "/lost, where nothing is"],
        ["wrong logo", "/media/none.svg leads nowhere"],
        ["wrong theme vanished", "vanished"],
        ["wrong the database", "renditions"],
    ] {
        has(&findings, &words);
    }
    assert_eq!(code, 1);
}
