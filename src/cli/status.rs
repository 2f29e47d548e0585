//! `inkstand status` and `inkstand reload`: what a running site's launcher says and does.

use std::io;

use clap::Args;
use serde_json::Value;

use crate::boot;
use crate::launcher;

use super::{Common, FAILED, Failure};

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
            println!("{status}");
            return Ok(());
        }
        println!(
            "Inkstand {}, process {}",
            text(&status["version"]),
            status["pid"]
        );
        for server in status["servers"].as_array().into_iter().flatten() {
            let (stage, seconds) = (text(&server["stage"]), &server["seconds"]);
            println!("  server {}: {stage} for {seconds} s", server["pid"]);
        }
        println!("  handovers: {}", status["handovers"]);
        match certificates {
            Ok(certificates) => {
                for certificate in certificates {
                    println!("  certificate for {certificate}");
                }
            }
            Err(error) => println!("  certificates cannot be looked at: {error}"),
        }
        if let Some(failure) = status["last_failure"].as_object() {
            println!(
                "Last failure, {} s ago: {}",
                failure["seconds_ago"],
                text(&failure["why"])
            );
            for line in failure["last_words"].as_array().into_iter().flatten() {
                println!("  | {}", text(line));
            }
        }
        Ok(())
    }
}

/// Puts a new server in the place of the running one.
pub(super) fn reload(common: Common) -> Result<(), Failure> {
    ask(common, "reload")?;
    println!("A new server has taken over");
    Ok(())
}

fn ask(common: Common, command: &str) -> Result<Value, Failure> {
    let data_dir = common.load(Vec::new())?.data_dir;
    let answer = launcher::ask(&data_dir, command).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => failed(&format!(
            "nothing runs on {}; start it with: inkstand serve",
            data_dir.display()
        )),
        _ => failed(&format!("the launcher does not answer: {error}")),
    })?;
    match answer["error"].as_str() {
        Some(error) => Err(failed(error)),
        None => Ok(answer),
    }
}

fn failed(why: &str) -> Failure {
    Failure {
        message: format!("inkstand: {why}"),
        code: FAILED,
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
