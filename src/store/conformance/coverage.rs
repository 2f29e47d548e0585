//! The suite is whole: a public function of the store that no case calls fails this test.

use std::fs;
use std::path::Path;

#[test]
fn every_public_function_is_called_by_a_case() {
    let store = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let cases: String = sources(&store.join("conformance"))
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    let mut seen = 0;
    let mut missing = Vec::new();
    for (noun, text) in sources(&store) {
        let functions = text
            .lines()
            .filter_map(|line| line.strip_prefix("pub fn ")?.split(['(', '<']).next());
        for function in functions {
            seen += 1;
            let call = format!("{noun}::{function}");
            let is_called = cases
                .split(&call)
                .skip(1)
                .any(|rest| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_'));
            if !is_called {
                missing.push(call);
            }
        }
    }
    assert!(seen > 50, "only {seen} functions were found");
    assert!(missing.is_empty(), "no case calls {missing:?}");
}

/// Name and text of every source file in a folder.
fn sources(folder: &Path) -> Vec<(String, String)> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).unwrap())
        })
        .collect()
}
