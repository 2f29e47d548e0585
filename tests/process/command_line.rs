//! The command line as people and scripts meet it: the real program, its words, its answers and its codes,
//! beside a running site and without one.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::shells::shell;
use super::site::{Setup, Site};

/// The program for shells that are to find it by its name.
pub(crate) fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_inkstand"))
}

/// Every command of the program, as its own reference lists them.
pub(crate) fn commands() -> Vec<Vec<String>> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/commands.md");
    let page = fs::read_to_string(page).unwrap();
    let names = page
        .lines()
        .filter_map(|line| line.strip_prefix("### inkstand "));
    let words = names.map(|name| name.split(' ').map(str::to_owned).collect());
    words.collect()
}

/// An answer without what differs from run to run: numbers of things, times, secrets, folders.
fn steady(text: &str, setup: &Setup) -> String {
    let folder = setup.data_dir().parent().unwrap().to_string_lossy();
    let text = text.replace(&*folder, "[folder]");
    let mut steady = String::new();
    let mut word = String::new();
    for character in text.chars().chain(['\0']) {
        if character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | ':' | '.') {
            word.push(character);
            continue;
        }
        steady.push_str(&steady_word(&word));
        word.clear();
        steady.extend((character != '\0').then_some(character));
    }
    let lines = steady
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.collect::<Vec<_>>().join("\n")
}

fn steady_word(word: &str) -> String {
    const ID_DIGITS: usize = 14;
    const SECRET_CHARS: usize = 40;
    let digits = word.len() >= ID_DIGITS && word.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(rest) = word.strip_prefix(':') {
        return format!(":{}", steady_word(rest));
    }
    let bytes = word.as_bytes();
    let is_date = word.len() >= 10
        && bytes[..4].iter().all(u8::is_ascii_digit)
        && (bytes[4], bytes[7]) == (b'-', b'-');
    match word {
        _ if digits => "[id]".to_owned(),
        _ if is_date => "[time]".to_owned(),
        _ if word.len() >= SECRET_CHARS => "[secret]".to_owned(),
        word => word.to_owned(),
    }
}

