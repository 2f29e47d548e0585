//! What is brought to systemd: units it understands to the last word, and a service with few rights.

use std::path::Path;
use std::process::{Command, Output};

fn units() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd")
}

fn analyze(args: &[&str]) -> Output {
    let output = Command::new("systemd-analyze").args(args).output();
    output.expect("systemd-analyze is installed (package systemd)")
}

/// A misspelt word is only warned of, so nothing at all may be said.
#[test]
fn systemd_understands_every_word_of_the_units() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["inkstand.service", "inkstand.socket"] {
        let text = std::fs::read_to_string(units().join(name)).unwrap();
        // The program itself is not installed here.
        let text = text.replace("/usr/bin/inkstand", "/usr/bin/true");
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    for name in ["inkstand.service", "inkstand.socket"] {
        let unit = folder.path().join(name);
        let output = analyze(&["verify", "--man=no", unit.to_str().unwrap()]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{name}: {said}");
    }
}

/// Exposure of at most 1.5, of the 10 that a service without any hardening has.
#[test]
fn the_service_has_few_rights() {
    let unit = units().join("inkstand.service");
    let args = ["security", "--offline=true", "--threshold=15"];
    let output = analyze(&[&args[..], &[unit.to_str().unwrap()]].concat());
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
}
