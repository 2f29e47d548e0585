//! What browsers are told a page may do, who may try what on, and that odd questions have answers.

use scraper::Html;
use serde_json::json;

use super::pages::{attribute, filled, publish};
use super::site::Site;

#[test]
fn code_the_owner_puts_in_may_run_and_nothing_else() {
    let site = filled();
    let analytics = "<script>count('site')</script><style>h1 { color: red }</style>";
    site.inkstand(&["settings", "set", "code_head", analytics])
        .ok();
    publish(
        &site,
        json!({
            "title": "With code", "markdown": "x", "code_foot": "<script>count('post')</script>",
        }),
    );
    let policy = |path: &str| {
        let answer = site.anyone().get(path);
        answer
            .header("content-security-policy")
            .expect("a policy")
            .to_owned()
    };
    let (home, post, nowhere) = (policy("/"), policy("/with-code"), policy("/nowhere"));
    let hashes = |policy: &str| policy.matches("'sha256-").count();
    assert_eq!((hashes(&home), hashes(&post), hashes(&nowhere)), (2, 3, 0));
    assert!(home.contains("script-src 'self' https: 'sha256-"), "{home}");
    for policy in [&home, &post, &nowhere] {
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    }
    let shown = site.anyone().get("/with-code").body;
    assert!(shown.contains(analytics) && shown.contains("count('post')"));
    assert!(!site.anyone().get("/nowhere").body.contains("count"));
}

#[test]
fn browsers_are_told_to_come_encrypted_where_the_site_is() {
    let hsts = |site: &Site, headers: &[(&str, &str)]| {
        let answer = site.anyone().send("GET", "/", headers, None).expect(200);
        answer
            .header("strict-transport-security")
            .map(str::to_owned)
    };
    let year = Some("max-age=31536000".to_owned());
    let plain = Site::start();
    assert_eq!(hsts(&plain, &[("x-forwarded-proto", "https")]), None);
    let args = [
        "--set",
        "site.url=https://blog.example",
        "--set",
        "trusted_proxies=127.0.0.1",
    ];
    let proxied = Site::start_with(&args);
    assert_eq!(hsts(&proxied, &[("x-forwarded-proto", "https")]), year);
    assert_eq!(hsts(&proxied, &[("x-forwarded-proto", "http")]), None);
}

#[test]
fn any_question_readers_ask_the_search_has_an_answer() {
    let site = filled();
    for query in [
        "?q=number&utm_source=x",
        "?q=a&q=number",
        "?page=x&q=number",
        "?q=%ff",
        "?as_you_type=maybe",
        "",
    ] {
        site.anyone().get(&format!("/search{query}")).expect(200);
    }
}

#[test]
fn a_theme_is_tried_on_by_those_who_may_choose_it() {
    let site = filled();
    let fields = "email=owner%40example.org&password=a+password+of+the+owner&to=%2Fadmin";
    let headers = [
        ("sec-fetch-site", "same-origin"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let entered = site
        .anyone()
        .send("POST", "/sign-in", &headers, Some(fields.as_bytes()))
        .expect(303);
    let cookie = entered
        .header("set-cookie")
        .expect("a cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let look = |path: &str, cookie: &str| {
        let answer = site
            .anyone()
            .send("GET", path, &[("cookie", cookie)], None)
            .expect(200);
        let theme = attribute(&Html::parse_document(&answer.body), "html", "data-theme");
        let keeps = answer.header("cache-control").unwrap().to_owned();
        let policy = answer.header("content-security-policy").unwrap();
        (
            theme.unwrap(),
            keeps,
            policy.contains("frame-ancestors 'self'"),
        )
    };
    let fresh = "public, max-age=0, must-revalidate";
    for path in [
        "/?theme=plain",
        "/post-1?theme=plain",
        "/search?q=x&theme=plain",
        "/archive?theme=plain",
    ] {
        assert_eq!(
            look(path, &cookie),
            ("plain".into(), "private, no-store".into(), true),
            "{path}"
        );
        assert_eq!(
            look(path, "a=b"),
            ("default".into(), fresh.into(), false),
            "{path}"
        );
    }
    for path in ["/?theme=../x", "/?theme=", "/"] {
        assert_eq!(
            look(path, &cookie),
            ("default".into(), fresh.into(), false),
            "{path}"
        );
    }
}
