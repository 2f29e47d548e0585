//! What becomes of entries of others' programs beyond what the published tests ask: scopes and roles, where
//! a post stands, what is kept and given back, and what is refused.

use image::ImageFormat;
use serde_json::{Value, json};

use super::admin::{look, send};
use super::pen::{ALL, FORM, Program, encoded, error_of, location, multipart, picture};
use super::site::Answer;

#[test]
fn each_word_allows_what_it_says() {
    let program = Program::new(ALL);
    let url = program.entry(&json!({ "content": ["Mine"] }));
    let scope_error = |answer: Answer| {
        assert_eq!(error_of(&answer.expect(401)), "insufficient_scope");
    };
    let program = program.with("create");
    scope_error(program.update(&url, &json!({ "replace": { "content": ["x"] } })));
    scope_error(program.json(&json!({ "action": "delete", "url": url })));
    scope_error(program.ask(&format!("q=source&url={}", encoded(&url))));
    scope_error(program.ask("q=source"));
    program.ask("q=config").expect(200);

    let program = program.with("update");
    program
        .update(&url, &json!({ "replace": { "content": ["Changed"] } }))
        .expect(204);
    scope_error(program.update(&url, &json!({ "replace": { "post-status": ["draft"] } })));
    scope_error(program.form("h=entry&content=x"));

    let program = program.with("delete");
    program
        .json(&json!({ "action": "delete", "url": url }))
        .expect(204);
    program.page(&url).expect(410);
    let program = program.with("undelete");
    // It may not publish, so it comes back as a draft.
    let back = program.json(&json!({ "action": "undelete", "url": url }));
    back.expect(204);
    program.page(&url).expect(404);

    let program = program.with("draft");
    for status in ["", "&post-status=published"] {
        let made = program
            .form(&format!("h=entry&content=Only+a+draft{status}"))
            .expect(202);
        program.page(&location(&made)).expect(404);
    }
    let program = program.with("profile email");
    for body in [
        "h=entry&content=x",
        &format!("action=delete&url={}", encoded(&url)),
    ] {
        scope_error(program.form(body));
    }
    let (kind, body) = multipart(&[], &[("file", "x.png", picture(ImageFormat::Png, 7))]);
    scope_error(program.send_to("/micropub/media", &kind, &body));
    let program = program.with("media");
    program.send_to("/micropub/media", &kind, &body).expect(201);
    scope_error(program.form("h=entry&content=x"));
}

