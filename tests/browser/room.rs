//! The writing room as axe-core sees it: every page, light and dark, wide and on a phone.

use serde_json::Value;

use super::chromium::browse;
use super::quality::{assert_accessible, axe};
use super::tour::Tour;

const EMAIL: &str = "owner@example.org";
const PASSWORD: &str = "a password of the owner";

#[test]
fn browser_finds_the_writing_room_accessible() {
    let axe = axe();
    let tour = Tour::prepare();
    let site = &tour.site;
    site.anyone().get("/in/vain").expect(404);
    site.inkstand(&["redirect", "add", "/old", "/"]).ok();
    // It leads home, where nothing is sent, so that there is a failure to be seen.
    let hook = ["webhook", "add", "--json", "http://localhost:9/"];
    let hook: Value = serde_json::from_str(&site.inkstand(&hook).ok()).unwrap();
    let hook = hook["id"].to_string();
    assert_eq!(site.inkstand(&["webhook", "test", &hook]).code, 1);
    browse(async |browser| {
        browser.open_page(&site.url("/sign-in")).await;
        assert_accessible(&browser, &axe, "/sign-in").await;
        browser.type_into("#email", EMAIL).await;
        browser.type_into("#password", PASSWORD).await;
        browser.click("main button.main").await;
        browser.await_path("/admin").await;
        let mut firsts = Vec::new();
        for list in ["/admin/tags", "/admin/posts?status=all"] {
            browser.open_page(&site.url(list)).await;
            let first = browser
                .script("return document.querySelector('.rows a.title').getAttribute('href')")
                .await;
            firsts.push(first.as_str().expect("a row").to_owned());
        }
        let [tag, post] = <[String; 2]>::try_from(firsts).unwrap();
        let places = [
            "/admin".to_owned(),
            "/admin/posts?status=all".to_owned(),
            "/admin/posts?q=nothing-like-it".to_owned(),
            "/admin/new".to_owned(),
            post.clone(),
            format!("{post}/revisions"),
            format!("{post}/preview"),
            "/admin/tags".to_owned(),
            tag,
            "/admin/redirects".to_owned(),
            "/admin/appearance".to_owned(),
            "/admin/system".to_owned(),
            "/admin/webhooks".to_owned(),
            format!("/admin/webhooks/{hook}"),
        ];
        for (width, scheme) in [(1280, "light"), (390, "dark")] {
            browser.set_width(width);
            browser.set_scheme(scheme);
            for place in &places {
                browser.open_page(&site.url(place)).await;
                assert_accessible(&browser, &axe, &format!("{scheme}, {width}, {place}")).await;
                let is_wider = browser
                    .script("return document.documentElement.scrollWidth > innerWidth + 1")
                    .await;
                assert_eq!(
                    is_wider,
                    Value::Bool(false),
                    "{place} is wider than {width}"
                );
            }
        }
        browser
    });
}
