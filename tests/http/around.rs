//! What lies around every handler of the API: how much may be asked, whose pages may ask, and that a
//! request that is sent again is not done again.

use std::sync::Barrier;

use serde_json::json;

use super::site::{Answer, Browser, Site, eventually};

const JSON: (&str, &str) = ("content-type", "application/json");
const ELSEWHERE: &str = "https://reader.example";

fn posts(owner: &Browser) -> usize {
    let found = owner.get("/api/v1/posts?status=draft").expect(200).json();
    found["items"].as_array().expect("a list").len()
}

fn create(owner: &Browser, key: &str, title: &str) -> Answer {
    let body = json!({ "title": title }).to_string();
    let headers = [JSON, ("idempotency-key", key)];
    owner.send("POST", "/api/v1/posts", &headers, Some(body.as_bytes()))
}

#[test]
fn whoever_asks_too_much_waits() {
    let site = Site::start_with(&[
        "--set",
        "api.anonymous_requests_per_minute=3",
        "--set",
        "api.requests_per_minute=2",
    ]);
    for remaining in ["r=2", "r=1", "r=0"] {
        let answer = site.anyone().get("/api/v1/search?q=a").expect(200);
        assert_eq!(
            answer.header("ratelimit-policy"),
            Some("\"address\";q=3;w=60")
        );
        let state = answer.header("ratelimit").unwrap();
        assert!(
            state.starts_with("\"address\";") && state.contains(remaining),
            "{state}"
        );
    }
    let refused = site.anyone().get("/api/v1/search?q=a").expect(429);
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    assert_eq!(refused.json()["code"], "rate-limited");
    assert!(refused.header("ratelimit").unwrap().contains("r=0"));

    // A token has its own, and guessing at tokens is asking as a stranger.
    let owner = site.owner();
    for _ in 0..2 {
        let answer = owner.get("/api/v1/posts").expect(200);
        assert_eq!(
            answer.header("ratelimit-policy"),
            Some("\"token\";q=2;w=60")
        );
    }
    owner.get("/api/v1/posts").expect(429);
    let guess = [("authorization", "Bearer guessed")];
    site.anyone()
        .send("GET", "/api/v1/posts", &guess, None)
        .expect(429);
    // Pages are none of the API's business.
    site.anyone().get("/search?q=a").expect(200);
}

#[test]
fn guesses_at_tokens_are_told_so_until_there_are_too_many() {
    let site = Site::start_with(&["--set", "api.anonymous_requests_per_minute=2"]);
    let guess = |token: &str| {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", &*bearer)];
        site.anyone()
            .send("GET", "/api/v1/posts?status=draft", &headers, None)
    };
    let answer = guess("a").expect(401);
    assert!(answer.header("ratelimit").is_some());
    guess("b").expect(401);
    guess("c").expect(429);
    site.owner().get("/api/v1/posts").expect(200);
}

#[test]
fn pages_elsewhere_ask_only_if_the_owner_says_so() {
    let asks = [
        ("origin", ELSEWHERE),
        ("access-control-request-method", "POST"),
        (
            "access-control-request-headers",
            "authorization, content-type",
        ),
    ];
    let site = Site::start();
    let silent = site.anyone().send("OPTIONS", "/api/v1/posts", &asks, None);
    assert!(silent.header("access-control-allow-origin").is_none());
    drop(site);

    let site = Site::start_with(&["--set", "api.origins=https://reader.example"]);
    let answer = site.anyone().send("OPTIONS", "/api/v1/posts", &asks, None);
    let answer = answer.expect(204);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        Some(ELSEWHERE)
    );
    assert!(
        answer
            .header("access-control-allow-methods")
            .unwrap()
            .contains("PATCH")
    );
    assert!(
        answer
            .header("access-control-allow-headers")
            .unwrap()
            .contains("idempotency-key")
    );
    assert!(answer.header("access-control-allow-credentials").is_none());

    let from =
        |origin: &str, path: &str| site.anyone().send("GET", path, &[("origin", origin)], None);
    // Refusals too, or a page could not tell its user why.
    for (path, status) in [("/api/v1/search?q=a", 200), ("/api/v1/posts/7", 401)] {
        let answer = from(ELSEWHERE, path);
        assert!(
            answer.status == status || answer.status == 404,
            "{path}: {}",
            answer.status
        );
        assert_eq!(
            answer.header("access-control-allow-origin"),
            Some(ELSEWHERE),
            "{path}"
        );
        let shown = answer.header("access-control-expose-headers").unwrap();
        assert!(
            shown.contains("ratelimit") && shown.contains("etag"),
            "{shown}"
        );
    }
    let other = from("https://other.example", "/api/v1/search?q=a");
    assert!(other.header("access-control-allow-origin").is_none());
    assert!(other.header("vary").unwrap().contains("origin"));
    // The pages themselves are not for scripts elsewhere.
    assert!(
        from(ELSEWHERE, "/")
            .header("access-control-allow-origin")
            .is_none()
    );
}

