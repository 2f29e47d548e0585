//! What the owner sets from the shell, beside a running site.

use serde_json::json;

use super::site::{Site, eventually};

#[test]
fn settings_show_on_the_running_site() {
    let site = Site::start();
    site.inkstand(&["settings", "set", "title", "Letters & Lamps"])
        .ok();
    eventually("the new title is on the home page", || {
        let home = site.anyone().get("/");
        home.body.contains("Letters &amp; Lamps").then_some(())
    });
    let unknown = site.inkstand(&["settings", "set", "titel", "x"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("title"), "{}", unknown.stderr);
    let refused = site.inkstand(&["settings", "set", "time_zone", "Moon/Crater"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("time_zone"), "{}", refused.stderr);
}

#[test]
fn redirects_lead_elsewhere_and_never_in_a_circle() {
    let site = Site::start();
    for (from, to) in [("/2019/alt-übung", "/b"), ("/b", "https://example.org/c")] {
        site.inkstand(&["redirect", "add", from, to]).ok();
    }
    eventually("the old address leads on", || {
        let answer = site.anyone().get("/2019/alt-%C3%BCbung");
        (answer.status == 301).then(|| assert_eq!(answer.header("location"), Some("/b")))
    });
    site.anyone().get("/b").expect(301);
    site.inkstand(&["redirect", "add", "/c", "/2019/alt-übung"])
        .ok();
    for (from, to) in [("/b", "/c"), ("/x", "/x"), ("/b", "/2019/alt-übung?y#z")] {
        let refused = site.inkstand(&["redirect", "add", from, to]);
        assert_eq!(refused.code, 1, "{from} to {to}");
        assert!(refused.stderr.contains("circle"), "{}", refused.stderr);
    }
}

#[test]
fn a_rule_for_a_folder_leads_the_rest_and_the_question_along() {
    let site = Site::start();
    for (from, to) in [
        ("/old/*", "/new/*"),
        ("/away/*", "https://example.org/*"),
        ("/gone-on", "/new"),
    ] {
        site.inkstand(&["redirect", "add", from, to]).ok();
    }
    let expected = [
        ("/old/2019/%C3%BC?a=1&b", "/new/2019/%C3%BC?a=1&b"),
        ("/gone-on?page=2", "/new?page=2"),
        ("/gone-on", "/new"),
        ("/away/x?secret=1", "https://example.org/x"),
        ("/old//evil.example/", "/new/evil.example/"),
    ];
    for (path, to) in expected {
        eventually("the rule is known", || {
            let answer = site.anyone().get(path);
            (answer.status == 301)
                .then(|| assert_eq!(answer.header("location"), Some(to), "{path}"))
        });
    }
    site.anyone().get("/older").expect(404);
}

#[test]
fn what_went_to_the_trash_is_gone_and_comes_back_on_request_alone() {
    let site = Site::start();
    let owner = site.owner();
    let form = json!({ "title": "Once here", "markdown": "Words", "status": "published" });
    let id = owner.ask("POST", "/api/v1/posts", &form).expect(201).json()["id"].to_string();
    let id = id.trim_matches('"');
    site.anyone().get("/once-here").expect(200);
    owner
        .ask(
            "PATCH",
            &format!("/api/v1/posts/{id}"),
            &json!({ "slug": "now-there" }),
        )
        .expect(200);
    site.anyone().get("/once-here?x=1").expect(301);
    owner.post(&format!("/api/v1/posts/{id}/trash")).expect(200);
    for path in ["/now-there", "/once-here"] {
        site.anyone().get(path).expect(410);
    }
    owner
        .post(&format!("/api/v1/posts/{id}/restore"))
        .expect(200);
    site.anyone().get("/now-there").expect(404);
}

#[test]
fn preview_links_and_translations_are_made_and_ended_by_programs() {
    let site = Site::start();
    let owner = site.owner();
    let create = |title: &str, language: &str| {
        let form = json!({ "title": title, "markdown": "Words", "language": language });
        let made = owner.ask("POST", "/api/v1/posts", &form).expect(201).json();
        made["id"].to_string().trim_matches('"').to_owned()
    };
    let (one, two) = (create("One", "en"), create("Eins", "de"));
    let at = |id: &str, verb: &str| format!("/api/v1/posts/{id}/{verb}");
    let link = owner
        .ask("POST", &at(&one, "preview"), &json!({ "hours": 3 }))
        .expect(201)
        .json();
    assert!(
        link["url"].as_str().unwrap().contains("/preview/"),
        "{link}"
    );
    assert!(link["expires_at"].as_str().is_some(), "{link}");
    let forever = json!({ "hours": 24 * 91 });
    owner
        .ask("POST", &at(&one, "preview"), &forever)
        .expect(422);
    site.anyone()
        .ask("POST", &at(&one, "preview"), &json!({}))
        .expect(401);
    let told = site
        .inkstand(&["post", "preview", &one, "--hours", "1"])
        .ok();
    assert!(told.contains("/preview/"), "{told}");
    owner
        .send("DELETE", &at(&one, "preview"), &[], None)
        .expect(204);

    let of = json!({ "translation_of": one.parse::<i64>().unwrap() });
    owner.ask("PUT", &at(&two, "translations"), &of).expect(200);
    let found = owner.get(&at(&one, "translations")).expect(200).json();
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found}");
    site.inkstand(&["post", "translate", &two, "--alone"]).ok();
    let found = owner.get(&at(&one, "translations")).expect(200).json();
    assert_eq!(found["items"], json!([]));
}

#[test]
fn settings_are_texts_where_they_fit_and_can_be_put_back() {
    let site = Site::start();
    let set = |name: &str, value: &str| site.inkstand(&["settings", "set", name, value]).ok();
    assert!(set("accent", "#8a3324").contains("accent = \"#8a3324\""));
    assert!(set("posts_per_page", "3").contains("posts_per_page = 3"));
    assert!(set("description", "12").contains("description = \"12\""));
    let links = r#"[{"label": "About", "url": "/about"}]"#;
    assert!(set("navigation", links).contains("About"));
    let cleared = site.inkstand(&["settings", "clear", "accent"]).ok();
    assert!(cleared.contains("accent = null"), "{cleared}");
    let unknown = site.inkstand(&["settings", "clear", "acent"]);
    assert_eq!(unknown.code, 2);
}
