//! Users, sessions, tokens, audit log, leases.

use crate::domain::audit::NewAuditEntry;
use crate::domain::change::Noun;
use crate::domain::id::{AuditId, SessionId, TokenId, UserId};
use crate::domain::session::Session;
use crate::domain::text::{Email, WebAddress};
use crate::domain::token::{Scope, Token};
use crate::domain::user::{Role, User};

use super::super::{audit, leases, sessions, tokens, users};
use super::{Case, HOUR_SECONDS, Lab, START, is_conflict, is_not_found, name, new_user, slug};

pub(super) const CASES: &[Case] = &[
    ("users_are_written_and_found", users_are_written_and_found),
    ("unique_things_about_users", unique_things_about_users),
    ("sessions_last_until_they_end", sessions_last_until_they_end),
    ("tokens_open_doors", tokens_open_doors),
    ("audit_log_is_in_order", audit_log_is_in_order),
    ("leases_have_one_holder", leases_have_one_holder),
];

const NOBODY: UserId = UserId::from_i64(7);
/// Everybody came before this one.
const LAST: UserId = UserId::from_i64(i64::MAX);

fn users_are_written_and_found(lab: &Lab) {
    let owner = lab.user("ada", Role::Owner);
    let mut editor = lab.user("ben", Role::Editor);
    editor.bio = "Writes — in «every» language 中文".to_owned();
    editor.website = Some(WebAddress::parse("https://example.org/ben").unwrap());
    editor.suspended = true;
    editor.name = name("Benjamin");
    lab.clock.advance_seconds(5);
    lab.write(|tx| users::update(tx, &editor));
    let found = lab.read(|tx| users::by_id(tx, editor.id)).unwrap();
    let expected = User {
        updated_at: START.plus_seconds(5),
        ..editor.clone()
    };
    assert_eq!(found, expected);
    let ben = Email::parse("Ben@Example.org").unwrap();
    assert_eq!(
        lab.read(|tx| users::by_email(tx, &ben)),
        Some(expected.clone())
    );
    assert_eq!(
        lab.read(|tx| users::by_slug(tx, &slug("ben"))),
        Some(expected.clone())
    );
    assert_eq!(lab.read(users::owner), Some(owner.clone()));
    assert_eq!(lab.read(users::all), [owner.clone(), expected.clone()]);
    let newest = lab.read(|tx| users::older(tx, LAST, 1));
    assert_eq!(newest, std::slice::from_ref(&expected));
    let before = lab.read(|tx| users::older(tx, editor.id, 9));
    assert_eq!(before, std::slice::from_ref(&owner));
    assert_eq!(lab.read(|tx| users::by_id(tx, NOBODY)), None);

    assert_eq!(lab.read(|tx| users::password_hash(tx, owner.id)), None);
    lab.write(|tx| users::set_password_hash(tx, owner.id, Some("$argon2$x")));
    let hash = lab.read(|tx| users::password_hash(tx, owner.id));
    assert_eq!(hash.as_deref(), Some("$argon2$x"));
    lab.write(|tx| users::set_password_hash(tx, owner.id, None));
    assert_eq!(lab.read(|tx| users::password_hash(tx, owner.id)), None);

    let post = lab.post("one", |post| {
        post.content.authors = vec![editor.id, owner.id];
    });
    assert_eq!(
        lab.read(|tx| users::of_post(tx, post.id)),
        [expected, owner.clone()]
    );
    assert_eq!(lab.read(|tx| users::posts_by(tx, owner.id)), [post.id]);
    assert_eq!(lab.read(|tx| users::posts_by(tx, NOBODY)), []);

    assert_eq!(lab.read(|tx| users::older_authors(tx, LAST, 9)), []);
    assert_eq!(lab.read(users::count_authors), 0);
    for (name, hours) in [("two", 1), ("three", 2)] {
        lab.post(name, |post| {
            super::publish(post, hours);
            post.content.authors = vec![owner.id];
        });
    }
    assert_eq!(
        lab.read(|tx| users::older_authors(tx, LAST, 9)),
        [(owner.clone(), 2)]
    );
    let before = |id| lab.read(|tx| users::older_authors(tx, id, 9));
    assert_eq!((before(editor.id).len(), before(owner.id).len()), (1, 0));
    assert_eq!(lab.read(users::count_authors), 1);
}

