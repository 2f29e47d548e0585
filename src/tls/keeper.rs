//! Keeps the door supplied: the owner's files or the issuers' certificates, tickets' keys, and something
//! of our own while there is nothing better.

use std::sync::Arc;
use std::time::Duration;

use super::certificate::{Certificate, CertificateError};
use super::challenges::Challenges;
use super::door::Door;
use super::own::{Files, Watched};
use super::papers::{PaperError, Papers};
use super::tickets::{Ring, Tickets};
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::host::Host;
use crate::domain::time::Timestamp;

/// How often files and papers are looked at.
const LOOK_PAUSE: Duration = Duration::from_secs(2);
const TICKETS: &str = "tickets";

#[derive(Debug, thiserror::Error)]
pub enum KeeperError {
    #[error("{0}")]
    Papers(#[from] PaperError),
    #[error("{0}")]
    Certificate(#[from] CertificateError),
    #[error("encryption cannot be set up: {0}")]
    Rustls(#[from] rustls::Error),
}

#[derive(Debug, Clone)]
pub struct Options {
    /// The site's names, the one it is known by first.
    pub hosts: Vec<Host>,
    pub files: Option<Files>,
    /// How long browsers are told to come encrypted only.
    pub insist_seconds: u32,
}

#[derive(Debug)]
pub struct Keeper {
    options: Options,
    papers: Papers,
    door: Door,
    tickets: Arc<Tickets>,
    files: Option<Watched>,
    own: Certificate,
}

pub(super) fn now() -> Timestamp {
    SystemClock.now()
}

impl Keeper {
    /// Opens the door with what there is. Blocks.
    pub fn open(options: Options, papers: Papers) -> Result<Self, KeeperError> {
        let tickets = Arc::new(Tickets::new(now));
        let challenges = Challenges::new(papers.clone());
        let door = Door::new(challenges, Arc::<Tickets>::clone(&tickets))?;
        let mut keeper = Self {
            files: options.files.clone().map(Watched::new),
            own: Certificate::self_signed(&options.hosts, now())?,
            options,
            papers,
            door,
            tickets,
        };
        keeper.door.show(std::slice::from_ref(&keeper.own), true);
        keeper.turn_tickets();
        keeper.look_at_files();
        Ok(keeper)
    }

    pub fn door(&self) -> Door {
        self.door.clone()
    }

    /// Goes on until it is dropped.
    pub async fn run(mut self) {
        loop {
            tokio::time::sleep(LOOK_PAUSE).await;
            let looked = tokio::task::spawn_blocking(move || {
                self.turn_tickets();
                self.look_at_files();
                self
            });
            let Ok(keeper) = looked.await else { return };
            self = keeper;
        }
    }

    fn turn_tickets(&self) {
        let turned = || -> Result<Ring, PaperError> {
            let ring = self.papers.get_now::<Ring>(TICKETS)?.unwrap_or_default();
            let (ring, is_new) = ring.turned(now())?;
            if is_new {
                self.papers.put_now(TICKETS, &ring)?;
            }
            Ok(ring)
        };
        match turned() {
            Ok(ring) => self.tickets.use_keys(ring),
            Err(error) => tracing::warn!(%error, "visitors cannot come back with tickets"),
        }
    }

    fn look_at_files(&mut self) {
        let found = self.files.as_mut().and_then(Watched::look);
        match found {
            None => {}
            Some(Ok(certificate)) => {
                tracing::info!(names = ?certificate.facts.names, "the certificate files are in use");
                self.door.show(&[certificate, self.own.clone()], false);
                self.door.insist(self.options.insist_seconds);
            }
            Some(Err(error)) => tracing::error!(%error, "the certificate files cannot be used"),
        }
    }
}
