//! Posts over the API as those change them who may: every field, partial changes, edits that wait, and
//! nobody's words lost.

use serde_json::{Value, json};

use super::pages::POSTS;
use super::site::{Answer, Browser, Setup, Site};

/// Somebody with a role and a token of these scopes.
#[track_caller]
pub(crate) fn token_of(site: &Site, name: &str, role: &str, scopes: &str) -> Browser {
    let email = format!("{name}@example.org");
    let user = [
        "user", "create", "--email", &email, "--name", name, "--role", role,
    ];
    // Who is there already gets another token.
    site.inkstand(&user);
    let token = [
        "token", "create", "--name", "tests", "--email", &email, "--scope", scopes,
    ];
    let token = site.inkstand(&token).ok();
    site.anyone().with_token(token.trim())
}

#[track_caller]
pub(crate) fn make(who: &Browser, post: &Value) -> Value {
    who.ask("POST", POSTS, post).expect(201).json()
}

pub(crate) fn at(post: &Value) -> String {
    format!("{POSTS}/{}", post["id"])
}

#[track_caller]
pub(crate) fn blamed(answer: &Answer, field: &str) -> String {
    assert_eq!(answer.status, 422, "{}", answer.body);
    let problem = answer.json();
    let errors = problem["errors"].as_array().expect("fields");
    let wrong = errors.iter().find(|wrong| wrong["field"] == field);
    let wrong = wrong.unwrap_or_else(|| panic!("{field} is not named in {problem}"));
    wrong["message"].as_str().expect("a message").to_owned()
}

#[track_caller]
pub(crate) fn code(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.json()["code"], code, "{}", answer.body);
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json")
    );
}

#[test]
fn a_post_is_told_whole() {
    let site = Site::start();
    let owner = site.owner();
    let form = json!({
        "title": "Plain files",
        "markdown": "# One\n\nSome *words* of it.\n",
        "tags": ["Writing", "Files"],
        "excerpt": "In short",
        "cover": { "url": "https://example.org/x.png", "alt": "A file" },
        "language": "en",
        "canonical_url": "https://example.org/first",
        "meta_title": "For machines",
        "meta_description": "What it is about",
        "code_head": "<meta name=x content=y>",
        "code_foot": "<!-- the end -->",
        "featured": true,
        "published_at": "2020-02-29T08:00:00Z",
        "status": "published",
    });
    let answer = owner.ask("POST", POSTS, &form).expect(201);
    let post = answer.json();
    let url = post["url"].as_str().expect("an address");
    let base = url.strip_suffix("/plain-files").expect("its name");
    let location = format!("{base}{}", at(&post));
    assert_eq!(answer.header("location"), Some(&*location));
    for (field, value) in form.as_object().expect("an object") {
        match &**field {
            "tags" => {
                let names: Vec<_> = post["tags"].as_array().unwrap().iter().collect();
                assert_eq!(names[0]["name"], "Writing");
                assert_eq!(names[0]["slug"], "writing");
                assert_eq!(names[0]["url"], format!("{base}/tag/writing"));
                assert!(names[0]["id"].is_i64(), "{post}");
            }
            field => assert_eq!(&post[field], value, "{field}"),
        }
    }
    assert_eq!(post["slug"], "plain-files");
    assert!(
        post["html"].as_str().unwrap().contains("<em>words</em>"),
        "{post}"
    );
    assert_eq!(post["toc"][0]["text"], "One");
    assert_eq!(post["summary"], "In short");
    assert_eq!(post["authors"][0]["name"], "Olive Owner");
    assert_eq!(post["version"], 2);
    assert_eq!(post["pending_edits"], Value::Null);
    let read = owner.get(&at(&post)).expect(200);
    assert_eq!(read.json(), post);
    assert_eq!(read.header("etag"), answer.header("etag"));
    let by_slug = owner.get(&format!("{POSTS}/by-slug/plain-files"));
    assert_eq!(by_slug.expect(200).json(), post);
    // What an answer shows can be sent back, and changes nothing.
    let again = json!({ "tags": post["tags"], "authors": post["authors"], "cover": post["cover"] });
    let same = owner.ask("PATCH", &at(&post), &again).expect(200).json();
    assert_eq!(same, post);
}

