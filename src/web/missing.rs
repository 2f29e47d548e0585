//! What readers ask for and do not find: counted in memory, written down now and then in one go, so
//! that a robot with a list of guesses costs no writes.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::app::{App, redirects};

const INTERVAL: Duration = Duration::from_secs(60);
/// Addresses counted between two writes; more are not counted.
const MAX_COUNTED: usize = 500;

#[derive(Debug)]
pub(super) struct Missing {
    counted: Mutex<Counted>,
}

#[derive(Debug)]
struct Counted {
    /// How often, and where somebody last came from.
    paths: HashMap<String, (u32, Option<String>)>,
    written: Instant,
}

impl Default for Missing {
    fn default() -> Self {
        Self {
            counted: Mutex::new(Counted {
                paths: HashMap::new(),
                written: Instant::now(),
            }),
        }
    }
}

impl Missing {
    /// Counts one; says whether it is time to write down what was counted.
    pub(super) fn note(&self, path: &str, referrer: Option<&str>) -> bool {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = counted.paths.len() >= MAX_COUNTED;
        match counted.paths.get_mut(path) {
            Some((hits, from)) => {
                *hits = hits.saturating_add(1);
                if let Some(referrer) = referrer {
                    *from = Some(referrer.to_owned());
                }
            }
            None if !is_full => {
                let first = (1, referrer.map(str::to_owned));
                counted.paths.insert(path.to_owned(), first);
            }
            None => {}
        }
        counted.written.elapsed() >= INTERVAL
    }

    /// Writes down what was counted. Blocks on the database; what it refuses is lost, and that is no harm.
    pub(super) fn write_down(&self, app: &App) {
        let paths = {
            let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
            counted.written = Instant::now();
            std::mem::take(&mut counted.paths)
        };
        if paths.is_empty() {
            return;
        }
        let noted: Vec<_> = paths
            .into_iter()
            .map(|(path, (hits, referrer))| (path, hits, referrer))
            .collect();
        if let Err(error) = redirects::note_missing(app, &noted) {
            tracing::warn!(%error, "pages that were not found could not be noted");
        }
    }
}
