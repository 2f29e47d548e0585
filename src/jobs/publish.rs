//! Publishes scheduled posts when they are due.

use std::time::Duration;

use crate::app::{App, posts};
use crate::store;

use super::{Stopping, pause, round};

const NAME: &str = "publish-due";
const INTERVAL: Duration = Duration::from_secs(1);
const LEASE_SECONDS: u32 = 15;
const BATCH: u32 = 100;

pub(super) async fn run(app: App, holder: String, mut stopping: Stopping) {
    while pause(&mut stopping, INTERVAL).await {
        let (working, holder) = (app.clone(), holder.clone());
        round(&app, NAME, move || {
            let app = working;
            let now = app.db.clock().now();
            // Looking is free; the lease is taken only when there is something to do.
            if app.db.read(|tx| store::posts::due(tx, now, 1))?.is_empty() {
                return Ok(());
            }
            let ours = app
                .db
                .write(|tx| store::leases::try_take(tx, NAME, &holder, LEASE_SECONDS))?;
            if ours {
                let published = posts::publish_due(&app, BATCH)?;
                tracing::info!(posts = published, "published what was due");
            }
            Ok(())
        })
        .await;
    }
    let last = app.clone();
    let _ = round(&app, NAME, move || {
        Ok(last
            .db
            .write(|tx| store::leases::release(tx, NAME, &holder))?)
    })
    .await;
}
