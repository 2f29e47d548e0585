//! The site itself over the API: what strangers are told of it, its settings, redirects, and what was done.

use serde_json::{Value, json};

use super::programs::{
    assert_is_walked, delete, etag, join, made, patch, path_of, program, refused,
};
use super::site::Site;

const SETTINGS: &str = "/api/v1/settings";
const REDIRECTS: &str = "/api/v1/redirects";

#[test]
fn strangers_are_told_what_the_site_is() {
    let site = Site::start();
    let owner = site.owner();
    let settings = json!({
        "title": "Words", "accent": "#8A3324", "logo": "/media/x.png", "time_zone": "Europe/Lisbon",
        "navigation": [{ "label": "About", "url": "/about" }, { "label": "Else", "url": "https://x.test/" }],
    });
    owner.ask("PATCH", SETTINGS, &settings).expect(200);
    for (kind, status) in [
        ("post", "published"),
        ("post", "draft"),
        ("page", "published"),
    ] {
        let post = json!({ "title": "T", "kind": kind, "status": status, "tags": ["Red"] });
        owner.ask("POST", "/api/v1/posts", &post).expect(201);
    }
    let answer = site.anyone().get("/api/v1/site").expect(200);
    let told = answer.json();
    for (name, expected) in [
        ("title", json!("Words")),
        ("language", json!("en")),
        ("time_zone", json!("Europe/Lisbon")),
        ("accent", json!("#8a3324")),
        ("version", Value::Null),
        (
            "counts",
            json!({ "posts": 1, "pages": 1, "tags": 1, "authors": 1 }),
        ),
    ] {
        assert_eq!(told[name], expected, "{name}");
    }
    let path = |url: &Value| path_of(url.as_str().unwrap()).to_owned();
    assert_eq!(path(&told["url"]), "/");
    assert_eq!(path(&told["logo_url"]), "/media/x.png");
    assert_eq!(path(&told["navigation"][0]["url"]), "/about");
    assert_eq!(told["navigation"][1]["url"], "https://x.test/");
    for feed in ["rss", "atom", "json"] {
        let feed = told["feeds"][feed].as_str().unwrap();
        site.anyone().get(path_of(feed)).expect(200);
    }
    let known = [("if-none-match", &*etag(&answer))];
    site.anyone()
        .send("GET", "/api/v1/site", &known, None)
        .expect(304);
    let told = owner.get("/api/v1/site").expect(200).json();
    assert!(told["version"].is_string());
    assert_eq!(
        refused(&site.anyone().get("/api/v1/site?x=1"), 422).1,
        ["query"]
    );
}

#[test]
fn a_site_may_keep_strangers_out_of_the_api() {
    let site = Site::start_with(&["--set", "api.public=false"]);
    site.token();
    for path in ["/api/v1/site", "/api/v1/authors", "/api/v1/authors/x"] {
        refused(&site.anyone().get(path), 401);
    }
    program(&site, "owner", "read")
        .get("/api/v1/site")
        .expect(200);
    refused(&program(&site, "owner", "admin").get("/api/v1/site"), 403);
}

#[test]
fn settings_are_read_and_changed_by_who_manages_them() {
    let site = Site::start();
    let owner = site.owner();
    join(&site, "edi", "editor");
    refused(&site.anyone().get(SETTINGS), 401);
    refused(
        &program(&site, "edi", "read,write,admin").get(SETTINGS),
        403,
    );
    refused(&program(&site, "owner", "read,write").get(SETTINGS), 403);
    let before = owner.get(SETTINGS).expect(200);
    assert_eq!(before.json()["posts_per_page"], 10);
    let change =
        json!({ "title": "Renamed", "posts_per_page": 7, "robots_txt": "User-agent: *\n" });
    let changed = patch(&owner, SETTINGS, &etag(&before), &change).expect(200);
    let after = changed.json();
    assert_eq!(
        (&after["title"], &after["language"]),
        (&json!("Renamed"), &json!("en"))
    );
    let late = patch(
        &owner,
        SETTINGS,
        &etag(&before),
        &json!({ "title": "Lost" }),
    );
    assert_eq!(refused(&late, 412).0, "precondition-failed");
    assert!(site.anyone().get("/").expect(200).body.contains("Renamed"));
    let back = json!({ "posts_per_page": null, "robots_txt": null });
    let back = patch(&owner, SETTINGS, &etag(&changed), &back)
        .expect(200)
        .json();
    assert_eq!(
        (&back["posts_per_page"], &back["robots_txt"]),
        (&json!(10), &Value::Null)
    );
    assert_eq!(back["title"], "Renamed");

    let wrong = json!({
        "accent": "red", "language": "x", "navigation": [{ "label": "", "url": "/" }], "titel": "x",
    });
    let (_, mut fields) = refused(&owner.ask("PATCH", SETTINGS, &wrong), 422);
    fields.sort();
    assert_eq!(fields, ["accent", "body", "language", "navigation"]);
    let wrong = json!({ "title": "", "time_zone": "Nowhere", "posts_per_page": 0 });
    let (_, fields) = refused(&owner.ask("PATCH", SETTINGS, &wrong), 422);
    assert_eq!(fields, ["title", "posts_per_page", "time_zone"]);
    assert_eq!(
        owner.get(SETTINGS).json()["title"],
        "Renamed",
        "nothing was written"
    );
}

