//! Invitations, passkeys, second factors, and what becomes of all that when somebody goes.

use crate::domain::audit::NewAuditEntry;
use crate::domain::change::Noun;
use crate::domain::id::{InvitationId, PasskeyId, SessionId, UserId};
use crate::domain::invitation::Invitation;
use crate::domain::passkey::Passkey;
use crate::domain::second_factor::SecondFactor;
use crate::domain::session::Session;
use crate::domain::user::Role;

use super::super::{audit, invitations, passkeys, posts, second_factors, sessions, users};
use super::{Case, HOUR_SECONDS, Lab, START, is_conflict, is_not_found};

pub(super) const CASES: &[Case] = &[
    ("invitations_let_in_once", invitations_let_in_once),
    ("passkeys_belong_to_somebody", passkeys_belong_to_somebody),
    ("second_factors_and_codes", second_factors_and_codes),
    ("sessions_remember_a_proof", sessions_remember_a_proof),
    ("audit_log_by_act", audit_log_by_act),
    ("who_goes_leaves_the_texts", who_goes_leaves_the_texts),
];

fn invitations_let_in_once(lab: &Lab) {
    let ada = lab.user("ada", Role::Owner);
    let invite = |secret: &[u8], role, hours: i64, by: Option<UserId>| {
        lab.write(|tx| {
            let invitation = Invitation {
                id: InvitationId::from_i64(tx.new_id()),
                role,
                note: "for — “Ben”".to_owned(),
                created_by: by,
                created_at: tx.now(),
                expires_at: START.plus_seconds(hours * HOUR_SECONDS),
            };
            invitations::insert(tx, &invitation, secret)?;
            Ok(invitation)
        })
    };
    let long = invite(b"long", Role::Editor, 5, Some(ada.id));
    let short = invite(b"short", Role::Owner, 1, None);
    let twin = lab.try_write(|tx| {
        let id = InvitationId::from_i64(tx.new_id());
        invitations::insert(tx, &Invitation { id, ..long.clone() }, b"long")
    });
    assert!(is_conflict(&twin));
    let find = |secret: &[u8], now| lab.read(|tx| invitations::by_secret_hash(tx, secret, now));
    assert_eq!(find(b"long", START), Some(long.clone()));
    assert_eq!(find(b"other", START), None);
    assert_eq!(find(b"short", short.expires_at), None, "it is over");
    assert_eq!(
        lab.read(|tx| invitations::open(tx, START)),
        [short.clone(), long.clone()]
    );
    assert_eq!(
        lab.read(|tx| invitations::open(tx, short.expires_at)),
        [long.clone()]
    );
    lab.clock.advance_seconds(HOUR_SECONDS);
    assert_eq!(lab.write(invitations::delete_expired), 1);
    lab.write(|tx| invitations::delete(tx, long.id));
    assert!(is_not_found(
        &lab.try_write(|tx| invitations::delete(tx, long.id))
    ));
}

fn passkey(lab: &Lab, user: UserId, credential: &[u8]) -> Passkey {
    lab.write(|tx| {
        let passkey = Passkey {
            id: PasskeyId::from_i64(tx.new_id()),
            user,
            credential: credential.to_vec(),
            handle: b"handle".to_vec(),
            public_key: vec![0, 159, 255],
            sign_count: u32::MAX,
            name: "A phone".to_owned(),
            created_at: tx.now(),
            used_at: None,
        };
        passkeys::insert(tx, &passkey)?;
        Ok(passkey)
    })
}

fn passkeys_belong_to_somebody(lab: &Lab) {
    let mut ada = lab.user("ada", Role::Owner);
    let first = passkey(lab, ada.id, b"first");
    let second = passkey(lab, ada.id, b"second");
    let twin = lab.try_write(|tx| {
        let id = PasskeyId::from_i64(tx.new_id());
        passkeys::insert(
            tx,
            &Passkey {
                id,
                ..first.clone()
            },
        )
    });
    assert!(is_conflict(&twin));
    let find = |credential: &[u8]| lab.read(|tx| passkeys::by_credential(tx, credential));
    assert_eq!(find(b"first"), Some((first.clone(), ada.clone())));
    assert_eq!(find(b"third"), None);
    lab.clock.advance_seconds(5);
    lab.write(|tx| passkeys::touch(tx, second.id, 7));
    let used = Passkey {
        sign_count: 7,
        used_at: Some(START.plus_seconds(5)),
        ..second.clone()
    };
    assert_eq!(
        lab.read(|tx| passkeys::of_user(tx, ada.id)),
        [first.clone(), used]
    );
    lab.write(|tx| passkeys::delete(tx, first.id));
    assert!(is_not_found(
        &lab.try_write(|tx| passkeys::delete(tx, first.id))
    ));
    assert!(is_not_found(
        &lab.try_write(|tx| passkeys::touch(tx, first.id, 1))
    ));
    ada.suspended = true;
    lab.write(|tx| users::update(tx, &ada));
    assert_eq!(find(b"second"), None, "a suspended user is let in nowhere");
    assert_eq!(lab.write(|tx| passkeys::delete_all_of_user(tx, ada.id)), 1);
}

