//! What happens by itself: consumers of the change feed and schedules, one file each.
//!
//! A job is a loop around one `app` verb. It may be stopped between two rounds and started again
//! anywhere; what must be single is guarded by a lease or by the index's own lock.

mod copies;
mod index;
mod publish;
mod tidy;
mod webhooks;

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::app::{App, Round};

/// Longest wait of a job that failed before it tries again.
const MAX_PAUSE: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, Copy)]
pub struct Retention {
    pub oplog_seconds: u32,
    pub oplog_bytes: u64,
    pub audit_days: u32,
}

/// The running jobs. Dropping it stops them where they are.
#[derive(Debug)]
pub struct Jobs {
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
}

impl Jobs {
    /// Starts all jobs on the current runtime. `holder` names this process in leases.
    /// `base_url` is the site's own address.
    pub fn start(app: &App, holder: &str, base_url: &str, retention: Retention) -> Self {
        let (stop, stopping) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(index::run(app.clone(), stopping.clone()));
        tasks.spawn(copies::run(
            app.clone(),
            holder.to_owned(),
            stopping.clone(),
        ));
        tasks.spawn(webhooks::run(
            app.clone(),
            holder.to_owned(),
            base_url.to_owned(),
            stopping.clone(),
        ));
        tasks.spawn(publish::run(
            app.clone(),
            holder.to_owned(),
            stopping.clone(),
        ));
        tasks.spawn(tidy::run(
            app.clone(),
            holder.to_owned(),
            retention,
            stopping,
        ));
        Self { tasks, stop }
    }

    /// Lets each job finish its round and give up what it holds.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

type Stopping = watch::Receiver<bool>;

/// Waits, but not past the stop; says whether the job is to go on.
async fn pause(stopping: &mut Stopping, length: Duration) -> bool {
    let _ = tokio::time::timeout(length, stopping.wait_for(|stop| *stop)).await;
    !*stopping.borrow()
}

/// Runs one round on a blocking thread; a failure is logged here and nowhere else, and noted for whoever
/// asks how the jobs are.
async fn round<T: Send + 'static>(
    app: &App,
    name: &'static str,
    work: impl FnOnce() -> Result<T, crate::app::Error> + Send + 'static,
) -> Option<T> {
    let outcome = tokio::task::spawn_blocking(work).await;
    let failure = match &outcome {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(error) => Some(error.to_string()),
    };
    let at = app.db.clock().now();
    app.rounds.note(name, Round { at, failure });
    match outcome {
        Ok(Ok(value)) => Some(value),
        Ok(Err(error)) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::error!(job = name, %error, cause, "a job failed; it will try again");
            None
        }
        Err(error) => {
            tracing::error!(job = name, %error, "a job broke off; it will try again");
            None
        }
    }
}
