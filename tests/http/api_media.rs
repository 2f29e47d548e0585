//! Files over the API: sent as bytes or in a form, described, shown, replaced, thrown away.

use std::io::Cursor;

use image::{ImageFormat, RgbImage};
use serde_json::{Value, json};

use super::form::{body, bytes_at, kind};
use super::programs::{
    assert_is_walked, delete, etag, join, made, patch, path_of, program, refused, walked,
};
use super::site::{Answer, Browser, Site, eventually};

const MEDIA: &str = "/api/v1/media";

fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let picture = RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([
            u8::try_from(x % 256).unwrap(),
            u8::try_from(y % 256).unwrap(),
            9,
        ])
    });
    picture.write_to(&mut out, ImageFormat::Png).unwrap();
    out.into_inner()
}

fn sound(number: usize) -> Vec<u8> {
    format!("RIFFsizeWAVE number {number}").into_bytes()
}

#[track_caller]
fn send(who: &Browser, path: &str, bytes: &[u8]) -> Answer {
    let headers = [("content-type", "application/octet-stream")];
    who.send("POST", path, &headers, Some(bytes))
}

#[track_caller]
fn send_form(who: &Browser, words: &[(&str, &str)], files: &[(&str, &[u8])]) -> Answer {
    let kind = kind();
    who.send(
        "POST",
        MEDIA,
        &[("content-type", &kind)],
        Some(&body(words, files)),
    )
}

#[test]
fn a_file_is_sent_as_its_bytes_or_in_a_form() {
    let site = Site::start();
    let owner = site.owner();
    let bytes = picture(60, 40);
    let path = format!("{MEDIA}?name=Wave+at+Sea.png&alt=A+%5Bsmall%5D+wave&caption=At+noon");
    let answer = send(&owner, &path, &bytes);
    let (id, place) = made(&answer);
    let file = answer.json();
    let url = file["url"].as_str().unwrap();
    let address = path_of(url);
    assert!(address.starts_with("/media/") && address.ends_with("/wave-at-sea.png"));
    assert_eq!(bytes_at(&site, address), bytes);
    let owner_id = owner.get("/api/v1/me").expect(200).json()["id"].clone();
    for (name, expected) in [
        ("name", json!("Wave at Sea.png")),
        ("kind", json!("picture")),
        ("mime", json!("image/png")),
        ("bytes", json!(bytes.len())),
        ("width", json!(60)),
        ("height", json!(40)),
        ("alt", json!("A [small] wave")),
        ("caption", json!("At noon")),
        (
            "markdown",
            json!(format!("![A \\[small\\] wave]({address})")),
        ),
        ("uploaded_by", owner_id),
    ] {
        assert_eq!(file[name], expected, "{name}");
    }
    // The same bytes are the same file.
    let again = send_form(&owner, &[("alt", "Other words")], &[("other.png", &bytes)]).expect(200);
    assert_eq!(again.json()["id"], id);
    assert_eq!(again.json()["alt"], "A [small] wave");

    let form = [("alt", "Rain"), ("caption", "On tin")];
    let answer = send_form(&owner, &form, &[("rain.wav", &sound(1))]);
    made(&answer);
    let rain = answer.json();
    for (name, expected) in [
        ("kind", json!("sound")),
        ("alt", json!("Rain")),
        ("caption", json!("On tin")),
        ("width", Value::Null),
        ("thumbnail_url", Value::Null),
    ] {
        assert_eq!(rain[name], expected, "{name}");
    }
    let named = [
        ("content-type", "audio/wav"),
        ("content-disposition", "attachment; filename=\"drip.wav\""),
    ];
    let drip = owner.send("POST", MEDIA, &named, Some(&sound(2)));
    assert_eq!(drip.expect(201).json()["name"], "drip.wav");
    let nameless = send(&owner, MEDIA, &sound(3)).expect(201);
    assert_eq!(nameless.json()["name"], "file.wav");

    let shown = owner.get(&place).expect(200);
    let known = [("if-none-match", &*etag(&shown))];
    owner.send("GET", &place, &known, None).expect(304);
    owner.get(&format!("{MEDIA}/7")).expect(404);
    owner.get(&format!("{MEDIA}/x")).expect(404);
}

