//! Who may read what over the API: strangers, each role, and each scope; and that nothing of what readers
//! may not see is told by any address.

use serde_json::{Value, json};

use super::api_posts::{at, blamed, code, make, token_of};
use super::pages::POSTS;
use super::site::{Browser, Site};

/// A post of everybody's in each standing.
fn standing(site: &Site, author: &Browser) -> Vec<(&'static str, Value)> {
    let statuses = ["draft", "published", "unlisted", "private", "scheduled"];
    let mut posts: Vec<_> = statuses
        .into_iter()
        .map(|status| {
            let mut form = json!({ "title": format!("It is {status}"), "status": status });
            if status == "scheduled" {
                form["publish_at"] = json!("2099-01-01T00:00:00Z");
            }
            (status, make(author, &form))
        })
        .collect();
    let gone = make(
        author,
        &json!({ "title": "It is trashed", "status": "published" }),
    );
    site.owner()
        .post(&format!("{}/trash", at(&gone)))
        .expect(200);
    posts.push(("trashed", gone));
    posts
}

#[test]
fn strangers_read_what_readers_read() {
    let site = Site::start();
    let owner = site.owner();
    for (status, post) in standing(&site, &owner) {
        let by_id = site.anyone().get(&at(&post));
        let slug = post["slug"].as_str().unwrap();
        let by_slug = site.anyone().get(&format!("{POSTS}/by-slug/{slug}"));
        let translations = site.anyone().get(&format!("{}/translations", at(&post)));
        let expected = match status {
            "published" => (200, 200, 200),
            "unlisted" => (404, 200, 404),
            _ => (404, 404, 404),
        };
        let found = (by_id.status, by_slug.status, translations.status);
        assert_eq!(found, expected, "{status}");
        let draft = site.anyone().get(&format!("{}?draft=true", at(&post)));
        let expected = if status == "published" { 401 } else { 404 };
        assert_eq!(draft.status, expected, "{status}");
        let listed = site.anyone().get(&format!("{POSTS}?status={status}"));
        let expected = if status == "published" { 200 } else { 401 };
        assert_eq!(listed.status, expected, "{status}: {}", listed.body);
    }
    let listed = site.anyone().get(POSTS).expect(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    site.anyone()
        .get(&format!("{POSTS}?status=any"))
        .expect(401);
    let wrong = [("authorization", "Bearer ink_nonsense")];
    for path in [POSTS, "/api/v1/search", "/api/v1/tags"] {
        let answer = site.anyone().send("GET", path, &wrong, None);
        code(&answer, 401, "unauthenticated");
    }
    for (method, path) in [("POST", POSTS), ("POST", "/api/v1/tags")] {
        code(
            &site.anyone().ask(method, path, &json!({})),
            401,
            "unauthenticated",
        );
    }
}

#[test]
fn a_token_sees_behind_that_with_the_scope_for_it() {
    let site = Site::start();
    let author = token_of(&site, "ada", "author", "read,write");
    let posts = standing(&site, &author);
    let editor = token_of(&site, "ed", "editor", "read");
    let stranger = token_of(&site, "ben", "author", "read,write");
    let writing_only = token_of(&site, "ada", "author", "write");
    let editing_only = token_of(&site, "ed", "editor", "write");
    for (status, post) in &posts {
        let is_public = *status == "published";
        for (name, who, sees) in [
            ("its author", &author, true),
            ("an editor", &editor, true),
            ("another author", &stranger, is_public),
            ("its author who may only write", &writing_only, is_public),
            ("an editor who may only write", &editing_only, is_public),
        ] {
            let expected = if sees { 200 } else { 404 };
            let found = who.get(&at(post)).status;
            assert_eq!(found, expected, "{name}, {status}");
            let draft = who.get(&format!("{}?draft=true", at(post))).status;
            let expected = match (sees, *name == *"its author" || *name == *"an editor") {
                (true, true) => 200,
                (true, false) => 403,
                (false, _) => 404,
            };
            assert_eq!(draft, expected, "{name}, {status}, draft");
        }
        let listed = |who: &Browser| {
            let found = who
                .get(&format!("{POSTS}?status={status}"))
                .expect(200)
                .json();
            found["items"].as_array().unwrap().len()
        };
        assert_eq!((listed(&author), listed(&editor)), (1, 1), "{status}");
        assert_eq!(listed(&stranger), usize::from(is_public), "{status}");
        if !is_public {
            for who in [&writing_only, &editing_only] {
                let answer = who.get(&format!("{POSTS}?status={status}"));
                code(&answer, 403, "forbidden");
            }
        }
    }
    let any = editor
        .get(&format!("{POSTS}?status=any"))
        .expect(200)
        .json();
    assert_eq!(
        any["items"].as_array().unwrap().len(),
        posts.len() - 1,
        "but the trash"
    );
    // Who may only write still gets back what was written.
    let draft = &posts[0].1;
    let answer = writing_only.ask("PATCH", &at(draft), &json!({ "title": "New" }));
    assert_eq!(answer.expect(200).json()["title"], "New");
    for (status, post) in &posts {
        let expected = if *status == "published" { 403 } else { 404 };
        let answer = stranger.ask("PATCH", &at(post), &json!({ "title": "Mine" }));
        let expected = if *status == "unlisted" { 403 } else { expected };
        assert_eq!(answer.status, expected, "{status}: {}", answer.body);
        let answer = editor.ask("PATCH", &at(post), &json!({ "title": "Mine" }));
        assert_eq!(
            answer.status, 403,
            "{status}, with the scope read: {}",
            answer.body
        );
    }
}

#[test]
fn roles_do_what_they_may() {
    let site = Site::start();
    let contributor = token_of(&site, "con", "contributor", "read,write");
    let draft = make(&contributor, &json!({ "title": "Mine" }));
    code(
        &contributor.post(&format!("{}/publish", at(&draft))),
        403,
        "forbidden",
    );
    let at_once = contributor.ask(
        "POST",
        POSTS,
        &json!({ "title": "x", "status": "published" }),
    );
    code(&at_once, 403, "forbidden");
    let own = contributor.get(&format!("{POSTS}?status=draft")).json();
    assert_eq!(
        own["items"].as_array().unwrap().len(),
        1,
        "nothing was made"
    );
    let author = token_of(&site, "ada", "author", "read,write");
    code(
        &author.ask("POST", POSTS, &json!({ "title": "x", "authors": ["con"] })),
        403,
        "forbidden",
    );
    let editor = token_of(&site, "ed", "editor", "read,write");
    let both = json!({ "authors": ["con", { "slug": "ada" }] });
    let changed = editor.ask("PATCH", &at(&draft), &both).expect(200).json();
    assert_eq!(changed["authors"][1]["slug"], "ada");
    code(
        &editor.ask("PATCH", &at(&draft), &json!({ "code_head": "<b>" })),
        403,
        "forbidden",
    );
    let reader = token_of(&site, "ed", "editor", "read");
    code(
        &reader.ask("POST", POSTS, &json!({ "title": "x" })),
        403,
        "forbidden",
    );
}

#[test]
fn the_owner_can_switch_public_reading_off() {
    let site = Site::start_with(&["--set", "api.public=false"]);
    let owner = site.owner();
    let post = make(&owner, &json!({ "title": "Out", "status": "published" }));
    let writer = token_of(&site, "ed", "editor", "write");
    let paths = [
        POSTS.to_owned(),
        at(&post),
        "/api/v1/pages".to_owned(),
        "/api/v1/tags".to_owned(),
        "/api/v1/search?q=out".to_owned(),
    ];
    for path in &paths {
        code(&site.anyone().get(path), 401, "unauthenticated");
        code(&writer.get(path), 403, "forbidden");
        owner.get(path).expect(200);
    }
    site.anyone().get("/out").expect(200);
    writer
        .ask("POST", POSTS, &json!({ "title": "x" }))
        .expect(201);
}

#[test]
fn translations_are_shown_as_far_as_they_are_seen() {
    let site = Site::start();
    let owner = site.owner();
    let one = make(
        &owner,
        &json!({ "title": "One", "language": "en", "status": "published" }),
    );
    let two = make(&owner, &json!({ "title": "Eins", "language": "de" }));
    let path = format!("{}/translations", at(&one));
    let tied = owner.ask("PUT", &path, &json!({ "translation_of": two["id"] }));
    assert_eq!(tied.expect(200).json()["items"][0]["language"], "de");
    assert_eq!(
        site.anyone().get(&path).expect(200).json()["items"],
        json!([])
    );
    assert_eq!(owner.get(&path).json()["items"][0]["status"], "draft");
    blamed(&owner.ask("PUT", &path, &json!({})), "translation_of");
    let alone = owner.ask("PUT", &path, &json!({ "translation_of": null }));
    assert_eq!(alone.expect(200).json()["items"], json!([]));
    site.anyone()
        .ask("PUT", &path, &json!({ "translation_of": null }))
        .expect(401);
}
