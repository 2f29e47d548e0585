//! Which addresses are everybody's, and what the others are for. From the registries of special addresses
//! (RFC 6890 and what came after it).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use crate::domain::network::Network;

/// What an address is for, when it is not everybody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind(&'static str);

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The network's first address, how many bits of it count, what it is.
type Special<A> = (A, u32, &'static str);

const SPECIAL_V4: &[Special<Ipv4Addr>] = &[
    (Ipv4Addr::UNSPECIFIED, 8, "this machine itself"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "in a private network"),
    (
        Ipv4Addr::new(100, 64, 0, 0),
        10,
        "inside a provider's network",
    ),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "this machine itself"),
    (
        Ipv4Addr::new(169, 254, 0, 0),
        16,
        "on the same link (cloud machines keep their secrets there)",
    ),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "in a private network"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "set aside for protocols"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "for examples only"),
    (
        Ipv4Addr::new(192, 88, 99, 0),
        24,
        "a relay that is no longer in use",
    ),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "in a private network"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "for measurements only"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "for examples only"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "for examples only"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "for many at once"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "set aside"),
];

/// Of what lies within `2000::/3`, which is all that was ever given out.
const SPECIAL_V6: &[Special<Ipv6Addr>] = &[
    (
        Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0),
        23,
        "set aside for protocols",
    ),
    (
        Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0),
        32,
        "for examples only",
    ),
    (
        Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0),
        16,
        "a way to an older address",
    ),
    (
        Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0),
        20,
        "for examples only",
    ),
];

/// Names for what lies outside of it; what has none is set aside.
const NAMED_V6: &[Special<Ipv6Addr>] = &[
    (Ipv6Addr::LOCALHOST, 128, "this machine itself"),
    (Ipv6Addr::UNSPECIFIED, 128, "this machine itself"),
    (
        Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0),
        7,
        "in a private network",
    ),
    (
        Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0),
        10,
        "on the same link",
    ),
    (
        Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0),
        10,
        "in a private network",
    ),
    (
        Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0),
        8,
        "for many at once",
    ),
];

/// Networks without IPv4 reach it through a translator, whose addresses end in the real one.
const TRANSLATOR: [u16; 6] = [0x64, 0xff9b, 0, 0, 0, 0];

/// What the address is for; `None` when it is everybody's.
pub fn kind_of(address: IpAddr) -> Option<Kind> {
    match address.to_canonical() {
        IpAddr::V4(address) => kind_of_v4(address),
        IpAddr::V6(address) => kind_of_v6(address),
    }
}

fn kind_of_v4(address: Ipv4Addr) -> Option<Kind> {
    let differing = |base: Ipv4Addr| (u32::from(base) ^ u32::from(address)).leading_zeros();
    let found = SPECIAL_V4
        .iter()
        .find(|(base, bits, _)| differing(*base) >= *bits);
    found.map(|(_, _, kind)| Kind(kind))
}

fn kind_of_v6(address: Ipv6Addr) -> Option<Kind> {
    let segments = address.segments();
    if segments[..6] == TRANSLATOR {
        let octets = address.octets();
        return kind_of_v4(Ipv4Addr::new(
            octets[12], octets[13], octets[14], octets[15],
        ));
    }
    let differing = |base: Ipv6Addr| (u128::from(base) ^ u128::from(address)).leading_zeros();
    let find = |table: &[Special<Ipv6Addr>]| {
        let found = table
            .iter()
            .find(|(base, bits, _)| differing(*base) >= *bits);
        found.map(|(_, _, kind)| Kind(kind))
    };
    if segments[0] & 0xe000 == 0x2000 {
        find(SPECIAL_V6)
    } else {
        Some(find(NAMED_V6).unwrap_or(Kind("set aside")))
    }
}

/// Where we go.
#[derive(Debug, Clone)]
pub(super) struct Reach {
    /// To what is everybody's.
    is_public: bool,
    /// And to these, whatever they are.
    allowed: Arc<[Network]>,
}