#[test]
fn redirects_are_made_changed_and_removed() {
    let site = Site::start();
    let owner = site.owner();
    let make =
        |from: &str, to: &str| owner.ask("POST", REDIRECTS, &json!({ "from": from, "to": to }));
    let answer = make("/old", "/new");
    let (first, place) = made(&answer);
    assert_eq!(answer.json()["permanent"], true);
    assert_eq!(
        site.anyone().get("/old").expect(301).header("location"),
        Some("/new")
    );
    let (second, _) = made(&make("/archive-of/*", "https://x.test/*"));
    assert_is_walked(&owner, REDIRECTS, &[second, first]);
    assert_eq!(refused(&make("/old", "/other"), 409).0, "conflict");
    assert_eq!(refused(&make("", "javascript:0"), 422).1, ["to", "from"]);
    assert_eq!(refused(&make("/new", "/old"), 422).1, ["to"]);

    let before = etag(&owner.get(&place).expect(200));
    let change = json!({ "to": "/newer", "permanent": false });
    let changed = patch(&owner, &place, &before, &change).expect(200).json();
    assert_eq!(
        (&changed["from"], &changed["to"]),
        (&json!("/old"), &json!("/newer"))
    );
    assert_eq!(
        site.anyone().get("/old").expect(302).header("location"),
        Some("/newer")
    );
    assert_eq!(
        refused(&patch(&owner, &place, &before, &change), 412).0,
        "precondition-failed"
    );
    let taken = json!({ "from": "/archive-of/*" });
    refused(&owner.ask("PATCH", &place, &taken), 409);
    assert_eq!(
        refused(&owner.ask("PATCH", &place, &json!({ "to": "/old" })), 422).1,
        ["to"]
    );

    // A post that moves leaves one of its own, which follows it.
    let post = json!({ "title": "Post", "slug": "before", "status": "published" });
    let (post, at) = made(&owner.ask("POST", "/api/v1/posts", &post));
    owner
        .ask("PATCH", &at, &json!({ "slug": "after" }))
        .expect(200);
    let list = owner
        .get(&format!("{REDIRECTS}?limit=1"))
        .expect(200)
        .json();
    let left = &list["items"][0];
    assert_eq!(
        (&left["to"], &left["to_post"]),
        (&json!("/after"), &json!(post))
    );

    delete(&owner, &place).expect(204);
    delete(&owner, &place).expect(404);
    site.anyone().get("/old").expect(404);
    join(&site, "edi", "editor");
    refused(
        &program(&site, "edi", "read,write,admin").get(REDIRECTS),
        403,
    );
}

#[test]
fn what_readers_ask_for_in_vain_is_listed_and_forgotten() {
    let site = Site::start();
    let owner = site.owner();
    // The program itself writes them down once a minute.
    site.sql(
        "INSERT INTO missing_pages (path, hits, referrer, seen_at) VALUES
            ('/gone-a', 1, NULL, 1767225600000000), ('/gone-c', 1, NULL, 1767225600000001),
            ('/gone-b', 2, 'https://x.test/', 1767225600000002)",
    );
    let missing = "/api/v1/missing-pages";
    let paths = |query: &str| -> (Vec<String>, Option<String>) {
        let page = owner.get(&format!("{missing}?{query}")).expect(200).json();
        let items = page["items"].as_array().unwrap();
        let path = |item: &Value| item["path"].as_str().unwrap().to_owned();
        let next = page["next"].as_str().map(str::to_owned);
        (items.iter().map(path).collect(), next)
    };
    assert_eq!(paths("").0.len(), 3);
    let mut walked = Vec::new();
    let mut query = "limit=1".to_owned();
    loop {
        let (found, next) = paths(&query);
        walked.extend(found);
        let Some(next) = next else { break };
        query = format!("limit=1&cursor={next}");
    }
    assert_eq!(walked, ["/gone-b", "/gone-a", "/gone-c"]);
    delete(&owner, &format!("{missing}?path=/gone-b")).expect(204);
    assert_eq!(paths("").0, ["/gone-a", "/gone-c"]);
    assert_eq!(refused(&delete(&owner, missing), 422).1, ["path"]);
}

#[test]
fn what_was_done_is_told_to_who_may_know() {
    let site = Site::start();
    let owner = site.owner();
    join(&site, "ben", "author");
    let ben = program(&site, "ben", "read,write,admin");
    let post = json!({ "title": "T", "status": "published" });
    ben.ask("POST", "/api/v1/posts", &post).expect(201);
    owner
        .ask("PATCH", SETTINGS, &json!({ "title": "Renamed" }))
        .expect(200);
    let audit = "/api/v1/audit";
    let all = owner.get(&format!("{audit}?limit=100")).expect(200).json();
    let all = all["items"].as_array().unwrap();
    let ids = |items: &[&Value]| -> Vec<i64> {
        items
            .iter()
            .map(|item| item["id"].as_i64().unwrap())
            .collect()
    };
    assert_eq!(all[0]["act"], "settings.change");
    assert_is_walked(&owner, audit, &ids(&all.iter().collect::<Vec<_>>()));
    let bens = ben.get("/api/v1/me").json()["id"].clone();
    let his: Vec<_> = all.iter().filter(|entry| entry["user"] == bens).collect();
    assert!(!his.is_empty());
    assert_is_walked(&owner, &format!("{audit}?user={bens}"), &ids(&his));
    let made: Vec<_> = all
        .iter()
        .filter(|entry| entry["act"] == "user.create")
        .collect();
    assert_is_walked(&owner, &format!("{audit}?act=user.create"), &ids(&made));
    let at = all[1]["at"].as_str().unwrap();
    assert_is_walked(
        &owner,
        &format!("{audit}?since={at}"),
        &ids(&[&all[0], &all[1]]),
    );
    let older: Vec<_> = all[2..].iter().collect();
    assert_is_walked(&owner, &format!("{audit}?before={at}"), &ids(&older));
    assert_eq!(
        refused(&owner.get(&format!("{audit}?since=yesterday")), 422).1,
        ["since"]
    );
    refused(&ben.get(audit), 403);
    refused(&program(&site, "owner", "read").get(audit), 403);
}
