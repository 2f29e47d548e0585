//! What breaks blogs, looked for before it does: a check a file. Every check has little time, runs beside
//! the others, and says what it saw, why that matters and what to do. Nothing is changed, and nobody is
//! asked but the site itself, its name servers and where its updates come from.
//!
//! Must not know who asks, nor how findings are shown.

mod backups;
mod certificates;
mod clock;
mod data;
mod database;
mod names;
mod ports;
mod reach;
mod running;
mod version;

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;

use crate::config::{Config, Database};
use crate::db;
use crate::launcher;

use super::database_in;

/// How it stands with one thing, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Ok,
    /// Nothing is wrong; it is good to know.
    Note,
    /// It will be wrong, or may be.
    Warning,
    /// It is wrong now.
    Failure,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Failure => "failure",
        }
    }
}

/// What a check saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub check: &'static str,
    pub state: State,
    pub found: String,
    /// Why it matters.
    pub why: &'static str,
    /// What to do; only where something is to be done.
    pub advice: Option<String>,
}

/// A finding without the name and reason of its check.
#[derive(Debug)]
struct Said {
    state: State,
    found: String,
    advice: Option<String>,
}

fn ok(found: impl Into<String>) -> Said {
    Said {
        state: State::Ok,
        found: found.into(),
        advice: None,
    }
}

fn note(found: impl Into<String>) -> Said {
    Said {
        state: State::Note,
        ..ok(found)
    }
}

fn warning(found: impl Into<String>, advice: impl Into<String>) -> Said {
    Said {
        state: State::Warning,
        found: found.into(),
        advice: Some(advice.into()),
    }
}

fn failure(found: impl Into<String>, advice: impl Into<String>) -> Said {
    Said {
        state: State::Failure,
        ..warning(found, advice)
    }
}

/// What all checks look at.
#[derive(Debug)]
struct Scene {
    config: Config,
    /// What the launcher of a running site says.
    status: Option<Value>,
}

impl Scene {
    fn is_running(&self) -> bool {
        self.status.is_some()
    }

    fn location(&self) -> db::Location {
        match &self.config.database {
            Database::InDataDir => db::Location::File(database_in(&self.config.data_dir)),
            Database::Sqlite(path) => db::Location::File(path.clone()),
            Database::Postgres(url) => db::Location::Postgres(url.expose().to_owned()),
        }
    }
}

struct Check {
    name: &'static str,
    why: &'static str,
    /// Who takes longer is not waited for.
    longest: Duration,
    look: fn(&Scene) -> Vec<Said>,
}

const SHORT: Duration = Duration::from_secs(10);
const LONG: Duration = Duration::from_secs(60);

const CHECKS: &[Check] = &[
    Check {
        name: "data-directory",
        why: "Everything the site has is in there: who cannot write it saves nothing, and who may read it \
              can be anybody here",
        longest: SHORT,
        look: data::rights,
    },
    Check {
        name: "disk",
        why: "A full disk refuses every post, upload and sign-in",
        longest: SHORT,
        look: data::room,
    },
    Check {
        name: "database",
        why: "A damaged database loses posts, and what is not noticed gets into every backup",
        longest: LONG,
        look: database::look,
    },
    Check {
        name: "clock",
        why: "Schedules, sign-in codes, sessions and certificates count on the right time",
        longest: SHORT,
        look: clock::look,
    },
    Check {
        name: "ports",
        why: "What cannot listen cannot serve",
        longest: SHORT,
        look: ports::look,
    },
    Check {
        name: "dns",
        why: "Readers and certificate issuers find the site by its name",
        longest: SHORT,
        look: names::look,
    },
    Check {
        name: "reachability",
        why: "What this machine cannot fetch by its public name, readers probably cannot either",
        longest: SHORT,
        look: reach::look,
    },
    Check {
        name: "certificates",
        why: "Browsers keep readers away from a site whose certificate has run out",
        longest: SHORT,
        look: certificates::look,
    },
    Check {
        name: "backup",
        why: "Disks die and people err; what is on one disk only is lost with it",
        longest: SHORT,
        look: backups::look,
    },
    Check {
        name: "version",
        why: "Newer versions mend what can be misused",
        longest: SHORT,
        look: version::look,
    },
    Check {
        name: "server",
        why: "A server that keeps falling, or jobs that stand still, are seen here first",
        longest: SHORT,
        look: running::look,
    },
];

/// The names of all checks with why each is made.
pub fn checks() -> Vec<(&'static str, &'static str)> {
    CHECKS.iter().map(|check| (check.name, check.why)).collect()
}

/// Makes the checks named in `only`, or all where none is named; the worst findings come first. Takes
/// no longer than the longest check may.
pub fn examine(config: &Config, only: &[String]) -> Vec<Finding> {
    let scene = Arc::new(Scene {
        config: config.clone(),
        status: launcher::ask(&config.data_dir, "status").ok(),
    });
    let start = Instant::now();
    let wanted = CHECKS
        .iter()
        .filter(|check| only.is_empty() || only.iter().any(|name| name == check.name));
    let running = wanted.map(|check| {
        let (tell, said) = channel();
        let scene = Arc::clone(&scene);
        // One that hangs in a dead name server is left behind, and ends with the process.
        let begun = std::thread::Builder::new()
            .name(check.name.to_owned())
            .spawn(move || drop(tell.send((check.look)(&scene))));
        (check, said, begun)
    });
    let running: Vec<_> = running.collect();
    let mut findings = Vec::new();
    for (check, said, begun) in running {
        let left = check.longest.saturating_sub(start.elapsed());
        let said = match (begun, said.recv_timeout(left)) {
            (Ok(_), Ok(said)) => said,
            (Ok(_), Err(RecvTimeoutError::Timeout)) => vec![warning(
                format!("No answer came within {} s", check.longest.as_secs()),
                "Try again when the machine has less to do; if it stays so, what is asked here hangs: a name \
                 server, a disk, a database server",
            )],
            _ => vec![warning(
                "This could not be looked at",
                "Please report it, with the last lines of what was printed",
            )],
        };
        findings.extend(said.into_iter().map(|said| Finding {
            check: check.name,
            why: check.why,
            state: said.state,
            found: said.found,
            advice: said.advice,
        }));
    }
    // Stable: of one gravity they stay in the order of the table.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.state));
    findings
}
