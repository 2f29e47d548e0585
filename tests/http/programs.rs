//! Programs that ask the API: with tokens of this one or that one, and what all of them look for.

use serde_json::Value;

use super::site::{Answer, Browser, Site};

const PASSWORD: &str = "a password of theirs";

/// Somebody with a role, who can be asked about under `name@example.org`.
#[track_caller]
pub(crate) fn join(site: &Site, name: &str, role: &str) {
    // The first who comes is the owner.
    site.token();
    let email = format!("{name}@example.org");
    let words = [
        "user", "create", "--email", &email, "--name", name, "--role", role,
    ];
    let password = format!("{PASSWORD}\n");
    site.setup().inkstand_reading(&words, &password).ok();
}

/// A program with a token of `name@example.org`.
#[track_caller]
pub(crate) fn program(site: &Site, name: &str, scopes: &str) -> Browser {
    site.token();
    let email = format!("{name}@example.org");
    let words = [
        "token", "create", "--name", "t", "--email", &email, "--scope", scopes,
    ];
    let token = site.inkstand(&words).ok();
    site.program(token.trim())
}

/// The path of a whole address: which port it names is the site's own affair.
#[track_caller]
pub(crate) fn path_of(url: &str) -> &str {
    let (_, rest) = url.split_once("://").expect("a whole address");
    &rest[rest.find('/').expect("a path")..]
}

/// The number of a thing, and the path it is at.
#[track_caller]
pub(crate) fn made(answer: &Answer) -> (i64, String) {
    assert_eq!(answer.status, 201, "{}", answer.body);
    let location = answer.header("location").expect("a location");
    let path = path_of(location);
    let id = answer.json()["id"].as_i64().expect("a number");
    assert!(path.ends_with(&format!("/{id}")), "{path}");
    (id, path.to_owned())
}

#[track_caller]
pub(crate) fn etag(answer: &Answer) -> String {
    answer.header("etag").expect("an ETag").to_owned()
}

/// A partial change of the state with this tag.
#[track_caller]
pub(crate) fn patch(who: &Browser, path: &str, tag: &str, change: &Value) -> Answer {
    let headers = [
        ("content-type", "application/merge-patch+json"),
        ("if-match", tag),
    ];
    let change = change.to_string();
    who.send("PATCH", path, &headers, Some(change.as_bytes()))
}

#[track_caller]
pub(crate) fn delete(who: &Browser, path: &str) -> Answer {
    who.send("DELETE", path, &[], None)
}

/// The code of a refusal, and the fields it names.
#[track_caller]
pub(crate) fn refused(answer: &Answer, status: u16) -> (String, Vec<String>) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json")
    );
    let problem = answer.json();
    let fields = problem["errors"].as_array().cloned().unwrap_or_default();
    let fields = fields.iter().map(|error| {
        assert!(error["message"].is_string());
        error["field"].as_str().unwrap().to_owned()
    });
    let code = problem["code"].as_str().unwrap().to_owned();
    (code, fields.collect())
}

/// All numbers of a list, read in parts of two along the links.
#[track_caller]
pub(crate) fn walked(who: &Browser, path: &str) -> Vec<i64> {
    let mark = if path.contains('?') { '&' } else { '?' };
    let mut next = Some(format!("{path}{mark}limit=2"));
    let mut ids = Vec::new();
    while let Some(path) = next {
        let answer = who.get(&path).expect(200);
        let page = answer.json();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        ids.extend(items.iter().map(|item| item["id"].as_i64().unwrap()));
        let link = answer.header("link").unwrap();
        assert!(link.contains("rel=\"first\""), "{link}");
        next = link
            .split(", ")
            .find_map(|link| link.strip_suffix(">; rel=\"next\""))
            .map(|link| link.trim_start_matches('<'))
            .map(|link| path_of(link).to_owned());
        assert_eq!(next.is_some(), page["next"].is_string());
    }
    ids
}

/// That a list reads the same in parts, and takes nothing it does not know.
#[track_caller]
pub(crate) fn assert_is_walked(who: &Browser, path: &str, newest_first: &[i64]) {
    assert_eq!(walked(who, path), newest_first);
    let mark = if path.contains('?') { '&' } else { '?' };
    for wrong in ["limit=0", "limit=101", "cursor=x"] {
        let answer = who.get(&format!("{path}{mark}{wrong}"));
        let name = wrong.split('=').next().unwrap();
        assert_eq!(refused(&answer, 422).1, [name]);
    }
    let answer = who.get(&format!("{path}{mark}wrong=1"));
    assert_eq!(refused(&answer, 422).1, ["query"]);
}
