//! Keeps the shape of the project: who imports whom, where the heavy crates live, how large files
//! get, and what is forgotten. Each rule is a function over a tree of files, and is itself seen to
//! fail on a small bad sample at the end of this file.
//!
//! Must not know Rust beyond what it needs: it reads text, with comments and strings set apart.

#[path = "support/source_text.rs"]
mod source_text;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use source_text::{Parts, split};

const MAX_LINES: usize = 600;

/// Longer files, how long they may be, and why. Numbers only go down; the list only gets shorter.
const LONG_FILES: &[(&str, usize, &str)] = &[];

/// The import table of `docs/ARCHITECTURE.md`: a folder of `src` and what it may import of ours.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("config", &["domain"]),
    ("render", &["domain"]),
    ("db", &["domain"]),
    ("search", &["domain"]),
    ("cache", &["domain"]),
    ("blobs", &["domain"]),
    ("tls", &["domain"]),
    ("update", &["domain"]),
    ("telemetry", &["domain"]),
    ("launcher", &["domain"]),
    ("store", &["domain", "db"]),
    (
        "app",
        &["domain", "render", "db", "store", "search", "blobs"],
    ),
    ("jobs", &["domain", "app", "db", "store", "search"]),
    (
        "web",
        &["domain", "app", "cache", "update", "tls", "telemetry"],
    ),
    (
        "boot",
        &[
            "domain",
            "config",
            "render",
            "db",
            "search",
            "cache",
            "blobs",
            "tls",
            "update",
            "telemetry",
            "launcher",
            "store",
            "app",
            "jobs",
            "web",
        ],
    ),
    (
        "cli",
        &["domain", "config", "boot", "app", "update", "launcher"],
    ),
];

/// A file of tests that imports what its folder may not, and why.
const TEST_IMPORTS: &[(&str, &str, &str)] = &[];

/// A crate whose types would leak everywhere if it were let out, and the folder it lives in.
const HOMES: &[(&str, &str)] = &[
    ("actix_web", "web"),
    ("actix_http", "web"),
    ("actix_service", "web"),
    ("minijinja", "web"),
    ("rusqlite", "db"),
    ("postgres", "db"),
    ("tokio_postgres", "db"),
    ("tantivy", "search"),
    ("moka", "cache"),
    ("comrak", "render"),
    ("syntect", "render"),
    ("two_face", "render"),
    ("ammonia", "render"),
    ("pulldown_latex", "render"),
    ("rustls", "tls"),
    ("instant_acme", "tls"),
];

/// A name that says nothing: what lies in it has not been understood.
const EMPTY_NAMES: &[&str] = &[
    "utils", "util", "helpers", "helper", "common", "manager", "misc",
];

struct File {
    path: String,
    text: String,
    parts: Parts,
}

impl File {
    fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            parts: split(text),
        }
    }

    fn is_rust(&self) -> bool {
        has_extension(&self.path, &["rs"])
    }

    /// `web` for `src/web/site/posts.rs`, `boot` for `src/boot.rs`, nothing for the crate's root.
    fn folder(&self) -> Option<&str> {
        let inner = self.path.strip_prefix("src/")?;
        let first = inner.split('/').next()?.trim_end_matches(".rs");
        (!matches!(first, "lib" | "main") && self.is_rust()).then_some(first)
    }

    /// How deep the file's module lies below the crate's root.
    fn depth(&self) -> usize {
        let inner = self.path.trim_start_matches("src/");
        inner.trim_end_matches("/mod.rs").split('/').count()
    }
}

fn has_extension(path: &str, wanted: &[&str]) -> bool {
    let extension = Path::new(path)
        .extension()
        .and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| wanted.contains(&extension))
}

