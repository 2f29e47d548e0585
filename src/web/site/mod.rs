//! The pages readers see: one file a page, each an `app` question and a template.

pub(super) mod assets;
pub(super) mod elsewhere;
pub(super) mod failure;
pub(super) mod post;
pub(super) mod search;
mod stage;
pub(super) mod timeline;
mod view;
