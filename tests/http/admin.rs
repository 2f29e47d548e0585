//! The writing room as a browser without scripts uses it: the real program, its forms, its cookies.

use scraper::{Html, Selector};
use serde_json::json;

use super::site::{Answer, Site};

pub(crate) const EMAIL: &str = "owner@example.org";
pub(crate) const PASSWORD: &str = "a password of the owner";
pub(crate) const OWN: (&str, &str) = ("sec-fetch-site", "same-origin");
/// Enough wrong passwords that the wait outgrows whatever a busy machine takes for one.
const MANY_TRIES: usize = 12;

pub(crate) type Fields<'a> = [(&'a str, &'a str)];

/// Sends a form as a page of the site itself would.
#[track_caller]
pub(crate) fn send(site: &Site, path: &str, cookie: &str, fields: &Fields<'_>) -> Answer {
    send_with(site, path, &[OWN, ("cookie", cookie)], fields)
}

#[track_caller]
pub(crate) fn send_with(
    site: &Site,
    path: &str,
    headers: &Fields<'_>,
    fields: &Fields<'_>,
) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let headers = [headers, &kind].concat();
    site.anyone()
        .send("POST", path, &headers, Some(body.as_bytes()))
}

#[track_caller]
pub(crate) fn look(site: &Site, path: &str, cookie: &str) -> Answer {
    let headers = [("cookie", cookie)];
    site.anyone().send("GET", path, &headers, None)
}

#[track_caller]
pub(crate) fn enter(site: &Site, email: &str, password: &str) -> Answer {
    let fields = [("email", email), ("password", password), ("to", "/admin")];
    send_with(site, "/sign-in", &[OWN], &fields)
}

/// The cookie an answer sets, as it is sent back.
#[track_caller]
pub(crate) fn cookie_of(answer: &Answer) -> String {
    let cookie = answer.header("set-cookie").expect("a cookie");
    cookie.split(';').next().unwrap().to_owned()
}

/// A site with its owner signed in.
#[track_caller]
pub(crate) fn signed_in() -> (Site, String) {
    let site = Site::start();
    site.token();
    let cookie = cookie_of(&enter(&site, EMAIL, PASSWORD).expect(303));
    (site, cookie)
}

/// What a page's form would send if one pressed a button now, without the button.
pub(crate) fn fields_of(page: &Answer) -> Vec<(String, String)> {
    let html = Html::parse_document(&page.body);
    let all = Selector::parse("main form input, main form textarea").unwrap();
    let fields = html.select(&all).filter_map(|field| {
        let is_choice = matches!(field.attr("type"), Some("radio" | "checkbox"));
        let is_off = is_choice && field.attr("checked").is_none();
        // A field may stand here and belong to another form.
        let is_elsewhere = field.attr("form").is_some();
        let name = field.attr("name").filter(|_| !is_off && !is_elsewhere)?;
        let value = match field.value().name() {
            "textarea" => field.text().collect(),
            _ => field.attr("value").unwrap_or_default().to_owned(),
        };
        Some((name.to_owned(), value))
    });
    fields.collect()
}

pub(crate) fn field(page: &Answer, name: &str) -> String {
    let fields = fields_of(page).into_iter();
    let mut named = fields.filter(|(known, _)| known == name);
    named
        .next()
        .unwrap_or_else(|| panic!("no {name} in {}", page.body))
        .1
}

/// The page's form with some fields changed, and the button pressed.
#[track_caller]
pub(super) fn press(
    site: &Site,
    (path, cookie): (&str, &str),
    page: &Answer,
    button: &str,
    changes: &Fields<'_>,
) -> Answer {
    let mut fields = fields_of(page);
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    fields.push(("intent".to_owned(), button.to_owned()));
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    send(site, path, cookie, &fields)
}

fn buttons(page: &Answer) -> Vec<String> {
    let html = Html::parse_document(&page.body);
    let all = Selector::parse("button[name=intent]").unwrap();
    let words = html.select(&all).filter_map(|button| button.attr("value"));
    words.map(str::to_owned).collect()
}

/// Where an answer sends the browser, without what is said there.
#[track_caller]
pub(crate) fn place(answer: &Answer) -> String {
    let to = answer.header("location").expect("a location");
    to.split('?').next().unwrap().to_owned()
}

