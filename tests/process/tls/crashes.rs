//! Servers that are killed between any two steps of the protocol, and certificates that are exchanged
//! under readers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;

use super::front::Front;
use super::pebble::Plan;
use super::{NAME, await_certificate, reader, site_at};
use crate::site::eventually;

const STEPS: [&str; 7] = [
    "account",
    "order",
    "authorization",
    "challenge",
    "look",
    "finalize",
    "certificate",
];

/// Kills the site when it asks for this step, before the issuer has heard of it or after.
fn killed_at(step: &'static str, after: bool) {
    // Whoever is asked while nobody serves has failed; so the issuer takes a moment before it looks.
    let pebble = Plan::new()
        .env("PEBBLE_VA_NOSLEEP", 0)
        .env("PEBBLE_VA_SLEEPTIME", if after { 6 } else { 1 })
        .start();
    let (reached, at) = mpsc::channel();
    let (go_on, gone_on) = mpsc::channel::<()>();
    let (reached, gone_on) = (Mutex::new(reached), Mutex::new(gone_on));
    let has_happened = AtomicBool::new(false);
    let front = Front::open(&pebble, move |ask, pass| {
        if ask.step() != step || has_happened.swap(true, Ordering::SeqCst) {
            return Some(pass(ask));
        }
        if after {
            pass(ask);
        }
        reached.lock().unwrap().send(()).unwrap();
        let _ = gone_on.lock().unwrap().recv();
        None
    });
    let setup = site_at(&pebble, &front.directory());
    let site = setup.start();
    at.recv_timeout(Duration::from_secs(60)).unwrap();
    site.kill();
    go_on.send(()).unwrap();
    eventually("its sockets are closed", || {
        let address = (std::net::Ipv4Addr::LOCALHOST, pebble.tls_port);
        std::net::TcpStream::connect(address).is_err().then_some(())
    });
    let site = setup.start();
    await_certificate(&pebble);
    drop(site);
    let (orders, log) = (front.count("order"), pebble.log());
    // An order whose address never arrived cannot be found again; it is never paid for.
    let unheard = usize::from(step == "order");
    // Nor can one be finished whose proof the issuer looked for while nobody was there.
    let failed = log.matches("set INVALID by invalid authz").count();
    assert_eq!(
        orders,
        1 + unheard + failed,
        "{step}, after: {after}\n{log}"
    );
    let issued = log.matches("Issued certificate serial").count();
    assert_eq!(issued, 1, "{step}, after: {after}\n{log}");
}

#[test]
fn killed_before_any_step_it_goes_on_where_it_was() {
    std::thread::scope(|scope| {
        for steps in STEPS.chunks(3) {
            scope.spawn(move || steps.iter().for_each(|step| killed_at(step, false)));
        }
    });
}

#[test]
fn killed_after_any_step_it_goes_on_where_it_was() {
    std::thread::scope(|scope| {
        for steps in STEPS.chunks(3) {
            scope.spawn(move || steps.iter().for_each(|step| killed_at(step, true)));
        }
    });
}

#[test]
fn certificates_that_live_briefly_are_renewed_under_readers() {
    const RENEWALS: usize = 10;
    let pebble = Plan::new()
        .set("certificateValidityPeriod", json!(8))
        .start();
    let site = site_at(&pebble, &pebble.directory()).start();
    let reader = await_certificate(&pebble);
    let stop = Arc::new(AtomicBool::new(false));
    let crowd: Vec<_> = (0..3)
        .map(|_| {
            let (reader, stop) = (reader.clone(), Arc::clone(&stop));
            std::thread::spawn(move || {
                let (mut visits, mut faults) = (0, Vec::new());
                while !stop.load(Ordering::Relaxed) {
                    visits += 1;
                    match reader.fresh().visit(NAME, "/") {
                        Ok(visit) if visit.status() == "200" => {}
                        other => faults.push(format!("{other:?}")),
                    }
                    std::thread::sleep(Duration::from_millis(5));
                }
                (visits, faults)
            })
        })
        .collect();
    let mut seen = reader.fresh().visit(NAME, "/").unwrap().certificate;
    for number in 0..RENEWALS {
        seen = eventually(&format!("renewal {number}"), || {
            let found = reader.fresh().visit(NAME, "/").unwrap().certificate;
            (found != seen).then_some(found)
        });
    }
    stop.store(true, Ordering::Relaxed);
    let (mut visits, mut faults) = (0, Vec::new());
    for readers in crowd {
        let (more, wrong) = readers.join().unwrap();
        visits += more;
        faults.extend(wrong);
    }
    println!(
        "{RENEWALS} renewals, {visits} visits with full handshakes, {} faults",
        faults.len()
    );
    assert!(faults.is_empty(), "{:?}", &faults[..faults.len().min(3)]);
    drop(site);
}

#[test]
fn a_handover_in_the_middle_of_an_order_costs_nothing() {
    let pebble = Plan::new()
        .env("PEBBLE_VA_NOSLEEP", 0)
        .env("PEBBLE_VA_SLEEPTIME", 4)
        .start();
    let front = Front::open(&pebble, |ask, pass| Some(pass(ask)));
    let site = site_at(&pebble, &front.directory()).start();
    eventually("it is under way", || {
        (front.count("challenge") > 0).then_some(())
    });
    site.inkstand(&["reload"]).ok();
    await_certificate(&pebble);
    assert_eq!(front.count("order"), 1);
    drop(reader(&pebble));
}
