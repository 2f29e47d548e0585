//! Lists over the API: part by part, by filters, and refusing what they do not know.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::api_posts::{at, blamed, make};
use super::pages::POSTS;
use super::site::{Browser, Site};

/// A site with so many published posts.
fn site_with(count: usize) -> Site {
    let site = Site::start();
    let owner = site.owner();
    for number in 1..=count {
        make(
            &owner,
            &json!({ "title": format!("Post {number}"), "status": "published" }),
        );
    }
    site
}

fn titles(who: &Browser, path: &str) -> Vec<String> {
    let found = who.get(path).expect(200).json();
    let items = found["items"].as_array().expect("items").iter();
    items
        .map(|item| item["title"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_post_is_met_once_while_others_are_added() {
    let site = site_with(12);
    for (start, who) in [
        (format!("{POSTS}?limit=5"), site.anyone().clone()),
        (format!("{POSTS}?limit=5&status=any"), site.owner()),
    ] {
        let mut met = Vec::new();
        let mut path = start.clone();
        for round in 0..99 {
            let answer = who.get(&path).expect(200);
            let found = answer.json();
            for item in found["items"].as_array().unwrap() {
                met.push(item["id"].as_i64().unwrap());
            }
            let late = json!({ "title": format!("Late {round}"), "status": "published" });
            make(&site.owner(), &late);
            let link = answer.header("link").expect("links").to_owned();
            assert!(link.contains(&format!("{start}>; rel=\"first\"")), "{link}");
            let Some(next) = found["next"].as_str() else {
                assert!(!link.contains("rel=\"next\""), "{link}");
                break;
            };
            path = format!("{start}&cursor={next}");
            assert!(link.contains(&format!("{path}>; rel=\"next\"")), "{link}");
        }
        let once: BTreeSet<_> = met.iter().collect();
        assert_eq!(once.len(), met.len(), "some were met twice");
        let first_ones = titles(&who, &format!("{POSTS}?limit=100"));
        let old = first_ones.iter().filter(|title| title.starts_with("Post"));
        assert_eq!(old.count(), 12);
        assert!(met.len() >= 12, "{met:?}");
        assert!(
            met.is_sorted_by(|a, b| a > b),
            "from the newest to the oldest"
        );
    }
}

#[test]
fn filters_leave_out_what_does_not_fit() {
    let site = Site::start();
    let owner = site.owner();
    let email = "ada@example.org";
    let user = [
        "user", "create", "--email", email, "--name", "Ada", "--role", "author",
    ];
    site.inkstand(&user).ok();
    let post = |title: &str, more: Value| {
        let mut form = json!({ "title": title, "status": "published" });
        for (field, value) in more.as_object().unwrap() {
            form[field] = value.clone();
        }
        make(&owner, &form)
    };
    post("Plain", json!({ "published_at": "2020-01-01T00:00:00Z" }));
    post(
        "Red",
        json!({ "tags": ["Red"], "featured": true, "published_at": "2021-01-01T00:00:00Z" }),
    );
    post(
        "Rot",
        json!({ "tags": ["Red"], "language": "de", "published_at": "2022-01-01T00:00:00Z" }),
    );
    post(
        "Hers",
        json!({ "authors": ["ada"], "published_at": "2023-01-01T00:00:00Z" }),
    );
    post("A page", json!({ "kind": "page", "tags": ["Red"] }));
    let found = |query: &str| titles(site.anyone(), &format!("{POSTS}?{query}"));
    assert_eq!(found(""), ["Hers", "Rot", "Red", "Plain"]);
    assert_eq!(found("tag=red"), ["Rot", "Red"]);
    assert_eq!(found("author=ada"), ["Hers"]);
    assert_eq!(found("language=de"), ["Rot"]);
    assert_eq!(found("language=en&tag=red"), ["Red"]);
    assert_eq!(found("featured=true"), ["Red"]);
    assert_eq!(found("featured=false&tag=red"), ["Rot"]);
    assert_eq!(
        found("published_since=2021-01-01T00:00:00Z&published_before=2023-01-01T00:00:00Z"),
        ["Rot", "Red"]
    );
    assert_eq!(
        found("updated_before=2020-01-01T00:00:00Z"),
        Vec::<String>::new()
    );
    assert_eq!(found("updated_since=2020-01-01T00:00:00Z").len(), 4);
    assert_eq!(found("kind=page&tag=red"), ["A page"]);
    for nobody in [
        "tag=nothing",
        "tag=No+Slug",
        "author=nobody",
        "author=%00",
        "tag=",
    ] {
        assert_eq!(found(nobody), Vec::<String>::new(), "{nobody}");
    }
}

#[test]
fn what_a_list_does_not_know_is_refused_by_name() {
    let site = Site::start();
    let said =
        |query: &str, field: &str| blamed(&site.anyone().get(&format!("{POSTS}?{query}")), field);
    assert!(said("statu=published", "query").contains("“statu”"));
    assert!(said("page=2", "query").contains("cursor"));
    for limit in ["0", "101", "-1", "x", "", "99999999999"] {
        said(&format!("limit={limit}"), "limit");
    }
    for cursor in ["", "x", "AAAA", "%00"] {
        said(&format!("cursor={cursor}"), "cursor");
    }
    for (query, field) in [
        ("status=gone", "status"),
        ("kind=book", "kind"),
        ("featured=maybe", "featured"),
        ("language=-", "language"),
        ("published_since=yesterday", "published_since"),
        ("updated_before=2020-01-01", "updated_before"),
        ("status=published&status=draft", "status"),
    ] {
        said(query, field);
    }
    let both = site.anyone().get(&format!("{POSTS}?limit=x&kind=y"));
    blamed(&both, "limit");
    blamed(&both, "kind");
    let owner = site.owner();
    let post = make(&owner, &json!({ "title": "x", "status": "published" }));
    blamed(
        &site.anyone().get(&format!("{}?drafts=true", at(&post))),
        "query",
    );
    blamed(&site.anyone().get("/api/v1/search?query=x"), "query");
    blamed(&site.anyone().get("/api/v1/tags?q=x"), "query");
}

#[test]
fn the_answers_of_a_search_come_in_parts() {
    let site = Site::start();
    let owner = site.owner();
    for number in 1..=5 {
        let form = json!({
            "title": format!("Needle {number}"), "markdown": "needleword", "status": "published",
        });
        make(&owner, &form);
    }
    let search = |query: &str| {
        site.anyone()
            .get(&format!("/api/v1/search?{query}"))
            .expect(200)
            .json()
    };
    super::site::eventually("all are found", || {
        (search("q=needleword")["total"] == 5).then_some(())
    });
    let mut met = BTreeSet::new();
    let mut cursor = String::new();
    for _ in 0..3 {
        let found = search(&format!("q=needleword&limit=2{cursor}"));
        assert_eq!(found["total"], 5);
        for item in found["items"].as_array().unwrap() {
            assert!(
                item["snippet_html"].as_str().unwrap().contains("<mark>"),
                "{item}"
            );
            met.insert(item["id"].to_string());
        }
        match found["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(met.len(), 5);
    assert_eq!(search("q=needlew&as_you_type=true")["total"], 5);
    assert_eq!(search("")["items"], json!([]));
}
