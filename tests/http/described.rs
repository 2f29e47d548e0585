//! The API does what its description says: two checkers from elsewhere read the description, and one of
//! them asks for everything in it, well and badly. Both come from `tests/tools/requirements.txt`, which
//! `tests/run` installs.

use std::path::{Path, PathBuf};
use std::process::Command;

use inkstand::web::problems::Code;
use serde_json::{Value, json};

use super::site::{Site, eventually};

/// Questions that are made up for each address and way of asking, beside those that go to its borders.
const EXAMPLES: &str = "12";
/// The same questions each time.
const SEED: &str = "5";
/// A small picture.
const PICTURE: &[u8] = include_bytes!("../fixtures/pictures/logo.png");

fn tool(name: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_inkstand")).ancestors().nth(2);
    let tool = target.unwrap().join("python/bin").join(name);
    assert!(
        tool.exists(),
        "there is no {}; run tests/python",
        tool.display()
    );
    tool
}

/// One of everything, so that there is something to find, change and take away.
fn furnish(site: &Site) {
    let owner = site.owner();
    let make = |path: &str, body: &Value| {
        owner.ask("POST", path, body).expect(201);
    };
    for number in 1..=3 {
        let post = json!({
            "title": format!("Leaf {number}"), "markdown": "A *leaf*, and no more.",
            "tags": ["Leaves", "Letters"], "status": "published",
        });
        make("/api/v1/posts", &post);
    }
    make(
        "/api/v1/posts",
        &json!({ "title": "A draft", "markdown": "Not yet." }),
    );
    let picture = [("content-type", "image/png")];
    owner
        .send("POST", "/api/v1/media", &picture, Some(PICTURE))
        .expect(201);
    eventually("the search knows the posts", || {
        let found = site.anyone().get("/api/v1/search?q=leaf").json();
        (found["total"].as_u64() >= Some(3)).then_some(())
    });
}

/// What a checker said, in whole if it found something.
#[track_caller]
fn assert_satisfied(command: &mut Command) {
    let output = command.output().expect("the checker runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let also = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{also}");
    assert!(!said.is_empty(), "it has said nothing");
}

#[test]
fn checker_finds_the_description_sound() {
    let site = Site::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("openapi.json");
    let description = site.anyone().get("/api/openapi.json").expect(200);
    assert_eq!(
        description.json()["openapi"]
            .as_str()
            .map(|version| &version[..4]),
        Some("3.1.")
    );
    std::fs::write(&file, description.body).unwrap();
    assert_satisfied(
        Command::new(tool("openapi-spec-validator"))
            .args(["--schema", "3.1"])
            .arg(file),
    );
}

#[test]
fn checker_finds_the_api_to_be_as_it_is_described() {
    let site = Site::start_with(&[
        "--set",
        "api.requests_per_minute=0",
        "--set",
        "api.anonymous_requests_per_minute=0",
        // Invented webhooks would be told of it all.
        "--set",
        "outbound.public=false",
    ]);
    furnish(&site);
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools");
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(tool("schemathesis"));
    command.current_dir(folder.path());
    let tokens = site.owner().get("/api/v1/tokens").expect(200).json();
    command.env("INKSTAND_TEST_TOKEN", site.token());
    command.env(
        "INKSTAND_TEST_TOKEN_ID",
        tokens["items"][0]["id"].to_string(),
    );
    command.env("SCHEMATHESIS_HOOKS", tools.join("schemathesis_hooks.py"));
    command
        .arg("--config-file")
        .arg(tools.join("schemathesis.toml"));
    command.args(["--no-color", "run", &site.url("/api/openapi.json")]);
    command.args(["--checks", "all", "--workers", "1"]);
    command.args(["--max-examples", EXAMPLES, "--seed", SEED]);
    assert_satisfied(&mut command);
    let log = site.log();
    assert!(!log.contains("panicked at"), "{log}");
    site.owner().get("/api/v1/posts").expect(200);
}

#[test]
fn the_reference_shows_what_there_is_and_explains_every_code() {
    let site = Site::start();
    let page = site.anyone().get("/api/docs").expect(200).body;
    for code in Code::ALL {
        assert!(page.contains(&format!("id=\"problem-{code}\"")), "{code}");
    }
    let description = site.anyone().get("/api/openapi.json").json();
    let paths = description["paths"].as_object().unwrap();
    let operations = paths
        .values()
        .flat_map(|item| item.as_object().unwrap().values());
    for operation in operations {
        let id = operation["operationId"].as_str().unwrap();
        assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
    }
    for target in page.split("href=\"#").skip(1) {
        let target = target.split('"').next().unwrap();
        assert!(
            page.contains(&format!("id=\"{target}\"")),
            "#{target} leads nowhere"
        );
    }
    assert!(!page.contains("<script") && !page.contains("style=\""));
    assert!(page.contains("href=\"/api/openapi.json\""));
}
