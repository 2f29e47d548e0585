//! Others' programs: what they were allowed, and what they sent.

use serde_json::json;

use crate::domain::entry::{Entry, Writing};
use crate::domain::grant::Grant;
use crate::domain::id::TokenId;
use crate::domain::token::{Scope, Token};
use crate::domain::user::Role;

use super::super::{entries, grants, posts, tokens, users};
use super::{Case, HOUR_SECONDS, Lab, START, is_conflict, is_not_found};

pub(super) const CASES: &[Case] = &[
    (
        "grants_are_spent_and_remembered",
        grants_are_spent_and_remembered,
    ),
    ("entries_stay_with_their_post", entries_stay_with_their_post),
];

fn grants_are_spent_and_remembered(lab: &Lab) {
    let ada = lab.user("ada", Role::Owner);
    let ben = lab.user("ben", Role::Author);
    let grant = |user, scopes: &[Scope], token_days| Grant {
        user,
        client: "https://app.example/“id”".to_owned(),
        redirect_uri: "https://app.example/back".to_owned(),
        challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned(),
        scopes: scopes.to_vec(),
        token_days,
        created_at: START,
        expires_at: START.plus_seconds(HOUR_SECONDS),
        used_at: None,
        token: None,
    };
    let first = grant(ada.id, &[Scope::Create, Scope::Email], Some(30));
    let second = grant(ben.id, &[], None);
    lab.write(|tx| grants::insert(tx, &first, b"first"));
    lab.write(|tx| grants::insert(tx, &second, b"second"));
    let twin = lab.try_write(|tx| grants::insert(tx, &second, b"first"));
    assert!(is_conflict(&twin));
    let find = |code: &[u8]| lab.read(|tx| grants::by_code_hash(tx, code));
    assert_eq!(find(b"first"), Some(first.clone()));
    assert_eq!(find(b"second"), Some(second));
    assert_eq!(find(b"third"), None);

    lab.clock.advance_seconds(5);
    let token = lab.write(|tx| {
        let token = Token {
            id: TokenId::from_i64(tx.new_id()),
            user: ada.id,
            name: first.client.clone(),
            scopes: first.scopes.clone(),
            client: Some(first.client.clone()),
            created_at: tx.now(),
            expires_at: None,
            used_at: None,
        };
        tokens::insert(tx, &token, b"token")?;
        Ok(token)
    });
    lab.write(|tx| grants::spend(tx, b"first", Some(token.id)));
    let spent = Grant {
        used_at: Some(START.plus_seconds(5)),
        token: Some(token.id),
        ..first
    };
    assert_eq!(find(b"first"), Some(spent.clone()));
    assert!(is_not_found(
        &lab.try_write(|tx| grants::spend(tx, b"third", None))
    ));
    lab.write(|tx| tokens::delete(tx, token.id));
    let without = Grant {
        token: None,
        ..spent
    };
    assert_eq!(find(b"first"), Some(without), "it is remembered");

    lab.write(|tx| users::delete(tx, ben.id));
    assert_eq!(find(b"second"), None);
    let end = START.plus_seconds(HOUR_SECONDS);
    assert_eq!(lab.write(|tx| grants::delete_ended(tx, end)), 0);
    let later = end.plus_seconds(1);
    assert_eq!(lab.write(|tx| grants::delete_ended(tx, later)), 1);
}

fn entries_stay_with_their_post(lab: &Lab) {
    let post = lab.post("a", |_| {});
    let entry = |words: &str| Entry {
        properties: serde_json::from_value(json!({ "content": [words], "x": [{ "y": 1.5 }] }))
            .unwrap(),
        writing: Writing::Plain,
        made_title: Some("A “title”".to_owned()),
        made_text: "0".to_owned(),
    };
    assert_eq!(lab.read(|tx| entries::get(tx, post.id)), None);
    for words in ["one", "two — “so”"] {
        lab.write(|tx| entries::put(tx, post.id, &entry(words)));
        assert_eq!(lab.read(|tx| entries::get(tx, post.id)), Some(entry(words)));
    }
    lab.write(|tx| posts::delete(tx, post.id));
    assert_eq!(lab.read(|tx| entries::get(tx, post.id)), None);
}
