//! `inkstand status` and `inkstand reload`: what a running site's launcher says and does.

use std::io;

use clap::Args;
use serde_json::Value;

use crate::boot;
use crate::launcher;

use super::output::say;
use super::{Common, Failure, failed};

#[derive(Debug, Args)]
pub(super) struct Status {
    /// As the launcher says it, for scripts
    #[arg(long)]
    json: bool,
}

impl Status {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let config = common.clone().load(Vec::new())?;
        let mut status = ask(common, "status")?;
        // The launcher knows nothing of certificates; the store does.
        let certificates = boot::certificates(&config);
        if self.json {
            status["certificates"] = serde_json::to_value(certificates.unwrap_or_default())?;
            return say(status);
        }
        let mut lines = vec![format!(
            "Inkstand {}, process {}",
            text(&status["version"]),
            status["pid"]
        )];
        for server in status["servers"].as_array().into_iter().flatten() {
            let (stage, seconds) = (text(&server["stage"]), &server["seconds"]);
            lines.push(format!(
                "  server {}: {stage} for {seconds} s",
                server["pid"]
            ));
        }
        lines.push(format!("  handovers: {}", status["handovers"]));
        match certificates {
            Ok(certificates) => {
                for certificate in certificates {
                    lines.push(format!("  certificate for {certificate}"));
                }
            }
            Err(error) => lines.push(format!("  certificates cannot be looked at: {error}")),
        }
        if let Some(failure) = status["last_failure"].as_object() {
            let (ago, why) = (&failure["seconds_ago"], text(&failure["why"]));
            lines.push(format!("Last failure, {ago} s ago: {why}"));
            for line in failure["last_words"].as_array().into_iter().flatten() {
                lines.push(format!("  | {}", text(line)));
            }
        }
        say(lines.join("\n"))
    }
}

/// Puts a new server in the place of the running one.
pub(super) fn reload(common: Common) -> Result<(), Failure> {
    ask(common, "reload")?;
    say("A new server has taken over")
}

fn ask(common: Common, command: &str) -> Result<Value, Failure> {
    let data_dir = common.load(Vec::new())?.data_dir;
    let answer = launcher::ask(&data_dir, command).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => failed(format!(
            "nothing runs on {}; start it with: inkstand serve",
            data_dir.display()
        )),
        _ => failed(format!("the launcher does not answer: {error}")),
    })?;
    match answer["error"].as_str() {
        Some(error) => Err(failed(error)),
        None => Ok(answer),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
