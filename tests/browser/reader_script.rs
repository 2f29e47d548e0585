//! What the reader's script adds: the search palette, by keyboard and by mouse, and the copy button.

use fantoccini::key::Key;
use serde_json::json;

use super::chromium::{Browser, browse};
use super::reading::{assert_fits, site_with_posts};

const POST: &str = "/of-many-things";
const NARROW: u32 = 320;
const IS_OPEN: &str = "document.querySelector('dialog.palette')?.open";
const IS_CLOSED: &str = "!document.querySelector('dialog.palette')?.open";

/// Who looks at a page that is still loading presses keys in vain.
async fn open_page(browser: &Browser, address: &str) {
    browser.open_page(address).await;
    browser
        .await_true("document.readyState === 'complete'")
        .await;
}

/// Waits until an element says this. Whatever is still fading in says it already.
async fn await_text(browser: &Browser, css: &str, text: &str) {
    let says = format!("document.querySelector('{css}')?.textContent === '{text}'");
    browser.await_true(&says).await;
}

/// What the field of the palette says of itself, and its marked result.
async fn listbox(browser: &Browser) -> serde_json::Value {
    browser
        .script(
            "const field = document.querySelector('.palette input');
             const active = document.getElementById(field.getAttribute('aria-activedescendant'));
             return [field.getAttribute('aria-expanded'), document.activeElement === field,
                 active?.getAttribute('aria-selected'), active?.querySelector('b').textContent]",
        )
        .await
}

#[test]
fn browser_finds_a_post_with_the_palette_by_keyboard() {
    let site = site_with_posts();
    browse(async |browser| {
        open_page(&browser, &site.url("/")).await;
        browser.press_with(Key::Control, 'k').await;
        browser.await_true(IS_OPEN).await;
        await_text(&browser, ".palette-status", "Type to search.").await;
        browser.type_keys("searchw").await;
        browser
            .await_true("document.querySelector('.palette li mark')")
            .await;
        await_text(&browser, ".palette-status", "Results: 1").await;
        await_text(&browser, ".palette li b", "Of many things").await;
        await_text(&browser, ".palette li mark", "searchword").await;
        assert_eq!(listbox(&browser).await, json!(["true", true, null, null]));
        browser.press(Key::Down).await;
        assert_eq!(
            listbox(&browser).await,
            json!(["true", true, "true", "Of many things"])
        );
        browser.press(Key::Enter).await;
        browser.await_path(POST).await;
        browser
    });
}

#[test]
fn browser_leaves_the_palette_and_is_where_it_was() {
    let site = site_with_posts();
    browse(async |browser| {
        open_page(&browser, &site.url(POST)).await;
        browser.press(Key::Tab).await;
        browser.press(Key::Tab).await;
        browser
            .script("window.before = document.activeElement")
            .await;
        browser.type_keys("/").await;
        browser.await_true(IS_OPEN).await;
        browser.type_keys("a/b").await;
        let typed = "return document.querySelector('.palette input').value";
        assert_eq!(
            browser.script(typed).await,
            json!("a/b"),
            "a slash in a field"
        );
        browser.press(Key::Escape).await;
        browser.await_true(IS_CLOSED).await;
        browser
            .await_true("document.activeElement === window.before")
            .await;
        browser.press_with(Key::Meta, 'k').await;
        browser.await_true(IS_OPEN).await;
        browser.click(".palette-close").await;
        browser.await_true(IS_CLOSED).await;
        browser
    });
}

#[test]
fn browser_opens_the_palette_by_a_link_to_the_search() {
    let site = site_with_posts();
    browse(async |browser| {
        open_page(&browser, &site.url("/")).await;
        let add =
            "document.getElementById('main').innerHTML = '<a id=\"opener\" href=\"/search\">x</a>'";
        browser.script(add).await;
        browser.click("#opener").await;
        browser.await_true(IS_OPEN).await;
        browser.press(Key::Escape).await;
        browser.await_true(IS_CLOSED).await;
        let focused = "return document.activeElement.id";
        assert_eq!(browser.script(focused).await, json!("opener"));
        browser
    });
}

#[test]
fn browser_says_when_nothing_is_found_and_leads_to_all_results() {
    let site = site_with_posts();
    browse(async |browser| {
        browser.set_width(NARROW);
        open_page(&browser, &site.url("/")).await;
        browser.press_with(Key::Control, 'k').await;
        browser.type_keys("zzyzx").await;
        await_text(&browser, ".palette-status", "Nothing found.").await;
        assert_eq!(listbox(&browser).await, json!(["false", true, null, null]));
        assert_fits(&browser, NARROW).await;
        browser.press_with(Key::Control, 'a').await;
        browser.type_keys("searchword").await;
        browser
            .await_true("document.querySelector('.palette li')")
            .await;
        assert_fits(&browser, NARROW).await;
        browser.click(".palette-all").await;
        browser.await_path("/search").await;
        let query = "return new URLSearchParams(location.search).get('q')";
        assert_eq!(browser.script(query).await, json!("searchword"));
        browser
    });
}

#[test]
fn browser_speaks_the_sites_language_in_the_palette() {
    let site = site_with_posts();
    site.inkstand(&["settings", "set", "language", "ar"]);
    browse(async |browser| {
        open_page(&browser, &site.url("/")).await;
        browser.press_with(Key::Control, 'k').await;
        browser.await_true(IS_OPEN).await;
        await_text(&browser, ".palette-status", "يبدأ البحث مع الكتابة.").await;
        let direction = "return getComputedStyle(document.querySelector('.palette')).direction";
        assert_eq!(browser.script(direction).await, json!("rtl"));
        browser
    });
}

#[test]
fn browser_copies_a_block_of_code() {
    let site = site_with_posts();
    browse(async |browser| {
        open_page(&browser, &site.url(POST)).await;
        let code = browser
            .script("return document.querySelector('pre > code').textContent.trim()")
            .await;
        let place = "const place = document.querySelector('.copy-place').getBoundingClientRect();
            const button = document.querySelector('.copy-button').getBoundingClientRect();
            return button.right <= place.right && button.top >= place.top";
        assert_eq!(
            browser.script(place).await,
            json!(true),
            "the button is in its corner"
        );
        browser
            .script("document.querySelector('.copy-button').focus()")
            .await;
        browser.press(Key::Enter).await;
        await_text(&browser, ".reader-live", "Copied").await;
        // What was copied shows where it can be pasted.
        browser.press_with(Key::Control, 'k').await;
        browser.await_true(IS_OPEN).await;
        browser.press_with(Key::Control, 'v').await;
        let pasted = "return document.querySelector('.palette input').value";
        assert_eq!(browser.script(pasted).await, code);
        browser
    });
}
