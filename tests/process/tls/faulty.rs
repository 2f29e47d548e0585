//! Issuers that are out of order: each time the site comes through by itself, asks no more often than it
//! should, and says what is in the way.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::front::{Ask, Front, Said};
use super::pebble::{Plan, text};
use super::{NAME, await_certificate, reader, site_at, site_of};
use crate::site::eventually;

/// The first so many answers to this step are replaced; the site must come through all the same.
fn survives(
    step: &'static str,
    times: usize,
    bad: impl Fn() -> Said + Send + Sync + 'static,
) -> (Front, String) {
    let pebble = Plan::new().start();
    let seen = AtomicUsize::new(0);
    let front = Front::open(&pebble, move |ask, pass| {
        let is_bad = ask.step() == step && seen.fetch_add(1, Ordering::Relaxed) < times;
        Some(if is_bad { bad() } else { pass(ask) })
    });
    let site = site_at(&pebble, &front.directory()).start();
    await_certificate(&pebble);
    let log = site.log();
    (front, log)
}

#[test]
fn an_issuer_without_time_is_asked_when_it_says() {
    let begun = Instant::now();
    let busy = json!({ "type": "urn:ietf:params:acme:error:rateLimited", "detail": "too many" });
    let (front, log) = survives("order", 1, move || {
        Said::new(429, "application/problem+json", &busy.to_string()).with("retry-after", "4")
    });
    assert!(begun.elapsed() > Duration::from_secs(4));
    assert_eq!(front.count("order"), 2);
    assert!(log.contains("The issuer's limit is reached"), "{log}");
}

#[test]
fn an_issuer_that_is_down_is_asked_again() {
    let (_, log) = survives("account", 2, || {
        Said::new(503, "text/html", "<h1>Sorry</h1>")
    });
    assert!(log.contains("it answers 503"), "{log}");
}

#[test]
fn answers_that_are_none_do_no_harm() {
    let (_, log) = survives("order", 1, || {
        Said::new(201, "application/json", "{\"status\": \"pen")
    });
    assert!(log.contains("cannot be understood"), "{log}");
    let (_, log) = survives("certificate", 1, || {
        Said::new(200, "text/html", "<p>Log in to the network</p>")
    });
    assert!(log.contains("of no use"), "{log}");
    let (_, log) = survives("directory", 1, || {
        Said::new(200, "text/html", "<p>Log in to the network</p>")
    });
    assert!(log.contains("cannot be understood"), "{log}");
}

#[test]
fn wrong_content_types_are_looked_past() {
    let pebble = Plan::new().start();
    let front = Front::open(&pebble, |ask, pass| {
        Some(pass(ask).with("content-type", "text/plain"))
    });
    let _site = site_at(&pebble, &front.directory()).start();
    await_certificate(&pebble);
}

#[test]
fn numbers_that_are_refused_are_fetched_anew() {
    for percent in [5, 50] {
        let pebble = Plan::new().env("PEBBLE_WFE_NONCEREJECT", percent).start();
        let site = site_at(&pebble, &pebble.directory()).start();
        await_certificate(&pebble);
        assert!(!site.log().contains("no certificate was issued"));
    }
}

#[test]
fn an_issuer_may_take_its_time() {
    let pebble = Plan::new()
        .env("PEBBLE_VA_NOSLEEP", 0)
        .env("PEBBLE_VA_SLEEPTIME", 3)
        .start();
    let site = site_at(&pebble, &pebble.directory()).start();
    await_certificate(&pebble);
    assert!(!site.log().contains("no certificate was issued"));
}

#[test]
fn what_was_proved_before_need_not_be_proved_again() {
    for percent in [0, 50, 100] {
        let pebble = Plan::new()
            .env("PEBBLE_AUTHZREUSE", percent)
            .set("certificateValidityPeriod", json!(6))
            .start();
        let site = site_at(&pebble, &pebble.directory()).start();
        let reader = await_certificate(&pebble);
        let first = reader.fresh().visit(NAME, "/").unwrap().certificate;
        eventually("it is renewed", || {
            let visit = reader.fresh().visit(NAME, "/").ok()?;
            (visit.certificate != first).then_some(())
        });
        drop(site);
    }
}

