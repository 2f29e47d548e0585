//! What two checkers say about every kind of page in every theme: axe-core about access, the Nu checker
//! about HTML. Both come from `tests/tools`, which `tests/run` installs.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::chromium::{Browser, browse};
use super::tour::{THEMES, Tour};

const ADVICE: &str = "install it with: npm ci --ignore-scripts --prefix tests/tools";
/// Pages that look the same in every theme.
const UNDRESSED: [&str; 1] = ["/api/docs"];
/// What axe calls a finding that shuts somebody out.
const GRAVE: [&str; 2] = ["serious", "critical"];

pub(crate) fn tool(path: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/node_modules");
    let tool = root.join(path);
    assert!(tool.exists(), "there is no {}; {ADVICE}", tool.display());
    tool
}

/// The checker's own script.
pub(crate) fn axe() -> String {
    std::fs::read_to_string(tool("axe-core/axe.min.js")).unwrap()
}

pub(crate) async fn assert_accessible(browser: &Browser, axe: &str, place: &str) {
    browser.script(axe).await;
    let found = browser
        .script_async(
            "const done = arguments[arguments.length - 1];
             axe.run(document, { resultTypes: ['violations'] }).then(
                 result => done(result.violations.map(found => ({
                     rule: found.id, impact: found.impact, help: found.help,
                     where: found.nodes.slice(0, 3).map(node => node.html.slice(0, 200)),
                     why: found.nodes.slice(0, 1).map(node => node.failureSummary),
                 }))),
                 error => done([{ impact: 'critical', help: String(error) }]))",
        )
        .await;
    let findings = found.as_array().expect("a list of findings");
    let grave: Vec<&Value> = findings
        .iter()
        .filter(|found| GRAVE.iter().any(|impact| found["impact"] == **impact))
        .collect();
    assert!(grave.is_empty(), "{place}: {grave:#?}");
}

#[test]
fn browser_finds_every_page_accessible_in_every_theme() {
    let axe = axe();
    let tour = Tour::prepare();
    // A missing page is a page too; that its status is an error is all the browser may say of it.
    let missing = |path: &str| path == "/nothing-here";
    browse(async |browser| {
        for scheme in ["light", "dark"] {
            browser.set_scheme(scheme);
            for path in UNDRESSED {
                browser.open_page(&tour.site.url(path)).await;
                assert_accessible(&browser, &axe, &format!("{scheme}, {path}")).await;
            }
        }
        for theme in THEMES {
            tour.dress(theme);
            for scheme in ["light", "dark"] {
                browser.set_scheme(scheme);
                for path in tour.paths.iter().filter(|path| !missing(path)) {
                    browser.open_page(&tour.site.url(path)).await;
                    assert_accessible(&browser, &axe, &format!("{theme}, {scheme}, {path}")).await;
                }
            }
        }
        browser
    });
}

#[test]
fn checker_finds_no_error_in_the_html_of_any_page() {
    let tour = Tour::prepare();
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for theme in THEMES {
        tour.dress(theme);
        let paths = tour.paths.iter().map(String::as_str).chain(UNDRESSED);
        for path in paths {
            let name: String = path
                .chars()
                .map(|letter| {
                    if letter.is_ascii_alphanumeric() {
                        letter
                    } else {
                        '_'
                    }
                })
                .collect();
            let file = folder.path().join(format!("{theme}{name}.html"));
            std::fs::write(&file, tour.site.anyone().get(path).body).unwrap();
            files.push(file);
        }
    }
    let checked = Command::new("java")
        .arg("-jar")
        .arg(tool("vnu-jar/build/dist/vnu.jar"))
        .args(["--errors-only", "--format", "json"])
        .args(&files)
        .output()
        .expect("java, from the package default-jre-headless");
    let said: Value = serde_json::from_slice(&checked.stderr)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&checked.stderr)));
    let errors = said["messages"].as_array().expect("messages");
    assert!(errors.is_empty(), "{errors:#?}");
}
