//! Which program runs: the one that was installed, or a version from the data directory that the owner's
//! trusted keys vouch for.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use crate::boot::updating;
use crate::config::Config;
use crate::launcher::{Keeper, Plan, Program};
use crate::update::{SlotError, Slots, Succession, Version};

use super::serve::plan;

/// Which version that is, it says itself once it runs: a package may have replaced it.
const INSTALLED: &str = "as installed";

/// What the launcher asks.
pub(super) struct Versions<R> {
    pub(super) installed: PathBuf,
    /// What this program was started with.
    pub(super) words: Vec<OsString>,
    /// Reads the configuration anew.
    pub(super) read: R,
}

impl<R: FnMut() -> Result<Config, String>> Versions<R> {
    fn slots(&mut self) -> Result<Slots, String> {
        updating::slots(&(self.read)()?).map_err(|error| error.to_string())
    }

    /// Runs the owner's program for when a version was taken back. Nobody waits for it.
    fn tell_of(&mut self, bad: Option<&Version>) {
        let hook = (self.read)().ok().and_then(|config| config.update.hook);
        if let (Some(hook), Some(bad)) = (hook, bad)
            && let Err(error) = Command::new(&hook).arg(bad.to_string()).spawn()
        {
            tracing::error!(%error, hook = %hook.display(), "update.hook cannot be run");
        }
    }

    fn chosen(&mut self) -> Result<Option<Program>, String> {
        let slots = self.slots()?;
        let before = slots.choice().map_err(|error| error.to_string())?;
        let choice = slots.start().map_err(|error| error.to_string())?;
        if choice.bad.len() > before.bad.len() {
            self.tell_of(before.current.as_ref());
        }
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
            version: INSTALLED.to_owned(),
            path: self.installed.clone(),
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

    fn successor(&mut self) -> Option<(PathBuf, Vec<OsString>)> {
        let mut found = || -> Result<Option<PathBuf>, String> {
            let slots = self.slots()?;
            let text = |error: SlotError| error.to_string();
            match slots.begin_launcher().map_err(text)? {
                Succession::Failed => Ok(None),
                Succession::Installed => Ok(Some(self.installed.clone())),
                Succession::Version(version) => slots.program(&version).map_err(text).map(Some),
            }
        };
        let program = found().unwrap_or_else(|error| {
            tracing::error!(error, "this launcher goes on");
            None
        })?;
        let mut words = self.words.clone();
        words.extend(["--succeed".into(), self.installed.clone().into()]);
        Some((program, words))
    }

    fn settled(&mut self) {
        let settled = self.slots().and_then(|slots| {
            let settled = slots.launcher_holds();
            settled.map_err(|error| error.to_string())
        });
        if let Err(error) = settled {
            tracing::error!(error, "that the launcher holds cannot be noted");
        }
    }

    fn roll_back(&mut self) -> Result<(), String> {
        let slots = self.slots()?;
        let before = slots.choice().map_err(|error| error.to_string())?;
        let rolled = slots.roll_back();
        let choice = rolled.map_err(|error: SlotError| error.to_string())?;
        let version = choice.current.unwrap_or_else(Version::own);
        tracing::warn!(%version, "the version before is to run again");
        self.tell_of(before.current.as_ref());
        Ok(())
    }
}