#[test]
fn an_account_that_was_made_elsewhere_is_used() {
    let key = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
    let pebble = Plan::new()
        .set("externalAccountBindingRequired", json!(true))
        .set("externalAccountMACKeys", json!({ "kid-1": key }))
        .start();
    let account = format!("tls.external_account=kid-1:{key}");
    let setup = site_at(&pebble, &pebble.directory());
    let without = setup.clone().start();
    eventually("it says what is missing", || {
        without
            .log()
            .contains("Set tls.external_account")
            .then_some(())
    });
    without.stop();
    let _site = setup.args(&["--set", &account]).start();
    await_certificate(&pebble);
}

#[test]
fn an_issuer_that_comes_back_without_its_memory_is_met_anew() {
    let mut pebble = Plan::new()
        .set("certificateValidityPeriod", json!(10))
        .start();
    let site = site_at(&pebble, &pebble.directory()).start();
    await_certificate(&pebble);
    pebble.go_away();
    eventually("it is missed", || {
        site.log().contains("cannot be reached").then_some(())
    });
    pebble.come_back();
    // By roots that are new, too.
    await_certificate(&pebble);
}

#[test]
fn where_a_name_leads_nowhere_it_is_said() {
    let pebble = Plan::new().start();
    pebble.names("set-servfail", &json!({ "host": "blog.test." }));
    let site = site_at(&pebble, &pebble.directory()).start();
    eventually("it is said", || {
        site.log()
            .contains("Make an A or AAAA record for blog.test")
            .then_some(())
    });
    pebble.names("clear-servfail", &json!({ "host": "blog.test." }));
    await_certificate(&pebble);
}

#[test]
fn a_name_that_is_refused_is_said_to_be() {
    let pebble = Plan::new()
        .set("domainBlocklist", json!(["blocked.test"]))
        .start();
    let setup = site_at(&pebble, &pebble.directory()).args(&["--domain", "blocked.test"]);
    let site = setup.start();
    // The other name has its own certificate all the same.
    await_certificate(&pebble);
    eventually("it is said", || {
        site.log()
            .contains("gives no certificates for blocked.test")
            .then_some(())
    });
}

#[test]
fn another_chain_is_taken_where_the_owner_wants_it() {
    let pebble = Plan::new().env("PEBBLE_ALTERNATE_ROOTS", 2).start();
    let url = |number: usize| pebble.root_name(number);
    let wanted = eventually("there is another root", || url(1));
    let preferred = format!("tls.preferred_chain={wanted}");
    let site = site_at(&pebble, &pebble.directory())
        .args(&["--set", &preferred])
        .start();
    await_certificate(&pebble);
    assert!(!site.log().contains("is not offered"), "{}", site.log());
}

#[test]
fn the_next_issuer_helps_out() {
    let pebble = Plan::new().start();
    let closed = format!("https://localhost:{}/dir", super::pebble::free_port());
    let site = site_of(&pebble, &[&closed, &pebble.directory()]).start();
    await_certificate(&pebble);
    assert!(site.log().contains("The issuer cannot be reached"));
}

#[test]
fn after_a_failure_it_is_rehearsed_first() {
    let pebble = Plan::new()
        .set("httpPort", json!(super::pebble::free_port()))
        .start();
    let staging = Front::open(&pebble, |ask, pass| Some(pass(ask)));
    let real = Front::open(&pebble, |ask, pass| Some(pass(ask)));
    let set = format!("tls.staging={}", staging.directory());
    let _site = site_at(&pebble, &real.directory())
        .args(&["--set", &set])
        .start();
    await_certificate(&pebble);
    assert_eq!(staging.count("finalize"), 1);
    let orders = (staging.count("order"), real.count("order"));
    assert_eq!(
        orders,
        (1, 2),
        "one that failed, a rehearsal, and one that went well"
    );
}

