//! When to do what: renewing, trying again, holding back. Pure functions of times and counts.

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;

const DAY_SECONDS: i64 = 24 * 3600;
/// Certificates that live shorter are renewed at half of it, others at two thirds.
const SHORT_LIFE_SECONDS: i64 = 10 * DAY_SECONDS;
/// An issuer's limit is five an hour; one is left for the owner's own tries.
const MAX_FAILED_VALIDATIONS: usize = 4;
const HOUR_SECONDS: i64 = 3600;
/// The pause after the first failure, the second and so on, in units of the configured one.
const PAUSES: [i64; 8] = [1, 5, 15, 60, 180, 360, 720, 1440];
/// When nobody could be asked or answered, nothing was used up.
const SHORT_PAUSES: [i64; 5] = [1, 2, 5, 10, 30];
/// Pauses differ by up to a fifth, so that sites do not all come back at once.
const JITTER_PERMILLE: i64 = 200;
/// Whoever fails to answer about renewal is asked again after this.
pub(super) const ASK_AGAIN_SECONDS: i64 = 6 * HOUR_SECONDS;
pub(super) const ASK_SOONEST_SECONDS: i64 = 60;

/// A certificate's life.
#[derive(Debug, Clone, Copy)]
pub(super) struct Life {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

/// When an issuer suggests renewing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Window {
    /// The certificate it is about.
    pub(super) renewal_id: String,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

impl Life {
    fn seconds(self) -> i64 {
        self.to.as_seconds() - self.from.as_seconds()
    }

    /// `permille` says where in a window, and is another for each certificate.
    pub(super) fn renew_at(self, window: Option<&Window>, permille: i64) -> Timestamp {
        let seconds = self.seconds();
        let own = if seconds < SHORT_LIFE_SECONDS {
            self.from.plus_seconds(seconds / 2)
        } else {
            // Somewhere in the thirtieth before two thirds are over.
            let late = seconds * 2 / 3;
            self.from
                .plus_seconds(late - seconds / 30 * permille / 1000)
        };
        let Some(window) = window else {
            return own;
        };
        let length = window.to.as_seconds() - window.from.as_seconds();
        let suggested = window
            .from
            .plus_seconds(length.max(0).saturating_mul(permille) / 1000);
        // A suggestion that leaves no time for a second try is not followed.
        suggested.min(self.from.plus_seconds(seconds * 9 / 10))
    }

    /// Not a tenth is over.
    pub(super) fn is_beginning(self, now: Timestamp) -> bool {
        now < self.from.plus_seconds(self.seconds() / 10)
    }

    /// Less than a third is left.
    pub(super) fn is_ending(self, now: Timestamp) -> bool {
        now >= self.to.plus_seconds(-self.seconds() / 3)
    }
}

/// What a failure has cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cost {
    Nothing,
    ATry,
}

/// How long to wait after so many failures in a row, the first being 1.
pub(super) fn pause_seconds(failures: u32, unit_seconds: i64, cost: Cost, permille: i64) -> i64 {
    let table = match cost {
        Cost::Nothing => &SHORT_PAUSES[..],
        Cost::ATry => &PAUSES[..],
    };
    let at = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX);
    let pause = table[at.min(table.len() - 1)] * unit_seconds;
    (pause + pause * JITTER_PERMILLE / 1000 * permille / 1000).min(DAY_SECONDS)
}

/// When the next validation may be risked, given when earlier ones failed.
pub(super) fn may_validate_at(failed: &[Timestamp], now: Timestamp) -> Timestamp {
    let hour_ago = now.plus_seconds(-HOUR_SECONDS);
    let mut recent: Vec<_> = failed.iter().filter(|at| **at > hour_ago).collect();
    recent.sort();
    let spare = recent.len().checked_sub(MAX_FAILED_VALIDATIONS);
    spare.map_or(now, |first| recent[first].plus_seconds(HOUR_SECONDS))
}

