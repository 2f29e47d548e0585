//! What happens by itself, and how it last went: for the page about the system.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    pub at: Timestamp,
    /// Why it failed, if it did.
    pub failure: Option<String>,
}

/// The last round of each job. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Rounds(Arc<Mutex<BTreeMap<&'static str, Round>>>);

impl Rounds {
    pub fn note(&self, job: &'static str, round: Round) {
        let mut rounds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        rounds.insert(job, round);
    }

    pub fn last(&self) -> Vec<(&'static str, Round)> {
        let rounds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        rounds
            .iter()
            .map(|(job, round)| (*job, round.clone()))
            .collect()
    }
}
