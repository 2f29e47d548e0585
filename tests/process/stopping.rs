//! Being told to stop: what was begun is finished, and nothing new is taken on.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::json;

use super::site::{PATIENCE, Site, eventually};

fn connect(site: &Site) -> TcpStream {
    let stream = TcpStream::connect(site.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn await_refusal(site: &Site) {
    eventually("new connections are refused", || {
        TcpStream::connect(site.address()).is_err().then_some(())
    });
}

#[test]
fn a_request_that_was_begun_is_answered() {
    let mut site = Site::start();
    let body = json!({ "title": "Just in time", "status": "published" }).to_string();
    let (first_half, second_half) = body.split_at(10);
    let mut stream = connect(&site);
    write!(
        stream,
        "POST /api/v1/posts HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{first_half}",
        site.token(),
        body.len()
    )
    .unwrap();
    // Somebody who waits with a connection open and asks for nothing does not hold it up.
    let mut idle = connect(&site);
    idle.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .unwrap();
    let read = idle.read(&mut [0; 1024]).unwrap();
    assert!(read > 0, "an answer");

    site.ask_to_stop();
    await_refusal(&site);
    stream.write_all(second_half.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    assert!(
        answer
            .to_ascii_lowercase()
            .contains("\r\nconnection: close\r\n"),
        "{answer}"
    );
    assert_eq!(site.wait(), 0);
    assert!(site.log().contains("told to stop"), "{}", site.log());
    let page = site
        .setup()
        .start()
        .anyone()
        .get("/just-in-time")
        .expect(200);
    assert!(page.body.contains("Just in time"));
}

#[test]
fn a_slow_reader_gets_the_whole_page() {
    let mut site = Site::start();
    let line = "- slow and steady\n";
    let form = json!({ "title": "Long", "markdown": line.repeat(60_000), "status": "published" });
    site.owner().ask("POST", "/api/v1/posts", &form).expect(201);
    let whole = site.anyone().get("/long").expect(200).body.len();
    let mut stream = connect(&site);
    // More than the buffers between us hold, so that the server must go on sending.
    nix::sys::socket::setsockopt(&stream, nix::sys::socket::sockopt::RcvBuf, &65_536).unwrap();
    stream
        .write_all(b"GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .unwrap();
    let mut begun = vec![0; 1024];
    stream.read_exact(&mut begun).unwrap();
    site.ask_to_stop();
    await_refusal(&site);
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    begun.extend(rest);
    let answer = String::from_utf8_lossy(&begun);
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert_eq!(body.len(), whole);
    assert_eq!(site.wait(), 0);
}
