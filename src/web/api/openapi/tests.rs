//! That the description is whole, and that its copy in `docs/` is the newest.

use std::collections::BTreeSet;
use std::path::Path;

use super::{document, operations};
use crate::web::addresses;

#[test]
fn the_reference_of_the_api_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    let made = document().to_pretty_json().unwrap() + "\n";
    if std::env::var_os("INKSTAND_WRITE_DOCS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == made,
        "docs/openapi.json differs from what the code says; run\n    \
         INKSTAND_WRITE_DOCS=1 cargo nextest run reference"
    );
}

#[test]
fn every_address_is_described_and_nothing_else() {
    let whole = document();
    let described: BTreeSet<&str> = whole.paths.paths.keys().map(String::as_str).collect();
    let all = addresses();
    let there: BTreeSet<&str> = all
        .iter()
        .map(|(path, _)| path.as_str())
        .filter(|path| path.starts_with("/api/v1/"))
        .collect();
    let missing: Vec<_> = there.difference(&described).collect();
    assert!(missing.is_empty(), "not described: {missing:?}");
    let invented: Vec<_> = described.difference(&there).collect();
    assert!(
        invented.is_empty(),
        "described, but not there: {invented:?}"
    );
}

#[test]
fn every_operation_has_a_name_of_its_own_a_group_and_words() {
    let mut whole = document();
    let groups = whole.tags.clone().unwrap_or_default();
    let groups: BTreeSet<_> = groups.into_iter().map(|tag| tag.name).collect();
    let mut names = BTreeSet::new();
    for (path, item) in &mut whole.paths.paths {
        for (_, operation) in operations(item) {
            let name = operation.operation_id.clone().unwrap_or_default();
            assert!(!name.is_empty(), "{path} has no name");
            assert!(names.insert(name.clone()), "{name} stands for two");
            assert!(operation.summary.is_some(), "{name} says nothing");
            let tags = operation.tags.clone().unwrap_or_default();
            assert!(
                tags.iter().all(|tag| groups.contains(tag)),
                "{name}: {tags:?}"
            );
            assert_eq!(tags.len(), 1, "{name}: {tags:?}");
        }
    }
}

#[test]
fn every_schema_that_is_named_is_there() {
    let whole = serde_json::to_value(document()).unwrap();
    let text = whole.to_string();
    for part in text.split("\"$ref\":\"#").skip(1) {
        let pointer = part.split('"').next().unwrap();
        assert!(whole.pointer(pointer).is_some(), "{pointer} leads nowhere");
    }
}
