//! A link that lets somebody join once, with a role. The owner's claims a site nobody owns yet.

use super::id::{InvitationId, UserId};
use super::time::Timestamp;
use super::user::Role;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub id: InvitationId,
    pub role: Role,
    /// Whom it is for, as whoever invites remembers them.
    pub note: String,
    /// `None`: the program itself.
    pub created_by: Option<UserId>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}
