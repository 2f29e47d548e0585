//! Looking for newer versions from time to time, telling the owner, and taking them by itself where the
//! owner wants that, at the hours the owner has chosen.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::updating::{self, Step, UpdateError};
use crate::config::{Config, UpdateMode};
use crate::launcher;
use crate::update::{Refusal, Version};
use crate::web::updates::{Failure, Newer, Standing, Updates};

/// The first look comes within this time of the start, so that sites do not all look at once.
const FIRST_LOOK_SECONDS: u32 = 600;

#[derive(Debug, Clone)]
pub(super) struct Upkeep {
    config: Arc<Config>,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Debug, Default)]
struct Seen {
    newest: Option<Newer>,
    problem: Option<String>,
    doing: Option<String>,
}

impl Upkeep {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            config: Arc::new(config.clone()),
            seen: Arc::default(),
        }
    }

    /// Looks again and again. Ends at once where nobody wants it.
    pub(super) async fn run(self) {
        let update = &self.config.update;
        if update.mode == UpdateMode::Off || update.url.is_none() {
            return;
        }
        let first = update.poll_seconds.min(FIRST_LOOK_SECONDS);
        tokio::time::sleep(somewhere_in(first)).await;
        loop {
            let upkeep = self.clone();
            let round = tokio::task::spawn_blocking(move || {
                upkeep.look_now();
                if upkeep.config.update.mode == UpdateMode::Auto && upkeep.is_time() {
                    upkeep.take_now();
                }
            });
            let _ = round.await;
            // Nine tenths of the time, and up to two more.
            let poll = self.config.update.poll_seconds;
            let least = Duration::from_secs(u64::from(poll) * 9 / 10);
            tokio::time::sleep(least + somewhere_in(poll / 5)).await;
        }
    }

    /// Within the hours in which a new version may come by itself.
    fn is_time(&self) -> bool {
        let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
        let minute = i32::from(now.hour()) * 60 + i32::from(now.minute());
        let window = self.config.update.window;
        window.is_none_or(|window| window.contains(u16::try_from(minute).unwrap_or_default()))
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // Each field stands for itself, so one that a panic left behind is as good as any.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look_now(&self) {
        let found = updating::look(&self.config, None);
        let mut seen = self.seen();
        match found {
            Ok(found) => {
                let version = found.manifest.version.to_string();
                if seen
                    .newest
                    .as_ref()
                    .is_none_or(|newest| newest.version != version)
                {
                    tracing::info!(version, "there is a newer version");
                }
                seen.newest = Some(Newer {
                    version,
                    notes: found.manifest.notes,
                });
                seen.problem = None;
            }
            Err(UpdateError::Refused(Refusal::AlreadyRunning(_))) => {
                seen.newest = None;
                seen.problem = None;
            }
            Err(error) => {
                tracing::warn!(%error, "no newer version can be taken");
                seen.newest = None;
                seen.problem = Some(error.to_string());
            }
        }
    }

    fn take_now(&self) {
        {
            let mut seen = self.seen();
            if seen.newest.is_none() || seen.doing.is_some() {
                return;
            }
            seen.doing = Some("It is being downloaded".to_owned());
        }
        let taken = updating::look(&self.config, None).and_then(|found| {
            updating::take(&self.config, &found, |step| {
                let next = match step {
                    Step::Downloaded => "The database is being copied",
                    Step::Kept(_) => "The new version is tried on the copy",
                    Step::NotKept | Step::WorksOnCopy => "The new version takes over",
                    Step::Serves | Step::AtNextStart => "The new version serves",
                };
                self.seen().doing = Some(next.to_owned());
            })
        });
        let mut seen = self.seen();
        seen.doing = None;
        if let Err(error) = taken {
            tracing::error!(%error, "the newer version was not taken");
            seen.newest = None;
            seen.problem = Some(error.to_string());
        }
    }
}

impl Updates for Upkeep {
    fn standing(&self) -> Standing {
        let status = launcher::ask(&self.config.data_dir, "status").unwrap_or_default();
        let failure = &status["last_failure"];
        let lines = failure["last_words"].as_array().into_iter().flatten();
        let lines = lines.filter_map(|line| line.as_str().map(str::to_owned));
        let choice = updating::slots(&self.config).and_then(|slots| Ok(slots.choice()?));
        let bad = choice.map_or(Vec::new(), |choice| choice.bad);
        let seen = self.seen();
        Standing {
            running: Version::own().to_string(),
            is_on: self.config.update.url.is_some() && self.config.update.mode != UpdateMode::Off,
            newest: seen.newest.clone(),
            problem: seen.problem.clone(),
            doing: seen.doing.clone(),
            failure: failure["why"].as_str().map(|why| Failure {
                why: why.to_owned(),
                seconds_ago: failure["seconds_ago"].as_u64().unwrap_or_default(),
                last_words: lines.collect(),
            }),
            bad: bad.iter().map(ToString::to_string).collect(),
        }
    }

    fn look(&self) {
        let upkeep = self.clone();
        std::thread::spawn(move || upkeep.look_now());
    }

    fn take(&self) {
        let upkeep = self.clone();
        std::thread::spawn(move || upkeep.take_now());
    }
}

/// A time that differs from site to site and from time to time.
fn somewhere_in(seconds: u32) -> Duration {
    let share = getrandom::u32().unwrap_or_default() % 1000;
    Duration::from_millis(u64::from(seconds) * u64::from(share))
}
