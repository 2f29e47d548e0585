//! A connection's patience with its client: with heads that do not come, with answers nobody takes, and
//! with connections that have nothing to do. Must not know what is sent.

use std::cell::Cell;
use std::future::Future as _;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Context;
use std::time::{Duration, Instant};

use tokio::time::Sleep;

use super::limits::Limits;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing has been answered yet.
    FirstHead { since: Instant },
    /// A request is being worked on: the client owes nothing.
    Serving,
    /// Between two requests.
    Idle { since: Instant },
    /// Some of the next head has arrived.
    Head { since: Instant },
}

/// What has become of the answer to a request the library was handed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Owed,
    /// The library has all of it; what it has not sent yet is in its buffer.
    Left,
    /// The middleware made none. The library may send one of its own.
    Lost,
}

/// Where a connection stands.
#[derive(Debug)]
pub(super) struct Pace {
    phase: Cell<Phase>,
    answer: Cell<Answer>,
    /// Requests being worked on; several where a connection carries many at a time.
    under_way: Cell<u32>,
}

impl Pace {
    fn new() -> Self {
        Self {
            phase: Cell::new(Phase::FirstHead {
                since: Instant::now(),
            }),
            answer: Cell::new(Answer::Owed),
            under_way: Cell::new(0),
        }
    }

    pub(super) fn phase(&self) -> Phase {
        self.phase.get()
    }

    pub(super) fn answer(&self) -> Answer {
        self.answer.get()
    }

    pub(super) fn under_way(&self) -> u32 {
        self.under_way.get()
    }

    pub(super) fn bytes_arrived(&self, now: Instant) {
        if matches!(self.phase.get(), Phase::Idle { .. }) {
            self.phase.set(Phase::Head { since: now });
        }
    }

    /// A request has been handed on. Its head counts as still arriving until somebody takes it up.
    pub(super) fn handed_on(&self) {
        self.answer.set(Answer::Owed);
    }

    pub(super) fn rest(&self, now: Instant) {
        self.phase.set(Phase::Idle { since: now });
    }
}

/// The departure of one answer. Dropped, it says what has become of it.
#[derive(Debug)]
pub(super) struct Departure {
    pace: Rc<Pace>,
    answer: Answer,
}

impl Departure {
    /// A request is being worked on.
    pub(super) fn expected(pace: Rc<Pace>) -> Self {
        pace.phase.set(Phase::Serving);
        pace.under_way.set(pace.under_way.get() + 1);
        pace.answer.set(Answer::Owed);
        Self {
            pace,
            answer: Answer::Lost,
        }
    }

    /// There is an answer; it has left when this is dropped.
    pub(super) fn answered(mut self) -> Self {
        self.answer = Answer::Left;
        self
    }
}

impl Drop for Departure {
    fn drop(&mut self) {
        self.pace.answer.set(self.answer);
        let under_way = self.pace.under_way.get().saturating_sub(1);
        self.pace.under_way.set(under_way);
        if under_way == 0 {
            self.pace.rest(Instant::now());
        }
    }
}

/// What has taken too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spent {
    Head,
    Idle,
    Write,
}

