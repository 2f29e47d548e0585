//! Which other programs are told of what happens here. What is told and when is in `following`, how it gets
//! there in `sending`.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::db::{ReadTx, WriteTx};
use crate::domain::actor::{Act, Actor};
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::destination::Destination;
use crate::domain::id::{DeliveryId, WebhookId};
use crate::domain::webhook::{
    Delivery, Event, MAX_DESCRIPTION_CHARS, MAX_WEBHOOKS, SECRET_BYTES, SigningSecret, Webhook,
};
use crate::store;

use super::accounts::{self, Issued};
use super::{App, Error, require};

mod following;
mod payload;
mod sending;

pub use following::{Step, release, step};
pub(super) use payload::{media_departs, post_departs, user_departs};
pub use sending::send;

/// How long deliveries that are over are kept, and how many of a webhook.
const DELIVERIES_KEPT_SECONDS: i64 = 30 * 24 * 3600;
const DELIVERIES_KEPT: u32 = 1000;
/// Who is told late of something deleted is told within this time.
const DEPARTED_KEPT_SECONDS: i64 = 7 * 24 * 3600;
const SWITCHED_OFF: &str = "the webhook was switched off";

/// How deliveries went since the program started.
#[derive(Debug, Default)]
pub struct Tally {
    delivered: AtomicU64,
    failed: AtomicU64,
    given_up: AtomicU64,
}

impl Tally {
    /// What is counted, by its name: each attempt counts once.
    pub fn read(&self) -> [(&'static str, u64); 3] {
        [
            ("delivered", self.delivered.load(Ordering::Relaxed)),
            ("failed", self.failed.load(Ordering::Relaxed)),
            ("given_up", self.given_up.load(Ordering::Relaxed)),
        ]
    }
}

/// What a webhook is to be. A field left out stays as it is, or for a new one, as it is usual.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    pub url: Option<Destination>,
    pub description: Option<String>,
    pub events: Option<Vec<Event>>,
    pub active: Option<bool>,
}

impl Wish {
    fn check(&self, app: &App) -> Result<(), Error> {
        if let Some(url) = &self.url {
            let checked = app.outbound.check(url);
            checked.map_err(|error| Error::invalid("url", error))?;
        }
        let description = self.description.as_deref().unwrap_or_default();
        if description.chars().count() > MAX_DESCRIPTION_CHARS {
            let message = format!("Shorten this to {MAX_DESCRIPTION_CHARS} characters");
            return Err(Error::invalid("description", message));
        }
        let events = self.events.as_deref();
        if events.is_some_and(<[_]>::is_empty) {
            return Err(Error::invalid("events", "Choose at least one event"));
        }
        if events.is_some_and(|events| events.contains(&Event::Ping)) {
            let message = "A ping comes when somebody asks for it; leave it out";
            return Err(Error::invalid("events", message));
        }
        Ok(())
    }

    fn apply(self, webhook: &mut Webhook) {
        if let Some(url) = self.url {
            webhook.url = url;
        }
        if let Some(description) = self.description {
            let description = description.replace(char::is_control, " ");
            description.trim().clone_into(&mut webhook.description);
        }
        if let Some(wanted) = self.events {
            webhook.events = Event::choices()
                .filter(|event| wanted.contains(event))
                .collect();
        }
    }
}

/// All of them, the newest first.
pub fn list(app: &App, actor: &Actor) -> Result<Vec<Webhook>, Error> {
    require(actor, Act::ManageWebhooks)?;
    Ok(app.db.read(store::webhooks::all)?)
}

pub fn show(app: &App, actor: &Actor, id: WebhookId) -> Result<Webhook, Error> {
    require(actor, Act::ManageWebhooks)?;
    app.db.read(|tx| find(tx, id))
}

fn find(tx: &mut ReadTx<'_>, id: WebhookId) -> Result<Webhook, Error> {
    store::webhooks::by_id(tx, id)?.ok_or(Error::NotFound)
}

fn is_as_seen(webhook: &Webhook, versions: Option<&[i64]>) -> Result<(), Error> {
    match versions {
        Some(seen) if !seen.contains(&webhook.version) => Err(Error::overtaken()),
        _ => Ok(()),
    }
}

