//! Which program runs: the one that was installed, or a version from the data directory that the owner's
//! trusted keys vouch for.

use std::path::PathBuf;

use crate::boot::updating;
use crate::config::Config;
use crate::launcher::{Keeper, Plan, Program};
use crate::update::{SlotError, Slots, Version};

use super::serve::plan;

/// What the launcher asks.
pub(super) struct Versions<R> {
    pub(super) installed: PathBuf,
    /// Reads the configuration anew.
    pub(super) read: R,
}

impl<R: FnMut() -> Result<Config, String>> Versions<R> {
    fn slots(&mut self) -> Result<Slots, String> {
        updating::slots(&(self.read)()?).map_err(|error| error.to_string())
    }

    fn chosen(&mut self) -> Result<Option<Program>, String> {
        let slots = self.slots()?;
        let choice = slots.start().map_err(|error| error.to_string())?;
        let Some(version) = choice.current else {
            return Ok(None);
        };
        let path = slots.program(&version).map_err(|error| error.to_string())?;
        Ok(Some(Program {
            path,
            version: version.to_string(),
            is_on_trial: choice.trial.is_some(),
        }))
    }
}

impl<R: FnMut() -> Result<Config, String>> Keeper for Versions<R> {
    fn plan(&mut self) -> Result<Plan, String> {
        (self.read)().map(|config| plan(&config))
    }

    fn program(&mut self) -> Program {
        let chosen = self.chosen().unwrap_or_else(|error| {
            tracing::error!(error, "the program runs as it was installed");
            None
        });
        chosen.unwrap_or_else(|| Program {
            path: self.installed.clone(),
            version: Version::own().to_string(),
            is_on_trial: false,
        })
    }

    fn proved(&mut self) {
        let proved = self
            .slots()
            .and_then(|slots| slots.prove().map_err(|error| error.to_string()));
        if let Err(error) = proved {
            tracing::error!(error, "that the version proved itself cannot be noted");
        }
    }

    fn roll_back(&mut self) -> Result<(), String> {
        let rolled = self.slots()?.roll_back();
        let choice = rolled.map_err(|error: SlotError| error.to_string())?;
        let version = choice.current.unwrap_or_else(Version::own);
        tracing::warn!(%version, "the version before is to run again");
        Ok(())
    }
}
