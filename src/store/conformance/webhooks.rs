//! Webhooks, what is to be sent to them, and what followers of the feed keep.

use crate::domain::change::Noun;
use crate::domain::destination::Destination;
use crate::domain::id::{DeliveryId, WebhookId};
use crate::domain::post::Kind;
use crate::domain::time::Timestamp;
use crate::domain::user::Role;
use crate::domain::webhook::{
    Delivery, DeliveryState, Departed, Event, SECRET_BYTES, SigningSecret, Webhook,
};

use super::super::{deliveries, departed, followers, users, webhooks};
use super::{Case, HOUR_SECONDS, Lab, START, is_not_found, slug};

pub(super) const CASES: &[Case] = &[
    ("webhooks_are_kept", webhooks_are_kept),
    ("deliveries_wait_their_turn", deliveries_wait_their_turn),
    ("deliveries_are_let_go", deliveries_are_let_go),
    ("followers_keep_their_place", followers_keep_their_place),
    ("what_departed_is_remembered", what_departed_is_remembered),
];

const NONE: WebhookId = WebhookId::from_i64(7);

fn secret(byte: u8) -> SigningSecret {
    SigningSecret::from_bytes([byte; SECRET_BYTES])
}

fn webhook(lab: &Lab, path: &str) -> Webhook {
    lab.write(|tx| {
        let webhook = Webhook {
            id: WebhookId::from_i64(tx.new_id()),
            url: Destination::parse(&format!("https://example.org/{path}")).unwrap(),
            description: "«Everything» 中文".to_owned(),
            events: vec![Event::PostPublished, Event::UserDeleted],
            active: true,
            trouble: None,
            from_seq: 3,
            version: 1,
            created_by: None,
            created_at: tx.now(),
            updated_at: tx.now(),
        };
        webhooks::insert(tx, &webhook, &secret(1))?;
        Ok(webhook)
    })
}

fn webhooks_are_kept(lab: &Lab) {
    let ada = lab.user("ada", Role::Admin);
    let mut first = webhook(lab, "first");
    let second = webhook(lab, "second");
    assert_eq!(lab.read(webhooks::all), [second.clone(), first.clone()]);
    first.url = Destination::parse("http://example.org:8080/").unwrap();
    first.description = String::new();
    first.events = vec![Event::MediaCreated];
    first.active = false;
    first.trouble = Some("gone".to_owned());
    first.from_seq = 4;
    first.version = 2;
    first.updated_at = START.plus_seconds(1);
    lab.write(|tx| webhooks::update(tx, &first));
    let found = lab.read(|tx| webhooks::by_id(tx, first.id));
    assert_eq!(found, Some(first.clone()));
    assert_eq!(lab.read(|tx| webhooks::secret(tx, first.id)), secret(1));
    lab.write(|tx| webhooks::set_secret(tx, first.id, &secret(2)));
    assert_eq!(lab.read(|tx| webhooks::secret(tx, first.id)), secret(2));
    assert_eq!(lab.read(|tx| webhooks::secret(tx, second.id)), secret(1));

    let by_ada = lab.write(|tx| {
        let webhook = Webhook {
            id: WebhookId::from_i64(tx.new_id()),
            created_by: Some(ada.id),
            ..second.clone()
        };
        webhooks::insert(tx, &webhook, &secret(3))?;
        Ok(webhook.id)
    });
    lab.write(|tx| users::delete(tx, ada.id));
    let found = lab.read(|tx| webhooks::by_id(tx, by_ada)).unwrap();
    assert_eq!(found.created_by, None, "it outlives who made it");

    lab.write(|tx| webhooks::delete(tx, first.id));
    assert_eq!(lab.read(|tx| webhooks::by_id(tx, first.id)), None);
    assert!(is_not_found(
        &lab.try_write(|tx| webhooks::delete(tx, first.id))
    ));
    assert!(is_not_found(
        &lab.try_write(|tx| webhooks::update(tx, &first))
    ));
    assert!(is_not_found(&lab.try_write(|tx| webhooks::set_secret(
        tx,
        NONE,
        &secret(1)
    ))));
}

fn delivery(lab: &Lab, to: &Webhook, next_at: Option<Timestamp>) -> Delivery {
    lab.write(|tx| {
        let delivery = Delivery {
            id: DeliveryId::from_i64(tx.new_id()),
            webhook: to.id,
            event: Event::PostPublished,
            payload: "{\"type\":\"«»\"}".to_owned(),
            attempts: 0,
            created_at: tx.now(),
            queued_at: tx.now(),
            next_at,
            tried_at: None,
            status: None,
            error: None,
            duration_millis: None,
            delivered_at: None,
        };
        deliveries::insert(tx, &delivery)?;
        Ok(delivery)
    })
}

