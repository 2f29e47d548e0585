//! One host's certificate over time: what there is, what is under way, what went wrong, and what comes
//! next.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::certificate::Certificate;
use super::orders::{OrderPaper, Question};
use super::plan::{self, Cost, Life, Window};
use super::standing::Standing;
use super::trouble::{Kind, Trouble};
use crate::domain::host::Host;
use crate::domain::time::Timestamp;

const DAY_SECONDS: i64 = 24 * 3600;

/// A certificate as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) chain: String,
    pub(super) key: String,
    pub(super) issuer: String,
}

impl Kept {
    pub(super) fn certificate(&self) -> Option<Certificate> {
        let read = Certificate::from_pem(&self.chain, &self.key);
        read.inspect_err(|error| tracing::error!(%error, "a kept certificate cannot be used"))
            .ok()
    }
}

/// How it goes with one issuer.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Tries {
    failures: u32,
    not_before: Option<Timestamp>,
    /// Something went wrong, so it is tried where it costs nothing first.
    wants_rehearsal: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Failure {
    at: Timestamp,
    words: String,
    fix: String,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Course {
    pub(super) kept: Option<Kept>,
    pub(super) order: Option<OrderPaper>,
    tries: BTreeMap<String, Tries>,
    /// Of validations, at whichever issuer.
    failed_validations: Vec<Timestamp>,
    question: Option<Question>,
    window: Option<Window>,
    ask_again_at: Option<Timestamp>,
    pub(super) trusted_since: Option<Timestamp>,
    failure: Option<Failure>,
    /// How often in a row a certificate was replaced in the first tenth of its life.
    #[serde(default)]
    hasty: u32,
    /// The owner's program was run about this certificate's end.
    warned_at: Option<Timestamp>,
}

/// Who can be asked, in order of preference.
#[derive(Debug, Clone)]
pub(super) struct Issuers<'a> {
    pub(super) addresses: &'a [String],
    /// Where the first one lets itself be tried.
    pub(super) staging: Option<&'a str>,
    pub(super) retry_seconds: i64,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    Wait(Timestamp),
    AskAboutRenewal,
    Order { issuer: String, is_rehearsal: bool },
}

impl Course {
    pub(super) fn question(&self) -> Question {
        self.question.unwrap_or(Question::Http)
    }

    pub(super) fn next(
        &self,
        served: Option<&Certificate>,
        issuers: &Issuers<'_>,
        now: Timestamp,
    ) -> Next {
        let renew_at = served.map_or(now, |served| self.renew_at(served));
        if renew_at > now && self.order.is_none() {
            return match self.ask_again_at {
                Some(at) if at > now => Next::Wait(renew_at.min(at)),
                _ => Next::AskAboutRenewal,
            };
        }
        let may_at = plan::may_validate_at(&self.failed_validations, now);
        let free = |address: &&String| self.free_at(address, now) <= now;
        let chosen = issuers.addresses.iter().find(free);
        let soonest = issuers
            .addresses
            .iter()
            .map(|address| self.free_at(address, now))
            .min();
        let Some(issuer) = chosen else {
            return Next::Wait(soonest.unwrap_or_else(|| now.plus_seconds(DAY_SECONDS)));
        };
        let tries = self.tries.get(issuer);
        let is_first = issuers.addresses.first() == Some(issuer);
        let wants_rehearsal = tries.is_some_and(|tries| tries.wants_rehearsal) && is_first;
        match issuers.staging.filter(|_| wants_rehearsal) {
            Some(staging) => Next::Order {
                issuer: staging.to_owned(),
                is_rehearsal: true,
            },
            None if may_at > now => Next::Wait(may_at),
            None => Next::Order {
                issuer: issuer.clone(),
                is_rehearsal: false,
            },
        }
    }

    fn free_at(&self, issuer: &str, now: Timestamp) -> Timestamp {
        let tries = self.tries.get(issuer);
        tries.and_then(|tries| tries.not_before).unwrap_or(now)
    }

    pub(super) fn renew_at(&self, served: &Certificate) -> Timestamp {
        let facts = &served.facts;
        let id = facts.renewal_id.as_deref();
        let window = self
            .window
            .as_ref()
            .filter(|window| Some(&*window.renewal_id) == id);
        life(served).renew_at(window, permille(id.unwrap_or_default()))
    }

    /// What the issuer has said about renewal, or that it has not.
    pub(super) fn asked(&mut self, said: Result<Option<(Window, i64)>, Trouble>, now: Timestamp) {
        let again = match said {
            Ok(Some((window, seconds))) => {
                self.window = Some(window);
                seconds.clamp(plan::ASK_SOONEST_SECONDS, DAY_SECONDS)
            }
            Ok(None) => DAY_SECONDS,
            Err(trouble) => {
                tracing::debug!(%trouble, "the issuer has not said when to renew");
                trouble.retry_seconds.unwrap_or(plan::ASK_AGAIN_SECONDS)
            }
        };
        self.ask_again_at = Some(now.plus_seconds(again));
    }

