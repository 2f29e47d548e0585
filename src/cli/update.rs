//! `inkstand update` and `inkstand rollback`: another version of the program, tried out before it serves
//! and taken back by itself when it does not prove itself.

use clap::Args;
use serde_json::json;

use crate::boot::updating::{self, Step};
use crate::config::Flag;
use crate::launcher;
use crate::update::Version;

use super::output::{Form, mention, say};
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
    #[command(flatten)]
    form: Form,
}

impl Update {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let channel = self
            .channel
            .as_ref()
            .map(|name| Flag::named("--channel", "update.channel", name.clone()));
        let config = common.load(channel.into_iter().collect())?;
        let to = self.to.as_deref().map(Version::parse).transpose()?;
        let found = updating::look(&config, to.as_ref())?;
        let version = &found.manifest.version;
        let answer = json!({
            "version": version.to_string(),
            "running": found.running.to_string(),
            "notes": found.manifest.notes,
        });
        self.form.tell(&answer, || {
            let notes = match found.manifest.notes.trim_end() {
                "" => String::new(),
                notes => format!("\n\n{notes}\n"),
            };
            format!("{version} is there; {} runs{notes}", found.running)
        })?;
        if self.check {
            return Ok(());
        }
        let seconds = config.update.trial_seconds;
        updating::take(&config, &found, |step| {
            if self.form.json {
                return;
            }
            mention(match step {
                Step::Downloaded => "It is downloaded and what it says it is".to_owned(),
                Step::Kept(path) => {
                    format!("The database as it is now is kept in {}", path.display())
                }
                Step::NotKept => {
                    "On PostgreSQL make a dump yourself; the new version is not tried on a copy"
                        .to_owned()
                }
                Step::WorksOnCopy => "It works on a copy of the database".to_owned(),
                Step::Serves => {
                    format!("{version} serves; it is trusted when it has done so for {seconds} s")
                }
                Step::AtNextStart => {
                    "Nothing runs here now: it is tried out at the next start".to_owned()
                }
            });
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
        return say("The version before runs from the next start on");
    };
    if let Some(error) = answer["error"].as_str() {
        return Err(Failure {
            message: format!("inkstand: {error}"),
            code: FAILED,
        });
    }
    say("The version before serves again")
}
