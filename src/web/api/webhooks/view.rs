//! How webhooks and what they were sent look to programs.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Array, ArrayBuilder, Object, ObjectBuilder, Type};

use crate::app::accounts::Issued;
use crate::domain::webhook::{Delivery, DeliveryState, Event, Webhook};

use super::super::moment::Moment;

fn one_of(words: impl IntoIterator<Item = &'static str>) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words))
        .build()
}

/// What a webhook can want, as the description tells it.
pub(super) fn events() -> Array {
    ArrayBuilder::new()
        .items(one_of(Event::choices().map(Event::as_str)))
        .min_items(Some(1))
        .build()
}

fn event() -> Object {
    one_of(Event::ALL.iter().map(|event| event.as_str()))
}

fn state() -> Object {
    one_of(DeliveryState::ALL.iter().map(|state| state.as_str()))
}

/// A program that is told of what happens here.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(super) struct WebhookView {
    pub(super) id: i64,
    /// Where it is sent.
    #[schema(format = "uri")]
    url: String,
    /// What it is for.
    description: String,
    /// What it is told of.
    #[schema(schema_with = events)]
    events: Vec<Event>,
    active: bool,
    /// Why it was switched off by itself.
    #[schema(required = true)]
    trouble: Option<String>,
    created_at: Moment,
    updated_at: Moment,
}

impl WebhookView {
    pub(super) fn of(webhook: &Webhook) -> Self {
        Self {
            id: webhook.id.as_i64(),
            url: webhook.url.to_string(),
            description: webhook.description.clone(),
            events: webhook.events.clone(),
            active: webhook.active,
            trouble: webhook.trouble.clone(),
            created_at: Moment(webhook.created_at),
            updated_at: Moment(webhook.updated_at),
        }
    }
}

/// A webhook with its secret, which is shown once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookWithSecret)]
pub(super) struct NewSecret {
    #[serde(flatten)]
    webhook: WebhookView,
    /// What deliveries are signed with, as <https://www.standardwebhooks.com> says.
    #[schema(pattern = "^whsec_[A-Za-z0-9+/]{43}=$")]
    secret: String,
}

impl NewSecret {
    pub(super) fn of(made: Issued<Webhook>) -> Self {
        Self {
            webhook: WebhookView::of(&made.item),
            secret: made.secret,
        }
    }
}

/// An event on its way to a webhook.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Delivery)]
pub(super) struct DeliveryView {
    /// What it is sent with as `webhook-id`.
    pub(super) id: i64,
    #[schema(schema_with = event)]
    event: Event,
    /// `waiting`: it will be tried, for the first time or again. `failed`: it will not.
    #[schema(schema_with = state)]
    state: DeliveryState,
    /// How often it was tried, since it was last put into the queue.
    attempts: u32,
    /// The status of the last answer.
    #[schema(required = true)]
    status: Option<u16>,
    /// What went wrong the last time.
    #[schema(required = true)]
    error: Option<String>,
    /// How long the last attempt took.
    #[schema(required = true)]
    duration_ms: Option<u32>,
    created_at: Moment,
    #[schema(required = true)]
    tried_at: Option<Moment>,
    /// When it is tried next.
    #[schema(required = true)]
    next_at: Option<Moment>,
    #[schema(required = true)]
    delivered_at: Option<Moment>,
    /// What is sent.
    #[schema(value_type = Object)]
    payload: Value,
}

impl DeliveryView {
    pub(super) fn of(delivery: &Delivery) -> Self {
        Self {
            id: delivery.id.as_i64(),
            event: delivery.event,
            state: delivery.state(),
            attempts: delivery.attempts,
            status: delivery.status,
            error: delivery.error.clone(),
            duration_ms: delivery.duration_millis,
            created_at: Moment(delivery.created_at),
            tried_at: delivery.tried_at.map(Moment),
            next_at: delivery.next_at.map(Moment),
            delivered_at: delivery.delivered_at.map(Moment),
            payload: serde_json::from_str(&delivery.payload).unwrap_or_default(),
        }
    }
}