#[test]
fn the_owners_program_is_run_when_the_end_comes_near() {
    let folder = tempfile::tempdir().unwrap();
    let (hook, told) = (folder.path().join("hook"), folder.path().join("told"));
    let script = format!(
        "#!/bin/sh\nprintf '%s|%s' \"$1\" \"$2\" > {}\n",
        told.display()
    );
    std::fs::write(&hook, script).unwrap();
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut pebble = Plan::new()
        .set("certificateValidityPeriod", json!(8))
        .start();
    let set = format!("tls.hook={}", text(&hook));
    let site = site_at(&pebble, &pebble.directory())
        .args(&["--set", &set])
        .start();
    let reader = await_certificate(&pebble);
    pebble.go_away();
    let said = eventually("the program is run", || {
        std::fs::read_to_string(&told)
            .ok()
            .filter(|said| said.contains('|'))
    });
    assert!(
        said.starts_with("blog.test|The issuer cannot be reached"),
        "{said}"
    );
    // The last good one is shown, though it is over.
    std::thread::sleep(Duration::from_secs(6));
    let error = reader.fresh().visit(NAME, "/").unwrap_err().to_string();
    assert!(error.contains("expired"), "{error}");
    drop(site);
}

/// An issuer that suggests when to renew, and has profiles: Pebble has neither.
fn modern(ask: &Ask, said: Said, port: u16, window: &(String, String)) -> Said {
    let Ok(mut body) = serde_json::from_slice::<Value>(&said.body) else {
        return said;
    };
    match ask.step() {
        "directory" => {
            body["renewalInfo"] = format!("https://localhost:{port}/renewal-info").into();
            body["meta"]["profiles"] =
                json!({ "short": "six days", "shortlived": "for addresses" });
        }
        "order" => {
            let wanted = ask.said();
            body["replaces"] = wanted["replaces"].clone();
            body["profile"] = wanted["profile"].clone();
        }
        "renewal" => {
            let (start, end) = window;
            let info = json!({ "suggestedWindow": { "start": start, "end": end } });
            return Said::new(200, "application/json", &info.to_string()).with("retry-after", "60");
        }
        _ => {}
    }
    Said {
        body: body.to_string().into_bytes(),
        ..said
    }
}

#[test]
fn an_issuer_says_when_to_renew_and_which_kinds_there_are() {
    let pebble = Plan::new().start();
    let port = std::sync::Arc::new(AtomicUsize::new(0));
    let known = std::sync::Arc::clone(&port);
    // It has revoked the certificate: the window is over.
    let window = (
        "2020-01-01T00:00:00Z".to_owned(),
        "2020-01-02T00:00:00Z".to_owned(),
    );
    let front = Front::open(&pebble, move |ask, pass| {
        let port = u16::try_from(known.load(Ordering::Relaxed)).unwrap();
        let said = if ask.step() == "renewal" {
            Said::new(200, "application/json", "{}")
        } else {
            pass(ask)
        };
        Some(modern(ask, said, port, &window))
    });
    port.store(front.port().into(), Ordering::Relaxed);
    let site = site_at(&pebble, &front.directory())
        .args(&["--set", "tls.profile=short"])
        .start();
    let reader = reader(&pebble);
    let first = eventually("there is a certificate", || {
        reader.fresh().visit(NAME, "/").ok()
    })
    .certificate;
    eventually("it is renewed at once", || {
        let visit = reader.fresh().visit(NAME, "/").ok()?;
        (visit.certificate != first).then_some(())
    });
    let asked = front.asked();
    let mut orders = asked
        .iter()
        .filter(|ask| ask.step() == "order")
        .map(Ask::said);
    assert_eq!(orders.next().unwrap()["profile"], "short");
    let second = orders.next().unwrap();
    assert!(
        second["replaces"].as_str().unwrap().contains('.'),
        "{second}"
    );
    drop(site);
}
