//! `inkstand webhook`: programs elsewhere that are told of what happens here. What is sent, the running server
//! sends; a test is sent right here.

use clap::Subcommand;
use serde::Serialize;

use crate::app::webhooks::{self, Wish};
use crate::boot;
use crate::domain::actor::Actor;
use crate::domain::destination::Destination;
use crate::domain::id::{DeliveryId, WebhookId};
use crate::domain::webhook::{Delivery, DeliveryState, Event, Webhook};

use super::output::{Form, Table, moment, say};
use super::{Common, Failure, failed, misused};

const DEFAULT_SHOWN: u32 = 30;
const MOST_SHOWN: i64 = 1000;

#[derive(Debug, Subcommand)]
pub(super) enum WebhookCommand {
    /// Add a webhook and print the secret its deliveries are signed with, once
    Add {
        /// Where it is sent with POST, like `https://example.org/hook`
        url: String,
        /// What it is told of, like post.published; everything, without it
        #[arg(long, value_delimiter = ',', value_name = "EVENT")]
        event: Vec<String>,
        /// What it is for
        #[arg(long, default_value = "")]
        description: String,
        #[command(flatten)]
        form: Form,
    },
    /// The webhooks there are, the newest first
    List {
        #[command(flatten)]
        form: Form,
    },
    /// Tell a webhook of what happens from now on
    On {
        /// Its number in the list
        id: i64,
    },
    /// Tell a webhook of nothing any more; what still waits is given up
    Off {
        /// Its number in the list
        id: i64,
    },
    /// Make another secret for a webhook and print it, once
    Secret {
        /// Its number in the list
        id: i64,
        #[command(flatten)]
        form: Form,
    },
    /// Remove a webhook, with the log of what was sent to it
    Remove {
        /// Its number in the list
        id: i64,
    },
    /// Send something right now, to see whether it arrives
    Test {
        /// Its number in the list
        id: i64,
        #[command(flatten)]
        form: Form,
    },
    /// What was sent to a webhook, or is to be, the newest first
    Deliveries {
        /// Its number in the list
        id: i64,
        /// How many at most
        #[arg(long, default_value_t = DEFAULT_SHOWN, value_parser = clap::value_parser!(u32).range(1..=MOST_SHOWN))]
        limit: u32,
        #[command(flatten)]
        form: Form,
    },
    /// Put a delivery back into the queue; the running server sends it
    Redeliver {
        /// The number of the webhook
        id: i64,
        /// The number of the delivery
        delivery: i64,
    },
}

#[derive(Debug, Serialize)]
struct Item {
    id: i64,
    url: String,
    description: String,
    events: Vec<Event>,
    active: bool,
    trouble: Option<String>,
    created_at: String,
}

impl Item {
    fn of(webhook: Webhook) -> Self {
        Self {
            id: webhook.id.as_i64(),
            url: webhook.url.to_string(),
            description: webhook.description,
            events: webhook.events,
            active: webhook.active,
            trouble: webhook.trouble,
            created_at: moment(webhook.created_at),
        }
    }
}

#[derive(Debug, Serialize)]
struct Sent {
    id: i64,
    event: Event,
    state: DeliveryState,
    attempts: u32,
    status: Option<u16>,
    error: Option<String>,
    duration_ms: Option<u32>,
    created_at: String,
    tried_at: Option<String>,
    next_at: Option<String>,
    payload: serde_json::Value,
}

impl Sent {
    fn of(delivery: &Delivery) -> Self {
        Self {
            id: delivery.id.as_i64(),
            event: delivery.event,
            state: delivery.state(),
            attempts: delivery.attempts,
            status: delivery.status,
            error: delivery.error.clone(),
            duration_ms: delivery.duration_millis,
            created_at: moment(delivery.created_at),
            tried_at: delivery.tried_at.map(moment),
            next_at: delivery.next_at.map(moment),
            payload: serde_json::from_str(&delivery.payload).unwrap_or_default(),
        }
    }
}

