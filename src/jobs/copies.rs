//! Makes smaller copies of the pictures people upload. One process at a time, one picture after the
//! other; what is to be done stands in the store, so that a round may end anywhere.

use std::time::Duration;

use crate::app::{App, media};
use crate::store;

use super::{MAX_PAUSE, Stopping, pause, round};

const NAME: &str = "picture-copies";
/// Longer than one picture may take.
const LEASE_SECONDS: u32 = 5 * 60;
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// How long another process may still be at it after it has told of a change.
const GATHER: Duration = Duration::from_millis(200);

pub(super) async fn run(app: App, holder: String, mut stopping: Stopping) {
    let mut feed = app.db.subscribe();
    loop {
        feed.mark_unchanged();
        while !*stopping.borrow() {
            let (one, holder) = (app.clone(), holder.clone());
            match round(&app, NAME, move || next(&one, &holder)).await {
                Some(true) => {}
                Some(false) => break,
                None => {
                    if !pause(&mut stopping, AFTER_FAILURE).await {
                        break;
                    }
                }
            }
        }
        tokio::select! {
            _ = feed.changed() => {}
            () = tokio::time::sleep(MAX_PAUSE) => {}
            _ = stopping.wait_for(|stop| *stop) => {}
        }
        if !pause(&mut stopping, GATHER).await {
            break;
        }
    }
    let last = app.clone();
    let _ = round(&app, NAME, move || {
        Ok(last
            .db
            .write(|tx| store::leases::release(tx, NAME, &holder))?)
    })
    .await;
}

/// Says whether there was a picture to do, and it was ours to do.
fn next(app: &App, holder: &str) -> Result<bool, crate::app::Error> {
    // Looking is free; the lease is taken only when there is something to do.
    if !media::is_any_unprepared(app)? {
        return Ok(false);
    }
    let ours = app
        .db
        .write(|tx| store::leases::try_take(tx, NAME, holder, LEASE_SECONDS))?;
    Ok(ours && media::prepare_next(app)?)
}
