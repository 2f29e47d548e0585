//! How it stands with a certificate, for people and programs that look.

use std::fmt;

use serde::Serialize;

use super::certificate::Certificate;
use crate::domain::time::Timestamp;

const DAY_SECONDS: i64 = 24 * 3600;

#[derive(Debug, Clone, Serialize)]
pub struct Standing {
    pub host: String,
    /// What visitors see is believed by browsers, as far as we know.
    pub is_good: bool,
    pub issuer: Option<String>,
    pub ends_at: Option<Timestamp>,
    pub days_left: Option<i64>,
    /// When it is tried next.
    pub next_at: Option<Timestamp>,
    pub is_under_way: bool,
    pub problem: Option<String>,
    pub fix: Option<String>,
    pub failed_at: Option<Timestamp>,
}

impl Standing {
    pub(super) fn of(host: String, served: Option<&Certificate>, now: Timestamp) -> Self {
        let facts = served.map(|served| &served.facts);
        let ends_at = facts.map(|facts| facts.not_after);
        Self {
            host,
            is_good: ends_at.is_some_and(|end| end > now),
            issuer: facts.map(|facts| facts.issuer.clone()),
            ends_at,
            days_left: ends_at.map(|end| days_left(end, now)),
            next_at: None,
            is_under_way: false,
            problem: None,
            fix: None,
            failed_at: None,
        }
    }
}

impl Standing {
    /// What there is and what comes next, in a sentence each.
    pub fn words(&self) -> String {
        let what = match (&self.issuer, self.ends_at) {
            (Some(issuer), Some(end)) if self.is_good => {
                format!("From {issuer}, good until {}.", day(end))
            }
            (Some(_), Some(end)) => format!("It ran out on {}.", day(end)),
            _ => "There is none yet.".to_owned(),
        };
        let next = match self.next_at {
            _ if self.is_under_way => " One is being got.".to_owned(),
            Some(at) if self.problem.is_some() => format!(" It is tried again on {}.", day(at)),
            Some(at) => format!(" It is renewed on {}.", day(at)),
            None => String::new(),
        };
        format!("{what}{next}")
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.host, self.words())?;
        if let Some(problem) = &self.problem {
            write!(f, " {problem}.")?;
        }
        if let Some(fix) = &self.fix {
            write!(f, " {fix}.")?;
        }
        Ok(())
    }
}

fn day(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_second(at.as_seconds());
    at.map_or_else(
        |_| "a day beyond all".to_owned(),
        |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
    )
}

/// Whole days; negative when it is over.
fn days_left(end: Timestamp, now: Timestamp) -> i64 {
    (end.as_seconds() - now.as_seconds()).div_euclid(DAY_SECONDS)
}
