//! Files from a browser: the editor's way and the library's, what becomes of them, and who may.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, RgbImage};
use serde_json::{Value, json};

use super::form::{JSON, Sender, body, bytes_at, kind};
use super::site::{Site, eventually};

/// A picture with something to see in it everywhere, so that it takes some room.
fn photograph(width: u32, height: u32) -> DynamicImage {
    let mut state = 7_u32;
    RgbImage::from_fn(width, height, |x, y| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = state >> 29;
        let wave = |n: u32, scale: u32| u8::try_from(n * 255 / scale).unwrap();
        let [r, g, b] = [wave(x, width), wave(y, height), wave(x + y, width + height)];
        let noise = u8::try_from(noise).unwrap();
        image::Rgb([r | noise, g | noise, b])
    })
    .into()
}

fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// A JPEG that says it lies on its side, and where it was taken.
fn lying(picture: &DynamicImage) -> Vec<u8> {
    let plain = written(picture, ImageFormat::Jpeg);
    // One entry: orientation, a short, six: a quarter turn to the right.
    let mut exif =
        b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
    exif.extend(b"GPS 51.4778 N");
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&plain[..2], &[0xFF, 0xE1], &length, &exif, &plain[2..]].concat()
}

fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item[name].as_str().unwrap()
}

#[test]
fn the_editor_is_told_what_it_needs() {
    let site = Site::start();
    let owner = Sender::owner(&site);
    let picture = written(&photograph(60, 40), ImageFormat::Png);
    let form = body(
        &[("alt", "A [small] wave")],
        &[("Wave at Sea.png", &picture)],
    );
    let item = owner
        .send("/admin/media", &[JSON], &form)
        .expect(201)
        .json();
    let url = text(&item, "url");
    assert!(url.starts_with("/media/") && url.ends_with("/wave-at-sea.png"));
    let expected = json!({
        "id": item["id"], "url": url, "name": "Wave at Sea.png", "mime": "image/png",
        "width": 60, "height": 40, "alt": "A [small] wave",
        "markdown": format!("![A \\[small\\] wave]({url})"),
    });
    assert_eq!(item, expected);
    assert!(item["id"].is_string());
    assert_eq!(bytes_at(&site, url), picture);
    // The same bytes are the same file.
    let again = owner.upload("other.png", &picture).expect(201).json();
    assert_eq!(again["id"], item["id"]);

    let sound = owner
        .upload("rain.wav", b"RIFFsizeWAVE and so on")
        .expect(201)
        .json();
    let markdown = format!("[rain.wav]({})", text(&sound, "url"));
    assert_eq!(text(&sound, "markdown"), markdown);
    assert_eq!(sound["width"], Value::Null);

    let list = owner
        .get("/admin/media?format=json&q=wave&page=1")
        .expect(200)
        .json();
    assert_eq!(list["older"], false);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        list["items"][0]["thumbnail"], url,
        "until there is a smaller one"
    );
    assert_eq!(list["items"][0]["markdown"], item["markdown"]);
    let json = "/admin/media?format=json";
    let stranger = site.anyone().get(json).expect(303);
    assert!(stranger.header("location").unwrap().starts_with("/sign-in"));
}

