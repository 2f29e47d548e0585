//! From an empty directory to the editor, with a password, with a passkey, with codes of an app; and
//! the pages about people, by eye and by axe.

use fantoccini::key::Key;

use super::chromium::{Browser, browse};
use super::codes::code_of_app;
use super::editor::await_script;
use super::quality::{assert_accessible, axe};
use super::site::Site;

const WIDE: u32 = 1000;
const NARROW: u32 = 320;

/// Passkeys are for names, so the site is asked by its own.
fn at(site: &Site, path: &str) -> String {
    format!("http://localhost:{}{path}", site.address().port())
}

fn link(site: &Site) -> String {
    let said = site.inkstand(&["setup"]).ok();
    let path = said
        .lines()
        .find_map(|line| line.find("/setup/").map(|at| &line[at..]));
    at(site, path.expect("a link").trim())
}

async fn fill_in(browser: &Browser, fields: &[(&str, &str)]) {
    for (css, text) in fields {
        browser.type_into(css, text).await;
    }
}

const OWNER: [(&str, &str); 3] = [
    ("#title", "The Engine Room"),
    ("#name", "Ada Lovelace"),
    ("#email", "ada@example.org"),
];

pub(crate) async fn claim(browser: &Browser, site: &Site) {
    browser.open_page(&link(site)).await;
    fill_in(browser, &OWNER).await;
    browser.take_picture("setup").await;
    browser.type_into("#password", "steam and brass").await;
    browser.press(Key::Enter).await;
    browser.await_path("/admin/new").await;
}

async fn sign_out(browser: &Browser, site: &Site) {
    browser.open_page(&at(site, "/admin/profile")).await;
    browser.click(".leave button").await;
    browser.await_path("/sign-in").await;
}

async fn submit(browser: &Browser, what: &str) {
    browser.click(&format!("button[value=\"{what}\"]")).await;
}

#[test]
fn browser_claims_a_new_site_and_publishes() {
    let site = Site::start();
    browse(async |browser| {
        browser.set_width(WIDE);
        claim(&browser, &site).await;
        await_script(&browser).await;
        browser.type_keys("First words").await;
        browser.press(Key::Enter).await;
        browser.type_keys("Steam rises.").await;
        let enter = char::from(Key::Enter);
        browser.press_with(Key::Control, enter).await;
        browser.click("dialog .buttons .main").await;
        let link = "document.querySelector('dialog a.button.main')";
        browser.await_true(link).await;
        browser.open_page(&at(&site, "/first-words")).await;
        assert_eq!(browser.text("article h1").await, "First words");
        browser
    });
}

#[test]
fn browser_claims_and_signs_in_with_a_passkey_alone() {
    let site = Site::start();
    browse(async |browser| {
        browser.plug_in_authenticator();
        browser.open_page(&link(&site)).await;
        fill_in(&browser, &OWNER).await;
        browser.click("[data-passkey=create]").await;
        browser.await_path("/admin/new").await;
        sign_out(&browser, &site).await;
        browser.take_picture("sign-in").await;
        browser.click("[data-passkey=get]").await;
        browser.await_path("/admin").await;
        // What matters asks again, and the passkey answers.
        site.sql("UPDATE sessions SET proved_at = created_at - 16 * 60 * 1000000");
        browser.open_page(&at(&site, "/admin/security")).await;
        browser.type_into("#new_password", "steam and brass").await;
        submit(&browser, "password").await;
        browser.await_text("h1", "Is it still you?").await;
        browser.take_picture("again").await;
        browser.click("[data-passkey=get]").await;
        browser
            .await_text("[role=status]", "password is changed")
            .await;
        browser
    });
}

#[test]
fn browser_adds_a_passkey_and_codes() {
    let site = Site::start();
    browse(async |browser| {
        browser.set_width(WIDE);
        claim(&browser, &site).await;
        browser.plug_in_authenticator();
        browser.open_page(&at(&site, "/admin/security")).await;
        browser.click("[data-passkey=create]").await;
        browser
            .await_text("[role=status]", "passkey can be used")
            .await;

        submit(&browser, "begin-codes").await;
        let secret = browser.text(".once code").await;
        browser.take_picture("codes").await;
        browser.type_into("#code", &code_of_app(&secret, -1)).await;
        submit(&browser, "confirm-codes").await;
        browser
            .await_true("document.querySelectorAll('.codes li').length === 10")
            .await;
        browser.take_picture("recovery-codes").await;
        sign_out(&browser, &site).await;
        fill_in(
            &browser,
            &[
                ("#email", "ada@example.org"),
                ("#password", "steam and brass"),
            ],
        )
        .await;
        browser.press(Key::Enter).await;
        browser.await_path("/sign-in/code").await;
        browser.take_picture("sign-in-code").await;
        browser.type_into("#code", &code_of_app(&secret, 0)).await;
        browser.press(Key::Enter).await;
        browser.await_path("/admin").await;
        sign_out(&browser, &site).await;
        // A passkey is both in one.
        browser.click("[data-passkey=get]").await;
        browser.await_path("/admin").await;
        browser
    });
}

#[test]
fn browser_finds_the_pages_about_people_accessible() {
    let axe = axe();
    let site = Site::start();
    browse(async |browser| {
        claim(&browser, &site).await;
        let user = [
            "user",
            "create",
            "--email",
            "ben@example.org",
            "--name",
            "Ben",
        ];
        site.inkstand(&user).ok();
        site.inkstand(&["token", "create", "--name", "a script"])
            .ok();
        browser.open_page(&at(&site, "/admin/people")).await;
        browser.type_into("#note", "Cleo").await;
        submit(&browser, "invite").await;
        browser.take_picture("invited").await;
        let invitation = browser.text(".once code").await;
        browser.open_page(&at(&site, "/admin/people")).await;
        browser.follow("Ben").await;
        let person = browser.script("return location.pathname").await;
        let person = person.as_str().expect("a path").to_owned();
        let removal = format!("{person}/remove");
        let pages = [
            "/admin/security",
            "/admin/profile",
            "/admin/people",
            &person,
            &removal,
            "/admin/audit",
        ];
        for scheme in ["light", "dark"] {
            browser.set_scheme(scheme);
            for width in [WIDE, NARROW] {
                browser.set_width(width);
                let mut pages: Vec<_> = pages.iter().map(|path| at(&site, path)).collect();
                pages.push(invitation.clone());
                for page in pages {
                    browser.open_page(&page).await;
                    assert_accessible(&browser, &axe, &format!("{scheme}, {width}, {page}")).await;
                    super::reading::assert_fits(&browser, width).await;
                    let name = page.rsplit('/').next().unwrap_or_default();
                    let name: String = name.chars().take(12).collect();
                    browser
                        .take_picture(&format!("{name}-{scheme}-{width}"))
                        .await;
                }
            }
        }
        browser
    });
}
