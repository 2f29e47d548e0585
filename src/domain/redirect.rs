//! Addresses that moved.

use serde::Serialize;

use super::id::{PostId, RedirectId};
use super::text::WebAddress;
use super::time::Timestamp;

/// At the end of a rule's path: everything below it. In its target: what stood there.
pub const REST: &str = "*";

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Target {
    /// Wherever the post is today: such a redirect cannot go in circles.
    Post(PostId),
    Address(WebAddress),
}

/// An address that readers asked for and did not find.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    pub path: String,
    pub hits: u32,
    /// Where somebody last came from.
    pub referrer: Option<String>,
    pub seen_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Redirect {
    pub id: RedirectId,
    /// Begins with `/`; may end with `/*`.
    pub from: String,
    pub to: Target,
    pub permanent: bool,
    pub created_at: Timestamp,
}