fn unique_things_about_users(lab: &Lab) {
    let owner = lab.user("ada", Role::Owner);
    let mut ben = lab.user("ben", Role::Author);
    let mut twin = new_user("cleo", Role::Author);
    twin.email = owner.email.clone();
    assert!(is_conflict(&lab.try_write(|tx| users::insert(tx, &twin))));
    let second_owner = new_user("dora", Role::Owner);
    assert!(is_conflict(
        &lab.try_write(|tx| users::insert(tx, &second_owner))
    ));
    ben.slug = owner.slug.clone();
    assert!(is_conflict(&lab.try_write(|tx| users::update(tx, &ben))));
    ben.id = NOBODY;
    assert!(is_not_found(&lab.try_write(|tx| users::update(tx, &ben))));
    assert!(is_not_found(
        &lab.try_write(|tx| users::set_password_hash(tx, NOBODY, None))
    ));
    assert_eq!(lab.read(users::all).len(), 2);
}

fn session(lab: &Lab, user: UserId, secret: &[u8], hours: i64) -> Session {
    lab.write(|tx| {
        let session = Session {
            id: SessionId::from_i64(tx.new_id()),
            user,
            created_at: tx.now(),
            seen_at: tx.now(),
            expires_at: tx.now().plus_seconds(hours * HOUR_SECONDS),
            proved_at: tx.now(),
            address: "192.0.2.1".to_owned(),
            agent: "a browser".to_owned(),
        };
        sessions::insert(tx, &session, secret)?;
        Ok(session)
    })
}

fn sessions_last_until_they_end(lab: &Lab) {
    let ada = lab.user("ada", Role::Owner);
    let mut ben = lab.user("ben", Role::Author);
    let first = session(lab, ada.id, b"first", 1);
    let second = session(lab, ada.id, b"second", 2);
    let other = session(lab, ben.id, b"other", 3);
    assert!(is_conflict(&lab.try_write(|tx| {
        let session = Session {
            id: SessionId::from_i64(tx.new_id()),
            ..first.clone()
        };
        sessions::insert(tx, &session, b"second")
    })));
    let find = |secret: &[u8], now| lab.read(|tx| sessions::by_secret_hash(tx, secret, now));
    assert_eq!(find(b"first", START), Some((first.clone(), ada.clone())));
    assert_eq!(find(b"unknown", START), None);
    assert_eq!(find(b"first", first.expires_at), None, "it has run out");
    assert_eq!(
        find(b"first", first.expires_at.plus_seconds(-1)).unwrap().0,
        first
    );

    lab.clock.advance_seconds(60);
    let seq = lab.read(super::super::changes::newest);
    lab.db
        .write(|tx| sessions::touch(tx, first.id, "192.0.2.9"))
        .unwrap();
    assert_eq!(
        lab.read(super::super::changes::newest),
        seq,
        "touching is quiet"
    );
    let touched = Session {
        seen_at: START.plus_seconds(60),
        address: "192.0.2.9".to_owned(),
        ..first.clone()
    };
    assert_eq!(
        lab.read(|tx| sessions::of_user(tx, ada.id)),
        [touched, second.clone()]
    );
    let unknown = SessionId::from_i64(1);
    assert!(is_not_found(
        &lab.try_write(|tx| sessions::touch(tx, unknown, ""))
    ));

    ben.suspended = true;
    lab.write(|tx| users::update(tx, &ben));
    assert_eq!(
        find(b"other", START),
        None,
        "a suspended user is let in nowhere"
    );

    lab.write(|tx| sessions::delete(tx, second.id));
    assert!(is_not_found(
        &lab.try_write(|tx| sessions::delete(tx, second.id))
    ));
    session(lab, ada.id, b"third", 9);
    lab.clock.advance_seconds(2 * HOUR_SECONDS);
    assert_eq!(
        lab.db.write(sessions::delete_expired).unwrap(),
        1,
        "only the first"
    );
    assert_eq!(lab.write(|tx| sessions::delete_all_of_user(tx, ada.id)), 1);
    assert_eq!(lab.read(|tx| sessions::of_user(tx, ada.id)), []);
    assert_eq!(lab.read(|tx| sessions::of_user(tx, ben.id)), [other]);
}

