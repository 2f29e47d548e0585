//! Addresses of pages: each has one form, moved ones lead on, and what is not public is where it
//! should be.

use scraper::Html;
use serde_json::json;

use super::pages::{POSTS, attribute, filled, month_of, moved, publish, text};
use super::site::eventually;

#[test]
fn addresses_have_one_form_and_the_others_lead_to_it() {
    let site = filled();
    let (year, month) = month_of(&site);
    let anyone = site.anyone();
    for (asked, led) in [
        ("/post-1/".to_owned(), "/post-1".to_owned()),
        ("/Post-1".to_owned(), "/post-1".to_owned()),
        ("//post-1".to_owned(), "/post-1".to_owned()),
        ("/POST-1//?utm=X&y".to_owned(), "/post-1?utm=X&y".to_owned()),
        ("/Tag/Grass/".to_owned(), "/tag/grass".to_owned()),
        ("/tag/GRASS".to_owned(), "/tag/grass".to_owned()),
        (
            "/tag//grass/page/2/".to_owned(),
            "/tag/grass/page/2".to_owned(),
        ),
        (
            "/author/Olive-Owner/".to_owned(),
            "/author/olive-owner".to_owned(),
        ),
        ("/Archive/".to_owned(), "/archive".to_owned()),
        (
            format!("/archive/{year}/{month}/"),
            format!("/archive/{year}/{month}"),
        ),
        ("/search/?q=A".to_owned(), "/search?q=A".to_owned()),
        ("/PAGE/2".to_owned(), "/page/2".to_owned()),
        ("/admin/".to_owned(), "/admin".to_owned()),
    ] {
        assert_eq!(moved(&anyone.get(&asked), 301), led, "{asked}");
    }
    for nowhere in [
        "/nothing/",
        "/Nothing",
        "//evil.example",
        "//evil.example/",
        "/%5Cevil.example/",
        "/tag/none/",
        "/Archive/1999",
        "/%00/",
        "/%ff/",
        "/POST-1%0d%0aX:y",
    ] {
        let answer = anyone.get(nowhere);
        assert_eq!(
            answer.status,
            404,
            "{nowhere}: {:?}",
            answer.header("location")
        );
    }
}

#[test]
fn what_moved_takes_the_query_along() {
    let site = filled();
    site.inkstand(&["redirect", "add", "/About-Us/", "/about"])
        .ok();
    site.inkstand(&["redirect", "add", "/soon", "/post-1?a=b#c", "--temporary"])
        .ok();
    site.inkstand(&["redirect", "add", "/away", "https://example.org/x"])
        .ok();
    let id = publish(&site, json!({ "title": "First name", "markdown": "x" }));
    let change = json!({ "slug": "second-name" });
    site.owner()
        .ask("PATCH", &format!("{POSTS}/{id}"), &change)
        .expect(200);
    let anyone = site.anyone();
    eventually("the program knows of the redirects", || {
        (anyone.get("/away").status == 301).then_some(())
    });
    assert_eq!(moved(&anyone.get("/About-Us/?q=1"), 301), "/about?q=1");
    assert_eq!(moved(&anyone.get("/soon?q=1"), 302), "/post-1?a=b&q=1#c");
    assert_eq!(
        moved(&anyone.get("/away?q=1"), 301),
        "https://example.org/x"
    );
    assert_eq!(
        moved(&anyone.get("/first-name?q=1"), 301),
        "/second-name?q=1"
    );
    assert_eq!(moved(&anyone.get("/first-name"), 301), "/second-name");
}

#[test]
fn pages_are_read_and_nothing_else() {
    let site = filled();
    let anyone = site.anyone();
    for path in ["/", "/post-1", "/tag/grass", "/archive", "/search"] {
        let refused = anyone.post(path).expect(405);
        assert_eq!(refused.header("allow"), Some("GET, HEAD"), "{path}");
        let (head, got) = (anyone.send("HEAD", path, &[], None), anyone.get(path));
        assert_eq!((head.status, head.body.as_str()), (200, ""), "{path}");
        assert_eq!(head.header("etag"), got.header("etag"), "{path}");
        let known = [("if-none-match", got.header("etag").expect("a tag"))];
        anyone.send("GET", path, &known, None).expect(304);
    }
}

#[test]
fn what_was_trashed_is_gone() {
    let site = filled();
    let anyone = site.anyone();
    let id = publish(&site, json!({ "title": "Old news", "markdown": "x" }));
    anyone.get("/old-news").expect(200);
    site.owner()
        .post(&format!("{POSTS}/{id}/trash"))
        .expect(200);
    for path in ["/old-news", "/Old-News/"] {
        let gone = anyone.get(path).expect(410);
        let page = Html::parse_document(&gone.body);
        assert_eq!(
            attribute(&page, "main", "data-page").as_deref(),
            Some("error")
        );
        assert_eq!(text(&page, "h1"), "Gone");
    }
    let program = [("accept", "application/json")];
    let gone = anyone.send("GET", "/old-news", &program, None).expect(410);
    assert_eq!(gone.json()["code"], "gone");
    let draft = json!({ "title": "Never seen", "markdown": "x" });
    let id = site.owner().ask("POST", POSTS, &draft).expect(201).json()["id"].clone();
    let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
    site.owner()
        .post(&format!("{POSTS}/{id}/trash"))
        .expect(200);
    anyone.get("/never-seen").expect(404);
}

#[test]
fn a_preview_is_for_those_who_have_its_link() {
    let site = filled();
    let anyone = site.anyone();
    let draft = json!({ "title": "Not yet", "markdown": "Secret words.", "tags": ["Grass"] });
    let id = site.owner().ask("POST", POSTS, &draft).expect(201).json()["id"].clone();
    let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
    let shared = site
        .owner()
        .post(&format!("{POSTS}/{id}/preview"))
        .expect(201)
        .json();
    let url = shared["url"].as_str().expect("an address");
    let path = &url[url.find("/preview/").expect("a path")..];
    for _ in 0..2 {
        let answer = anyone.get(path).expect(200);
        assert_eq!(answer.header("cache-control"), Some("private, no-store"));
        assert_eq!(answer.header("x-robots-tag"), Some("noindex, nofollow"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        let page = Html::parse_document(&answer.body);
        assert!(text(&page, ".prose").contains("Secret words."));
        assert!(text(&page, "[role=status]").contains("preview"));
        assert_eq!(attribute(&page, "link[rel=canonical]", "href"), None);
        assert_eq!(
            attribute(&page, "meta[name=robots]", "content").as_deref(),
            Some("noindex")
        );
        assert!(!answer.body.contains(path), "the secret is in the page");
    }
    anyone.get("/not-yet").expect(404);
    anyone.get(&path[..path.len() - 1]).expect(404);
    site.owner()
        .send("DELETE", &format!("{POSTS}/{id}/preview"), &[], None)
        .expect(204);
    anyone.get(path).expect(404);
}
