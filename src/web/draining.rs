//! Whether the server is finishing: connections take no new work then, and their answers say so.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

#[derive(Debug, Clone, Default)]
pub(super) struct Draining(Arc<State>);

#[derive(Debug, Default)]
struct State {
    begun: AtomicBool,
    told: Notify,
}

impl Draining {
    pub(super) fn begin(&self) {
        self.0.begun.store(true, Ordering::Release);
        self.0.told.notify_waiters();
    }

    pub(super) fn has_begun(&self) -> bool {
        self.0.begun.load(Ordering::Acquire)
    }

    /// Ends when the server begins to finish; at once, if it has.
    pub(super) fn begins(&self) -> Pin<Box<dyn Future<Output = ()>>> {
        let state = Arc::clone(&self.0);
        Box::pin(async move {
            let told = state.told.notified();
            if !state.begun.load(Ordering::Acquire) {
                told.await;
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_waits_and_whoever_comes_later_is_told() {
        let draining = Draining::default();
        assert!(!draining.has_begun());
        let mut early = draining.begins();
        let pending = futures_util::poll!(early.as_mut());
        assert!(pending.is_pending());
        draining.begin();
        early.await;
        draining.begins().await;
        assert!(draining.has_begun());
    }
}