    pub(super) fn succeeded(&mut self, kept: Kept, issuers: &Issuers<'_>, now: Timestamp) {
        let was_rehearsal = self.order.take().is_some_and(|order| order.is_rehearsal);
        self.ask_again_at = None;
        if was_rehearsal {
            if let Some(first) = issuers.addresses.first() {
                self.tries.entry(first.clone()).or_default().wants_rehearsal = false;
            }
            return;
        }
        self.tries.remove(&kept.issuer);
        self.take_breath(&kept.issuer, issuers, now);
        self.kept = Some(kept);
        self.failure = None;
        self.window = None;
        self.warned_at = None;
        self.trusted_since.get_or_insert(now);
    }

    /// An issuer may want a certificate replaced at once, but not again and again.
    fn take_breath(&mut self, issuer: &str, issuers: &Issuers<'_>, now: Timestamp) {
        let replaced = self.kept.as_ref().and_then(Kept::certificate);
        let is_hasty = replaced.is_some_and(|replaced| life(&replaced).is_beginning(now));
        self.hasty = if is_hasty {
            self.hasty.saturating_add(1)
        } else {
            0
        };
        if self.hasty > 0 {
            let pause = plan::pause_seconds(self.hasty, issuers.retry_seconds, Cost::ATry, 0);
            let tries = self.tries.entry(issuer.to_owned()).or_default();
            tries.not_before = Some(now.plus_seconds(pause));
        }
    }

    pub(super) fn failed(&mut self, trouble: &Trouble, issuers: &Issuers<'_>, now: Timestamp) {
        let Some(order) = self.order.clone() else {
            return;
        };
        // A failed rehearsal counts for whom it was for.
        let issuer = match issuers.addresses.first() {
            Some(first) if order.is_rehearsal => first.clone(),
            _ => order.issuer.clone(),
        };
        let is_over = matches!(
            trouble.kind,
            Kind::Validation | Kind::Refused | Kind::Strange | Kind::Stranger
        );
        if is_over || issuers.addresses.len() > 1 && trouble.kind != Kind::Slow {
            self.order = None;
        }
        if trouble.kind == Kind::Validation {
            self.question = Some(self.question().other());
            if !order.is_rehearsal {
                self.failed_validations = plan::recent(&self.failed_validations, now);
                self.failed_validations.push(now);
            }
        }
        let tries = self.tries.entry(issuer.clone()).or_default();
        tries.failures = tries.failures.saturating_add(1);
        tries.wants_rehearsal |= trouble.kind == Kind::Validation;
        let share = permille(&format!("{issuer} {}", tries.failures));
        let pause =
            plan::pause_seconds(tries.failures, issuers.retry_seconds, trouble.cost(), share);
        let pause = pause.max(trouble.retry_seconds.unwrap_or_default());
        tries.not_before = Some(now.plus_seconds(pause));
        self.failure = Some(Failure {
            at: now,
            words: trouble.words.clone(),
            fix: trouble.fix.clone(),
        });
    }

    /// What the owner's program is to be told now, once a day.
    pub(super) fn warning(
        &mut self,
        served: Option<&Certificate>,
        now: Timestamp,
    ) -> Option<String> {
        let failure = self.failure.as_ref()?;
        let is_ending = served.is_none_or(|served| life(served).is_ending(now));
        let was_warned = self
            .warned_at
            .is_some_and(|at| at.plus_seconds(DAY_SECONDS) > now);
        if !is_ending || was_warned {
            return None;
        }
        self.warned_at = Some(now);
        Some(format!("{}. {}", failure.words, failure.fix))
    }

    pub(super) fn standing(&self, host: &Host, now: Timestamp) -> Standing {
        let served = self.kept.as_ref().and_then(Kept::certificate);
        let blocked = self
            .tries
            .values()
            .filter_map(|tries| tries.not_before)
            .min();
        let renew_at = served.as_ref().map(|served| self.renew_at(served));
        let next = match (renew_at, blocked) {
            (Some(renew), Some(blocked)) => Some(renew.max(blocked)),
            (renew, blocked) => renew.or(blocked),
        };
        Standing {
            is_under_way: self.order.is_some(),
            problem: self.failure.as_ref().map(|failure| failure.words.clone()),
            fix: self.failure.as_ref().map(|failure| failure.fix.clone()),
            failed_at: self.failure.as_ref().map(|failure| failure.at),
            next_at: next,
            ..Standing::of(host.to_string(), served.as_ref(), now)
        }
    }
}

pub(super) fn life(served: &Certificate) -> Life {
    Life {
        from: served.facts.not_before,
        to: served.facts.not_after,
    }
}

