//! What is sent of webhooks.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::app;
use crate::app::webhooks::Wish;
use crate::domain::destination::{Destination, MAX_DESTINATION_BYTES};
use crate::domain::webhook::{Event, MAX_DESCRIPTION_CHARS};

use super::super::body::{Form, given};
use super::super::check::Check;
use super::view::events;

/// What may be said of a webhook, new or not: [`NewWebhook`] and [`WebhookChange`] describe it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct WebhookForm {
    #[serde(default, deserialize_with = "given")]
    url: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    description: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    events: Option<Option<Vec<Event>>>,
    #[serde(default, deserialize_with = "given")]
    active: Option<Option<bool>>,
}

impl Form for WebhookForm {
    const FIELDS: &'static [&'static str] = &["url", "description", "events", "active"];
    const MAY_BE_EMPTY: bool = false;
}

impl WebhookForm {
    pub(super) fn wish(self) -> Result<Wish, app::Error> {
        let mut check = Check::default();
        if self.url == Some(None) {
            check.refuse("url", "A webhook needs an address");
        }
        if self.active == Some(None) {
            check.refuse("active", "Say true or false");
        }
        if self.events == Some(None) {
            check.refuse("events", "Name events, or leave it out");
        }
        let url = self.url.flatten();
        let url = url
            .filter(|url| check.short("url", url, MAX_DESTINATION_BYTES))
            .and_then(|url| check.take("url", Destination::parse(&url)));
        let description = self.description.map(Option::unwrap_or_default);
        if let Some(description) = &description {
            check.short("description", description, MAX_DESCRIPTION_CHARS);
        }
        if self.events == Some(None) {
            check.refuse("events", "Choose at least one event");
        }
        if self.active == Some(None) {
            check.refuse("active", "Say true or false");
        }
        check.done(Wish {
            url,
            description,
            events: self.events.flatten(),
            active: self.active.flatten(),
        })
    }
}

/// A new webhook.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "it is there to be described; `WebhookForm` reads it"
)]
pub(super) struct NewWebhook {
    /// Where it is sent with POST. An address in a network of the server's own is refused, unless the
    /// configuration allows it.
    #[schema(format = "uri", max_length = 2048)]
    url: String,
    /// What it is for.
    #[schema(max_length = 200)]
    description: Option<String>,
    /// What it is told of; everything, without it.
    #[schema(schema_with = events)]
    events: Option<Vec<Event>>,
    /// It is told of things; without it, it is.
    #[schema(value_type = bool, required = false)]
    active: Option<bool>,
}

/// What is to be different of a webhook.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "it is there to be described; `WebhookForm` reads it"
)]
pub(super) struct WebhookChange {
    /// Where it is sent.
    #[schema(value_type = String, required = false, format = "uri", max_length = 2048)]
    url: Option<String>,
    /// What it is for.
    #[schema(max_length = 200)]
    description: Option<String>,
    /// What it is told of.
    #[schema(schema_with = events)]
    events: Option<Vec<Event>>,
    /// Whether it is told of anything.
    #[schema(value_type = bool, required = false)]
    active: Option<bool>,
}