fn tokens_open_doors(lab: &Lab) {
    let mut ada = lab.user("ada", Role::Owner);
    let token = |name: &str, scopes: &[Scope], hours: Option<i64>| {
        lab.write(|tx| {
            let token = Token {
                id: TokenId::from_i64(tx.new_id()),
                user: ada.id,
                name: name.to_owned(),
                scopes: scopes.to_vec(),
                client: hours.map(|_| "https://app.example/".to_owned()),
                created_at: tx.now(),
                expires_at: hours.map(|hours| START.plus_seconds(hours * HOUR_SECONDS)),
                used_at: None,
            };
            tokens::insert(tx, &token, name.as_bytes())?;
            Ok(token)
        })
    };
    let forever = token("forever", &[Scope::Read, Scope::Write], None);
    let short = token("short", &[], Some(1));
    let find = |secret: &[u8], now| lab.read(|tx| tokens::by_secret_hash(tx, secret, now));
    assert_eq!(
        find(b"forever", START),
        Some((forever.clone(), ada.clone()))
    );
    assert_eq!(find(b"short", START), Some((short.clone(), ada.clone())));
    assert_eq!(find(b"short", START.plus_seconds(HOUR_SECONDS)), None);
    assert_eq!(find(b"unknown", START), None);

    lab.clock.advance_seconds(9);
    lab.db.write(|tx| tokens::touch(tx, forever.id)).unwrap();
    let used = Token {
        used_at: Some(START.plus_seconds(9)),
        ..forever.clone()
    };
    assert_eq!(
        lab.read(|tx| tokens::of_user(tx, ada.id)),
        [short.clone(), used]
    );
    let walk = |before| -> Vec<TokenId> {
        let found = lab.read(|tx| tokens::older_of_user(tx, ada.id, before, 9));
        found.iter().map(|token| token.id).collect()
    };
    assert_eq!(walk(TokenId::from_i64(i64::MAX)), [short.id, forever.id]);
    assert_eq!(walk(short.id), [forever.id]);
    assert_eq!(walk(forever.id), []);
    assert_eq!(
        lab.read(|tx| tokens::by_id(tx, short.id)),
        Some(short.clone())
    );
    lab.write(|tx| tokens::delete(tx, short.id));
    assert_eq!(lab.read(|tx| tokens::by_id(tx, short.id)), None);
    assert!(is_not_found(
        &lab.try_write(|tx| tokens::delete(tx, short.id))
    ));
    assert!(is_not_found(
        &lab.try_write(|tx| tokens::touch(tx, short.id))
    ));

    let later_words = "UPDATE tokens SET scopes = '[\"telepathy\",\"read\"]'";
    crate::db::testing::batch(&lab.location, later_words);
    let (found, _) = find(b"forever", START).unwrap();
    assert_eq!(
        found.scopes,
        [Scope::Read],
        "an unknown scope allows nothing"
    );
    ada.suspended = true;
    lab.write(|tx| users::update(tx, &ada));
    assert_eq!(find(b"forever", START), None);
}