#[test]
fn every_command_says_what_it_does() {
    let setup = Setup::new();
    let mut said = setup.inkstand(&["help"]).ok();
    assert_eq!(said, setup.inkstand(&["--help"]).ok());
    for command in commands() {
        let words: Vec<&str> = command
            .iter()
            .map(String::as_str)
            .chain(["--help"])
            .collect();
        let help = setup.inkstand(&words).ok();
        assert!(
            !help.contains('\u{1b}'),
            "colours although nobody watches: {words:?}"
        );
        let _ = write!(said, "\n\n$ inkstand {}\n{help}", words.join(" "));
    }
    insta::assert_snapshot!("help", said.trim_end());
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is a list of commands")]
fn answers_are_tables_for_people_and_json_for_scripts() {
    let setup = Setup::new();
    setup.make_owner();
    let mut told = String::new();
    let mut run = |args: &[&str], input: &str| {
        let outcome = setup.inkstand_reading(args, input);
        let words = args.join(" ");
        let said = format!("{}{}", outcome.stdout, outcome.stderr);
        let _ = writeln!(told, "$ inkstand {words}\n{}", steady(&said, &setup));
        if outcome.code != 0 {
            let _ = writeln!(told, "(code {})", outcome.code);
        }
        told.push('\n');
        outcome
    };
    run(
        &[
            "post",
            "new",
            "--title",
            "First Light",
            "--tag",
            "Sky",
            "--publish",
        ],
        "The sun *rises*.",
    );
    run(
        &["post", "new", "--tag", "Sky"],
        "# A draft\n\nNot yet, [see](/first-light).",
    );
    run(&["post", "list"], "");
    run(&["post", "list", "--status", "draft", "--json"], "");
    run(&["post", "list", "--tag", "sky", "--words", "rises"], "");
    run(&["post", "list", "--tag", "nothing"], "");
    run(&["post", "show", "a-draft"], "");
    run(&["post", "show", "first-light", "--json"], "");
    run(&["post", "show", "first-light", "--markdown"], "");
    run(&["post", "show", "first-light", "--html"], "");
    run(&["post", "show", "nobody"], "");
    run(
        &["post", "publish", "a-draft", "--at", "2999-01-01 08:00"],
        "",
    );
    run(&["post", "publish", "a-draft", "--at", "soon"], "");
    run(&["post", "unpublish", "a-draft", "--json"], "");
    run(
        &["post", "edit", "a-draft", "--file", "-"],
        "# A better draft\n\nNew words",
    );
    run(
        &["post", "edit", "first-light", "--file", "-"],
        "# First Light\n\nLater",
    );
    run(
        &["post", "show", "first-light", "--pending", "--markdown"],
        "",
    );
    run(
        &["post", "edit", "first-light", "--file", "-", "--publish"],
        "# First Light\n\nNow",
    );
    run(&["post", "trash", "a-draft"], "");
    run(&["post", "restore", "a-draft"], "");
    run(&["post", "delete", "a-draft"], "");
    run(&["post", "trash", "a-draft"], "");
    run(&["post", "delete", "a-draft"], "");
    run(&["reindex", "--json"], "");
    run(&["search", "sun"], "");
    run(&["search", "now", "--json"], "");
    run(
        &[
            "user",
            "create",
            "--email",
            "ada@example.org",
            "--name",
            "Ada",
        ],
        "a long password of ada's\n",
    );
    run(&["user", "list"], "");
    run(&["user", "show", "ada", "--json"], "");
    run(&["user", "role", "ada@example.org", "editor"], "");
    run(&["user", "suspend", "ada"], "");
    run(&["user", "readmit", "ada"], "");
    run(&["user", "suspend", "olive-owner"], "");
    run(&["user", "remove", "ada", "--heir", "olive-owner"], "");
    run(&["token", "list"], "");
    run(&["token", "list", "--json"], "");
    run(&["redirect", "add", "/old", "/first-light"], "");
    run(&["redirect", "list"], "");
    run(&["redirect", "export"], "");
    run(&["redirect", "remove", "/old"], "");
    run(&["redirect", "remove", "/old"], "");
    run(&["theme", "list"], "");
    run(&["theme", "use", "nothing"], "");
    run(&["settings", "set", "title", "Letters"], "");
    run(&["settings", "show", "--json"], "");
    run(&["audit", "--limit", "3"], "");
    run(&["status"], "");
    run(&["check", "--quick"], "");
    insta::assert_snapshot!("answers", told.trim_end());
}

#[test]
fn misuse_has_its_own_code_and_says_what_to_do() {
    let setup = Setup::new();
    for args in [
        &["nonsense"][..],
        &["post", "list", "--status", "lost"],
        &["post", "publish"],
        &["--set", "limits.body_mb=big", "post", "list"],
        &["post", "new", "--title", "x", "/no/such/file.md"],
        &["search", "x", "--limit", "0"],
    ] {
        let outcome = setup.inkstand(args);
        assert_eq!(outcome.code, 2, "{args:?}: {}", outcome.stderr);
        assert!(!outcome.stderr.is_empty(), "{args:?}");
    }
}

/// What changes nothing, and can be asked at any time.
const LOOKS: &[&[&str]] = &[
    &["post", "list"],
    &["post", "show", "seen"],
    &["media", "list"],
    &["user", "list"],
    &["user", "show", "olive-owner"],
    &["token", "list"],
    &["redirect", "list"],
    &["redirect", "export"],
    &["settings", "show"],
    &["theme", "list"],
    &["theme", "check", "plain"],
    &["search", "seen"],
    &["audit"],
    &["check"],
    &["config", "check"],
    &["config", "show"],
    &["config", "example"],
    &["webhook", "list"],
    &["doctor", "--only", "disk"],
    &["completions", "bash"],
    &["man"],
];

/// What is tried in tests of its own: it serves, waits, asks somebody else, or needs a number that is only
/// known then.
const ELSEWHERE: &[&str] = &[
    "serve",
    "setup",
    "status",
    "reload",
    "healthcheck",
    "selfcheck",
    "update",
    "rollback",
    "release keygen",
    "release root",
    "release sign",
    "release publish",
    "release verify",
    "theme new",
    "redirect import",
    "token revoke",
    "media show",
    "media describe",
    "media replace",
    "media remove",
    "webhook on",
    "webhook off",
    "webhook secret",
    "webhook remove",
    "webhook test",
    "webhook deliveries",
    "webhook redeliver",
];

/// What changes something, in an order in which each can be done.
fn acts<'a>(picture: &'a str, folder: &'a str) -> Vec<Vec<&'a str>> {
    let lines = [
        vec!["post", "new", "--title", "Another", "--publish"],
        vec!["post", "edit", "another", "--file", "-", "--publish"],
        vec!["post", "unpublish", "another"],
        vec!["post", "publish", "another"],
        vec!["post", "preview", "another"],
        vec!["post", "translate", "another", "--alone"],
        vec!["media", "add", "--alt", "A dot", picture],
        vec![
            "user",
            "create",
            "--email",
            "ada@example.org",
            "--name",
            "Ada",
        ],
        vec!["user", "role", "ada", "editor"],
        vec!["user", "suspend", "ada"],
        vec!["user", "readmit", "ada"],
        vec!["user", "reset-password", "--email", "ada@example.org"],
        vec!["user", "remove", "ada", "--heir", "olive-owner"],
        vec!["token", "create", "--name", "another"],
        vec!["redirect", "add", "/from", "/another"],
        vec!["redirect", "remove", "/from"],
        vec!["settings", "set", "description", "Seen"],
        vec!["settings", "clear", "description"],
        vec!["theme", "use", "plain"],
        vec!["webhook", "add", "https://example.org/hook"],
        vec!["export", folder],
        vec!["import", "markdown", folder, "--dry-run"],
        vec!["reindex"],
        vec!["post", "trash", "another"],
        vec!["post", "restore", "another"],
        vec!["post", "trash", "another"],
        vec!["post", "delete", "another"],
    ];
    lines.into()
}

fn picture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pictures/logo.png")
}