fn new_secret() -> Result<SigningSecret, Error> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes).map_err(Error::internal)?;
    Ok(SigningSecret::from_bytes(bytes))
}

/// Makes a webhook, which is told of what happens from now on. The secret is shown this once.
pub fn create(
    app: &App,
    actor: &Actor,
    url: Destination,
    wish: Wish,
) -> Result<Issued<Webhook>, Error> {
    require(actor, Act::ManageWebhooks)?;
    let wish = Wish {
        url: Some(url.clone()),
        ..wish
    };
    wish.check(app)?;
    let secret = new_secret()?;
    let webhook = app.db.write(|tx| {
        if store::webhooks::all(tx)?.len() >= MAX_WEBHOOKS {
            return Err(Error::Conflict(format!(
                "there are {MAX_WEBHOOKS} webhooks, and more there cannot be; remove one first"
            )));
        }
        let mut webhook = Webhook {
            id: WebhookId::from_i64(tx.new_id()),
            url,
            description: String::new(),
            events: Event::choices().collect(),
            active: wish.active.unwrap_or(true),
            trouble: None,
            from_seq: store::changes::newest(tx)?,
            version: 1,
            created_by: actor.user(),
            created_at: tx.now(),
            updated_at: tx.now(),
        };
        wish.apply(&mut webhook);
        store::webhooks::insert(tx, &webhook, &secret)?;
        note(tx, actor, "webhook.create", &webhook, Verb::Created)?;
        Ok(webhook)
    })?;
    Ok(Issued {
        secret: secret.expose(),
        item: webhook,
    })
}

/// Changes a webhook. `versions` are those the change may be made to; if it is at another by now, nothing is
/// written.
pub fn change(
    app: &App,
    actor: &Actor,
    id: WebhookId,
    versions: Option<&[i64]>,
    wish: Wish,
) -> Result<Webhook, Error> {
    require(actor, Act::ManageWebhooks)?;
    wish.check(app)?;
    app.db.write(|tx| {
        let before = find(tx, id)?;
        is_as_seen(&before, versions)?;
        let active = wish.active.unwrap_or(before.active);
        let mut webhook = before.clone();
        wish.apply(&mut webhook);
        webhook.active = active;
        if active && !before.active {
            // What happened while it was off is not told afterwards.
            webhook.from_seq = store::changes::newest(tx)?;
            webhook.trouble = None;
        }
        if webhook == before {
            tx.quiet("nothing was changed");
            return Ok(before);
        }
        if before.active && !active {
            store::deliveries::give_up(tx, id, SWITCHED_OFF)?;
        }
        webhook.version += 1;
        webhook.updated_at = tx.now();
        store::webhooks::update(tx, &webhook)?;
        note(tx, actor, "webhook.change", &webhook, Verb::Updated)?;
        Ok(webhook)
    })
}

pub fn remove(
    app: &App,
    actor: &Actor,
    id: WebhookId,
    versions: Option<&[i64]>,
) -> Result<(), Error> {
    require(actor, Act::ManageWebhooks)?;
    app.db.write(|tx| {
        let webhook = find(tx, id)?;
        is_as_seen(&webhook, versions)?;
        store::webhooks::delete(tx, id)?;
        note(tx, actor, "webhook.delete", &webhook, Verb::Deleted)
    })
}

/// Makes another secret, which holds from the next delivery on; shown this once.
pub fn renew_secret(app: &App, actor: &Actor, id: WebhookId) -> Result<Issued<Webhook>, Error> {
    require(actor, Act::ManageWebhooks)?;
    let secret = new_secret()?;
    let webhook = app.db.write(|tx| {
        let mut webhook = find(tx, id)?;
        webhook.version += 1;
        webhook.updated_at = tx.now();
        store::webhooks::update(tx, &webhook)?;
        store::webhooks::set_secret(tx, id, &secret)?;
        note(tx, actor, "webhook.secret", &webhook, Verb::Updated)?;
        Ok::<_, Error>(webhook)
    })?;
    Ok(Issued {
        secret: secret.expose(),
        item: webhook,
    })
}

