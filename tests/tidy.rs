//! Keeps the shape of the project: who imports whom, where the heavy crates live, how large files
//! get, and what is forgotten. Each rule is a function over a tree of files, and is itself seen to
//! fail on small bad samples, in `samples`.
//!
//! Must not know Rust beyond what it needs: it reads text, with comments and strings set apart.

#![expect(clippy::unwrap_used, reason = "what goes wrong in a test is to end it")]

#[path = "tidy/forgotten.rs"]
mod forgotten;
#[path = "tidy/imports.rs"]
mod imports;
#[cfg(test)]
#[path = "tidy/samples.rs"]
mod samples;
#[path = "tidy/source_text.rs"]
mod source_text;
#[path = "tidy/sql.rs"]
mod sql;

use std::collections::BTreeMap;
use std::path::Path;

use forgotten::{targets, templates};
use imports::{homes, imports, occurrences};
use source_text::{Parts, split};
use sql::sql;

const MAX_LINES: usize = 600;

/// Longer files, how long they may be, and why. Numbers only go down; the list only gets shorter.
const LONG_FILES: &[(&str, usize, &str)] = &[];

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