fn deliveries_wait_their_turn(lab: &Lab) {
    let (one, other) = (webhook(lab, "one"), webhook(lab, "other"));
    let later = START.plus_seconds(60);
    let mut late = delivery(lab, &one, Some(later));
    let soon = delivery(lab, &one, Some(START));
    let over = delivery(lab, &one, None);
    let others = delivery(lab, &other, Some(START));
    let next = |webhook: &Webhook| lab.read(|tx| deliveries::next_of_webhook(tx, webhook.id));
    assert_eq!(next(&one), Some((soon.id, START)));
    assert_eq!(next(&other), Some((others.id, START)));
    let waiting = |webhook: &Webhook| lab.read(|tx| deliveries::count_waiting(tx, webhook.id));
    assert_eq!((waiting(&one), waiting(&other)), (2, 1));

    late.attempts = 3;
    late.queued_at = START.plus_seconds(2);
    late.next_at = None;
    late.tried_at = Some(later);
    late.status = Some(204);
    late.error = Some("first it did not work".to_owned());
    late.duration_millis = Some(71);
    late.delivered_at = Some(later);
    assert!(lab.write(|tx| deliveries::update(tx, &late)));
    assert_eq!(
        lab.read(|tx| deliveries::by_id(tx, late.id)),
        Some(late.clone())
    );
    assert_eq!(late.state(), DeliveryState::Delivered);

    let of_one = |before, limit| lab.read(|tx| deliveries::of_webhook(tx, one.id, before, limit));
    assert_eq!(of_one(None, 2), [over.clone(), soon.clone()]);
    assert_eq!(of_one(Some(soon.id), 2), [late.clone()]);

    assert_eq!(lab.write(|tx| deliveries::give_up(tx, one.id, "off")), 1);
    let given_up = lab.read(|tx| deliveries::by_id(tx, soon.id)).unwrap();
    assert_eq!(given_up.state(), DeliveryState::Failed);
    assert_eq!(given_up.error.as_deref(), Some("off"));
    assert_eq!(lab.read(|tx| deliveries::by_id(tx, over.id)), Some(over));
    assert_eq!((next(&one), waiting(&other)), (None, 1));

    lab.write(|tx| webhooks::delete(tx, one.id));
    assert_eq!(lab.read(|tx| deliveries::by_id(tx, late.id)), None);
    assert!(!lab.write(|tx| deliveries::update(tx, &late)));
}

fn deliveries_are_let_go(lab: &Lab) {
    let (one, other) = (webhook(lab, "one"), webhook(lab, "other"));
    let old = delivery(lab, &one, None);
    let waiting = delivery(lab, &one, Some(START));
    lab.clock.advance_seconds(HOUR_SECONDS);
    let kept: Vec<_> = (0..3).map(|_| delivery(lab, &one, None).id).collect();
    let others = delivery(lab, &other, None);
    let forget = |before, keep| lab.write(|tx| deliveries::forget(tx, one.id, before, keep));
    assert_eq!(forget(START, 5), 0);
    assert_eq!(forget(START.plus_seconds(1), 5), 1, "what is old goes");
    assert_eq!(lab.read(|tx| deliveries::by_id(tx, old.id)), None);
    assert_eq!(forget(START, 2), 1, "what is too much goes");
    let found = lab.read(|tx| deliveries::of_webhook(tx, one.id, None, 9));
    let found: Vec<_> = found.into_iter().map(|delivery| delivery.id).collect();
    // What is still to be sent stays in any case.
    assert_eq!(found, [kept[2], kept[1], waiting.id]);
    assert!(lab.read(|tx| deliveries::by_id(tx, others.id)).is_some());
}

fn followers_keep_their_place(lab: &Lab) {
    assert_eq!(lab.read(|tx| followers::place(tx, "a")), 0);
    lab.write(|tx| followers::keep_place(tx, "a", 5));
    lab.write(|tx| followers::keep_place(tx, "b", 6));
    lab.write(|tx| followers::keep_place(tx, "a", 7));
    assert_eq!(lab.read(|tx| followers::place(tx, "a")), 7);
    assert_eq!(lab.read(|tx| followers::place(tx, "b")), 6);
}

fn what_departed_is_remembered(lab: &Lab) {
    let post = lab.post("one", |_| {});
    let shown_at = || lab.read(|tx| departed::shown_at(tx, post.id));
    assert_eq!(shown_at(), None);
    for at in ["one", "other"] {
        lab.write(|tx| departed::note_shown(tx, post.id, &slug(at)));
        assert_eq!(shown_at().as_deref(), Some(at));
    }
    let gone = |slug: &str| Departed::Post {
        kind: Kind::Page,
        slug: slug.to_owned(),
    };
    let user = Departed::User {
        slug: "ada".to_owned(),
        name: "Ada".to_owned(),
    };
    lab.write(|tx| departed::insert(tx, 1, &gone("one")));
    lab.write(|tx| departed::insert(tx, 1, &gone("two")));
    lab.clock.advance_seconds(1);
    lab.write(|tx| departed::insert(tx, 1, &user));
    let find = |noun| lab.read(|tx| departed::find(tx, noun, 1));
    assert_eq!(find(Noun::Post), Some(gone("two")));
    assert_eq!(find(Noun::User), Some(user.clone()));
    assert_eq!(find(Noun::Media), None);
    let forgotten = lab.write(|tx| departed::forget(tx, START.plus_seconds(1)));
    assert_eq!(forgotten, 1);
    assert_eq!((find(Noun::Post), find(Noun::User)), (None, Some(user)));
}
