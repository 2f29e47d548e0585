//! A thread that serves connections, with a runtime of its own: what it does for one never waits for
//! another thread. Must not know where connections come from.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_service::{Service, ServiceFactory};
use actix_web::rt::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinSet, LocalSet};

/// Connections that have been accepted and not yet taken up. Beyond that the system holds them.
const WAITING: usize = 64;
/// Threads a worker may have for work that waits, like the database's. Each holds memory.
const BLOCKING_THREADS: usize = 3;

#[derive(Debug)]
pub(super) struct Worker {
    arriving: mpsc::Sender<Arrival>,
    load: Arc<AtomicUsize>,
    finished: oneshot::Receiver<()>,
}

/// A connection, counted from its acceptance to its end.
struct Arrival {
    stream: std::net::TcpStream,
    counted: Counted,
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
        F: ServiceFactory<TcpStream, Config = (), Service = S>,
        S: Service<TcpStream, Future: 'static>,
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
        Ok(Self {
            arriving,
            load: Arc::default(),
            finished,
        })
    }

    /// Connections it has now.
    pub(super) fn load(&self) -> usize {
        self.load.load(Ordering::Relaxed)
    }

    pub(super) async fn hand(&self, stream: TcpStream) {
        // Handed over as the system knows it: each runtime watches its own.
        let Ok(stream) = stream.into_std() else {
            return;
        };
        self.load.fetch_add(1, Ordering::Relaxed);
        let counted = Counted(Arc::clone(&self.load));
        // It takes all there are until it is told to finish.
        let _ = self.arriving.send(Arrival { stream, counted }).await;
    }

    /// Takes up what has been handed to it, and lets it end.
    pub(super) async fn finish(self) {
        drop(self.arriving);
        let _ = self.finished.await;
    }
}

async fn work<S, F>(
    services: F,
    started: oneshot::Sender<()>,
    mut arrivals: mpsc::Receiver<Arrival>,
    drain_time: Duration,
) where
    F: ServiceFactory<TcpStream, Config = (), Service = S>,
    S: Service<TcpStream, Future: 'static>,
{
    let Ok(service) = services.new_service(()).await else {
        return;
    };
    let _ = started.send(());
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            arrival = arrivals.recv() => {
                let Some(Arrival { stream, counted }) = arrival else {
                    break;
                };
                let Ok(stream) = TcpStream::from_std(stream) else {
                    continue;
                };
                if std::future::poll_fn(|cx| service.poll_ready(cx)).await.is_err() {
                    continue;
                }
                let served = service.call(stream);
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
