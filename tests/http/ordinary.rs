//! What well-behaved clients do, the less common things included.

use super::rig::{FRONT_PAGE_BYTES, Rig, short};
use super::wire::{Wire, ask, get};

const HOST: &str = "Host: blog.test\r\n";

#[test]
fn a_page_comes_with_everything_it_should() {
    let rig = Rig::start(short());
    let reply = get(rig.address, "/");
    assert_eq!((reply.status, reply.body.len()), (200, FRONT_PAGE_BYTES));
    for name in [
        "etag",
        "vary",
        "x-request-id",
        "content-security-policy",
        "x-content-type-options",
        "referrer-policy",
        "permissions-policy",
        "date",
    ] {
        assert!(
            reply.header(name).is_some(),
            "{name} is missing: {}",
            reply.head
        );
    }
    let other = get(rig.address, "/");
    assert_ne!(reply.header("x-request-id"), other.header("x-request-id"));
}

#[test]
fn a_request_id_from_outside_is_ignored() {
    let rig = Rig::start(short());
    let request =
        format!("GET / HTTP/1.1\r\n{HOST}X-Request-Id: mine\r\nConnection: close\r\n\r\n");
    let reply = ask(rig.address, request).unwrap();
    assert_eq!(reply.header("x-request-id").unwrap().len(), 16);
}

#[test]
fn encodings_and_confirmations() {
    let rig = Rig::start(short());
    let mut wire = Wire::open(rig.address);
    let mut asked = |extra: &str| {
        wire.send(format!("GET / HTTP/1.1\r\n{HOST}{extra}\r\n"));
        wire.reply().unwrap()
    };
    let brotli = asked("Accept-Encoding: gzip, br\r\n");
    assert_eq!(brotli.header("content-encoding"), Some("br"));
    assert!(brotli.body.len() < FRONT_PAGE_BYTES / 10);
    let etag = brotli.header("etag").unwrap().to_owned();

    let known = asked(&format!(
        "Accept-Encoding: br\r\nIf-None-Match: W/{etag}\r\n"
    ));
    assert_eq!(known.status, 304);
    assert_eq!(known.header("etag"), Some(etag.as_str()));
    assert!(known.header("vary").is_some());

    let refused = asked("Accept-Encoding: identity;q=0\r\n");
    assert_eq!(refused.status, 406);
    assert_eq!(
        asked("").body.len(),
        FRONT_PAGE_BYTES,
        "the connection is still good"
    );
}

#[test]
fn head_says_what_get_would_bring() {
    let rig = Rig::start(short());
    let mut wire = Wire::open(rig.address);
    wire.send(format!(
        "HEAD / HTTP/1.1\r\n{HOST}Accept-Encoding: gzip\r\n\r\n"
    ));
    let head = wire.reply_to_head().unwrap();
    wire.send(format!(
        "GET / HTTP/1.1\r\n{HOST}Accept-Encoding: gzip\r\n\r\n"
    ));
    let page = wire.reply().expect("the connection is still good");
    assert_eq!(head.status, 200);
    for name in ["content-length", "etag", "content-encoding", "content-type"] {
        assert_eq!(head.header(name), page.header(name), "{name}");
    }
    let mut wire = Wire::open(rig.address);
    wire.send(format!(
        "HEAD /no HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n"
    ));
    assert_eq!(wire.reply_to_head().unwrap().status, 404);
    assert!(wire.is_closed(), "a body came with the answer to HEAD");
}

#[test]
fn several_requests_at_once_are_answered_in_order() {
    let rig = Rig::start(short());
    let mut wire = Wire::open(rig.address);
    let echo = |text: &str| {
        format!(
            "POST /echo HTTP/1.1\r\n{HOST}Content-Length: {}\r\n\r\n{text}",
            text.len()
        )
    };
    let requests: String = (0..10).map(|n| echo(&format!("number {n}"))).collect();
    wire.send(format!("{requests}GET / HTTP/1.1\r\n{HOST}\r\n"));
    for n in 0..10 {
        assert_eq!(wire.reply().unwrap().text(), format!("number {n}"));
    }
    assert_eq!(wire.reply().unwrap().body.len(), FRONT_PAGE_BYTES);
}

#[test]
fn http_1_0_gets_its_answer_and_its_close() {
    let rig = Rig::start(short());
    let mut wire = Wire::open(rig.address);
    wire.send(format!("GET / HTTP/1.0\r\n{HOST}\r\n"));
    let reply = wire.reply().unwrap();
    assert_eq!((reply.status, reply.body.len()), (200, FRONT_PAGE_BYTES));
    assert!(wire.is_closed());
}

#[test]
fn a_complete_address_is_as_good_as_a_path() {
    let rig = Rig::start(short());
    let reply = ask(
        rig.address,
        format!("GET http://blog.test/?a HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n"),
    );
    assert_eq!(reply.unwrap().status, 200);
}

#[test]
fn a_body_is_sent_after_a_go_ahead() {
    let rig = Rig::start(short());
    let mut wire = Wire::open(rig.address);
    wire.send(format!(
        "POST /echo HTTP/1.1\r\n{HOST}Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    ));
    assert_eq!(wire.reply().unwrap().status, 100);
    wire.send("hello");
    assert_eq!(wire.reply().unwrap().text(), "hello");
}

#[test]
fn a_known_address_asked_in_the_wrong_way_says_so() {
    let rig = Rig::start(short());
    let reply = get(rig.address, "/echo");
    assert_eq!(reply.status, 405, "{}", reply.head);
    assert_eq!(reply.header("allow"), Some("POST"), "{}", reply.head);
    assert!(
        reply.text().contains("does not answer to this method"),
        "{}",
        reply.text()
    );
}

#[test]
fn nothing_here_is_a_page_for_people_and_a_document_for_programs() {
    let rig = Rig::start(short());
    let page = get(rig.address, "/nowhere");
    assert_eq!(page.status, 404);
    assert!(
        page.text().contains("<h1>Not Found</h1>"),
        "{}",
        page.text()
    );
    assert!(page.header("content-security-policy").is_some());
    let document = get(rig.address, "/api/nowhere");
    assert_eq!(
        document.header("content-type"),
        Some("application/problem+json")
    );
    let document: serde_json::Value = serde_json::from_slice(&document.body).unwrap();
    assert_eq!(
        (&document["status"], &document["code"]),
        (&404.into(), &"not-found".into())
    );
}

#[test]
fn a_pipelined_head_does_not_confuse_the_answers_around_it() {
    let rig = Rig::start(short());
    let slow = format!("GET /slow HTTP/1.1\r\n{HOST}\r\n");
    let head = |path: &str| format!("HEAD {path} HTTP/1.1\r\n{HOST}\r\n");
    let mut wire = Wire::open(rig.address);
    wire.send(format!("{slow}{}{slow}", head("/")));
    assert_eq!(
        wire.reply().unwrap().text(),
        "slow but sure",
        "GET before HEAD"
    );
    assert_eq!(wire.reply_to_head().unwrap().status, 200);
    assert_eq!(
        wire.reply().unwrap().text(),
        "slow but sure",
        "GET after HEAD"
    );

    let mut wire = Wire::open(rig.address);
    wire.send(format!("{}{slow}", head("/slow")));
    assert_eq!(wire.reply_to_head().unwrap().status, 200);
    assert_eq!(
        wire.reply().unwrap().text(),
        "slow but sure",
        "HEAD before GET"
    );
}
