//! Query plans, collected once per statement when asked for: `serve --dev` logs them, and a test
//! refuses plans that walk a whole table.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Debug)]
pub struct Plans {
    wanted: bool,
    seen: Mutex<BTreeMap<String, String>>,
}

impl Plans {
    pub(super) fn new(wanted: bool) -> Self {
        Self {
            wanted,
            seen: Mutex::default(),
        }
    }

    fn seen_map(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls `explain` if plans are wanted and this statement's is not known yet.
    pub(super) fn note(&self, sql: &str, explain: impl FnOnce() -> Option<String>) {
        if !self.wanted || self.seen_map().contains_key(sql) {
            return;
        }
        if let Some(plan) = explain() {
            tracing::debug!(target: "inkstand::plans", sql, plan, "query plan");
            self.seen_map().insert(sql.to_owned(), plan);
        }
    }

    /// Statement and plan of everything run so far.
    pub fn seen(&self) -> Vec<(String, String)> {
        self.seen_map()
            .iter()
            .map(|(sql, plan)| (sql.clone(), plan.clone()))
            .collect()
    }
}
