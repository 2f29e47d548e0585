//! The API for programs: JSON in, JSON or a problem document out.
//!
//! What all resources share has a file each: [`body`] and [`check`] read what was sent, [`question`] and
//! [`paging`] what was asked, [`preconditions`] guards against lost updates, [`answer`] writes answers,
//! [`moment`] times, and [`openapi`] describes all of it. A resource is a file of handlers, with a
//! `Described` that lists them.

mod answer;
mod answers;
mod around;
mod body;
mod check;
mod cors;
mod moment;
pub(super) mod openapi;
mod paging;
pub(super) mod posts;
mod preconditions;
mod question;
mod quota;
pub(super) mod search;
pub(super) mod sharing;

pub(super) use around::{PREFIX, around};
pub(super) use quota::Quota;
