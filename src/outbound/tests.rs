//! The client against sockets of this machine, which it may go to only when told.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use super::*;

/// Answers each connection with the next text; hands back what it was sent.
fn server(answers: Vec<String>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = std::thread::spawn(move || {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut text = Vec::new();
            let mut buffer = [0; 4096];
            let is_whole = |text: &[u8]| {
                let text = String::from_utf8_lossy(text).to_lowercase();
                text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
                    let length = head.split_once("content-length: ");
                    let length = length.and_then(|(_, rest)| rest.lines().next());
                    length
                        .is_none_or(|length| body.len() >= length.trim().parse::<usize>().unwrap())
                })
            };
            while !is_whole(&text) {
                let read = stream.read(&mut buffer).unwrap();
                text.extend_from_slice(&buffer[..read]);
                if read == 0 {
                    break;
                }
            }
            asked.push(String::from_utf8(text).unwrap());
            // A client that has enough hangs up.
            let _ = stream.write_all(answer.as_bytes());
        }
        asked
    });
    (format!("http://localhost:{port}"), serving)
}

fn says(status: &str, more: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{more}connection: close\r\n\r\n{body}"
    )
}

fn neighbourly() -> Outbound {
    Outbound::new(
        true,
        vec![
            Network::parse("127.0.0.0/8").unwrap(),
            Network::parse("::1").unwrap(),
        ],
    )
}

fn to(text: &str) -> Destination {
    Destination::parse(text).unwrap()
}

#[test]
fn a_name_that_leads_home_is_refused_and_nobody_is_asked() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let outbound = Outbound::default();
    for host in [
        "localhost",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
    ] {
        let to = to(&format!("http://{host}:{port}/"));
        let sent = outbound.post(&to, &[], b"{}", 10);
        assert!(
            matches!(sent, Err(OutboundError::Refused { .. })),
            "{host}: {sent:?}"
        );
        let got = outbound.get(&to, "text/html", 10);
        assert!(matches!(got, Err(OutboundError::Refused { .. })), "{host}");
        let early = outbound.check(&to);
        assert_eq!(early.is_err(), host != "localhost", "{host}");
    }
    let waiting = listener.accept().map_err(|error| error.kind());
    assert_eq!(waiting.unwrap_err(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn what_is_sent_arrives_and_long_answers_are_cut() {
    let (url, serving) = server(vec![says("200 OK", "x-note: a\r\n", "0123456789")]);
    let answer = neighbourly()
        .post(&to(&url), &[("x-kind", "test")], b"{\"a\":1}", 4)
        .unwrap();
    assert_eq!((answer.status, &*answer.body), (200, &b"0123"[..]));
    assert_eq!(answer.header("x-note"), Some("a"));
    let asked = serving.join().unwrap().remove(0);
    assert!(asked.starts_with("POST / HTTP/1.1\r\n"), "{asked}");
    assert!(asked.contains("x-kind: test\r\n"), "{asked}");
    assert!(
        asked.contains(&format!("user-agent: inkstand/{VERSION}\r\n")),
        "{asked}"
    );
    assert!(asked.ends_with("\r\n\r\n{\"a\":1}"), "{asked}");
}

#[test]
fn a_post_follows_no_redirect() {
    let (url, serving) = server(vec![says("302 Found", "location: /elsewhere\r\n", "")]);
    let answer = neighbourly().post(&to(&url), &[], b"{}", 10).unwrap();
    assert_eq!(answer.status, 302);
    assert_eq!(serving.join().unwrap().len(), 1);
}

#[test]
fn a_page_is_found_over_redirects_and_each_is_judged() {
    let (url, serving) = server(vec![
        says("302 Found", "location: /next\r\n", ""),
        says(
            "200 OK",
            "link: </a>; rel=x\r\nlink: </b>; rel=y\r\n",
            "page",
        ),
    ]);
    let answer = neighbourly().get(&to(&url), "text/html", 4).unwrap();
    assert_eq!(&*answer.body, b"page");
    assert!(answer.from.as_str().ends_with("/next"));
    assert_eq!(answer.headers("link").count(), 2);
    assert_eq!(serving.join().unwrap().len(), 2);
    let only_four = Outbound::new(true, vec![Network::parse("127.0.0.1").unwrap()]);
    for location in ["http://127.0.0.2/", "http://10.0.0.1/", "http://[fd00::1]/"] {
        let (url, _) = server(vec![says(
            "302 Found",
            &format!("location: {location}\r\n"),
            "",
        )]);
        let url = url.replace("localhost", "127.0.0.1");
        let got = only_four.get(&to(&url), "*/*", 10);
        assert!(matches!(got, Err(OutboundError::Refused { .. })), "{got:?}");
    }
}

#[test]
fn pages_without_end_and_redirects_in_circles_end() {
    let (url, _serving) = server(vec![says("200 OK", "", "12345")]);
    let got = neighbourly().get(&to(&url), "*/*", 4);
    assert!(matches!(got, Err(OutboundError::TooLong(4))), "{got:?}");
    let round = says("302 Found", "location: /\r\n", "");
    let (url, _serving) = server(vec![round; MAX_REDIRECTS + 1]);
    let got = neighbourly().get(&to(&url), "*/*", 4);
    assert!(matches!(got, Err(OutboundError::Redirects)), "{got:?}");
    let (url, _serving) = server(vec![says(
        "302 Found",
        "location: ftp://localhost/\r\n",
        "",
    )]);
    let got = neighbourly().get(&to(&url), "*/*", 4);
    assert!(matches!(got, Err(OutboundError::Redirects)), "{got:?}");
}

#[test]
fn failures_say_what_failed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let got = neighbourly().get(&to(&format!("http://127.0.0.1:{port}/")), "*/*", 4);
    assert_eq!(got.unwrap_err().to_string(), "nothing listens at 127.0.0.1");
    let refused = Outbound::default().check(&to("http://192.168.7.7/"));
    insta::assert_snapshot!(refused.unwrap_err(), @"192.168.7.7 is in a private network; nothing is sent there unless outbound.allow names that network");
}
