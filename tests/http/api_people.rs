//! People over the API: who writes here, who is invited, what somebody says of themselves, and what
//! readers are told of authors.

use serde_json::{Value, json};

use super::programs::{
    assert_is_walked, delete, etag, join, made, patch, path_of, program, refused, walked,
};
use super::site::{Browser, Site};

const USERS: &str = "/api/v1/users";

#[track_caller]
fn id_of(who: &Browser) -> i64 {
    who.get("/api/v1/me").expect(200).json()["id"]
        .as_i64()
        .unwrap()
}

#[test]
fn users_are_added_listed_changed_and_removed() {
    let site = Site::start();
    let owner = site.owner();
    let owner_id = id_of(&owner);
    let new = json!({ "email": "Ben@Example.org", "name": "Ben", "role": "editor" });
    let answer = owner.ask("POST", USERS, &new);
    let (ben, place) = made(&answer);
    let user = answer.json();
    assert_eq!(
        (&user["email"], &user["slug"]),
        (&json!("ben@example.org"), &json!("ben"))
    );
    assert!(
        user["password"]
            .as_str()
            .is_some_and(|made| made.len() > 20)
    );
    let new =
        json!({ "email": "eve@example.org", "name": "Eve", "password": "a password of theirs" });
    let answer = owner.ask("POST", USERS, &new);
    let (eve, eves) = made(&answer);
    assert_eq!(answer.json()["role"], "author");
    assert_eq!(answer.json()["password"], Value::Null);
    assert_is_walked(&owner, USERS, &[eve, ben, owner_id]);

    let wrong = json!({ "email": "nobody", "name": " " });
    assert_eq!(
        refused(&owner.ask("POST", USERS, &wrong), 422).1,
        ["email", "name"]
    );
    assert_eq!(refused(&owner.ask("POST", USERS, &new), 422).1, ["email"]);
    let owner_too = json!({ "email": "x@example.org", "name": "X", "role": "owner" });
    refused(&owner.ask("POST", USERS, &owner_too), 403);

    let bens = program(&site, "ben", "read,write,admin");
    refused(&bens.get(USERS), 403);
    let shown = owner.get(&place).expect(200);
    assert_eq!(shown.json().get("password"), None);
    let before = etag(&shown);
    let changed = patch(
        &owner,
        &place,
        &before,
        &json!({ "role": "author", "suspended": true }),
    );
    let user = changed.expect(200).json();
    assert_eq!(
        (&user["role"], &user["suspended"]),
        (&json!("author"), &json!(true))
    );
    refused(&bens.get("/api/v1/me"), 401);
    let late = patch(&owner, &place, &before, &json!({ "role": "admin" }));
    assert_eq!(refused(&late, 412).0, "precondition-failed");
    owner
        .ask("PATCH", &place, &json!({ "suspended": false }))
        .expect(200);
    bens.get("/api/v1/me").expect(200);
    refused(
        &owner.ask("PATCH", &place, &json!({ "name": "Benjamin" })),
        422,
    );
    assert_eq!(
        refused(&owner.ask("PATCH", &place, &json!({ "role": "king" })), 422).1,
        ["role"]
    );

    join(&site, "adm", "admin");
    let admin = program(&site, "adm", "admin");
    let owners = format!("{USERS}/{owner_id}");
    refused(
        &admin.ask("PATCH", &owners, &json!({ "suspended": true })),
        403,
    );
    refused(&delete(&admin, &format!("{owners}?heir={ben}")), 403);
    refused(
        &admin.ask("PATCH", &place, &json!({ "role": "owner" })),
        403,
    );

    let post = json!({ "title": "Eve's", "status": "published" });
    let eve_writes = program(&site, "eve", "read,write");
    eve_writes.ask("POST", "/api/v1/posts", &post).expect(201);
    assert_eq!(refused(&delete(&admin, &eves), 422).1, ["heir"]);
    delete(&admin, &format!("{eves}?heir={ben}")).expect(204);
    owner.get(&eves).expect(404);
    site.anyone().get("/api/v1/authors/ben").expect(200);
}

#[test]
fn the_site_is_handed_over_by_its_owner_alone() {
    let site = Site::start();
    let owner = site.owner();
    let owners = id_of(&owner);
    join(&site, "adm", "admin");
    let admin = program(&site, "adm", "admin");
    let admins = id_of(&admin);
    refused(&admin.post(&format!("{USERS}/{admins}/make-owner")), 403);
    let made = owner
        .post(&format!("{USERS}/{admins}/make-owner"))
        .expect(200);
    assert_eq!(made.json()["role"], "owner");
    assert_eq!(owner.get("/api/v1/me").json()["role"], "admin");
    refused(&owner.post(&format!("{USERS}/{owners}/make-owner")), 403);
}