impl Reach {
    pub(super) fn new(is_public: bool, allowed: Vec<Network>) -> Self {
        Self {
            is_public,
            allowed: allowed.into(),
        }
    }

    /// Why we do not go there, unless we do.
    pub(super) fn refuse(&self, address: IpAddr) -> Option<Kind> {
        let closed = Kind("one of the public addresses, which outbound.public closes");
        let kind = kind_of(address).or((!self.is_public).then_some(closed))?;
        let is_allowed = self.allowed.iter().any(|network| network.contains(address));
        (!is_allowed).then_some(kind)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_open(address: &str) -> bool {
        kind_of(address.parse().unwrap()).is_none()
    }

    #[test]
    fn neighbours_are_not_everybodys() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.1.2.3",
            "64:ff9b::10.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:10::1",
            "2001:1ff::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff:fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_open(address), "{address}");
        }
    }

    #[test]
    fn the_public_is_reached() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.0.1",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
            "2001:200::1",
            "2606:4700::1111",
            "2a00:1450::1",
            "3ffe::1",
        ] {
            assert!(is_open(address), "{address}");
        }
    }

    #[test]
    fn what_is_allowed_is_that_network_only() {
        let allowed = vec![Network::parse("10.1.0.0/16").unwrap()];
        let reach = Reach::new(true, allowed.clone());
        let refused = |address: &str| reach.refuse(address.parse().unwrap()).is_some();
        assert!(!refused("10.1.2.3") && !refused("::ffff:10.1.2.3") && !refused("1.1.1.1"));
        assert!(refused("10.2.0.1") && refused("127.0.0.1") && refused("::1"));
        let reach = Reach::new(false, allowed);
        let refused = |address: &str| reach.refuse(address.parse().unwrap()).is_some();
        assert!(!refused("10.1.2.3") && refused("1.1.1.1") && refused("10.2.0.1"));
    }

    proptest! {
        /// Two other sources have a say: the standard library, and the form an address comes in.
        #[test]
        fn an_address_is_judged_by_what_it_is(bits: u32) {
            let plain = Ipv4Addr::from(bits);
            let open = kind_of(plain.into()).is_none();
            if plain.is_private() || plain.is_loopback() || plain.is_link_local()
                || plain.is_broadcast() || plain.is_documentation() || plain.is_multicast()
                || plain.is_unspecified()
            {
                prop_assert!(!open);
            }
            let mapped = plain.to_ipv6_mapped();
            prop_assert_eq!(kind_of(mapped.into()), kind_of(plain.into()));
            let mut translated = Ipv6Addr::from([0x64, 0xff9b, 0, 0, 0, 0, 0, 0]).octets();
            translated[12..].copy_from_slice(&plain.octets());
            prop_assert_eq!(kind_of(IpAddr::from(translated)), kind_of(plain.into()));
        }

        #[test]
        fn outside_of_what_was_given_out_nothing_is_open(bits: u128) {
            let address = Ipv6Addr::from(bits);
            let given_out = (0x2000..0x4000).contains(&address.segments()[0]);
            let translated = address.segments()[..6] == TRANSLATOR;
            let mapped = address.to_ipv4_mapped().is_some();
            if !given_out && !translated && !mapped {
                prop_assert!(kind_of(address.into()).is_some());
            }
            if address.is_loopback() || address.is_multicast() || address.is_unspecified()
                || address.is_unique_local() || address.is_unicast_link_local()
            {
                prop_assert!(kind_of(address.into()).is_some());
            }
        }

        /// Nothing outside an allowed network is let through by it.
        #[test]
        fn allowing_never_reaches_further(bits: u32, base: u32, length in 0_u8..=32) {
            let network = Network::parse(&format!("{}/{length}", Ipv4Addr::from(base))).unwrap();
            let address = IpAddr::from(Ipv4Addr::from(bits));
            let refused = Reach::new(true, vec![network]).refuse(address);
            let expected = kind_of(address).filter(|_| !network.contains(address));
            prop_assert_eq!(refused, expected);
        }
    }
}
