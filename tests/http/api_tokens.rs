//! Tokens over the API: none makes one that can do more than itself or that outlives it, and a secret is
//! told once.

use serde_json::{Value, json};

use super::programs::{assert_is_walked, delete, join, made, program, refused};
use super::site::{Browser, Site};

const TOKENS: &str = "/api/v1/tokens";

#[track_caller]
fn own(who: &Browser) -> Vec<Value> {
    let list = who.get(TOKENS).expect(200).json();
    list["items"].as_array().unwrap().clone()
}

#[test]
fn tokens_are_made_listed_and_ended() {
    let site = Site::start();
    let owner = site.owner();
    let wish =
        json!({ "name": "Backup", "scopes": ["read"], "expires_at": "2099-01-31T08:00:00+01:00" });
    let answer = owner.ask("POST", TOKENS, &wish);
    let (id, place) = made(&answer);
    let token = answer.json();
    assert_eq!(token["expires_at"], "2099-01-31T07:00:00Z");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let secret = token["secret"].as_str().unwrap();
    let backup = site.program(secret);
    let me = backup.get("/api/v1/me").expect(200).json();
    assert_eq!(
        (&me["scopes"], &me["expires_at"]),
        (&json!(["read"]), &token["expires_at"])
    );
    refused(&backup.get(TOKENS), 403);
    refused(&backup.ask("POST", TOKENS, &wish), 403);

    let listed = owner.get(TOKENS).expect(200);
    assert!(!listed.body.contains(secret) && !listed.body.contains("secret"));
    assert!(!owner.get(&place).expect(200).body.contains("secret"));
    let first = own(&owner)[1]["id"].as_i64().unwrap();
    assert_is_walked(&owner, TOKENS, &[id, first]);

    let key = [
        ("content-type", "application/json"),
        ("idempotency-key", "one"),
    ];
    let wish = wish.to_string();
    let kept = owner.send("POST", TOKENS, &key, Some(wish.as_bytes()));
    assert!(
        (400..500).contains(&kept.status),
        "a secret is not kept to be told again"
    );
    let wrong = owner.send("DELETE", &place, &[("if-match", "\"7.x\"")], None);
    refused(&wrong, 412);
    delete(&owner, &place).expect(204);
    delete(&owner, &place).expect(404);
    refused(&backup.get("/api/v1/me"), 401);
}

#[test]
fn no_token_gives_more_than_it_has() {
    let site = Site::start();
    let owner = site.owner();
    let ask = |who: &Browser, scopes: &[&str], expires_at: Option<&str>| {
        let wish = json!({ "name": "t", "scopes": scopes, "expires_at": expires_at });
        who.ask("POST", TOKENS, &wish)
    };
    let admin = program(&site, "owner", "admin");
    let answer = ask(&admin, &["admin", "write"], None);
    assert_eq!(refused(&answer, 422).1, ["scopes"]);
    assert!(answer.body.contains("“write”"));
    ask(&admin, &["admin"], None).expect(201);
    assert_eq!(refused(&ask(&owner, &[], None), 422).1, ["scopes"]);
    assert_eq!(refused(&ask(&owner, &["fly"], None), 422).1, ["scopes"]);
    let past = ask(&owner, &["read"], Some("2020-01-01T00:00:00Z"));
    assert_eq!(refused(&past, 422).1, ["expires_at"]);

    let ends = Some("2098-01-01T00:00:00Z");
    let short = ask(&owner, &["admin"], ends).expect(201).json();
    let short = site.program(short["secret"].as_str().unwrap());
    let made = ask(&short, &["admin"], None).expect(201).json();
    assert_eq!(
        made["expires_at"], "2098-01-01T00:00:00Z",
        "it ends with what made it"
    );
    let longer = ask(&short, &["admin"], Some("2098-01-01T00:00:01Z"));
    assert_eq!(refused(&longer, 422).1, ["expires_at"]);
}

#[test]
fn tokens_of_others_are_seen_and_ended_by_who_may_change_them() {
    let site = Site::start();
    let owner = site.owner();
    join(&site, "adm", "admin");
    join(&site, "ben", "author");
    let admin = program(&site, "adm", "admin");
    let ben = program(&site, "ben", "admin");
    let id = |who: &Browser| who.get("/api/v1/me").expect(200).json()["id"].clone();
    let (owners, bens) = (own(&owner)[0]["id"].clone(), own(&ben)[0]["id"].clone());
    let of = |user: &Value| format!("{TOKENS}?user={user}");
    let at = |token: &Value| format!("{TOKENS}/{token}");
    let seen = admin.get(&of(&id(&ben))).expect(200).json();
    assert_eq!(seen["items"][0]["id"], bens);
    admin.get(&of(&id(&owner))).expect(200);
    refused(&delete(&admin, &at(&owners)), 403);

    refused(&ben.get(&of(&id(&owner))), 403);
    ben.get(&of(&id(&ben))).expect(200);
    refused(&ben.get(&at(&owners)), 404);
    refused(&delete(&ben, &at(&owners)), 404);
    delete(&admin, &at(&bens)).expect(204);
    refused(&ben.get("/api/v1/me"), 401);
}
