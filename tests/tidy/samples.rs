//! Each rule on samples it must refuse, and on their sound neighbours.

use super::*;

fn sample(files: &[(&str, &str)]) -> Vec<File> {
    files
        .iter()
        .map(|(path, text)| File::new(path, text))
        .collect()
}

#[track_caller]
fn expect(problems: &[String], count: usize) {
    assert_eq!(problems.len(), count, "{problems:#?}");
}

#[test]
fn of_imports() {
    for (path, text, count) in [
        ("src/domain/a.rs", "use crate::store::Posts;", 1),
        (
            "src/web/a.rs",
            "use crate::{app, db::{store, X}, store};",
            2,
        ),
        (
            "src/web/a.rs",
            "use crate::{\n    app::{self, posts},\n    domain::id,\n};",
            0,
        ),
        ("src/store/a.rs", "fn f() { inkstand::web::x() }", 1),
        ("src/store/a.rs", "use super::super::web;", 1),
        (
            "src/store/mod.rs",
            "mod tests { use super::super::{db, web}; }",
            1,
        ),
        (
            "src/store/posts.rs",
            "mod tests { use super::super::posts; }",
            0,
        ),
        ("src/boot.rs", "use crate::cli; use crate::web;", 1),
        ("src/cache/a.rs", "mod tests { use crate::web; }", 1),
        (
            "src/cache/a.rs",
            "// use crate::web\nconst A: &str = \"crate::web\";",
            0,
        ),
        ("src/novelty/a.rs", "", 1),
        ("src/lib.rs", "use crate::web;", 0),
    ] {
        let problems = imports(&sample(&[(path, text), ("src/store/posts.rs", "")]));
        assert_eq!(problems.len(), count, "{path}: {text}\n{problems:#?}");
    }
}

#[test]
fn of_homes() {
    for (path, text, count) in [
        ("src/app/a.rs", "use rusqlite::Connection;", 1),
        ("src/app/a.rs", "use postgres;", 1),
        ("src/web/a.rs", "fn f(p: ::tantivy::Index) {}", 1),
        ("src/web/a.rs", "fn f(p: tantivy::Index) {}", 1),
        ("src/search/a.rs", "use tantivy::Index;", 0),
        (
            "src/jobs/a.rs",
            "use super::postgres::x; let my_moka::x;",
            0,
        ),
    ] {
        let problems = homes(&sample(&[(path, text)]));
        assert_eq!(problems.len(), count, "{path}: {text}\n{problems:#?}");
    }
}

#[test]
fn of_headers_and_sizes() {
    expect(
        &headers(&sample(&[
            ("src/a.rs", "// no\n"),
            ("tests/b.rs", "//! Yes."),
        ])),
        1,
    );
    let long = "x\n".repeat(MAX_LINES + 10);
    let files = sample(&[("src/a.rs", &long), ("src/b.rs", "x\n")]);
    expect(&sizes(&files, &[]), 1);
    expect(&sizes(&files, &[("src/a.rs", MAX_LINES + 10, "")]), 0);
    expect(&sizes(&files, &[("src/a.rs", MAX_LINES + 20, "")]), 1);
    let stale = [
        ("src/a.rs", MAX_LINES + 10, ""),
        ("src/b.rs", 700, ""),
        ("src/c.rs", 1, ""),
    ];
    expect(&sizes(&files, &stale), 2);
}

#[test]
fn of_banned_words() {
    let bad = "#[allow(dead_code)]\nfn a() { todo!() }\n#[cfg_attr(test, allow(x))]\n";
    expect(&banned(&sample(&[("src/a.rs", bad)])), 3);
    let good = "// todo! #[allow(x)]\nfn a() { limits.allow(1); print(\"todo!\") }";
    expect(&banned(&sample(&[("src/a.rs", good)])), 0);
    expect(
        &banned(&sample(&[
            ("src/web/utils.rs", ""),
            ("src/common/a.rs", ""),
        ])),
        2,
    );
}

#[test]
fn of_sql() {
    for (text, count) in [
        ("\"SELECT id FROM posts\"", 1),
        ("r#\"\n   INSERT INTO posts VALUES (1)\"#", 1),
        ("\"select id\n from posts\"", 1),
        ("\"UPDATE posts SET a = 1\"", 1),
        ("\"PRAGMA journal_mode\"", 1),
        ("\"Select a file from the list\" + \"Delete from here\"", 0),
        ("// SELECT id FROM posts", 0),
    ] {
        let problems = sql(&sample(&[("src/web/a.rs", text), ("src/store/a.rs", text)]));
        assert_eq!(problems.len(), count, "{text}\n{problems:#?}");
    }
    expect(
        &sql(&sample(&[("src/app/a.sql", ""), ("src/store/b.sql", "")])),
        1,
    );
}

#[test]
fn of_templates() {
    let files = sample(&[
        (
            "src/web/a.rs",
            "f(\"site/post.html\")\n#[cfg(test)]\nmod tests { g(\"old.html\") }",
        ),
        ("assets/site/post.html", "{% extends \"base.html\" %}"),
        ("assets/site/base.html", "{% include 'parts/head.html' %}"),
        ("assets/site/parts/head.html", ""),
        ("assets/site/old.html", "{% extends \"base.html\" %}"),
        ("assets/admin/post.html", ""),
        ("assets/mail/welcome.txt", ""),
    ]);
    expect(&templates(&files), 3);
}

#[test]
fn of_targets() {
    let files = sample(&[
        ("tests/a.rs", ""),
        ("tests/b/main.rs", ""),
        ("tests/b/c.rs", ""),
    ]);
    expect(&targets(&files, "path = \"tests/a.rs\""), 1);
    expect(&targets(&files, "[[test]]\nname = \"b\"\n"), 1);
    expect(&targets(&files, "[[bench]]\nname = \"b\"\n"), 2);
}
