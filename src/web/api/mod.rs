//! The API for programs: JSON in, JSON or a problem document out.

mod answers;
mod around;
mod body;
mod cors;
pub(super) mod posts;
mod quota;
pub(super) mod search;
pub(super) mod sharing;

pub(super) use around::{PREFIX, around};
pub(super) use quota::Quota;
