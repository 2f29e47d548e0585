//! Follows the change feed into the search index. Only one process may write an index: its own lock
//! is the lease, and whoever does not get it waits until the other is gone.

use std::time::Duration;

use crate::app::{App, search};

use super::{MAX_PAUSE, Stopping, pause, round};

const NAME: &str = "search-index";
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// Changes that come within this time of each other share a commit.
const GATHER: Duration = Duration::from_millis(50);

pub(super) async fn run(app: App, mut stopping: Stopping) {
    let mut feed = app.db.subscribe();
    let mut wait = FIRST_PAUSE;
    loop {
        let index = app.index.clone();
        let mut writer = match tokio::task::spawn_blocking(move || index.writer()).await {
            Ok(Ok(writer)) => writer,
            Ok(Err(error)) => {
                tracing::debug!(%error, "the search index is being written by another process");
                if !pause(&mut stopping, FIRST_PAUSE).await {
                    return;
                }
                continue;
            }
            Err(_) => return,
        };
        loop {
            feed.mark_unchanged();
            let app = app.clone();
            let outcome = round(NAME, move || {
                search::follow(&app, &mut writer)?;
                Ok(writer)
            });
            let Some(back) = outcome.await else {
                if !pause(&mut stopping, wait).await {
                    return;
                }
                wait = (wait * 2).min(MAX_PAUSE);
                break;
            };
            writer = back;
            wait = FIRST_PAUSE;
            tokio::select! {
                _ = feed.changed() => {}
                _ = stopping.wait_for(|stop| *stop) => return,
            }
            if !pause(&mut stopping, GATHER).await {
                return;
            }
        }
    }
}
