//! What no good client sends, to the whole program: each is refused with a word that helps, or taken
//! without harm, and the site goes on serving. `malformed` does the same below the level of requests.

use serde_json::{Value, json};

use super::site::{Answer, Site};
use super::wire::{Wire, ask};

const MIB: usize = 1024 * 1024;
const POSTS: &str = "/api/v1/posts";

/// Whatever was sent before, the site still does its work.
fn serves_on(site: &Site) {
    let form = json!({ "title": "Still here", "status": "published" });
    let post = site.owner().ask("POST", POSTS, &form).expect(201).json();
    let path = format!("/{}", post["slug"].as_str().expect("a slug"));
    site.anyone().get(&path).expect(200);
    site.anyone().get("/").expect(200);
}

/// A problem document as RFC 9457 wants it, with our additions.
#[track_caller]
fn problem(answer: &Answer, status: u16, code: &str) -> Value {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json")
    );
    let problem = answer.json();
    assert_eq!(problem["status"], status);
    assert_eq!(problem["code"], code, "{problem}");
    for name in ["type", "title", "detail", "request_id"] {
        assert!(
            problem[name].as_str().is_some_and(|text| !text.is_empty()),
            "{name}: {problem}"
        );
    }
    problem
}

#[track_caller]
fn names_field(answer: &Answer, field: &str) -> String {
    let problem = problem(answer, 422, "invalid");
    let errors = problem["errors"].as_array().expect("errors");
    let error = errors.iter().find(|error| error["field"] == field);
    let error = error.unwrap_or_else(|| panic!("{field} is not named: {problem}"));
    error["message"].as_str().expect("a message").to_owned()
}

#[test]
fn a_body_that_is_too_large_is_refused_and_says_how_large_it_may_be() {
    let site = Site::start_with(&["--set", "limits.body_mb=8"]);
    let body = format!("{{\"markdown\":\"{}\"}}", "x".repeat(10 * MIB));
    let mut wire = Wire::open(site.address());
    wire.send(format!(
        "POST {POSTS} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        site.token(),
        body.len()
    ));
    wire.send(&body);
    let reply = wire.reply().expect("an answer");
    assert_eq!(reply.status, 413, "{}", reply.text());
    assert_eq!(
        reply.header("content-type"),
        Some("application/problem+json")
    );
    let problem: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(problem["code"], "body-too-large");
    let limit = (8 * MIB).to_string();
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|text| text.contains(&limit)),
        "{problem}"
    );

    // The same, without saying before how much it will be.
    let mut wire = Wire::open(site.address());
    wire.send(format!(
        "POST {POSTS} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
        site.token()
    ));
    for chunk in body.as_bytes().chunks(MIB) {
        let head = format!("{:x}\r\n", chunk.len());
        if !wire.send([head.as_bytes(), chunk, b"\r\n"].concat()) {
            break;
        }
    }
    assert_eq!(wire.reply().expect("an answer").status, 413);
    serves_on(&site);
}

#[test]
fn a_text_that_is_too_long_is_refused_by_name() {
    let site = Site::start();
    let long = json!({ "title": "Long", "markdown": "x".repeat(10 * MIB) });
    let said = names_field(&site.owner().ask("POST", POSTS, &long), "markdown");
    assert!(said.contains("split it"), "{said}");
    for field in [
        "title",
        "slug",
        "excerpt",
        "meta_title",
        "canonical_url",
        "language",
    ] {
        let mut form = json!({ "title": "Long", "status": "published" });
        form[field] = json!("x".repeat(MIB));
        let answer = site.owner().ask("POST", POSTS, &form);
        assert!(
            matches!(answer.status, 201 | 422),
            "{field}: {}",
            answer.status
        );
    }
    let tags: Vec<_> = (0..10_000).map(|number| format!("tag {number}")).collect();
    names_field(
        &site
            .owner()
            .ask("POST", POSTS, &json!({ "title": "x", "tags": tags })),
        "tags",
    );
    serves_on(&site);
}

