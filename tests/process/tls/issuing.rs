//! The first certificate, by either question, and what readers see before and after.

use std::io::Read as _;

use serde_json::json;

use super::pebble::{Plan, free_port, text};
use super::{NAME, await_certificate, site_at};
use crate::site::{Setup, eventually};

fn clear(port: u16, path: &str) -> (u16, String, String) {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .build()
        .into();
    let mut answer = agent
        .get(format!("http://127.0.0.1:{port}{path}"))
        .call()
        .unwrap();
    let location = answer.headers().get("location");
    let location = location
        .map_or("", |location| location.to_str().unwrap())
        .to_owned();
    let mut body = String::new();
    answer
        .body_mut()
        .as_reader()
        .read_to_string(&mut body)
        .unwrap();
    (answer.status().as_u16(), location, body)
}

#[test]
fn a_name_is_all_it_takes() {
    let pebble = Plan::new().start();
    let site = site_at(&pebble, &pebble.directory()).start();
    let reader = await_certificate(&pebble);
    let visit = reader.visit(NAME, "/").unwrap();
    assert!(visit.issuer().contains("Pebble"), "{}", visit.issuer());
    assert!(
        !visit.answer.contains("strict-transport-security"),
        "not in the first day"
    );
    let (status, location, _) = clear(pebble.http_port, "/some/page?x=1");
    let port = site.address().port();
    assert_eq!(
        (status, &*location),
        (308, &*format!("https://{NAME}:{port}/some/page?x=1"))
    );
    assert_eq!(
        clear(pebble.http_port, "/.well-known/acme-challenge/x").0,
        404
    );
    assert!(
        reader.visit("other.test", "/").is_err(),
        "no certificate of another name"
    );
    assert!(pebble.log().contains("validate w/ HTTP"));
    for file in ["inkstand.db", "inkstand.db-wal"] {
        let kept = std::fs::read(site.data_dir().join(file)).unwrap_or_default();
        let words = b"PRIVATE KEY";
        assert!(
            !kept.windows(words.len()).any(|bytes| bytes == words),
            "{file}"
        );
    }
}

#[test]
fn where_port_80_is_closed_the_other_question_is_answered() {
    let pebble = Plan::new().set("httpPort", json!(free_port())).start();
    let site = site_at(&pebble, &pebble.directory()).start();
    await_certificate(&pebble);
    let log = site.log();
    assert!(log.contains("The issuer cannot reach"), "{log}");
    assert!(log.contains("Let ports 80 and 443 through"), "{log}");
}

#[test]
fn without_a_certificate_a_page_says_so_and_the_site_is_there_all_the_same() {
    let mut pebble = Plan::new().start();
    let directory = pebble.directory();
    pebble.go_away();
    let site = site_at(&pebble, &directory).start();
    eventually("the failure is known", || {
        site.log().contains("cannot be reached").then_some(())
    });
    let (status, _, body) = clear(pebble.http_port, "/");
    assert_eq!(status, 503);
    assert!(body.contains("no certificate yet"), "{body}");
    pebble.come_back();
    await_certificate(&pebble);
    assert_eq!(clear(pebble.http_port, "/").0, 308);
}

#[test]
fn further_names_lead_to_the_first() {
    let pebble = Plan::new().start();
    let site = site_at(&pebble, &pebble.directory())
        .args(&[
            "--domain",
            "www.blog.test",
            "--set",
            "metrics.listen=127.0.0.1:0",
        ])
        .start();
    let reader = await_certificate(&pebble);
    let visit = eventually("the other name has its own", || {
        reader.visit("www.blog.test", "/a?b").ok()
    });
    assert_eq!(visit.status(), "308");
    let location = format!("location: https://{NAME}:{}/a?b", site.address().port());
    assert!(visit.answer.contains(&location), "{}", visit.answer);
    let listen = format!("listen=127.0.0.1:{}", pebble.tls_port);
    site.inkstand(&[
        "healthcheck",
        "--set",
        &listen,
        "--set",
        "tls.domains=blog.test",
    ])
    .ok();
    let metrics = site.metrics().unwrap().get("/metrics").body;
    assert!(
        metrics.contains("inkstand_tls_certificate_days_left{host=\"blog.test\"} 182"),
        "{metrics}"
    );
    assert!(
        metrics.contains("inkstand_tls_last_renewal_ok{host=\"blog.test\"} 1"),
        "{metrics}"
    );
    let said = site.inkstand(&["status"]).ok();
    for name in [NAME, "www.blog.test"] {
        assert!(
            said.contains(&format!("certificate for {name}: From Pebble")),
            "{said}"
        );
    }
}

#[test]
fn an_address_gets_a_certificate_too() {
    let pebble = Plan::new().start();
    let listen = format!("listen=127.0.0.1:{}", pebble.tls_port);
    let redirect = format!("tls.redirect_listen=127.0.0.1:{}", pebble.http_port);
    let issuers = format!("tls.issuers={}", pebble.directory());
    let root = format!("tls.issuer_root={}", text(&pebble.path("root.pem")));
    let args = [
        "--domain",
        "127.0.0.1",
        "--set",
        &listen,
        "--set",
        &redirect,
    ];
    let more = ["--set", &issuers, "--set", &root, "--set", "tls.staging="];
    let _site = Setup::new().args(&args).args(&more).start();
    let reader = super::reader(&pebble);
    let visit = eventually("the address has a certificate", || {
        reader.visit("127.0.0.1", "/").ok()
    });
    assert_eq!(visit.status(), "200");
}
