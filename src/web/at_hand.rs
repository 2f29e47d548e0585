//! The site's settings, held ready for what cannot wait for the database: the page that says what
//! went wrong is made on a thread that serves, and must not block it. Must not know what they are
//! used for.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::app::{App, settings};
use crate::domain::settings::Settings;

/// Never the number of a generation: the settings could not be read and are to be tried again.
const UNREAD: u64 = u64::MAX;

#[derive(Debug)]
pub(super) struct AtHand {
    settings: RwLock<Arc<Settings>>,
    generation: AtomicU64,
}

impl AtHand {
    /// Reads the settings for the first time, so call it before serving begins.
    pub(super) fn new(app: &App) -> Self {
        let at_hand = Self {
            settings: RwLock::default(),
            generation: AtomicU64::new(app.db.generation()),
        };
        at_hand.read(app);
        at_hand
    }

    /// The settings as they were last read, without waiting. When the site has changed since, they are
    /// read again behind the scenes: whoever asks next has the new ones.
    pub(super) fn settings(self: &Arc<Self>, app: &App) -> Arc<Settings> {
        let newest = app.db.generation();
        if self.generation.swap(newest, Ordering::Relaxed) != newest {
            let (at_hand, app) = (Arc::clone(self), app.clone());
            tokio::task::spawn_blocking(move || at_hand.read(&app));
        }
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn read(&self, app: &App) {
        match settings::read(app) {
            Ok(read) => {
                let mut settings = self
                    .settings
                    .write()
                    .unwrap_or_else(PoisonError::into_inner);
                *settings = Arc::new(read);
            }
            Err(error) => {
                tracing::debug!(%error, "the settings at hand stay as they are");
                self.generation.store(UNREAD, Ordering::Relaxed);
            }
        }
    }
}