#[test]
fn fields_of_the_wrong_kind_are_named() {
    let site = Site::start();
    let owner = site.owner();
    for (field, value) in [
        ("title", json!(5)),
        ("title", json!(["a"])),
        ("markdown", json!({ "a": 1 })),
        ("tags", json!("birds")),
        ("tags", json!([1, 2])),
        ("featured", json!("yes")),
        ("version", json!(1.5)),
        ("version", json!(1e300)),
        ("version", json!(u64::MAX)),
        ("kind", json!("novel")),
        ("status", json!("loud")),
        ("status", json!("trashed")),
        ("publish_at", json!(12)),
        ("publish_at", json!("tomorrow")),
        ("publish_at", json!("99999-01-01T00:00:00Z")),
        ("slug", json!("admin")),
        ("slug", json!("Not A Slug")),
        ("slug", json!("")),
        ("slug", json!("../../etc/passwd")),
        ("language", json!("not a language")),
        ("canonical_url", json!("javascript:alert(1)")),
        ("tags", json!([""])),
    ] {
        let mut form = json!({ "title": "Well" });
        form[field] = value.clone();
        let answer = owner.ask("POST", POSTS, &form);
        assert_eq!(answer.status, 422, "{field} = {value}: {}", answer.body);
        names_field(&answer, field);
    }
    // Several at once are named at once.
    let answer = owner.ask("POST", POSTS, &json!({ "title": 1, "featured": 2 }));
    names_field(&answer, "title");
    names_field(&answer, "featured");
    // A word nobody knows is not passed over in silence: it may be a misspelt one.
    let said = names_field(&owner.ask("POST", POSTS, &json!({ "titel": "x" })), "body");
    assert!(said.contains("titel"), "{said}");
    for whole in [json!([]), json!("text"), json!(null), json!(7)] {
        names_field(&owner.ask("POST", POSTS, &whole), "body");
    }
    assert_eq!(
        owner.get(&format!("{POSTS}?status=draft")).json()["items"],
        json!([])
    );
    serves_on(&site);
}

#[test]
fn a_misspelt_release_publishes_nothing() {
    let site = Site::start();
    let owner = site.owner();
    let post = owner
        .ask("POST", POSTS, &json!({ "title": "Kept back" }))
        .json();
    let path = format!("{POSTS}/{}/publish", post["id"]);
    names_field(
        &owner.ask("POST", &path, &json!({ "status": "unlistd" })),
        "status",
    );
    names_field(
        &owner.ask("POST", &path, &json!({ "at": "2099-01-01T00:00:00Z" })),
        "body",
    );
    names_field(
        &owner.ask("POST", &path, &json!({ "publish_at": 5 })),
        "publish_at",
    );
    let text = [("content-type", "text/plain")];
    let form = br#"{"status":"private"}"#;
    problem(
        &owner.send("POST", &path, &text, Some(form)),
        415,
        "unsupported-media-type",
    );
    site.anyone().get("/kept-back").expect(404);
    owner.post(&path).expect(200);
    site.anyone().get("/kept-back").expect(200);
}

#[test]
fn bodies_that_are_no_json_are_refused() {
    let site = Site::start();
    let owner = site.owner();
    let json = [("content-type", "application/json")];
    let deep = "[".repeat(200_000);
    let deep_object = format!("{{\"title\":{}", "{\"a\":".repeat(50_000));
    for body in [
        &b""[..],
        b"{",
        b"{\"title\": \"a\"",
        b"title=a",
        b"{\"title\": \"\xff\xfe\"}",
        b"\xff\xfe{\x00}\x00",
        b"{\"title\": \"\\ud800\"}",
        b"\0\0\0",
        deep.as_bytes(),
        deep_object.as_bytes(),
    ] {
        let answer = owner.send("POST", POSTS, &json, Some(body));
        let problem = problem(&answer, 400, "bad-request");
        assert!(
            problem["detail"]
                .as_str()
                .is_some_and(|text| text.contains("not JSON")),
            "{problem}"
        );
    }
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let answer = owner.send("POST", POSTS, &form, Some(b"title=a"));
    problem(&answer, 415, "unsupported-media-type");
    serves_on(&site);
}

#[test]
fn markdown_made_to_hurt_is_rendered_all_the_same() {
    let site = Site::start();
    let owner = site.owner();
    let quarter = MIB / 4;
    let texts = [
        ("quotes", ">".repeat(quarter)),
        (
            "lists",
            (0..2000)
                .map(|depth| " ".repeat(2 * depth % 400) + "- x\n")
                .collect(),
        ),
        ("brackets", "[".repeat(quarter)),
        ("links", "[a](".repeat(quarter / 4)),
        ("stars", "*a_ ".repeat(quarter / 4)),
        ("ticks", "`".repeat(quarter) + "a"),
        ("html", "<div>".repeat(quarter / 5)),
        ("entities", "&#x0;&amp;".repeat(quarter / 10)),
        ("tables", "|".repeat(quarter) + "\n" + &"|-".repeat(1000)),
        ("maths", "$$\\frac{".repeat(quarter / 8)),
        ("one line", "word ".repeat(quarter / 5)),
        (
            "controls",
            (0..quarter)
                .map(|at| char::from(u8::try_from(at % 32).unwrap()))
                .collect(),
        ),
        ("marks", "e\u{301}\u{302}".repeat(quarter / 5)),
        (
            "script",
            "<script>alert(1)</script><img src=x onerror=alert(1)>".to_owned(),
        ),
    ];
    for (name, text) in texts {
        let form =
            json!({ "title": format!("Hurt by {name}"), "markdown": text, "status": "published" });
        let post = owner.ask("POST", POSTS, &form).expect(201).json();
        let path = format!("/{}", post["slug"].as_str().expect("a slug"));
        let page = site.anyone().get(&path).expect(200).body;
        assert!(
            !page.contains("<script>alert") && !page.contains("<img src=x onerror"),
            "{name}"
        );
        assert!(page.contains("</html>"), "{name} breaks the page");
    }
    site.anyone().get("/").expect(200);
    serves_on(&site);
}