#[test]
fn a_field_left_out_stays_and_null_empties_it() {
    let site = Site::start();
    let owner = site.owner();
    let post = make(
        &owner,
        &json!({
            "title": "Kept", "markdown": "Words", "tags": ["Red"], "excerpt": "In short",
            "cover": { "url": "/media/x.png", "alt": "A file" }, "featured": true, "language": "de",
            "meta_title": "M",
        }),
    );
    let merge = [("content-type", "application/merge-patch+json")];
    let change = |change: &Value| {
        let body = change.to_string();
        let answer = owner.send("PATCH", &at(&post), &merge, Some(body.as_bytes()));
        answer.expect(200).json()
    };
    let changed = change(&json!({ "title": "Other" }));
    for field in [
        "markdown", "tags", "excerpt", "cover", "featured", "language", "slug",
    ] {
        assert_eq!(changed[field], post[field], "{field}");
    }
    assert_eq!(changed["version"], 2);
    let described = change(&json!({ "cover": { "alt": "Another word" } }));
    assert_eq!(described["cover"]["url"], "/media/x.png");
    assert_eq!(described["cover"]["alt"], "Another word");
    let emptied = change(&json!({
        "title": null, "markdown": null, "tags": null, "excerpt": null, "cover": null,
        "featured": null, "language": null, "meta_title": null,
    }));
    assert_eq!(emptied["title"], "");
    assert_eq!(emptied["markdown"], "");
    assert_eq!(emptied["tags"], json!([]));
    assert_eq!(emptied["featured"], false);
    for field in ["excerpt", "cover", "language", "meta_title"] {
        assert_eq!(emptied[field], Value::Null, "{field}");
    }
    let nothing = owner.ask("PATCH", &at(&post), &json!({ "cover": { "alt": "x" } }));
    blamed(&nothing, "cover");
    for field in ["kind", "status", "publish_at"] {
        let value = match field {
            "kind" => "page",
            "status" => "published",
            _ => "2099-01-01T00:00:00Z",
        };
        blamed(
            &owner.ask("PATCH", &at(&post), &json!({ field: value })),
            field,
        );
    }
    blamed(
        &owner.ask("PATCH", &at(&post), &json!({ "slug": null })),
        "slug",
    );
    blamed(
        &owner.ask("PATCH", &at(&post), &json!({ "titel": 1 })),
        "body",
    );
    let steps = [("content-type", "application/json-patch+json")];
    let steps = owner.send("PATCH", &at(&post), &steps, Some(b"[]"));
    code(&steps, 415, "unsupported-media-type");
    let merge_to_make = owner.send("POST", POSTS, &merge, Some(b"{}"));
    code(&merge_to_make, 415, "unsupported-media-type");
}

#[test]
fn wrong_fields_are_named_all_at_once() {
    let site = Site::start();
    let form = json!({
        "title": "x".repeat(301), "slug": "No Slug", "tags": [""], "authors": ["nobody here"],
        "cover": { "url": "javascript:alert(1)" }, "canonical_url": "x", "language": "-",
        "excerpt": "x".repeat(10_001), "published_at": "2020-01-01T00:00:00Z",
    });
    let answer = site.owner().ask("POST", POSTS, &form);
    for field in [
        "title",
        "slug",
        "tags",
        "authors",
        "cover",
        "canonical_url",
        "language",
        "excerpt",
    ] {
        blamed(&answer, field);
    }
    let owner = site.owner();
    blamed(
        &owner.ask("POST", POSTS, &json!({ "authors": ["nobody"] })),
        "authors",
    );
    blamed(
        &owner.ask("POST", POSTS, &json!({ "authors": [] })),
        "authors",
    );
    blamed(
        &owner.ask(
            "POST",
            POSTS,
            &json!({ "published_at": "2099-01-01T00:00:00Z" }),
        ),
        "published_at",
    );
    blamed(
        &owner.ask("POST", POSTS, &json!({ "version": 1 })),
        "version",
    );
    blamed(
        &owner.ask("POST", POSTS, &json!({ "tags": [{ "slug": "x" }] })),
        "tags",
    );
}

