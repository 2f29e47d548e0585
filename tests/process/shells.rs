//! What shells and terminals make of the program: completions, manual pages, bars and broken pipes.

use std::fs;
use std::process::{Command, Stdio};

use super::command_line::{commands, program};
use super::site::Setup;

/// Runs a line of a shell that finds the program by its name, on the data of a site.
pub(crate) fn shell(shell: &str, setup: &Setup, line: &str) -> std::process::Output {
    let beside = program().parent().unwrap().display().to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new(shell);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("INKSTAND_") {
            command.env_remove(name);
        }
    }
    command
        .args(["-c", line])
        .env("PATH", format!("{beside}:{path}"))
        .env("INKSTAND_DATA_DIR", setup.data_dir())
        .env("INKSTAND_CONFIG", "/dev/null")
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{shell} is missing: {error}"))
}

#[test]
fn who_stops_reading_breaks_nothing() {
    let setup = Setup::new();
    setup.make_owner();
    for line in [
        "inkstand completions bash | true",
        "inkstand settings show | head -c 1",
        "inkstand post new --title Unheard --publish < /dev/null | true",
        "inkstand doctor --only disk --json | true",
    ] {
        let run = shell("bash", &setup, &format!("set -o pipefail; {line}"));
        let said = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success() && said.is_empty(), "{line}: {said}");
    }
    setup.inkstand(&["post", "show", "unheard"]).ok();
    let full = shell("bash", &setup, "inkstand completions bash > /dev/full");
    assert_eq!(
        full.status.code(),
        Some(1),
        "what could not be said is a failure"
    );
}

#[test]
fn bash_finishes_our_words() {
    let setup = Setup::new();
    let line = "source <(inkstand completions bash); COMP_WORDS=(inkstand post unp); COMP_CWORD=2; \
                _inkstand inkstand unp post; echo \"${COMPREPLY[@]}\"";
    let run = shell("bash", &setup, line);
    assert_eq!(String::from_utf8_lossy(&run.stdout).trim(), "unpublish");
    assert!(
        run.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
}

#[test]
fn other_shells_understand_our_words() {
    let setup = Setup::new();
    for (shell_name, check) in [("zsh", "zsh -n"), ("fish", "fish --no-execute")] {
        let line = format!(
            "command -v {shell_name} > /dev/null || exit 0; f=$(mktemp); inkstand completions {shell_name} > $f && \
             {check} $f; code=$?; rm $f; exit $code"
        );
        let run = shell("bash", &setup, &line);
        assert!(
            run.status.success(),
            "{shell_name}: {}",
            String::from_utf8_lossy(&run.stderr)
        );
    }
    for name in ["elvish", "powershell"] {
        assert!(
            setup
                .inkstand(&["completions", name])
                .ok()
                .contains("inkstand")
        );
    }
}

#[test]
fn every_command_has_its_manual_page() {
    let setup = Setup::new();
    let folder = setup.data_dir().with_file_name("man");
    let at = folder.to_str().unwrap();
    setup.inkstand(&["man", "--dir", at]).ok();
    let mut pages: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|page| page.unwrap().path())
        .collect();
    pages.sort();
    assert_eq!(pages.len(), commands().len() + 1);
    let first: Vec<_> = pages.iter().map(|page| fs::read(page).unwrap()).collect();
    setup.inkstand(&["man", "--dir", at]).ok();
    let second: Vec<_> = pages.iter().map(|page| fs::read(page).unwrap()).collect();
    assert!(first == second, "the same program makes the same pages");
    for page in &pages {
        let told = Command::new("groff")
            .args(["-man", "-ww", "-z", "-Tutf8", "-K", "utf8"])
            .arg(page)
            .output();
        let told = told.expect("groff is missing: apt-get install groff");
        let said = String::from_utf8_lossy(&told.stderr);
        assert!(
            told.status.success() && said.is_empty(),
            "{}: {said}",
            page.display()
        );
    }
}

#[test]
fn bars_are_for_terminals_and_lines_for_logs() {
    let setup = Setup::new();
    setup.make_owner();
    let quiet = setup.inkstand(&["check", "--quiet"]);
    assert_eq!((quiet.code, quiet.stderr.as_str()), (0, ""));
    let plain = setup.inkstand(&["check"]);
    assert!(
        !plain.stderr.contains(['\u{1b}', '\r']),
        "{:?}",
        plain.stderr
    );
    let line = "script -qefc 'inkstand check' /dev/null";
    let watched = shell("bash", &setup, line);
    let shown = String::from_utf8_lossy(&watched.stdout);
    assert!(
        watched.status.success() && shown.contains('\r'),
        "{shown:?}"
    );
}
