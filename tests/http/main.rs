//! HTTP as it comes over the wire: a real server on a loopback port, spoken to with plain sockets.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what goes wrong in a test is to end it"
)]

mod access;
mod addresses;
mod admin;
mod api_lists;
mod api_media;
mod api_people;
mod api_posts;
mod api_reading;
mod api_site;
mod api_tags;
mod api_tokens;
mod around;
#[path = "../support/codes.rs"]
mod codes;
mod described;
mod desk;
mod drain;
mod entries;
mod form;
mod guide;
mod hostile;
mod indieauth;
mod joining;
mod limits;
mod machines;
mod malformed;
mod media;
mod metrics;
mod micropub;
mod noise;
mod odd_pictures;
mod ordinary;
mod pages;
mod painted;
mod pen;
mod people;
mod pictures;
mod policies;
mod programs;
#[path = "../support/receiver.rs"]
mod receiver;
mod rig;
mod security;
#[path = "../support/site.rs"]
mod site;
mod uploads;
mod ways;
mod webhooks;
mod wire;
