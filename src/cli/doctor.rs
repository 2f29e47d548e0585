//! `inkstand doctor`: what breaks blogs, looked for before it does. The looking is done in `boot::doctor`.

use std::fmt::Write as _;

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::boot::doctor::{self, Finding, State};

use super::output::{Form, one_line};
use super::{Common, FAILED, Failure};

#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Only these checks; all without it
    #[arg(long = "only", value_name = "CHECK", value_delimiter = ',', value_parser = names())]
    only: Vec<String>,
    /// Only what is to be done: warnings and failures
    #[arg(long)]
    trouble: bool,
    #[command(flatten)]
    form: Form,
}

fn names() -> PossibleValuesParser {
    let checks = doctor::checks();
    PossibleValuesParser::new(checks.into_iter().map(|(name, _)| name))
}

impl Doctor {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let config = common.load(Vec::new())?;
        let mut findings = doctor::examine(&config, &self.only);
        let failures = count(&findings, State::Failure);
        let warnings = count(&findings, State::Warning);
        if self.trouble {
            findings.retain(|finding| finding.state >= State::Warning);
        }
        let answer = serde_json::json!({
            "items": findings,
            "failures": failures,
            "warnings": warnings,
        });
        self.form.tell(&answer, || {
            let said: String = findings.iter().map(words).collect();
            format!("{said}{failures} failures, {warnings} warnings")
        })?;
        match failures {
            0 => Ok(()),
            // What is wrong has been said.
            _ => Err(Failure {
                message: String::new(),
                code: FAILED,
            }),
        }
    }
}

fn count(findings: &[Finding], state: State) -> usize {
    findings
        .iter()
        .filter(|finding| finding.state == state)
        .count()
}

/// A line; where something is to be done, one for why it matters and one for what to do.
fn words(finding: &Finding) -> String {
    let Finding {
        check,
        state,
        found,
        why,
        advice,
    } = finding;
    let mut said = format!("{:<8} {check}: {}\n", state.as_str(), one_line(found));
    if let Some(advice) = advice {
        let advice = one_line(advice);
        let _ = writeln!(said, "{:9}Why: {why}.\n{:9}Do: {advice}.", "", "");
    }
    said
}
