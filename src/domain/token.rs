//! API tokens: a key for scripts, limited to scopes.

use serde::Serialize;

use super::id::{TokenId, UserId};
use super::time::Timestamp;
use super::words;

words! {
    Scope {
        /// See what the user may see, drafts included.
        Read = "read",
        /// Write and publish what the user may write and publish.
        Write = "write",
        /// Settings, users and tokens, as far as the user's role goes.
        Admin = "admin",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Token {
    pub id: TokenId,
    pub user: UserId,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub used_at: Option<Timestamp>,
}
