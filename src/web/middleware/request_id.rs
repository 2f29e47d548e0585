//! Gives every request an id nobody else chose: strangers must not write into our logs.

use std::cell::Cell;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use crate::telemetry::request::RequestId;

pub(in crate::web) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Ids of one worker. They do not repeat, and do not tell how many requests there were: a counter
/// with a random start, scrambled by a function that maps no two numbers to one (splitmix64).
pub(in crate::web) struct RequestIds {
    counter: Cell<u64>,
}

impl RequestIds {
    pub(in crate::web) fn new() -> Self {
        // Without randomness ids are still unique within the worker.
        let start = getrandom::u64().unwrap_or_default();
        Self {
            counter: Cell::new(start),
        }
    }

    pub(in crate::web) fn next(&self) -> RequestId {
        const GOLDEN_STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let count = self.counter.get().wrapping_add(GOLDEN_STEP);
        self.counter.set(count);
        let mut mixed = count;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        RequestId::from_u64(mixed ^ (mixed >> 31))
    }
}

pub(super) fn add(headers: &mut HeaderMap, id: RequestId) {
    if let Ok(value) = HeaderValue::from_bytes(&id.to_hex()) {
        headers.insert(HEADER, value);
    }
}
