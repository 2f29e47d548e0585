//! A sign-in that lasts: kept on the server, known to the browser by a secret.

use serde::Serialize;

use super::id::{SessionId, UserId};
use super::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Session {
    pub id: SessionId,
    pub user: UserId,
    pub created_at: Timestamp,
    pub seen_at: Timestamp,
    pub expires_at: Timestamp,
    /// When whoever holds it last showed who they are.
    pub proved_at: Timestamp,
    pub address: String,
    pub agent: String,
}