#[test]
fn nobody_writes_over_what_they_have_not_seen() {
    let site = Site::start();
    let owner = site.owner();
    let post = make(
        &owner,
        &json!({ "title": "Shared", "markdown": "1", "status": "published" }),
    );
    let path = at(&post);
    let tag = |answer: &Answer| answer.header("etag").expect("a tag").to_owned();
    let first = tag(&owner.get(&path));
    let change = |if_match: &str, text: &str| {
        let headers = [("content-type", "application/json"), ("if-match", if_match)];
        let body = json!({ "markdown": text }).to_string();
        owner.send("PATCH", &path, &headers, Some(body.as_bytes()))
    };
    let second = change(&first, "2").expect(200);
    assert_ne!(tag(&second), first);
    code(&change(&first, "3"), 412, "precondition-failed");
    assert_eq!(owner.get(&path).json()["markdown"], "2");
    for refused in ["W/\"1-1\"", "\"1-1.x\"", "nonsense", "\"\""] {
        code(&change(refused, "3"), 412, "precondition-failed");
    }
    let either = format!("\"other\", {}", tag(&second));
    change(&either, "3").expect(200);
    change("*", "4").expect(200);
    let kept = tag(&owner.get(&path));
    // A tag of the post that gets another name makes other bytes, but no other post.
    owner
        .ask("PATCH", &path, &json!({ "tags": ["Red"] }))
        .expect(200);
    code(&change(&kept, "5"), 412, "precondition-failed");
    let with_tag = owner.get(&path);
    let tag_id = with_tag.json()["tags"][0]["id"].clone();
    owner
        .ask(
            "PATCH",
            &format!("/api/v1/tags/{tag_id}"),
            &json!({ "name": "Crimson" }),
        )
        .expect(200);
    let known = [("if-none-match", with_tag.header("etag").unwrap())];
    owner.send("GET", &path, &known, None).expect(200);
    change(&tag(&with_tag), "5").expect(200);
    // Steps are guarded alike.
    let old = [("if-match", first.as_str())];
    for step in ["publish", "unpublish", "trash", "restore"] {
        let answer = owner.send("POST", &format!("{path}/{step}"), &old, Some(b""));
        code(&answer, 412, "precondition-failed");
    }
    code(
        &owner.send("DELETE", &path, &old, None),
        412,
        "precondition-failed",
    );
    assert_eq!(owner.get(&path).json()["status"], "published");
    // The version in the body does the same, with the code it always had.
    code(
        &owner.ask("PATCH", &path, &json!({ "markdown": "x", "version": 1 })),
        409,
        "conflict",
    );
}

#[test]
fn what_one_has_is_not_sent_again() {
    let site = Site::start();
    let owner = site.owner();
    let post = make(&owner, &json!({ "title": "Known", "status": "published" }));
    for path in [
        at(&post),
        POSTS.to_owned(),
        "/api/v1/search?q=known".to_owned(),
    ] {
        let first = site.anyone().get(&path).expect(200);
        let known = [("if-none-match", first.header("etag").expect("a tag"))];
        let again = site.anyone().send("GET", &path, &known, None).expect(304);
        assert_eq!(again.body, "");
        assert_eq!(again.header("etag"), first.header("etag"));
        assert!(first.header("cache-control").unwrap().starts_with("public"));
        assert!(
            first
                .header("vary")
                .unwrap()
                .to_lowercase()
                .contains("authorization")
        );
    }
    let own = owner.get(&at(&post)).expect(200);
    assert_eq!(own.header("cache-control"), Some("private, no-cache"));
}

