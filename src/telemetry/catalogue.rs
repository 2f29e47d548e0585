//! Every metric the program has, with what it means. A metric that is not in this list has no help
//! text, and a test fails for it.

use ::metrics::{describe_counter, describe_gauge, describe_histogram};

pub const HTTP_REQUESTS: &str = "inkstand_http_requests_total";
pub const HTTP_DURATION: &str = "inkstand_http_request_duration_seconds";
pub const HTTP_IN_FLIGHT: &str = "inkstand_http_requests_in_flight";
pub const HTTP_CONNECTIONS: &str = "inkstand_http_connections";
pub const HTTP_REFUSED_CONNECTIONS: &str = "inkstand_http_connections_refused_total";
pub const TLS_FAILED_HANDSHAKES: &str = "inkstand_tls_handshakes_failed_total";
pub const TLS_DAYS_LEFT: &str = "inkstand_tls_certificate_days_left";
pub const TLS_LAST_RESULT: &str = "inkstand_tls_last_renewal_ok";
pub const WEBHOOK_DELIVERIES: &str = "inkstand_webhook_deliveries_total";
pub const CACHE_HITS: &str = "inkstand_page_cache_hits_total";
pub const CACHE_MISSES: &str = "inkstand_page_cache_misses_total";
pub const CACHE_BYTES: &str = "inkstand_page_cache_size_bytes";
pub const CACHE_ENTRIES: &str = "inkstand_page_cache_entries";
pub const BUILD_INFO: &str = "inkstand_build_info";

/// From a cached page (tens of microseconds) to what nobody should ever wait for.
pub const DURATION_BUCKETS_SECONDS: [f64; 12] = [
    0.000_1, 0.000_25, 0.001, 0.002_5, 0.01, 0.025, 0.1, 0.25, 1.0, 2.5, 10.0, 30.0,
];

pub(super) fn describe() {
    describe_counter!(
        HTTP_REQUESTS,
        "Requests answered, by method and class of status."
    );
    describe_histogram!(
        HTTP_DURATION,
        "Time from a request's head being read to its answer being ready."
    );
    describe_gauge!(HTTP_IN_FLIGHT, "Requests being worked on.");
    describe_gauge!(HTTP_CONNECTIONS, "Connections open.");
    describe_counter!(
        HTTP_REFUSED_CONNECTIONS,
        "Connections refused, by the limit they would have exceeded."
    );
    describe_counter!(
        TLS_FAILED_HANDSHAKES,
        "Encrypted connections that did not come about."
    );
    describe_gauge!(
        TLS_DAYS_LEFT,
        "Days until the certificate of a name runs out; negative afterwards."
    );
    describe_gauge!(
        TLS_LAST_RESULT,
        "1 when the last try to get a certificate for a name went well, 0 when it failed."
    );
    describe_counter!(
        WEBHOOK_DELIVERIES,
        "Attempts to tell a webhook of an event, by how they went; those given up failed before."
    );
    describe_counter!(CACHE_HITS, "Pages found in the cache.");
    describe_counter!(CACHE_MISSES, "Pages that were not in the cache.");
    describe_gauge!(CACHE_BYTES, "Estimated memory held by cached pages.");
    describe_gauge!(CACHE_ENTRIES, "Pages in the cache.");
    describe_gauge!(
        BUILD_INFO,
        "Always 1; the labels say which program is running."
    );
}
