//! Writing in the editor: from the first letter to what a reader sees, with its script and without.

use fantoccini::key::Key;
use serde_json::json;

use super::chromium::{Browser, browse};
use super::quality::{assert_accessible, axe};
use super::reading::assert_fits;
use super::site::Site;

const EMAIL: &str = "owner@example.org";
const PASSWORD: &str = "a password of the owner";
const MAX_SCRIPT_BYTES: usize = 60_000;
const BROTLI_BUFFER_BYTES: usize = 4096;
const BROTLI_QUALITY: u32 = 11;
const BROTLI_WINDOW: u32 = 22;
/// The preview is a page of the site whose scripts are kept from running, which the browser points out.
pub(crate) const PREVIEW_RUNS_NOTHING: &str = "Blocked script execution";

pub(crate) async fn sign_in(browser: &Browser, site: &Site) {
    site.token();
    browser.open_page(&site.url("/sign-in?to=/admin/new")).await;
    browser.type_into("#email", EMAIL).await;
    browser.type_into("#password", PASSWORD).await;
    browser.press(Key::Enter).await;
    browser.await_path("/admin/new").await;
    await_script(browser).await;
}

pub(crate) async fn await_script(browser: &Browser) {
    let begun = "document.documentElement.classList.contains('scripted')";
    browser.await_true(begun).await;
}

pub(crate) async fn await_state(browser: &Browser, text: &str) {
    let says = format!("document.querySelector('.state').textContent.includes('{text}')");
    browser.await_true(&says).await;
}

pub(crate) async fn markdown(browser: &Browser) -> String {
    let text = browser
        .script("return document.getElementById('markdown').value")
        .await;
    text.as_str().expect("a text").to_owned()
}

/// Puts the caret behind the last letter.
pub(crate) async fn go_to_end(browser: &Browser) {
    browser
        .script(
            "const field = document.getElementById('markdown');
             field.focus();
             field.setSelectionRange(field.value.length, field.value.length)",
        )
        .await;
}

const IS_MENU_OPEN: &str = "document.querySelector('.listbox:not([hidden])')";

#[test]
fn browser_writes_with_the_slash_menu_and_publishes() {
    let site = Site::start();
    browse(async |browser| {
        sign_in(&browser, &site).await;
        browser.type_keys("Of ink").await;
        browser.press(Key::Enter).await;
        browser.type_keys("Some words.\n\n/hea").await;
        browser.await_true(IS_MENU_OPEN).await;
        browser.press(Key::Enter).await;
        browser.type_keys("Vessels\n\n- one\ntwo\n\n/tabl").await;
        browser.press(Key::Enter).await;
        browser.type_keys("Pen").await;
        let written = "Some words.\n\n## Vessels\n\n- one\n- two\n\n| Pen | Name |\n";
        let found = markdown(&browser).await;
        assert!(found.starts_with(written), "{found}");
        browser
            .press_with(Key::Control, char::from(Key::Enter))
            .await;
        browser.click("dialog .buttons .main").await;
        let link = "document.querySelector('dialog a.button.main')";
        browser.await_true(link).await;
        assert_eq!(browser.text("dialog h2").await, "It is published");
        let article = site.anyone().get("/of-ink").expect(200).body;
        assert!(article.contains("Vessels</a></h2>") && article.contains("Pen</th>"));
        browser
    });
}

#[test]
fn browser_turns_rich_text_into_markdown() {
    let site = Site::start();
    browse(async |browser| {
        sign_in(&browser, &site).await;
        browser
            .script(
                r#"const data = new DataTransfer();
                 data.setData("text/plain", "Heading Bold");
                 data.setData("text/html", `<b style="font-weight:normal"><h1>Heading</h1>
                     <p onclick="alert(1)"><span style="font-weight:700">Bold</span> and <i>slanted</i>,
                     <a href="https://example.org/">a link</a>, 2 * 3, [x]</p>
                     <ol><li>one<ul><li>deep</li></ul></li><li>two</li></ol>
                     <table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table></b>`);
                 const field = document.getElementById("markdown");
                 field.focus();
                 field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }))"#,
            )
            .await;
        let expected = "## Heading\n\n**Bold** and *slanted*, [a link](https://example.org/), 2 * 3, \\[x]\n\n\
             1. one\n   - deep\n2. two\n\n| A | B |\n|---|---|\n| 1 | 2 |";
        assert_eq!(markdown(&browser).await, expected);
        browser
            .script(
                "const field = document.getElementById('markdown');
                 field.setSelectionRange(3, 10);
                 const data = new DataTransfer();
                 data.setData('text/plain', 'https://example.org/head');
                 field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))",
            )
            .await;
        let linked = markdown(&browser).await;
        assert!(
            linked.starts_with("## [Heading](https://example.org/head)\n"),
            "{linked}"
        );
        browser.press_with(Key::Control, 'z').await;
        assert_eq!(markdown(&browser).await, expected);
        browser
    });
}