fn audit_log_is_in_order(lab: &Lab) {
    for (act, user) in [("a", Some(NOBODY)), ("b", None), ("c", Some(NOBODY))] {
        lab.clock.advance_seconds(10);
        let entry = NewAuditEntry {
            user,
            act,
            noun: Noun::Media,
            noun_id: user.map(UserId::as_i64),
            address: "2001:db8::1",
            detail: "why — “so”",
        };
        lab.write(|tx| audit::insert(tx, &entry));
    }
    let acts = |entries: Vec<crate::domain::audit::AuditEntry>| -> String {
        entries.into_iter().map(|entry| entry.act).collect()
    };
    assert_eq!(acts(lab.read(|tx| audit::newest(tx, 2, 0))), "cb");
    assert_eq!(acts(lab.read(|tx| audit::newest(tx, 2, 2))), "a");
    assert_eq!(acts(lab.read(|tx| audit::of_user(tx, NOBODY, 9, 0))), "ca");
    let last = lab.read(|tx| audit::newest(tx, 1, 0)).remove(0);
    assert_eq!((last.at, last.user), (START.plus_seconds(30), Some(NOBODY)));
    assert_eq!(
        (last.noun, last.noun_id),
        (Noun::Media, Some(NOBODY.as_i64()))
    );
    assert_eq!(last.detail, "why — “so”");
    log_is_walked(lab);
    let forgotten = lab.db.write(|tx| audit::forget(tx, START.plus_seconds(20)));
    assert_eq!(forgotten.unwrap(), 1);
    assert_eq!(acts(lab.read(|tx| audit::newest(tx, 9, 0))), "cb");
}

/// What was done ten, twenty and thirty seconds after the start.
fn log_is_walked(lab: &Lab) {
    let later = |seconds| (START.plus_seconds(seconds), AuditId::from_i64(i64::MAX));
    let all = audit::Sought {
        act: None,
        user: None,
        since: START,
        before: later(999),
    };
    let walk = |sought| -> String {
        let found = lab.read(|tx| audit::older(tx, sought, 9));
        found.into_iter().map(|entry| entry.act).collect()
    };
    assert_eq!(walk(all), "cba");
    let before = later(29);
    assert_eq!(walk(audit::Sought { before, ..all }), "ba");
    let since = START.plus_seconds(20);
    assert_eq!(walk(audit::Sought { since, ..all }), "cb");
    let user = Some(NOBODY);
    assert_eq!(walk(audit::Sought { user, ..all }), "ca");
    let act = Some("b");
    assert_eq!(walk(audit::Sought { act, ..all }), "b");
    assert_eq!(walk(audit::Sought { act, user, ..all }), "");
    let last = lab.read(|tx| audit::older(tx, all, 1)).remove(0);
    let before = (last.at, last.id);
    assert_eq!(walk(audit::Sought { before, ..all }), "ba");
}

fn leases_have_one_holder(lab: &Lab) {
    let take = |holder: &str| lab.db.write(|tx| leases::try_take(tx, "index", holder, 10));
    let holder = || {
        let now = lab.db.clock().now();
        lab.read(|tx| leases::holder(tx, "index", now))
    };
    assert_eq!(holder(), None);
    assert!(take("one").unwrap());
    assert!(!take("two").unwrap());
    assert!(take("one").unwrap(), "one's own is taken again");
    assert_eq!(holder().as_deref(), Some("one"));
    lab.clock.advance_seconds(9);
    assert!(take("one").unwrap());
    lab.clock.advance_seconds(9);
    assert!(!take("two").unwrap(), "it was renewed");
    lab.clock.advance_seconds(1);
    assert_eq!(holder(), None, "it has run out");
    assert!(take("two").unwrap());
    assert!(!take("one").unwrap(), "it was lost");
    assert!(
        !lab.db
            .write(|tx| leases::release(tx, "index", "one"))
            .unwrap()
    );
    assert!(
        lab.db
            .write(|tx| leases::release(tx, "index", "two"))
            .unwrap()
    );
    assert!(take("one").unwrap());
    let other = lab.db.write(|tx| leases::try_take(tx, "jobs", "two", 10));
    assert!(other.unwrap(), "leases of other names are apart");
}