/// Every text file that is ours, sorted by path.
fn tree() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut waiting: Vec<_> = ["src", "tests", "benches", "assets"]
        .map(|top| root.join(top))
        .into();
    let mut files = Vec::new();
    while let Some(directory) = waiting.pop() {
        for entry in std::fs::read_dir(&directory)
            .into_iter()
            .flatten()
            .flatten()
        {
            let path = entry.path();
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_string_lossy()
                .replace('\\', "/");
            if path.is_dir() {
                waiting.extend((name != "tests/fixtures").then_some(path));
            } else if has_extension(&name, &["rs", "html", "txt", "xml", "sql"]) {
                files.push(File::new(&name, &std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn rust(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|file| file.is_rust())
}

fn imports(files: &[File]) -> Vec<String> {
    let mut problems = Vec::new();
    for file in rust(files) {
        let Some(folder) = file.folder() else {
            continue;
        };
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == folder) else {
            problems.push(format!(
                "{}: src/{folder} is not in the import table; add it to docs/ARCHITECTURE.md and \
                 to MAY_IMPORT in tests/tidy.rs",
                file.path
            ));
            continue;
        };
        for (line, imported) in imported_modules(file, files) {
            let excused = TEST_IMPORTS
                .iter()
                .any(|(path, module, _)| *path == file.path && *module == imported);
            if imported != folder && !allowed.contains(&imported.as_str()) && !excused {
                problems.push(format!(
                    "{}:{line}: {folder} must not import {imported}, only {allowed:?}; move what \
                     is shared into one of those, or hand it in from boot",
                    file.path
                ));
            }
        }
    }
    problems
}

/// Our top-level modules that a file names: `crate::x`, `inkstand::x`, `crate::{x, y::z}`, and
/// `super::super::x` where that climbs to the root.
fn imported_modules(file: &File, files: &[File]) -> Vec<(usize, String)> {
    let code = &file.parts.code;
    let mut found = Vec::new();
    for root in ["crate::", "inkstand::"] {
        for at in occurrences(code, root) {
            let modules = first_names(&code[at + root.len()..]);
            found.extend(
                modules
                    .into_iter()
                    .map(|module| (line_of(code, at), module)),
            );
        }
    }
    for at in occurrences(code, "super::") {
        let mut rest = &code[at..];
        let mut climbed = 0;
        while let Some(further) = rest.strip_prefix("super::") {
            rest = further;
            climbed += 1;
        }
        // In an inline module the first step stays in the file, so a name that the folder
        // has itself is taken for that.
        let folder = file.folder().unwrap_or_default();
        let is_own = |name: &str| {
            let own = [
                format!("src/{folder}/{name}.rs"),
                format!("src/{folder}/{name}/mod.rs"),
            ];
            files.iter().any(|other| own.contains(&other.path))
        };
        if climbed >= file.depth() {
            let names = first_names(rest).into_iter().filter(|name| {
                MAY_IMPORT.iter().any(|(module, _)| module == name) && !is_own(name)
            });
            found.extend(names.map(|name| (line_of(code, at), name)));
        }
    }
    found
}

/// Where `needle` stands as a path of its own, not as the tail of a longer one.
fn occurrences<'a>(code: &'a str, needle: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(needle)
        .map(|(at, _)| at)
        .filter(move |at| {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let before = &code[..*at];
            match before.strip_suffix("::") {
                Some(parent) => !parent.ends_with(is_word) && !parent.ends_with('>'),
                None => !before.ends_with(is_word),
            }
        })
}

/// `a` of `a::b`, or `a` and `c` of `{a::b, c}`.
fn first_names(code: &str) -> Vec<String> {
    let name_of = |text: &str| -> String {
        let name = text.trim_start().chars();
        name.take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let Some(group) = code.strip_prefix('{') else {
        return Vec::from([name_of(code)]);
    };
    let mut names = Vec::from([name_of(group)]);
    let mut depth = 1;
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => names.push(name_of(&group[at + 1..])),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names.retain(|name| !name.is_empty() && name != "self");
    names
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text[..at].matches('\n').count()
}

fn homes(files: &[File]) -> Vec<String> {
    let mut problems = Vec::new();
    for file in rust(files).filter(|file| file.path.starts_with("src/")) {
        for (heavy, home) in HOMES {
            if file.folder() == Some(home) {
                continue;
            }
            let code = &file.parts.code;
            let path = format!("{heavy}::");
            let whole = [format!("use {heavy};"), format!("use {heavy} as")];
            let in_path = occurrences(code, &path).next();
            let at = in_path.or_else(|| whole.iter().find_map(|text| code.find(text)));
            problems.extend(at.map(|at| {
                format!(
                    "{}:{}: {heavy} lives in src/{home}; wrap what is needed there in a type of \
                     ours",
                    file.path,
                    line_of(code, at)
                )
            }));
        }
    }
    problems
}

fn headers(files: &[File]) -> Vec<String> {
    rust(files)
        .filter(|file| !file.text.starts_with("//!"))
        .map(|file| {
            format!(
                "{}:1: the file must open with //!: what it does, why, and what it must not know",
                file.path
            )
        })
        .collect()
}

fn sizes(files: &[File], exceptions: &[(&str, usize, &str)]) -> Vec<String> {
    let lines: BTreeMap<&str, usize> = rust(files)
        .map(|file| (file.path.as_str(), file.text.lines().count()))
        .collect();
    let listed = |path: &str| exceptions.iter().find(|(listed, _, _)| *listed == path);
    let mut problems: Vec<String> = lines
        .iter()
        .filter(|(path, count)| **count > listed(path).map_or(MAX_LINES, |(_, most, _)| *most))
        .map(|(path, count)| format!("{path}: {count} lines are too many; split it by noun"))
        .collect();
    for (path, most, _) in exceptions {
        match lines.get(path) {
            None => problems.push(format!("LONG_FILES names {path}, which does not exist")),
            Some(count) if *count <= MAX_LINES => {
                problems.push(format!(
                    "{path} is short enough now; remove it from LONG_FILES"
                ));
            }
            Some(count) if count < most => {
                problems.push(format!("{path} has shrunk; write {count} in LONG_FILES"));
            }
            Some(_) => {}
        }
    }
    problems
}

fn banned(files: &[File]) -> Vec<String> {
    let mut problems = Vec::new();
    for file in rust(files) {
        let stem = Path::new(&file.path)
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy();
        let folders = file.path.split('/').chain([stem.as_ref()]);
        for name in folders.filter(|name| EMPTY_NAMES.contains(name)) {
            let path = &file.path;
            problems.push(format!(
                "{path}: “{name}” says nothing; name it for what it does"
            ));
        }
        for (number, line) in file.parts.code.lines().enumerate() {
            let silences = line.contains("#[allow") || line.contains("#![allow");
            let hides = line.contains("cfg_attr(") && line.contains("allow(");
            if silences || hides {
                problems.push(format!(
                    "{}:{}: write #[expect(lint, reason = \"…\")], which goes away with its cause",
                    file.path,
                    number + 1
                ));
            }
            for unfinished in ["todo!", "unimplemented!"] {
                if occurrences(line, unfinished).next().is_some() {
                    let (path, number) = (&file.path, number + 1);
                    problems.push(format!("{path}:{number}: {unfinished} must not be merged"));
                }
            }
        }
    }
    problems
}

fn sql(files: &[File]) -> Vec<String> {
    const MAY_HOLD_SQL: [&str; 2] = ["src/db/", "src/store/"];
    let outside = |file: &&File| {
        file.path.starts_with("src/")
            && !MAY_HOLD_SQL.iter().any(|home| file.path.starts_with(home))
    };
    let mut problems = Vec::new();
    for file in files.iter().filter(outside) {
        if has_extension(&file.path, &["sql"]) {
            problems.push(format!(
                "{}: SQL files belong in src/store or src/db",
                file.path
            ));
        }
        let statements = file
            .parts
            .strings
            .iter()
            .filter(|(_, string)| looks_like_sql(string));
        problems.extend(statements.map(|(line, _)| {
            format!(
                "{}:{line}: SQL belongs in src/store, named for what it answers; call that",
                file.path
            )
        }));
    }
    problems
}

/// Both words, the first one at the start: English sentences have them too, but not so placed.
fn looks_like_sql(string: &str) -> bool {
    const STATEMENTS: [(&str, &str); 9] = [
        ("SELECT ", " FROM "),
        ("SELECT ", "("),
        ("INSERT ", "INTO "),
        ("UPDATE ", " SET "),
        ("DELETE ", "FROM "),
        ("CREATE ", " "),
        ("ALTER ", "TABLE "),
        ("PRAGMA ", ""),
        ("WITH ", " AS ("),
    ];
    let string = string.split_whitespace().collect::<Vec<_>>().join(" ") + " ";
    let lower_case = [
        ("select ", " from "),
        ("insert into ", " values"),
        ("delete from ", " where "),
    ];
    let mut all = STATEMENTS.iter().chain(&lower_case);
    all.any(|(first, second)| {
        string
            .strip_prefix(first)
            .is_some_and(|rest| format!(" {rest}").contains(second))
    })
}

/// Templates that no code names and no named template includes.
fn templates(files: &[File]) -> Vec<String> {
    let all: Vec<&File> = files
        .iter()
        .filter(|file| file.path.starts_with("assets/"))
        .filter(|file| has_extension(&file.path, &["html", "txt"]))
        .collect();
    let named_in = |strings: &mut dyn Iterator<Item = &str>| -> BTreeSet<&str> {
        let names: Vec<&str> = strings
            .filter(|name| has_extension(name, &["html", "txt"]))
            .collect();
        let is_named = |file: &&&File| names.iter().any(|name| ends_in_path(&file.path, name));
        all.iter()
            .filter(is_named)
            .map(|file| file.path.as_str())
            .collect()
    };
    let source = rust(files).filter(|file| file.folder().is_some() && !is_test_file(&file.path));
    let mut strings = source.flat_map(|file| {
        let tests_begin = file.parts.tests_begin_at_line;
        file.parts
            .strings
            .iter()
            .filter(move |(line, _)| *line < tests_begin)
            .map(|(_, string)| string.as_str())
    });
    let mut reached = named_in(&mut strings);
    let mut waiting: Vec<&str> = reached.iter().copied().collect();
    while let Some(path) = waiting.pop() {
        let Some(template) = all.iter().find(|file| file.path == path) else {
            continue;
        };
        let quoted = template.text.split(['"', '\'']);
        let fresh = named_in(&mut quoted.into_iter());
        waiting.extend(fresh.iter().filter(|path| !reached.contains(*path)));
        reached.extend(fresh);
    }
    all.iter()
        .filter(|file| !reached.contains(file.path.as_str()))
        .map(|file| {
            format!(
                "{}: no code renders it and no rendered template includes it; remove it, or name \
                 it in the call that renders it",
                file.path
            )
        })
        .collect()
}

fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

fn ends_in_path(path: &str, name: &str) -> bool {
    path.strip_suffix(name)
        .is_some_and(|parent| parent.is_empty() || parent.ends_with('/'))
}

/// With `autotests = false`, a target that the manifest does not name is silently never run.
fn targets(files: &[File], manifest: &str) -> Vec<String> {
    let is_target = |path: &&str| {
        let parts: Vec<&str> = path.split('/').collect();
        matches!(
            parts.as_slice(),
            ["tests" | "benches", _] | ["tests" | "benches", _, "main.rs"]
        )
    };
    rust(files)
        .map(|file| file.path.as_str())
        .filter(is_target)
        .filter(|path| !manifest.contains(&format!("path = \"{path}\"")))
        .map(|path| {
            format!("{path}: no [[test]] or [[bench]] in Cargo.toml names it, so it never runs")
        })
        .collect()
}

#[track_caller]
fn assert_none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn folders_import_what_the_table_allows() {
    assert_none(&imports(&tree()));
}

#[test]
fn heavy_crates_stay_at_home() {
    assert_none(&homes(&tree()));
}

#[test]
fn every_file_says_what_it_is_for() {
    assert_none(&headers(&tree()));
}

#[test]
fn files_stay_short() {
    assert_none(&sizes(&tree(), LONG_FILES));
}

#[test]
fn nothing_is_silenced_or_left_unfinished() {
    assert_none(&banned(&tree()));
}

#[test]
fn sql_is_written_in_the_store() {
    assert_none(&sql(&tree()));
}

#[test]
fn every_template_is_rendered() {
    assert_none(&templates(&tree()));
}

#[test]
fn every_target_is_in_the_manifest() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    assert_none(&targets(
        &tree(),
        &std::fs::read_to_string(manifest).unwrap(),
    ));
}

/// Each rule on samples it must refuse, and on their sound neighbours.
mod each_rule_can_fail {
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
    }
}
