//! How people come: the link of a new site, and invitations.

use super::admin::{OWN, cookie_of, enter, field, look, place, send, send_with};
use super::site::{Answer, Site};

const GOOD: [(&str, &str); 4] = [
    ("title", "Ink & Co"),
    ("name", "Ada Lovelace"),
    ("email", "ada@example.org"),
    ("password", "steam and brass"),
];

/// The path of the link a site has printed, or a command has.
#[track_caller]
fn link_in(text: &str) -> String {
    let link = text
        .lines()
        .find_map(|line| line.find("/setup/").map(|at| &line[at..]));
    link.unwrap_or_else(|| panic!("no link in {text}"))
        .trim()
        .to_owned()
}

fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = GOOD
        .iter()
        .filter(|(name, _)| !changes.iter().any(|(known, _)| known == name));
    kept.chain(changes).copied().collect()
}

#[track_caller]
fn claim(site: &Site, link: &str, changes: &[(&str, &str)]) -> Answer {
    send_with(site, link, &[OWN], &with(changes))
}

#[test]
fn a_new_site_is_claimed_by_its_link_and_by_nothing_else() {
    let site = Site::start();
    site.anyone().get("/").expect(200);
    assert!(!site.log().contains("assword"), "nobody has an account");
    let link = link_in(&site.inkstand(&["setup"]).ok());
    let wrong = format!("/setup/{}", "x".repeat(43));
    site.anyone().get(&wrong).expect(404);
    send_with(&site, &wrong, &[OWN], &with(&[])).expect(404);
    let cross_site = [("sec-fetch-site", "cross-site")];
    send_with(&site, &link, &cross_site, &with(&[])).expect(403);

    let page = site.anyone().get(&link).expect(200);
    assert_eq!(page.header("cache-control"), Some("no-store"));
    for (changes, said) in [
        ([("title", " ")], "Give the site a title"),
        ([("name", "")], "A name is needed"),
        ([("email", "ada")], "not an e-mail address"),
        ([("password", "short")], "at least 8 characters"),
        ([("password", "Password1")], "tried first"),
        ([("password", "ada@example.org")], "tried first"),
        ([("password", "ink - co")], "tried first"),
    ] {
        let refused = claim(&site, &link, &changes).expect(422);
        assert!(refused.body.contains(said), "{said}: {}", refused.body);
        assert!(!refused.body.contains("Password1"));
        let email = changes.iter().find(|(name, _)| *name == "email");
        assert_eq!(
            field(&refused, "email"),
            email.map_or(GOOD[2].1, |(_, text)| text)
        );
    }
    let claimed = claim(&site, &link, &[]).expect(303);
    assert_eq!(place(&claimed), "/admin/new");
    let cookie = cookie_of(&claimed);
    look(&site, "/admin/new", &cookie).expect(200);
    assert!(
        site.anyone()
            .get("/")
            .expect(200)
            .body
            .contains("Ink &amp; Co")
    );

    // The link is spent, and there is none any more.
    site.anyone().get(&link).expect(404);
    claim(&site, &link, &[("email", "eve@example.org")]).expect(404);
    let refused = site.inkstand(&["setup"]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("has an owner"),
        "{}",
        refused.stderr
    );
    enter(&site, GOOD[2].1, GOOD[3].1).expect(303);
}

#[test]
fn the_newest_link_counts_and_guessing_gets_slow() {
    let site = Site::start();
    let first = link_in(&site.inkstand(&["setup"]).ok());
    let second = link_in(&site.inkstand(&["setup"]).ok());
    assert_ne!(first, second);
    site.anyone().get(&first).expect(404);
    site.anyone().get(&second).expect(200);
    let guess = |number| site.anyone().get(&format!("/setup/guess-{number}")).status;
    assert!((0..12).any(|number| guess(number) == 429));
}

#[test]
fn an_invitation_lets_one_person_in() {
    let (site, owner) = super::admin::signed_in();
    let invite = |role: &str| {
        let fields = [("what", "invite"), ("role", role), ("note", "for <Ben>")];
        send(&site, "/admin/people", &owner, &fields)
    };
    invite("owner").expect(403);
    invite("king").expect(422);
    let made = invite("editor").expect(200);
    assert!(made.body.contains("for &lt;Ben&gt;"), "{}", made.body);
    let at = made.body.find("/invitation/").expect("a link");
    let link: String = made.body[at..]
        .chars()
        .take_while(|letter| *letter != '<')
        .collect();

    let page = site.anyone().get(&link).expect(200);
    assert!(page.body.contains("as an editor"), "{}", page.body);
    // It is no link that claims a site.
    site.anyone()
        .get(&link.replace("invitation", "setup"))
        .expect(404);
    claim(&site, &link, &[("email", "OWNER@example.org")]).expect(422);
    let joined = claim(&site, &link, &[]).expect(303);
    assert_eq!(place(&joined), "/admin");
    let ben = cookie_of(&joined);
    look(&site, "/admin", &ben).expect(200);
    look(&site, "/admin/people", &ben).expect(403);
    site.anyone().get(&link).expect(404);
    claim(&site, &link, &[("email", "eve@example.org")]).expect(404);

    let made = invite("author").expect(200);
    let at = made.body.find("/invitation/").expect("a link");
    let link: String = made.body[at..]
        .chars()
        .take_while(|letter| *letter != '<')
        .collect();
    let page = look(&site, "/admin/people", &owner).expect(200);
    assert!(!page.body.contains("/invitation/"), "a link is shown once");
    let fields = [("what", "uninvite"), ("id", &*field(&page, "id"))];
    send(&site, "/admin/people", &owner, &fields).expect(303);
    site.anyone().get(&link).expect(404);
}