#[test]
fn a_post_is_written_published_changed_and_taken_back() {
    let (site, cookie) = signed_in();
    let blank = look(&site, "/admin/new", &cookie).expect(200);
    assert_eq!(blank.header("cache-control"), Some("no-store"));
    assert_eq!(buttons(&blank), ["keep", "publish"]);
    let written = [
        ("title", "Ink & <paper>"),
        ("markdown", "\r\n  first line\r\nsecond </textarea> line"),
        ("tags", "One, \"Two, three\""),
    ];
    let kept = press(&site, ("/admin/new", &cookie), &blank, "keep", &written).expect(303);
    let path = place(&kept);
    let anyone = site.anyone();
    anyone.get("/ink-paper").expect(404);
    let drafts = look(&site, "/admin/posts", &cookie).expect(200);
    assert!(
        drafts.body.contains("Ink &amp; &lt;paper&gt;"),
        "{}",
        drafts.body
    );

    // What comes back is what was written, to the letter.
    let page = look(&site, &path, &cookie).expect(200);
    assert_eq!(
        field(&page, "markdown"),
        "\n  first line\nsecond </textarea> line"
    );
    assert_eq!(field(&page, "tags"), "One, \"Two, three\"");
    press(&site, (&path, &cookie), &page, "publish", &[]).expect(303);
    assert!(anyone.get("/ink-paper").expect(200).body.contains("second"));

    // Saved for later, readers see nothing of it; updated, they do.
    let page = look(&site, &path, &cookie).expect(200);
    assert_eq!(buttons(&page), ["keep", "update", "unpublish", "trash"]);
    press(
        &site,
        (&path, &cookie),
        &page,
        "keep",
        &[("markdown", "better")],
    )
    .expect(303);
    assert!(!anyone.get("/ink-paper").expect(200).body.contains("better"));
    let page = look(&site, &path, &cookie).expect(200);
    assert_eq!(field(&page, "markdown"), "better");
    press(&site, (&path, &cookie), &page, "update", &[("slug", "ink")]).expect(303);
    assert_eq!(
        anyone.get("/ink-paper").expect(301).header("location"),
        Some("/ink")
    );
    assert!(anyone.get("/ink").expect(200).body.contains("better"));

    for (button, status) in [
        ("unpublish", 404),
        ("trash", 404),
        ("restore", 404),
        ("publish", 200),
    ] {
        let page = look(&site, &path, &cookie).expect(200);
        press(
            &site,
            (&path, &cookie),
            &page,
            button,
            &[("markdown", button)],
        )
        .expect(303);
        anyone.get("/ink").expect(status);
        let page = look(&site, &path, &cookie).expect(200);
        assert_eq!(field(&page, "markdown"), button, "what was typed is kept");
    }
}

#[test]
fn the_way_in_leads_back_and_only_to_our_own_pages() {
    let (site, cookie) = signed_in();
    let away = look(&site, "/admin/posts?status=trashed&kind=page", "").expect(303);
    let to = away.header("location").unwrap();
    assert_eq!(
        to,
        "/sign-in?to=%2Fadmin%2Fposts%3Fstatus%3Dtrashed%26kind%3Dpage"
    );
    let page = site.anyone().get(to).expect(200);
    assert_eq!(field(&page, "to"), "/admin/posts?status=trashed&kind=page");
    for (to, location) in [
        ("/admin/new", "/admin/new"),
        ("//evil.test", "/admin"),
        ("", "/admin"),
    ] {
        let fields = [("email", EMAIL), ("password", PASSWORD), ("to", to)];
        let answer = send_with(&site, "/sign-in", &[OWN], &fields).expect(303);
        assert_eq!(answer.header("location"), Some(location));
    }

    let left = send(&site, "/sign-out", &cookie, &[]).expect(303);
    assert!(left.header("set-cookie").unwrap().contains("Max-Age=0"));
    look(&site, "/admin", &cookie).expect(303);
}

