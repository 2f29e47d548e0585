//! Webhooks: where other programs want to be told of what happens here, and what became of telling them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::change::{Change, Noun, Verb};
use super::destination::Destination;
use super::id::{DeliveryId, UserId, WebhookId};
use super::post::Kind;
use super::time::Timestamp;
use super::words;

/// Each has a lane of its own, so that a slow one keeps no other waiting.
pub const MAX_WEBHOOKS: usize = 32;
pub const MAX_DESCRIPTION_CHARS: usize = 200;
pub const SECRET_BYTES: usize = 32;
const SECRET_PREFIX: &str = "whsec_";

words! {
    Event {
        PostPublished = "post.published",
        PostUpdated = "post.updated",
        PostUnpublished = "post.unpublished",
        PostDeleted = "post.deleted",
        MediaCreated = "media.created",
        MediaUpdated = "media.updated",
        MediaDeleted = "media.deleted",
        UserCreated = "user.created",
        UserUpdated = "user.updated",
        UserDeleted = "user.deleted",
        /// Sent when somebody asks for it, to see whether it arrives; nobody needs to want it.
        Ping = "ping",
    }
}

impl Event {
    /// What a webhook can want.
    pub fn choices() -> impl Iterator<Item = Self> {
        Self::ALL
            .iter()
            .copied()
            .filter(|event| *event != Self::Ping)
    }

    /// What a change of the feed is called outside; `None` for what is nobody's business there: drafts,
    /// sign-ins, what is made anew from what it was.
    pub fn of(change: &Change) -> Option<Self> {
        Some(match (change.noun, change.verb) {
            (Noun::Post, Verb::Published) if change.visible => Self::PostPublished,
            (Noun::Post, Verb::Updated) if change.visible => Self::PostUpdated,
            (Noun::Post, Verb::Unpublished) if change.visible => Self::PostUnpublished,
            // It was put into the trash before, so readers see no difference. Whether they ever saw it is known
            // from what was left behind.
            (Noun::Post, Verb::Deleted) => Self::PostDeleted,
            (Noun::Media, Verb::Created) => Self::MediaCreated,
            (Noun::Media, Verb::Updated) => Self::MediaUpdated,
            (Noun::Media, Verb::Deleted) => Self::MediaDeleted,
            (Noun::User, Verb::Created) => Self::UserCreated,
            (Noun::User, Verb::Updated) => Self::UserUpdated,
            (Noun::User, Verb::Deleted) => Self::UserDeleted,
            _ => return None,
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Webhook {
    pub id: WebhookId,
    pub url: Destination,
    pub description: String,
    /// In the order of [`Event::ALL`], each once.
    pub events: Vec<Event>,
    pub active: bool,
    /// Why it was switched off by the program itself.
    pub trouble: Option<String>,
    /// Changes up to here came before it was wanted.
    pub from_seq: u64,
    pub version: i64,
    pub created_by: Option<UserId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Webhook {
    pub fn wants(&self, event: Event) -> bool {
        self.events.contains(&event)
    }
}

/// What deliveries are signed with. Shown once, when it is made.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret([u8; SECRET_BYTES]);

impl SigningSecret {
    pub const fn from_bytes(bytes: [u8; SECRET_BYTES]) -> Self {
        Self(bytes)
    }

    pub const fn as_bytes(&self) -> &[u8; SECRET_BYTES] {
        &self.0
    }

    /// As it is handed to whoever checks signatures.
    pub fn expose(&self) -> String {
        format!("{SECRET_PREFIX}{}", STANDARD.encode(self.0))
    }
}

impl std::fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningSecret")
    }
}

words! {
    DeliveryState {
        /// Will be tried, for the first time or again.
        Waiting = "waiting",
        Delivered = "delivered",
        /// Will not be tried again, unless somebody asks for it.
        Failed = "failed",
    }
}

/// An event on its way to one webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivery {
    pub id: DeliveryId,
    pub webhook: WebhookId,
    pub event: Event,
    /// JSON, exactly as it is signed and sent.
    pub payload: String,
    /// Since it was last queued.
    pub attempts: u32,
    pub created_at: Timestamp,
    /// When its attempts began: at first when it was made, later when somebody asked for it again.
    pub queued_at: Timestamp,
    /// `None`: it is over.
    pub next_at: Option<Timestamp>,
    /// The last attempt.
    pub tried_at: Option<Timestamp>,
    pub status: Option<u16>,
    pub error: Option<String>,
    pub duration_millis: Option<u32>,
    pub delivered_at: Option<Timestamp>,
}

impl Delivery {
    pub fn state(&self) -> DeliveryState {
        match (self.delivered_at, self.next_at) {
            (Some(_), _) => DeliveryState::Delivered,
            (None, Some(_)) => DeliveryState::Waiting,
            (None, None) => DeliveryState::Failed,
        }
    }
}

/// What a thing was, that the store no longer has. Kept for a while, for those who are told late.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Departed {
    /// Only of posts that readers have seen, and by the name they saw.
    Post {
        kind: Kind,
        slug: String,
    },
    Media {
        path: String,
        name: String,
        mime: String,
    },
    User {
        slug: String,
        name: String,
    },
}

impl Departed {
    pub fn noun(&self) -> Noun {
        match self {
            Self::Post { .. } => Noun::Post,
            Self::Media { .. } => Noun::Media,
            Self::User { .. } => Noun::User,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drafts_and_what_happens_behind_the_scenes_are_no_events() {
        let hidden = |noun, verb| Event::of(&Change::hidden(noun, 1, verb));
        for verb in [
            Verb::Created,
            Verb::Updated,
            Verb::Published,
            Verb::Unpublished,
        ] {
            assert_eq!(hidden(Noun::Post, verb), None, "{verb}");
        }
        for noun in Noun::ALL {
            assert_eq!(hidden(*noun, Verb::Prepared), None);
            let is_told = matches!(noun, Noun::Post | Noun::Media | Noun::User);
            assert_eq!(hidden(*noun, Verb::Deleted).is_some(), is_told, "{noun}");
        }
        let visible = |verb| Event::of(&Change::visible(Noun::Post, 1, verb));
        assert_eq!(visible(Verb::Published), Some(Event::PostPublished));
        assert_eq!(visible(Verb::Created), None);
    }

    #[test]
    fn a_secret_is_told_in_the_published_form() {
        let secret = SigningSecret::from_bytes([7; SECRET_BYTES]);
        assert_eq!(
            secret.expose(),
            "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="
        );
        assert_eq!(format!("{secret:?}"), "SigningSecret");
    }
}