#[test]
fn addresses_nobody_has_lead_nowhere() {
    let site = Site::start();
    let long = "x".repeat(7000);
    for path in [
        "/%ff%fe",
        "/%00",
        "/a%00b",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/../../Cargo.toml",
        "/assets/%2e%2e%2f%2e%2e%2fCargo.toml",
        "/assets/",
        "/assets/%ff",
        "/page/0",
        "/page/-1",
        "/page/4294967296",
        "/page/99999999999999999999999",
        "/page/x",
        "/page/%ff",
        "/%F0%9F%92%A9",
        "/admin-that-is-not",
        &format!("/{long}"),
    ] {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let reply = ask(site.address(), request).expect("an answer");
        assert!(
            matches!(reply.status, 400 | 404),
            "{path}: {} {}",
            reply.status,
            reply.text()
        );
    }
    let owner = site.owner();
    for id in [
        "0",
        "-1",
        "9223372036854775807",
        "9223372036854775808",
        "1e3",
        "x",
        "%ff",
        "%00",
    ] {
        let path = format!("{POSTS}/{id}");
        problem(&owner.get(&path), 404, "not-found");
        problem(&owner.post(&format!("{path}/publish")), 404, "not-found");
        problem(&owner.send("DELETE", &path, &[], None), 404, "not-found");
        problem(
            &owner.ask("PATCH", &path, &json!({ "title": "x" })),
            404,
            "not-found",
        );
    }
    for question in [
        "limit=-1",
        "limit=4294967296",
        "limit=x",
        "cursor=x",
        "status=loud",
        "kind=%ff",
        "offset=1",
    ] {
        problem(&owner.get(&format!("{POSTS}?{question}")), 422, "invalid");
    }
    serves_on(&site);
}

#[test]
fn any_question_gets_an_answer() {
    let site = Site::start();
    let owner = site.owner();
    let form = json!({ "title": "Findable", "markdown": "needleword", "status": "published" });
    owner.ask("POST", POSTS, &form).expect(201);
    let words = "needleword+".repeat(600);
    let minus = "-a+".repeat(2000);
    let quotes = "%22".repeat(2000);
    let brackets = "((((".repeat(1500);
    let stars = "*".repeat(6000);
    for question in [
        "",
        "%00",
        "%ff%fe",
        "%",
        "%zz",
        "+",
        "AND+OR+NOT",
        "%22",
        "tag:",
        "author:%22",
        "-",
        "--",
        "*",
        "?",
        "before:99999999",
        "after:-1",
        "before:x",
        "after:2024-13-45",
        "%F0%9F%92%A9",
        "a:b:c:d",
        "%5B1+TO+2%5D",
        "needleword%5E99999999999",
        "needleword~99",
        "e%CC%81",
        "%E2%80%8B",
        "&q=a&q=b",
        words.as_str(),
        minus.as_str(),
        quotes.as_str(),
        brackets.as_str(),
        stars.as_str(),
    ] {
        for path in ["/search", "/api/v1/search"] {
            let request = format!(
                "GET {path}?q={question} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            );
            let reply = ask(site.address(), request).expect("an answer");
            assert!(
                matches!(reply.status, 200 | 400 | 422),
                "{path}?q={question}: {}",
                reply.status
            );
            assert!(
                reply.status == 200 || question.contains('&'),
                "{path}?q={question}: {}",
                reply.text()
            );
        }
    }
    for page in ["0", "-1", "99999", "99999999999999999999", "x"] {
        let answer = site
            .anyone()
            .get(&format!("/search?q=needleword&page={page}"));
        assert!(
            matches!(answer.status, 200 | 400),
            "{page}: {}",
            answer.body
        );
    }
    let too_long = format!("/search?q={}", "x".repeat(10_000));
    site.anyone().get(&too_long).expect(414);
    serves_on(&site);
}

#[test]
fn tokens_that_are_none_open_nothing() {
    let site = Site::start();
    site.token();
    let long = format!("Bearer {}", "x".repeat(7000));
    for value in [
        "",
        "Bearer",
        "Bearer ",
        "Bearer  ",
        "Basic b3duZXI6eA==",
        "bearer x",
        "Bearer \u{7f}",
        &long,
    ] {
        let headers = [("authorization", value)];
        let Ok(answer) = site.anyone().try_send("GET", POSTS, &headers, None) else {
            continue;
        };
        problem(&answer, 401, "unauthenticated");
        assert!(answer.header("www-authenticate").is_some());
    }
    let request = b"GET /api/v1/posts HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \xff\xfe\r\nConnection: close\r\n\r\n";
    let reply = ask(site.address(), request).expect("an answer");
    assert!(matches!(reply.status, 400 | 401), "{}", reply.status);
    serves_on(&site);
}
