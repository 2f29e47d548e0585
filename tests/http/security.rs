//! One's own ways in: codes, sign-ins, tokens, and being asked again.

use base64::Engine;

use super::admin::{
    EMAIL, Fields, OWN, PASSWORD, cookie_of, enter, look, place, send, send_with, signed_in,
};
use super::codes::code_of_app;
use super::site::{Answer, Site};

const HERE: &str = "/admin/security";

#[track_caller]
fn act(site: &Site, cookie: &str, what: &str, fields: &Fields<'_>) -> Answer {
    send(site, HERE, cookie, &[&[("what", what)], fields].concat())
}

/// What stands in each `<code>` of a page.
fn codes_on(page: &Answer) -> Vec<String> {
    let html = scraper::Html::parse_document(&page.body);
    let code = scraper::Selector::parse("main code").unwrap();
    html.select(&code)
        .map(|code| code.text().collect())
        .collect()
}

/// The half-way cookie after the right password.
#[track_caller]
fn half_way(site: &Site) -> String {
    let asked = enter(site, EMAIL, PASSWORD).expect(303);
    assert_eq!(place(&asked), "/sign-in/code");
    let cookie = cookie_of(&asked);
    assert!(cookie.starts_with("inkstand-half-way="), "{cookie}");
    cookie
}

#[test]
fn codes_of_an_app_are_asked_for_and_each_is_good_once() {
    let (site, cookie) = signed_in();
    let begun = act(&site, &cookie, "begin-codes", &[]).expect(200);
    assert!(begun.body.contains("otpauth://totp/") && begun.body.contains("<svg"));
    let secret = codes_on(&begun).remove(0);
    let again = act(&site, &cookie, "begin-codes", &[]).expect(200);
    assert_eq!(
        codes_on(&again)[0],
        secret,
        "it stays until it is confirmed"
    );
    // Until a code has shown that it works, the password is enough.
    enter(&site, EMAIL, PASSWORD).expect(303);
    let wrong = act(&site, &cookie, "confirm-codes", &[("code", "000000")]).expect(422);
    assert!(codes_on(&wrong).contains(&secret), "{}", wrong.body);
    let first = code_of_app(&secret, -1);
    let confirmed = act(&site, &cookie, "confirm-codes", &[("code", &first)]).expect(200);
    let recovery = codes_on(&confirmed);
    assert_eq!(recovery.len(), 10);
    assert!(!look(&site, HERE, &cookie).body.contains(&recovery[0]));

    let half = half_way(&site);
    look(&site, "/admin", &half).expect(303);
    look(&site, "/sign-in/code", "").expect(303);
    look(&site, "/sign-in/code", &half).expect(200);
    let code = |half: &str, code: &str| send(&site, "/sign-in/code", half, &[("code", code)]);
    let refused = code(&half, &first).expect(422);
    assert!(refused.body.contains("used already"), "{}", refused.body);
    let moved = cookie_of(&refused);
    assert_eq!(
        place(&code(&half, &first).expect(303)),
        "/sign-in",
        "good once"
    );
    let now = code_of_app(&secret, 0);
    let entered = code(&moved, &now).expect(303);
    assert_eq!(place(&entered), "/admin");
    look(&site, "/admin", &cookie_of(&entered)).expect(200);
    code(&half_way(&site), &now).expect(422);

    let spoken = recovery[0].to_uppercase().replace('-', " ");
    code(&half_way(&site), &spoken).expect(303);
    code(&half_way(&site), &recovery[0]).expect(422);
    let page = look(&site, HERE, &cookie).expect(200);
    assert!(page.body.contains("9 recovery codes left"), "{}", page.body);

    // The operator helps whoever has lost the device, and nobody needs e-mail.
    let reset = ["user", "reset-password", "--email", EMAIL];
    let made = site
        .inkstand(&[&reset[..], &["--remove-second-factor"]].concat())
        .ok();
    let password = made
        .lines()
        .find_map(|line| line.strip_prefix("Password: "))
        .unwrap();
    look(&site, HERE, &cookie).expect(303);
    let entered = enter(&site, EMAIL, password).expect(303);
    assert_eq!(place(&entered), "/admin");
}

#[test]
fn guessing_codes_gets_slow_however_often_the_password_is_right() {
    let (site, cookie) = signed_in();
    let secret = codes_on(&act(&site, &cookie, "begin-codes", &[]).expect(200)).remove(0);
    let first = code_of_app(&secret, 0);
    act(&site, &cookie, "confirm-codes", &[("code", &first)]).expect(200);
    let guess = || {
        send(
            &site,
            "/sign-in/code",
            &half_way(&site),
            &[("code", "123456")],
        )
        .status
    };
    assert!((0..8).any(|_| guess() == 429), "it never got slow");
    let refused = send(
        &site,
        "/sign-in/code",
        "inkstand-half-way=made-up",
        &[("code", "1")],
    );
    assert_eq!(place(&refused.expect(303)), "/sign-in");
}