#[test]
fn refusals_say_what_to_do() {
    let site = Site::start_with(&["--set", "media.upload_mib=1"]);
    let owner = Sender::owner(&site);
    let refused = owner
        .upload("page.png", b"<html><script>alert(1)</script>")
        .expect(415);
    assert!(refused.body.contains("send a JPEG"), "{}", refused.body);
    assert_eq!(
        refused.header("content-type"),
        Some("application/problem+json")
    );
    let picture = written(&photograph(20, 20), ImageFormat::Png);
    let large = [&picture[..], &vec![0; 3 << 20]].concat();
    let refused = owner.upload("large.png", &large).expect(413);
    assert!(refused.body.contains("at most 1 MiB"), "{}", refused.body);
    let refused = owner
        .upload("cut.png", &picture[..picture.len() / 2])
        .expect(422);
    assert!(refused.body.contains("damaged"), "{}", refused.body);
    let nothing = body(&[("alt", "x")], &[]);
    owner.send("/admin/media", &[JSON], &nothing).expect(422);
    owner
        .send("/admin/media", &[JSON], b"not a form")
        .expect(400);
    let long = body(&[("alt", &"x".repeat(2_000))], &[("a.png", &picture)]);
    owner.send("/admin/media", &[JSON], &long).expect(422);

    // Several at once: one that is refused takes no other with it.
    let both = body(&[], &[("bad.png", b"bad"), ("good.png", &picture)]);
    let told = owner
        .send("/admin/media", &[JSON], &both)
        .expect(201)
        .json();
    assert_eq!(text(&told["items"][0], "name"), "good.png");
    assert_eq!(text(&told["refused"][0], "name"), "bad.png");
    let page = owner.send("/admin/media", &[], &both).expect(415);
    assert!(
        page.body.contains("<strong>bad.png</strong>"),
        "{}",
        page.body
    );
    let page = owner.send("/admin/media", &[], &body(&[], &[("good.png", &picture)]));
    assert_eq!(page.expect(303).header("location"), Some("/admin/media"));
}

#[test]
fn only_files_may_be_large() {
    let site = Site::start_with(&["--set", "limits.body_mb=1"]);
    let owner = Sender::owner(&site);
    let caption = "x".repeat(2 << 20);
    for path in ["/admin/media/1", "/admin/media/1/delete"] {
        owner.post(path, &[("caption", &caption)]).expect(413);
    }
    let sound = [&b"RIFFsizeWAVE"[..], &vec![7; 20 << 20]].concat();
    let item = owner.upload("long.wav", &sound).expect(201).json();
    assert_eq!(bytes_at(&site, text(&item, "url")).len(), sound.len());
}

#[test]
fn only_people_who_may_and_only_from_here() {
    let site = Site::start();
    let owner = Sender::owner(&site);
    let picture = written(&photograph(20, 20), ImageFormat::Png);
    let form = body(&[], &[("a.png", &picture)]);
    let kind = kind();
    let kind = ("content-type", &*kind);
    let own = ("sec-fetch-site", "same-origin");
    let anyone = site.anyone();
    anyone
        .send("POST", "/admin/media", &[kind, own, JSON], Some(&form))
        .expect(401);
    let foreign = [
        kind,
        ("cookie", &*owner.cookie),
        ("sec-fetch-site", "cross-site"),
        JSON,
    ];
    assert!(matches!(
        anyone
            .send("POST", "/admin/media", &foreign, Some(&form))
            .status,
        401 | 403
    ));
    let program = site.owner();
    let item = program
        .send("POST", "/api/v1/media", &[kind], Some(&form))
        .expect(201)
        .json();
    assert_eq!(text(&item, "name"), "a.png");
    anyone
        .send("POST", "/api/v1/media", &[kind, own], Some(&form))
        .expect(401);
    let cookie = [kind, own, ("cookie", &*owner.cookie)];
    anyone
        .send("POST", "/api/v1/media", &cookie, Some(&form))
        .expect(401);
    let id = text(&owner.upload("a.png", &picture).expect(201).json(), "id").to_owned();

    for (email, role) in [
        ("con@example.org", "contributor"),
        ("aut@example.org", "author"),
    ] {
        let words = [
            "user", "create", "--email", email, "--name", role, "--role", role,
        ];
        site.setup()
            .inkstand_reading(&words, "a password of theirs\n")
            .ok();
    }
    let contributor = Sender::of(&site, "con@example.org", "a password of theirs");
    contributor.upload("b.png", &picture).expect(403);
    let page = contributor.get("/admin/media").expect(200).body;
    assert!(page.contains("make you an author") && !page.contains("type=\"file\""));
    contributor.get(&format!("/admin/media/{id}")).expect(403);
    let author = Sender::of(&site, "aut@example.org", "a password of theirs");
    author.get(&format!("/admin/media/{id}")).expect(200);
    for path in ["", "/delete", "/replace"] {
        let path = format!("/admin/media/{id}{path}");
        let answer = if path.ends_with("replace") {
            author.send(&path, &[], &form)
        } else {
            author.post(&path, &[("alt", "mine")])
        };
        answer.expect(403);
    }
    let own = author
        .upload("c.wav", b"RIFFsizeWAVE mine")
        .expect(201)
        .json();
    author
        .post(&format!("/admin/media/{}/delete", text(&own, "id")), &[])
        .expect(303);
}

