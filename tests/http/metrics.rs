//! The metrics page as Prometheus reads it: from a listener of its own, and to its checker's liking.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;

use inkstand::cache::PageCache;
use inkstand::telemetry::metrics::Metrics;
use inkstand::web::health::{Health, measure_cache};

use super::rig::{Rig, short};
use super::wire::{Wire, get};

#[test]
fn what_was_served_can_be_read_and_the_page_is_sound() {
    let metrics = Metrics::install("0.0.0-test").unwrap();
    measure_cache(&metrics, Arc::new(PageCache::default()));
    let site = Rig::start(short());
    assert_eq!(get(site.address, "/").status, 200);
    assert_eq!(get(site.address, "/").status, 200);
    assert_eq!(get(site.address, "/nowhere").status, 404);
    // One of these at least takes the short way, and is counted like the others.
    let mut wire = Wire::open(site.address);
    for _ in 0..2 {
        wire.send("GET / HTTP/1.1\r\nHost: blog.test\r\n\r\n");
        assert_eq!(wire.reply().unwrap().status, 200);
    }
    drop(wire);
    assert_eq!(get(site.address, "/metrics").status, 404, "not on the site");

    let health = Arc::new(Health {
        checks: Vec::new(),
        metrics: Some(metrics),
    });
    let own = Rig::start_with(short(), health.only());
    assert_eq!(get(own.address, "/livez").text(), "alive\n");
    assert_eq!(get(own.address, "/readyz").status, 200);
    let page = get(own.address, "/metrics").text();
    for line in [
        "inkstand_http_requests_total{method=\"GET\",status=\"2xx\"} 6",
        "inkstand_http_requests_total{method=\"GET\",status=\"4xx\"} 2",
        "inkstand_http_requests_total{method=\"POST\",status=\"2xx\"} 0",
        "inkstand_http_requests_in_flight 1",
        "inkstand_http_request_duration_seconds_count 8",
        "inkstand_page_cache_hits_total 0",
        "inkstand_build_info{version=\"0.0.0-test\"} 1",
    ] {
        assert!(
            page.lines().any(|found| found == line),
            "{line} is missing from\n{page}"
        );
    }
    check_with_promtool(&page);
}

fn check_with_promtool(page: &str) {
    let spawned = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut promtool) = spawned else {
        eprintln!("skipped: promtool is not installed (apt-get install prometheus)");
        return;
    };
    promtool
        .stdin
        .take()
        .unwrap()
        .write_all(page.as_bytes())
        .unwrap();
    let verdict = promtool.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&verdict.stderr) + String::from_utf8_lossy(&verdict.stdout);
    assert!(verdict.status.success() && said.trim().is_empty(), "{said}");
}
