//! A passkey: a key pair on somebody's device, of which the public half is kept here.

use super::id::{PasskeyId, UserId};
use super::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    pub id: PasskeyId,
    pub user: UserId,
    /// How the device calls it.
    pub credential: Vec<u8>,
    /// What the device was told its owner is called: random, so that it says nothing.
    pub handle: Vec<u8>,
    /// As the device wrote it (COSE).
    pub public_key: Vec<u8>,
    /// How often the device says it was used; 0 where it does not count.
    pub sign_count: u32,
    pub name: String,
    pub created_at: Timestamp,
    pub used_at: Option<Timestamp>,
}
