//! Tells webhooks what happened. Each has a lane: one delivery at a time, so that a slow server keeps nobody
//! waiting but itself. What is to be sent stands in the store, so that this may end anywhere.

use std::collections::HashMap;
use std::time::Duration;

use tokio::task::{Id, JoinSet};

use crate::app::{App, webhooks};
use crate::domain::id::{DeliveryId, WebhookId};

use super::{MAX_PAUSE, Stopping, pause, round};

const NAME: &str = "webhooks";
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// How often is looked whether another process that was sending is gone.
const WHILE_OTHERS_SEND: Duration = Duration::from_secs(10);
/// What is due in less time is due now.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);

pub(super) async fn run(app: App, holder: String, base_url: String, mut stopping: Stopping) {
    let mut feed = app.db.subscribe();
    let mut lanes = Lanes::default();
    let mut before = webhooks::Step::default();
    while !*stopping.borrow() {
        feed.mark_unchanged();
        let (working, holder, base_url) = (app.clone(), holder.clone(), base_url.clone());
        let stepped = round(&app, NAME, move || {
            webhooks::step(&working, &holder, &base_url, &before)
        });
        let Some(step) = stepped.await else {
            before = webhooks::Step::default();
            pause(&mut stopping, AFTER_FAILURE).await;
            continue;
        };
        let wait = wait_after(&app, &step);
        for (webhook, delivery) in &step.due {
            lanes.send(&app, *webhook, *delivery, &stopping);
        }
        before = step;
        tokio::select! {
            _ = feed.changed() => {}
            () = lanes.one_is_free() => {}
            () = tokio::time::sleep(wait) => {}
            _ = stopping.wait_for(|stop| *stop) => {}
        }
    }
    // What is under way ends by itself, soon.
    while !lanes.is_empty() {
        lanes.one_is_free().await;
    }
    let last = app.clone();
    let _ = round(&app, NAME, move || webhooks::release(&last, &holder)).await;
}

/// How long nothing is to be done, if nothing happens.
fn wait_after(app: &App, step: &webhooks::Step) -> Duration {
    if step.is_others {
        return WHILE_OTHERS_SEND;
    }
    let Some(next_at) = step.next_at else {
        return MAX_PAUSE;
    };
    let micros = next_at.as_micros() - app.db.clock().now().as_micros();
    let wait = Duration::from_micros(u64::try_from(micros).unwrap_or_default());
    wait.clamp(SHORTEST_PAUSE, MAX_PAUSE)
}

/// Deliveries under way.
#[derive(Default)]
struct Lanes {
    tasks: JoinSet<()>,
    busy: HashMap<Id, WebhookId>,
}

impl Lanes {
    fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Sends a delivery, unless another to the same webhook is under way.
    fn send(&mut self, app: &App, to: WebhookId, delivery: DeliveryId, stopping: &Stopping) {
        if self.busy.values().any(|busy| *busy == to) {
            return;
        }
        let (app, mut stopping) = (app.clone(), stopping.clone());
        let task = self.tasks.spawn(async move {
            let sending = app.clone();
            let sent = round(&app, NAME, move || webhooks::send(&sending, delivery)).await;
            if sent.is_none() {
                // It was not even written down how it went.
                pause(&mut stopping, AFTER_FAILURE).await;
            }
        });
        self.busy.insert(task.id(), to);
    }

    /// Waits until a lane is free again; for ever where all are.
    async fn one_is_free(&mut self) {
        match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => self.busy.remove(&id),
            Some(Err(error)) => self.busy.remove(&error.id()),
            None => std::future::pending().await,
        };
    }
}
