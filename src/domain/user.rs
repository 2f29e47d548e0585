//! People who write here, and what their role is called.

use serde::Serialize;

use super::id::UserId;
use super::slug::Slug;
use super::text::{Email, Name, WebAddress};
use super::time::Timestamp;
use super::words;

words! {
    Role {
        /// The one who claimed the site; may do everything, and there is exactly one.
        Owner = "owner",
        Admin = "admin",
        Editor = "editor",
        Author = "author",
        Contributor = "contributor",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    pub id: UserId,
    pub email: Email,
    pub name: Name,
    pub slug: Slug,
    pub role: Role,
    pub bio: String,
    pub website: Option<WebAddress>,
    pub suspended: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A new user; the hash is of the password, never the password.
#[derive(Debug, Clone)]
pub struct NewUser {
    pub email: Email,
    pub name: Name,
    pub slug: Slug,
    pub role: Role,
    pub password_hash: Option<String>,
}
