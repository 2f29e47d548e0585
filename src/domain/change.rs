//! An entry of the change feed: what happened to which thing, and whether readers can see it.

use super::time::Timestamp;
use super::words;

words! {
    Noun {
        Post = "post",
        Tag = "tag",
        User = "user",
        Session = "session",
        Token = "token",
        Media = "media",
        Redirect = "redirect",
        Settings = "settings",
        Invitation = "invitation",
        Passkey = "passkey",
        Webhook = "webhook",
        /// The search index: told when somebody wants it written anew.
        Index = "index",
    }
}

words! {
    Verb {
        Created = "created",
        Updated = "updated",
        Published = "published",
        Unpublished = "unpublished",
        Deleted = "deleted",
        /// Something was made anew from what the thing is, like the smaller copies of a picture.
        Prepared = "prepared",
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    pub noun: Noun,
    /// 0 where the noun has only one thing (settings).
    pub id: i64,
    pub verb: Verb,
    /// Readers may see the difference, so finished pages made before are out of date.
    pub visible: bool,
}

impl Change {
    pub const fn visible(noun: Noun, id: i64, verb: Verb) -> Self {
        Self {
            noun,
            id,
            verb,
            visible: true,
        }
    }

    /// A change behind the scenes: a draft, a sign-in.
    pub const fn hidden(noun: Noun, id: i64, verb: Verb) -> Self {
        Self {
            noun,
            id,
            verb,
            visible: false,
        }
    }
}

/// A change as the feed holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub seq: u64,
    pub at: Timestamp,
    pub change: Change,
}
