//! How far long work is: a bar when somebody watches at a terminal, otherwise a plain line now and then,
//! and nothing for scripts. It goes to standard error, so that what a command answers stays clean.
//!
//! Must not know what the work is.

use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::output::remark;

/// How often the figures are drawn anew when nothing new comes.
const TICK: Duration = Duration::from_millis(120);
/// Plain lines come no closer than this.
const LINE_PAUSE: Duration = Duration::from_secs(2);
/// Of work whose length is known, a line is due when this share of it is done.
const SHARE_A_LINE: u64 = 10;
/// Without news, a line comes after this long.
const LONGEST_SILENCE: Duration = Duration::from_secs(15);

const BAR: &str = "{msg} {wide_bar} {pos}/{len} {eta}";
const COUNT: &str = "{spinner} {msg} {pos} ({elapsed})";

/// Words of a command about whether it tells how far it is.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(super) struct Telling {
    /// Say nothing while it works, only what came of it
    #[arg(long, short)]
    pub(super) quiet: bool,
}

impl Telling {
    /// Begins to tell of work that has `total` steps, as far as that is known. `json`: a script listens.
    pub(super) fn begin(self, what: &str, total: Option<u64>, json: bool) -> Progress {
        let shown = if self.quiet || json {
            Shown::Nothing
        } else if io::stderr().is_terminal() {
            Shown::Bar(bar(what, total))
        } else {
            Shown::Lines(Lines::begin(what, total, Instant::now()))
        };
        Progress { shown, done: 0 }
    }
}

/// Work under way. Dropped, its bar goes away.
#[derive(Debug)]
pub(super) struct Progress {
    shown: Shown,
    done: u64,
}

#[derive(Debug)]
enum Shown {
    Nothing,
    Bar(ProgressBar),
    Lines(Lines),
}

impl Progress {
    /// So much more is done.
    pub(super) fn advance(&mut self, steps: u64) {
        self.is_at(self.done.saturating_add(steps));
    }

    /// So much is done in all.
    pub(super) fn is_at(&mut self, done: u64) {
        self.done = done;
        match &mut self.shown {
            Shown::Nothing => {}
            Shown::Bar(bar) => bar.set_position(done),
            Shown::Lines(lines) => {
                if let Some(line) = lines.due(done, Instant::now()) {
                    remark(line);
                }
            }
        }
    }

    /// Now it is known how much there is to do.
    pub(super) fn has_total(&mut self, total: u64) {
        match &mut self.shown {
            Shown::Nothing => {}
            Shown::Bar(bar) => {
                bar.set_length(total);
                bar.set_style(style(BAR));
            }
            Shown::Lines(lines) => lines.total = Some(total),
        }
    }

    /// Something else is being done from now on, and counted from the beginning.
    pub(super) fn goes_on(&mut self, what: &str, total: Option<u64>) {
        self.done = 0;
        match &mut self.shown {
            Shown::Nothing => {}
            Shown::Bar(shown) => {
                shown.finish_and_clear();
                *shown = bar(what, total);
            }
            Shown::Lines(lines) => *lines = Lines::begin(what, total, Instant::now()),
        }
    }

    /// Says something on the way, with the bar out of the way.
    pub(super) fn aside<T>(&self, say: impl FnOnce() -> T) -> T {
        match &self.shown {
            Shown::Bar(bar) => bar.suspend(say),
            Shown::Nothing | Shown::Lines(_) => say(),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}

fn bar(what: &str, total: Option<u64>) -> ProgressBar {
    let (bar, template) = match total {
        Some(total) => (ProgressBar::new(total), BAR),
        None => (ProgressBar::no_length(), COUNT),
    };
    let bar = bar
        .with_style(style(template))
        .with_message(what.to_owned());
    bar.enable_steady_tick(TICK);
    bar
}

fn style(template: &str) -> ProgressStyle {
    // A template that cannot be read gives the usual one.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// What is told where nobody watches: logs of services, pipes.
#[derive(Debug)]
struct Lines {
    what: String,
    total: Option<u64>,
    told: u64,
    told_at: Instant,
}

impl Lines {
    fn begin(what: &str, total: Option<u64>, now: Instant) -> Self {
        Self {
            what: what.to_owned(),
            total,
            told: 0,
            told_at: now,
        }
    }

    /// The line to be said now, if one is due.
    fn due(&mut self, done: u64, now: Instant) -> Option<String> {
        let silence = now.saturating_duration_since(self.told_at);
        let step = self.total.map(|total| total / SHARE_A_LINE);
        let is_far = step.is_some_and(|step| done >= self.told.saturating_add(step.max(1)));
        let is_due = (is_far && silence >= LINE_PAUSE) || silence >= LONGEST_SILENCE;
        if !is_due {
            return None;
        }
        (self.told, self.told_at) = (done, now);
        let what = &self.what;
        Some(match self.total {
            Some(total) => {
                let percent = done.saturating_mul(100).checked_div(total).unwrap_or(100);
                format!("{what}: {done} of {total} ({percent} %)")
            }
            None => format!("{what}: {done}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_at_steps_and_not_too_often() {
        let start = Instant::now();
        let mut lines = Lines::begin("Reading posts", Some(1000), start);
        assert_eq!(lines.due(500, start), None, "it has only just begun");
        let later = start + LINE_PAUSE;
        assert_eq!(lines.due(99, later), None, "less than a tenth");
        let line = lines.due(500, later).unwrap();
        assert_eq!(line, "Reading posts: 500 of 1000 (50 %)");
        assert_eq!(lines.due(501, later + LINE_PAUSE), None);
        assert!(lines.due(501, later + LONGEST_SILENCE).is_some());
    }

    #[test]
    fn what_has_no_known_end_is_told_after_a_silence() {
        let start = Instant::now();
        let mut lines = Lines::begin("Reading files", None, start);
        assert_eq!(lines.due(7, start + LINE_PAUSE), None);
        let line = lines.due(8, start + LONGEST_SILENCE).unwrap();
        assert_eq!(line, "Reading files: 8");
        assert_eq!(Lines::begin("Nothing", Some(0), start).due(0, start), None);
    }

    #[test]
    fn scripts_and_the_quiet_hear_nothing() {
        for (quiet, json) in [(true, false), (false, true)] {
            let mut progress = Telling { quiet }.begin("Work", Some(2), json);
            progress.advance(1);
            assert!(matches!(progress.shown, Shown::Nothing));
            assert_eq!(progress.done, 1);
        }
    }
}
