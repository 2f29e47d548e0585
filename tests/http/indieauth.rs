//! Letting others' programs in, from the first look at a page to a token that is given back: the real
//! program, a browser without scripts, and a program that knows the specification.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::admin::{EMAIL, PASSWORD, cookie_of, fields_of, look, send, send_with, signed_in};
use super::people::join;
use super::site::{Answer, Site};

/// A program that runs on the same computer is not fetched, so these tests need no other server.
pub(crate) const CLIENT: &str = "http://localhost:9/pen";
const BACK: &str = "http://localhost:9/back?to=desk";
const STATE: &str = "a state & more";
const VERIFIER: &str = "a-verifier-that-nobody-knows-but-this-program.~_";

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER.as_bytes()))
}

/// What a program asks with.
fn question(scope: &str) -> Vec<(&'static str, String)> {
    vec![
        ("response_type", "code".to_owned()),
        ("client_id", CLIENT.to_owned()),
        ("redirect_uri", BACK.to_owned()),
        ("state", STATE.to_owned()),
        ("code_challenge", challenge()),
        ("code_challenge_method", "S256".to_owned()),
        ("scope", scope.to_owned()),
    ]
}

fn address(question: &[(&str, String)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(question)
        .finish();
    format!("/indieauth/authorize?{query}")
}

/// The question with one field changed, or left out.
fn changed(name: &str, text: Option<&str>) -> String {
    let mut question = question("create");
    question.retain(|(known, _)| *known != name);
    if let Some(text) = text {
        question.push(("changed", String::new()));
        let at = question.len() - 1;
        question[at] = (Box::leak(name.to_owned().into_boxed_str()), text.to_owned());
    }
    address(&question)
}

/// Where the program is told something, as its own server would read it.
fn told(answer: &Answer) -> std::collections::BTreeMap<String, String> {
    let to = answer.header("location").expect("a location");
    assert!(to.starts_with("http://localhost:9/back?to=desk&"), "{to}");
    let url = url::Url::parse(to).unwrap();
    url.query_pairs().into_owned().collect()
}

/// The page that asks, for somebody who is signed in.
#[track_caller]
fn asked(site: &Site, cookie: &str, address: &str) -> Answer {
    let to = look(site, address, cookie).expect(302);
    let to = to.header("location").unwrap().to_owned();
    assert!(to.starts_with("/admin/authorize?"), "{to}");
    look(site, &to, cookie)
}

/// The answer to the page's form; `ticked` are the scopes that stay.
#[track_caller]
fn press(site: &Site, cookie: &str, page: &Answer, button: &str, ticked: &[&str]) -> Answer {
    let mut fields = fields_of(page);
    fields.retain(|(name, value)| name != "allow" || ticked.contains(&value.as_str()));
    fields.push(("what".to_owned(), button.to_owned()));
    fields.push(("days".to_owned(), "30".to_owned()));
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    send(site, "/admin/authorize", cookie, &fields)
}

/// A code for these scopes.
#[track_caller]
fn code(site: &Site, cookie: &str, scope: &str) -> String {
    let page = asked(site, cookie, &address(&question(scope))).expect(200);
    let ticked: Vec<&str> = scope.split(' ').collect();
    let answer = press(site, cookie, &page, "allow", &ticked).expect(303);
    told(&answer).remove("code").expect("a code")
}

fn claim(code: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("client_id", CLIENT),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
    ]
}

#[track_caller]
fn redeem(site: &Site, path: &str, fields: &[(&str, &str)]) -> Answer {
    send_with(site, path, &[], fields)
}

