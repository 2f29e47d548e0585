//! A second proof besides the password: codes of an app, which change every half minute.

use super::id::UserId;
use super::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondFactor {
    pub user: UserId,
    pub secret: Vec<u8>,
    /// `None` until a first code has shown that the app has the secret; it is not asked for before.
    pub confirmed_at: Option<Timestamp>,
    /// Codes of this step of time and before are spent.
    pub last_step: u64,
}
