//! Roles, keeping out, removing, handing over; and that all of it is recorded.

use serde_json::json;

use super::admin::{EMAIL, PASSWORD, cookie_of, enter, look, place, send, signed_in};
use super::site::{Answer, Site};

/// Somebody with a role: their id and the cookie of their sign-in.
#[track_caller]
pub(crate) fn join(site: &Site, name: &str, role: &str) -> (String, String) {
    let email = format!("{name}@example.org");
    let user = [
        "user", "create", "--email", &email, "--name", name, "--role", role,
    ];
    let made = site.inkstand(&user).ok();
    let password = made
        .lines()
        .find_map(|line| line.strip_prefix("Password: "))
        .unwrap();
    let cookie = cookie_of(&enter(site, &email, password).expect(303));
    (id_of(site, name), cookie)
}

#[track_caller]
fn id_of(site: &Site, name: &str) -> String {
    let owner = cookie_of(&enter(site, EMAIL, PASSWORD).expect(303));
    let page = look(site, "/admin/people", &owner).expect(200);
    let html = scraper::Html::parse_document(&page.body);
    let link = scraper::Selector::parse("a.title").unwrap();
    let mut links = html.select(&link);
    let link = links.find(|link| link.text().collect::<String>() == name);
    let to = link
        .and_then(|link| link.attr("href"))
        .unwrap_or_else(|| panic!("no {name}"));
    to.rsplit('/').next().unwrap().to_owned()
}

#[track_caller]
fn act(site: &Site, cookie: &str, id: &str, what: &str, role: &str) -> Answer {
    let fields = [("what", what), ("role", role)];
    send(site, &format!("/admin/people/{id}"), cookie, &fields)
}

#[test]
fn nobody_is_raised_above_whoever_raises_them() {
    let (site, owner) = signed_in();
    let (ann_id, ann) = join(&site, "ann", "admin");
    let (ben_id, ben) = join(&site, "ben", "author");
    let owner_id = id_of(&site, "Olive Owner");
    for what in ["role", "suspend", "hand-over"] {
        act(&site, &ann, &owner_id, what, "author").expect(403);
    }
    send(
        &site,
        &format!("/admin/people/{owner_id}/remove"),
        &ann,
        &[("heir", &ann_id)],
    )
    .expect(403);
    act(&site, &ann, &ben_id, "role", "owner").expect(403);
    act(&site, &ann, &ann_id, "role", "author").expect(403);
    act(&site, &owner, &owner_id, "suspend", "").expect(403);
    act(&site, &ann, "7", "suspend", "").expect(404);
    act(&site, &ann, &ben_id, "fly", "").expect(404);
    look(&site, "/admin/new", &ben).expect(200);
    act(&site, &ann, &ben_id, "role", "admin").expect(303);
    look(&site, "/admin/new", &ben).expect(303);
}

#[test]
fn who_is_suspended_stays_out_until_let_in() {
    let (site, owner) = signed_in();
    let (id, ben) = join(&site, "ben", "author");
    let token = [
        "token",
        "create",
        "--name",
        "t",
        "--email",
        "ben@example.org",
    ];
    let bearer = format!("Bearer {}", site.inkstand(&token).ok().trim());
    let ask = || {
        let headers = [("authorization", &*bearer)];
        site.anyone()
            .send("GET", "/api/v1/posts", &headers, None)
            .status
    };
    assert_eq!(ask(), 200);
    act(&site, &owner, &id, "suspend", "").expect(303);
    look(&site, "/admin", &ben).expect(303);
    assert_eq!(ask(), 401);
    act(&site, &owner, &id, "readmit", "").expect(303);
    assert_eq!(ask(), 200);
}

#[test]
fn texts_of_those_who_go_have_another_author() {
    let (site, owner) = signed_in();
    let (id, ben) = join(&site, "ben", "author");
    let (heir, _) = join(&site, "cleo", "author");
    let fields = [
        ("title", "Left behind"),
        ("markdown", "words"),
        ("intent", "publish"),
    ];
    let path = place(&send(&site, "/admin/new", &ben, &fields).expect(303));
    assert!(
        site.anyone()
            .get("/left-behind")
            .expect(200)
            .body
            .contains("ben")
    );
    // What is not published yet has the same author.
    let page = look(&site, &path, &ben).expect(200);
    let mut pending = super::admin::fields_of(&page);
    pending.retain(|(name, _)| name != "markdown");
    pending.push(("markdown".to_owned(), "better words".to_owned()));
    pending.push(("intent".to_owned(), "keep".to_owned()));
    let pending: Vec<_> = pending
        .iter()
        .map(|(name, text)| (&**name, &**text))
        .collect();
    send(&site, &path, &ben, &pending).expect(303);

    let remove = format!("/admin/people/{id}/remove");
    assert!(
        look(&site, &remove, &owner)
            .expect(200)
            .body
            .contains("1 text has")
    );
    send(&site, &remove, &owner, &[("heir", &id)]).expect(422);
    send(&site, &remove, &owner, &[("heir", &heir)]).expect(303);
    look(&site, "/admin", &ben).expect(303);
    let shown = site.anyone().get("/left-behind").expect(200).body;
    assert!(
        shown.contains("cleo") && !shown.contains(">ben<"),
        "{shown}"
    );
    let page = look(&site, &path, &owner).expect(200);
    let mut fields = super::admin::fields_of(&page);
    fields.push(("intent".to_owned(), "update".to_owned()));
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, text)| (&**name, &**text))
        .collect();
    send(&site, &path, &owner, &fields).expect(303);
    let shown = site.anyone().get("/left-behind").expect(200).body;
    assert!(
        shown.contains("better words") && shown.contains("cleo"),
        "{shown}"
    );
}

