//! `inkstand config`: what would be used, and what is wrong with it.

use clap::Subcommand;

use super::output::say;
use super::{Common, Failure, misused};

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Report every mistake at once
    Check,
    /// Print what would be used and where each value comes from, without secrets
    Show,
    /// Print a file with every option explained, and nothing set
    Example,
}

impl ConfigCommand {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let sources = common.sources(Vec::new())?;
        let report = match self {
            Self::Check => crate::config::check_report(&sources),
            Self::Show => crate::config::show(&sources),
            Self::Example => Ok(crate::config::example()),
        };
        say(report.map_err(misused)?.trim_end())
    }
}
