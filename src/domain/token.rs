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
        /// The words of Micropub and `IndieAuth`, for others' programs. Make posts and publish them.
        Create = "create",
        /// Make posts that stay drafts.
        Draft = "draft",
        Update = "update",
        Delete = "delete",
        Undelete = "undelete",
        Media = "media",
        /// Be told name and address.
        Profile = "profile",
        Email = "email",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Token {
    pub id: TokenId,
    pub user: UserId,
    pub name: String,
    pub scopes: Vec<Scope>,
    /// The program it was given to, where its holder allowed one to write here.
    pub client: Option<String>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub used_at: Option<Timestamp>,
}