#[test]
fn files_that_cannot_be_taken_are_refused_with_a_reason() {
    let site = Site::start_with(&["--set", "media.upload_mib=1"]);
    let owner = site.owner();
    let (code, _) = refused(&send(&owner, MEDIA, b"<html>"), 415);
    assert_eq!(code, "unsupported-media-type");
    for answer in [
        send(&owner, MEDIA, b""),
        send_form(&owner, &[("alt", "x")], &[]),
        send_form(&owner, &[], &[("a.wav", &sound(1)), ("b.wav", &sound(2))]),
    ] {
        assert_eq!(refused(&answer, 422).1, ["file"]);
    }
    let long = format!("{MEDIA}?alt={}", "x".repeat(1_001));
    assert_eq!(refused(&send(&owner, &long, &sound(3)), 422).1, ["alt"]);
    let large = [&picture(20, 20)[..], &vec![0; 3 << 20]].concat();
    refused(&send(&owner, MEDIA, &large), 413);
    refused(&send_form(&owner, &[], &[("a.png", &large)]), 413);
    assert_eq!(walked(&owner, MEDIA), [0_i64; 0]);

    join(&site, "con", "contributor");
    join(&site, "aut", "author");
    refused(&send(site.anyone(), MEDIA, &sound(1)), 401);
    refused(
        &send(&program(&site, "con", "write"), MEDIA, &sound(1)),
        403,
    );
    let reading = program(&site, "aut", "read");
    refused(&send(&reading, MEDIA, &sound(1)), 403);
    reading.get(MEDIA).expect(200);
    let writing = program(&site, "aut", "write");
    let (id, place) = made(&send(&writing, MEDIA, &sound(1)));
    refused(&writing.get(MEDIA), 403);
    // Others' files are looked at by authors, and changed by editors.
    let (_, others) = made(&send(&owner, MEDIA, &sound(2)));
    refused(&delete(&writing, &others), 403);
    refused(&patch(&writing, &others, "*", &json!({ "alt": "x" })), 403);
    delete(&writing, &place).expect(204);
    owner.get(&format!("{MEDIA}/{id}")).expect(404);
}

#[test]
fn words_about_a_file_are_changed_and_nothing_is_lost() {
    let site = Site::start();
    let owner = site.owner();
    let answer = send(&owner, &format!("{MEDIA}?alt=First"), &picture(900, 600));
    let (_, place) = made(&answer);
    let sent = etag(&answer);
    let shown = eventually("copies were made", || {
        let file = owner.get(&place).expect(200);
        (file.json()["is_prepared"] == true).then_some(file)
    });
    let file = shown.json();
    let copies = file["variants"].as_array().unwrap();
    assert!(!copies.is_empty());
    let srcset = file["srcset"].as_str().unwrap();
    for copy in copies {
        let candidate = format!("{} {}w", copy["url"].as_str().unwrap(), copy["width"]);
        assert!(srcset.contains(&candidate), "{candidate} in {srcset}");
    }
    assert_ne!(file["thumbnail_url"], file["url"]);
    assert_ne!(etag(&shown), sent, "there is more to say of it");

    // Copies that were made meanwhile are no change of somebody's.
    let change = json!({ "alt": "Second", "caption": "Below" });
    let changed = patch(&owner, &place, &sent, &change).expect(200);
    assert_eq!(changed.json()["alt"], "Second");
    let (code, _) = refused(&patch(&owner, &place, &sent, &json!({ "alt": "x" })), 412);
    assert_eq!(code, "precondition-failed");
    let (code, _) = refused(
        &owner.send("DELETE", &place, &[("if-match", &*sent)], None),
        412,
    );
    assert_eq!(code, "precondition-failed");
    let now = etag(&changed);
    let change = json!({ "alt": null, "name": "a/b/Other.png" });
    let file = patch(&owner, &place, &now, &change).expect(200).json();
    assert_eq!(
        (&file["alt"], &file["caption"], &file["name"]),
        (&json!(""), &json!("Below"), &json!("Other.png"))
    );
    let wrong = json!({
        "alt": "x".repeat(1_001), "caption": "x".repeat(2_001), "name": "x".repeat(201),
    });
    let (_, fields) = refused(&owner.ask("PATCH", &place, &wrong), 422);
    assert_eq!(fields, ["name", "alt", "caption"]);
    let wrong = json!({ "alt": 7, "colour": "red" });
    assert!(
        !refused(&owner.ask("PATCH", &place, &wrong), 422)
            .1
            .is_empty()
    );
    let plain = [("content-type", "text/plain")];
    refused(&owner.send("PATCH", &place, &plain, Some(b"{}")), 415);
    let json = [("content-type", "application/json")];
    refused(&owner.send("PATCH", &place, &json, Some(b"{")), 400);
}