#[test]
fn sign_ins_are_listed_rotated_and_ended() {
    let (site, cookie) = signed_in();
    let agent = [
        OWN,
        ("cookie", cookie.as_str()),
        (
            "user-agent",
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0",
        ),
    ];
    let fields = [("email", EMAIL), ("password", PASSWORD)];
    let second = cookie_of(&send_with(&site, "/sign-in", &agent, &fields).expect(303));
    look(&site, "/admin", &cookie).expect(303);
    let third = cookie_of(&enter(&site, EMAIL, PASSWORD).expect(303));
    let page = look(&site, HERE, &third).expect(200);
    assert!(page.body.contains("Firefox on Linux"), "{}", page.body);
    assert_eq!(page.body.matches("this one").count(), 1);
    let id = super::admin::field(&page, "id");
    act(&site, &third, "end-session", &[("id", &id)]).expect(303);
    look(&site, "/admin", &second).expect(303);
    let fourth = cookie_of(&enter(&site, EMAIL, PASSWORD).expect(303));
    act(&site, &fourth, "end-others", &[]).expect(303);
    look(&site, "/admin", &third).expect(303);

    let weak = act(&site, &fourth, "password", &[("new_password", "letmein1")]).expect(422);
    assert!(weak.body.contains("tried first"), "{}", weak.body);
    let other = cookie_of(&enter(&site, EMAIL, PASSWORD).expect(303));
    let new = [("new_password", "another good one")];
    let changed = act(&site, &fourth, "password", &new).expect(303);
    look(&site, "/admin", &fourth).expect(303);
    look(&site, "/admin", &other).expect(303);
    look(&site, "/admin", &cookie_of(&changed)).expect(200);
    enter(&site, EMAIL, PASSWORD).expect(422);
}

#[test]
fn what_matters_asks_again_and_then_goes_on() {
    let (site, cookie) = signed_in();
    let long_ago = "UPDATE sessions SET proved_at = created_at - 16 * 60 * 1000000";
    site.sql(long_ago);
    look(&site, HERE, &cookie).expect(200);
    let fields = [
        ("name", "<a script>"),
        ("scope", "read"),
        ("scope", "write"),
    ];
    let asked = act(&site, &cookie, "token", &fields).expect(200);
    let carried = super::admin::fields_of(&asked);
    assert_eq!(carried[1], ("name".to_owned(), "<a script>".to_owned()));
    assert_eq!(carried[3], ("scope".to_owned(), "write".to_owned()));
    let with = |password| [&fields[..], &[("again_password", password)]].concat();
    act(&site, &cookie, "token", &with("not the password")).expect(422);
    let made = act(&site, &cookie, "token", &with(PASSWORD)).expect(200);
    assert!(made.body.contains("Your new token"), "{}", made.body);
    // For a while nobody asks again.
    act(&site, &cookie, "end-others", &[]).expect(303);
}

#[test]
fn tokens_are_shown_once_and_end() {
    let (site, cookie) = signed_in();
    let order = |fields: &Fields<'_>| act(&site, &cookie, "token", fields);
    order(&[("name", "none")]).expect(422);
    order(&[("name", "x"), ("scope", "read"), ("days", "0")]).expect(422);
    let made = order(&[("name", "a script"), ("scope", "write"), ("days", "9")]).expect(200);
    let token = codes_on(&made).remove(0);
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(&token);
    assert!(bytes.unwrap().len() >= 16);
    let bearer = format!("Bearer {token}");
    let ask = || {
        let headers = [("authorization", &*bearer)];
        let anyone = site.anyone();
        anyone.send("GET", "/api/v1/posts", &headers, None).status
    };
    assert_eq!(ask(), 200);
    let page = look(&site, HERE, &cookie).expect(200);
    assert!(page.body.contains("a script") && !page.body.contains(&token));
    let listed = site.inkstand(&["token", "list"]).ok();
    let line = listed
        .lines()
        .find(|line| line.contains("a script"))
        .unwrap();
    let id = line.split_whitespace().next().unwrap();
    act(&site, &cookie, "revoke-token", &[("id", id)]).expect(303);
    assert_eq!(ask(), 401);
    let id = listed
        .lines()
        .last()
        .and_then(|line| line.split_whitespace().next());
    site.inkstand(&["token", "revoke", id.unwrap()]).ok();
    assert_eq!(site.inkstand(&["token", "list"]).ok().trim(), "");
}
