//! Requests that may be sent again because their sender never learned what became of them: with a key of
//! the sender's, one is done once, and whoever sends it again is told what was told the first time.
//!
//! A key is claimed before the work begins and the answer is kept after it, in transactions of their own.
//! What was cut off in between may or may not have been done; nobody knows, so it is never done again by
//! itself: the sender is told to look.

use crate::domain::actor::Actor;
use crate::domain::id::UserId;
use crate::store;
use crate::store::answers::Request;

use super::{App, Error};

pub use crate::store::answers::Answer;

/// How long a key stands for one request.
const KEEP_SECONDS: i64 = 24 * 3600;
/// No request takes longer; one that has not ended by then was cut off.
const UNDER_WAY_SECONDS: i64 = 3600;
/// Requests kept in all, so that they take a bounded part of the disk; the oldest go first.
const MAX_KEPT: u32 = 50_000;

/// A key that this request has to itself until its answer is kept or the key is given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    user: UserId,
    key: String,
}

/// What is known of a key.
#[derive(Debug, PartialEq, Eq)]
pub enum Begun {
    /// Nothing: the request is to be done.
    New(Claim),
    /// It was answered. The digest is of the body that was answered.
    Answered {
        body_digest: Vec<u8>,
        answer: Answer,
    },
    /// It stands for a request to another address.
    OfAnother,
    UnderWay,
    /// It was begun and never ended.
    CutOff,
}

/// Claims a key for a request, named by its method and address. `None` for somebody who is no user.
pub fn begin(app: &App, actor: &Actor, key: &str, request: &str) -> Result<Option<Begun>, Error> {
    let Some(user) = actor.user() else {
        return Ok(None);
    };
    app.db.write(|tx| {
        if store::answers::begin(tx, user, key, request)? {
            let key = key.to_owned();
            return Ok(Some(Begun::New(Claim { user, key })));
        }
        let cut_off_before = tx.now().plus_seconds(-UNDER_WAY_SECONDS);
        let found = store::answers::find(tx, user, key)?.ok_or(Error::NotFound)?;
        Ok(Some(match found {
            Request { request: first, .. } if first != request => Begun::OfAnother,
            Request {
                answer: Some(answer),
                body_digest,
                ..
            } => Begun::Answered {
                body_digest: body_digest.unwrap_or_default(),
                answer,
            },
            Request { began_at, .. } if began_at < cut_off_before => Begun::CutOff,
            Request { .. } => Begun::UnderWay,
        }))
    })
}

/// Keeps what was answered.
pub fn keep(app: &App, claim: &Claim, body_digest: &[u8], answer: &Answer) -> Result<(), Error> {
    let Claim { user, key } = claim;
    Ok(app
        .db
        .write(|tx| store::answers::keep(tx, *user, key, body_digest, answer))?)
}

/// Gives a key back: nothing was done, and the same may be tried again.
pub fn give_back(app: &App, claim: &Claim) -> Result<(), Error> {
    let Claim { user, key } = claim;
    Ok(app.db.write(|tx| store::answers::delete(tx, *user, key))?)
}

/// Forgets what is old, and what is too much.
pub fn forget(app: &App) -> Result<u64, Error> {
    app.db.write(|tx| {
        let old = tx.now().plus_seconds(-KEEP_SECONDS);
        let beyond = store::answers::newest_but(tx, MAX_KEPT)?;
        let moment = beyond.map_or(old, |moment| moment.max(old));
        Ok(store::answers::delete_before(tx, moment)?)
    })
}