#[test]
fn forms_of_other_sites_do_nothing() {
    let (site, cookie) = signed_in();
    let home = site.url("");
    let fields = [("title", "Forged"), ("intent", "publish")];
    let evil: [&Fields<'_>; 4] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site"), ("origin", &home)],
        &[("origin", "https://evil.test")],
        &[],
    ];
    for headers in evil {
        let headers = [headers, &[("cookie", cookie.as_str())]].concat();
        let refused = send_with(&site, "/admin/new", &headers, &fields).expect(403);
        assert!(
            refused.body.contains("not sent from a page of this site"),
            "{}",
            refused.body
        );
        let credentials = [("email", EMAIL), ("password", PASSWORD)];
        send_with(&site, "/sign-in", &headers, &credentials).expect(403);
        send_with(&site, "/sign-out", &headers, &[]).expect(403);
    }
    site.anyone().get("/forged").expect(404);
    let headers = [("origin", home.as_str()), ("cookie", &cookie)];
    send_with(&site, "/admin/new", &headers, &fields).expect(303);
    site.anyone().get("/forged").expect(200);
    // A cookie opens nothing to programs, and a token needs no page to come from.
    look(&site, "/api/v1/posts?status=draft", &cookie).expect(401);
    let post = json!({ "title": "By token" });
    site.owner().ask("POST", "/api/v1/posts", &post).expect(201);
}

#[test]
fn two_editors_see_both_texts() {
    let (site, cookie) = signed_in();
    let blank = look(&site, "/admin/new", &cookie).expect(200);
    let first = [("title", "Shared"), ("markdown", "as it was")];
    let path = place(&press(&site, ("/admin/new", &cookie), &blank, "publish", &first).expect(303));
    for button in ["update", "keep"] {
        let mine = look(&site, &path, &cookie).expect(200);
        let theirs = look(&site, &path, &cookie).expect(200);
        let at = (path.as_str(), cookie.as_str());
        press(
            &site,
            at,
            &theirs,
            button,
            &[("markdown", &format!("{button} theirs"))],
        )
        .expect(303);
        let text = format!("{button} <b>mine</b>");
        let refused = press(&site, at, &mine, "update", &[("markdown", &text)]).expect(409);
        assert_eq!(field(&refused, "markdown"), text);
        let html = Html::parse_document(&refused.body);
        let saved = Selector::parse(".theirs textarea").unwrap();
        let saved: String = html.select(&saved).flat_map(|field| field.text()).collect();
        assert_eq!(saved, format!("{button} theirs"));
        // Once both were seen, mine goes on top.
        press(&site, at, &refused, "update", &[]).expect(303);
        assert!(
            site.anyone()
                .get("/shared")
                .body
                .contains(&format!("{button} <b>mine</b>"))
        );
    }
    site.owner()
        .post(&format!("/api/v1{}/trash", &path["/admin".len()..]))
        .expect(200);
    let id = path.rsplit('/').next().unwrap();
    let mine = look(&site, &path, &cookie).expect(200);
    site.owner()
        .send("DELETE", &format!("/api/v1/posts/{id}"), &[], None)
        .expect(204);
    let at = (path.as_str(), cookie.as_str());
    let refused = press(&site, at, &mine, "restore", &[("markdown", "too late")]).expect(404);
    assert_eq!(field(&refused, "markdown"), "too late");
    assert_eq!(
        buttons(&refused),
        ["keep", "publish"],
        "it can become a new post"
    );
    let at = ("/admin/new", cookie.as_str());
    press(&site, at, &refused, "keep", &[]).expect(303);
}

#[test]
fn a_refused_form_comes_back_as_it_was_typed() {
    let (site, cookie) = signed_in();
    let blank = look(&site, "/admin/new", &cookie).expect(200);
    let typed = [
        ("title", " "),
        ("slug", "Not \"good\""),
        ("markdown", "\n\nwords"),
        ("tags", "a,,b"),
        ("excerpt", "short"),
        ("language", "xx yy"),
        ("kind", "page"),
    ];
    let at = ("/admin/new", cookie.as_str());
    let refused = press(&site, at, &blank, "publish", &typed).expect(422);
    for (name, value) in typed {
        assert_eq!(field(&refused, name), value);
    }
    for id in ["slug-error", "language-error"] {
        assert!(
            refused.body.contains(&format!("id=\"{id}\"")),
            "{}",
            refused.body
        );
    }
    let mended = [("slug", ""), ("language", "de")];
    let refused = press(&site, at, &refused, "publish", &mended).expect(422);
    assert!(refused.body.contains("Give it a title"), "{}", refused.body);
    assert_eq!(field(&refused, "markdown"), "\n\nwords");
    press(&site, at, &refused, "publish", &[("title", "Named")]).expect(303);
    site.anyone().get("/named").expect(200);
}

