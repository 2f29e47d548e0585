//! Two ways lead to an answer: the short one for finished pages, and the long one for everything. Every
//! conversation here is held with a server that has both and with one that has only the long one, and
//! both must say the same, byte for byte but for the time and the request's id. Of the long way it is
//! known what it says to one request alone: when it is sent several at once, the library lets the later
//! ones decide about `Connection` and about the bodies of the earlier.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::rig::{LARGE_PAGE_BYTES, Rig, Ways, short};
use super::wire::Wire;

const HOST: &str = "Host: blog.test\r\n";
const LAST: &str = "GET /tiny HTTP/1.1\r\nHost: blog.test\r\nConnection: close\r\n\r\n";

struct Pair {
    both: Rig,
    long: Rig,
}

impl Pair {
    /// Every page has been asked for in every encoding, so it is at hand where that is possible.
    fn start() -> Self {
        let rig = |ways| Rig::start_serving(short(), 1, ways);
        let pair = Self {
            both: rig(Ways::Both),
            long: rig(Ways::Long),
        };
        for address in [pair.both.address, pair.long.address] {
            for path in ["/", "/tiny", "/moved"] {
                for encoding in ["br", "gzip", "identity"] {
                    let ask = ask(path, &format!("Accept-Encoding: {encoding}\r\n"));
                    said(address, &[(ask + LAST).as_bytes()]);
                }
            }
        }
        pair
    }

    /// Both say the same; returns what.
    fn agree(&self, what: &str, pieces: &[&[u8]]) -> String {
        let both = said(self.both.address, pieces);
        same(what, &both, &said(self.long.address, pieces));
        both
    }

    /// What the long way says when it is asked nothing else.
    fn alone(&self, request: &str) -> String {
        said(self.long.address, &[request.as_bytes()])
    }

    fn found(&self) -> u64 {
        self.both.state.found.load(Ordering::SeqCst)
    }
}

/// Fails with the first line that differs.
#[track_caller]
fn same(what: &str, both: &str, long: &str) {
    let lines = || both.lines().zip(long.lines());
    if let Some((one, other)) = lines().find(|(one, other)| one != other) {
        panic!("{what}: the ways differ:\nboth: {one:.200}\nlong: {other:.200}");
    }
    let counts = (both.lines().count(), long.lines().count());
    assert_eq!(counts.0, counts.1, "{what}: one way says more");
}

fn ask(path: &str, more: &str) -> String {
    format!("GET {path} HTTP/1.1\r\n{HOST}{more}\r\n")
}

/// What the server says to these pieces, each sent by itself, until it closes; comparable.
fn said(address: SocketAddr, pieces: &[&[u8]]) -> String {
    let mut wire = Wire::open(address);
    for piece in pieces {
        wire.send(piece);
        if pieces.len() > 1 {
            std::thread::sleep(Duration::from_micros(300));
        }
    }
    wire.stop_sending();
    comparable(&wire.everything())
}

/// Headers in order of their names, without what is different every time. The library sends them in an
/// order that is different every time, too.
fn comparable(bytes: &[u8]) -> String {
    const START: &str = "HTTP/1.";
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    let mut said = String::new();
    for answer in text.split(START).skip(1) {
        let (head, body) = answer
            .split_once("\r\n\r\n")
            .unwrap_or((answer, "(cut off)"));
        let id = head
            .lines()
            .find_map(|line| line.strip_prefix("x-request-id: "));
        let body = id.map_or_else(|| body.to_owned(), |id| body.replace(id, "(id)"));
        let mut lines: Vec<String> = head.lines().map(without_moment).collect();
        lines[1..].sort();
        let lines = lines.join("\n");
        said.extend([START, &lines, "\n\n", &body, "\n"]);
    }
    said
}

fn without_moment(line: &str) -> String {
    match line.split_once(": ") {
        Some(("date", value)) => format!("date: ({} bytes)", value.len()),
        Some(("x-request-id", value)) => format!("x-request-id: ({} bytes)", value.len()),
        _ => line.to_owned(),
    }
}

