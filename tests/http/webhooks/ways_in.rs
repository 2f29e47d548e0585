//! How webhooks are looked after: over the API, in the writing room, at the shell.

use serde_json::{Value, json};

use super::super::admin::{EMAIL, PASSWORD, cookie_of, enter, look, send};
use super::super::receiver::Receiver;
use super::super::site::{Setup, Site, eventually};
use super::{MERGE_PATCH, NEIGHBOURLY, add, await_state, await_told, post, site};

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
fn what_is_wrong_with_a_webhook_is_said_of_its_field() {
    let site = site();
    let owner = site.owner();
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
