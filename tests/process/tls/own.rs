//! Certificate files of the owner's: in use at once, exchanged while readers come, told from each other by
//! name. And what the listener does for whoever comes.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use super::NAME;
use super::pebble::{Authority, text};
use super::reader::Reader;
use crate::site::{Setup, Site, eventually};

fn put(folder: &Path, authority: &Authority) {
    for (name, pem) in [("chain.pem", &authority.chain), ("key.pem", &authority.key)] {
        let new = folder.join("new");
        std::fs::write(&new, pem).unwrap();
        std::fs::rename(new, folder.join(name)).unwrap();
    }
}

fn setup(folder: &Path) -> Setup {
    let certificate = format!("tls.certificate={}", text(&folder.join("chain.pem")));
    let key = format!("tls.key={}", text(&folder.join("key.pem")));
    let url = format!("site.url=https://{NAME}");
    Setup::new().args(&["--set", &certificate, "--set", &key, "--set", &url])
}

fn reader(site: &Site, authority: &Authority) -> Reader {
    Reader::new(site.address(), authority.roots())
}

#[test]
fn files_are_used_and_exchanged_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let first = Authority::for_names(&[NAME]);
    put(folder.path(), &first);
    let site = setup(folder.path()).start();
    let visit = reader(&site, &first).visit(NAME, "/").unwrap();
    assert_eq!(visit.status(), "200");
    assert!(
        visit
            .answer
            .contains("strict-transport-security: max-age=31536000")
    );
    // Half of a pair changes nothing.
    let second = Authority::for_names(&[NAME]);
    std::fs::write(folder.path().join("key.pem"), &second.key).unwrap();
    eventually("the pair is refused", || {
        site.log().contains("does not belong").then_some(())
    });
    reader(&site, &first).visit(NAME, "/").unwrap();
    put(folder.path(), &second);
    eventually("the new one is shown", || {
        reader(&site, &second).visit(NAME, "/").ok()
    });
    assert!(reader(&site, &second).visit("other.test", "/").is_err());
}

#[test]
fn tickets_are_good_at_the_next_server() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::for_names(&[NAME]);
    put(folder.path(), &authority);
    let site = setup(folder.path()).start();
    let reader = reader(&site, &authority);
    assert!(!reader.visit(NAME, "/").unwrap().came_back);
    assert!(reader.visit(NAME, "/").unwrap().came_back);
    site.inkstand(&["reload"]).ok();
    assert!(reader.visit(NAME, "/").unwrap().came_back);
}

#[test]
fn requests_that_share_a_connection_move_to_the_next_server() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::for_names(&[NAME]);
    put(folder.path(), &authority);
    let site = setup(folder.path()).start();
    let port = site.address().port();
    let curl = std::process::Command::new("curl")
        .args([
            "--http2",
            "--insecure",
            "--silent",
            "--show-error",
            "--output",
            "/dev/null",
        ])
        .args(["--write-out", "%{http_version} %{http_code}\n"])
        .args(["--resolve", &format!("{NAME}:{port}:127.0.0.1")])
        .arg(format!("https://{NAME}:{port}/?[1-3000]"))
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("curl is there; see tests/run");
    for _ in 0..3 {
        site.inkstand(&["reload"]).ok();
    }
    let said = String::from_utf8(curl.wait_with_output().unwrap().stdout).unwrap();
    let good = said.lines().filter(|line| *line == "2 200").count();
    assert_eq!(
        good,
        3000,
        "{:?}",
        said.lines().find(|line| *line != "2 200")
    );
}

#[test]
fn protocols_are_chosen_together() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::for_names(&[NAME]);
    put(folder.path(), &authority);
    let site = setup(folder.path()).start();
    for (spoken, expected) in [
        (&["h2", "http/1.1"][..], Some(&b"h2"[..])),
        (&["http/1.1"], Some(b"http/1.1")),
        (&[], None),
    ] {
        let stream = reader(&site, &authority)
            .speaking(spoken)
            .connect(NAME)
            .unwrap();
        assert_eq!(stream.conn.alpn_protocol(), expected);
    }
    assert!(
        reader(&site, &authority)
            .speaking(&["acme-tls/1"])
            .connect(NAME)
            .is_err()
    );
}

/// Debian's critic of listeners, for what it calls protocols, ciphers and vulnerabilities.
#[test]
fn a_critic_finds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::for_names(&[NAME]);
    put(folder.path(), &authority);
    let site = setup(folder.path()).start();
    let report = folder.path().join("report.json");
    let said = std::process::Command::new("testssl")
        .args([
            "--quiet",
            "--color",
            "0",
            "--warnings",
            "off",
            "--ip",
            "127.0.0.1",
        ])
        .args(["--protocols", "--std", "--vulnerable", "--jsonfile"])
        .arg(&report)
        .arg(format!("{NAME}:{}", site.address().port()))
        .stdin(std::process::Stdio::null())
        .output()
        .expect("Debian's package testssl.sh is there; see tests/run");
    let report = std::fs::read_to_string(&report)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&said.stdout)));
    let found: Vec<serde_json::Value> = serde_json::from_str(&report).unwrap();
    assert!(found.len() > 20, "{report}");
    let is_bad = |finding: &&serde_json::Value| {
        let severity = finding["severity"].as_str().unwrap();
        // Packed pages are public ones, in which there is no secret to be guessed.
        let is_packing = finding["id"] == "BREACH";
        ["MEDIUM", "HIGH", "CRITICAL", "FATAL"].contains(&severity) && !is_packing
    };
    let bad: Vec<_> = found.iter().filter(is_bad).collect();
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn those_who_do_not_shake_hands_are_cut_off_and_nobody_waits_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::for_names(&[NAME]);
    put(folder.path(), &authority);
    let site = setup(folder.path()).start();
    let reader = reader(&site, &authority);
    let mut inside = reader.connect(NAME).unwrap();
    let begun = Instant::now();
    let silent: Vec<_> = (0..100)
        .map(|_| {
            let mut stream = TcpStream::connect(site.address()).unwrap();
            stream.write_all(&[22, 3, 1]).unwrap();
            stream
        })
        .collect();
    let mut rude = TcpStream::connect(site.address()).unwrap();
    rude.write_all(b"GET / HTTP/1.1\r\nHost: blog.test\r\n\r\n")
        .unwrap();
    assert_eq!(reader.visit(NAME, "/").unwrap().status(), "200");
    let asked = Instant::now();
    inside
        .write_all(b"GET / HTTP/1.1\r\nHost: blog.test\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    inside.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(asked.elapsed() < Duration::from_secs(2));
    for mut stream in silent {
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
    }
    let cut_after = begun.elapsed();
    assert!(
        cut_after > Duration::from_millis(2500) && cut_after < Duration::from_secs(6),
        "{cut_after:?}"
    );
}
