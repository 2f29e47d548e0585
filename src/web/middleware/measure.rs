//! Counts and times requests. All counters are looked up once, so that a request only adds.

use std::time::Instant;

use actix_web::http::{Method, StatusCode};
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

use crate::telemetry::catalogue;

const METHODS: [&str; 8] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other",
];
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

pub(in crate::web) struct Measures {
    requests: [[Counter; CLASSES.len()]; METHODS.len()],
    duration: Histogram,
    in_flight: Gauge,
}

impl Measures {
    pub(in crate::web) fn new() -> Self {
        let count = |method| {
            CLASSES.map(
                |class| counter!(catalogue::HTTP_REQUESTS, "method" => method, "status" => class),
            )
        };
        Self {
            requests: METHODS.map(count),
            duration: histogram!(catalogue::HTTP_DURATION),
            in_flight: gauge!(catalogue::HTTP_IN_FLIGHT),
        }
    }

    pub(super) fn request_began(&self) {
        self.in_flight.increment(1.0);
    }

    /// The answer is ready; returns how long it took, in microseconds.
    pub(in crate::web) fn request_ended(
        &self,
        method: &Method,
        status: StatusCode,
        arrived: Instant,
    ) -> u64 {
        let took = arrived.elapsed();
        self.duration.record(took.as_secs_f64());
        let class = usize::from(status.as_u16() / 100).clamp(1, CLASSES.len()) - 1;
        self.requests[method_index(method)][class].increment(1);
        u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
    }

    /// The request is over, answered or not.
    pub(super) fn request_left(&self) {
        self.in_flight.decrement(1.0);
    }
}

fn method_index(method: &Method) -> usize {
    let known = METHODS.iter().position(|name| *name == method.as_str());
    known.unwrap_or(METHODS.len() - 1)
}
