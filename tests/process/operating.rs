//! What operators use: the health check, the check of the configuration, the metrics.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use super::site::{Setup, Site};

const METRICS_TOKEN: &str = "a-token-for-the-metrics";

#[test]
fn the_health_check_tells_by_its_exit_code() {
    let site = Site::start();
    let listen = format!("listen={}", site.address());
    for more in [&["--set", &listen][..], &["--ready", "--set", &listen]] {
        let args = [&["healthcheck"][..], more].concat();
        site.inkstand(&args).ok();
    }
    let setup = site.setup();
    assert_eq!(site.stop(), 0);
    let outcome = setup.inkstand(&["healthcheck", "--set", &listen]);
    assert_eq!(outcome.code, 1, "{}", outcome.stderr);
    assert!(!outcome.stderr.trim().is_empty(), "it says why");
}

#[test]
fn a_broken_configuration_is_reported_whole() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("inkstand.toml");
    let text = "listen = [\"nowhere\"]\n\n[cache]\nsize_mb = -3\n\n[limits]\nbody_nb = 3\n\n[log]\nlevel = \"loud\"\n";
    fs::write(&file, text).unwrap();
    let path = file.to_str().unwrap();
    let setup = Setup::new();
    for command in [&["config", "check"][..], &["serve"], &["reindex"]] {
        let args = [command, &["--config", path]].concat();
        let outcome = setup.inkstand(&args);
        assert_eq!(outcome.code, 2, "{command:?}: {}", outcome.stderr);
        for (line, word) in [(1, "listen"), (4, "size_mb"), (7, "body_nb"), (10, "level")] {
            let told = outcome.stderr.lines().any(|told| {
                told.contains(word)
                    && (told.contains(&format!(":{line}"))
                        || told.contains(&format!("line {line}")))
            });
            assert!(
                told,
                "{command:?} says nothing of {word} in line {line}:\n{}",
                outcome.stderr
            );
        }
    }
    fs::write(&file, "[cache]\nsize_mb = 8\n").unwrap();
    setup.inkstand(&["config", "check", "--config", path]).ok();
}

#[test]
fn secrets_are_not_shown() {
    let set = format!("metrics.token={METRICS_TOKEN}");
    let shown = Setup::new()
        .inkstand(&["config", "show", "--set", &set])
        .ok();
    assert!(shown.contains("token"), "{shown}");
    assert!(!shown.contains(METRICS_TOKEN), "{shown}");
}

#[test]
fn metrics_are_not_there_unless_asked_for() {
    let site = Site::start();
    site.anyone().get("/metrics").expect(404);
}

#[test]
fn metrics_have_an_address_of_their_own_and_are_well_formed() {
    let site = Site::start_with(&["--set", "metrics.listen=127.0.0.1:0"]);
    site.anyone().get("/").expect(200);
    site.anyone().get("/metrics").expect(404);
    let metrics = site.metrics().expect("an address");
    let page = metrics.get("/metrics").expect(200).body;
    assert!(page.contains("inkstand_http_requests_total"), "{page}");
    metrics.get("/").expect(404);
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool is missing: apt-get install prometheus");
    promtool
        .stdin
        .take()
        .unwrap()
        .write_all(page.as_bytes())
        .unwrap();
    let verdict = promtool.wait_with_output().unwrap();
    let said = [verdict.stdout, verdict.stderr].concat();
    assert!(
        verdict.status.success(),
        "{}\n{page}",
        String::from_utf8_lossy(&said)
    );
}

#[test]
fn metrics_on_the_site_want_a_token() {
    let site = Site::start_with(&["--set", &format!("metrics.token={METRICS_TOKEN}")]);
    site.anyone().get("/metrics").expect(404);
    let ask = |token: &str| {
        let value = format!("Bearer {token}");
        let headers = [("authorization", value.as_str())];
        site.anyone().send("GET", "/metrics", &headers, None)
    };
    ask("a-token-for-something-else").expect(404);
    let page = ask(METRICS_TOKEN).expect(200);
    assert!(page.body.contains("inkstand_build_info"));
}
