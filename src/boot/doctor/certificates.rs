//! Certificates: for whom, how long yet, and whether their renewal is in trouble.

use crate::boot::encryption;
use crate::db::{self, SCHEMA_VERSION};
use crate::domain::clock::{Clock as _, SystemClock};
use crate::tls::{self, Standing};

use super::{Said, Scene, failure, note, ok, warning};

/// A certificate of one's own files is to be replaced by then.
const SOON_DAYS: i64 = 14;
/// One that renews itself has long been renewed by then.
const LATE_DAYS: i64 = 7;

pub(super) fn look(scene: &Scene) -> Vec<Said> {
    let config = &scene.config;
    if !config.tls.is_on() {
        let is_behind = config.base_url().as_str().starts_with("https://");
        return vec![note(if is_behind {
            "Whoever stands in front of this site encrypts; “reachability” looks at that certificate"
        } else {
            "The site is not encrypted; set tls.domains, and a certificate comes by itself"
        })];
    }
    if let Some(files) = encryption::files(config) {
        let hosts = encryption::hosts(config);
        return match tls::look_at(&files, &hosts, SystemClock.now()) {
            Ok(standing) => vec![of_files(&standing)],
            Err(why) => vec![failure(
                why,
                "Correct tls.certificate and tls.key: PEM files, the certificate with its chain and its own key",
            )],
        };
    }
    // The papers are in the store, which must be one that can be opened without changing it.
    let schema = match db::examine(&scene.location(), false) {
        Ok(Some(found)) if found.faults.is_empty() => found.schema,
        _ => None,
    };
    if schema != Some(SCHEMA_VERSION) {
        return vec![note(
            "The store cannot be asked for certificates now; see “database”",
        )];
    }
    match encryption::certificates(config) {
        Ok(standings) if standings.is_empty() => {
            vec![note(
                "There is no certificate yet; the running site gets one by itself",
            )]
        }
        Ok(standings) => standings.iter().map(renewed).collect(),
        Err(error) => vec![warning(
            format!("Certificates cannot be looked at: {error}"),
            "Put back the secrets.key they were sealed with, or let new ones be got: “inkstand reload”",
        )],
    }
}

/// Of the owner's files nobody renews anything.
fn of_files(standing: &Standing) -> Said {
    let found = standing.to_string();
    let advice = "Put a newer one into the same files; the running site sees it by itself";
    match standing.days_left {
        _ if !standing.is_good => failure(found, advice),
        _ if standing.problem.is_some() => failure(found, advice),
        Some(days) if days < SOON_DAYS => {
            warning(format!("{found} That is in {days} days."), advice)
        }
        _ => ok(found),
    }
}

fn renewed(standing: &Standing) -> Said {
    let found = standing.to_string();
    let fix = standing.fix.clone();
    let fix = fix.unwrap_or_else(|| {
        "See the log of the running site, and whether ports 80 and 443 lead here from outside"
            .to_owned()
    });
    match standing.days_left {
        _ if !standing.is_good && standing.is_under_way => warning(found, fix),
        _ if !standing.is_good => failure(found, fix),
        Some(days) if days < LATE_DAYS => failure(format!("{found} That is in {days} days."), fix),
        _ if standing.problem.is_some() => warning(found, fix),
        _ => ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    fn standing(days: i64, problem: Option<&str>) -> Standing {
        Standing {
            host: "blog.example.org".to_owned(),
            is_good: days >= 0,
            issuer: Some("Somebody".to_owned()),
            ends_at: Some(SystemClock.now().plus_seconds(days * 24 * 3600)),
            days_left: Some(days),
            next_at: None,
            is_under_way: false,
            problem: problem.map(str::to_owned),
            fix: None,
            failed_at: None,
        }
    }

    #[test]
    fn the_shorter_it_lasts_the_louder_it_is_said() {
        assert_eq!(of_files(&standing(60, None)).state, State::Ok);
        assert_eq!(of_files(&standing(9, None)).state, State::Warning);
        assert_eq!(of_files(&standing(-1, None)).state, State::Failure);
        assert_eq!(renewed(&standing(60, None)).state, State::Ok);
        assert_eq!(
            renewed(&standing(60, Some("No answer"))).state,
            State::Warning
        );
        assert_eq!(renewed(&standing(3, None)).state, State::Failure);
        assert_eq!(renewed(&standing(-1, None)).state, State::Failure);
    }
}
