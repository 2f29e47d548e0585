//! Webhooks: that each event arrives once and signed, what becomes of those that do not arrive, and who is
//! never asked.

mod ways_in;

use std::net::TcpListener;

use serde_json::{Value, json};

use super::receiver::{Receiver, Told};
use super::site::{Browser, Site, eventually};

const MERGE_PATCH: [(&str, &str); 1] = [("content-type", "application/merge-patch+json")];
const SMALL: &str = "tests/fixtures/pictures/logo.png";
/// Of our addresses, it may go to these.
const NEIGHBOURLY: [&str; 2] = ["--set", "outbound.allow=127.0.0.0/8"];

fn site() -> Site {
    Site::start_with(&NEIGHBOURLY)
}

/// What the site calls itself.
fn home(site: &Site) -> String {
    format!("http://localhost:{}", site.address().port())
}

/// Adds a webhook that wants everything; its id and its secret.
fn add(site: &Site, url: &str) -> (i64, String) {
    let made = site
        .owner()
        .ask("POST", "/api/v1/webhooks", &json!({ "url": url }))
        .expect(201)
        .json();
    let secret = made["secret"].as_str().unwrap().to_owned();
    (made["id"].as_i64().unwrap(), secret)
}

fn post(site: &Site, title: &str, status: &str) -> i64 {
    let form = json!({ "title": title, "markdown": "First words.", "status": status });
    let made = site.owner().ask("POST", "/api/v1/posts", &form).expect(201);
    made.json()["id"].as_i64().unwrap()
}

fn walk(site: &Site, post: i64, step: &str) {
    site.owner()
        .post(&format!("/api/v1/posts/{post}/{step}"))
        .expect(200);
}

fn await_told(receiver: &Receiver, count: usize) -> Vec<Told> {
    eventually(&format!("{count} things are told"), || {
        let told = receiver.told();
        (told.len() >= count).then_some(told)
    })
}

fn deliveries(owner: &Browser, webhook: i64) -> Vec<Value> {
    let path = format!("/api/v1/webhooks/{webhook}/deliveries");
    let page = owner.get(&path).expect(200).json();
    page["items"].as_array().unwrap().clone()
}

/// The newest delivery, once it is in this state.
fn await_state(owner: &Browser, webhook: i64, state: &str) -> Value {
    eventually(&format!("a delivery is {state}"), || {
        let newest = deliveries(owner, webhook).into_iter().next();
        newest.filter(|newest| newest["state"] == state)
    })
}

#[test]
fn each_event_arrives_once_and_signed_and_drafts_are_nobodys_business() {
    let site = site();
    let receiver = Receiver::start();
    let (_, secret) = add(&site, &receiver.url("/hook?a=b"));
    let owner = site.owner();

    let hidden = post(&site, "Never shown", "draft");
    walk(&site, hidden, "trash");
    let deleted = |id| owner.send("DELETE", &format!("/api/v1/posts/{id}"), &[], None);
    deleted(hidden).expect(204);

    let shown = post(&site, "Shown", "draft");
    let change = |field: &str, value: &str| {
        let path = format!("/api/v1/posts/{shown}");
        owner
            .ask("PATCH", &path, &json!({ field: value }))
            .expect(200);
    };
    change("title", "Shown at last");
    walk(&site, shown, "publish");
    await_told(&receiver, 1);
    change("excerpt", "In short.");
    // What is taken back before it is told has no news but that.
    await_told(&receiver, 2);
    walk(&site, shown, "unpublish");
    change("title", "A secret plan");
    change("slug", "secret-plan");
    walk(&site, shown, "trash");
    deleted(shown).expect(204);

    let file = format!("{}/{SMALL}", env!("CARGO_MANIFEST_DIR"));
    let said = site.inkstand(&["media", "add", "--json", &file]).ok();
    let file: Value = serde_json::from_str(&said).unwrap();
    let file = &file["items"][0]["id"].to_string();
    let told_of_it = ["media", "describe", file, "--alt", "Our sign"];
    site.inkstand(&told_of_it).ok();
    // Of what is gone when its turn comes, only that is told.
    await_told(&receiver, 6);
    site.inkstand(&["media", "remove", file]).ok();

    let bob = [
        "user",
        "create",
        "--email",
        "bob@example.org",
        "--name",
        "Bob",
    ];
    let bob = [&bob[..], &["--role", "author"]].concat();
    let setup = site.setup();
    setup.inkstand_reading(&bob, "a password of bob\n").ok();

    let told = await_told(&receiver, 8);
    let events: Vec<_> = told.iter().map(Told::event).collect();
    assert_eq!(
        events,
        [
            "post.published",
            "post.updated",
            "post.unpublished",
            "post.deleted",
            "media.created",
            "media.updated",
            "media.deleted",
            "user.created",
        ]
    );
    let data = |at: usize| told[at].json()["data"].clone();
    let first = data(0);
    assert_eq!(first["id"], shown);
    for (number, told) in told.iter().enumerate() {
        assert!(told.is_signed_with(&secret), "{told:?}");
        assert_eq!(told.path, "/hook?a=b");
        assert_eq!(told.headers["content-type"], "application/json");
        assert_eq!(told.headers["x-inkstand-event"], told.event());
        assert!(told.headers["user-agent"].starts_with("inkstand/"));
        let others = events.iter().enumerate();
        let again = others
            .filter(|(other, _)| *other != number && receiver.told()[*other].id() == told.id());
        assert_eq!(again.count(), 0, "{told:?}");
    }
    // Of a post that readers cannot see any more, no more is told than what they knew.
    let plan = |text: &String| text.to_lowercase().contains("secret");
    assert!(!told.iter().any(|told| plan(&told.body)), "{told:?}");
    for at in [2, 3] {
        assert_eq!(data(at)["slug"], "shown");
        assert_eq!(data(at)["url"], format!("{}/shown", home(&site)));
        assert!(data(at).get("title").is_none(), "{}", data(at));
    }
    assert_eq!(data(5)["alt"], "Our sign");
    assert_eq!(data(7)["name"], "Bob");
    assert!(!told[7].body.contains("bob@"), "{}", told[7].body);
    let (id, _) = add(&site, &receiver.url("/other"));
    let other = owner
        .post(&format!("/api/v1/webhooks/{id}/secret"))
        .expect(200)
        .json();
    let other = other["secret"].as_str().unwrap();
    assert!(!told[0].is_signed_with(other));
}

