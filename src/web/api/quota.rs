//! How much may be asked of the API: each token, and each address without one, has an allowance that
//! fills up evenly and may be used at once. In memory of bounded size; knows nothing of HTTP but the
//! two headers in which clients are told (draft-ietf-httpapi-ratelimit-headers-10).

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(60);
/// Tokens and addresses remembered; those whose allowance is nearly whole go first.
const MAX_RECORDS: usize = 20_000;

/// Who is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    /// An address, or the network that is one household's.
    Address(IpAddr),
    /// The hash of a token; its seed is this process's own.
    Token(u64),
}

/// Which of the allowances a request is counted on; clients know them by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Allowance {
    Token,
    Address,
}

impl Allowance {
    fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Address => "address",
        }
    }
}

#[derive(Debug)]
pub(in crate::web) struct Quota {
    per_token: u32,
    per_address: u32,
    seed: RandomState,
    /// When each allowance will be whole again, if nothing more is asked. One that is whole is left out.
    whole_at: Mutex<HashMap<Key, Instant>>,
}

/// What is left of an allowance after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Left {
    allowance: Allowance,
    limit: u32,
    remaining: u32,
    /// Until it is whole again.
    reset_seconds: u64,
    /// Until one more may be asked; where this one was too many.
    pub(super) retry_after_seconds: Option<u64>,
}

impl Left {
    pub(super) fn policy(&self) -> String {
        let (name, limit, window) = (self.allowance.name(), self.limit, WINDOW.as_secs());
        format!("\"{name}\";q={limit};w={window}")
    }

    pub(super) fn state(&self) -> String {
        let (name, remaining, reset) = (self.allowance.name(), self.remaining, self.reset_seconds);
        format!("\"{name}\";r={remaining};t={reset}")
    }
}

impl Quota {
    /// Requests a minute; 0 is no limit.
    pub(in crate::web) fn new(per_token: u32, per_address: u32) -> Self {
        Self {
            per_token,
            per_address,
            seed: RandomState::new(),
            whole_at: Mutex::default(),
        }
    }

    /// Counts a request with a token that is known to be good. `None` where there is no limit.
    pub(super) fn take_for_token(&self, token: &[u8], now: Instant) -> Option<Left> {
        let key = Key::Token(self.seed.hash_one(token));
        self.take(key, Allowance::Token, self.per_token, now)
    }

    /// Counts a request of somebody unknown.
    pub(super) fn take_for_address(&self, network: IpAddr, now: Instant) -> Option<Left> {
        let key = Key::Address(network);
        self.take(key, Allowance::Address, self.per_address, now)
    }

    fn take(&self, key: Key, allowance: Allowance, limit: u32, now: Instant) -> Option<Left> {
        let one = WINDOW.checked_div(limit)?;
        let mut all = self.whole_at.lock().unwrap_or_else(PoisonError::into_inner);
        let owed = all
            .get(&key)
            .map_or(Duration::ZERO, |whole| whole.saturating_duration_since(now));
        let is_refused = owed + one > WINDOW;
        let owed = if is_refused { owed } else { owed + one };
        if !is_refused {
            make_room(&mut all, key, now);
            all.insert(key, now + owed);
        }
        let free = WINDOW.saturating_sub(owed);
        Some(Left {
            allowance,
            limit,
            remaining: u32::try_from(free.as_nanos() / one.as_nanos().max(1)).unwrap_or(limit),
            reset_seconds: whole_seconds(owed),
            retry_after_seconds: is_refused
                .then(|| whole_seconds((owed + one).saturating_sub(WINDOW)).max(1)),
        })
    }
}

/// The quietest leave, so that whoever asks a lot stays known.
fn make_room(all: &mut HashMap<Key, Instant>, key: Key, now: Instant) {
    if all.len() < MAX_RECORDS || all.contains_key(&key) {
        return;
    }
    all.retain(|_, whole| *whole > now);
    if all.len() >= MAX_RECORDS
        && let Some(quietest) = all.iter().min_by_key(|(_, whole)| **whole)
    {
        let quietest = *quietest.0;
        all.remove(&quietest);
    }
}

fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u32) -> IpAddr {
        std::net::Ipv4Addr::from_bits(number).into()
    }

    #[test]
    fn an_allowance_may_be_used_at_once_and_fills_up_evenly() {
        let quota = Quota::new(0, 60);
        let mut now = Instant::now();
        for number in 1..=60 {
            let left = quota.take_for_address(address(1), now).unwrap();
            assert_eq!(left.retry_after_seconds, None);
            assert_eq!(left.remaining, 60 - number);
        }
        let left = quota.take_for_address(address(1), now).unwrap();
        assert_eq!(left.retry_after_seconds, Some(1));
        assert_eq!(left.policy(), "\"address\";q=60;w=60");
        assert_eq!(left.state(), "\"address\";r=0;t=60");
        let other = quota.take_for_address(address(2), now).unwrap();
        assert_eq!(other.retry_after_seconds, None, "others have their own");
        now += Duration::from_secs(2);
        for refused in [false, false, true] {
            let left = quota.take_for_address(address(1), now).unwrap();
            assert_eq!(left.retry_after_seconds.is_some(), refused);
        }
        now += WINDOW;
        let left = quota.take_for_address(address(1), now).unwrap();
        assert_eq!(left.remaining, 59, "and never holds more than a minute's");
    }

    #[test]
    fn zero_is_no_limit_and_one_is_one() {
        let quota = Quota::new(0, 1);
        let now = Instant::now();
        assert_eq!(quota.take_for_token(b"a", now), None);
        let took = |now| quota.take_for_address(address(1), now).unwrap();
        assert_eq!(took(now).retry_after_seconds, None);
        assert_eq!(took(now).retry_after_seconds, Some(60));
        assert_eq!(took(now + WINDOW).retry_after_seconds, None);
    }

    #[test]
    fn tokens_are_told_apart() {
        let quota = Quota::new(1, 1);
        let now = Instant::now();
        for token in [&b"one"[..], b"two"] {
            let left = quota.take_for_token(token, now).unwrap();
            assert_eq!(left.retry_after_seconds, None);
            assert_eq!(left.policy(), "\"token\";q=1;w=60");
        }
        let left = quota.take_for_token(b"one", now).unwrap();
        assert!(left.retry_after_seconds.is_some());
    }

    #[test]
    fn memory_is_bounded_and_whoever_asks_a_lot_stays_known() {
        let quota = Quota::new(0, 2);
        let now = Instant::now();
        for _ in 0..2 {
            quota.take_for_address(address(0), now);
        }
        for number in 1..u32::try_from(MAX_RECORDS).unwrap() + 10 {
            quota.take_for_address(address(number), now);
        }
        assert_eq!(quota.whole_at.lock().unwrap().len(), MAX_RECORDS);
        let left = quota.take_for_address(address(0), now).unwrap();
        assert!(left.retry_after_seconds.is_some());
    }
}
