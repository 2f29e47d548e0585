//! The API for programs: JSON in, JSON or a problem document out.
//!
//! What all resources share has a file each: [`body`] and [`check`] read what was sent, [`question`] and
//! [`paging`] what was asked, [`preconditions`] guards against lost updates, [`answer`] writes answers,
//! [`moment`] times, and [`openapi`] describes all of it. A resource is a file of handlers, with a
//! `Described` that lists them.

mod answer;
mod answers;
mod around;
pub(super) mod audit;
pub(super) mod authors;
mod body;
mod check;
mod cors;
pub(super) mod docs;
pub(super) mod invitations;
pub(super) mod me;
pub(super) mod media;
mod moment;
mod named;
mod noun;
pub(super) mod openapi;
mod paging;
pub(super) mod posts;
mod preconditions;
mod question;
mod quota;
pub(super) mod redirects;
pub(super) mod revisions;
pub(super) mod search;
pub(super) mod settings;
pub(super) mod sharing;
pub(super) mod site;
pub(super) mod tags;
mod things;
pub(super) mod tokens;
pub(super) mod uploads;
pub(super) mod users;
pub(super) mod webhooks;
mod words;

pub(super) use around::{around, is_for_programs};
pub(super) use quota::Quota;
