//! HTTP as it comes over the wire: a real server on a loopback port, spoken to with plain sockets.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what goes wrong in a test is to end it"
)]

mod addresses;
mod admin;
mod drain;
mod form;
mod hostile;
mod limits;
mod machines;
mod malformed;
mod media;
mod metrics;
mod noise;
mod odd_pictures;
mod ordinary;
mod pages;
mod painted;
mod pictures;
mod policies;
mod rig;
#[path = "../support/site.rs"]
mod site;
mod uploads;
mod ways;
mod wire;
