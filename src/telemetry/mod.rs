//! What the program says about itself: log lines and metrics.
//!
//! Must not know what is logged or measured: other modules use the `tracing` and `metrics` macros
//! and need nothing from here but the request's id.

pub mod catalogue;
pub mod disk;
pub mod logs;
pub mod metrics;
pub mod process;
pub mod recent;
pub mod request;