fn all_work(setup: &Setup) {
    let run = |args: &[&str], input: &str| setup.inkstand_reading(args, input);
    let picture = picture();
    let folder = setup.data_dir().with_file_name("export");
    let folder = folder.to_str().unwrap();
    run(&["post", "new", "--title", "Seen", "--publish"], "words").ok();
    for act in acts(picture.to_str().unwrap(), folder) {
        run(&act, "a long line of words\n").ok();
    }
    for look in LOOKS {
        run(look, "").ok();
    }
}

#[test]
fn no_command_is_forgotten() {
    let all: Vec<String> = commands().iter().map(|words| words.join(" ")).collect();
    let acts = acts("", "");
    let acts = acts.iter().map(|act| act.join(" "));
    let looks = LOOKS.iter().map(|look| look.join(" "));
    let elsewhere = ELSEWHERE.iter().map(|name| (*name).to_owned());
    let tried: Vec<String> = acts.chain(looks).chain(elsewhere).collect();
    let begins = |text: &str, with: &str| text == with || text.starts_with(&format!("{with} "));
    let is_group = |name: &&String| {
        all.iter()
            .any(|other| other != *name && begins(other, name))
    };
    let leaves = all.iter().filter(|name| !is_group(name));
    let forgotten: Vec<_> = leaves
        .filter(|name| !tried.iter().any(|tried| begins(tried, name)))
        .collect();
    assert!(forgotten.is_empty(), "nothing here tries {forgotten:?}");
}

#[test]
fn every_command_works_without_a_site() {
    let setup = Setup::new();
    setup.make_owner();
    all_work(&setup);
    setup.inkstand(&["selfcheck"]).ok();
}

#[test]
fn every_command_works_beside_a_running_site() {
    let site = Site::start();
    site.token();
    let setup = site.setup();
    all_work(&setup);
    setup.inkstand(&["status", "--json"]).ok();
    setup.inkstand(&["reload"]).ok();
    site.anyone().get("/seen").expect(200);
    assert_eq!(site.stop(), 0);
}

