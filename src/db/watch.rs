//! Hears of what other processes commit: the other server during a handover, a command beside a
//! running site, another node. SQLite is asked a cheap question a few times a second; PostgreSQL
//! notifies, and is asked every two seconds in case a notification was lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use postgres::fallible_iterator::FallibleIterator;

use super::error::StoreError;
use super::tx::feed_state;
use super::{Db, Engine};

const SQLITE_POLL: Duration = Duration::from_millis(200);
const POSTGRES_POLL: Duration = Duration::from_secs(2);
/// A watch that lost its connection tries again after this long.
const RETRY: Duration = Duration::from_secs(2);

/// Watches until dropped.
#[derive(Debug)]
pub struct FeedWatch {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl FeedWatch {
    pub fn start(db: &Db) -> Result<Self, StoreError> {
        let stop = Arc::new(AtomicBool::new(false));
        let (db, stopped) = (db.clone(), stop.clone());
        let thread = std::thread::Builder::new()
            .name("feed-watch".to_owned())
            .spawn(move || {
                while !stopped.load(Ordering::Relaxed) {
                    if let Err(error) = watch(&db, &stopped) {
                        tracing::warn!(%error, "lost sight of other processes' changes; trying again");
                        std::thread::park_timeout(RETRY);
                    }
                }
            })
            .map_err(StoreError::backend)?;
        Ok(Self {
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for FeedWatch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

fn watch(db: &Db, stop: &AtomicBool) -> Result<(), StoreError> {
    match &db.shared.engine {
        Engine::Sqlite(sqlite) => {
            let connection = sqlite.open_watcher()?;
            let mut seen = 0_i64;
            while !stop.load(Ordering::Relaxed) {
                let version =
                    connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
                if version != seen {
                    seen = version;
                    look(db)?;
                }
                std::thread::park_timeout(SQLITE_POLL);
            }
        }
        Engine::Postgres(postgres) => {
            let mut client = postgres.open_watcher()?;
            while !stop.load(Ordering::Relaxed) {
                look(db)?;
                let mut notifications = client.notifications();
                // One wake-up may stand for many commits; the state is read once for all.
                notifications.timeout_iter(POSTGRES_POLL).next()?;
                while notifications.iter().next()?.is_some() {}
                drop(notifications);
                // A closed connection says "nothing new" at once, and would be asked for ever.
                if client.is_closed() {
                    return Err(StoreError::Busy);
                }
            }
        }
    }
    Ok(())
}

fn look(db: &Db) -> Result<(), StoreError> {
    let (seq, generation) = db.read(feed_state)?;
    db.shared.tools.announce(seq, generation);
    Ok(())
}