#[test]
fn a_session_that_ended_costs_no_word() {
    let (site, cookie) = signed_in();
    let blank = look(&site, "/admin/new", &cookie).expect(200);
    send(&site, "/sign-out", &cookie, &[]).expect(303);
    let typed = [("title", "Long"), ("markdown", "a long text")];
    let at = ("/admin/new", cookie.as_str());
    let refused = press(&site, at, &blank, "publish", &typed).expect(401);
    assert_eq!(field(&refused, "markdown"), "a long text");
    assert_eq!(buttons(&refused), ["publish"]);
    let wrong = [("email", EMAIL), ("password", "wrong password")];
    let refused = press(&site, at, &refused, "publish", &wrong).expect(422);
    assert_eq!(field(&refused, "markdown"), "a long text");
    assert!(!refused.body.contains("wrong password"), "{}", refused.body);
    let right = [("password", PASSWORD)];
    let saved = press(&site, at, &refused, "publish", &right).expect(303);
    site.anyone().get("/long").expect(200);
    look(&site, &place(&saved), &cookie_of(&saved)).expect(200);
}

#[test]
fn private_posts_are_for_those_who_may_read_them() {
    let (site, cookie) = signed_in();
    let post = json!({ "title": "Quiet", "markdown": "whispered", "status": "private" });
    site.owner().ask("POST", "/api/v1/posts", &post).expect(201);
    site.anyone().get("/quiet").expect(404);
    let page = look(&site, "/quiet", &cookie).expect(200);
    assert!(page.body.contains("whispered"));
    assert_eq!(page.header("cache-control"), Some("private, no-store"));
    site.anyone().get("/quiet").expect(404);
    look(&site, "/quiet", "inkstand-session=made-up").expect(404);
    look(&site, "/no-such-post", &cookie).expect(404);
}

#[test]
fn contributors_write_but_do_not_publish() {
    let (site, owner) = signed_in();
    let post = json!({ "title": "The owner’s draft" });
    let id = site
        .owner()
        .ask("POST", "/api/v1/posts", &post)
        .expect(201)
        .json()["id"]
        .to_string();
    let user = [
        "user",
        "create",
        "--email",
        "c@example.org",
        "--name",
        "Con",
        "--role",
        "contributor",
    ];
    let made = site.inkstand(&user).ok();
    let password = made
        .lines()
        .find_map(|line| line.strip_prefix("Password: "));
    let cookie = cookie_of(&enter(&site, "c@example.org", password.unwrap()).expect(303));
    assert!(
        !look(&site, "/admin/posts", &cookie)
            .body
            .contains("owner’s draft")
    );
    look(&site, &format!("/admin/posts/{id}"), &cookie).expect(404);

    let blank = look(&site, "/admin/new", &cookie).expect(200);
    assert_eq!(buttons(&blank), ["keep"]);
    let typed = [("title", "Mine"), ("markdown", "text")];
    let at = ("/admin/new", cookie.as_str());
    let refused = press(&site, at, &blank, "publish", &typed).expect(403);
    assert_eq!(field(&refused, "markdown"), "text");
    let path = place(&press(&site, at, &refused, "keep", &[]).expect(303));
    let page = look(&site, &path, &owner).expect(200);
    press(&site, (&path, &owner), &page, "publish", &[]).expect(303);
    site.anyone().get("/mine").expect(200);
    look(&site, &path, &cookie).expect(403);
}

#[test]
fn guessing_gets_slow_and_the_page_says_so() {
    let site = Site::start();
    let mut answers = (0..MANY_TRIES).map(|_| enter(&site, "nobody@example.org", "guess number x"));
    let slowed = answers
        .find(|answer| answer.status != 422)
        .expect("an end of patience");
    assert_eq!(slowed.status, 429);
    let seconds: u64 = slowed.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=30).contains(&seconds));
    assert!(slowed.body.contains("Too many attempts"), "{}", slowed.body);
    assert_eq!(field(&slowed, "email"), "nobody@example.org");
}

#[test]
fn over_https_the_cookie_is_bound_to_host_and_transport() {
    let site = Site::start_with(&["--set", "site.url=https://blog.test"]);
    site.token();
    let answer = enter(&site, EMAIL, PASSWORD).expect(303);
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-inkstand="), "{cookie}");
    for part in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    look(&site, "/admin", &cookie_of(&answer)).expect(200);
    let plain = cookie_of(&answer).replace("__Host-inkstand", "inkstand-session");
    look(&site, "/admin", &plain).expect(303);
}
