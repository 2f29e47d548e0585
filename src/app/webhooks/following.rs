//! From the change feed to deliveries, and which of them are due. A delivery is made in the transaction that
//! moves the place in the feed, so each change is told once, whatever is killed when.

use crate::db::{ReadTx, WriteTx};
use crate::domain::change::Entry;
use crate::domain::id::{DeliveryId, WebhookId};
use crate::domain::time::Timestamp;
use crate::domain::webhook::{Delivery, Event, Webhook};
use crate::store;

use super::super::{App, Error};
use super::payload;

/// Also the name of the lease.
const FOLLOWER: &str = "webhooks";
/// Longer than a delivery may take; renewed when half of it is over.
const LEASE_SECONDS: u32 = 30;
const BATCH_ENTRIES: u32 = 200;

/// How it stands after a look at feed and queue.
#[derive(Debug, Default)]
pub struct Step {
    /// Entries up to here need not be looked at again.
    pub seen: u64,
    /// Until then this process alone sends.
    pub ours_until: Option<Timestamp>,
    /// There is something to do, and another process does it.
    pub is_others: bool,
    /// What is to be sent now: at most one to each webhook.
    pub due: Vec<(WebhookId, DeliveryId)>,
    /// When something is due next.
    pub next_at: Option<Timestamp>,
}

/// Makes deliveries of what has happened, and says what is to be sent. `before` is the last step of this
/// process, `holder` its name in leases.
pub fn step(app: &App, holder: &str, base_url: &str, before: &Step) -> Result<Step, Error> {
    let now = app.db.clock().now();
    let look = app.db.read(|tx| look(tx, before.seen, now))?;
    let mut step = Step {
        seen: look.seen,
        ours_until: before.ours_until.filter(|until| *until > now),
        is_others: false,
        due: look.due,
        next_at: look.next_at,
    };
    // Looking is free; the lease is taken only when there is something to do.
    if !look.has_news && step.due.is_empty() {
        return Ok(step);
    }
    let soon = now.plus_seconds(i64::from(LEASE_SECONDS) / 2);
    if step.ours_until.is_none_or(|until| until < soon) {
        let lease =
            |tx: &mut WriteTx<'_>| store::leases::try_take(tx, FOLLOWER, holder, LEASE_SECONDS);
        let is_ours = app.db.write(lease)?;
        step.ours_until = is_ours.then(|| now.plus_seconds(i64::from(LEASE_SECONDS)));
    }
    if step.ours_until.is_none() {
        step.is_others = true;
        step.due.clear();
        return Ok(step);
    }
    if look.has_news {
        app.db.write(|tx| tell(tx, base_url, look.seen))?;
        // What was made just now is due just now.
        let now = app.db.clock().now();
        let look = app.db.read(|tx| self::look(tx, step.seen, now))?;
        (step.seen, step.due, step.next_at) = (look.seen, look.due, look.next_at);
        if look.has_news {
            step.next_at = Some(now);
        }
    }
    Ok(step)
}

/// Gives the lease up, for whoever comes next.
pub fn release(app: &App, holder: &str) -> Result<(), Error> {
    app.db
        .write(|tx| store::leases::release(tx, FOLLOWER, holder))?;
    Ok(())
}

struct Look {
    has_news: bool,
    seen: u64,
    due: Vec<(WebhookId, DeliveryId)>,
    next_at: Option<Timestamp>,
}

fn look(tx: &mut ReadTx<'_>, seen: u64, now: Timestamp) -> Result<Look, Error> {
    let mut webhooks = store::webhooks::all(tx)?;
    webhooks.retain(|webhook| webhook.active);
    let mut look = Look {
        has_news: false,
        seen,
        due: Vec::new(),
        next_at: None,
    };
    let Some(mut place) = beginning(tx, &webhooks)? else {
        return Ok(look);
    };
    place = place.max(seen);
    // What nobody wants is passed over without a write; who starts anew passes over it once more.
    loop {
        let entries = store::changes::after(tx, place, BATCH_ENTRIES)?;
        let Some(last) = entries.last() else { break };
        if entries.iter().any(|entry| is_wanted(&webhooks, entry)) {
            look.has_news = true;
            break;
        }
        place = last.seq;
    }
    look.seen = place;
    for webhook in &webhooks {
        if let Some((id, at)) = store::deliveries::next_of_webhook(tx, webhook.id)? {
            if at <= now {
                look.due.push((webhook.id, id));
            } else {
                look.next_at = Some(look.next_at.map_or(at, |next| next.min(at)));
            }
        }
    }
    Ok(look)
}

/// After which entry to read on; `None` when nobody wants to be told of anything.
fn beginning(tx: &mut ReadTx<'_>, webhooks: &[Webhook]) -> Result<Option<u64>, Error> {
    let Some(wanted) = webhooks.iter().map(|webhook| webhook.from_seq).min() else {
        return Ok(None);
    };
    Ok(Some(store::followers::place(tx, FOLLOWER)?.max(wanted)))
}

fn is_wanted(webhooks: &[Webhook], entry: &Entry) -> bool {
    let event = Event::of(&entry.change);
    event.is_some_and(|event| webhooks.iter().any(|one| wants(one, entry, event)))
}

fn wants(webhook: &Webhook, entry: &Entry, event: Event) -> bool {
    entry.seq > webhook.from_seq && webhook.wants(event)
}

/// One batch of the feed becomes deliveries. Nobody wanted what comes before `seen`.
fn tell(tx: &mut WriteTx<'_>, base_url: &str, seen: u64) -> Result<(), Error> {
    let mut webhooks = store::webhooks::all(tx)?;
    webhooks.retain(|webhook| webhook.active);
    let Some(place) = beginning(tx, &webhooks)? else {
        tx.quiet("nobody wants to be told any more");
        return Ok(());
    };
    let place = place.max(seen);
    if let Some(oldest) = store::changes::oldest(tx)?
        && oldest > place + 1
    {
        let missed = oldest - place - 1;
        tracing::warn!(
            missed,
            "webhooks are not told of changes that were forgotten meanwhile"
        );
    }
    let entries = store::changes::after(tx, place, BATCH_ENTRIES)?;
    let last = entries.last().map_or(place, |entry| entry.seq);
    for entry in entries.iter().filter(|entry| is_wanted(&webhooks, entry)) {
        let Some((event, payload)) = payload::of(tx, entry, base_url)? else {
            continue;
        };
        for webhook in webhooks.iter().filter(|one| wants(one, entry, event)) {
            let now = tx.now();
            let delivery = Delivery {
                id: DeliveryId::from_i64(tx.new_id()),
                webhook: webhook.id,
                event,
                payload: payload.clone(),
                attempts: 0,
                created_at: now,
                queued_at: now,
                next_at: Some(now),
                tried_at: None,
                status: None,
                error: None,
                duration_millis: None,
                delivered_at: None,
            };
            store::deliveries::insert(tx, &delivery)?;
        }
    }
    Ok(store::followers::keep_place(tx, FOLLOWER, last)?)
}
