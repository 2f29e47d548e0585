//! The pages readers see: one file a page, each an `app` question and a template.

pub(super) mod archive;
pub(super) mod assets;
pub(super) mod author;
mod directory;
pub(super) mod elsewhere;
pub(super) mod failure;
pub(super) mod feeds;
mod inline;
pub(super) mod machines;
pub(super) mod media;
pub(super) mod pictures;
mod policy;
pub(super) mod post;
pub(super) mod preview;
pub(super) mod search;
mod stage;
pub(super) mod tag;
pub(super) mod timeline;
mod view;
