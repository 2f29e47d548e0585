//! The guide for people who script, `docs/api.md`, is right: its examples are run as they stand there,
//! one after the other in one shell, against a fresh site.
//!
//! A block marked `sh` is an example. Each `curl` in it must be answered with success, unless the block
//! says "answers 412" beside it.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use super::site::Site;

const GUIDE: &str = include_str!("../../docs/api.md");
const PICTURE: &[u8] = include_bytes!("../fixtures/pictures/logo.png");
/// What is printed between two blocks, in the trace of what curl was told.
const BLOCK: &str = "--- block ";
/// What stands before the status where it is no success.
const SAID: &str = "answers ";
const FEWEST_EXAMPLES: usize = 10;

/// The examples, in their order.
fn examples(guide: &str) -> Vec<&str> {
    let blocks = guide.split("\n```sh\n").skip(1);
    blocks
        .filter_map(|rest| rest.split("\n```").next())
        .collect()
}

fn number_after(line: &str, before: &str) -> Option<u16> {
    let (_, rest) = line.split_once(before)?;
    rest.get(..3)?.parse().ok()
}

/// A curl that also tells what it was told.
fn put_curl(folder: &Path) {
    let found = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(&found).map(|place| place.join("curl"));
    let real = places
        .find(|place| place.exists())
        .expect("curl, from the package curl");
    let script = format!(
        "#!/bin/sh\nexec {} -v \"$@\" 2>>\"$TRACE\"\n",
        real.display()
    );
    let path = folder.join("curl");
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
}

#[test]
fn every_example_of_the_guide_works() {
    let site = Site::start();
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    put_curl(folder.path());
    std::fs::write(at("picture.png"), PICTURE).unwrap();

    let examples = examples(GUIDE);
    let mut script = String::from("set -eu\n");
    for (number, example) in examples.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(script, "echo '{BLOCK}{number}' >>\"$TRACE\"\n{example}\n");
    }
    let path = std::env::var("PATH").unwrap();
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(folder.path())
        .env("PATH", format!("{}:{path}", folder.path().display()))
        .env("TRACE", at("trace"))
        .env("SITE", site.url(""))
        .env("TOKEN", site.token())
        .env("no_proxy", "*")
        .output()
        .unwrap();
    let trace = std::fs::read_to_string(at("trace")).unwrap();
    let also = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{also}\n{trace}");

    let mut seen = 0;
    for (number, told) in trace.split(BLOCK).skip(1).enumerate() {
        let example = examples[number];
        let announced: Vec<u16> = example
            .lines()
            .filter_map(|line| number_after(line, SAID))
            .collect();
        let answered: Vec<u16> = told
            .lines()
            .filter_map(|line| number_after(line, "< HTTP/1.1 "))
            .collect();
        seen += answered.len();
        for status in &answered {
            let is_fine = (200..300).contains(status) || announced.contains(status);
            assert!(is_fine, "{status}:\n{example}\n{told}");
        }
        for status in &announced {
            assert!(answered.contains(status), "no {status}:\n{example}\n{told}");
        }
    }
    assert!(seen >= FEWEST_EXAMPLES, "only {seen} were run");
}

#[test]
fn examples_are_found() {
    let guide = "# Guide\n\n```sh\ncurl a\ncurl b  # answers 412\n```\n\n```text\nno\n```\n\n```sh\nc\n```\n";
    let found = examples(guide);
    assert_eq!(found, ["curl a\ncurl b  # answers 412", "c"]);
    assert_eq!(number_after(found[0], SAID), Some(412));
    assert_eq!(
        number_after("< HTTP/1.1 201 Created", "< HTTP/1.1 "),
        Some(201)
    );
}