#[test]
fn who_is_invited_gets_a_link_that_is_told_once() {
    let site = Site::start();
    let owner = site.owner();
    let invitations = "/api/v1/invitations";
    let answer = owner.ask(
        "POST",
        invitations,
        &json!({ "role": "author", "note": "Ben" }),
    );
    let (first, place) = made(&answer);
    let link = answer.json()["url"].as_str().unwrap().to_owned();
    let path = path_of(&link);
    site.anyone().get(path).expect(200);
    let answer = owner.ask("POST", invitations, &json!({ "role": "editor" }));
    let (second, _) = made(&answer);
    assert_is_walked(&owner, invitations, &[second, first]);
    let secret = path.rsplit('/').next().unwrap();
    for shown in [owner.get(invitations), owner.get(&place)] {
        assert!(!shown.expect(200).body.contains(secret));
    }
    delete(&owner, &place).expect(204);
    delete(&owner, &place).expect(404);
    owner.get(&place).expect(404);
    site.anyone().get(path).expect(404);
    assert_eq!(
        refused(&owner.ask("POST", invitations, &json!({})), 422).1,
        ["role"]
    );
    refused(
        &owner.ask("POST", invitations, &json!({ "role": "owner" })),
        403,
    );
    join(&site, "edi", "editor");
    let editor = program(&site, "edi", "read,write,admin");
    refused(&editor.get(invitations), 403);
}

#[test]
fn everybody_is_told_who_they_are_and_says_what_they_are() {
    let site = Site::start();
    site.token();
    join(&site, "ben", "contributor");
    let me = "/api/v1/me";
    for (scope, sees_address) in [("read", false), ("write", false), ("admin", true)] {
        let told = program(&site, "ben", scope).get(me).expect(200).json();
        assert_eq!(told["scopes"], json!([scope]));
        assert_eq!(told["role"], "contributor");
        assert_eq!(told["email"] == "ben@example.org", sees_address, "{scope}");
    }
    refused(&site.anyone().get(me), 401);
    let ben = program(&site, "ben", "admin");
    let before = etag(&ben.get(me).expect(200));
    let change = json!({ "bio": "Writes.", "website": "https://ben.example/", "slug": "benjamin" });
    let changed = patch(&ben, me, &before, &change).expect(200);
    let told = changed.json();
    assert_eq!(
        (&told["bio"], &told["slug"]),
        (&json!("Writes."), &json!("benjamin"))
    );
    assert_eq!(told["name"], "ben");
    assert_eq!(
        refused(&patch(&ben, me, &before, &change), 412).0,
        "precondition-failed"
    );
    let told = ben
        .ask("PATCH", me, &json!({ "website": null }))
        .expect(200)
        .json();
    assert_eq!(
        (&told["website"], &told["bio"]),
        (&Value::Null, &json!("Writes."))
    );
    let wrong = json!({
        "name": "", "email": "nobody", "slug": "Not A Slug", "website": "x", "bio": "x".repeat(2_001),
    });
    let (_, fields) = refused(&ben.ask("PATCH", me, &wrong), 422);
    assert_eq!(fields, ["name", "email", "slug", "website", "bio"]);
    let taken = json!({ "email": "owner@example.org" });
    assert_eq!(refused(&ben.ask("PATCH", me, &taken), 422).1, ["email"]);
    refused(&ben.ask("PATCH", me, &json!({ "role": "owner" })), 422);
    let reading = program(&site, "ben", "read");
    refused(&reading.ask("PATCH", me, &json!({ "bio": "x" })), 403);
}

#[test]
fn readers_are_told_of_authors_what_their_pages_say() {
    let site = Site::start();
    let owner = site.owner();
    join(&site, "ben", "author");
    join(&site, "silent", "editor");
    let post = json!({ "title": "One", "status": "published" });
    owner.ask("POST", "/api/v1/posts", &post).expect(201);
    let ben = program(&site, "ben", "read,write");
    for post in [post, json!({ "title": "Not yet" })] {
        ben.ask("POST", "/api/v1/posts", &post).expect(201);
    }
    let authors = "/api/v1/authors";
    let expected = [id_of(&ben), id_of(&owner)];
    assert_is_walked(site.anyone(), authors, &expected);
    let list = site.anyone().get(authors).expect(200);
    assert!(
        !list.body.contains('@') && !list.body.contains("role"),
        "{}",
        list.body
    );
    let one = site.anyone().get(&format!("{authors}/ben")).expect(200);
    let told = one.json();
    assert_eq!(
        (&told["posts"], path_of(told["url"].as_str().unwrap())),
        (&json!(1), "/author/ben")
    );
    let known = [("if-none-match", &*etag(&one))];
    site.anyone()
        .send("GET", &format!("{authors}/ben"), &known, None)
        .expect(304);
    for nobody in ["silent", "nobody", "No%20Body"] {
        site.anyone()
            .get(&format!("{authors}/{nobody}"))
            .expect(404);
    }
    assert_eq!(walked(&ben, authors), expected);
}