#[test]
fn the_owner_hands_the_site_over() {
    let (site, owner) = signed_in();
    let (ann_id, ann) = join(&site, "ann", "admin");
    act(&site, &ann, &ann_id, "hand-over", "").expect(403);
    let over = act(&site, &owner, &ann_id, "hand-over", "").expect(303);
    assert_eq!(place(&over), "/sign-in");
    look(&site, "/admin", &owner).expect(303);
    look(&site, "/admin", &ann).expect(303);
    let old = cookie_of(&enter(&site, EMAIL, PASSWORD).expect(303));
    act(&site, &old, &ann_id, "role", "author").expect(403);
    let page = look(&site, "/admin/people", &old).expect(200).body;
    assert!(page.contains("Owner · ann@example.org"), "{page}");
}

#[test]
fn a_profile_is_what_readers_see() {
    let (site, owner) = signed_in();
    let (_, ben) = join(&site, "ben", "author");
    let profile = [
        ("name", "Ben <B>"),
        ("slug", "ben-b"),
        ("bio", "Writes."),
        ("website", "https://ben.example"),
        ("email", "ben@example.org"),
    ];
    let change = |changes: &[(&str, &str)]| {
        let kept = profile
            .iter()
            .filter(|(name, _)| !changes.iter().any(|(new, _)| new == name));
        let fields: Vec<_> = kept.chain(changes).copied().collect();
        send(&site, "/admin/profile", &ben, &fields)
    };
    for wrong in [
        ("name", ""),
        ("slug", "Not good!"),
        ("slug", "olive-owner"),
        ("website", "ben"),
        ("email", EMAIL),
    ] {
        change(&[wrong]).expect(422);
    }
    change(&[]).expect(303);
    let fields = [
        ("title", "A text"),
        ("markdown", "x"),
        ("intent", "publish"),
    ];
    send(&site, "/admin/new", &ben, &fields).expect(303);
    let page = site.anyone().get("/author/ben-b").expect(200).body;
    assert!(
        page.contains("Ben &lt;B&gt;") && page.contains("Writes."),
        "{page}"
    );
    // An address to sign in with is changed by whoever has just shown who they are.
    site.sql("UPDATE sessions SET proved_at = created_at - 16 * 60 * 1000000");
    change(&[("bio", "Still writes.")]).expect(303);
    let asked = change(&[("email", "b@example.org")]).expect(200);
    assert!(asked.body.contains("Is it still you?"), "{}", asked.body);
    look(&site, "/admin/audit", &owner).expect(200);
}

#[test]
fn everything_sensitive_is_recorded_and_can_be_found() {
    let (site, owner) = signed_in();
    let (id, _) = join(&site, "ben", "author");
    act(&site, &owner, &id, "role", "editor").expect(303);
    act(&site, &owner, &id, "suspend", "").expect(303);
    let post = json!({ "title": "Seen", "markdown": "x", "status": "published" });
    site.owner().ask("POST", "/api/v1/posts", &post).expect(201);
    let all = look(&site, "/admin/audit", &owner).expect(200).body;
    for told in [
        "suspended somebody",
        "changed a role",
        "ben@example.org from author to editor",
        "signed in",
        "made an account",
        "made a token",
        "published a post",
        "from 127.0.0.1",
    ] {
        assert!(all.contains(told), "{told}: {all}");
    }
    let list = |query: &str| {
        let page = look(&site, &format!("/admin/audit?{query}"), &owner)
            .expect(200)
            .body;
        let at = page.find("<ul class=\"rows\">").unwrap_or(page.len());
        page[at..].to_owned()
    };
    let roles = list("act=user.role");
    assert!(
        roles.contains("changed a role") && !roles.contains("signed in"),
        "{roles}"
    );
    let bens = list(&format!("who={id}"));
    assert!(
        bens.contains("signed in") && !bens.contains("changed a role"),
        "{bens}"
    );
    assert_eq!(list(&format!("who={id}&act=user.role")), "");
    assert_eq!(list("page=99&act=nothing&who=x"), "");
}
