//! Tags over the API.

use serde_json::{Value, json};

use super::api_posts::{at, blamed, code, make, token_of};
use super::site::{Browser, Site};

const TAGS: &str = "/api/v1/tags";

fn path(tag: &Value) -> String {
    format!("{TAGS}/{}", tag["id"])
}

fn names(who: &Browser) -> Vec<String> {
    let found = who.get(TAGS).expect(200).json();
    let items = found["items"].as_array().expect("items").iter();
    items
        .map(|tag| tag["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn tags_are_made_changed_and_taken_away() {
    let site = Site::start();
    let owner = site.owner();
    let form = json!({
        "name": "Gardens", "description": "Of beds", "colour": "#3a6b35", "cover_url": "/media/x.png",
    });
    let answer = owner.ask("POST", TAGS, &form).expect(201);
    let tag = answer.json();
    assert!(answer.header("location").unwrap().ends_with(&path(&tag)));
    assert_eq!(
        (&tag["slug"], &tag["posts"]),
        (&json!("gardens"), &json!(0))
    );
    assert!(tag["url"].as_str().unwrap().ends_with("/tag/gardens"));
    for (field, value) in form.as_object().unwrap() {
        assert_eq!(&tag[field], value, "{field}");
    }
    assert_eq!(owner.get(&path(&tag)).expect(200).json(), tag);
    assert_eq!(
        owner
            .get(&format!("{TAGS}/by-slug/gardens"))
            .expect(200)
            .json(),
        tag
    );
    let changed = owner.ask(
        "PATCH",
        &path(&tag),
        &json!({ "slug": "beds", "colour": null }),
    );
    let changed = changed.expect(200).json();
    assert_eq!(
        (&changed["slug"], &changed["colour"]),
        (&json!("beds"), &Value::Null)
    );
    assert_eq!(changed["description"], "Of beds");
    assert_eq!(
        site.anyone().get("/tag/gardens").header("location"),
        Some("/tag/beds"),
        "the old address leads to the new one"
    );
    code(
        &owner.ask("POST", TAGS, &json!({ "name": "GARDENS" })),
        409,
        "conflict",
    );
    blamed(&owner.ask("POST", TAGS, &json!({})), "name");
    blamed(
        &owner.ask("POST", TAGS, &json!({ "name": "x", "slug": "beds" })),
        "slug",
    );
    blamed(
        &owner.ask("PATCH", &path(&tag), &json!({ "colour": "red" })),
        "colour",
    );
    blamed(
        &owner.ask("PATCH", &path(&tag), &json!({ "name": " " })),
        "name",
    );
    blamed(
        &owner.ask(
            "PATCH",
            &path(&tag),
            &json!({ "description": "x".repeat(501) }),
        ),
        "description",
    );
    owner.send("DELETE", &path(&tag), &[], None).expect(204);
    owner.get(&path(&tag)).expect(404);
    owner.get(&format!("{TAGS}/x")).expect(404);
}

#[test]
fn a_tag_goes_into_another() {
    let site = Site::start();
    let owner = site.owner();
    let form = json!({ "title": "Post", "tags": ["Old", "Other"], "status": "published" });
    let post = make(&owner, &form);
    let (old, other) = (post["tags"][0].clone(), post["tags"][1].clone());
    let fresh = owner
        .ask("POST", TAGS, &json!({ "name": "New" }))
        .expect(201)
        .json();
    let merge = format!("{}/merge", path(&old));
    blamed(
        &owner.ask("POST", &merge, &json!({ "into": old["id"] })),
        "into",
    );
    blamed(&owner.ask("POST", &merge, &json!({ "into": 7 })), "into");
    blamed(&owner.ask("POST", &merge, &json!({})), "into");
    let stays = owner.ask("POST", &merge, &json!({ "into": fresh["id"] }));
    assert_eq!(stays.expect(200).json()["posts"], 1);
    owner.get(&path(&old)).expect(404);
    let now = owner.get(&at(&post)).json();
    let now: Vec<_> = now["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| &tag["id"])
        .cloned()
        .collect();
    assert_eq!(now, [fresh["id"].clone(), other["id"].clone()]);
}

#[test]
fn a_tag_is_not_changed_by_who_has_not_seen_it() {
    let site = Site::start();
    let owner = site.owner();
    let made = owner
        .ask("POST", TAGS, &json!({ "name": "Red" }))
        .expect(201);
    let here = path(&made.json());
    let first = made.header("etag").expect("a tag").to_owned();
    assert_eq!(owner.get(&here).header("etag"), Some(first.as_str()));
    let patch = |if_match: &str, name: &str| {
        let headers = [("content-type", "application/json"), ("if-match", if_match)];
        let body = json!({ "name": name }).to_string();
        owner.send("PATCH", &here, &headers, Some(body.as_bytes()))
    };
    patch(&first, "Crimson").expect(200);
    code(&patch(&first, "Scarlet"), 412, "precondition-failed");
    let old = [("if-match", first.as_str())];
    code(
        &owner.send("DELETE", &here, &old, None),
        412,
        "precondition-failed",
    );
    assert_eq!(owner.get(&here).json()["name"], "Crimson");
    patch("*", "Scarlet").expect(200);
}

#[test]
fn tags_of_drafts_alone_are_nobodys_business() {
    let site = Site::start();
    let owner = site.owner();
    let draft = make(&owner, &json!({ "title": "x", "tags": ["Secret"] }));
    make(
        &owner,
        &json!({ "title": "y", "tags": ["Known"], "status": "published" }),
    );
    let secret = path(&draft["tags"][0]);
    assert_eq!(names(site.anyone()), ["Known"]);
    assert_eq!(names(&owner), ["Known", "Secret"]);
    site.anyone().get(&secret).expect(404);
    site.anyone()
        .get(&format!("{TAGS}/by-slug/secret"))
        .expect(404);
    owner.get(&secret).expect(200);
    let writer = token_of(&site, "ed", "editor", "write");
    assert_eq!(names(&writer), ["Known"], "without the scope read");
    let author = token_of(&site, "ada", "author", "read,write");
    assert_eq!(names(&author), ["Known", "Secret"]);
    for (method, path) in [("POST", TAGS), ("PATCH", &*secret)] {
        code(
            &author.ask(method, path, &json!({ "name": "Mine" })),
            403,
            "forbidden",
        );
        code(
            &site.anyone().ask(method, path, &json!({ "name": "Mine" })),
            401,
            "unauthenticated",
        );
    }
    code(&author.send("DELETE", &secret, &[], None), 403, "forbidden");
    let merge = format!("{secret}/merge");
    code(
        &author.ask("POST", &merge, &json!({ "into": 1 })),
        403,
        "forbidden",
    );
}
