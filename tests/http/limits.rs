//! Each limit, met: the client is told, and the others are served meanwhile.

use std::time::Duration;

use inkstand::web::limits::Limits;

use super::rig::{Rig, short};
use super::wire::{Wire, ask, get};

const HOST: &str = "Host: blog.test\r\n";

#[test]
fn a_head_that_never_ends_is_given_up() {
    let rig = Rig::start(short());
    let mut wire = Wire::open(rig.address);
    wire.send("GET / HTTP/1.1\r\nHo");
    assert_eq!(get(rig.address, "/").status, 200);
    assert_eq!(wire.reply().unwrap().status, 408);
    assert!(wire.is_closed());
}

#[test]
fn a_later_head_on_the_same_connection_is_given_up_too() {
    let rig = Rig::start(short());
    let mut wire = Wire::open(rig.address);
    wire.send(format!("GET / HTTP/1.1\r\n{HOST}\r\n"));
    assert_eq!(wire.reply().unwrap().status, 200);
    wire.send("GET / HTTP/1.1\r\nX: ");
    // A byte now and then does not buy more time.
    for _ in 0..40 {
        std::thread::sleep(Duration::from_millis(100));
        if !wire.send("y") {
            return;
        }
    }
    panic!("still listening after four seconds");
}

#[test]
fn an_idle_connection_is_closed() {
    let rig = Rig::start(Limits {
        keep_alive_seconds: 1,
        ..short()
    });
    let mut wire = Wire::open(rig.address);
    wire.send(format!("GET / HTTP/1.1\r\n{HOST}\r\n"));
    assert_eq!(wire.reply().unwrap().status, 200);
    assert!(wire.is_closed());
}

#[test]
fn a_body_that_never_comes_is_given_up() {
    let rig = Rig::start(short());
    let mut wire = Wire::open(rig.address);
    wire.send(format!(
        "POST /echo HTTP/1.1\r\n{HOST}Content-Length: 1000\r\n\r\nabc"
    ));
    let reply = wire.reply().unwrap();
    assert_eq!(reply.status, 408, "{}", reply.head);
    assert!(
        reply.text().contains("too long to arrive"),
        "{}",
        reply.text()
    );
    assert!(wire.is_closed());
}

#[test]
fn a_body_that_is_too_large_is_refused_however_it_is_sent() {
    let rig = Rig::start(short());
    let announced = format!("POST /echo HTTP/1.1\r\n{HOST}Content-Length: 100001\r\n\r\n");
    let reply = ask(rig.address, &announced).unwrap();
    assert_eq!(reply.status, 413);
    assert!(reply.text().contains("100000 bytes"), "{}", reply.text());

    let expected = announced.replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n");
    assert_eq!(
        ask(rig.address, expected).unwrap().status,
        413,
        "refused before it is sent"
    );

    let mut chunked = format!("POST /echo HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n");
    let thousand = "x".repeat(1000);
    for _ in 0..101 {
        chunked.extend(["3e8\r\n", &thousand, "\r\n"]);
    }
    assert_eq!(
        ask(rig.address, chunked).unwrap().status,
        413,
        "found out on the way"
    );
    assert_eq!(get(rig.address, "/").status, 200);
}

#[test]
fn connections_from_one_address_are_limited() {
    let rig = Rig::start(Limits {
        connections_per_address: 3,
        header_seconds: 20,
        ..short()
    });
    let mut held: Vec<_> = (0..3)
        .map(|_| {
            let mut wire = Wire::open(rig.address);
            wire.send(format!("GET / HTTP/1.1\r\n{HOST}\r\n"));
            assert_eq!(wire.reply().unwrap().status, 200);
            wire
        })
        .collect();
    let refused = get(rig.address, "/");
    assert_eq!(refused.status, 503);
    assert!(refused.text().contains("Too many connections"));
    held.pop();
    // The server notices the close in its own time.
    let again = (0..50).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        get(rig.address, "/").status == 200
    });
    assert!(again, "a place that is given back can be taken");
}

#[test]
fn connections_are_limited_in_all() {
    let rig = Rig::start(Limits {
        connections: 2,
        ..short()
    });
    let _held: Vec<_> = (0..2)
        .map(|_| {
            let mut wire = Wire::open(rig.address);
            wire.send(format!("GET / HTTP/1.1\r\n{HOST}\r\n"));
            assert_eq!(wire.reply().unwrap().status, 200);
            wire
        })
        .collect();
    assert_eq!(get(rig.address, "/").status, 503);
}

#[test]
fn a_body_may_be_as_large_as_the_limit_says() {
    let rig = Rig::start(Limits {
        body_bytes: 1_000_000,
        ..short()
    });
    let mut wire = Wire::open(rig.address);
    let head = format!("POST /echo HTTP/1.1\r\n{HOST}Content-Length: 1000000\r\n\r\n");
    wire.send(head + &"x".repeat(1_000_000));
    let reply = wire.reply().unwrap();
    assert_eq!((reply.status, reply.body.len()), (200, 1_000_000));
}

/// Sends the same bytes every 50 ms until the server has enough of it.
fn dribble(wire: &mut Wire, bytes: &str) {
    for _ in 0..100 {
        std::thread::sleep(Duration::from_millis(50));
        if !wire.send(bytes) {
            return;
        }
    }
    panic!("still listening after five seconds");
}

#[test]
fn a_body_nobody_reads_does_not_go_on_for_ever() {
    let rig = Rig::start(short());
    for path in ["/nowhere", "/echo"] {
        let mut wire = Wire::open(rig.address);
        wire.send(format!(
            "POST {path} HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n"
        ));
        dribble(&mut wire, "1\r\nx\r\n");
    }
}

#[test]
fn a_chunk_extension_that_never_ends_is_given_up() {
    let rig = Rig::start(short());
    let mut wire = Wire::open(rig.address);
    wire.send(format!(
        "POST /echo HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n1;"
    ));
    dribble(&mut wire, "x=y;");
}

#[test]
fn a_client_that_takes_nothing_does_not_hold_the_server() {
    let rig = Rig::start(Limits {
        write_seconds: 1,
        ..short()
    });
    let mut wire = Wire::open(rig.address);
    // Far more answers than the sockets' buffers hold, and not one is read.
    let request = format!("GET / HTTP/1.1\r\n{HOST}\r\n");
    let started = std::time::Instant::now();
    wire.stop_reading_for(Duration::from_secs(20), &request);
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "the connection was never closed"
    );
    assert_eq!(get(rig.address, "/").status, 200);
}
