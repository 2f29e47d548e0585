//! How much of everything one client may take. Every limit of the server has its name here.

use std::time::Duration;

use crate::domain::network::Network;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// Limits that come with the HTTP library and cannot be set: a head has at most 96 headers and
/// 128 KiB (answered 431), and at most 16 pipelined requests are read ahead.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How long a request's head may take to arrive, from its first byte to its last.
    pub header_seconds: u64,
    /// How long a body may take before its pace is looked at.
    pub body_seconds: u64,
    /// The pace a body has to keep up after that.
    pub body_bytes_per_second: u64,
    pub body_bytes: u64,
    /// Other sizes for some addresses (uploads), by the start of their path. The first that fits counts.
    pub body_bytes_under: Vec<(String, u64)>,
    pub uri_bytes: usize,
    /// How long a connection may stay open with nothing to do.
    pub keep_alive_seconds: u64,
    /// How long a client may refuse to take the bytes of an answer.
    pub write_seconds: u64,
    /// How long a connection may take to close.
    pub close_seconds: u64,
    /// Requests under way on one connection, where it carries many at a time.
    pub requests_at_once: u32,
    pub connections: usize,
    /// Per IPv4 address or IPv6 /64 network.
    pub connections_per_address: usize,
    /// Reverse proxies. Many readers come through them, so only the total counts there, and what they
    /// say of a client's address is believed.
    pub trusted_proxies: Vec<Network>,
    /// How long requests may take to finish once the server has been told to stop.
    pub drain_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_seconds: 10,
            body_seconds: 30,
            body_bytes_per_second: 16 * KIB,
            body_bytes: 2 * MIB,
            body_bytes_under: Vec::new(),
            uri_bytes: 8 * 1024,
            keep_alive_seconds: 30,
            write_seconds: 30,
            close_seconds: 3,
            requests_at_once: 128,
            connections: 4096,
            connections_per_address: 256,
            trusted_proxies: Vec::new(),
            drain_seconds: 30,
        }
    }
}

impl Limits {
    pub fn body_bytes_for(&self, path: &str) -> u64 {
        let mut special = self.body_bytes_under.iter();
        special
            .find(|(start, _)| path.starts_with(start.as_str()))
            .map_or(self.body_bytes, |(_, bytes)| *bytes)
    }

    /// How long a body may have taken when this much of it has arrived.
    pub fn body_time(&self, received_bytes: u64) -> Duration {
        let earned_seconds = received_bytes / self.body_bytes_per_second.max(1);
        Duration::from_secs(self.body_seconds.saturating_add(earned_seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uploads_may_be_larger_than_forms() {
        let limits = Limits {
            body_bytes_under: vec![("/admin/media".to_owned(), 50 * MIB)],
            ..Limits::default()
        };
        assert_eq!(limits.body_bytes_for("/admin/media/new"), 50 * MIB);
        assert_eq!(limits.body_bytes_for("/admin/posts"), 2 * MIB);
    }

    #[test]
    fn a_body_that_keeps_coming_gets_more_time() {
        let limits = Limits::default();
        assert_eq!(limits.body_time(0), Duration::from_secs(30));
        assert_eq!(limits.body_time(MIB), Duration::from_secs(30 + 64));
    }
}