/// Requests a client may send; the ways they take differ.
fn sound() -> Vec<(&'static str, String)> {
    let get = |path: &str| ask(path, "");
    let with = |more: &str| ask("/", &format!("{more}\r\n"));
    let mut asks = vec![
        ("home", get("/")),
        ("tiny", get("/tiny")),
        ("moved", get("/moved")),
        ("nothing", get("/nowhere")),
        ("fresh", get("/fresh")),
        ("head", get("/").replace("GET", "HEAD")),
        ("head of moved", get("/moved").replace("GET", "HEAD")),
        ("head of nothing", get("/nowhere").replace("GET", "HEAD")),
        ("query", get("/?a=b")),
        ("empty query", get("/?")),
        ("fragment", get("/#part")),
        ("encoded path", get("/%74iny")),
        ("double slash", get("//")),
        ("complete address", get("http://blog.test/")),
        ("complete address elsewhere", get("http://other.test/")),
        ("other host", get("/").replace("blog.test", "other.test")),
        (
            "host with port",
            get("/").replace("blog.test", "blog.test:80"),
        ),
        (
            "host in capitals",
            get("/").replace("blog.test", "BLOG.test"),
        ),
        ("lower case names", get("/").replace("Host", "host")),
        (
            "spaces around a value",
            get("/").replace(" blog.test", "   blog.test \t "),
        ),
        ("empty lines before", format!("\r\n\r\n{}", get("/"))),
        ("bare line feeds", get("/").replace("\r\n", "\n")),
        ("no body, said", with("Content-Length: 0")),
        (
            "a body to echo",
            format!("POST /echo HTTP/1.1\r\n{HOST}Content-Length: 4\r\n\r\nbody"),
        ),
        ("delete", get("/").replace("GET", "DELETE")),
        ("options", get("/").replace("GET", "OPTIONS")),
        ("post without a length", get("/").replace("GET", "POST")),
    ];
    let headers = [
        "Accept-Encoding: gzip, deflate, br, zstd",
        "Accept-Encoding: gzip",
        "Accept-Encoding: br;q=0.2, gzip;q=0.9",
        "Accept-Encoding: identity;q=0",
        "Accept-Encoding: *;q=0",
        "Accept-Encoding: *",
        "Accept-Encoding:",
        "Accept-Encoding: gzip;q=banana",
        "Accept-Encoding: gzip\r\nAccept-Encoding: br",
        "If-None-Match: *",
        "If-None-Match: \"nonsense\"",
        "If-None-Match: ",
        "If-None-Match: *\r\nIf-None-Match: \"a\"",
        "If-Modified-Since: Sun, 06 Nov 2094 08:49:37 GMT",
        "If-Match: \"nonsense\"",
        "If-Range: \"nonsense\"\r\nRange: bytes=0-9",
        "Range: bytes=0-9",
        "Cookie: inkstand-session=x",
        "Authorization: Bearer x",
        "Connection: keep-alive",
        "Connection: Keep-Alive",
        "Connection: keep-alive, te",
        "Connection: TE",
        "Accept: application/json",
        "X-Forwarded-For: 203.0.113.9",
        "X-Request-Id: mine",
        "Date: yesterday",
        "Expect: 100-continue",
    ];
    asks.extend(headers.map(|header| (header, with(header))));
    asks
}

/// Requests after which the connection is over, one way or the other.
fn last() -> Vec<(&'static str, String)> {
    let with = |more: &str| ask("/", &format!("{more}\r\n"));
    vec![
        ("a body nobody expects", with("Content-Length: 3") + "abc"),
        (
            "chunks nobody expects",
            with("Transfer-Encoding: chunked") + "0\r\n\r\n",
        ),
        ("close", with("Connection: close")),
        ("close among others", with("Connection: te, Close")),
        ("HTTP/1.0", ask("/", "").replace("1.1", "1.0")),
        (
            "HTTP/1.0, kept",
            with("Connection: keep-alive").replace("1.1\r", "1.0\r"),
        ),
        ("no host", "GET / HTTP/1.1\r\n\r\n".to_owned()),
        ("empty host", ask("/", "").replace(" blog.test", "")),
        ("two hosts", with("Host: blog.test")),
        (
            "a host that is none",
            ask("/", "").replace("blog.test", "a/b"),
        ),
        ("trace", ask("/", "").replace("GET", "TRACE")),
        (
            "a method in small letters",
            ask("/", "").replace("GET", "get"),
        ),
        ("no version", format!("GET /\r\n{HOST}\r\n")),
        ("HTTP/2", ask("/", "").replace("1.1", "2.0")),
        ("two spaces", ask("/", "").replace(" / ", "  / ")),
        ("a space before the colon", with("X : y")),
        ("a folded value", with("X: a\r\n b")),
        ("a NUL", with("X: a\0b")),
        ("a lone carriage return", with("X: a\rb")),
        ("a colon too few", with("X")),
        ("forty headers", with(&["X: y"; 40].join("\r\n"))),
        ("two hundred headers", with(&["X: y"; 200].join("\r\n"))),
        ("a long header", with(&format!("X: {}", "y".repeat(6_000)))),
        (
            "a huge header",
            with(&format!("X: {}", "y".repeat(200_000))),
        ),
        (
            "a long address",
            ask(&format!("/{}", "y".repeat(9_000)), ""),
        ),
        (
            "two lengths",
            with("Content-Length: 3\r\nContent-Length: 4") + "abcd",
        ),
        (
            "length and chunks",
            with("Content-Length: 5\r\nTransfer-Encoding: chunked") + "0\r\n\r\n",
        ),
        ("a length that is none", with("Content-Length: x")),
        ("an unknown coding", with("Transfer-Encoding: gzip")),
        ("an upgrade", with("Connection: Upgrade\r\nUpgrade: h2c")),
        ("a TLS hello", "\x16\x03\x01\x02\r\n\r\n".to_owned()),
        ("half a head", format!("GET / HTTP/1.1\r\n{HOST}X")),
        (
            "half a body",
            format!("POST /echo HTTP/1.1\r\n{HOST}Content-Length: 9\r\n\r\nabc"),
        ),
        ("nothing", String::new()),
    ]
}

