//! Moving in and out: folders of other programs taken over by the real one, beside a running site; its own
//! export taken over again; and what hostile folders do.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use super::site::{Setup, Site, eventually};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/import")
        .join(name)
}

/// A copy that a test may change.
fn copy_of(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&fixture(name), folder.path());
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Every file below a folder with its bytes.
fn files(root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path
                    .strip_prefix(root)
                    .unwrap()
                    .to_string_lossy()
                    .into_owned();
                found.push((name, fs::read(path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// Everything a database holds, table by table.
fn contents(data_dir: &Path) -> Vec<String> {
    let store = rusqlite::Connection::open(data_dir.join("inkstand.db")).unwrap();
    let tables: Vec<String> = store
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let mut all = Vec::new();
    for table in tables {
        let mut statement = store.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let cells = (0..columns).map(|at| format!("{:?}", row.get_ref(at).unwrap()));
            all.push(format!("{table} {}", cells.collect::<Vec<_>>().join(" ")));
        }
    }
    all
}

fn import(setup: &Setup, folder: &Path, more: &[&str]) -> Value {
    let folder = folder.to_string_lossy();
    let args = [&["import", "markdown", &folder, "--json"], more].concat();
    serde_json::from_str(&setup.inkstand(&args).ok()).unwrap()
}

fn numbers(report: &Value, of: &str) -> [u64; 5] {
    ["made", "updated", "unchanged", "left_alone", "refused"]
        .map(|name| report[of][name].as_u64().unwrap())
}

/// The address a page leads to, and how.
fn moved(site: &Site, path: &str) -> (u16, String) {
    let answer = site.anyone().get(path);
    let to = answer.header("location").unwrap_or_default().to_owned();
    (answer.status, to)
}

#[test]
fn reports_tell_what_was_not_understood() {
    for name in ["hugo", "jekyll", "zola", "plain"] {
        let setup = Setup::new();
        setup.make_owner();
        let folder = fixture(name);
        let folder = folder.to_string_lossy();
        let before = contents(setup.data_dir());
        let outcome = setup.inkstand(&["import", "markdown", &folder, "--dry-run"]);
        assert_eq!(
            contents(setup.data_dir()),
            before,
            "a dry run of {name} has written"
        );
        let media = files(&setup.data_dir().join("media"));
        assert!(media.is_empty(), "a dry run has kept files: {media:?}");
        let dry = outcome.ok();
        insta::assert_snapshot!(format!("report_{name}"), dry);
        let wet = setup
            .inkstand(&["import", "markdown", &folder, "--yes"])
            .ok();
        let without_end = |text: &str| text.trim_end().rsplit_once('\n').unwrap().0.to_owned();
        assert_eq!(without_end(&wet), without_end(&dry), "{name}");
        // Again: nothing to do, and nothing done.
        let after = contents(setup.data_dir());
        let again = import(&setup, &fixture(name), &["--yes"]);
        assert_eq!(
            contents(setup.data_dir()),
            after,
            "{name} again has written"
        );
        for of in ["posts", "pages", "files", "tags", "redirects", "settings"] {
            assert_eq!(numbers(&again, of)[..2], [0, 0], "{name} again: {again}");
        }
    }
}

#[test]
fn a_hugo_site_moves_in_beside_a_running_one() {
    let site = Site::start();
    site.token();
    let report = import(&site.setup(), &fixture("hugo"), &["--yes"]);
    assert_eq!(numbers(&report, "posts"), [5, 0, 0, 0, 0], "{report}");
    let page = site.anyone().get("/first-engine").expect(200).body;
    assert!(
        page.contains("The first engine") && page.contains("A brass wheel"),
        "{page}"
    );
    assert!(
        page.contains("href=\"/the-harbour?x=1\"")
            && page.contains("href=\"/the-harbour\"")
            && page.contains("href=\"/the-harbour#pier\""),
        "{page}"
    );
    assert!(
        page.contains("![not a picture](/images/wheel.png)"),
        "{page}"
    );
    assert!(page.contains("{{&lt; map"), "{page}");
    // Both pictures of it are one file, and it is served.
    let at = page.find("/media/").unwrap();
    let picture = page[at..].split('"').next().unwrap();
    let answer = site.anyone().get(picture).expect(200);
    assert_eq!(answer.header("content-type"), Some("image/png"));
    assert_eq!(numbers(&report, "files"), [2, 0, 0, 0, 0], "{report}");
    // Where readers knew it, and its aliases.
    for old in [
        "/blog/2024/01/first-engine/",
        "/blog/2024/01/first-engine",
        "/blog/old/first/",
        "/blog/1.html",
    ] {
        assert_eq!(
            moved(&site, old),
            (301, "/first-engine".to_owned()),
            "{old}"
        );
    }
    assert_eq!(
        site.anyone().get("/json-post").status,
        404,
        "a draft is shown"
    );
    assert_eq!(
        site.anyone().get("/still-to-come").status,
        404,
        "a post of the future is shown"
    );
    assert_eq!(moved(&site, "/blog/about/"), (301, "/about".to_owned()));
    assert_eq!(
        moved(&site, "/blog/index.xml"),
        (301, "/feed.xml".to_owned())
    );
    // Translations know of each other.
    let harbour = site.anyone().get("/the-harbour").expect(200).body;
    assert!(harbour.contains("hreflang=\"de\""), "{harbour}");
    // The site hears a moment later of what another process did.
    eventually("the front page has the new title", || {
        let home = site.anyone().get("/").expect(200).body;
        let titles = ["Ada’s Notebook", "Ada&#x27;s Notebook", "Ada's Notebook"];
        titles
            .iter()
            .any(|title| home.contains(title))
            .then_some(())
    });
    eventually("search finds it", || {
        let found = site.anyone().get("/search?q=wheel").expect(200).body;
        found.contains("The first engine").then_some(())
    });
}

#[test]
fn what_changed_comes_and_what_was_changed_here_stays() {
    let setup = Setup::new();
    setup.make_owner();
    let folder = copy_of("jekyll");
    import(&setup, folder.path(), &["--yes"]);
    let trip = folder.path().join("_posts/travel/2023-07-08-trip.markdown");
    let hello = folder.path().join("_posts/2023-05-06-hello-world.md");
    for path in [&trip, &hello] {
        let text = fs::read_to_string(path).unwrap();
        fs::write(path, format!("{text}\nMore words.\n")).unwrap();
    }
    let store = rusqlite::Connection::open(setup.data_dir().join("inkstand.db")).unwrap();
    let change = "UPDATE posts SET markdown = 'By hand.' WHERE slug = 'hello-world'";
    assert_eq!(store.execute(change, []).unwrap(), 1);
    let report = import(&setup, folder.path(), &["--yes"]);
    let posts = numbers(&report, "posts");
    assert_eq!((posts[0], posts[1], posts[3]), (0, 1, 1), "{report}");
    let text = |slug: &str| -> String {
        let sql = "SELECT markdown FROM posts WHERE slug = ?1";
        store.query_row(sql, [slug], |row| row.get(0)).unwrap()
    };
    assert_eq!(text("hello-world"), "By hand.");
    assert!(text("trip").contains("More words."));
    // What was deleted here stays away.
    store.execute("DELETE FROM redirects", []).unwrap();
    store
        .execute_batch("PRAGMA foreign_keys = ON; DELETE FROM posts WHERE slug = 'trip'")
        .unwrap();
    let report = import(&setup, folder.path(), &["--yes"]);
    assert_eq!(numbers(&report, "posts")[0], 0, "{report}");
}

#[test]
fn an_import_that_was_killed_goes_on_where_it_was() {
    const POSTS: u64 = 900;
    let setup = Setup::new();
    setup.make_owner();
    let folder = tempfile::tempdir().unwrap();
    for number in 1..=POSTS {
        let text = format!(
            "# Number {number}\n\nSee [another]({}.md).\n",
            number % POSTS + 1
        );
        fs::write(folder.path().join(format!("{number}.md")), text).unwrap();
    }
    let path = folder.path().to_string_lossy().into_owned();
    setup.killed_after(
        &["import", "markdown", &path, "--yes"],
        Duration::from_millis(300),
    );
    let report = import(&setup, folder.path(), &["--yes"]);
    let [made, updated, unchanged, left_alone, refused] = numbers(&report, "posts");
    assert_eq!(
        (made + unchanged, updated, left_alone, refused),
        (POSTS, 0, 0, 0),
        "{report}"
    );
    let store = rusqlite::Connection::open(setup.data_dir().join("inkstand.db")).unwrap();
    let whole: i64 = store
        .query_row(
            "SELECT count(*) FROM posts p JOIN renditions r ON r.post_id = p.id JOIN origins o ON o.post_id = p.id",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(u64::try_from(whole), Ok(POSTS));
}

#[test]
fn an_export_taken_over_gives_the_same_site() {
    let from = Setup::new();
    from.make_owner();
    for name in ["hugo", "jekyll"] {
        import(&from, &fixture(name), &["--yes"]);
    }
    let rooms = tempfile::tempdir().unwrap();
    let (first, second) = (rooms.path().join("first"), rooms.path().join("second"));
    from.inkstand(&["export", &first.to_string_lossy()]).ok();
    let to = Setup::new();
    let report = import(&to, &first, &["--yes"]);
    assert_eq!(
        report["notes"].as_array().unwrap().len(),
        1,
        "only of the password: {report}"
    );
    to.inkstand(&["export", &second.to_string_lossy()]).ok();
    let (first_files, second_files) = (files(&first), files(&second));
    let names = |files: &[(String, Vec<u8>)]| -> Vec<String> {
        files.iter().map(|file| file.0.clone()).collect()
    };
    assert_eq!(names(&first_files), names(&second_files));
    for (one, other) in first_files.iter().zip(&second_files) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(text(&one.1), text(&other.1), "{}", one.0);
        assert_eq!(one.1, other.1, "{}", one.0);
    }
    let all = first_files
        .iter()
        .map(|(_, bytes)| String::from_utf8_lossy(bytes))
        .collect::<String>();
    assert!(
        !all.contains("argon2") && !all.contains("password"),
        "a secret is in the export"
    );
    // Onto the site it came from, it changes nothing.
    let before = import(&from, &first, &["--dry-run"]);
    for of in [
        "posts",
        "pages",
        "files",
        "people",
        "tags",
        "redirects",
        "settings",
    ] {
        let [made, updated, _, left_alone, refused] = numbers(&before, of);
        assert_eq!(
            [made, updated, left_alone, refused],
            [0; 4],
            "{of}: {before}"
        );
    }
}

#[test]
fn an_export_writes_over_nothing_but_an_export() {
    let setup = Setup::new();
    setup.make_owner();
    let rooms = tempfile::tempdir().unwrap();
    let own = rooms.path().join("own");
    fs::create_dir(&own).unwrap();
    let said = own.to_string_lossy().into_owned();
    setup.inkstand(&["export", &said]).ok();
    let again = setup.inkstand(&["export", &said]);
    assert!(
        again.code == 1 && again.stderr.contains("--force"),
        "{again:?}"
    );
    fs::write(own.join("note.txt"), "x").unwrap();
    setup.inkstand(&["export", &said, "--force"]).ok();
    assert!(!own.join("note.txt").exists());
    let other = rooms.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("thesis.txt"), "x").unwrap();
    let refused = setup.inkstand(&["export", &other.to_string_lossy(), "--force"]);
    assert!(
        refused.code == 1 && refused.stderr.contains("not empty"),
        "{refused:?}"
    );
    assert_eq!(files(&other).len(), 1);
    assert_eq!(
        fs::read_dir(rooms.path()).unwrap().count(),
        2,
        "something was left behind"
    );
}

#[test]
fn nobody_is_written_for_who_was_not_asked() {
    let setup = Setup::new();
    let folder = fixture("plain");
    let folder = folder.to_string_lossy();
    let asked = setup.inkstand(&["import", "markdown", &folder]);
    assert!(
        asked.code == 2 && asked.stderr.contains("--dry-run"),
        "{asked:?}"
    );
    let ownerless = setup.inkstand(&["import", "markdown", &folder, "--yes"]);
    assert!(
        ownerless.code == 1 && ownerless.stderr.contains("owner"),
        "{ownerless:?}"
    );
    setup.make_owner();
    let nobody = setup.inkstand(&["import", "markdown", &folder, "--yes", "--author", "nobody"]);
    assert!(
        nobody.code == 1 && nobody.stderr.contains("nobody"),
        "{nobody:?}"
    );
    let gone = setup.inkstand(&["import", "markdown", "/nowhere/at/all", "--yes"]);
    assert!(
        gone.code == 1 && gone.stderr.contains("no folder"),
        "{gone:?}"
    );
}

#[test]
fn hostile_folders_do_no_harm() {
    let setup = Setup::new();
    setup.make_owner();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    let secret = tempfile::tempdir().unwrap();
    fs::write(secret.path().join("key.pem"), "PRIVATE").unwrap();
    std::os::unix::fs::symlink(secret.path().join("key.pem"), folder.path().join("key.md"))
        .unwrap();
    std::os::unix::fs::symlink("/", folder.path().join("root")).unwrap();
    write(
        "good.md",
        b"# Good\n\n![out](../../../../etc/passwd) ![key](key.md) ![bomb](bomb.png)\n",
    );
    write(
        "huge-head.md",
        format!("---\nx: {}\n---\n", "y".repeat(1024 * 1024)).as_bytes(),
    );
    write("huge.md", &vec![b'x'; 8 * 1024 * 1024]);
    let bomb = (1..15).fold(
        "---\na0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned(),
        |text, level| {
            let all = vec![format!("*a{}", level - 1); 10].join(",");
            format!("{text}a{level}: &a{level} [{all}]\n")
        },
    );
    write("bomb.md", format!("{bomb}---\nx\n").as_bytes());
    write(
        "deep.md",
        format!("---\na: {}\n---\nx", "[".repeat(100_000)).as_bytes(),
    );
    write(
        "deep.toml.md",
        format!("+++\na = {}\n+++\nx", "[".repeat(100_000)).as_bytes(),
    );
    write(
        "deep.json.md",
        format!("{{\"a\": {}\n}}\nx", "[".repeat(100_000)).as_bytes(),
    );
    // Long lines of what never closes.
    for (name, piece) in [
        ("tags", "<a "),
        ("calls", "{{< x "),
        ("code", "{{< highlight x >}} "),
        ("links", "[a]("),
    ] {
        let folder = format!("content/{name}.md");
        write(&folder, piece.repeat(256 * 1024 / piece.len()).as_bytes());
    }
    write("zero.md", b"a\0b\n");
    write("date.md", b"---\ndate: 99999999-99-99\ntitle: D\n---\nx");
    write("alias.md", b"---\ntitle: A\naliases: ['/admin', '/*', '//evil.example', '../../x', '/a\\0b', '/good']\n---\nx");
    write(
        "bomb.png",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff",
    );
    write(
        "bytes.md",
        &(0..=255).cycle().take(4_096).collect::<Vec<u8>>(),
    );
    let report = import(&setup, folder.path(), &["--yes", "--format", "plain"]);
    import(&setup, folder.path(), &["--dry-run", "--format", "hugo"]);
    let told = report.to_string();
    assert!(
        !told.contains("PRIVATE") && !told.contains("root:"),
        "{told}"
    );
    let notes = report["notes"].as_array().unwrap();
    for file in [
        "key.md",
        "root",
        "huge-head.md",
        "huge.md",
        "bomb.md",
        "deep.md",
        "bytes.md",
        "bomb.png",
        "alias.md",
    ] {
        assert!(
            notes.iter().any(|note| note["file"] == file),
            "nothing is told of {file}: {told}"
        );
    }
    let store = rusqlite::Connection::open(setup.data_dir().join("inkstand.db")).unwrap();
    let count = |sql: &str| -> i64 { store.query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(count("SELECT count(*) FROM posts WHERE slug = 'good'"), 1);
    assert_eq!(
        count("SELECT count(*) FROM posts WHERE instr(markdown, 'PRIVATE') > 0"),
        0
    );
    assert_eq!(
        count("SELECT count(*) FROM redirects WHERE from_path IN ('/*', '/good')"),
        0
    );
}