#[test]
fn a_file_is_used_replaced_and_thrown_away() {
    let site = Site::start();
    let owner = site.owner();
    let answer = send(&owner, &format!("{MEDIA}?name=one.png"), &picture(60, 40));
    let (id, place) = made(&answer);
    let file = answer.json();
    let markdown = &file["markdown"];
    let post = json!({ "title": "Seen", "status": "published", "markdown": markdown });
    owner.ask("POST", "/api/v1/posts", &post).expect(201);
    let usage = owner.get(&format!("{place}/usage")).expect(200).json();
    assert_eq!(
        (&usage["count"], &usage["posts"][0]["title"]),
        (&json!(1), &json!("Seen"))
    );
    let (_, idle) = made(&send(&owner, MEDIA, &sound(1)));
    let unused = walked(&owner, &format!("{MEDIA}?unused=true"));
    assert!(!unused.contains(&id) && unused.len() == 1);

    let replace = |tag: &str, bytes: &[u8]| {
        let headers = [("content-type", "image/png"), ("if-match", tag)];
        owner.send(
            "PUT",
            &format!("{place}/file?name=two.png"),
            &headers,
            Some(bytes),
        )
    };
    assert_eq!(refused(&replace("*", &sound(2)), 422).1, ["file"]);
    refused(&replace("*", &sound(1)), 422);
    refused(&replace("\"7-x.y\"", &picture(30, 30)), 412);
    let replaced = replace(&etag(&answer), &picture(30, 30)).expect(200).json();
    assert_eq!(
        (&replaced["id"], &replaced["width"]),
        (&json!(id), &json!(30))
    );
    let old = path_of(file["url"].as_str().unwrap());
    let moved = site.anyone().get(old).expect(302);
    let now = moved.header("location").unwrap();
    assert_eq!(path_of(replaced["url"].as_str().unwrap()), now);

    delete(&owner, &idle).expect(204);
    delete(&owner, &place).expect(204);
    delete(&owner, &place).expect(404);
    owner.get(&format!("{place}/usage")).expect(404);
    site.anyone().get(now).expect(404);
}

#[test]
fn the_library_is_walked_and_filtered() {
    let site = Site::start();
    let owner = site.owner();
    join(&site, "aut", "author");
    let author = program(&site, "aut", "read,write");
    let mut ids: Vec<i64> = (0..4)
        .map(|number| {
            let path = format!("{MEDIA}?name=sound-{number}.wav");
            made(&send(&owner, &path, &sound(number))).0
        })
        .collect();
    ids.push(made(&send(&author, &format!("{MEDIA}?alt=Red"), &picture(9, 9))).0);
    ids.reverse();
    assert_is_walked(&owner, MEDIA, &ids);
    assert_is_walked(&author, &format!("{MEDIA}?kind=sound"), &ids[1..]);
    let found = |filter: &str| walked(&owner, &format!("{MEDIA}?{filter}"));
    assert_eq!(found("kind=picture"), ids[..1]);
    assert_eq!(found("q=SOUND-2"), ids[2..3]);
    assert_eq!(found("q=red&kind=sound"), [0_i64; 0]);
    let me = author.get("/api/v1/me").json()["id"].clone();
    assert_eq!(found(&format!("uploaded_by={me}")), ids[..1]);
    assert_eq!(found("unused=true"), ids);
    let answer = owner.get(&format!("{MEDIA}?kind=book&unused=perhaps"));
    assert_eq!(refused(&answer, 422).1, ["kind", "unused"]);
}