/// A token of the owner's with these scopes, got as any program gets one.
#[track_caller]
pub(crate) fn token(site: &Site, cookie: &str, scope: &str) -> String {
    let code = code(site, cookie, scope);
    let answer = redeem(site, "/indieauth/token", &claim(&code)).expect(200);
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

fn with(token: &str) -> String {
    format!("Bearer {token}")
}

fn error_of(answer: &Answer) -> String {
    let said = answer.json();
    assert!(said["error_description"].is_string(), "{said}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    said["error"].as_str().unwrap().to_owned()
}

/// From the owner's address to the document: who it says lets people in.
fn discovered(site: &Site) -> String {
    let front = site.anyone().get("/").expect(200);
    let links = front.header("link").unwrap().to_owned();
    let find = |relation: &str| {
        let link = links
            .split(", ")
            .find(|link| link.ends_with(&format!("rel=\"{relation}\"")));
        let url = link
            .unwrap()
            .split('>')
            .next()
            .unwrap()
            .trim_start_matches('<');
        assert!(
            front
                .body
                .contains(&format!("<link rel=\"{relation}\" href=\"{url}\">"))
        );
        url.to_owned()
    };
    let document = find("indieauth-metadata");
    for relation in ["authorization_endpoint", "token_endpoint", "micropub"] {
        find(relation);
    }
    let path = document.strip_prefix(&site.own_url("")).unwrap();
    let metadata = site.anyone().get(path).expect(200).json();
    let issuer = metadata["issuer"].as_str().unwrap();
    assert!(document.starts_with(issuer) && issuer.ends_with('/'));
    assert_eq!(
        metadata["code_challenge_methods_supported"],
        serde_json::json!(["S256"])
    );
    assert_eq!(
        metadata["authorization_endpoint"],
        find("authorization_endpoint")
    );
    assert_eq!(metadata["token_endpoint"], find("token_endpoint"));
    issuer.to_owned()
}

/// To the page that asks, by way of signing in: the page, and the cookie.
fn led_in(site: &Site, scope: &str) -> (Answer, String) {
    let asks = address(&question(scope));
    let to_consent = site.anyone().get(&asks).expect(302);
    let consent = to_consent.header("location").unwrap().to_owned();
    let to_sign_in = site.anyone().get(&consent).expect(303);
    let sign_in = to_sign_in.header("location").unwrap().to_owned();
    assert!(sign_in.starts_with("/sign-in?to=%2Fadmin%2Fauthorize"));
    let form = site.anyone().get(&sign_in).expect(200);
    let back = fields_of(&form)
        .into_iter()
        .find(|(name, _)| name == "to")
        .unwrap()
        .1;
    let entered = [("email", EMAIL), ("password", PASSWORD), ("to", &*back)];
    let entered = send(site, "/sign-in", "", &entered).expect(303);
    let cookie = cookie_of(&entered);
    assert_eq!(entered.header("location"), Some(&*consent));
    (look(site, &consent, &cookie).expect(200), cookie)
}

#[test]
fn a_program_finds_its_way_in_and_out() {
    let site = Site::start();
    site.token();
    let issuer = discovered(&site);
    let (page, cookie) = led_in(&site, "create update profile email post fly");
    for said in [
        CLIENT,
        "localhost",
        "Olive Owner",
        "make posts and publish them",
        "fly",
    ] {
        assert!(page.body.contains(said), "{said}");
    }
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.contains("form-action 'self' http:;") && policy.contains("frame-ancestors 'none'")
    );
    assert_eq!(page.header("cache-control"), Some("no-store"));

    // Back with a code; what was not ticked is not given.
    let allowed = press(
        &site,
        &cookie,
        &page,
        "allow",
        &["create", "profile", "email"],
    );
    let told = told(&allowed.expect(303));
    assert_eq!(
        (told["state"].as_str(), told["iss"].as_str()),
        (STATE, &*issuer)
    );

    // The token.
    let base = site.own_url("");
    let given = redeem(&site, "/indieauth/token", &claim(&told["code"])).expect(200);
    assert_eq!(given.header("cache-control"), Some("no-store"));
    let given = given.json();
    assert_eq!(given["scope"], "create profile email");
    assert_eq!(given["token_type"], "Bearer");
    assert_eq!(given["me"], format!("{base}/"));
    assert_eq!(given["expires_in"], 30 * 24 * 3600);
    assert_eq!(given["profile"]["name"], "Olive Owner");
    assert_eq!(given["profile"]["email"], EMAIL);
    let token = given["access_token"].as_str().unwrap().to_owned();
    let bearer = with(&token);
    let headers = [("authorization", bearer.as_str())];

    // What can be asked about it.
    let user = site
        .anyone()
        .send("GET", "/indieauth/userinfo", &headers, None)
        .expect(200);
    assert_eq!(user.json(), given["profile"]);
    let own = with(site.token());
    let about = [("token", &*token)];
    let inspected = send_with(
        &site,
        "/indieauth/introspect",
        &[("authorization", &own)],
        &about,
    );
    let inspected = inspected.expect(200).json();
    assert_eq!(inspected["active"], true);
    assert_eq!(inspected["client_id"], CLIENT);
    assert_eq!(inspected["me"], format!("{base}/"));
    assert_eq!(inspected["scope"], "create profile email");
    let seconds = inspected["exp"].as_i64().unwrap() - inspected["iat"].as_i64().unwrap();
    assert_eq!(seconds, 30 * 24 * 3600);

    // Its person sees it among their tokens, and what it was for stands in the record.
    let security = look(&site, "/admin/security", &cookie).expect(200);
    assert!(security.body.contains(CLIENT), "{}", security.body);
    let audit = look(&site, "/admin/audit", &cookie).expect(200);
    assert!(audit.body.contains("let a program in"), "{}", audit.body);

    // Out again.
    redeem(&site, "/indieauth/revoke", &about).expect(200);
    redeem(&site, "/indieauth/revoke", &about).expect(200);
    let user = site
        .anyone()
        .send("GET", "/indieauth/userinfo", &headers, None)
        .expect(401);
    assert_eq!(error_of(&user), "invalid_token");
    let inspected = send_with(
        &site,
        "/indieauth/introspect",
        &[("authorization", &own)],
        &about,
    );
    assert_eq!(
        inspected.expect(200).json(),
        serde_json::json!({ "active": false })
    );
}

#[test]
fn whoever_only_wants_to_know_who_it_is_gets_no_token() {
    let (site, cookie) = signed_in();
    let page = asked(&site, &cookie, &address(&question(""))).expect(200);
    assert!(page.body.contains("only wants to know who you are"));
    let code = told(&press(&site, &cookie, &page, "allow", &[]).expect(303))["code"].clone();
    let refused = redeem(&site, "/indieauth/token", &claim(&code)).expect(400);
    assert_eq!(error_of(&refused), "invalid_scope");
    let identified = redeem(&site, "/indieauth/authorize", &claim(&code)).expect(200);
    assert_eq!(
        identified.json(),
        serde_json::json!({ "me": site.own_url("/") })
    );
    let again = redeem(&site, "/indieauth/authorize", &claim(&code)).expect(400);
    assert_eq!(error_of(&again), "invalid_grant");

    // A profile, where it was asked for; the e-mail address was not.
    let code = self::code(&site, &cookie, "profile");
    let identified = redeem(&site, "/indieauth/authorize", &claim(&code))
        .expect(200)
        .json();
    assert_eq!(identified["profile"]["name"], "Olive Owner");
    assert_eq!(identified["profile"]["email"], Value::Null);
    assert_eq!(identified["access_token"], Value::Null);
}

#[test]
fn authors_are_known_by_their_pages() {
    let (site, _) = signed_in();
    let (_, cookie) = join(&site, "ben", "author");
    let page = asked(&site, &cookie, &address(&question("create"))).expect(200);
    assert!(page.body.contains("/author/ben") && page.body.contains("Programs look for your page"));
    let token = token(&site, &cookie, "create");
    let bearer = with(&token);
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let headers = [("authorization", bearer.as_str()), kind];
    let entry = Some(&b"h=entry&content=Hello"[..]);
    site.anyone()
        .send("POST", "/micropub", &headers, entry)
        .expect(201);
    let page = site.anyone().get("/author/ben").expect(200);
    assert!(page.header("link").unwrap().contains("indieauth-metadata"));
    assert!(page.body.contains("rel=\"indieauth-metadata\""));
    let page = asked(&site, &cookie, &address(&question("create"))).expect(200);
    assert!(!page.body.contains("Programs look for your page"));
    let code = code(&site, &cookie, "create");
    let given = redeem(&site, "/indieauth/token", &claim(&code))
        .expect(200)
        .json();
    assert_eq!(given["me"], site.own_url("/author/ben"));
}

#[test]
fn a_code_is_for_one_program_once() {
    let (site, cookie) = signed_in();
    let code = code(&site, &cookie, "create profile");
    let refused = |name: &str, text: &str| {
        let mut fields = claim(&code);
        fields.retain(|(known, _)| *known != name);
        if !text.is_empty() {
            fields.push((name, text));
        }
        error_of(&redeem(&site, "/indieauth/token", &fields).expect(400))
    };
    assert_eq!(
        refused(
            "code_verifier",
            "another-verifier-that-is-as-long-as-the-right-one"
        ),
        "invalid_grant"
    );
    assert_eq!(refused("code_verifier", &challenge()), "invalid_grant");
    assert_eq!(refused("code_verifier", ""), "invalid_request");
    assert_eq!(
        refused("client_id", "http://localhost:9/other"),
        "invalid_grant"
    );
}

#[test]
fn what_came_of_a_code_ends_when_it_comes_again() {
    let (site, cookie) = signed_in();
    let code = code(&site, &cookie, "create profile");
    let mut elsewhere = claim(&code);
    elsewhere[3] = ("redirect_uri", "http://localhost:9/back");
    let refused = redeem(&site, "/indieauth/token", &elsewhere).expect(400);
    assert_eq!(error_of(&refused), "invalid_grant");
    let unknown = redeem(&site, "/indieauth/token", &claim("unknown")).expect(400);
    assert_eq!(error_of(&unknown), "invalid_grant");
    let mut odd = claim(&code);
    odd[0] = ("grant_type", "password");
    let refused = redeem(&site, "/indieauth/token", &odd).expect(400);
    assert_eq!(error_of(&refused), "unsupported_grant_type");

    let given = redeem(&site, "/indieauth/token", &claim(&code))
        .expect(200)
        .json();
    let bearer = with(given["access_token"].as_str().unwrap());
    let headers = [("authorization", bearer.as_str())];
    let ask = || {
        site.anyone()
            .send("GET", "/indieauth/userinfo", &headers, None)
    };
    ask().expect(200);
    let again = redeem(&site, "/indieauth/token", &claim(&code)).expect(400);
    assert_eq!(error_of(&again), "invalid_grant");
    ask().expect(401);
}

#[test]
fn a_code_does_not_last() {
    let (site, cookie) = signed_in();
    let code = code(&site, &cookie, "create");
    site.sql("UPDATE grants SET expires_at = expires_at - 301 * 1000000");
    let late = redeem(&site, "/indieauth/token", &claim(&code)).expect(400);
    assert_eq!(error_of(&late), "invalid_grant");
}

#[test]
fn a_code_outlives_the_server_that_gave_it() {
    let (site, cookie) = signed_in();
    let code = code(&site, &cookie, "create");
    let setup = site.setup();
    let token = site.token().to_owned();
    assert_eq!(site.stop(), 0);
    let site = setup.start().with_token(&token);
    redeem(&site, "/indieauth/token", &claim(&code)).expect(200);
}

#[test]
fn nobody_is_sent_where_they_might_not_want_to_be() {
    let (site, cookie) = signed_in();
    for (name, text) in [
        ("redirect_uri", Some("javascript:alert(1)")),
        (
            "redirect_uri",
            Some("data:text/html,<script>alert(1)</script>"),
        ),
        ("redirect_uri", Some("https://evil.example/back")),
        ("redirect_uri", Some("http://localhost:10/back")),
        ("redirect_uri", Some("https://localhost:9/back")),
        ("redirect_uri", Some("http://localhost:9@evil.example/back")),
        ("redirect_uri", Some("/back")),
        ("redirect_uri", None),
        ("client_id", Some("https://10.0.0.1/")),
        ("client_id", Some("not an address")),
        ("client_id", Some("http://localhost:9/a/../pen")),
        ("client_id", None),
    ] {
        let page = asked(&site, &cookie, &changed(name, text)).expect(400);
        assert!(page.header("location").is_none(), "{name} {text:?}");
        assert!(
            page.body.contains("This program cannot be let in"),
            "{}",
            page.body
        );
        assert!(!page.body.contains("<script>alert"), "{}", page.body);
    }
}

#[test]
fn who_asks_wrongly_is_told() {
    let (site, cookie) = signed_in();
    for (name, text, error) in [
        ("state", None, "invalid_request"),
        ("code_challenge", None, "invalid_request"),
        ("code_challenge", Some("short"), "invalid_request"),
        ("code_challenge_method", Some("plain"), "invalid_request"),
        ("code_challenge_method", None, "invalid_request"),
        ("response_type", Some("token"), "unsupported_response_type"),
    ] {
        let answer = asked(&site, &cookie, &changed(name, text)).expect(303);
        let told = told(&answer);
        assert_eq!(told["error"], error, "{name} {text:?}");
        assert_eq!(told["iss"], site.own_url("/"));
        assert_eq!(
            told.get("state").map(String::as_str),
            (name != "state").then_some(STATE)
        );
    }
    let page = asked(&site, &cookie, &address(&question("create"))).expect(200);
    let denied = told(&press(&site, &cookie, &page, "deny", &["create"]).expect(303));
    assert_eq!(
        (denied["error"].as_str(), denied["state"].as_str()),
        ("access_denied", STATE)
    );
    assert!(!denied.contains_key("code"));
}

#[test]
fn only_a_page_of_ours_says_yes() {
    let (site, cookie) = signed_in();
    let page = asked(&site, &cookie, &address(&question("create"))).expect(200);
    let mut fields = fields_of(&page);
    fields.push(("what".to_owned(), "allow".to_owned()));
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let foreign = [("sec-fetch-site", "cross-site"), ("cookie", &*cookie)];
    send_with(&site, "/admin/authorize", &foreign, &fields).expect(403);
    // The same, with a place in it that was not on the page.
    let mut forged = fields.clone();
    forged.retain(|(name, _)| *name != "redirect_uri");
    forged.push(("redirect_uri", "https://evil.example/"));
    send(&site, "/admin/authorize", &cookie, &forged).expect(400);
    let stranger = send(&site, "/admin/authorize", "", &fields).expect(303);
    assert!(
        stranger
            .header("location")
            .unwrap()
            .starts_with("/sign-in?to=")
    );
}

#[test]
fn who_signed_in_long_ago_shows_again_who_they_are() {
    let (site, cookie) = signed_in();
    let page = asked(&site, &cookie, &address(&question("create"))).expect(200);
    site.sql("UPDATE sessions SET created_at = 1, proved_at = 1");
    let again = press(&site, &cookie, &page, "allow", &["create"]).expect(200);
    assert!(again.body.contains("Is it still you?"));
    let policy = again.header("content-security-policy").unwrap();
    assert!(policy.contains("form-action 'self' http:;"), "{policy}");
    let mut fields = fields_of(&again);
    fields.retain(|(name, _)| name != "again_password");
    fields.push(("again_password".to_owned(), PASSWORD.to_owned()));
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let answer = send(&site, "/admin/authorize", &cookie, &fields).expect(303);
    assert!(told(&answer).contains_key("code"));
}

#[test]
fn guessing_codes_is_slow() {
    let site = Site::start();
    site.token();
    let mut last = 0;
    for _ in 0..30 {
        let answer = redeem(&site, "/indieauth/token", &claim("a guess"));
        last = answer.status;
        if last == 429 {
            assert!(answer.header("retry-after").is_some());
            assert_eq!(error_of(&answer), "slow_down");
            break;
        }
        answer.expect(400);
    }
    assert_eq!(last, 429);
}

#[test]
fn somebody_who_is_kept_out_lets_nothing_in() {
    let (site, owner) = signed_in();
    let (id, ben) = join(&site, "ben", "author");
    let code = code(&site, &ben, "create");
    let out = [("what", "suspend")];
    send(&site, &format!("/admin/people/{id}"), &owner, &out).expect(303);
    let refused = redeem(&site, "/indieauth/token", &claim(&code)).expect(400);
    assert_eq!(error_of(&refused), "invalid_grant");
}

#[test]
fn tokens_of_others_are_nobodys_business() {
    let (site, owner) = signed_in();
    let (_, ben) = join(&site, "ben", "author");
    let owners = token(&site, &owner, "create");
    let bens = with(&token(&site, &ben, "create"));
    let about = [("token", &*owners)];
    let inspected = send_with(
        &site,
        "/indieauth/introspect",
        &[("authorization", &bens)],
        &about,
    );
    assert_eq!(
        inspected.expect(200).json(),
        serde_json::json!({ "active": false })
    );
    send_with(&site, "/indieauth/introspect", &[], &about).expect(401);
    // Name and address were not among what it may be told.
    let headers = [("authorization", bens.as_str())];
    let refused = site
        .anyone()
        .send("GET", "/indieauth/userinfo", &headers, None)
        .expect(403);
    assert_eq!(error_of(&refused), "insufficient_scope");
    // A few words of a token are no rights over drafts.
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let entry = Some(&b"h=entry&content=Secret+words&post-status=draft"[..]);
    let both = [headers[0], kind];
    site.anyone()
        .send("POST", "/micropub", &both, entry)
        .expect(201);
    for path in ["/api/v1/posts?status=draft", "/api/v1/posts"] {
        let answer = site.anyone().send("GET", path, &headers, None);
        assert!(
            answer.status < 500 && !answer.body.contains("Secret"),
            "{}",
            answer.body
        );
    }
}
