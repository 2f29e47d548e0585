//! The API for programs: JSON in, JSON or a problem document out.

pub(super) mod posts;
pub(super) mod search;