#[test]
fn a_running_site_writes_its_index_anew_when_asked() {
    let site = Site::start();
    site.token();
    site.inkstand(&["post", "new", "--title", "Found again", "--publish"])
        .ok();
    let said = site.inkstand(&["reindex", "--json"]).ok();
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        (&said["posts"], &said["by_running_site"]),
        (&1.into(), &true.into())
    );
    let found = site.inkstand(&["search", "again", "--json"]).ok();
    assert!(found.contains("found-again"), "{found}");
}

/// A program that takes the editor's place.
fn editor(setup: &Setup, script: &str) -> PathBuf {
    let path = setup.data_dir().with_file_name("editor");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    path
}

#[test]
fn an_editor_is_opened_and_what_is_not_changed_is_not_written() {
    let setup = Setup::new();
    setup.make_owner();
    setup.inkstand(&["post", "new", "--title", "Plain"]).ok();
    let version = || {
        let shown = setup.inkstand(&["post", "show", "plain", "--json"]).ok();
        serde_json::from_str::<Value>(&shown).unwrap()["version"].clone()
    };
    let before = version();
    let looks = editor(
        &setup,
        "test \"$(stat -c %a \"$1\")\" = 600 && grep -q '^# Plain$' \"$1\"",
    );
    let beside = setup.clone().env("VISUAL", &looks);
    let said = beside.inkstand(&["post", "edit", "plain"]).ok();
    assert!(said.contains("Nothing was changed"), "{said}");
    assert_eq!(version(), before);
    let writes = editor(
        &setup,
        "printf '# Plainer\\n\\nFrom the editor\\n' > \"$1\"",
    );
    let beside = setup.clone().env("EDITOR", &writes);
    beside.inkstand(&["post", "edit", "plain"]).ok();
    let text = setup
        .inkstand(&["post", "show", "plain", "--markdown"])
        .ok();
    assert_eq!(text, "From the editor\n");
    // Without a file, at a terminal, a new post is written there, too.
    let line = format!(
        "EDITOR={} script -qefc 'inkstand post new --tag New' /dev/null",
        writes.display()
    );
    let watched = shell("bash", &setup, &line);
    let shown = String::from_utf8_lossy(&watched.stdout);
    assert!(
        watched.status.success() && shown.contains("/plainer"),
        "{shown}"
    );
    let fails = editor(&setup, "exit 3");
    let outcome = setup
        .clone()
        .env("EDITOR", &fails)
        .inkstand(&["post", "edit", "plain"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stderr.contains("EDITOR"), "{}", outcome.stderr);
}

#[test]
fn words_that_cannot_be_saved_are_kept_and_can_be_saved_later() {
    let setup = Setup::new();
    setup.make_owner();
    setup.inkstand(&["post", "new", "--title", "Shared"]).ok();
    let program = program().display();
    let script = format!(
        "printf 'theirs' | {program} post edit shared --file - >/dev/null\n\
         printf '# Shared\\n\\nmine\\n' > \"$1\""
    );
    let slow = editor(&setup, &script);
    let outcome = setup
        .clone()
        .env("EDITOR", &slow)
        .inkstand(&["post", "edit", "shared"]);
    assert_eq!(outcome.code, 1, "{}", outcome.stdout);
    let again = outcome.stderr.lines().last().unwrap().trim();
    let kept = Path::new(again.split(' ').next_back().unwrap());
    assert_eq!(fs::read_to_string(kept).unwrap(), "# Shared\n\nmine\n");
    let mode = fs::metadata(kept).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let text = setup
        .inkstand(&["post", "show", "shared", "--markdown"])
        .ok();
    assert_eq!(text, "theirs\n");
    let words: Vec<&str> = again.split(' ').skip(1).collect();
    setup.inkstand(&words).ok();
    let text = setup
        .inkstand(&["post", "show", "shared", "--markdown"])
        .ok();
    assert_eq!(text, "mine\n");
    fs::remove_dir_all(kept.parent().unwrap()).unwrap();
}
