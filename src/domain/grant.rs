//! What somebody allowed another's program, from the moment they did until it comes for its token.

use super::id::{TokenId, UserId};
use super::time::Timestamp;
use super::token::Scope;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub user: UserId,
    /// The address the program is known by.
    pub client: String,
    /// Where the code was sent, letter by letter.
    pub redirect_uri: String,
    /// The hash of what only the program knows that asked (PKCE, S256).
    pub challenge: String,
    /// None: the program is told who it is, and gets no token.
    pub scopes: Vec<Scope>,
    /// How long its token lasts; `None`: until it is revoked.
    pub token_days: Option<u32>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// When its code was redeemed; a code is good once.
    pub used_at: Option<Timestamp>,
    /// What was given for it.
    pub token: Option<TokenId>,
}
