//! The published examples of `CommonMark` 0.31.2 and of GFM's extensions, against the dialect as it is
//! parsed and formatted before our own additions (anchors, figures, colours, sanitising).
//!
//! The examples are read out of published packages, named with exact versions in `tests/fixtures/spec`;
//! `cargo metadata` says where they lie. `docs/rendering.md` lists each difference and why.

use std::path::PathBuf;
use std::process::Command;

use super::super::parse;

struct Example {
    number: usize,
    markdown: String,
    html: String,
    extension: String,
}

/// Where a package's sources lie, fetched if need be.
fn package(name: &str) -> PathBuf {
    let manifest = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/spec/Cargo.toml"
    );
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--locked",
            "--format-version=1",
            "--manifest-path",
            manifest,
        ])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "cargo could not fetch the packages with the examples; is a package registry reachable?\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let found = packages
        .iter()
        .find(|package| package["name"] == name)
        .unwrap();
    let manifest = PathBuf::from(found["manifest_path"].as_str().unwrap());
    manifest.parent().unwrap().to_owned()
}

/// Pairs of raw strings in a Rust file: what goes in, what comes out.
fn commonmark_examples() -> Vec<Example> {
    let path = package("pulldown-cmark").join("tests/suite/spec.rs");
    let file = std::fs::read_to_string(path).unwrap();
    let mut strings = Vec::new();
    let mut rest = file.as_str();
    while let Some(start) = rest.find("= r#") {
        rest = &rest[start + 3..];
        let hashes = &rest[..rest.find('"').unwrap()];
        let end = format!("\"{hashes};");
        let body = &rest[hashes.len() + 1..];
        let length = body.find(&end).unwrap();
        strings.push(body[..length].to_owned());
        rest = &body[length..];
    }
    let mut strings = strings.into_iter();
    let mut examples = Vec::new();
    while let (Some(markdown), Some(html)) = (strings.next(), strings.next()) {
        let (number, extension) = (examples.len() + 1, String::new());
        examples.push(Example {
            number,
            markdown,
            html,
            extension,
        });
    }
    examples
}

/// Examples of the specification that are marked with an extension.
fn gfm_examples() -> Vec<Example> {
    let path = package("cmark-gfm-sys").join("cmark-gfm/test/spec.txt");
    let file = std::fs::read_to_string(path).unwrap();
    let fence = "`".repeat(32);
    let mut examples = Vec::new();
    for (index, block) in file
        .split(&format!("\n{fence} example"))
        .skip(1)
        .enumerate()
    {
        let (extension, rest) = block.split_once('\n').unwrap();
        let (body, _) = rest.split_once(&format!("{fence}\n")).unwrap();
        let (markdown, html) = body.split_once("\n.\n").unwrap_or((body, ""));
        if !extension.trim().is_empty() {
            examples.push(Example {
                number: index + 1,
                markdown: format!("{markdown}\n").replace('→', "\t"),
                html: html.replace('→', "\t"),
                extension: extension.trim().to_owned(),
            });
        }
    }
    examples
}

/// The same page written with other habits: a quote needs no escape in text, a tag no slash, and
/// attributes have no order.
fn canonical(html: &str) -> String {
    html.replace(" />", ">")
        .replace("&quot;", "\"")
        .replace(
            "<input type=\"checkbox\" checked=\"\" disabled=\"\">",
            "[x]",
        )
        .replace(
            "<input checked=\"\" disabled=\"\" type=\"checkbox\">",
            "[x]",
        )
        .replace("<input type=\"checkbox\" disabled=\"\">", "[ ]")
        .replace("<input disabled=\"\" type=\"checkbox\">", "[ ]")
}

fn differing(examples: &[Example], syntax: &comrak::Options<'_>) -> Vec<usize> {
    let differs = |example: &&Example| {
        canonical(&comrak::markdown_to_html(&example.markdown, syntax)) != canonical(&example.html)
    };
    let differing: Vec<&Example> = examples.iter().filter(differs).collect();
    for example in &differing {
        let html = comrak::markdown_to_html(&example.markdown, syntax);
        println!(
            "{} {:?}\n want {:?}\n have {html:?}",
            example.number, example.markdown, example.html
        );
    }
    differing.iter().map(|example| example.number).collect()
}

/// The whole dialect, with extensions that must by their nature read some of `CommonMark` differently.
#[test]
fn commonmark_examples_in_our_dialect() {
    let examples = commonmark_examples();
    assert_eq!(examples.len(), 652);
    let mut dialect = parse::dialect();
    dialect.render.tasklist_classes = false;
    assert_eq!(differing(&examples, &dialect), COMMONMARK_DIFFERENCES);
}

/// The parser underneath, to tell its faults from the extensions' wishes.
#[test]
fn commonmark_examples_without_extensions() {
    let mut plain = comrak::Options::default();
    plain.render.r#unsafe = true;
    assert_eq!(differing(&commonmark_examples(), &plain), [0_usize; 0]);
}

#[test]
fn gfm_extension_examples() {
    let examples = gfm_examples();
    assert_eq!(examples.len(), 24);
    let mut dialect = parse::dialect();
    dialect.render.tasklist_classes = false;
    assert_eq!(differing(&examples, &dialect), GFM_DIFFERENCES);
}

/// GFM's filter for raw HTML is ours too, further down the line.
#[test]
fn gfm_tagfilter_example() {
    let examples = gfm_examples();
    let example = examples
        .iter()
        .find(|example| example.extension == "tagfilter")
        .unwrap();
    let html = super::render(&example.markdown, false).html;
    for name in ["title", "style", "xmp"] {
        assert!(html.contains(&format!("&lt;{name}")), "{html}");
    }
}

/// Bare web and mail addresses: text to `CommonMark`, links to GFM.
const COMMONMARK_DIFFERENCES: [usize; 4] = [602, 608, 611, 612];
/// The filter for raw HTML, which the parser leaves to us: see the test above.
const GFM_DIFFERENCES: [usize; 1] = [653];