fn second_factors_and_codes(lab: &Lab) {
    let ada = lab.user("ada", Role::Owner);
    let ben = lab.user("ben", Role::Author);
    let factor = |user| lab.read(|tx| second_factors::of_user(tx, user));
    assert_eq!(factor(ada.id), None);
    let new = SecondFactor {
        user: ada.id,
        secret: vec![1, 2, 3],
        confirmed_at: None,
        last_step: 0,
    };
    lab.write(|tx| second_factors::put(tx, &new));
    assert_eq!(factor(ada.id), Some(new.clone()));
    let confirmed = SecondFactor {
        secret: vec![9],
        confirmed_at: Some(START),
        last_step: 58_000_000,
        ..new
    };
    lab.write(|tx| second_factors::put(tx, &confirmed));
    assert_eq!(factor(ada.id), Some(confirmed));

    let left = |user| lab.read(|tx| second_factors::codes_left(tx, user));
    let spend = |user, code: &[u8]| lab.write(|tx| second_factors::use_code(tx, user, code));
    lab.write(|tx| second_factors::put_codes(tx, ada.id, &[b"old".to_vec()]));
    let codes = [b"one".to_vec(), b"two".to_vec()];
    lab.write(|tx| second_factors::put_codes(tx, ada.id, &codes));
    lab.write(|tx| second_factors::put_codes(tx, ben.id, &codes));
    assert_eq!(left(ada.id), 2);
    assert!(!spend(ada.id, b"old"));
    assert!(spend(ada.id, b"one"));
    assert!(!spend(ada.id, b"one"), "a code is good for one time");
    assert_eq!((left(ada.id), left(ben.id)), (1, 2));
    assert!(lab.write(|tx| second_factors::delete(tx, ada.id)));
    assert!(!lab.write(|tx| second_factors::delete(tx, ada.id)));
    assert_eq!((left(ada.id), factor(ada.id)), (0, None));
}

fn sessions_remember_a_proof(lab: &Lab) {
    let ada = lab.user("ada", Role::Owner);
    let session = lab.write(|tx| {
        let session = Session {
            id: SessionId::from_i64(tx.new_id()),
            user: ada.id,
            created_at: tx.now(),
            seen_at: tx.now(),
            expires_at: tx.now().plus_seconds(HOUR_SECONDS),
            proved_at: tx.now(),
            address: String::new(),
            agent: String::new(),
        };
        sessions::insert(tx, &session, b"secret")?;
        Ok(session)
    });
    let proved_at = || lab.read(|tx| sessions::of_user(tx, ada.id))[0].proved_at;
    assert_eq!(proved_at(), START);
    lab.clock.advance_seconds(9);
    lab.write(|tx| sessions::prove(tx, session.id));
    assert_eq!(proved_at(), START.plus_seconds(9));
    let unknown = SessionId::from_i64(1);
    assert!(is_not_found(
        &lab.try_write(|tx| sessions::prove(tx, unknown))
    ));
    // As an earlier release leaves it.
    let forgotten = "UPDATE sessions SET proved_at = NULL";
    crate::db::testing::batch(&lab.location, forgotten);
    assert_eq!(proved_at(), START);
}

fn audit_log_by_act(lab: &Lab) {
    let users = [UserId::from_i64(7), UserId::from_i64(8)];
    for (act, user) in [("in", 0), ("out", 0), ("in", 1), ("in", 0)] {
        lab.clock.advance_seconds(1);
        let entry = NewAuditEntry {
            user: Some(users[user]),
            act,
            noun: Noun::Invitation,
            noun_id: None,
            address: "",
            detail: "",
        };
        lab.write(|tx| audit::insert(tx, &entry));
    }
    let found = |user: Option<UserId>, limit, offset| {
        lab.read(|tx| audit::of_act(tx, "in", user, limit, offset))
            .len()
    };
    assert_eq!(found(None, 9, 0), 3);
    assert_eq!(found(None, 2, 2), 1);
    assert_eq!(found(Some(users[0]), 9, 0), 2);
    assert_eq!(found(Some(users[1]), 9, 0), 1);
}

fn who_goes_leaves_the_texts(lab: &Lab) {
    let ada = lab.user("ada", Role::Owner);
    let ben = lab.user("ben", Role::Author);
    let alone = lab.post("alone", |post| post.content.authors = vec![ben.id]);
    let both = lab.post("both", |post| post.content.authors = vec![ben.id, ada.id]);
    passkey(lab, ben.id, b"bens");
    assert!(
        lab.try_write(|tx| users::delete(tx, ben.id)).is_err(),
        "a post's author cannot go"
    );
    lab.write(|tx| users::hand_over_posts(tx, ben.id, ada.id));
    for post in [alone.id, both.id] {
        let found = lab.read(|tx| posts::by_id(tx, post)).unwrap();
        assert_eq!(found.content.authors, [ada.id]);
    }
    lab.write(|tx| users::delete(tx, ben.id));
    assert!(is_not_found(&lab.try_write(|tx| users::delete(tx, ben.id))));
    assert_eq!(lab.read(|tx| passkeys::of_user(tx, ben.id)), []);
    assert_eq!(
        lab.read(|tx| users::posts_by(tx, ada.id)),
        [alone.id, both.id]
    );
}