#[test]
fn what_a_published_post_says_is_told_whole() {
    let site = site();
    let receiver = Receiver::start();
    add(&site, &receiver.url("/"));
    let form = json!({
        "title": "Ink & paper", "markdown": "First words.", "tags": ["News"], "language": "en",
        "status": "published",
    });
    let made = site.owner().ask("POST", "/api/v1/posts", &form).expect(201);
    let told = await_told(&receiver, 1)[0].json();
    let data = &told["data"];
    let times = ["published_at", "updated_at"].map(|name| data[name].as_str().unwrap());
    assert!(times.iter().all(|time| time.ends_with('Z')), "{data}");
    assert_eq!(
        *data,
        json!({
            "id": made.json()["id"], "kind": "post", "status": "published", "slug": "ink-paper",
            "url": format!("{}/ink-paper", home(&site)), "title": "Ink & paper", "excerpt": "First words.",
            "language": "en", "tags": [{ "slug": "news", "name": "News" }],
            "authors": [{ "slug": "olive-owner", "name": "Olive Owner" }], "featured": false,
            "version": data["version"], "published_at": times[0], "updated_at": times[1],
        })
    );
}

#[test]
fn the_example_of_the_documentation_knows_who_it_is_from() {
    let site = site();
    let receiver = Receiver::start();
    let (id, secret) = add(&site, &receiver.url("/"));
    site.owner()
        .post(&format!("/api/v1/webhooks/{id}/ping"))
        .expect(200);
    let told = receiver.told().remove(0);
    let docs = include_str!("../../docs/webhooks.md");
    let example = docs.split("```python\n").nth(1).unwrap();
    let example = example.split("```").next().unwrap();
    let asked = json!({ "secret": secret, "headers": told.headers, "body": told.body });
    let script = format!(
        "{example}\nimport json, sys\nasked = json.load(sys.stdin)\nbody = asked['body'].encode()\n\
         verdict = lambda secret, body, **more: is_from_the_site(secret, asked['headers'], body, **more)\n\
         other = 'whsec_' + 'A' * 43 + '='\n\
         print(verdict(asked['secret'], body), verdict(other, body), verdict(asked['secret'], body + b' '), \
         verdict(asked['secret'], body, now=lambda: time.time() + 3600))\n"
    );
    let mut python = std::process::Command::new("python3")
        .args(["-c", &script])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("python3");
    let mut pipe = python.stdin.take().unwrap();
    std::io::Write::write_all(&mut pipe, asked.to_string().as_bytes()).unwrap();
    drop(pipe);
    let said = python.wait_with_output().unwrap().stdout;
    assert_eq!(
        String::from_utf8_lossy(&said).trim(),
        "True False False False"
    );
}

