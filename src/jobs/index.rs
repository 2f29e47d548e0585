//! Follows the change feed into the search index. Only one process may write an index: its own lock
//! is the lease, and whoever does not get it waits until the other is gone.

use std::time::Duration;

use crate::app::{App, search};

use super::{MAX_PAUSE, Stopping, pause, round};

const NAME: &str = "search-index";
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// Changes that come within this time of each other share a commit.
const GATHER: Duration = Duration::from_millis(50);

/// After so many failures in a row the index itself is checked, byte by byte.
const FAILURES_BEFORE_DISTRUST: u32 = 3;

pub(super) async fn run(app: App, mut stopping: Stopping) {
    let mut feed = app.db.subscribe();
    let mut failures = 0;
    'open: loop {
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
        let mut is_fresh = true;
        loop {
            // Lost or found damaged under the writer: only a new one starts over.
            if !is_fresh && app.index.cursor().is_none() {
                continue 'open;
            }
            is_fresh = false;
            feed.mark_unchanged();
            let ours = app.clone();
            let followed = round(&app, NAME, move || {
                search::follow(&ours, &mut writer)?;
                Ok(writer)
            });
            let Some(back) = followed.await else { break };
            writer = back;
            failures = 0;
            tokio::select! {
                _ = feed.changed() => {}
                () = tokio::time::sleep(MAX_PAUSE) => {}
                _ = stopping.wait_for(|stop| *stop) => return,
            }
            if !pause(&mut stopping, GATHER).await {
                return;
            }
        }
        failures += 1;
        if failures % FAILURES_BEFORE_DISTRUST == 0 {
            let index = app.index.clone();
            let verified = tokio::task::spawn_blocking(move || index.verify()).await;
            if let Ok(false) = verified {
                tracing::warn!(
                    failures,
                    "the search index is damaged and will be written anew"
                );
            }
        }
        if !pause(&mut stopping, (FIRST_PAUSE * failures).min(MAX_PAUSE)).await {
            return;
        }
    }
}