#[test]
fn a_request_sent_again_is_done_once() {
    let site = Site::start();
    let owner = site.owner();
    let first = create(&owner, "one", "The lamp").expect(201);
    assert!(first.header("idempotency-replayed").is_none());
    let again = create(&owner, "one", "The lamp").expect(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.body, first.body);
    for name in ["location", "content-type", "etag"] {
        assert_eq!(again.header(name), first.header(name), "{name}");
    }
    assert_eq!(posts(&owner), 1);

    let reused = create(&owner, "one", "Another").expect(422);
    assert_eq!(reused.json()["code"], "idempotency-key-reused");
    let body = json!({ "title": "The lamp" }).to_string();
    let headers = [JSON, ("idempotency-key", "one")];
    let elsewhere = owner.send("POST", "/api/v1/media", &headers, Some(body.as_bytes()));
    assert_eq!(
        elsewhere.expect(422).json()["code"],
        "idempotency-key-reused"
    );

    // A refusal that stays one is kept too, with its problem.
    let wrong = create(&owner, "two", &"x".repeat(10_000)).expect(422);
    let still = create(&owner, "two", &"x".repeat(10_000)).expect(422);
    assert_eq!(still.header("idempotency-replayed"), Some("true"));
    assert_eq!(still.body, wrong.body);
    assert_eq!(wrong.json()["errors"][0]["field"], "title");

    let malformed = create(&owner, "a b", "The lamp").expect(400);
    assert_eq!(malformed.json()["code"], "idempotency-key-malformed");
    create(&owner, &"k".repeat(256), "The lamp").expect(400);
    assert_eq!(posts(&owner), 1);
}

#[test]
fn a_key_is_known_after_a_restart_and_each_has_their_own() {
    let site = Site::start();
    let token = site.token().to_owned();
    let first = create(&site.owner(), "one", "The lamp").expect(201);
    let setup = site.setup();
    site.kill();
    let site = setup.start().with_token(&token);
    let again = create(&site.owner(), "\"one\"", "The lamp").expect(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.body, first.body);

    // One that was cut off is not done again by itself, however long it is ago.
    site.sql("UPDATE kept_answers SET status = NULL");
    let under_way = create(&site.owner(), "one", "The lamp").expect(409);
    assert_eq!(under_way.json()["code"], "idempotency-key-in-use");
    site.sql("UPDATE kept_answers SET created_at = created_at - 7200000000");
    let unknown = create(&site.owner(), "one", "The lamp").expect(409);
    assert_eq!(unknown.json()["code"], "idempotency-outcome-unknown");
    assert_eq!(posts(&site.owner()), 1);
}

#[test]
fn of_many_at_once_one_is_done() {
    const SENDERS: usize = 8;
    let site = Site::start();
    let owner = site.owner();
    for round in 0..5 {
        let barrier = Barrier::new(SENDERS);
        let key = format!("round-{round}");
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let senders: Vec<_> = (0..SENDERS)
                .map(|_| {
                    scope.spawn(|| {
                        barrier.wait();
                        create(&owner, &key, "The lamp").status
                    })
                })
                .collect();
            senders
                .into_iter()
                .map(|sender| sender.join().unwrap())
                .collect()
        });
        assert!(statuses.contains(&201), "{statuses:?}");
        let expected = |status: &u16| matches!(status, 201 | 409);
        assert!(statuses.iter().all(expected), "{statuses:?}");
        assert_eq!(posts(&owner), round + 1);
    }
}

#[test]
fn a_problem_says_where_it_is_explained() {
    let site = Site::start();
    let problem = site.anyone().get("/api/v1/nothing").expect(404).json();
    assert_eq!(problem["type"], "/api/docs#problem-not-found");
}

#[test]
fn a_key_is_forgotten_after_a_day() {
    let site = Site::start();
    let owner = site.owner();
    create(&owner, "old", "The lamp").expect(201);
    create(&owner, "new", "The keeper").expect(201);
    site.sql(
        "UPDATE kept_answers SET created_at = created_at - 90000000000
         WHERE idempotency_key = 'old'",
    );
    eventually("the key can be used again", || {
        let again = create(&owner, "old", "The lamp").expect(201);
        again.header("idempotency-replayed").is_none().then_some(())
    });
    let newer = create(&owner, "new", "The keeper").expect(201);
    assert_eq!(newer.header("idempotency-replayed"), Some("true"));
}
