//! How often one may try to sign in. Who fails waits a growing while before the next try, counted
//! for the address and for the account, in memory of bounded size.
//!
//! Nobody is locked out for long: a wait has a cap, and whoever attacks an account from elsewhere
//! does not take its owner's first tries away.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Tries without a wait: people mistype.
const FREE_TRIES: u32 = 5;
/// The longest wait.
const MAX_WAIT_SECONDS: u64 = 30;
/// Who has been quiet for this long begins anew.
const FORGET_AFTER: Duration = Duration::from_secs(15 * 60);
/// Addresses and accounts remembered; the quietest go first.
const MAX_RECORDS: usize = 20_000;
/// Longer names are no accounts, and would cost memory.
const MAX_ACCOUNT_BYTES: usize = 254;

#[derive(Debug, Default)]
pub(super) struct Attempts {
    records: Mutex<HashMap<Key, Record>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    /// An IPv4 address, or the /64 network of an IPv6 one, which is one household's.
    Address(IpAddr),
    Account(String),
    /// The second proof of an account whose password is known.
    Code(String),
}

#[derive(Debug, Clone, Copy)]
struct Record {
    tries: u32,
    last: Instant,
}

impl Record {
    fn wait(self, now: Instant) -> Duration {
        let Some(over) = self.tries.checked_sub(FREE_TRIES) else {
            return Duration::ZERO;
        };
        let seconds = 1_u64.checked_shl(over).unwrap_or(MAX_WAIT_SECONDS);
        let ends = self.last + Duration::from_secs(seconds.min(MAX_WAIT_SECONDS));
        ends.saturating_duration_since(now)
    }
}

