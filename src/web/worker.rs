//! A thread that serves connections, with a runtime of its own: what it does for one never waits for
//! another thread. Must not know where connections come from.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_service::{Service, ServiceFactory};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinSet, LocalSet};

use super::wire::{Delivery, Parcel};

/// Connections that have been accepted and not yet taken up. Beyond that the system holds them.
const WAITING: usize = 64;
/// Threads a worker may have for work that waits, like the database's. Each holds memory.
const BLOCKING_THREADS: usize = 3;

#[derive(Debug)]
pub(super) struct Worker {
    hand: Hand,
    finished: oneshot::Receiver<()>,
}

/// Where a worker takes its connections from.
#[derive(Debug, Clone)]
struct Hand {
    arriving: mpsc::Sender<Arrival>,
    /// Connections it has now.
    load: Arc<AtomicUsize>,
}

/// The hands of all workers.
#[derive(Debug, Clone)]
pub(super) struct Hands(Vec<Hand>);

/// A connection, counted from its acceptance to its end.
struct Arrival {
    parcel: Parcel,
    counted: Counted,
}

impl std::fmt::Debug for Arrival {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Arrival")
    }
}

impl Hands {
    pub(super) fn of(workers: &[Worker]) -> Self {
        Self(workers.iter().map(|worker| worker.hand.clone()).collect())
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Gives a connection to the worker that has the fewest.
    pub(super) async fn hand(&self, parcel: Parcel) {
        let idlest = self
            .0
            .iter()
            .min_by_key(|hand| hand.load.load(Ordering::Relaxed));
        if let Some(hand) = idlest {
            hand.load.fetch_add(1, Ordering::Relaxed);
            let counted = Counted(Arc::clone(&hand.load));
            // It takes all there are until it is told to finish.
            let _ = hand.arriving.send(Arrival { parcel, counted }).await;
        }
    }
}

struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Worker {
    /// Starts the thread; `services` makes there what serves a connection. After [`Worker::finish`]
    /// connections have so much time to end.
    pub(super) async fn start<S, F>(
        number: usize,
        drain_time: Duration,
        services: impl FnOnce() -> F + Send + 'static,
    ) -> io::Result<Self>
    where
        F: ServiceFactory<Delivery, Config = (), Service = S>,
        S: Service<Delivery, Future: 'static>,
    {
        let (arriving, arrivals) = mpsc::channel(WAITING);
        let (started, begun) = oneshot::channel();
        let (finish, finished) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(BLOCKING_THREADS)
            .build()?;
        let thread = std::thread::Builder::new().name(format!("worker-{number}"));
        thread.spawn(move || {
            // The library starts tasks of its own as soon as it is asked for anything.
            let work = async { work(services(), started, arrivals, drain_time).await };
            LocalSet::new().block_on(&runtime, work);
            // What a cut off request has left on another thread is nobody's to wait for.
            runtime.shutdown_background();
            let _ = finish.send(());
        })?;
        let broken = || io::Error::other("a worker cannot make its pages");
        begun.await.map_err(|_| broken())?;
        let load = Arc::default();
        Ok(Self {
            hand: Hand { arriving, load },
            finished,
        })
    }

    /// Takes up what has been handed to it, and lets it end.
    pub(super) async fn finish(self) {
        drop(self.hand);
        let _ = self.finished.await;
    }
}

async fn work<S, F>(
    services: F,
    started: oneshot::Sender<()>,
    mut arrivals: mpsc::Receiver<Arrival>,
    drain_time: Duration,
) where
    F: ServiceFactory<Delivery, Config = (), Service = S>,
    S: Service<Delivery, Future: 'static>,
{
    let Ok(service) = services.new_service(()).await else {
        return;
    };
    let _ = started.send(());
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            arrival = arrivals.recv() => {
                let Some(Arrival { parcel, counted }) = arrival else {
                    break;
                };
                let Ok(delivery) = parcel.open() else {
                    continue;
                };
                if std::future::poll_fn(|cx| service.poll_ready(cx)).await.is_err() {
                    continue;
                }
                let served = service.call(delivery);
                open.spawn_local(async move {
                    let _ = served.await;
                    drop(counted);
                });
            }
            Some(_) = open.join_next() => {}
        }
    }
    let end = async { while open.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(drain_time, end).await;
}