#[test]
fn every_request_gets_the_same_answer_by_both_ways() {
    let pair = Pair::start();
    let before = pair.found();
    for (what, request) in sound() {
        let said = pair.agree(what, &[request.as_bytes()]);
        assert!(said.starts_with("HTTP/1.1 "), "{what}: {said}");
    }
    let short = pair.found() - before;
    assert!(short >= 12, "only {short} took the short way");
    for (what, request) in last() {
        pair.agree(what, &[request.as_bytes()]);
        let page = ask("/", "");
        let heard = said(pair.both.address, &[(page.clone() + &request).as_bytes()]);
        let expected = pair.alone(&page) + &pair.alone(&request);
        same(&format!("after a page, {what}"), &heard, &expected);
    }
}

#[test]
fn confirmations_are_the_same() {
    let pair = Pair::start();
    for encoding in ["br", "gzip", "identity"] {
        let accept = format!("Accept-Encoding: {encoding}\r\n");
        let first = pair.agree(encoding, &[ask("/", &accept).as_bytes()]);
        let etag = first
            .lines()
            .find(|line| line.starts_with("etag: "))
            .unwrap();
        let etag = etag.trim_start_matches("etag: ");
        for list in [
            etag.to_owned(),
            format!("W/{etag}"),
            format!("\"a\", {etag}"),
        ] {
            let again = ask("/", &format!("{accept}If-None-Match: {list}\r\n"));
            let before = pair.found();
            for request in [again.clone(), again.replace("GET", "HEAD")] {
                let said = pair.agree(&list, &[request.as_bytes()]);
                assert!(said.starts_with("HTTP/1.1 304 Not Modified"), "{said}");
            }
            assert_eq!(pair.found(), before + 2);
        }
    }
}

#[test]
fn requests_may_come_together_in_any_mixture() {
    let pair = Pair::start();
    let mut sound = sound();
    // Behind this one the library takes over.
    sound.retain(|(name, _)| !name.starts_with("Expect"));
    let alone: Vec<_> = sound
        .iter()
        .map(|(_, request)| pair.alone(request))
        .collect();
    let mut seed = 7_usize;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) % below
    };
    for round in 0..300 {
        let chosen: Vec<_> = (0..2 + next(6)).map(|_| next(sound.len())).collect();
        let names: Vec<_> = chosen.iter().map(|at| sound[*at].0).collect();
        let talk: String = chosen.iter().map(|at| sound[*at].1.as_str()).collect();
        let expected: String = chosen.iter().map(|at| alone[*at].as_str()).collect();
        let cut = next(talk.len());
        let (one, two) = talk.as_bytes().split_at(cut);
        let heard = said(pair.both.address, &[one, two]);
        same(
            &format!("round {round}, {names:?}, cut at {cut}"),
            &heard,
            &expected,
        );
    }
}

#[test]
fn a_request_may_come_byte_by_byte() {
    let pair = Pair::start();
    let asks = [
        ask("/", "Accept-Encoding: gzip\r\n"),
        ask("/fresh", ""),
        ask("/tiny", ""),
        format!("POST /echo HTTP/1.1\r\n{HOST}Content-Length: 4\r\n\r\nbody"),
        ask("/tiny", ""),
        LAST.to_owned(),
    ];
    let expected: String = asks.iter().map(|ask| pair.alone(ask)).collect();
    let talk = asks.concat();
    let pieces: Vec<_> = talk.as_bytes().chunks(1).collect();
    let heard = said(pair.both.address, &pieces);
    same("byte by byte", &heard, &expected);
    assert_eq!(heard.matches("HTTP/1.1 200 OK").count(), asks.len());
}

