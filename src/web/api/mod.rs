//! The API for programs: JSON in, JSON or a problem document out.

mod body;
pub(super) mod posts;
pub(super) mod search;
pub(super) mod sharing;
