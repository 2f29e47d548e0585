//! Threads that shake hands with those who come encrypted, apart from the threads that serve: however
//! many knock, the pages of those who are in do not wait for them.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use metrics::{Counter, counter};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinSet, LocalSet};

use super::connections::{Connections, Place};
use super::wire::Parcel;
use super::worker::Hands;
use crate::telemetry::catalogue;
use crate::tls::Door;

/// How long shaking hands may take.
const HANDSHAKE_TIME: Duration = Duration::from_secs(3);
/// Handshakes in progress on one thread; whoever comes on top is sent away at once, because among so many
/// most are there to be in the way.
const MAX_HANDSHAKES: usize = 1024;
/// Connections that have been accepted and not yet taken up.
const WAITING: usize = 64;

#[derive(Debug)]
pub(super) struct Entrance {
    threads: Vec<Thread>,
    next: AtomicUsize,
}

#[derive(Debug)]
struct Thread {
    arriving: mpsc::Sender<std::net::TcpStream>,
    finished: oneshot::Receiver<()>,
}

/// What one thread needs.
#[derive(Clone)]
struct Desk {
    door: Door,
    connections: Arc<Connections>,
    hands: Hands,
    failed: Counter,
}

impl Entrance {
    /// Half as many threads as there are workers.
    pub(super) fn open(
        door: &Door,
        connections: &Arc<Connections>,
        hands: &Hands,
    ) -> io::Result<Self> {
        let count = hands.count().div_ceil(2);
        let desk = Desk {
            door: door.clone(),
            connections: Arc::clone(connections),
            hands: hands.clone(),
            failed: counter!(catalogue::TLS_FAILED_HANDSHAKES),
        };
        let threads = (0..count).map(|number| Thread::start(number, desk.clone()));
        Ok(Self {
            threads: threads.collect::<io::Result<_>>()?,
            next: AtomicUsize::new(0),
        })
    }

    pub(super) async fn hand(&self, stream: TcpStream) {
        let Ok(stream) = stream.into_std() else {
            return;
        };
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        if let Some(thread) = self.threads.get(next % self.threads.len().max(1)) {
            let _ = thread.arriving.send(stream).await;
        }
    }

    /// Lets those who are shaking hands come in, and nobody after them.
    pub(super) async fn finish(self) {
        for thread in self.threads {
            drop(thread.arriving);
            let _ = thread.finished.await;
        }
    }
}

impl Thread {
    fn start(number: usize, desk: Desk) -> io::Result<Self> {
        let (arriving, arrivals) = mpsc::channel(WAITING);
        let (finish, finished) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().max_blocking_threads(1).build()?;
        let thread = std::thread::Builder::new().name(format!("entrance-{number}"));
        thread.spawn(move || {
            LocalSet::new().block_on(&runtime, receive(desk, arrivals));
            runtime.shutdown_background();
            let _ = finish.send(());
        })?;
        Ok(Self { arriving, finished })
    }
}

async fn receive(desk: Desk, mut arrivals: mpsc::Receiver<std::net::TcpStream>) {
    let mut shaking = JoinSet::new();
    loop {
        tokio::select! {
            arrival = arrivals.recv() => {
                let Some(stream) = arrival else { break };
                if shaking.len() < MAX_HANDSHAKES {
                    shaking.spawn_local(desk.clone().admit(stream));
                } else {
                    desk.failed.increment(1);
                }
            }
            Some(_) = shaking.join_next() => {}
        }
    }
    while shaking.join_next().await.is_some() {}
}

impl Desk {
    async fn admit(self, stream: std::net::TcpStream) {
        let Ok(address) = stream.peer_addr() else {
            return;
        };
        // Told in clear nobody would understand it, and a handshake is too much for a refusal.
        let Some(place) = self.connections.admit(address.ip()) else {
            return;
        };
        let shaken = tokio::time::timeout(HANDSHAKE_TIME, self.shake(stream, place)).await;
        match shaken {
            Ok(Ok(Some(parcel))) => self.hands.hand(parcel).await,
            Ok(Ok(None)) => {}
            Ok(Err(error)) => {
                self.failed.increment(1);
                tracing::debug!(%error, "hands could not be shaken");
            }
            Err(_) => self.failed.increment(1),
        }
    }

    async fn shake(&self, stream: std::net::TcpStream, place: Place) -> io::Result<Option<Parcel>> {
        let stream = TcpStream::from_std(stream)?;
        stream.set_nodelay(true)?;
        let Some((stream, session)) = self.door.enter(stream).await? else {
            return Ok(None);
        };
        Ok(Some(Parcel {
            stream: stream.into_std()?,
            encrypted: Some((session, place)),
        }))
    }
}
