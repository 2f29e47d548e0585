//! The record of sensitive acts: who did what, when, from where.

use serde::Serialize;

use super::change::Noun;
use super::id::{AuditId, UserId};
use super::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    pub id: AuditId,
    pub at: Timestamp,
    /// `None`: the program itself, or somebody who is not signed in.
    pub user: Option<UserId>,
    pub act: String,
    pub noun: Noun,
    pub noun_id: Option<i64>,
    pub address: String,
    pub detail: String,
}

/// An entry on its way into the log.
#[derive(Debug, Clone)]
pub struct NewAuditEntry<'a> {
    pub user: Option<UserId>,
    pub act: &'a str,
    pub noun: Noun,
    pub noun_id: Option<i64>,
    pub address: &'a str,
    pub detail: &'a str,
}
