//! Sending a delivery: signed as <https://www.standardwebhooks.com> says, tried again with longer and longer
//! pauses for a day, then given up.

use std::sync::atomic::Ordering;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

use crate::db::WriteTx;
use crate::domain::actor::Actor;
use crate::domain::change::Verb;
use crate::domain::id::DeliveryId;
use crate::domain::time::Timestamp;
use crate::domain::webhook::{Delivery, Event, SigningSecret, Webhook};
use crate::outbound::{Answer, OutboundError};
use crate::store;

use super::super::{App, Error};
use super::payload::Told;
use super::{find, note};

const FIRST_PAUSE_SECONDS: i64 = 10;
const PAUSE_GROWS: i64 = 3;
const LONGEST_PAUSE_SECONDS: i64 = 3 * 3600;
/// After so long a delivery is not tried again.
const GIVE_UP_SECONDS: i64 = 24 * 3600;
/// How long whoever waits for the answer has a delivery for themselves. Longer than it may take.
const CLAIM_SECONDS: i64 = 60;
/// Of an answer, so much is looked at for the log.
const ANSWER_BYTES: u64 = 1024;
const SAID_CHARS: usize = 200;
/// "I am no more": it is not asked again.
const GONE: u16 = 410;

/// A delivery that its maker sends, not the job; which takes it up if that one never comes to it.
pub(super) fn claimed(tx: &WriteTx<'_>, webhook: &Webhook, (event, payload): Told) -> Delivery {
    let now = tx.now();
    Delivery {
        id: DeliveryId::from_i64(tx.new_id()),
        webhook: webhook.id,
        event,
        payload,
        attempts: 0,
        created_at: now,
        queued_at: now,
        next_at: Some(now.plus_seconds(CLAIM_SECONDS)),
        tried_at: None,
        status: None,
        error: None,
        duration_millis: None,
        delivered_at: None,
    }
}

/// Sends a delivery if it still waits, and writes down how it went. Waits for the answer.
pub fn send(app: &App, id: DeliveryId) -> Result<(), Error> {
    let found = app.db.read(|tx| {
        let delivery = store::deliveries::by_id(tx, id)?;
        let Some(delivery) = delivery.filter(|delivery| delivery.next_at.is_some()) else {
            return Ok(None);
        };
        let webhook = find(tx, delivery.webhook)?;
        let secret = store::webhooks::secret(tx, webhook.id)?;
        Ok::<_, Error>(Some((delivery, webhook, secret)))
    })?;
    let Some((delivery, webhook, secret)) = found else {
        return Ok(());
    };
    let tried_at = app.db.clock().now();
    let began = Instant::now();
    let outcome = attempt(app, &webhook, &delivery, &secret, tried_at);
    let attempt = Attempt {
        tried_at,
        duration_millis: u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX),
        outcome,
    };
    write_down(app, delivery.id, &attempt)
}

struct Attempt {
    tried_at: Timestamp,
    duration_millis: u32,
    outcome: Result<Answer, OutboundError>,
}

fn attempt(
    app: &App,
    webhook: &Webhook,
    delivery: &Delivery,
    secret: &SigningSecret,
    at: Timestamp,
) -> Result<Answer, OutboundError> {
    let id = delivery.id.to_string();
    let seconds = at.as_seconds().to_string();
    let signature = sign(secret, &id, &seconds, &delivery.payload);
    let headers = [
        ("content-type", "application/json"),
        ("webhook-id", &*id),
        ("webhook-timestamp", &*seconds),
        ("webhook-signature", &*signature),
        ("x-inkstand-event", delivery.event.as_str()),
    ];
    app.outbound.post(
        &webhook.url,
        &headers,
        delivery.payload.as_bytes(),
        ANSWER_BYTES,
    )
}

/// The header by which the receiver knows that it is from us, and unchanged, and new.
fn sign(secret: &SigningSecret, id: &str, seconds: &str, payload: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut context = hmac::Context::with_key(&key);
    for part in [id, ".", seconds, ".", payload] {
        context.update(part.as_bytes());
    }
    format!("v1,{}", STANDARD.encode(context.sign()))
}

fn write_down(app: &App, id: DeliveryId, attempt: &Attempt) -> Result<(), Error> {
    app.db.write(|tx| {
        tx.quiet("what other programs were told is no change of the site");
        // As it is by now: it may have been asked for again, or removed.
        let Some(mut delivery) = store::deliveries::by_id(tx, id)? else {
            return Ok(());
        };
        delivery.attempts += 1;
        delivery.tried_at = Some(attempt.tried_at);
        delivery.duration_millis = Some(attempt.duration_millis);
        delivery.status = attempt.outcome.as_ref().ok().map(|answer| answer.status);
        match &attempt.outcome {
            Ok(answer) if answer.is_success() => {
                delivery.delivered_at = Some(attempt.tried_at);
                delivery.next_at = None;
                delivery.error = None;
                app.tally.delivered.fetch_add(1, Ordering::Relaxed);
            }
            outcome => {
                delivery.error = Some(said(outcome));
                fail(app, tx, &mut delivery, outcome)?;
            }
        }
        store::deliveries::update(tx, &delivery)?;
        Ok(())
    })
}

