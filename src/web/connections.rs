//! Who is connected: at most so many in all and from one address. Whoever comes on top is told so
//! and sent away before anything is read from them.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use metrics::{Counter, Gauge, counter, gauge};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::limits::Limits;
use crate::telemetry::catalogue;

const REFUSAL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\n\
    content-type: text/plain; charset=utf-8\r\n\
    content-length: 64\r\n\
    retry-after: 10\r\n\
    connection: close\r\n\r\n\
    Too many connections. Close some, or try again in a few seconds.";
/// How many may be told at once that they are too many; the rest are closed without a word.
const MAX_REFUSALS_IN_PROGRESS: usize = 64;
/// How long a refused client has to take the answer.
const REFUSAL_MILLIS: u64 = 500;

#[derive(Debug, Default)]
struct Counts {
    total: usize,
    refusals: usize,
    by_network: HashMap<IpAddr, usize>,
}

pub(super) struct Connections {
    limits: Arc<Limits>,
    counts: Mutex<Counts>,
    open: Gauge,
    refused_total: Counter,
    refused_address: Counter,
}

impl Connections {
    pub(super) fn new(limits: Arc<Limits>) -> Self {
        Self {
            limits,
            counts: Mutex::default(),
            open: gauge!(catalogue::HTTP_CONNECTIONS),
            refused_total: counter!(catalogue::HTTP_REFUSED_CONNECTIONS, "limit" => "total"),
            refused_address: counter!(catalogue::HTTP_REFUSED_CONNECTIONS, "limit" => "address"),
        }
    }

    /// A place for a connection from this address, given back when it is dropped.
    pub(super) fn admit(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let network = network_of(address);
        let shared = self
            .limits
            .trusted_proxies
            .iter()
            .any(|network| network.contains(address));
        let mut counts = self.counts();
        if counts.total >= self.limits.connections {
            self.refused_total.increment(1);
            return None;
        }
        let here = counts.by_network.entry(network).or_default();
        if *here >= self.limits.connections_per_address && !shared {
            self.refused_address.increment(1);
            return None;
        }
        *here += 1;
        counts.total += 1;
        self.open.increment(1.0);
        Some(Place {
            connections: Arc::clone(self),
            network,
        })
    }

    /// Answers 503 and closes, politely enough that the answer arrives, not so politely that refusing
    /// becomes a burden.
    pub(super) async fn refuse(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
        if self.counts().refusals >= MAX_REFUSALS_IN_PROGRESS {
            return;
        }
        self.counts().refusals += 1;
        let farewell = async {
            stream.write_all(REFUSAL).await?;
            stream.shutdown().await?;
            // Closing with unread bytes would reset the connection and take the answer with it.
            let mut unread = [0; 1024];
            while stream.read(&mut unread).await? > 0 {}
            Ok::<_, std::io::Error>(())
        };
        // Whether they heard it is their concern.
        let _ = tokio::time::timeout(Duration::from_millis(REFUSAL_MILLIS), farewell).await;
        self.counts().refusals -= 1;
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection's place among the allowed ones.
pub(super) struct Place {
    connections: Arc<Connections>,
    network: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.connections.counts();
        counts.total -= 1;
        if let Some(here) = counts.by_network.get_mut(&self.network) {
            *here -= 1;
            if *here == 0 {
                counts.by_network.remove(&self.network);
            }
        }
        self.connections.open.decrement(1.0);
    }
}

/// Who is to be counted together: a household usually has one IPv4 address or one IPv6 /64 network.
pub(super) fn network_of(address: IpAddr) -> IpAddr {
    const NETWORK_BITS: u128 = !0 << 64;
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & NETWORK_BITS).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::network::Network;

    fn connections(total: usize, per_address: usize) -> Arc<Connections> {
        Arc::new(Connections::new(Arc::new(Limits {
            connections: total,
            connections_per_address: per_address,
            trusted_proxies: vec![Network::parse("10.0.0.1").unwrap()],
            ..Limits::default()
        })))
    }

    #[test]
    fn places_are_limited_by_address_and_in_all_and_come_back() {
        let connections = connections(3, 2);
        let [one, two]: [IpAddr; 2] = [[192, 0, 2, 1].into(), [192, 0, 2, 2].into()];
        let first = connections.admit(one).unwrap();
        let _second = connections.admit(one).unwrap();
        assert!(connections.admit(one).is_none());
        let _third = connections.admit(two).unwrap();
        assert!(connections.admit(two).is_none(), "three in all");
        drop(first);
        assert!(connections.admit(one).is_some());
    }

    #[test]
    fn a_proxy_counts_only_towards_the_total() {
        let connections = connections(4, 1);
        let places: Vec<_> = (0..5)
            .map_while(|_| connections.admit([10, 0, 0, 1].into()))
            .collect();
        assert_eq!(places.len(), 4);
    }

    #[test]
    fn ipv6_is_counted_by_network_and_mapped_ipv4_as_ipv4() {
        let network = |text: &str| network_of(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8::1"), network("2001:db8::2"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7");
    }

    #[test]
    fn the_refusal_is_as_long_as_it_says() {
        let text = std::str::from_utf8(REFUSAL).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())));
    }
}
