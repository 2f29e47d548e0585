//! Tickets with which visitors come back without shaking hands in full. Their keys are kept with the
//! certificates, so that a ticket of one server is good at the next one and at every node.

use std::fmt;
use std::sync::{PoisonError, RwLock};

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, KeyInit as _, Nonce};
use rustls::server::ProducesTickets;
use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;

const NAME_BYTES: usize = 8;
const NONCE_BYTES: usize = 12;
const KEY_BYTES: usize = 32;
/// A key seals for so long, and opens for as long again.
pub(super) const TURN_SECONDS: i64 = 6 * 3600;
const LIFETIME_SECONDS: u32 = 6 * 3600;
/// A new key is known everywhere before the first ticket is sealed with it.
const NOTICE_SECONDS: i64 = 120;

/// The keys as they are kept, the newest first.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Ring {
    keys: Vec<Sealer>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Sealer {
    name: [u8; NAME_BYTES],
    secret: [u8; KEY_BYTES],
    from: Timestamp,
}

impl Ring {
    /// The keys for now, and whether they are others than before.
    pub(super) fn turned(mut self, now: Timestamp) -> Result<(Self, bool), getrandom::Error> {
        let newest = self.keys.first().map(|key| key.from);
        if newest.is_some_and(|from| now < from.plus_seconds(TURN_SECONDS - NOTICE_SECONDS)) {
            return Ok((self, false));
        }
        let mut key = Sealer {
            name: [0; NAME_BYTES],
            secret: [0; KEY_BYTES],
            from: newest.map_or(now, |_| now.plus_seconds(NOTICE_SECONDS)),
        };
        getrandom::fill(&mut key.name)?;
        getrandom::fill(&mut key.secret)?;
        self.keys.insert(0, key);
        let oldest = now.plus_seconds(-(2 * TURN_SECONDS + i64::from(LIFETIME_SECONDS)));
        self.keys.retain(|key| key.from >= oldest);
        Ok((self, true))
    }
}

pub(super) struct Tickets {
    ring: RwLock<Ring>,
    now: fn() -> Timestamp,
}

impl fmt::Debug for Tickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tickets")
    }
}

impl Tickets {
    pub(super) fn new(now: fn() -> Timestamp) -> Self {
        Self {
            ring: RwLock::default(),
            now,
        }
    }

    pub(super) fn use_keys(&self, ring: Ring) {
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = ring;
    }

    fn seal(&self, plain: &[u8]) -> Option<Vec<u8>> {
        let now = (self.now)();
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        let key = ring.keys.iter().find(|key| key.from <= now)?;
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).ok()?;
        let payload = Payload {
            msg: plain,
            aad: &key.name,
        };
        let sealed = key.cipher().encrypt(&Nonce::from(nonce), payload).ok()?;
        Some([&key.name[..], &nonce, &sealed].concat())
    }

    fn open(&self, ticket: &[u8]) -> Option<Vec<u8>> {
        let (name, rest) = ticket.split_at_checked(NAME_BYTES)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE_BYTES)?;
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        let key = ring.keys.iter().find(|key| key.name == name)?;
        let nonce = <[u8; NONCE_BYTES]>::try_from(nonce).ok()?;
        let payload = Payload {
            msg: sealed,
            aad: name,
        };
        key.cipher().decrypt(&Nonce::from(nonce), payload).ok()
    }
}

impl Sealer {
    fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new(&Key::from(self.secret))
    }
}

impl ProducesTickets for Tickets {
    fn enabled(&self) -> bool {
        true
    }

    fn lifetime(&self) -> u32 {
        LIFETIME_SECONDS
    }

    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        self.seal(plain)
    }

    fn decrypt(&self, ticket: &[u8]) -> Option<Vec<u8>> {
        self.open(ticket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_micros(1_000_000_000_000);

    fn tickets(ring: &Ring) -> Tickets {
        let tickets = Tickets::new(|| START);
        tickets.use_keys(ring.clone());
        tickets
    }

    #[test]
    fn a_ticket_is_good_wherever_the_keys_are_and_nowhere_else() {
        let (ring, is_new) = Ring::default().turned(START).unwrap();
        assert!(is_new);
        let ticket = tickets(&ring).seal(b"who it was").unwrap();
        assert_eq!(tickets(&ring).open(&ticket).unwrap(), b"who it was");
        let (other, _) = Ring::default().turned(START).unwrap();
        assert_eq!(tickets(&other).open(&ticket), None);
        for cut in 0..ticket.len() {
            assert_eq!(tickets(&ring).open(&ticket[..cut]), None);
        }
        let mut bent = ticket;
        bent[NAME_BYTES + NONCE_BYTES] ^= 1;
        assert_eq!(tickets(&ring).open(&bent), None);
    }

    #[test]
    fn keys_turn_and_old_ones_go() {
        let (ring, _) = Ring::default().turned(START).unwrap();
        let ticket = tickets(&ring).seal(b"x").unwrap();
        let (same, is_new) = ring.clone().turned(START.plus_seconds(60)).unwrap();
        assert!(!is_new);
        let (turned, is_new) = same.turned(START.plus_seconds(TURN_SECONDS)).unwrap();
        assert!(is_new);
        assert_eq!(turned.keys.len(), 2);
        assert_eq!(tickets(&turned).open(&ticket).unwrap(), b"x");
        // The new one waits until everybody has it.
        let sealed = tickets(&turned).seal(b"y").unwrap();
        assert_eq!(sealed[..NAME_BYTES], ring.keys[0].name);
        let late = START.plus_seconds(10 * TURN_SECONDS);
        let (later, _) = turned.turned(late).unwrap();
        assert_eq!(tickets(&later).open(&ticket), None);
    }
}
