//! What is forgotten without a sound: templates that nothing renders, tests that never run.

use std::collections::BTreeSet;

use super::{File, has_extension, rust};

/// Templates that no code names and no named template includes.
pub(crate) fn templates(files: &[File]) -> Vec<String> {
    let all: Vec<&File> = files
        .iter()
        .filter(|file| file.path.starts_with("assets/"))
        .filter(|file| has_extension(&file.path, &["html", "txt"]))
        .collect();
    let named_in = |strings: &mut dyn Iterator<Item = &str>| -> BTreeSet<&str> {
        // What is compiled in is named by the way to it from the source.
        let names: Vec<&str> = strings
            .map(|name| name.trim_start_matches("../"))
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
pub(crate) fn targets(files: &[File], manifest: &str) -> Vec<String> {
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
        .filter(|path| !is_listed(path, manifest))
        .map(|path| {
            format!("{path}: no [[test]] or [[bench]] in Cargo.toml names it, so it never runs")
        })
        .collect()
}

/// By its path, or by the name from which cargo finds the path.
fn is_listed(path: &str, manifest: &str) -> bool {
    let kind = if path.starts_with("tests/") {
        "test"
    } else {
        "bench"
    };
    let name = path.trim_end_matches("/main.rs").trim_end_matches(".rs");
    let name = name.rsplit('/').next().unwrap_or(name);
    manifest.contains(&format!("path = \"{path}\""))
        || manifest.contains(&format!("[[{kind}]]\nname = \"{name}\"\n"))
}
