//! What is half done for a few minutes: a passkey that was asked, a password that was right where a
//! code is wanted too. Kept in memory of bounded size, each under a secret that is good once.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::app::{self, secrets};
use crate::domain::id::UserId;

pub(super) const LASTS: Duration = Duration::from_secs(5 * 60);
/// What is kept in all, and for one address; the oldest goes first.
const MAX_ENTRIES: usize = 10_000;
const MAX_OF_ADDRESS: usize = 30;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Waiter {
    /// Somebody is to sign with a passkey they have.
    Signature,
    /// Somebody is to make a passkey.
    NewPasskey { whose: Whose, handle: Vec<u8> },
    /// Somebody had the right password and is to write a code.
    HalfWay {
        user: UserId,
        to: String,
        tries: u32,
    },
}

/// Who makes a passkey: whoever is signed in, or the holder of a link that lets in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Whose {
    User(UserId),
    Link(String),
}

#[derive(Debug)]
struct Entry {
    waiter: Waiter,
    address: Option<IpAddr>,
    since: Instant,
}

#[derive(Debug, Default)]
pub(super) struct Waiting {
    entries: Mutex<HashMap<String, Entry>>,
}

impl Waiting {
    fn entries(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        // Each entry stands for itself, so those that a panic left behind are as good as any.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps it under a new secret.
    pub(super) fn put(
        &self,
        waiter: Waiter,
        address: Option<IpAddr>,
        now: Instant,
    ) -> Result<String, app::Error> {
        let secret = secrets::new_secret()?;
        let mut entries = self.entries();
        entries.retain(|_, entry| now.saturating_duration_since(entry.since) < LASTS);
        let of_address = entries.values().filter(|entry| entry.address == address);
        if of_address.count() >= MAX_OF_ADDRESS {
            drop_oldest(&mut entries, |entry| entry.address == address);
        } else if entries.len() >= MAX_ENTRIES {
            drop_oldest(&mut entries, |_| true);
        }
        let entry = Entry {
            waiter,
            address,
            since: now,
        };
        entries.insert(secret.clone(), entry);
        Ok(secret)
    }

    /// What a secret stands for; it stands for nothing afterwards.
    pub(super) fn take(&self, secret: &str, now: Instant) -> Option<Waiter> {
        let entry = self.entries().remove(secret)?;
        (now.saturating_duration_since(entry.since) < LASTS).then_some(entry.waiter)
    }

    /// Whether a secret stands for something; for a page that asks on.
    pub(super) fn has(&self, secret: &str, now: Instant) -> bool {
        let entries = self.entries();
        let entry = entries.get(secret);
        entry.is_some_and(|entry| now.saturating_duration_since(entry.since) < LASTS)
    }
}

fn drop_oldest(entries: &mut HashMap<String, Entry>, may_go: impl Fn(&Entry) -> bool) {
    let oldest = entries
        .iter()
        .filter(|(_, entry)| may_go(entry))
        .min_by_key(|(_, entry)| entry.since);
    if let Some(oldest) = oldest.map(|(secret, _)| secret.clone()) {
        entries.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(host: u32) -> Option<IpAddr> {
        Some(IpAddr::V4(host.into()))
    }

    #[test]
    fn a_secret_is_good_once_and_for_a_while() {
        let waiting = Waiting::default();
        let now = Instant::now();
        let first = waiting.put(Waiter::Signature, at(1), now).unwrap();
        let second = waiting.put(Waiter::Signature, at(1), now).unwrap();
        assert!(waiting.has(&first, now) && !waiting.has("", now));
        assert_eq!(waiting.take(&first, now), Some(Waiter::Signature));
        assert_eq!(waiting.take(&first, now), None);
        assert_eq!(waiting.take(&second, now + LASTS), None);
    }

    #[test]
    fn nobody_pushes_out_what_others_wait_for() {
        let waiting = Waiting::default();
        let mut now = Instant::now();
        let mine = waiting.put(Waiter::Signature, at(1), now).unwrap();
        for _ in 0..100 {
            now += Duration::from_millis(1);
            waiting.put(Waiter::Signature, at(2), now).unwrap();
        }
        assert_eq!(waiting.entries().len(), 1 + MAX_OF_ADDRESS);
        assert!(waiting.has(&mine, now));
        for host in 3..2_000 {
            for _ in 0..10 {
                waiting.put(Waiter::Signature, at(host), now).unwrap();
            }
        }
        assert_eq!(waiting.entries().len(), MAX_ENTRIES);
    }
}
