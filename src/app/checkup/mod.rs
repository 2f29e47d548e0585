//! Whether what the site holds is sound: the database, the files, what texts refer to, redirects, settings,
//! and what is derived from all this. Nothing is changed. Works beside a running site: everything is read in
//! short steps.
//!
//! Must not know which addresses the program has besides those of posts, tags, people and files: whoever
//! asks says that.

mod addresses;
mod files;
mod texts;
mod whole;

use serde::Serialize;

use crate::domain::actor::{Act, Actor};

use super::{App, Error, require};

/// More findings than this are counted, not told: who has so many begins with the first.
const MAX_FINDINGS: usize = 500;
/// Things read in one transaction.
const BATCH: u32 = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// It could be better.
    Advice,
    /// Something is broken.
    Wrong,
}

/// What is being looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    Database,
    Files,
    Texts,
    Redirects,
    Settings,
    Search,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub weight: Weight,
    pub part: Part,
    /// Where it is: an address, or a name and a number.
    pub place: String,
    pub found: String,
    /// What to do.
    pub advice: String,
}

/// What a check needs to know from elsewhere.
pub struct Means<'a> {
    /// The site's own address, without a slash at its end.
    pub base_url: &'a str,
    /// The program itself has something at this path.
    pub is_page: &'a dyn Fn(&str) -> bool,
    /// Read every file to its last byte.
    pub thorough: bool,
    /// A server runs that keeps what is derived in step.
    pub is_served: bool,
}

impl std::fmt::Debug for Means<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Means")
            .field("thorough", &self.thorough)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// In the order in which they were found.
    pub findings: Vec<Finding>,
    /// Findings beyond those.
    pub more: usize,
    pub posts: u64,
    pub files: u64,
    pub redirects: u64,
}

impl Report {
    fn add(&mut self, finding: Finding) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(finding);
        } else {
            self.more += 1;
        }
    }

    pub fn wrong(
        &mut self,
        part: Part,
        place: impl Into<String>,
        found: impl Into<String>,
        advice: &str,
    ) {
        self.add(Finding {
            weight: Weight::Wrong,
            part,
            place: place.into(),
            found: found.into(),
            advice: advice.to_owned(),
        });
    }

    fn advice(
        &mut self,
        part: Part,
        place: impl Into<String>,
        found: impl Into<String>,
        advice: &str,
    ) {
        self.add(Finding {
            weight: Weight::Advice,
            part,
            place: place.into(),
            found: found.into(),
            advice: advice.to_owned(),
        });
    }

    /// Whether something is broken.
    pub fn is_wrong(&self) -> bool {
        self.more > 0
            || self
                .findings
                .iter()
                .any(|finding| finding.weight == Weight::Wrong)
    }
}

/// Looks at everything. `told` hears what is being looked at, and how many of it are done.
pub fn check(
    app: &App,
    actor: &Actor,
    means: &Means<'_>,
    told: &mut dyn FnMut(Part, u64),
) -> Result<Report, Error> {
    require(actor, Act::ManageSystem)?;
    let mut report = Report::default();
    told(Part::Database, 0);
    whole::database(app, &mut report)?;
    files::check(app, means, &mut report, told)?;
    texts::check(app, means, &mut report, told)?;
    whole::redirects(app, means, &mut report, told)?;
    told(Part::Settings, 0);
    whole::settings(app, means, &mut report)?;
    told(Part::Search, 0);
    whole::search(app, means, &mut report)?;
    Ok(report)
}
