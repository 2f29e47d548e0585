//! A reader's visit: the first page, a post, a search, on every kind of screen.

use fantoccini::key::Key;
use serde_json::{Value, json};

use super::chromium::{Browser, browse};
use super::site::{Site, eventually};

const WIDE: u32 = 1000;
const NARROW: u32 = 320;

/// Everything that likes to stick out of a narrow page.
const MARKDOWN: &str = "Opening words with a searchword.

## A heading of some length about nothing in particular

Averyveryveryveryveryveryveryveryveryveryveryveryveryveryveryveryverylongwordwithoutanyplacetobreak.

```rust
fn a_function_with_a_long_name(first: &str, second: &str, third: &str) -> Result<Vec<String>, Error> { todo() }
```

| a column | another column | a third column | a fourth column | a fifth column | a sixth column |
|---|---|---|---|---|---|
| some words | some words | some words | some words | some words | some words |

> quoted

$$\\sum_{i=1}^{n} x_i = x_1 + x_2 + x_3 + x_4 + x_5 + x_6 + x_7 + x_8 + x_9 + x_{10} + x_{11} + x_{12}$$

[an address](https://example.org/with/a/very/long/path/that/goes/on/and/on/and/on/and/on/and/on) and `code`.
";

pub(crate) fn site_with_posts() -> Site {
    let site = Site::start();
    let owner = site.owner();
    for (title, markdown) in [
        ("Another post", "Nothing to see."),
        ("Of many things", MARKDOWN),
    ] {
        let form = json!({ "title": title, "markdown": markdown, "tags": ["Things"], "status": "published" });
        owner.ask("POST", "/api/v1/posts", &form).expect(201);
    }
    eventually("the search knows the post", || {
        let found = site.anyone().get("/api/v1/search?q=searchword").json();
        (found["total"] == 1).then_some(())
    });
    site
}

pub(crate) async fn assert_fits(browser: &Browser, width: u32) {
    let script = "return [document.documentElement.scrollWidth, window.innerWidth, location.pathname,
        [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1
            && !e.closest('pre, table, math, [role=toolbar]')).map(e => e.outerHTML.slice(0, 120))]";
    let found = browser.script(script).await;
    assert_eq!(
        found[1],
        json!(width),
        "the window is as wide as was asked for"
    );
    assert!(
        found[0].as_u64() <= found[1].as_u64(),
        "the page is too wide: {found}"
    );
    assert_eq!(found[3], json!([]), "this sticks out");
}

async fn read_and_search(browser: &Browser, site: &Site, width: u32) {
    browser.set_width(width);
    browser.open_page(&site.url("/")).await;
    assert_fits(browser, width).await;
    browser.follow("Of many things").await;
    browser.await_path("/of-many-things").await;
    assert_eq!(browser.text("article h1").await, "Of many things");
    assert_fits(browser, width).await;
    browser.type_into("input[type=search]", "searchword").await;
    browser.press(Key::Enter).await;
    browser.await_path("/search").await;
    assert_eq!(browser.text("[role=status]").await, "1 post found");
    assert_eq!(browser.text(".teaser mark").await, "searchword");
    assert_fits(browser, width).await;
    browser.follow("Of many things").await;
    browser.await_path("/of-many-things").await;
}

#[test]
fn browser_reads_and_searches_on_a_wide_screen() {
    let site = site_with_posts();
    browse(async |browser| {
        read_and_search(&browser, &site, WIDE).await;
        browser
    });
}

#[test]
fn browser_reads_and_searches_on_a_narrow_screen() {
    let site = site_with_posts();
    browse(async |browser| {
        read_and_search(&browser, &site, NARROW).await;
        browser
    });
}

/// How light a colour is, from 0 to 765, as the page computes it.
async fn lightness(browser: &Browser, property: &str) -> u64 {
    let script = format!(
        "const canvas = document.createElement('canvas').getContext('2d');
         canvas.fillStyle = getComputedStyle(document.body).{property};
         canvas.fillRect(0, 0, 1, 1);
         return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).reduce((sum, part) => sum + part)"
    );
    browser.script(&script).await.as_u64().expect("a number")
}

#[test]
fn browser_shows_light_and_dark() {
    let site = site_with_posts();
    browse(async |browser| {
        for (scheme, is_dark) in [("light", false), ("dark", true)] {
            browser.set_scheme(scheme);
            for path in ["/", "/of-many-things", "/search?q=searchword"] {
                browser.open_page(&site.url(path)).await;
                let paper = lightness(&browser, "backgroundColor").await;
                let ink = lightness(&browser, "color").await;
                assert_eq!(
                    paper < ink,
                    is_dark,
                    "{path} in {scheme}: paper {paper}, ink {ink}"
                );
                assert!(
                    paper.abs_diff(ink) > 300,
                    "{path} in {scheme}: too little contrast"
                );
            }
        }
        browser
    });
}

#[test]
fn browser_skips_to_the_text_by_keyboard() {
    let site = site_with_posts();
    browse(async |browser| {
        browser.open_page(&site.url("/of-many-things")).await;
        let focused = "return document.activeElement.className";
        browser.press(Key::Tab).await;
        assert_eq!(
            browser.script(focused).await,
            json!("skip"),
            "the first stop"
        );
        let place = "const box = document.activeElement.getBoundingClientRect();
            return box.left >= 0 && box.top >= 0 && box.width > 0 && box.height > 0";
        assert_eq!(
            browser.script(place).await,
            json!(true),
            "it shows when it has the focus"
        );
        browser.press(Key::Enter).await;
        assert_eq!(browser.script("return location.hash").await, json!("#main"));
        browser.press(Key::Tab).await;
        let inside = "return document.getElementById('main').contains(document.activeElement)";
        assert_eq!(
            browser.script(inside).await,
            json!(true),
            "the next stop is in the text"
        );
        browser
    });
}

#[test]
fn browser_can_use_every_page_without_scripts_of_others() {
    let site = site_with_posts();
    browse(async |browser| {
        let foreign = "return performance.getEntriesByType('resource').map(entry => entry.name)
            .filter(name => !name.startsWith(location.origin))";
        for path in ["/", "/of-many-things", "/search?q=searchword", "/search"] {
            browser.open_page(&site.url(path)).await;
            assert_eq!(
                browser.script(foreign).await,
                Value::Array(Vec::new()),
                "{path}"
            );
        }
        browser
    });
}
