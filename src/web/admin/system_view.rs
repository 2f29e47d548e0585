//! What the page about the system says: figures as people read them, and for each thing that is not well
//! what to do about it.

use serde::Serialize;

use crate::app::{self, search};
use crate::domain::settings::Settings;
use crate::telemetry::{disk, process, recent};
use crate::web::health::Outcome;
use crate::web::state::Site;
use crate::web::updates::Standing;

use super::view::Moment;

/// Below this part of the disk, and below this many bytes, room is running out.
const SCARCE_PART: u64 = 20;
const SCARCE_BYTES: u64 = 512 * 1024 * 1024;
/// Changes the search index may be behind for a moment.
const USUAL_LAG: u64 = 100;

#[derive(Debug, Serialize)]
pub(super) struct System {
    #[serde(flatten)]
    standing: Standing,
    certificates: Vec<Certificate>,
    facts: Vec<Fact>,
    checks: Vec<Finding>,
    jobs: Vec<Job>,
    log: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Fact {
    name: &'static str,
    value: String,
}

/// How one thing is.
#[derive(Debug, Serialize)]
struct Finding {
    name: &'static str,
    is_well: bool,
    says: String,
    /// What to do, where it is not well.
    advice: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Job {
    name: &'static str,
    at: Option<Moment>,
    failure: Option<String>,
}

impl System {
    /// Reads everything; blocks on disk and database.
    pub(super) fn now(
        site: &Site,
        settings: &Settings,
        checks: Vec<Outcome>,
    ) -> Result<Self, app::Error> {
        let lag = search::behind(&site.app)?;
        let rounds = site.app.rounds.last().into_iter();
        Ok(Self {
            standing: site.updates.standing(),
            certificates: certificates(site),
            facts: facts(site),
            checks: findings(site, checks, lag),
            jobs: rounds
                .map(|(name, round)| Job {
                    name: job_name(name),
                    at: Moment::new(round.at, settings),
                    failure: round.failure,
                })
                .collect(),
            log: recent::lines(),
        })
    }
}

#[derive(Debug, Serialize)]
struct Certificate {
    host: String,
    words: String,
    problem: Option<String>,
    fix: Option<String>,
}

fn certificates(site: &Site) -> Vec<Certificate> {
    let standings = site.certificates.standings().into_iter();
    let shown = standings.map(|standing| Certificate {
        words: standing.words(),
        host: standing.host,
        problem: standing.problem,
        fix: standing.fix,
    });
    shown.collect()
}

fn facts(site: &Site) -> Vec<Fact> {
    let fact = |name, value| Fact { name, value };
    let stats = site.cache.stats();
    let asked = stats.hits + stats.misses;
    let mut facts = vec![
        fact("Database", site.app.db.engine_name()),
        fact(
            "Pages from the cache",
            match asked {
                0 => "none asked for yet".to_owned(),
                asked => format!(
                    "{} % of {asked}; {} kept, {}",
                    stats.hits * 100 / asked,
                    stats.entries,
                    bytes(stats.bytes)
                ),
            },
        ),
        fact(
            "Texts in the search index",
            site.app.index.documents().to_string(),
        ),
    ];
    let folder = &site.data_dir;
    facts.push(fact("Data", bytes(disk::taken_bytes(folder))));
    facts.push(fact(
        "of that, media",
        bytes(disk::taken_bytes(&folder.join("media"))),
    ));
    if let Some(memory) = process::resident_memory_bytes() {
        facts.push(fact("Memory", bytes(memory)));
    }
    if let Some(seconds) = process::uptime_seconds() {
        facts.push(fact("Running for", duration(seconds)));
    }
    facts
}

fn findings(site: &Site, checks: Vec<Outcome>, lag: Option<u64>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = checks
        .into_iter()
        .map(|outcome| Finding {
            name: "Database",
            is_well: outcome.ok,
            says: outcome.problem.unwrap_or_else(|| "answers".to_owned()),
            advice: (!outcome.ok).then_some(
                "Look at the log below. If the disk is full, make room; if the database runs elsewhere, see whether it does",
            ),
        })
        .collect();
    if let Some(room) = disk::room(&site.data_dir) {
        let is_scarce =
            room.free_bytes < SCARCE_BYTES || room.free_bytes < room.total_bytes / SCARCE_PART;
        findings.push(Finding {
            name: "Disk",
            is_well: !is_scarce,
            says: format!("{} of {} free", bytes(room.free_bytes), bytes(room.total_bytes)),
            advice: is_scarce.then_some(
                "Delete media nobody uses, or give the machine a larger disk: without room nothing can be saved",
            ),
        });
    }
    let is_behind = lag.is_none_or(|lag| lag > USUAL_LAG);
    findings.push(Finding {
        name: "Search",
        is_well: !is_behind,
        says: match lag {
            None => "is being written anew".to_owned(),
            Some(0) => "knows every text".to_owned(),
            Some(lag) => format!("is {lag} changes behind"),
        },
        advice: is_behind.then_some(
            "Wait a minute and look again. If it stays like this, run “inkstand reindex”",
        ),
    });
    let is_encrypted = site.base_url.starts_with("https://");
    findings.push(Finding {
        name: "Encryption",
        is_well: is_encrypted,
        says: format!("the site’s address is {}", site.base_url),
        advice: (!is_encrypted).then_some(
            "Passwords travel in the clear: set site.url to an https:// address, and let Inkstand or a proxy answer there",
        ),
    });
    findings
}

fn job_name(job: &'static str) -> &'static str {
    match job {
        "publish-due" => "Publishing what is due",
        "tidy" => "Tidying up",
        "picture-copies" => "Smaller copies of pictures",
        "search-index" => "Search index",
        other => other,
    }
}

/// A size as people write it.
fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    let (mut whole, mut rest, mut unit) = (bytes, 0, "bytes");
    for next in UNITS {
        if whole < 1000 {
            break;
        }
        (whole, rest, unit) = (whole / 1000, whole % 1000 / 100, next);
    }
    if unit == "bytes" || whole >= 100 {
        format!("{whole} {unit}")
    } else {
        format!("{whole}.{rest} {unit}")
    }
}

fn duration(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes} min"),
        (0, hours) => format!("{hours} h {minutes} min"),
        (days, hours) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_for_people() {
        let shown = [0, 999, 1000, 12_345, 999_999, 1_500_000_000].map(bytes);
        assert_eq!(
            shown,
            [
                "0 bytes",
                "999 bytes",
                "1.0 kB",
                "12.3 kB",
                "999 kB",
                "1.5 GB"
            ]
        );
        assert_eq!(
            [59, 3_700, 90_000].map(duration),
            ["0 min", "1 h 1 min", "1 d 1 h"]
        );
    }
}
