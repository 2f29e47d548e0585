//! The verbs of the blog: what people, scripts and jobs can do. A verb takes an `Actor`, decides
//! whether it may, and is one transaction. Pages, API, command line and jobs all call the same ones.
//!
//! Verbs block on the database; the web calls them on blocking threads. Knows no HTTP.

pub mod accounts;
pub mod answers;
pub mod audit;
pub mod certificates;
pub mod checkup;
pub mod clients;
mod error;
pub mod feeds;
pub mod grants;
pub mod joining;
pub mod machines;
pub mod media;
pub mod micropub;
pub mod moving;
pub mod passkeys;
pub mod people;
pub mod pictures;
pub mod posts;
pub mod reader;
pub mod redirects;
pub mod rendering;
mod rounds;
pub mod sample;
pub mod search;
pub mod second_factor;
pub mod secrets;
pub mod settings;
pub mod tags;
pub mod tokens;
pub mod webauthn;
pub mod webhooks;

use std::sync::Arc;

use crate::blobs::Blobs;
use crate::db::Db;
use crate::domain::actor::{Act, Actor};
use crate::outbound::Outbound;
use crate::pictures::Painter;
use crate::pictures::workshop::Workshop;
use crate::search::Index;

pub use error::{Error, FieldError};
pub use rounds::{Round, Rounds};

/// What the verbs work on. Clones share it.
#[derive(Debug, Clone)]
pub struct App {
    pub db: Db,
    pub index: Index,
    /// What the jobs did last.
    pub rounds: Rounds,
    /// How deliveries to webhooks went.
    pub tally: Arc<webhooks::Tally>,
    outbound: Outbound,
    blobs: Blobs,
    painter: Arc<Painter>,
    workshop: Arc<Workshop>,
    passwords: Arc<secrets::PasswordGate>,
}

impl App {
    pub fn new(db: Db, index: Index, blobs: Blobs, painter: Painter) -> Self {
        Self {
            db,
            index,
            rounds: Rounds::default(),
            tally: Arc::default(),
            outbound: Outbound::default(),
            blobs,
            painter: Arc::new(painter),
            workshop: Arc::default(),
            passwords: Arc::default(),
        }
    }

    /// The same, with another way to servers whose addresses people give.
    #[must_use]
    pub fn with_outbound(self, outbound: Outbound) -> Self {
        Self { outbound, ..self }
    }
}

/// The one question before every act.
fn require(actor: &Actor, act: Act<'_>) -> Result<(), Error> {
    match actor.missing_scopes(act) {
        _ if actor.may(act) => Ok(()),
        [] => Err(Error::Forbidden),
        missing => Err(Error::OutOfScope(missing)),
    }
}
