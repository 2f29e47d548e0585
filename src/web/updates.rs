//! What the page about the system knows of versions and can have done. How it is done is not the web's
//! business.

use serde::Serialize;

/// How things stand.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Standing {
    /// The version that answers now.
    pub running: String,
    /// When releases come from somewhere.
    pub is_on: bool,
    pub newest: Option<Newer>,
    /// Why there is nothing to take, or what went wrong with it.
    pub problem: Option<String>,
    /// What is being done right now.
    pub doing: Option<String>,
    /// Why a server ended that should not have, and what it said last.
    pub failure: Option<Failure>,
    pub bad: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Newer {
    pub version: String,
    pub notes: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct Failure {
    pub why: String,
    pub seconds_ago: u64,
    pub last_words: Vec<String>,
}

pub trait Updates: std::fmt::Debug + Send + Sync {
    /// May ask the launcher; call it where waiting does no harm.
    fn standing(&self) -> Standing;
    /// Looks for a newer version, away from whoever asks.
    fn look(&self);
    /// Puts the newest version in the place of this one, away from whoever asks.
    fn take(&self);
}