fn fail(
    app: &App,
    tx: &mut WriteTx<'_>,
    delivery: &mut Delivery,
    outcome: &Result<Answer, OutboundError>,
) -> Result<(), Error> {
    app.tally.failed.fetch_add(1, Ordering::Relaxed);
    let is_gone = matches!(outcome, Ok(answer) if answer.status == GONE);
    let wanted = outcome.as_ref().ok().and_then(wanted_pause);
    let random = getrandom::u32().unwrap_or_default();
    let pause = pause_seconds(delivery.attempts, random).max(wanted.unwrap_or_default());
    let next_at = tx.now().plus_seconds(pause);
    let is_over = next_at > delivery.queued_at.plus_seconds(GIVE_UP_SECONDS);
    // Or it was given up while it was under way.
    let is_over = is_over || delivery.next_at.is_none();
    let is_last = is_gone || is_over || delivery.event == Event::Ping;
    delivery.next_at = (!is_last).then_some(next_at);
    let error = delivery.error.as_deref().unwrap_or_default();
    if is_last && delivery.event != Event::Ping {
        app.tally.given_up.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(webhook = %delivery.webhook, delivery = %delivery.id, error, "a webhook was not told of an event; it will not be tried again");
    } else {
        tracing::info!(webhook = %delivery.webhook, delivery = %delivery.id, error, "a webhook could not be told of an event");
    }
    if is_gone {
        switch_off(tx, delivery)?;
    }
    Ok(())
}

fn switch_off(tx: &mut WriteTx<'_>, delivery: &Delivery) -> Result<(), Error> {
    let mut webhook = find(tx, delivery.webhook)?;
    if !webhook.active {
        return Ok(());
    }
    webhook.active = false;
    webhook.trouble = Some(format!(
        "its server said that it is gone for good (status {GONE})"
    ));
    webhook.version += 1;
    webhook.updated_at = tx.now();
    store::deliveries::give_up(tx, webhook.id, super::SWITCHED_OFF)?;
    store::webhooks::update(tx, &webhook)?;
    note(
        tx,
        &Actor::system(),
        "webhook.gone",
        &webhook,
        Verb::Updated,
    )
}

/// The pause after so many attempts: longer and longer, and not the same for all who failed together.
fn pause_seconds(attempts: u32, random: u32) -> i64 {
    let growth = PAUSE_GROWS.saturating_pow(attempts.saturating_sub(1));
    let pause = FIRST_PAUSE_SECONDS
        .saturating_mul(growth)
        .min(LONGEST_PAUSE_SECONDS);
    // Four fifths to six fifths of it.
    pause * 4 / 5 + pause * 2 / 5 * i64::from(random % 1001) / 1000
}

/// What a server that has too much to do asks for, within reason.
fn wanted_pause(answer: &Answer) -> Option<i64> {
    let seconds = answer.header("retry-after")?.trim().parse::<u32>().ok()?;
    matches!(answer.status, 429 | 503).then(|| i64::from(seconds).min(LONGEST_PAUSE_SECONDS))
}

/// What went wrong, for the log.
fn said(outcome: &Result<Answer, OutboundError>) -> String {
    match outcome {
        Err(error) => error.to_string(),
        Ok(answer) => {
            let text = String::from_utf8_lossy(&answer.body);
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let text: String = text.chars().filter(|letter| !letter.is_control()).collect();
            let text: String = text.chars().take(SAID_CHARS).collect();
            match (answer.status, &*text) {
                (status @ 300..400, _) => {
                    format!("the answer was {status}, a redirect; write where it leads to instead")
                }
                (status, "") => format!("the answer was {status}"),
                (status, text) => format!("the answer was {status}: {text}"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that <https://www.standardwebhooks.com> is tried out with.
    #[test]
    fn a_signature_is_as_others_make_it() {
        let mut key = [0; 32];
        key[..24].copy_from_slice(&STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap());
        // HMAC pads keys with zeros, so a shorter one is the same as this.
        let secret = SigningSecret::from_bytes(key);
        let signature = sign(
            &secret,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn pauses_grow_and_there_is_an_end() {
        let least: Vec<_> = (1..=9).map(|attempts| pause_seconds(attempts, 0)).collect();
        assert_eq!(least, [8, 24, 72, 216, 648, 1944, 5832, 8640, 8640]);
        assert_eq!(pause_seconds(1, 1000), 12);
        assert_eq!(pause_seconds(u32::MAX, 1000), 12_960);
        let mut passed = 0;
        let tried = (1..100).take_while(|attempts| {
            passed += pause_seconds(*attempts, 500);
            passed <= GIVE_UP_SECONDS
        });
        assert_eq!(tried.count(), 13);
    }
}
