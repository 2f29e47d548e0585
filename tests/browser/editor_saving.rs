//! What is written in the editor is never lost: not when the server dies, not without a network, not when two
//! write at once.

use fantoccini::key::Key;
use serde_json::json;

use super::chromium::{Browser, browse};
use super::editor::{await_script, await_state, go_to_end, markdown, sign_in};
use super::site::{Site, eventually};

/// What the browser says of a server that is not there, or does not agree.
const AWAY: &[&str] = &["Failed to load resource"];

/// A draft, saved by the editor itself; gives its address in the writing room.
async fn begin_draft(browser: &Browser, site: &Site, text: &str) -> String {
    sign_in(browser, site).await;
    browser.type_keys("A draft").await;
    browser.press(Key::Enter).await;
    browser.type_keys(text).await;
    browser
        .await_true("location.pathname.startsWith('/admin/posts/')")
        .await;
    let path = browser.script("return location.pathname").await;
    path.as_str().unwrap().to_owned()
}

/// What the server has of it.
fn stored(site: &Site, path: &str) -> String {
    let id = path.rsplit('/').next().unwrap();
    let post = site.owner().get(&format!("/api/v1/posts/{id}")).expect(200);
    post.json()["markdown"].as_str().unwrap().to_owned()
}

async fn is_kept(browser: &Browser) -> bool {
    browser.script("return localStorage.length > 0").await == json!(true)
}

#[test]
fn browser_keeps_what_was_written_while_the_server_was_dead() {
    let site = Site::start();
    let token = site.token().to_owned();
    browse(async |browser| {
        let path = begin_draft(&browser, &site, "Before.").await;
        let again = site.setup().listen_at(site.address());
        site.kill();
        go_to_end(&browser).await;
        browser.type_keys(" After.").await;
        await_state(&browser, "Kept on this device").await;
        let site = again.start().with_token(&token);
        await_state(&browser, "Saved").await;
        eventually("the server has it", || {
            (stored(&site, &path) == "Before. After.").then_some(())
        });
        assert!(!is_kept(&browser).await);
        browser.forgive(AWAY);
        browser
    });
}

#[test]
fn browser_offers_what_an_earlier_visit_could_not_send() {
    let site = Site::start();
    let token = site.token().to_owned();
    browse(async |browser| {
        let path = begin_draft(&browser, &site, "Sent.").await;
        let again = site.setup().listen_at(site.address());
        site.kill();
        go_to_end(&browser).await;
        browser.type_keys(" Kept.").await;
        await_state(&browser, "Kept on this device").await;
        // The visit ends before the server is back.
        browser.open_page("about:blank").await;
        let site = again.start().with_token(&token);
        assert_eq!(stored(&site, &path), "Sent.");
        browser.open_page(&site.url(&path)).await;
        await_script(&browser).await;
        assert_eq!(markdown(&browser).await, "Sent.");
        browser.click(".notices .note button").await;
        assert_eq!(markdown(&browser).await, "Sent. Kept.");
        await_state(&browser, "Saved").await;
        assert_eq!(stored(&site, &path), "Sent. Kept.");
        assert!(!is_kept(&browser).await);
        browser.forgive(AWAY);
        browser
    });
}

#[test]
fn browser_sends_by_itself_what_was_written_offline() {
    let site = Site::start();
    browse(async |browser| {
        let path = begin_draft(&browser, &site, "Online.").await;
        browser.set_offline(true);
        go_to_end(&browser).await;
        browser.type_keys(" Offline.").await;
        await_state(&browser, "You are offline").await;
        browser.set_offline(false);
        await_state(&browser, "Saved").await;
        assert_eq!(stored(&site, &path), "Online. Offline.");
        browser.forgive(AWAY);
        browser
    });
}

#[test]
fn browser_tells_two_tabs_of_each_other_and_overwrites_nothing() {
    let site = Site::start();
    browse(async |browser| {
        let path = begin_draft(&browser, &site, "Common.").await;
        let first = browser.open_tab().await;
        browser.open_page(&site.url(&path)).await;
        await_script(&browser).await;
        assert!(browser.text(".notices").await.contains("another tab"));
        go_to_end(&browser).await;
        browser.type_keys(" Theirs.").await;
        await_state(&browser, "Saved").await;
        browser.go_to_tab(first).await;
        go_to_end(&browser).await;
        browser.type_keys(" Mine.").await;
        browser
            .await_true("document.querySelector('dialog ins')")
            .await;
        assert_eq!(stored(&site, &path), "Common. Theirs.");
        let marked = browser
            .script("return [...document.querySelectorAll('dialog .difference :is(ins, del)')].map(one => one.textContent)")
            .await;
        assert_eq!(marked, json!(["Theirs", "Mine"]));
        browser.click("dialog .buttons .main").await;
        await_state(&browser, "Saved").await;
        assert_eq!(stored(&site, &path), "Common. Mine.");
        browser.forgive(AWAY);
        browser
    });
}