#[test]
fn pictures_stand_upright_and_say_nothing_of_where() {
    let site = Site::start();
    let owner = Sender::owner(&site);
    let item = owner
        .upload("side.jpg", &lying(&photograph(80, 40)))
        .expect(201)
        .json();
    assert_eq!((&item["width"], &item["height"]), (&json!(40), &json!(80)));
    let kept = bytes_at(&site, text(&item, "url"));
    let shown = image::load_from_memory(&kept).unwrap();
    assert_eq!((shown.width(), shown.height()), (40, 80));
    assert!(!kept.windows(3).any(|window| window == b"GPS"));
    // What lay at the lower left is now at the upper left.
    let [red, green, _] = shown.to_rgb8().get_pixel(2, 2).0;
    assert!(red < 60 && green > 190, "{red} {green}");
}

#[test]
fn drawings_cannot_do_anything() {
    let site = Site::start();
    let owner = Sender::owner(&site);
    let drawing = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 6\" onload=\"a()\">\
        <script>alert(1)</script><path d=\"M0 0h9\"/></svg>";
    let item = owner.upload("a.svg", drawing.as_bytes()).expect(201).json();
    assert_eq!(
        (&item["width"], &item["mime"]),
        (&json!(9), &json!("image/svg+xml"))
    );
    let shown = site.anyone().get(text(&item, "url")).expect(200);
    assert!(!shown.body.contains("script") && !shown.body.contains("onload"));
    assert!(shown.body.contains("<path d=\"M0 0h9\">"));
    let policy = shown.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'unsafe-inline'"));
    assert!(policy.ends_with("sandbox"));
    assert_eq!(shown.header("x-content-type-options"), Some("nosniff"));
}

/// Waits for the copies of a file and gives its page.
fn prepared(owner: &Sender<'_>, id: &str) -> String {
    eventually("copies were made", || {
        let page = owner.get(&format!("/admin/media/{id}")).expect(200).body;
        (!page.contains("are being made")).then_some(page)
    })
}

#[test]
fn small_screens_get_small_copies_and_pages_hear_of_them() {
    let site = Site::start();
    let owner = Sender::owner(&site);
    let original = written(&photograph(1200, 800), ImageFormat::Jpeg);
    let item = owner.upload("wide.jpg", &original).expect(201).json();
    let url = text(&item, "url").to_owned();
    let post = json!({
        "title": "Wide", "status": "published", "markdown": format!("![A wave]({url})"),
    });
    site.owner().ask("POST", "/api/v1/posts", &post).expect(201);
    let id = text(&item, "id");
    let page = prepared(&owner, id);
    assert!(page.contains("used in") || page.contains("Used in"));
    assert!(page.contains(">Wide</a>"), "{page}");
    let article = eventually("the page has the copies", || {
        let page = site.anyone().get("/wide").expect(200).body;
        page.contains("480w").then_some(page)
    });
    for part in [
        "960w",
        "1200w",
        "sizes=",
        "width=\"1200\" height=\"800\"",
        "loading=\"lazy\"",
    ] {
        assert!(article.contains(part), "{part}: {article}");
    }
    assert!(article.contains(&format!("src=\"{url}\"")));
    let srcset = article.split("srcset=\"").nth(1).unwrap();
    let srcset = srcset.split('"').next().unwrap();
    for candidate in srcset.split(", ") {
        let (address, width) = candidate.split_once(' ').unwrap();
        let copy = site.anyone().get(address).expect(200);
        let kind = copy.header("content-type").unwrap();
        assert!(matches!(kind, "image/webp" | "image/jpeg"), "{kind}");
        let bytes = bytes_at(&site, address);
        assert!(bytes.len() < original.len());
        let shown = image::load_from_memory(&bytes).unwrap();
        assert_eq!(format!("{}w", shown.width()), width);
        assert_eq!(shown.width() * 2, shown.height() * 3);
    }
    let list = owner.get("/admin/media?format=json").expect(200).json();
    let thumbnail = text(&list["items"][0], "thumbnail").to_owned();
    let small = image::load_from_memory(&bytes_at(&site, &thumbnail)).unwrap();
    assert_eq!((small.width(), small.height()), (320, 213));
    let colour = page.split("fill=\"#").nth(1).map(|rest| &rest[..6]);
    assert!(colour.is_some_and(|colour| u32::from_str_radix(colour, 16).is_ok()));
}