#[test]
fn a_connection_returns_to_the_short_way() {
    let rig = Rig::start_serving(short(), 1, Ways::Both);
    let mut wire = Wire::open(rig.address);
    let mut status = |request: String| {
        wire.send(request);
        wire.reply().unwrap().status
    };
    assert_eq!(status(ask("/tiny", "")), 200);
    for round in 1..5 {
        assert_eq!(status(ask("/fresh", "")), 200);
        assert_eq!(status(ask("/nowhere", "")), 404);
        assert_eq!(status(ask("/tiny", "")), 200);
        assert_eq!(rig.state.found.load(Ordering::SeqCst), round);
    }
}

#[test]
fn an_older_generation_is_never_shown() {
    let rig = Rig::start(short());
    let mut wires: Vec<_> = (0..8).map(|_| Wire::open(rig.address)).collect();
    for generation in 0..20 {
        rig.state.generation.store(generation, Ordering::SeqCst);
        for wire in &mut wires {
            for _ in 0..3 {
                wire.send(ask("/tiny", ""));
                let text = wire.reply().unwrap().text();
                assert_eq!(text, format!("generation {generation}"));
            }
        }
    }
    assert!(rig.state.found.load(Ordering::SeqCst) > 200);
}

#[test]
fn whoever_is_known_does_not_decide_what_strangers_see() {
    let rig = Rig::start_serving(short(), 1, Ways::Both);
    let mut wire = Wire::open(rig.address);
    for who in ["Cookie: a=b\r\n", "Authorization: Bearer x\r\n", ""] {
        wire.send(ask("/tiny", who));
        assert_eq!(wire.reply().unwrap().status, 200);
        assert_eq!(rig.state.found.load(Ordering::SeqCst), 0, "{who}");
    }
    wire.send(ask("/tiny", ""));
    assert_eq!(wire.reply().unwrap().status, 200);
    assert_eq!(rig.state.found.load(Ordering::SeqCst), 1);
}

#[test]
fn a_large_page_arrives_whole_at_a_slow_reader() {
    let rig = Rig::start_serving(short(), 1, Ways::Both);
    let mut wire = Wire::open(rig.address);
    for _ in 0..3 {
        wire.send(ask("/large", "") + &ask("/tiny", ""));
        std::thread::sleep(Duration::from_millis(100));
        let large = wire.reply().unwrap();
        assert_eq!(large.body.len(), LARGE_PAGE_BYTES);
        assert!(large.body.iter().all(|byte| *byte == b'z'));
        assert_eq!(wire.reply().unwrap().text(), "generation 0");
    }
    assert!(rig.state.found.load(Ordering::SeqCst) >= 4);
}

/// The library by itself would send the answer to a GET without its body here.
#[test]
fn a_request_in_work_keeps_its_body_whatever_comes_behind_it() {
    let rig = Rig::start(short());
    let mut wire = Wire::open(rig.address);
    wire.send(ask("/slow", "") + &ask("/slow", "").replace("GET", "HEAD") + LAST);
    assert_eq!(wire.reply().unwrap().text(), "slow but sure");
    assert_eq!(wire.reply_to_head().unwrap().status, 200);
    assert_eq!(wire.reply().unwrap().text(), "generation 0");
}

#[test]
fn slow_heads_are_cut_off_on_the_short_way_too() {
    let rig = Rig::start_serving(short(), 1, Ways::Both);
    let mut wire = Wire::open(rig.address);
    for _ in 0..2 {
        wire.send(ask("/tiny", ""));
        assert_eq!(wire.reply().unwrap().status, 200);
    }
    assert_eq!(rig.state.found.load(Ordering::SeqCst), 1);
    wire.send("GET /tiny HTTP/1.1\r\nHo");
    assert_eq!(wire.reply().unwrap().status, 408);
    assert!(wire.is_closed());
}

#[test]
fn a_server_that_is_finishing_says_so_and_closes() {
    let mut rig = Rig::start_serving(short(), 1, Ways::Both);
    let mut busy = Wire::open(rig.address);
    let mut half = Wire::open(rig.address);
    let mut again = Wire::open(rig.address);
    let mut idle = Wire::open(rig.address);
    for wire in [&mut half, &mut again, &mut idle] {
        wire.send(ask("/tiny", ""));
        assert_eq!(wire.reply().unwrap().status, 200);
    }
    busy.send(ask("/slow", ""));
    half.send("GET /tiny HTTP/1.1\r\n");
    std::thread::sleep(Duration::from_millis(200));
    rig.stop();
    std::thread::sleep(Duration::from_millis(200));
    half.send(format!("{HOST}\r\n"));
    // Sent before the client could know: it must not meet a closed door.
    again.send(ask("/tiny", ""));
    for wire in [&mut busy, &mut half, &mut again] {
        let reply = wire.reply().expect("an answer");
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("connection"), Some("close"), "{}", reply.head);
        assert!(wire.is_closed());
    }
    assert!(idle.is_closed());
    rig.wait();
}