#[test]
fn a_failure_is_tried_again_and_given_up_after_a_day_and_can_be_sent_once_more() {
    let site = site();
    let owner = site.owner();
    let receiver = Receiver::start();
    let (id, _) = add(&site, &receiver.url("/"));
    receiver.answer_next(&[500]);
    post(&site, "First", "published");
    let waiting = eventually("it has been tried", || {
        let newest = deliveries(&owner, id).into_iter().next();
        newest.filter(|newest| newest["attempts"] == 1)
    });
    assert_eq!(
        (&waiting["state"], &waiting["status"], &waiting["error"]),
        (&json!("waiting"), &json!(500), &json!("the answer was 500"))
    );
    assert!(waiting["next_at"].as_str().unwrap() > waiting["tried_at"].as_str().unwrap());
    // Time passes; what happens then wakes the sender.
    let pass = |column: &str, seconds: i64| {
        site.sql(&format!(
            "UPDATE webhook_deliveries SET {column} = {column} - {seconds} * 1000000 \
             WHERE next_at IS NOT NULL"
        ));
        post(&site, "Something else", "draft");
    };
    pass("next_at", 3600);
    let done = await_state(&owner, id, "delivered");
    assert_eq!(
        (&done["attempts"], &done["error"]),
        (&json!(2), &json!(null))
    );
    let told = receiver.told();
    assert_eq!((told.len(), told[0].id()), (2, told[1].id()));

    receiver.answer_next(&[503, 404]);
    let second = post(&site, "Second", "published");
    eventually("it has been tried", || {
        let newest = deliveries(&owner, id).into_iter().next();
        newest.filter(|newest| newest["attempts"] == 1)
    });
    pass("queued_at", 24 * 3600);
    pass("next_at", 3600);
    let failed = await_state(&owner, id, "failed");
    assert_eq!(
        (&failed["next_at"], &failed["status"]),
        (&json!(null), &json!(404))
    );
    let log = site.log();
    assert!(log.contains("it will not be tried again"), "{log}");

    let path = format!(
        "/api/v1/webhooks/{id}/deliveries/{}/redeliver",
        failed["id"]
    );
    owner.post(&path).expect(202);
    await_state(&owner, id, "delivered");
    let last = receiver.told().pop().unwrap();
    assert_eq!(last.json()["data"]["id"], second);
    assert_eq!(last.id(), failed["id"].to_string());
}

#[test]
fn a_server_that_is_gone_for_good_is_not_asked_again() {
    let site = site();
    let owner = site.owner();
    let receiver = Receiver::start();
    let (id, _) = add(&site, &receiver.url("/"));
    receiver.answer_next(&[410]);
    post(&site, "First", "published");
    let path = format!("/api/v1/webhooks/{id}");
    let off = eventually("it is switched off", || {
        let webhook = owner.get(&path).expect(200).json();
        (webhook["active"] == false).then_some(webhook)
    });
    let why = off["trouble"].as_str().unwrap();
    assert!(why.contains("410"), "{why}");
    post(&site, "Second", "published");
    let on = owner.send("PATCH", &path, &MERGE_PATCH, Some(b"{\"active\": true}"));
    assert_eq!(on.expect(200).json()["trouble"], json!(null));
    post(&site, "Third", "published");
    let told = await_told(&receiver, 2);
    assert_eq!(told[1].json()["data"]["title"], "Third");
}

#[test]
fn neighbours_are_not_asked_unless_the_owner_allows_it() {
    let site = Site::start();
    let owner = site.owner();
    let receiver = Receiver::start();
    for address in [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "[::1]",
        "[::ffff:127.0.0.1]",
    ] {
        let url = format!("http://{address}:{}/", receiver.port());
        let refused = owner
            .ask("POST", "/api/v1/webhooks", &json!({ "url": url }))
            .expect(422);
        assert!(refused.body.contains("outbound.allow"), "{}", refused.body);
        assert_eq!(refused.json()["errors"][0]["field"], "url");
    }
    // A name is looked up when it is used, not before.
    let (id, _) = add(&site, &format!("http://localhost:{}/", receiver.port()));
    let sent = owner
        .post(&format!("/api/v1/webhooks/{id}/ping"))
        .expect(200)
        .json();
    assert_eq!(sent["state"], "failed");
    let why = sent["error"].as_str().unwrap();
    assert!(
        why.starts_with("localhost leads to ") && why.contains("outbound.allow"),
        "{why}"
    );
    assert_eq!(receiver.told().len(), 0);
}

#[test]
fn one_that_does_not_answer_keeps_nobody_else_waiting() {
    let site = site();
    let owner = site.owner();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let silent_ids: Vec<_> = (0..5)
        .map(|number| add(&site, &format!("http://{address}/{number}")).0)
        .collect();
    let receiver = Receiver::start();
    add(&site, &receiver.url("/"));
    for title in ["First", "Second", "Third"] {
        post(&site, title, "published");
    }
    await_told(&receiver, 3);
    for id in silent_ids {
        let attempts: Vec<_> = deliveries(&owner, id)
            .iter()
            .map(|sent| sent["attempts"].clone())
            .collect();
        assert_eq!(
            attempts,
            [0, 0, 0],
            "those that do not answer are still asked"
        );
    }
}
