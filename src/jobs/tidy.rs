//! Throws away what nobody needs any more: ended sessions, an old operation log, feed entries
//! everybody has seen; and renews renditions made by an older renderer.

use std::time::Duration;

use crate::app::{App, answers, audit, grants, rendering, webhooks};
use crate::store;

use super::{Retention, Stopping, pause, round};

const NAME: &str = "tidy";
const FIRST: Duration = Duration::from_secs(5);
const INTERVAL: Duration = Duration::from_secs(10 * 60);
const LEASE_SECONDS: u32 = 5 * 60;
/// An index that was away for longer is written anew.
const FEED_KEPT_ENTRIES: u64 = 100_000;

pub(super) async fn run(app: App, holder: String, retention: Retention, mut stopping: Stopping) {
    let mut wait = FIRST;
    while pause(&mut stopping, wait).await {
        wait = INTERVAL;
        let (working, holder) = (app.clone(), holder.clone());
        round(&app, NAME, move || {
            let app = working;
            let ours = app
                .db
                .write(|tx| store::leases::try_take(tx, NAME, &holder, LEASE_SECONDS))?;
            if !ours {
                return Ok(());
            }
            app.db.write(|tx| {
                tx.quiet("what ended is not news");
                store::sessions::delete_expired(tx)?;
                store::previews::delete_expired(tx)?;
                store::invitations::delete_expired(tx)?;
                let remembered = tx.now().plus_seconds(-grants::REMEMBERED_SECONDS);
                store::grants::delete_ended(tx, remembered)?;
                let newest = store::changes::newest(tx)?;
                store::changes::forget(tx, newest.saturating_sub(FEED_KEPT_ENTRIES))
            })?;
            app.db
                .prune_oplog(retention.oplog_seconds, retention.oplog_bytes)?;
            audit::forget(&app, retention.audit_days)?;
            answers::forget(&app)?;
            webhooks::forget(&app)?;
            rendering::renew(&app)?;
            app.db
                .write(|tx| store::leases::release(tx, NAME, &holder))?;
            Ok(())
        })
        .await;
    }
}
