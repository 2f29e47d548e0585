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
    for (name, pem) in [
        ("chain.pem", &authority.chain_pem),
        ("key.pem", &authority.key_pem),
    ] {
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
    std::fs::write(folder.path().join("key.pem"), &second.key_pem).unwrap();
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
