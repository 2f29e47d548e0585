//! Uploaded files: whole, in parts, and not again where the browser has them.

use std::path::PathBuf;

use serde_json::json;

use super::site::{Answer, Setup, Site};

/// A sound file, as far as anybody looks; all letters, so that parts of it can be compared.
fn sound() -> String {
    let tones: Vec<String> = (0..60_000).map(|tone| format!("{tone:05}")).collect();
    format!("RIFFsizeWAVE{}", tones.join(" "))
}

fn file(site: &Site, name: &str, bytes: &[u8]) -> PathBuf {
    let path = site.data_dir().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn add(site: &Site, name: &str, bytes: &[u8]) -> String {
    let path = file(site, name, bytes);
    let said = site
        .inkstand(&["media", "add", path.to_str().unwrap()])
        .ok();
    let address = said.trim().rsplit_once('(').unwrap().1;
    address.trim_end_matches(')').to_owned()
}

fn ask(site: &Site, address: &str, headers: &[(&str, &str)]) -> Answer {
    site.anyone().send("GET", address, headers, None)
}

#[test]
fn a_file_is_sent_whole_and_in_parts() {
    let site = Site::start();
    let sound = sound();
    let address = add(&site, "Rain on Tin.wav", sound.as_bytes());
    assert!(address.starts_with("/media/") && address.ends_with("/rain-on-tin.wav"));

    let whole = ask(&site, &address, &[("accept-encoding", "gzip, br")]).expect(200);
    assert!(whole.body == sound, "other bytes");
    let length = sound.len();
    let expected = [
        ("content-type", "audio/wav"),
        ("content-length", &*length.to_string()),
        ("accept-ranges", "bytes"),
        ("cache-control", "public, max-age=31536000, immutable"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
    ];
    for (name, value) in expected {
        assert_eq!(whole.header(name), Some(value), "{name}");
    }
    assert_eq!(whole.header("content-encoding"), None);
    let head = site.anyone().send("HEAD", &address, &[], None).expect(200);
    assert_eq!(
        head.header("content-length"),
        whole.header("content-length")
    );
    assert!(head.body.is_empty());

    for (range, first, last) in [
        ("bytes=0-0", 0, 0),
        ("bytes=100-299999", 100, 299_999),
        ("bytes=359000-", 359_000, length - 1),
        ("bytes=-12", length - 12, length - 1),
        ("bytes=5-99999999", 5, length - 1),
    ] {
        let part = ask(&site, &address, &[("range", range)]).expect(206);
        assert!(part.body == sound[first..=last], "{range}");
        let said = format!("bytes {first}-{last}/{length}");
        assert_eq!(part.header("content-range"), Some(&*said));
    }
    let nothing = ask(&site, &address, &[("range", "bytes=9999999-")]).expect(416);
    let said = format!("bytes */{length}");
    assert_eq!(nothing.header("content-range"), Some(&*said));
    ask(&site, &address, &[("range", "bytes=1-2,5-6")]).expect(200);
}

#[test]
fn what_a_browser_has_is_not_sent_again() {
    let site = Site::start();
    let address = add(&site, "a.wav", sound().as_bytes());
    let whole = ask(&site, &address, &[]).expect(200);
    let (tag, date) = (
        whole.header("etag").unwrap(),
        whole.header("last-modified").unwrap(),
    );
    for (name, value) in [("if-none-match", tag), ("if-modified-since", date)] {
        let known = ask(&site, &address, &[(name, value)]).expect(304);
        assert_eq!(known.header("etag"), Some(tag));
        assert!(known.body.is_empty());
    }
    let other = [("if-none-match", "\"x\""), ("if-modified-since", date)];
    ask(&site, &address, &other).expect(200);
    let range = ("range", "bytes=0-3");
    for known in [tag, date] {
        ask(&site, &address, &[range, ("if-range", known)]).expect(206);
    }
    for other in ["\"x\"", "W/\"x\"", "Thu, 01 Jan 1970 00:00:00 GMT", "?"] {
        ask(&site, &address, &[range, ("if-range", other)]).expect(200);
    }
}

#[test]
fn only_what_was_taken_in_is_there() {
    let site = Site::start();
    for (name, bytes) in [
        ("page.png", &b"<html><script>alert(1)</script>"[..]),
        ("run.jpg", b"\x7fELF\x02\x01\x01"),
        ("vector.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\">"),
        ("cut.png", b"\x89PNG\r\n\x1a\n"),
        ("huge.gif", b"GIF89a\xff\xff\xff\xff\0\0\0;"),
        ("none.txt", b""),
    ] {
        let path = file(&site, name, bytes);
        let said = site.inkstand(&["media", "add", path.to_str().unwrap()]);
        assert_eq!(said.code, 1, "{name}: {}", said.stdout);
        let is_clear = ["this is none of", "file: This ", "too large"]
            .iter()
            .any(|why| said.stderr.contains(why));
        assert!(is_clear, "{name}: {}", said.stderr);
    }
    for path in [
        "/media/",
        "/media/x",
        "/media/../inkstand.db",
        "/media/%2e%2e/inkstand.db",
        "/media/..%2finkstand.db",
        "/media/.unfinished",
        "/media/%00",
    ] {
        let status = ask(&site, path, &[]).status;
        assert!(matches!(status, 400 | 404), "{path}: {status}");
    }
    let address = add(&site, "a.wav", sound().as_bytes());
    assert_eq!(add(&site, "again.wav", sound().as_bytes()), address);
    let list = site.inkstand(&["media", "list", "--json"]).ok();
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
    let id = list["items"][0]["id"].to_string();
    site.inkstand(&["media", "remove", &id]).ok();
    ask(&site, &address, &[]).expect(404);
    assert!(!site.data_dir().join(&address[1..]).exists());
}

#[test]
fn pages_know_how_large_pictures_are() {
    let site = Setup::new().start();
    let logo = include_bytes!("../fixtures/pictures/logo.png");
    let address = add(&site, "logo.png", logo);
    let post = json!({
        "title": "Seen", "status": "published", "markdown": format!("![A ring]({address})"),
        "cover": { "url": address, "alt": "A ring" },
    });
    site.owner().ask("POST", "/api/v1/posts", &post).expect(201);
    let page = site.anyone().get("/seen").expect(200).body;
    let sized = page.matches("width=\"96\" height=\"96\"").count();
    assert_eq!(sized, 2, "cover and text: {page}");
    assert!(page.contains("og:image:width\" content=\"96\""));
}