#[test]
fn roles_hold_behind_words() {
    let program = Program::new(ALL);
    let owners = program.entry(&json!({ "content": ["The owner's"] }));
    let draft = json!({ "content": ["The owner's draft"], "post-status": ["draft"] });
    let hidden = program.entry(&draft);
    let program = program.of("ben", "contributor", ALL);
    let waiting = program
        .form("h=entry&content=From+a+contributor")
        .expect(202);
    let own = location(&waiting);
    program.page(&own).expect(404);
    assert_eq!(program.source(&own)["post-status"], json!(["draft"]));
    let (kind, body) = multipart(&[], &[("file", "x.png", picture(ImageFormat::Png, 7))]);
    let refused = program.send_to("/micropub/media", &kind, &body).expect(403);
    assert_eq!(error_of(&refused), "forbidden");
    let refused = program
        .update(&owners, &json!({ "replace": { "content": ["x"] } }))
        .expect(403);
    assert_eq!(error_of(&refused), "forbidden");
    program
        .json(&json!({ "action": "delete", "url": owners }))
        .expect(403);
    // What is not theirs to see is not there.
    for answer in [
        program.ask(&format!("q=source&url={}", encoded(&hidden))),
        program.update(&hidden, &json!({ "replace": { "content": ["x"] } })),
        program.json(&json!({ "action": "delete", "url": hidden })),
    ] {
        assert_eq!(error_of(&answer.expect(400)), "invalid_request");
    }
    let listed = program.ask("q=source").expect(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    // HTML of theirs is kept as far as they are trusted.
    let html = json!({ "html": "<p>ok</p><iframe src=\"https://evil.example\"></iframe><script>x</script>" });
    let program = program.of("ann", "author", ALL);
    let url = program.entry(&json!({ "content": [html] }));
    let page = program.page(&url).expect(200);
    assert!(
        page.body.contains("<p>ok</p>") && !page.body.contains("<iframe"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("<script>x"));
}

#[test]
fn a_post_is_where_its_entry_says() {
    let program = Program::new(ALL);
    let status = |url: &str| {
        let source = program.source(url);
        [
            source["post-status"][0].clone(),
            source["visibility"][0].clone(),
        ]
    };
    let draft =
        program.entry(&json!({ "name": ["A draft"], "content": ["x"], "post-status": ["draft"] }));
    assert_eq!(status(&draft), ["draft", "public"]);
    program.page(&draft).expect(404);
    program
        .update(
            &draft,
            &json!({ "replace": { "post-status": ["published"] } }),
        )
        .expect(204);
    program.page(&draft).expect(200);
    program
        .update(
            &draft,
            &json!({ "replace": { "visibility": ["unlisted"] } }),
        )
        .expect(204);
    assert_eq!(status(&draft), ["published", "unlisted"]);
    assert!(!program.site.anyone().get("/").body.contains("A draft"));
    program
        .update(&draft, &json!({ "replace": { "visibility": ["private"] } }))
        .expect(204);
    program.page(&draft).expect(404);
    program
        .update(&draft, &json!({ "replace": { "post-status": ["draft"] } }))
        .expect(204);
    assert_eq!(status(&draft), ["draft", "public"]);
    let private = program.entry(&json!({ "content": ["x"], "visibility": ["private"] }));
    assert_eq!(status(&private), ["published", "private"]);
    // What lies ahead is scheduled.
    let later =
        program.entry(&json!({ "content": ["y"], "published": ["2099-01-01T10:00:00+01:00"] }));
    program.page(&later).expect(404);
    assert_eq!(
        program.source(&later)["published"],
        json!(["2099-01-01T09:00:00+00:00"])
    );
    for wrong in [
        json!({ "visibility": ["friends"] }),
        json!({ "post-status": ["gone"] }),
        json!({ "published": ["soon"] }),
        json!({ "photo": ["javascript:alert(1)"] }),
        json!({ "category": ["x".repeat(200)] }),
        json!({ "content": [7] }),
    ] {
        let mut entry = json!({ "type": ["h-entry"], "properties": { "content": ["x"] } });
        for (name, value) in wrong.as_object().unwrap() {
            entry["properties"][name] = value.clone();
        }
        assert_eq!(
            error_of(&program.json(&entry).expect(400)),
            "invalid_request",
            "{wrong}"
        );
    }
}

#[test]
fn addresses_are_wishes_and_lead_on() {
    let program = Program::new(ALL);
    let url = program.entry(&json!({ "name": ["Ink"], "content": ["x"], "mp-slug": ["My Slug!"] }));
    assert_eq!(url, program.site.own_url("/my-slug"));
    let twin = program.entry(&json!({ "name": ["Ink"], "content": ["x"], "mp-slug": ["my-slug"] }));
    assert_eq!(twin, program.site.own_url("/my-slug-2"));
    let moved = program
        .update(&url, &json!({ "replace": { "mp-slug": ["another"] } }))
        .expect(201);
    assert_eq!(location(&moved), program.site.own_url("/another"));
    let old = program.page(&url).expect(301);
    assert!(old.header("location").unwrap().ends_with("/another"));
    // The old address still names it.
    let again = program
        .update(&url, &json!({ "replace": { "name": ["Ink, too"] } }))
        .expect(201);
    assert_eq!(location(&again), program.site.own_url("/another"));
    assert!(program.page(&location(&again)).body.contains("Ink, too"));
}

#[test]
fn what_it_is_about_stands_before_it() {
    let program = Program::new(ALL);
    let there = "https://other.example/a_post?x=1&y=2";
    let url = program.entry(&json!({ "in-reply-to": [there], "content": ["I agree"] }));
    let page = program.page(&url).expect(200);
    let link = "<p>In reply to <a href=\"https://other.example/a_post?x=1&amp;y=2\"";
    assert!(page.body.contains(link), "{}", page.body);
    assert_eq!(program.source(&url)["in-reply-to"], json!([there]));
    let cite = json!({ "type": ["h-cite"], "properties": { "url": [there], "name": ["x"] } });
    let url = program.entry(&json!({ "like-of": [cite] }));
    let page = program.page(&url).expect(200);
    assert!(page.body.contains("Liked <a href"), "{}", page.body);
    assert_eq!(program.source(&url)["like-of"], json!([cite]));
}

#[test]
fn what_was_written_on_in_the_editor_is_not_lost() {
    let program = Program::new(ALL);
    let url = program.entry(&json!({
        "content": ["First *words*"],
        "photo": ["https://media.example/x.jpg"],
        "syndication": ["https://other.example/1"],
    }));
    let posts = program.site.owner().get("/api/v1/posts").json();
    let id = posts["items"][0]["id"].to_string();
    let owner = program.site.owner();
    let change = json!({ "markdown": "Now **bold** words", "title": "A title" });
    owner
        .ask("PATCH", &format!("/api/v1/posts/{id}"), &change)
        .expect(200);
    let source = program.source(&url);
    assert_eq!(source["content"], json!(["Now **bold** words"]));
    assert_eq!(source["name"], json!(["A title"]));
    assert_eq!(
        source["photo"],
        Value::Null,
        "it is in the text, if anywhere"
    );
    assert_eq!(source["syndication"], json!(["https://other.example/1"]));
    // What was given back as markdown is taken as markdown.
    let words = json!({ "replace": { "content": ["Now **bolder** words"] } });
    program.update(&url, &words).expect(204);
    let page = program.page(&url).expect(200);
    assert!(
        page.body.contains("<strong>bolder</strong>"),
        "{}",
        page.body
    );
    assert!(page.body.contains("<h1 class=\"p-name\">A title</h1>"));
    // Other changes leave the text alone.
    program
        .update(&url, &json!({ "add": { "category": ["x"] } }))
        .expect(204);
    assert!(program.page(&url).body.contains("<strong>bolder</strong>"));
}

#[test]
fn plain_words_are_plain() {
    let program = Program::new(ALL);
    let words = "1. *Not* a list\n# nor this\n\n<b>&amp; https://example.org/a_b_c.";
    let url = program.entry(&json!({ "content": [words] }));
    let page = program.page(&url).expect(200);
    let expected = "<p>1. *Not* a list<br>\n# nor this</p>\n<p>&lt;b&gt;&amp;amp; <a href=\"https://example.org/a_b_c\"";
    assert!(page.body.contains(expected), "{}", page.body);
    let markdown = json!({ "markdown": "**bold**" });
    let url = program.entry(&json!({ "content": [markdown] }));
    assert!(program.page(&url).body.contains("<strong>bold</strong>"));
    assert_eq!(program.source(&url)["content"], json!([markdown]));
}

#[test]
fn odd_requests_are_told_what_is_wrong() {
    let program = Program::new(ALL);
    for (kind, body) in [
        ("application/json", "{"),
        ("application/json", "[]"),
        (
            "application/json",
            "{\"type\":[\"h-event\"],\"properties\":{\"name\":[\"x\"]}}",
        ),
        (
            "application/json",
            "{\"type\":[\"h-entry\"],\"properties\":{\"content\":\"x\"}}",
        ),
        ("text/plain", "x"),
        (FORM, "h=card&name=x"),
        (FORM, "h=entry"),
        (FORM, "action=update&url=x"),
        ("multipart/form-data", "x"),
    ] {
        let refused = program
            .send_to("/micropub", kind, body.as_bytes())
            .expect(400);
        assert_eq!(error_of(&refused), "invalid_request", "{kind} {body}");
    }
    let deep = format!("{{\"type\":{}", "[".repeat(100_000));
    program
        .send_to("/micropub", "application/json", deep.as_bytes())
        .expect(400);
    let large = format!("h=entry&content={}", "x".repeat(5 * 1024 * 1024));
    let refused = program.form(&large).expect(413);
    assert_eq!(error_of(&refused), "invalid_request");
}

#[test]
fn scripts_of_other_sites_may_come_with_a_token() {
    let program = Program::new(ALL);
    let asks = [
        ("origin", "https://app.example"),
        ("access-control-request-method", "POST"),
        (
            "access-control-request-headers",
            "authorization, content-type",
        ),
    ];
    let anyone = program.site.anyone();
    for path in ["/micropub", "/micropub/media", "/indieauth/userinfo"] {
        let answer = anyone.send("OPTIONS", path, &asks, None).expect(204);
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        let headers = answer.header("access-control-allow-headers").unwrap();
        assert!(headers.contains("authorization") && headers.contains("content-type"));
    }
    let made = program.form("h=entry&content=From+a+script").expect(201);
    assert_eq!(made.header("access-control-allow-origin"), Some("*"));
    assert_eq!(
        made.header("access-control-expose-headers"),
        Some("location")
    );
    // With a cookie alone nobody is known.
    let body = Some(&b"h=entry&content=x"[..]);
    let headers = [("cookie", &*program.cookie), ("content-type", FORM)];
    anyone.send("POST", "/micropub", &headers, body).expect(401);
}

#[test]
fn a_program_is_put_out_on_the_page_of_security() {
    let program = Program::new(ALL);
    let page = look(&program.site, "/admin/security", &program.cookie).expect(200);
    let html = scraper::Html::parse_document(&page.body);
    let id = scraper::Selector::parse("input[name=id]").unwrap();
    let button = scraper::Selector::parse("button[value=revoke-token]").unwrap();
    let form = html.select(&button).find(|button| {
        button
            .attr("aria-label")
            .is_some_and(|label| label.contains("localhost"))
    });
    let form = form
        .and_then(|button| button.parent())
        .and_then(scraper::ElementRef::wrap);
    let id = form
        .unwrap()
        .select(&id)
        .next()
        .unwrap()
        .attr("value")
        .unwrap()
        .to_owned();
    let fields = [("what", "revoke-token"), ("id", &*id)];
    send(&program.site, "/admin/security", &program.cookie, &fields).expect(303);
    assert_eq!(
        error_of(&program.form("h=entry&content=x").expect(401)),
        "unauthorized"
    );
}