/// Failures that still count.
pub(super) fn recent(failed: &[Timestamp], now: Timestamp) -> Vec<Timestamp> {
    let hour_ago = now.plus_seconds(-HOUR_SECONDS);
    failed.iter().copied().filter(|at| *at > hour_ago).collect()
}

/// Browsers are told to come encrypted only when that has gone well for a day.
pub(super) fn may_insist(trusted_since: Option<Timestamp>, now: Timestamp) -> bool {
    trusted_since.is_some_and(|since| since.plus_seconds(DAY_SECONDS) <= now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

    fn day(days: i64) -> Timestamp {
        START.plus_seconds(days * DAY_SECONDS)
    }

    fn life(days: i64) -> Life {
        Life {
            from: START,
            to: day(days),
        }
    }

    fn window(from: i64, to: i64) -> Window {
        Window {
            renewal_id: "a.b".to_owned(),
            from: day(from),
            to: day(to),
        }
    }

    #[test]
    fn renewal_follows_the_share_of_life_or_the_issuer() {
        assert_eq!(life(90).renew_at(None, 0), day(60));
        assert_eq!(life(90).renew_at(None, 1000), day(57));
        assert_eq!(life(6).renew_at(None, 500), day(3));
        assert_eq!(life(90).renew_at(Some(&window(70, 72)), 500), day(71));
        let revoked = window(-3, -2);
        assert!(life(90).renew_at(Some(&revoked), 999) < START);
        assert_eq!(
            life(90).renew_at(Some(&window(100, 200)), 0),
            day(81),
            "in time all the same"
        );
        assert_eq!(
            life(90).renew_at(Some(&window(50, 40)), 500),
            day(50),
            "a window the wrong way round"
        );
    }

    #[test]
    fn the_last_third_is_the_end() {
        assert!(!life(90).is_ending(day(59)));
        assert!(life(90).is_ending(day(60)));
    }

    #[test]
    fn pauses_grow_and_differ_and_have_an_end() {
        let pause = |failures| pause_seconds(failures, 60, Cost::ATry, 0);
        assert_eq!([1, 2, 3, 4].map(pause), [60, 300, 900, 3600]);
        assert_eq!(pause(8), DAY_SECONDS);
        assert_eq!(pause(u32::MAX), DAY_SECONDS);
        assert_eq!(pause_seconds(1, 60, Cost::ATry, 1000), 72);
        assert_eq!(pause_seconds(9, 60, Cost::Nothing, 0), 1800);
        assert_eq!(pause_seconds(0, 60, Cost::Nothing, 0), 60);
    }

    #[test]
    fn a_fifth_failure_in_an_hour_is_not_risked() {
        let failed: Vec<_> = (0..4)
            .map(|number| START.plus_seconds(number * 600))
            .collect();
        let now = START.plus_seconds(1900);
        assert_eq!(may_validate_at(&failed[..3], now), now);
        assert_eq!(
            may_validate_at(&failed, now),
            START.plus_seconds(HOUR_SECONDS)
        );
        let later = START.plus_seconds(HOUR_SECONDS + 1);
        assert_eq!(may_validate_at(&failed, later), later);
        assert_eq!(recent(&failed, later).len(), 3);
        let more = [failed.clone(), failed].concat();
        assert_eq!(
            may_validate_at(&more, now),
            START.plus_seconds(HOUR_SECONDS + 1200)
        );
    }

    #[test]
    fn insisting_begins_after_a_good_day() {
        assert!(!may_insist(None, START));
        assert!(!may_insist(
            Some(START),
            START.plus_seconds(DAY_SECONDS - 1)
        ));
        assert!(may_insist(Some(START), day(1)));
    }

    proptest::proptest! {
        #[test]
        fn renewal_is_before_the_end(seconds in 60_i64..400_000_000, permille in 0_i64..1000) {
            let life = Life { from: START, to: START.plus_seconds(seconds) };
            let at = life.renew_at(None, permille);
            assert!(at > START && at < life.to);
        }
    }
}
