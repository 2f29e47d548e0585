//! Follows the change feed into the search index. Only one process may write an index: its own lock
//! is the lease, and whoever does not get it waits until the other is gone.

use std::time::Duration;

use crate::app::{App, search};

use super::{MAX_PAUSE, Stopping, pause, round};

const NAME: &str = "search-index";
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// Changes that come within this time of each other share a commit.
const GATHER: Duration = Duration::from_millis(50);

/// After so many failures in a row the index itself is taken to be at fault and written anew.
const FAILURES_BEFORE_DISTRUST: u32 = 3;

pub(super) async fn run(app: App, mut stopping: Stopping) {
    let mut feed = app.db.subscribe();
    let mut failures = 0;
    loop {
        let index = app.index.clone();
        let opened = tokio::task::spawn_blocking(move || index.writer()).await;
        let Ok(Ok(mut writer)) = opened else {
            tracing::debug!(
                ?opened,
                "the search index cannot be written now, perhaps because another process does"
            );
            if !pause(&mut stopping, FIRST_PAUSE).await {
                return;
            }
            continue;
        };
        loop {
            feed.mark_unchanged();
            let app = app.clone();
            let followed = round(NAME, move || {
                search::follow(&app, &mut writer)?;
                Ok(writer)
            });
            let Some(back) = followed.await else { break };
            writer = back;
            failures = 0;
            tokio::select! {
                _ = feed.changed() => {}
                _ = stopping.wait_for(|stop| *stop) => return,
            }
            if !pause(&mut stopping, GATHER).await {
                return;
            }
        }
        failures += 1;
        if failures % FAILURES_BEFORE_DISTRUST == 0 {
            tracing::warn!(failures, "the search index is given up and written anew");
            app.index.distrust();
        }
        if !pause(&mut stopping, (FIRST_PAUSE * failures).min(MAX_PAUSE)).await {
            return;
        }
    }
}