/// Sends something right now, to see whether it arrives, also to one that is switched off. Waits for the
/// answer. `base_url` is the site's own address.
pub fn ping(app: &App, actor: &Actor, id: WebhookId, base_url: &str) -> Result<Delivery, Error> {
    require(actor, Act::ManageWebhooks)?;
    let delivery = app.db.write(|tx| {
        tx.quiet("nobody follows pings");
        let webhook = find(tx, id)?;
        let delivery =
            sending::claimed(tx, &webhook, payload::of_ping(&webhook, tx.now(), base_url));
        store::deliveries::insert(tx, &delivery)?;
        Ok::<_, Error>(delivery)
    })?;
    send(app, delivery.id)?;
    find_delivery(app, delivery.id)
}

/// What was sent to a webhook, or is to be, the newest first; older than `before`.
pub fn deliveries(
    app: &App,
    actor: &Actor,
    id: WebhookId,
    before: Option<DeliveryId>,
    limit: u32,
) -> Result<Vec<Delivery>, Error> {
    require(actor, Act::ManageWebhooks)?;
    app.db.read(|tx| {
        find(tx, id)?;
        Ok(store::deliveries::of_webhook(tx, id, before, limit)?)
    })
}

/// How many deliveries of each of these are still to be sent.
pub fn waiting(app: &App, actor: &Actor, webhooks: &[Webhook]) -> Result<Vec<u64>, Error> {
    require(actor, Act::ManageWebhooks)?;
    Ok(app.db.read(|tx| {
        let counts = webhooks
            .iter()
            .map(|webhook| store::deliveries::count_waiting(tx, webhook.id));
        counts.collect::<Result<_, _>>()
    })?)
}

fn find_delivery(app: &App, id: DeliveryId) -> Result<Delivery, Error> {
    let found = app.db.read(|tx| store::deliveries::by_id(tx, id))?;
    found.ok_or(Error::NotFound)
}

pub fn show_delivery(
    app: &App,
    actor: &Actor,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<Delivery, Error> {
    require(actor, Act::ManageWebhooks)?;
    let found = find_delivery(app, id)?;
    let found = Some(found).filter(|delivery| delivery.webhook == webhook);
    found.ok_or(Error::NotFound)
}

/// Puts a delivery back into the queue, under its old number, so that who has it already can tell.
pub fn redeliver(
    app: &App,
    actor: &Actor,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<Delivery, Error> {
    require(actor, Act::ManageWebhooks)?;
    app.db.write(|tx| {
        let to = find(tx, webhook)?;
        if !to.active {
            return Err(Error::Conflict(
                "this webhook is switched off; switch it on first".to_owned(),
            ));
        }
        let found = store::deliveries::by_id(tx, id)?;
        let found = found.filter(|delivery| delivery.webhook == webhook);
        let now = tx.now();
        let again = Delivery {
            attempts: 0,
            queued_at: now,
            next_at: Some(now),
            delivered_at: None,
            ..found.ok_or(Error::NotFound)?
        };
        store::deliveries::update(tx, &again)?;
        // Wakes whoever sends.
        tx.record(Change::hidden(
            Noun::Webhook,
            webhook.as_i64(),
            Verb::Updated,
        ));
        Ok(again)
    })
}

/// Lets go of what was delivered long ago. No verb of anybody's.
pub fn forget(app: &App) -> Result<(), Error> {
    let now = app.db.clock().now();
    app.db.write(|tx| {
        tx.quiet("what was delivered long ago is not news");
        store::departed::forget(tx, now.plus_seconds(-DEPARTED_KEPT_SECONDS))?;
        let before = now.plus_seconds(-DELIVERIES_KEPT_SECONDS);
        for webhook in store::webhooks::all(tx)? {
            store::deliveries::forget(tx, webhook.id, before, DELIVERIES_KEPT)?;
        }
        Ok(())
    })
}

fn note(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    act: &str,
    webhook: &Webhook,
    verb: Verb,
) -> Result<(), Error> {
    let id = webhook.id.as_i64();
    accounts::audit(tx, actor, act, Noun::Webhook, id, webhook.url.as_str())?;
    tx.record(Change::hidden(Noun::Webhook, id, verb));
    Ok(())
}

#[cfg(test)]
mod tests;
