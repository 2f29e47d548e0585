//! The verbs of the blog: what people, scripts and jobs can do. A verb takes an `Actor`, decides
//! whether it may, and is one transaction. Pages, API, command line and jobs all call the same ones.
//!
//! Verbs block on the database; the web calls them on blocking threads. Knows no HTTP.

pub mod accounts;
pub mod certificates;
mod error;
pub mod feeds;
pub mod machines;
pub mod media;
pub mod pictures;
pub mod posts;
pub mod reader;
pub mod redirects;
pub mod rendering;
pub mod sample;
pub mod search;
pub mod secrets;
pub mod settings;
pub mod tags;

use std::sync::Arc;

use crate::blobs::Blobs;
use crate::db::Db;
use crate::domain::actor::{Act, Actor};
use crate::pictures::Painter;
use crate::search::Index;

pub use error::{Error, FieldError};

/// What the verbs work on. Clones share it.
#[derive(Debug, Clone)]
pub struct App {
    pub db: Db,
    pub index: Index,
    blobs: Blobs,
    painter: Arc<Painter>,
    passwords: Arc<secrets::PasswordGate>,
}

impl App {
    pub fn new(db: Db, index: Index, blobs: Blobs, painter: Painter) -> Self {
        Self {
            db,
            index,
            blobs,
            painter: Arc::new(painter),
            passwords: Arc::default(),
        }
    }
}

/// The one question before every act.
fn require(actor: &Actor, act: Act<'_>) -> Result<(), Error> {
    if actor.may(act) {
        Ok(())
    } else {
        Err(Error::Forbidden)
    }
}
