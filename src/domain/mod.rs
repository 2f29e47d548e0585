//! What a blog is made of, as types that exist only when valid. Knows no storage, no HTTP, no clock.

pub mod id;
pub mod language;
pub mod network;
pub mod slug;
pub mod time;
