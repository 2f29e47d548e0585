//! Webhooks: that each event arrives once and signed, what becomes of those that do not arrive, who is never
//! asked, and the ways in: the API, the writing room, the shell.

use std::net::TcpListener;

use serde_json::{Value, json};

use super::admin::{EMAIL, PASSWORD, cookie_of, enter, look, send};
use super::receiver::{Receiver, Told};
use super::site::{Browser, Setup, Site, eventually};

const MERGE_PATCH: [(&str, &str); 1] = [("content-type", "application/merge-patch+json")];
const SMALL: &str = "tests/fixtures/pictures/logo.png";
/// Of our addresses, it may go to these.
const NEIGHBOURLY: [&str; 2] = ["--set", "outbound.allow=127.0.0.0/8"];

fn site() -> Site {
    Site::start_with(&NEIGHBOURLY)
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
        assert_eq!(data(at)["url"], site.url("/shown"));
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
            "url": site.url("/ink-paper"), "title": "Ink & paper", "excerpt": "First words.",
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

#[test]
fn programs_look_after_webhooks_and_only_with_the_right_scope() {
    let site = site();
    let owner = site.owner();
    let receiver = Receiver::start();
    let form = json!({
        "url": receiver.url("/one"), "description": "Newsletter", "events": ["post.published"],
    });
    let made = owner.ask("POST", "/api/v1/webhooks", &form).expect(201);
    let tag = made.header("etag").unwrap().to_owned();
    let place = made.header("location").unwrap().to_owned();
    let id = made.json()["id"].as_i64().unwrap();
    let path = format!("/api/v1/webhooks/{id}");
    assert!(place.ends_with(&path), "{place}");
    let seen = owner.get(&path).expect(200);
    assert!(!seen.body.contains("whsec_"), "{}", seen.body);
    assert_eq!(seen.json()["events"], json!(["post.published"]));
    let known = [("if-none-match", seen.header("etag").unwrap())];
    owner.send("GET", &path, &known, None).expect(304);

    let change = |tag: &str, body: &str| {
        let headers = [&MERGE_PATCH[..], &[("if-match", tag)]].concat();
        owner.send("PATCH", &path, &headers, Some(body.as_bytes()))
    };
    let changed = change(
        &tag,
        r#"{"description": null, "events": ["media.deleted", "post.published"]}"#,
    );
    let changed = changed.expect(200);
    assert_eq!(
        changed.json()["events"],
        json!(["post.published", "media.deleted"])
    );
    assert_eq!(changed.json()["description"], "");
    let late = change(&tag, r#"{"active": false}"#).expect(412);
    assert_eq!(late.json()["code"], "precondition-failed");
    let late = [("if-match", &*tag)];
    owner.send("DELETE", &path, &late, None).expect(412);

    for (body, field) in [
        (json!({}), "url"),
        (json!({ "url": "ftp://example.org/" }), "url"),
        (json!({ "url": "https://ada:x@hook.invalid/" }), "url"),
        (
            json!({ "url": "https://hook.invalid/", "events": [] }),
            "events",
        ),
        (
            json!({ "url": "https://hook.invalid/", "events": ["ping"] }),
            "events",
        ),
        (
            json!({ "url": "https://hook.invalid/", "events": ["nothing"] }),
            "events",
        ),
        (
            json!({ "url": "https://hook.invalid/", "active": null }),
            "active",
        ),
        (
            json!({ "url": "https://hook.invalid/", "description": "x".repeat(201) }),
            "description",
        ),
    ] {
        let refused = owner.ask("POST", "/api/v1/webhooks", &body).expect(422);
        assert_eq!(refused.json()["errors"][0]["field"], field, "{body}");
    }
    owner.get("/api/v1/webhooks?wrong=1").expect(422);

    for title in ["First", "Second", "Third"] {
        post(&site, title, "published");
    }
    await_told(&receiver, 3);
    let listed = |path: &str| owner.get(path).expect(200).json();
    let part = listed(&format!("{path}/deliveries?limit=2"));
    assert_eq!(part["items"].as_array().unwrap().len(), 2);
    let next = part["next"].as_str().unwrap();
    let rest = listed(&format!("{path}/deliveries?limit=2&cursor={next}"));
    assert_eq!(
        (rest["items"].as_array().unwrap().len(), &rest["next"]),
        (1, &json!(null))
    );
    let one = &rest["items"][0]["id"];
    let delivery = listed(&format!("{path}/deliveries/{one}"));
    assert_eq!(delivery["payload"]["data"]["title"], "First");
    let (other, _) = add(&site, "https://hook.invalid/");
    owner
        .get(&format!("/api/v1/webhooks/{other}/deliveries/{one}"))
        .expect(404);
    let page = listed("/api/v1/webhooks?limit=1");
    assert_eq!(page["items"][0]["id"], other);
    let next = page["next"].as_str().unwrap();
    let page = listed(&format!("/api/v1/webhooks?limit=1&cursor={next}"));
    assert_eq!(
        (&page["items"][0]["id"], &page["next"]),
        (&json!(id), &json!(null))
    );

    let weak = ["token", "create", "--name", "weak", "--scope", "read,write"];
    let weak = site.inkstand(&weak).ok();
    let weak = [("authorization", &*format!("Bearer {}", weak.trim()))];
    for (method, path) in [("GET", "/api/v1/webhooks"), ("DELETE", &*path)] {
        site.anyone().send(method, path, &weak, None).expect(403);
        site.anyone().send(method, path, &[], None).expect(401);
    }
    owner.send("DELETE", &path, &[], None).expect(204);
    owner.get(&path).expect(404);
}

#[test]
fn more_webhooks_than_there_are_lanes_are_refused() {
    let site = Site::start();
    for number in 0..32 {
        add(&site, &format!("https://hook.invalid/{number}"));
    }
    let form = json!({ "url": "https://hook.invalid/33" });
    let refused = site.owner().ask("POST", "/api/v1/webhooks", &form);
    assert!(refused.expect(409).body.contains("remove one first"));
}

#[test]
fn the_writing_room_looks_after_webhooks_without_scripts() {
    let site = Setup::new().args(&NEIGHBOURLY).start();
    site.token();
    let cookie = cookie_of(&enter(&site, EMAIL, PASSWORD).expect(303));
    let receiver = Receiver::start();
    let page = look(&site, "/admin/webhooks", &cookie).expect(200);
    assert!(page.body.contains("None yet"), "{}", page.body);

    let url = receiver.url("/room");
    let refused = [
        ("what", "add"),
        ("url", &*url),
        ("description", "Kept & shown"),
    ];
    let refused = send(&site, "/admin/webhooks", &cookie, &refused).expect(422);
    assert!(refused.body.contains("Choose at least one event"));
    assert!(refused.body.contains("Kept &amp; shown") && refused.body.contains(&url));

    let fields = [
        ("what", "add"),
        ("url", &*url),
        ("description", "News"),
        ("event", "post.published"),
        ("event", "post.deleted"),
    ];
    let made = send(&site, "/admin/webhooks", &cookie, &fields).expect(200);
    let secret = made.body.split("class=\"secret\">").nth(1).unwrap();
    let secret = secret.split('<').next().unwrap().to_owned();
    let listed = site.inkstand(&["webhook", "list", "--json"]).ok();
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(
        listed["items"][0]["events"],
        json!(["post.published", "post.deleted"])
    );
    let here = format!("/admin/webhooks/{}", listed["items"][0]["id"]);
    let does = |fields: &[(&str, &str)]| send(&site, &here, &cookie, fields);
    let says = |words: &str| {
        let page = look(&site, &here, &cookie).expect(200).body;
        assert!(page.contains(words), "no {words} in {page}");
    };
    assert!(!look(&site, &here, &cookie).body.contains("whsec_"));

    let done = does(&[("what", "test")]).expect(303);
    assert!(done.header("location").unwrap().ends_with("?done=test"));
    assert!(receiver.told()[0].is_signed_with(&secret));
    receiver.answer_next(&[500]);
    let failed = does(&[("what", "test")]).expect(409);
    assert!(
        failed
            .body
            .contains("The test did not arrive: the answer was 500")
    );

    post(&site, "<b>Bold</b> news", "published");
    await_told(&receiver, 3);
    says("&lt;b&gt;Bold");
    let owner = site.owner();
    let id = listed["items"][0]["id"].as_i64().unwrap();
    let sent = await_state(&owner, id, "delivered")["id"].to_string();
    does(&[("what", "redeliver"), ("delivery", &*sent)]).expect(303);
    await_told(&receiver, 4);

    let version = look(&site, &here, &cookie).body;
    let version = version.split("name=\"version\" value=\"").nth(1).unwrap();
    let version = version.split('"').next().unwrap().to_owned();
    let save = [
        ("what", "save"),
        ("version", &*version),
        ("url", &*url),
        ("event", "user.created"),
    ];
    does(&save).expect(303);
    says("value=\"user.created\" checked");
    assert!(does(&save).status == 412, "it was changed meanwhile");
    does(&[("what", "off")]).expect(303);
    says("Switch on");
    let renewed = does(&[("what", "secret")]).expect(200);
    assert!(renewed.body.contains("whsec_") && !renewed.body.contains(&secret));
    does(&[("what", "remove")]).expect(303);
    look(&site, &here, &cookie).expect(404);
}

#[test]
fn the_shell_looks_after_webhooks_beside_a_running_site() {
    let site = site();
    site.token();
    let receiver = Receiver::start();
    let url = receiver.url("/shell");
    let run = |words: &[&str]| {
        let words = [&["webhook"], words, &NEIGHBOURLY].concat();
        site.inkstand(&words)
    };
    let secret = run(&[
        "add",
        &url,
        "--event",
        "post.published",
        "--description",
        "Shell",
    ])
    .ok();
    let secret = secret.trim();
    let listed: Value = serde_json::from_str(&run(&["list", "--json"]).ok()).unwrap();
    let id = &*listed["items"][0]["id"].to_string();
    assert_eq!(listed["items"][0]["url"], url);
    assert!(run(&["list"]).ok().contains(&url));

    let said = run(&["test", id]).ok();
    assert!(said.starts_with("the test arrived: answer 204"), "{said}");
    assert!(receiver.told()[0].is_signed_with(secret));
    receiver.answer_next(&[500]);
    let failed = run(&["test", id]);
    assert_eq!(failed.code, 1);
    assert!(
        failed
            .stderr
            .contains("the test did not arrive: the answer was 500"),
        "{}",
        failed.stderr
    );

    post(&site, "From the shell", "published");
    let told = await_told(&receiver, 3);
    let delivery = told[2].id();
    eventually("it is written down", || {
        let sent: Value = serde_json::from_str(&run(&["deliveries", id, "--json"]).ok()).unwrap();
        (sent["items"][0]["state"] == "delivered").then_some(())
    });
    assert!(
        run(&["deliveries", id, "--limit", "1"])
            .ok()
            .contains("post.published")
    );
    run(&["redeliver", id, delivery]).ok();
    assert_eq!(await_told(&receiver, 4)[3].id(), delivery);

    run(&["off", id]).ok();
    let refused = run(&["redeliver", id, delivery]);
    assert!(
        refused.stderr.contains("switch it on first"),
        "{}",
        refused.stderr
    );
    run(&["on", id]).ok();
    let other = run(&["secret", id]).ok();
    assert!(other.starts_with("whsec_") && other.trim() != secret);
    let wrong = run(&["add", &url, "--event", "post.burnt"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("post.published"), "{}", wrong.stderr);
    run(&["remove", id]).ok();
    assert_eq!(run(&["list"]).ok(), "");
}
