//! `inkstand check`: whether what the site holds is sound. The looking is done in `app::checkup`.

use std::fmt::Write as _;

use clap::Args;

use crate::app::checkup::{Finding, Part, Report, Weight};
use crate::boot;

use super::output::{Form, one_line};
use super::progress::Telling;
use super::{Common, FAILED, Failure};

#[derive(Debug, Args)]
pub(super) struct Check {
    /// Do not read files to their last byte, only look at their sizes
    #[arg(long)]
    quick: bool,
    /// Only what is wrong, without advice
    #[arg(long)]
    wrong: bool,
    #[command(flatten)]
    telling: Telling,
    #[command(flatten)]
    form: Form,
}

impl Check {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let config = common.load(Vec::new())?;
        let app = boot::open_app(&config, false)?;
        let mut looked_at = Part::Database;
        let what = name_of(looked_at);
        let mut progress = self.telling.begin(what, None, self.form.json);
        let mut report = boot::check_site(&config, &app, !self.quick, &mut |part, done| {
            if part != looked_at {
                looked_at = part;
                progress.goes_on(name_of(part), None);
            }
            progress.is_at(done);
        })?;
        drop(progress);
        let is_wrong = report.is_wrong();
        if self.wrong {
            report
                .findings
                .retain(|finding| finding.weight == Weight::Wrong);
        }
        report
            .findings
            .sort_by_key(|finding| std::cmp::Reverse(finding.weight));
        self.form.tell(&report, || for_people(&report))?;
        if is_wrong {
            // What is wrong has been said.
            return Err(Failure {
                message: String::new(),
                code: FAILED,
            });
        }
        Ok(())
    }
}

fn name_of(part: Part) -> &'static str {
    match part {
        Part::Database => "Checking the database",
        Part::Files => "Checking files",
        Part::Texts => "Checking posts",
        Part::Redirects => "Checking redirects",
        Part::Settings => "Checking settings",
        Part::Search => "Checking the search index",
    }
}

fn for_people(report: &Report) -> String {
    let mut text: String = report.findings.iter().map(words).collect();
    if report.more > 0 {
        let _ = writeln!(text, "And {} more like these.", report.more);
    }
    let Report {
        posts,
        files,
        redirects,
        ..
    } = report;
    let wrong = report
        .findings
        .iter()
        .filter(|finding| finding.weight == Weight::Wrong);
    let count = wrong.count();
    let seen = format!("{posts} posts, {files} files and {redirects} redirects were looked at");
    match count {
        0 => format!("{text}{seen}; nothing is wrong"),
        count => format!("{text}{seen}; {count} things are wrong"),
    }
}

fn words(finding: &Finding) -> String {
    let weight = match finding.weight {
        Weight::Wrong => "wrong",
        Weight::Advice => "advice",
    };
    let (place, found) = (one_line(&finding.place), one_line(&finding.found));
    format!(
        "{weight:<8} {place}: {found}\n{:9}Do: {}.\n",
        "", finding.advice
    )
}