#[test]
fn browser_previews_what_will_be_published() {
    let site = Site::start();
    let article =
        "document.querySelector('iframe.preview')?.contentDocument?.querySelector('.prose')";
    browse(async |browser| {
        sign_in(&browser, &site).await;
        browser.set_width(1400);
        browser.type_keys("A preview").await;
        browser.press(Key::Enter).await;
        browser.type_keys("First **words**.").await;
        browser.click("[aria-label=Preview]").await;
        browser
            .await_true(&format!("{article}?.querySelector('strong')"))
            .await;
        go_to_end(&browser).await;
        browser.type_keys("\n\n## Then\n\nmore *words*").await;
        browser
            .await_true(&format!("{article}?.querySelector('h2 ~ p em')"))
            .await;
        let shown = browser.script(&format!("return {article}.innerHTML")).await;
        browser
            .press_with(Key::Control, char::from(Key::Enter))
            .await;
        browser.click("dialog .buttons .main").await;
        browser
            .await_true("document.querySelector('dialog a.button.main')")
            .await;
        browser.forgive(&[PREVIEW_RUNS_NOTHING]);
        browser.open_page(&site.url("/a-preview")).await;
        let published = browser
            .script("return document.querySelector('.prose').innerHTML")
            .await;
        assert_eq!(shown, published);
        browser
    });
}

#[test]
fn browser_writes_and_publishes_without_scripts() {
    let site = Site::start();
    browse(async |browser| {
        browser.set_scripts(false);
        site.token();
        browser.open_page(&site.url("/sign-in?to=/admin/new")).await;
        browser.type_into("#email", EMAIL).await;
        browser.type_into("#password", PASSWORD).await;
        browser.press(Key::Enter).await;
        browser.await_path("/admin/new").await;
        browser.type_into("#title", "By hand").await;
        browser.type_into("#markdown", "Plain *words*.").await;
        browser.type_into("#tags", "Hands").await;
        browser.click("button[value=publish]").await;
        assert_eq!(browser.text(".done").await, "Published.");
        let page = site.anyone().get("/by-hand").expect(200).body;
        assert!(page.contains("<em>words</em>") && page.contains("Hands</a>"));
        browser
    });
}

#[test]
fn browser_finds_the_editor_accessible_in_every_state() {
    let axe = axe();
    let site = Site::start();
    browse(async |browser| {
        sign_in(&browser, &site).await;
        browser.type_into("#title", "A title").await;
        for scheme in ["light", "dark"] {
            browser.set_scheme(scheme);
            for width in [320, 1000, 1400] {
                browser.set_width(width);
                let place = |state: &str| format!("{state}, {scheme}, {width}");
                assert_fits(&browser, width).await;
                assert_accessible(&browser, &axe, &place("writing")).await;
                go_to_end(&browser).await;
                browser.type_keys("\n/").await;
                browser.await_true(IS_MENU_OPEN).await;
                assert_accessible(&browser, &axe, &place("menu")).await;
                browser.press(Key::Escape).await;
                browser.click("[aria-label=Settings]").await;
                browser
                    .script("document.querySelectorAll('.settings details').forEach(one => one.open = true)")
                    .await;
                browser.await_true("!document.getAnimations().length").await;
                assert_fits(&browser, width).await;
                assert_accessible(&browser, &axe, &place("settings")).await;
                browser.press(Key::Escape).await;
                browser.click(".acts .main").await;
                assert_accessible(&browser, &axe, &place("publishing")).await;
                browser.press(Key::Escape).await;
                browser.press_with(Key::Control, '/').await;
                assert_accessible(&browser, &axe, &place("keys")).await;
                browser.press(Key::Escape).await;
            }
        }
        browser
    });
}

#[test]
fn the_editors_scripts_are_small() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/admin/static/editor");
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let script = std::fs::read(entry.unwrap().path()).unwrap();
        let mut small = brotli::CompressorReader::new(
            &script[..],
            BROTLI_BUFFER_BYTES,
            BROTLI_QUALITY,
            BROTLI_WINDOW,
        );
        bytes += std::io::copy(&mut small, &mut std::io::sink()).unwrap();
    }
    assert!(
        usize::try_from(bytes).unwrap() <= MAX_SCRIPT_BYTES,
        "{bytes} bytes"
    );
    assert_ne!(json!(bytes), json!(0));
}