#[derive(Debug)]
pub(super) struct Patience {
    pace: Rc<Pace>,
    header_time: Duration,
    idle_time: Duration,
    write_time: Duration,
    stalled_since: Option<Instant>,
    /// One timer for everything, left running from request to request: setting a timer for each
    /// head would cost more than reading it.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            pace: Rc::new(Pace::new()),
            header_time: Duration::from_secs(limits.header_seconds),
            idle_time: Duration::from_secs(limits.keep_alive_seconds),
            write_time: Duration::from_secs(limits.write_seconds),
            stalled_since: None,
            timer: None,
        }
    }

    pub(super) fn pace(&self) -> &Rc<Pace> {
        &self.pace
    }

    /// From now on a head that has not begun gets only so much longer.
    pub(super) fn hurry(&mut self, longest: Duration) {
        match self.pace.phase() {
            Phase::FirstHead { since } => {
                self.header_time = self.header_time.min(since.elapsed() + longest);
            }
            Phase::Idle { since } => {
                self.idle_time = self.idle_time.min(since.elapsed() + longest);
            }
            Phase::Head { .. } | Phase::Serving => {}
        }
    }

    pub(super) fn stalled(&mut self) {
        self.stalled_since.get_or_insert_with(Instant::now);
    }

    pub(super) fn flowing(&mut self) {
        self.stalled_since = None;
    }

    /// Called whenever the client has us waiting: is the patience at its end? If not, the task is woken
    /// when it may be.
    pub(super) fn spent(&mut self, cx: &mut Context<'_>) -> Option<Spent> {
        loop {
            let (ends, spent) = self.ends()?;
            match &mut self.timer {
                // It will wake us; whether too early is decided then.
                Some(timer) if !timer.is_elapsed() && timer.deadline() <= ends.into() => {
                    return None;
                }
                _ if ends <= Instant::now() => return Some(spent),
                Some(timer) => timer.as_mut().reset(ends.into()),
                None => self.timer = Some(Box::pin(tokio::time::sleep_until(ends.into()))),
            }
            if let Some(timer) = &mut self.timer
                && timer.as_mut().poll(cx).is_pending()
            {
                return None;
            }
        }
    }

    fn ends(&self) -> Option<(Instant, Spent)> {
        let reading = match self.pace.phase() {
            Phase::Serving => None,
            Phase::FirstHead { since } | Phase::Head { since } => {
                Some((since + self.header_time, Spent::Head))
            }
            Phase::Idle { since } => Some((since + self.idle_time, Spent::Idle)),
        };
        let write = self.stalled_since;
        let write = write.map(|since| (since + self.write_time, Spent::Write));
        reading
            .into_iter()
            .chain(write)
            .min_by_key(|(ends, _)| *ends)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    fn patience() -> Patience {
        Patience::new(&Limits {
            header_seconds: 10,
            keep_alive_seconds: 30,
            write_seconds: 20,
            ..Limits::default()
        })
    }

    fn spent(patience: &mut Patience) -> Option<Spent> {
        patience.spent(&mut Context::from_waker(Waker::noop()))
    }

    fn ago(seconds: u64) -> Instant {
        Instant::now()
            .checked_sub(Duration::from_secs(seconds))
            .unwrap()
    }

    #[tokio::test]
    async fn each_thing_has_its_own_time() {
        let mut patience = patience();
        assert_eq!(spent(&mut patience), None);
        for (phase, expected) in [
            (Phase::FirstHead { since: ago(11) }, Some(Spent::Head)),
            (Phase::Head { since: ago(11) }, Some(Spent::Head)),
            (Phase::Head { since: ago(9) }, None),
            (Phase::Idle { since: ago(29) }, None),
            (Phase::Idle { since: ago(31) }, Some(Spent::Idle)),
            (Phase::Serving, None),
        ] {
            patience.pace.phase.set(phase);
            patience.timer = None;
            assert_eq!(spent(&mut patience), expected, "{phase:?}");
        }
        patience.stalled_since = Some(ago(21));
        assert_eq!(spent(&mut patience), Some(Spent::Write));
        patience.flowing();
        assert_eq!(spent(&mut patience), None);
    }

    #[tokio::test]
    async fn a_timer_that_would_ring_too_late_is_set_anew() {
        let mut patience = patience();
        patience.pace.rest(Instant::now());
        assert_eq!(spent(&mut patience), None);
        let late = patience.timer.as_ref().unwrap().deadline();
        patience.pace.bytes_arrived(Instant::now());
        assert_eq!(spent(&mut patience), None);
        assert!(patience.timer.as_ref().unwrap().deadline() < late);
    }

    #[test]
    fn an_answer_leaves_or_is_lost() {
        let pace = Rc::new(Pace::new());
        let departure = Departure::expected(Rc::clone(&pace));
        assert_eq!(
            (pace.phase(), pace.answer()),
            (Phase::Serving, Answer::Owed)
        );
        let departure = departure.answered();
        assert_eq!(pace.answer(), Answer::Owed);
        drop(departure);
        assert_eq!(pace.answer(), Answer::Left);
        assert!(matches!(pace.phase(), Phase::Idle { .. }));
        drop(Departure::expected(Rc::clone(&pace)));
        assert_eq!(pace.answer(), Answer::Lost);
    }
}