/// Somewhere between 0 and 999, always the same for the same words.
fn permille(words: &str) -> i64 {
    let digest = Sha256::digest(words.as_bytes());
    i64::from(u16::from_be_bytes([digest[0], digest[1]])) % 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

    fn addresses() -> Vec<String> {
        ["https://one.test", "https://two.test"]
            .map(str::to_owned)
            .to_vec()
    }

    fn issuers(addresses: &[String]) -> Issuers<'_> {
        Issuers {
            addresses,
            staging: Some("https://staging.test"),
            retry_seconds: 60,
        }
    }

    fn trouble(kind: Kind) -> Trouble {
        Trouble {
            kind,
            words: "It went wrong".to_owned(),
            fix: "Make it right".to_owned(),
            retry_seconds: None,
        }
    }

    fn order(issuer: &str, is_rehearsal: bool) -> Next {
        Next::Order {
            issuer: issuer.to_owned(),
            is_rehearsal,
        }
    }

    /// Orders what comes next and fails with it.
    fn fail(course: &mut Course, issuers: &Issuers<'_>, kind: Kind, now: Timestamp) {
        let Next::Order {
            issuer,
            is_rehearsal,
        } = course.next(None, issuers, now)
        else {
            panic!("nothing comes next");
        };
        course.order = Some(OrderPaper::new(&issuer, is_rehearsal).unwrap());
        course.failed(&trouble(kind), issuers, now);
    }

    #[test]
    fn when_one_issuer_fails_the_next_is_asked_and_then_both_have_a_rest() {
        let addresses = addresses();
        let issuers = issuers(&addresses);
        let mut course = Course::default();
        assert_eq!(
            course.next(None, &issuers, START),
            order("https://one.test", false)
        );
        fail(&mut course, &issuers, Kind::Busy, START);
        assert_eq!(
            course.next(None, &issuers, START),
            order("https://two.test", false)
        );
        fail(&mut course, &issuers, Kind::Busy, START);
        let Next::Wait(until) = course.next(None, &issuers, START) else {
            panic!("nobody rests");
        };
        assert!(until >= START.plus_seconds(60) && until <= START.plus_seconds(72));
        let late = START.plus_seconds(72);
        assert_eq!(
            course.next(None, &issuers, late),
            order("https://one.test", false)
        );
    }

    #[test]
    fn after_a_failed_validation_it_is_rehearsed_with_the_other_question() {
        let addresses = &addresses()[..1];
        let issuers = issuers(addresses);
        let mut course = Course::default();
        fail(&mut course, &issuers, Kind::Validation, START);
        assert_eq!(course.question(), Question::Tls);
        let later = START.plus_seconds(100);
        assert_eq!(
            course.next(None, &issuers, later),
            order("https://staging.test", true)
        );
        course.order = Some(OrderPaper::new("https://staging.test", true).unwrap());
        let kept = Kept {
            chain: String::new(),
            key: String::new(),
            issuer: "https://staging.test".to_owned(),
        };
        course.succeeded(kept, &issuers, later);
        assert!(course.kept.is_none(), "nobody would believe it");
        assert_eq!(
            course.next(None, &issuers, later),
            order("https://one.test", false)
        );
    }

    #[test]
    fn an_hour_sees_four_failed_validations_at_most() {
        let addresses = &addresses()[..1];
        let mut issuers = issuers(addresses);
        (issuers.staging, issuers.retry_seconds) = (None, 1);
        let mut course = Course::default();
        let (mut failed, mut now) = (0, START);
        while now < START.plus_seconds(3600) {
            if let Next::Wait(until) = course.next(None, &issuers, now) {
                now = until;
            } else {
                fail(&mut course, &issuers, Kind::Validation, now);
                failed += 1;
            }
        }
        assert_eq!(failed, 4);
    }

    #[test]
    fn an_order_that_is_slow_is_gone_on_with() {
        let addresses = &addresses()[..1];
        let issuers = issuers(addresses);
        let mut course = Course::default();
        fail(&mut course, &issuers, Kind::Slow, START);
        assert!(course.order.is_some());
        fail(
            &mut course,
            &issuers,
            Kind::Strange,
            START.plus_seconds(1000),
        );
        assert!(course.order.is_none());
    }

    #[test]
    fn the_owner_is_warned_once_a_day_and_only_near_the_end() {
        let host = Host::parse("a.test").unwrap();
        let served = Certificate::self_signed(&[host], START).unwrap();
        let addresses = &addresses()[..1];
        let issuers = issuers(addresses);
        let mut course = Course::default();
        let day = |days: i64| START.plus_seconds(days * DAY_SECONDS);
        assert_eq!(course.warning(Some(&served), day(390)), None);
        fail(&mut course, &issuers, Kind::Busy, START);
        assert_eq!(course.warning(Some(&served), day(200)), None);
        assert!(course.warning(Some(&served), day(300)).is_some());
        assert_eq!(course.warning(Some(&served), day(300)), None);
        assert!(course.warning(Some(&served), day(301)).is_some());
    }
}