#[test]
fn edits_wait_until_they_are_published() {
    let site = Site::start();
    let owner = site.owner();
    let form =
        json!({ "title": "Out", "markdown": "Seen", "tags": ["Red"], "status": "published" });
    let post = make(&owner, &form);
    let (path, draft) = (at(&post), format!("{}?draft=true", at(&post)));
    let waiting = json!({ "markdown": "*Waiting*", "tags": ["Blue"] });
    let answer = owner.ask("PATCH", &draft, &waiting).expect(200);
    let shown = answer.json();
    assert_eq!(shown["markdown"], "*Waiting*");
    assert!(shown["html"].as_str().unwrap().contains("<em>Waiting</em>"));
    assert_eq!(shown["tags"][0]["name"], "Blue");
    assert_eq!(shown["title"], "Out");
    let seen = owner.get(&path).json();
    assert_eq!(seen["markdown"], "Seen");
    assert_eq!(seen["tags"][0]["name"], "Red");
    assert_eq!(seen["pending_edits"]["version"], 1);
    assert_eq!(owner.get(&draft).json(), shown);
    assert_eq!(
        site.anyone().get(&path).json()["pending_edits"],
        Value::Null
    );
    assert_eq!(site.anyone().get(&path).json()["markdown"], "Seen");
    // The waiting edits have states of their own.
    let etag = answer.header("etag").unwrap().to_owned();
    let change = |if_match: &str| {
        let headers = [("content-type", "application/json"), ("if-match", if_match)];
        owner.send("PATCH", &draft, &headers, Some(br#"{"excerpt": "Later"}"#))
    };
    change(&etag).expect(200);
    code(&change(&etag), 412, "precondition-failed");
    blamed(
        &owner.ask(
            "PATCH",
            &draft,
            &json!({ "published_at": "2020-01-01T00:00:00Z" }),
        ),
        "published_at",
    );
    let published = owner.post(&format!("{path}/publish")).expect(200).json();
    assert_eq!(published["markdown"], "*Waiting*");
    assert_eq!(published["excerpt"], "Later");
    assert_eq!(published["pending_edits"], Value::Null);
    assert_eq!(site.anyone().get(&path).json()["markdown"], "*Waiting*");
    // Or they are thrown away.
    owner
        .ask("PATCH", &draft, &json!({ "title": "Never" }))
        .expect(200);
    owner.send("DELETE", &draft, &[], None).expect(204);
    owner.send("DELETE", &draft, &[], None).expect(404);
    let left = owner.get(&draft).expect(200).json();
    assert_eq!(
        (&left["title"], &left["pending_edits"]),
        (&json!("Out"), &Value::Null)
    );
    // A draft has no readers to keep anything from.
    let hidden = make(&owner, &json!({ "title": "Draft" }));
    let changed = owner.ask(
        "PATCH",
        &format!("{}?draft=true", at(&hidden)),
        &json!({ "title": "D" }),
    );
    assert_eq!(changed.expect(200).json()["version"], 2);
}

#[test]
fn what_is_brought_back_does_not_name_those_who_are_gone() {
    let site = Site::start();
    let owner = site.owner();
    let ben = token_of(&site, "ben", "author", "read,write");
    let form = json!({ "title": "His", "tags": ["Red"], "status": "published" });
    let post = make(&ben, &form);
    let draft = format!("{}?draft=true", at(&post));
    ben.ask("PATCH", &draft, &json!({ "excerpt": "Later" }))
        .expect(200);
    let me = owner.get("/api/v1/me").expect(200).json();
    let his = &post["authors"][0]["id"];
    let removal = format!("/api/v1/users/{his}?heir={}", me["id"]);
    owner.send("DELETE", &removal, &[], None).expect(204);
    let tag = format!("/api/v1/tags/{}", post["tags"][0]["id"]);
    owner.send("DELETE", &tag, &[], None).expect(204);
    let shown = owner.get(&draft).expect(200).json();
    assert_eq!(shown["excerpt"], "Later");
    let published = owner
        .post(&format!("{}/publish", at(&post)))
        .expect(200)
        .json();
    assert_eq!(published["excerpt"], "Later");
    assert_eq!(published["authors"][0]["id"], me["id"]);
    assert_eq!(published["tags"], json!([]));
    let revisions = format!("{}/revisions", at(&post));
    let all = owner.get(&revisions).expect(200).json();
    let oldest = all["items"].as_array().unwrap().last().unwrap()["id"].clone();
    let back = owner
        .post(&format!("{revisions}/{oldest}/restore"))
        .expect(200)
        .json();
    assert_eq!(back["authors"][0]["id"], me["id"]);
}

#[test]
fn posts_are_moved_by_steps() {
    let site = Site::start();
    let owner = site.owner();
    let post = make(&owner, &json!({ "title": "Moving", "markdown": "x" }));
    let step = |name: &str, form: &Value| owner.ask("POST", &format!("{}/{name}", at(&post)), form);
    let status = |answer: Answer| answer.expect(200).json()["status"].clone();
    let later = json!({ "publish_at": "2099-01-01T00:00:00Z" });
    let scheduled = step("publish", &later).expect(200).json();
    assert_eq!(scheduled["status"], "scheduled");
    assert_eq!(scheduled["publish_at"], "2099-01-01T00:00:00Z");
    assert_eq!(
        status(owner.post(&format!("{}/publish", at(&post)))),
        "published"
    );
    assert_eq!(
        status(step("publish", &json!({ "status": "unlisted" }))),
        "unlisted"
    );
    assert_eq!(
        status(step("publish", &json!({ "status": "private" }))),
        "private"
    );
    blamed(&step("publish", &json!({ "status": "draft" })), "status");
    blamed(
        &step("publish", &json!({ "status": "scheduled" })),
        "publish_at",
    );
    assert_eq!(
        status(owner.post(&format!("{}/unpublish", at(&post)))),
        "draft"
    );
    code(
        &owner.send("DELETE", &at(&post), &[], None),
        409,
        "conflict",
    );
    let trashed = owner
        .post(&format!("{}/trash", at(&post)))
        .expect(200)
        .json();
    assert_eq!(
        (&trashed["status"], &trashed["trashed_from"]),
        (&json!("trashed"), &json!("draft"))
    );
    assert_eq!(
        status(owner.post(&format!("{}/restore", at(&post)))),
        "draft"
    );
    code(
        &owner.post(&format!("{}/restore", at(&post))),
        409,
        "conflict",
    );
    owner.post(&format!("{}/trash", at(&post))).expect(200);
    owner.send("DELETE", &at(&post), &[], None).expect(204);
    code(&owner.get(&at(&post)), 404, "not-found");
}

#[test]
fn pages_have_addresses_of_their_own() {
    let site = Site::start();
    let owner = site.owner();
    let pages = "/api/v1/pages";
    let form = json!({ "title": "About", "markdown": "Me", "status": "published" });
    let answer = owner.ask("POST", pages, &form).expect(201);
    let page = answer.json();
    assert_eq!(page["kind"], "page");
    let path = format!("{pages}/{}", page["id"]);
    assert!(answer.header("location").unwrap().ends_with(&path));
    let post = make(&owner, &json!({ "title": "A post", "status": "published" }));
    let titles = |path: &str| {
        let found = site.anyone().get(path).expect(200).json();
        let items = found["items"].as_array().unwrap().clone();
        items
            .into_iter()
            .map(|item| item["title"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(titles(pages), ["About"]);
    assert_eq!(titles(POSTS), ["A post"]);
    assert_eq!(titles(&format!("{POSTS}?kind=page")), ["About"]);
    blamed(&site.anyone().get(&format!("{pages}?kind=post")), "kind");
    blamed(
        &owner.ask("POST", pages, &json!({ "kind": "post" })),
        "kind",
    );
    site.anyone().get(&path).expect(200);
    site.anyone()
        .get(&format!("{pages}/by-slug/about"))
        .expect(200);
    // A post is no page, whatever is to be done with it.
    let no_page = format!("{pages}/{}", post["id"]);
    owner.get(&no_page).expect(404);
    owner.get(&format!("{pages}/by-slug/a-post")).expect(404);
    owner
        .ask("PATCH", &no_page, &json!({ "title": "x" }))
        .expect(404);
    owner.send("DELETE", &no_page, &[], None).expect(404);
    owner.get(&format!("{no_page}/translations")).expect(404);
    owner.get(&format!("{no_page}/revisions")).expect(404);
    for step in ["publish", "unpublish", "trash", "restore", "preview"] {
        owner.post(&format!("{no_page}/{step}")).expect(404);
    }
    owner
        .ask("PATCH", &path, &json!({ "title": "About us" }))
        .expect(200);
}

#[test]
fn revisions_are_listed_compared_and_brought_back() {
    let site = Site::start();
    let owner = site.owner();
    let form =
        json!({ "title": "Past", "markdown": "one", "tags": ["Red"], "status": "published" });
    let post = make(&owner, &form);
    owner
        .ask("PATCH", &at(&post), &json!({ "markdown": "two" }))
        .expect(200);
    owner
        .ask("PATCH", &at(&post), &json!({ "markdown": "three" }))
        .expect(200);
    let path = format!("{}/revisions", at(&post));
    let first = owner.get(&format!("{path}?limit=1")).expect(200).json();
    let rest = format!("{path}?cursor={}", first["next"].as_str().expect("more"));
    let rest = owner.get(&rest).expect(200).json();
    let mut all = first["items"].as_array().unwrap().clone();
    all.extend(rest["items"].as_array().unwrap().clone());
    assert_eq!(rest["next"], Value::Null);
    assert_eq!(all.len(), 3, "{all:?}");
    assert_eq!(all[0]["edited_by"]["name"], "Olive Owner");
    let oldest = format!("{path}/{}", all[2]["id"]);
    let kept = owner.get(&oldest).expect(200).json();
    assert_eq!(kept["markdown"], "one");
    assert_eq!(kept["tags"][0]["name"], "Red");
    let difference = owner
        .get(&format!("{oldest}/difference"))
        .expect(200)
        .json();
    let parts = difference["items"].as_array().unwrap();
    assert_eq!((parts.len(), &parts[0]["part"]), (1, &json!("Text")));
    assert!(
        parts[0]["html"].as_str().unwrap().contains("<del>"),
        "{difference}"
    );
    let same = format!("{oldest}/difference?with={}", all[2]["id"]);
    assert_eq!(owner.get(&same).expect(200).json()["items"], json!([]));
    let back = owner.post(&format!("{oldest}/restore")).expect(200).json();
    assert_eq!(back["markdown"], "one");
    assert_eq!(
        owner.get(&at(&post)).json()["markdown"],
        "three",
        "it waits"
    );
    // Readers have no business there, nor has a token that may only write.
    let writer = token_of(&site, "wanda", "editor", "write");
    for path in [&path, &oldest, &format!("{oldest}/difference")] {
        site.anyone().get(path).expect(401);
        writer.get(path).expect(403);
    }
    let other = make(&owner, &json!({ "title": "Other" }));
    let strange = format!("{}/revisions/{}", at(&other), all[2]["id"]);
    owner.get(&strange).expect(404);
    owner.post(&format!("{strange}/restore")).expect(404);
}

#[test]
fn the_description_is_served_with_what_is_in_docs() {
    let site = Setup::new().start();
    let served = site.anyone().get("/api/openapi.json").expect(200);
    assert_eq!(served.header("content-type"), Some("application/json"));
    let kept = std::fs::read_to_string("docs/openapi.json").expect("the copy");
    let kept: Value = serde_json::from_str(&kept).expect("JSON");
    assert_eq!(served.json(), kept);
}
