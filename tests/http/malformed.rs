//! What HTTP forbids, and what attackers send. Each case gets its answer, and the server goes on
//! serving everybody else. Every case needs only an address, so it can be put to any server.

use std::net::SocketAddr;

use super::rig::{Rig, short};
use super::wire::{Wire, ask, get};

const HOST: &str = "Host: blog.test\r\n";

/// The request is answered with this status, and its connection is not used for anything else.
fn refused(address: SocketAddr, expected: u16, what: &str, request: impl AsRef<[u8]>) {
    let mut wire = Wire::open(address);
    wire.send(request);
    let reply = wire
        .reply()
        .unwrap_or_else(|| panic!("{what}: closed without an answer"));
    assert_eq!(reply.status, expected, "{what}: {}", reply.head);
    assert!(
        !reply.body.is_empty(),
        "{what}: it does not say what is wrong"
    );
    // Half-close, so that a server that waits for us to finish gets its end.
    wire.stop_sending();
    assert!(
        wire.is_closed(),
        "{what}: something was answered that nobody asked"
    );
    assert_eq!(get(address, "/").status, 200, "after {what}");
}

/// A request that could be read in two ways must be refused before its second reading is served.
fn request_lines(address: SocketAddr) {
    let cases: &[(&str, &[u8])] = &[
        ("rubbish", b"\x00\x01\x02\xff\xfe rubbish\r\n\r\n"),
        (
            "a TLS hello",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        ),
        ("no version", b"GET /\r\nHost: a\r\n\r\n"),
        (
            "a version from the future",
            b"GET / HTTP/7.3\r\nHost: a\r\n\r\n",
        ),
        ("HTTP/2 without asking", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        (
            "a space in the path",
            b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
        ),
        (
            "a control character in the path",
            b"GET /a\x07 HTTP/1.1\r\nHost: a\r\n\r\n",
        ),
        (
            "a path without a slash",
            b"GET a HTTP/1.1\r\nHost: a\r\n\r\n",
        ),
        ("a star for GET", b"GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
        (
            "another scheme",
            b"GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
        ),
        (
            "a method with a bracket",
            b"GE(T / HTTP/1.1\r\nHost: a\r\n\r\n",
        ),
    ];
    for (what, request) in cases {
        refused(address, 400, what, request);
    }
}

fn headers(address: SocketAddr) {
    let cases: &[(&str, &str)] = &[
        ("a NUL in a value", "X: a\0b\r\n"),
        ("a NUL in a name", "X\0: a\r\n"),
        ("a lone carriage return", "X: a\rb\r\n"),
        ("a folded value", "X: a\r\n b\r\n"),
        ("a space before the colon", "X : a\r\n"),
        ("no colon", "X\r\n"),
        ("no name", ": a\r\n"),
    ];
    for (what, header) in cases {
        refused(
            address,
            400,
            what,
            format!("GET / HTTP/1.1\r\n{HOST}{header}\r\n"),
        );
    }
    let many = "X: y\r\n".repeat(200);
    refused(
        address,
        431,
        "200 headers",
        format!("GET / HTTP/1.1\r\n{HOST}{many}\r\n"),
    );
    let huge = "y".repeat(200_000);
    refused(
        address,
        431,
        "a huge header",
        format!("GET / HTTP/1.1\r\n{HOST}X: {huge}\r\n\r\n"),
    );
    let long = "y".repeat(20_000);
    refused(
        address,
        414,
        "a long address",
        format!("GET /{long} HTTP/1.1\r\n{HOST}\r\n"),
    );
}

fn hosts(address: SocketAddr) {
    refused(address, 400, "no Host", "GET / HTTP/1.1\r\n\r\n");
    refused(
        address,
        400,
        "no Host in HTTP/1.0",
        "GET / HTTP/1.0\r\n\r\n",
    );
    refused(
        address,
        400,
        "two Hosts",
        format!("GET / HTTP/1.1\r\n{HOST}{HOST}\r\n"),
    );
    for host in [
        "", "a/b", "a b", "user@a", "a:port", "[::1", "a,b", "<script>", "\u{e9}",
    ] {
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
        refused(address, 400, &format!("Host “{host}”"), request);
    }
}

/// The shapes request smuggling is made of. The smuggled request asks for something that would be
/// answered, so an answer to it would show.
fn smuggling(address: SocketAddr) {
    const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
    let cases: &[(&str, &str, &str)] = &[
        (
            "a length and chunks",
            "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n",
        ),
        (
            "chunks and a length",
            "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
            "0\r\n\r\n",
        ),
        (
            "two lengths",
            "Content-Length: 4\r\nContent-Length: 5\r\n",
            "abcd",
        ),
        (
            "the same length twice",
            "Content-Length: 4\r\nContent-Length: 4\r\n",
            "abcd",
        ),
        ("a list of lengths", "Content-Length: 4, 4\r\n", "abcd"),
        ("a signed length", "Content-Length: +4\r\n", "abcd"),
        ("a negative length", "Content-Length: -1\r\n", ""),
        ("a hexadecimal length", "Content-Length: 0x4\r\n", "abcd"),
        (
            "a length beyond numbers",
            "Content-Length: 99999999999999999999999\r\n",
            "",
        ),
        (
            "an unknown coding",
            "Transfer-Encoding: xchunked\r\n",
            "0\r\n\r\n",
        ),
        (
            "chunked twice",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n",
        ),
        (
            "chunked in a list",
            "Transfer-Encoding: chunked, identity\r\n",
            "0\r\n\r\n",
        ),
        (
            "a vertical tab",
            "Transfer-Encoding: \x0bchunked\r\n",
            "0\r\n\r\n",
        ),
        (
            "a space before the colon",
            "Transfer-Encoding : chunked\r\n",
            "0\r\n\r\n",
        ),
        (
            "a folded coding",
            "Transfer-Encoding:\r\n chunked\r\n",
            "0\r\n\r\n",
        ),
    ];
    for (what, header, body) in cases {
        refused(
            address,
            400,
            what,
            format!("POST /echo HTTP/1.1\r\n{HOST}{header}\r\n{body}{SMUGGLED}"),
        );
    }
    refused(
        address,
        400,
        "chunks in HTTP/1.0",
        format!(
            "POST /echo HTTP/1.0\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{SMUGGLED}"
        ),
    );
}

/// Bodies that are not what their head says, sent to an address that reads them.
pub(crate) fn bodies(address: SocketAddr, path: &str) {
    let head = format!("POST {path} HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n");
    let cases = [
        ("a size that is no number", "z\r\nab\r\n0\r\n\r\n"),
        ("a negative size", "-1\r\n\r\n"),
        ("a size beyond numbers", "fffffffffffffffff\r\n"),
        ("a chunk longer than it says", "1\r\nabc\r\n0\r\n\r\n"),
        ("bare line feeds", "2\nab\n0\n\n"),
    ];
    for (what, body) in cases {
        refused(address, 400, what, format!("{head}{body}"));
    }
}

fn methods(address: SocketAddr) {
    for (method, target, status) in [
        ("TRACE", "/", 405),
        ("CONNECT", "blog.test:443", 405),
        ("BREW", "/", 501),
        ("get", "/", 501),
        ("PROPFIND", "/", 501),
    ] {
        let reply = ask(address, format!("{method} {target} HTTP/1.1\r\n{HOST}\r\n")).unwrap();
        assert_eq!(reply.status, status, "{method}: {}", reply.head);
        assert!(
            reply
                .header("allow")
                .is_some_and(|allow| allow.contains("GET")),
            "{}",
            reply.head
        );
        assert!(
            !reply.text().contains("blog.test"),
            "{method} echoes the request"
        );
    }
    assert_eq!(get(address, "/").status, 200);
}

/// A line feed alone may end a line (RFC 9112 § 2.2 lets servers accept it). Whatever is chosen, a header must
/// not be hidden from us by it.
fn bare_line_feeds(address: SocketAddr) {
    let request = "POST /echo HTTP/1.1\nHost: a\nContent-Length: 3\nConnection: close\n\nabc";
    let reply = ask(address, request).unwrap();
    assert!(reply.status < 500, "{}", reply.head);
    refused(
        address,
        400,
        "a coding hidden behind a line feed",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nX: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    );
}

/// Everything that is refused whatever address it is sent to.
pub(crate) fn all(address: SocketAddr) {
    request_lines(address);
    headers(address);
    hosts(address);
    smuggling(address);
    methods(address);
    bare_line_feeds(address);
}

#[test]
fn malformed_requests_are_refused_and_the_server_goes_on() {
    let rig = Rig::start(short());
    all(rig.address);
    bodies(rig.address, "/echo");
}