#[test]
fn copies_are_made_after_a_kill_too() {
    let site = Site::start();
    let owner = Sender::owner(&site);
    let original = written(&photograph(1000, 700), ImageFormat::Jpeg);
    let item = owner.upload("wide.jpg", &original).expect(201).json();
    let setup = site.setup();
    site.kill();
    let site = setup.start().with_token("none");
    let owner = Sender::of(&site, "owner@example.org", "a password of the owner");
    let page = prepared(&owner, text(&item, "id"));
    assert!(
        page.contains("480 × 336") && page.contains("320 × 224"),
        "{page}"
    );
}

#[test]
fn a_file_is_described_replaced_and_thrown_away() {
    let site = Site::start();
    let owner = Sender::owner(&site);
    let first = written(&photograph(60, 40), ImageFormat::Png);
    let second = written(&photograph(30, 30), ImageFormat::Jpeg);
    let item = owner.upload("one.png", &first).expect(201).json();
    let (id, url) = (text(&item, "id"), text(&item, "url"));
    let here = format!("/admin/media/{id}");
    let words = [("alt", "A <wave>"), ("caption", "At noon")];
    let saved = owner.post(&here, &words).expect(303);
    let page = owner
        .get(saved.header("location").unwrap())
        .expect(200)
        .body;
    assert!(page.contains("value=\"A &lt;wave&gt;\"") && page.contains("At noon</textarea>"));
    let long = [("alt", &*"x".repeat(2_000)), ("caption", "kept")];
    let page = owner.post(&here, &long).expect(422).body;
    assert!(page.contains("kept</textarea>") && page.contains("at most 1000 letters"));

    let post = json!({
        "title": "Seen", "status": "published", "markdown": format!("![A wave]({url})"),
        "cover": { "url": url, "alt": "" },
    });
    site.owner().ask("POST", "/api/v1/posts", &post).expect(201);
    let library = owner.get("/admin/media").expect(200).body;
    assert!(library.contains("used in 1 post ·"), "{library}");
    let sure = owner.get(&format!("{here}/delete")).expect(200).body;
    assert!(
        sure.contains("used in 1 post<") && sure.contains(">Seen</a>"),
        "{sure}"
    );

    let replace = format!("{here}/replace");
    owner
        .send(&replace, &[], &body(&[], &[("x.wav", b"RIFFsizeWAVE x")]))
        .expect(422);
    owner
        .send(&replace, &[], &body(&[], &[("two.jpg", &second)]))
        .expect(303);
    let moved = site.anyone().get(url).expect(302);
    let now = moved.header("location").unwrap().to_owned();
    assert!(now.ends_with("/two.jpg"), "{now}");
    site.anyone().get(&now).expect(200);
    let article = site.anyone().get("/seen").expect(200).body;
    assert!(article.contains(&format!("src=\"{now}\"")), "{article}");
    assert!(article.contains("width=\"30\" height=\"30\""));
    assert!(
        !site.data_dir().join(&url[1..]).exists(),
        "the old file is gone"
    );
    assert!(owner.get("/admin/media").body.contains("used in 1 post ·"));

    owner.post(&format!("{here}/delete"), &[]).expect(303);
    site.anyone().get(&now).expect(404);
    owner.get(&here).expect(404);
    for path in ["/admin/media/x", "/admin/media/1", "/admin/media/1/delete"] {
        owner.get(path).expect(404);
    }
    let page = owner
        .get("/admin/media?q=nothing&kind=sound&page=x")
        .expect(200)
        .body;
    assert!(page.contains("Nothing like this"));
}
