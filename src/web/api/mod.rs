//! The API for programs: JSON in, JSON or a problem document out.
//!
//! What all resources share has a file each: [`body`] and [`check`] read what was sent, [`question`] and
//! [`paging`] what was asked, [`preconditions`] guards against lost updates, [`answer`] writes answers,
//! [`moment`] times, and [`openapi`] describes all of it. A resource is a file of handlers, with a
//! `Described` that lists them.

mod answer;
pub(super) mod audit;
pub(super) mod authors;
mod body;
mod check;
pub(super) mod invitations;
pub(super) mod me;
pub(super) mod media;
mod moment;
mod named;
pub(super) mod openapi;
mod paging;
pub(super) mod posts;
mod preconditions;
mod question;
pub(super) mod redirects;
pub(super) mod search;
pub(super) mod settings;
pub(super) mod sharing;
pub(super) mod site;
pub(super) mod tokens;
pub(super) mod uploads;
pub(super) mod users;

use sha2::{Digest as _, Sha256};

use crate::app;
use crate::domain::text::hex;

/// 48 bits: two states of one thing never share them by accident.
const STATE_BYTES: usize = 6;

/// A number in an address; what is none is the number of nothing.
fn number(text: &str) -> Result<i64, app::Error> {
    text.parse().map_err(|_| app::Error::NotFound)
}

/// What a thing that counts no versions is in, told by what people change of it.
fn state(id: i64, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
        hash.update([0]);
    }
    format!("{id}-{}", hex(&hash.finalize()[..STATE_BYTES]))
}
