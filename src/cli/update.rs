//! `inkstand update` and `inkstand rollback`: another version of the program, tried out before it serves
//! and taken back by itself when it does not prove itself.

use clap::Args;

use crate::boot::updating::{self, Step};
use crate::config::Flag;
use crate::launcher;
use crate::update::Version;

use super::{Common, FAILED, Failure};

#[derive(Debug, Args)]
pub(super) struct Update {
    /// Only say whether there is something new
    #[arg(long)]
    check: bool,
    /// Exactly this version, also an older one
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,
    /// Another channel than that of the configuration
    #[arg(long)]
    channel: Option<String>,
}

impl Update {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let channel = self
            .channel
            .map(|name| Flag::named("--channel", "update.channel", name));
        let config = common.load(channel.into_iter().collect())?;
        let to = self.to.as_deref().map(Version::parse).transpose()?;
        let found = updating::look(&config, to.as_ref())?;
        let version = &found.manifest.version;
        println!("{version} is there; {} runs", found.running);
        if !found.manifest.notes.is_empty() {
            println!("\n{}\n", found.manifest.notes.trim_end());
        }
        if self.check {
            return Ok(());
        }
        let seconds = config.update.trial_seconds;
        updating::take(&config, &found, |step| match step {
            Step::Downloaded => println!("It is downloaded and what it says it is"),
            Step::Kept(path) => {
                println!("The database as it is now is kept in {}", path.display());
            }
            Step::NotKept => {
                println!(
                    "On PostgreSQL make a dump yourself; the new version is not tried on a copy"
                );
            }
            Step::WorksOnCopy => println!("It works on a copy of the database"),
            Step::Serves => {
                println!("{version} serves; it is trusted when it has done so for {seconds} s");
            }
            Step::AtNextStart => {
                println!("Nothing runs here now: it is tried out at the next start");
            }
        })?;
        Ok(())
    }
}

/// Puts the version before in the place of the present one.
pub(super) fn roll_back(common: Common) -> Result<(), Failure> {
    let config = common.load(Vec::new())?;
    updating::same_user(&config)?;
    let Ok(answer) = launcher::ask(&config.data_dir, "rollback") else {
        updating::slots(&config)?.roll_back()?;
        println!("The version before runs from the next start on");
        return Ok(());
    };
    if let Some(error) = answer["error"].as_str() {
        return Err(Failure {
            message: format!("inkstand: {error}"),
            code: FAILED,
        });
    }
    println!("The version before serves again");
    Ok(())
}
