//! The site as a reader meets it, in a real browser: wide and narrow, light and dark, by mouse and by
//! keyboard. Anything the browser complains about on its console fails the test.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what goes wrong in a test is to end it"
)]

mod chromium;
#[path = "../support/codes.rs"]
mod codes;
mod consent;
mod editor;
mod editor_saving;
mod injected;
mod journey;
mod quality;
mod reader_script;
mod reading;
mod room;
#[path = "../support/site.rs"]
mod site;
#[path = "../support/tour.rs"]
mod tour;
mod ways_in;
