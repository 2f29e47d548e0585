//! A fixed number of connections, lent out one at a time each. A broken one is replaced on its
//! next use; a caller that waits too long is told the database is busy.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::QUEUE_TIMEOUT;
use super::error::StoreError;

pub(super) struct Pool<C> {
    /// `None` stands for a connection that is to be opened when it is next needed.
    idle: Mutex<Vec<Option<C>>>,
    returned: Condvar,
    open: Box<dyn Fn() -> Result<C, StoreError> + Send + Sync>,
}

impl<C> std::fmt::Debug for Pool<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pool")
    }
}

impl<C> Pool<C> {
    pub(super) fn new(
        size: usize,
        open: impl Fn() -> Result<C, StoreError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            idle: Mutex::new((0..size.max(1)).map(|_| None).collect()),
            returned: Condvar::new(),
            open: Box::new(open),
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Option<C>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lends a connection. `is_sound` is asked before one that was used is lent again.
    pub(super) fn take(&self, is_sound: impl Fn(&C) -> bool) -> Result<Lent<'_, C>, StoreError> {
        let deadline = Instant::now() + QUEUE_TIMEOUT;
        let mut idle = self.idle();
        let slot = loop {
            if let Some(slot) = idle.pop() {
                break slot;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(StoreError::Busy);
            }
            idle = self
                .returned
                .wait_timeout(idle, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        };
        drop(idle);
        let mut lent = Lent {
            pool: self,
            connection: slot.filter(is_sound),
        };
        if lent.connection.is_none() {
            lent.connection = Some((self.open)()?);
        }
        Ok(lent)
    }
}

impl<C> Pool<C> {
    /// Takes out every open connection nobody has on loan.
    pub(super) fn drain(&self) -> Vec<C> {
        self.idle().iter_mut().filter_map(Option::take).collect()
    }
}

/// A connection on loan; goes back when dropped.
pub(super) struct Lent<'a, C> {
    pool: &'a Pool<C>,
    connection: Option<C>,
}

impl<C> Lent<'_, C> {
    /// `None` never happens between `take` and the drop; callers answer it with Busy.
    pub(super) fn get(&mut self) -> Result<&mut C, StoreError> {
        self.connection.as_mut().ok_or(StoreError::Busy)
    }

    /// Closes the connection instead of giving it back: its state is not known.
    pub(super) fn discard(&mut self) {
        self.connection = None;
    }
}

impl<C> Drop for Lent<'_, C> {
    fn drop(&mut self) {
        self.pool.idle().push(self.connection.take());
        self.pool.returned.notify_one();
    }
}