impl Attempts {
    /// Counts a try as failed until it turns out otherwise; or says how many seconds are to wait.
    pub(super) fn begin(
        &self,
        address: Option<IpAddr>,
        account: &str,
        now: Instant,
    ) -> Result<(), u64> {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let [address, account] = keys(address, account);
        let known = |key: &Option<Key>| {
            let record = records.get(key.as_ref()?)?;
            (now.saturating_duration_since(record.last) < FORGET_AFTER).then_some(*record)
        };
        let mut wait = Duration::ZERO;
        if let Some(from_there) = known(&address) {
            wait = from_there.wait(now);
            // Others' failures count only for those who have used up their own first tries.
            if from_there.tries >= FREE_TRIES {
                let of_account = known(&account).map(|record| record.wait(now));
                wait = wait.max(of_account.unwrap_or_default());
            }
        }
        if !wait.is_zero() {
            return Err(wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
        }
        for key in [address, account].into_iter().flatten() {
            count(&mut records, key, now);
        }
        Ok(())
    }

    /// The same for who knows an account's password already: there the account alone counts, wherever
    /// the tries come from.
    pub(super) fn begin_code(&self, account: &str, now: Instant) -> Result<(), u64> {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let key = Key::Code(account.to_owned());
        let wait = match records.get(&key) {
            Some(record) if now.saturating_duration_since(record.last) < FORGET_AFTER => {
                record.wait(now)
            }
            _ => Duration::ZERO,
        };
        if !wait.is_zero() {
            return Err(wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
        }
        count(&mut records, key, now);
        Ok(())
    }

    /// The code was right.
    pub(super) fn code_succeeded(&self, account: &str) {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records.remove(&Key::Code(account.to_owned()));
    }

    /// The try was right. What failed from this address before still counts, or one's own account
    /// would open the way to guess at others'.
    pub(super) fn succeeded(&self, address: Option<IpAddr>, account: &str) {
        self.take_back(address, account);
        let [_, account] = keys(address, account);
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(account) = account {
            records.remove(&account);
        }
    }

    /// The try was neither right nor wrong: we could not tell.
    pub(super) fn take_back(&self, address: Option<IpAddr>, account: &str) {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys(address, account).into_iter().flatten() {
            if let Some(record) = records.get_mut(&key) {
                record.tries = record.tries.saturating_sub(1);
            }
        }
    }
}

fn keys(address: Option<IpAddr>, account: &str) -> [Option<Key>; 2] {
    let address = address.map(|address| match address {
        IpAddr::V6(address) => {
            let network = u128::from(address) >> 64 << 64;
            Key::Address(Ipv6Addr::from(network).into())
        }
        IpAddr::V4(_) => Key::Address(address),
    });
    let account = account.trim().to_lowercase();
    let is_possible = !account.is_empty() && account.len() <= MAX_ACCOUNT_BYTES;
    [address, is_possible.then_some(Key::Account(account))]
}

fn count(records: &mut HashMap<Key, Record>, key: Key, now: Instant) {
    if !records.contains_key(&key) && records.len() >= MAX_RECORDS {
        records.retain(|_, record| now.saturating_duration_since(record.last) < FORGET_AFTER);
        if records.len() >= MAX_RECORDS
            && let Some(quietest) = records.iter().min_by_key(|(_, record)| record.last)
        {
            let quietest = quietest.0.clone();
            records.remove(&quietest);
        }
    }
    let record = records.entry(key).or_insert(Record {
        tries: 0,
        last: now,
    });
    if now.saturating_duration_since(record.last) >= FORGET_AFTER {
        record.tries = 0;
    }
    record.tries = record.tries.saturating_add(1);
    record.last = now;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn waits_grow_to_a_cap_and_are_forgotten() {
        let attempts = Attempts::default();
        let mut now = Instant::now();
        let mut waits = Vec::new();
        for _ in 0..12 {
            while let Err(seconds) = attempts.begin(Some(at("192.0.2.1")), "ada@example.org", now) {
                waits.push(seconds);
                now += Duration::from_secs(seconds);
            }
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
        now += FORGET_AFTER;
        for _ in 0..FREE_TRIES {
            assert_eq!(attempts.begin(Some(at("192.0.2.1")), "x", now), Ok(()));
        }
    }

    #[test]
    fn an_attack_from_elsewhere_leaves_the_owner_their_tries() {
        let attempts = Attempts::default();
        let now = Instant::now();
        for host in 1..=50 {
            let address = Some(at(&format!("198.51.100.{host}")));
            for _ in 0..FREE_TRIES {
                attempts.begin(address, "ada@example.org", now).unwrap();
            }
            // Together they have used up the account's tries, too.
            let later = now + Duration::from_secs(2);
            let wait = attempts.begin(address, "Ada@Example.org ", later);
            assert!(host < 3 || wait == Err(28), "{host}: {wait:?}");
        }
        assert_eq!(
            attempts.begin(Some(at("192.0.2.1")), "ada@example.org", now),
            Ok(())
        );
    }

    #[test]
    fn knowing_one_password_does_not_help_to_guess_another() {
        let attempts = Attempts::default();
        let now = Instant::now();
        let address = Some(at("2001:db8::1"));
        for number in 0..FREE_TRIES {
            attempts.begin(address, "victim@example.org", now).unwrap();
            let own = attempts.begin(address, "own@example.org", now);
            assert_eq!(own.is_ok(), number + 1 < FREE_TRIES);
            if own.is_ok() {
                attempts.succeeded(address, "own@example.org");
            }
        }
        let neighbour = Some(at("2001:db8::ffff"));
        assert_eq!(attempts.begin(neighbour, "victim@example.org", now), Err(1));
        let other_network = Some(at("2001:db8:0:1::1"));
        assert_eq!(
            attempts.begin(other_network, "victim@example.org", now),
            Ok(())
        );
    }

    #[test]
    fn codes_are_guessed_slowly_from_wherever() {
        let attempts = Attempts::default();
        let now = Instant::now();
        for _ in 0..FREE_TRIES {
            assert_eq!(attempts.begin_code("7", now), Ok(()));
        }
        assert_eq!(attempts.begin_code("7", now), Err(1));
        assert_eq!(attempts.begin_code("8", now), Ok(()));
        attempts.code_succeeded("7");
        assert_eq!(attempts.begin_code("7", now), Ok(()));
    }

    #[test]
    fn memory_is_bounded() {
        let attempts = Attempts::default();
        let now = Instant::now();
        for number in 0..MAX_RECORDS + 10 {
            attempts
                .begin(None, &format!("{number}@example.org"), now)
                .unwrap();
        }
        attempts.begin(None, &"x".repeat(1000), now).unwrap();
        assert_eq!(attempts.records.lock().unwrap().len(), MAX_RECORDS);
    }
}