impl WebhookCommand {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let config = common.load(Vec::new())?;
        let app = boot::open_app(&config, false)?;
        let actor = Actor::system();
        let switch = |id, active| {
            let wish = Wish {
                active: Some(active),
                ..Wish::default()
            };
            webhooks::change(&app, &actor, WebhookId::from_i64(id), None, wish)
        };
        match self {
            Self::Add {
                url,
                event,
                description,
                form,
            } => {
                let wish = Wish {
                    description: Some(description),
                    events: wanted(&event)?,
                    ..Wish::default()
                };
                let made = webhooks::create(&app, &actor, Destination::parse(&url)?, wish)?;
                secret(form, made.item, made.secret)
            }
            Self::List { form } => {
                let items = webhooks::list(&app, &actor)?.into_iter().map(Item::of);
                let items: Vec<_> = items.collect();
                form.list(&items, || table(&items))
            }
            Self::On { id } => {
                let webhook = switch(id, true)?;
                say(format!(
                    "{} is told of what happens from now on",
                    webhook.url
                ))
            }
            Self::Off { id } => {
                let webhook = switch(id, false)?;
                say(format!("{} is told of nothing any more", webhook.url))
            }
            Self::Secret { id, form } => {
                let made = webhooks::renew_secret(&app, &actor, WebhookId::from_i64(id))?;
                secret(form, made.item, made.secret)
            }
            Self::Remove { id } => {
                webhooks::remove(&app, &actor, WebhookId::from_i64(id), None)?;
                say(format!("{id} is removed"))
            }
            Self::Test { id, form } => {
                let base_url = config.base_url().to_string();
                let sent = webhooks::ping(&app, &actor, WebhookId::from_i64(id), &base_url)?;
                form.tell(&Sent::of(&sent), || tested(&sent))?;
                match &sent.error {
                    None => Ok(()),
                    Some(error) => Err(failed(format!("the test did not arrive: {error}"))),
                }
            }
            Self::Deliveries { id, limit, form } => {
                let id = WebhookId::from_i64(id);
                let found = webhooks::deliveries(&app, &actor, id, None, limit)?;
                let sent: Vec<_> = found.iter().map(Sent::of).collect();
                form.list(&sent, || sent_table(&sent))
            }
            Self::Redeliver { id, delivery } => {
                let (id, delivery) = (WebhookId::from_i64(id), DeliveryId::from_i64(delivery));
                webhooks::redeliver(&app, &actor, id, delivery)?;
                say(format!("{delivery} waits to be sent once more"))
            }
        }
    }
}

fn wanted(words: &[String]) -> Result<Option<Vec<Event>>, Failure> {
    let event = |word: &String| {
        let found = Event::choices().find(|event| event.as_str() == word);
        found.ok_or_else(|| {
            let all: Vec<_> = Event::choices().map(Event::as_str).collect();
            misused(format!(
                "inkstand: there is no event “{word}”; those there are: {}",
                all.join(", ")
            ))
        })
    };
    let events = words.iter().map(event).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(events).filter(|events| !events.is_empty()))
}

fn secret(form: Form, webhook: Webhook, secret: String) -> Result<(), Failure> {
    let mut answer = serde_json::to_value(Item::of(webhook))?;
    answer["secret"] = secret.clone().into();
    form.tell(&answer, || secret)
}

fn tested(sent: &Delivery) -> String {
    match (sent.status, sent.duration_millis) {
        (Some(status), Some(millis)) if sent.error.is_none() => {
            format!("the test arrived: answer {status} after {millis} ms")
        }
        _ => String::new(),
    }
}

fn table(items: &[Item]) -> String {
    let mut table = Table::new(&["ID", "STATE", "EVENTS", "URL"]).right(2);
    for item in items {
        table.row([
            item.id.to_string(),
            if item.active { "on" } else { "off" }.to_owned(),
            item.events.len().to_string(),
            item.url.clone(),
        ]);
    }
    table.to_string()
}

fn sent_table(sent: &[Sent]) -> String {
    let mut table = Table::new(&["ID", "CREATED", "EVENT", "STATE", "TRIED", "OUTCOME"]).right(4);
    for sent in sent {
        let status = sent.status.map(|status| format!("answer {status}"));
        table.row([
            sent.id.to_string(),
            sent.created_at.clone(),
            sent.event.to_string(),
            sent.state.to_string(),
            sent.attempts.to_string(),
            sent.error.clone().or(status).unwrap_or_default(),
        ]);
    }
    table.to_string()
}
