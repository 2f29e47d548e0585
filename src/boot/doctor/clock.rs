//! The clock, against whatever else knows the time: the last write of the store, the own certificate files,
//! and the server updates come from.

use std::time::Duration;

use crate::db;
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::time::Timestamp;

use super::{Said, Scene, failure, ok, warning};

/// Codes from authenticator apps change this often.
const TOLERABLE_SECONDS: i64 = 30;
/// From here on schedules are felt to be wrong, and encrypted connections begin to fail.
const WRONG_SECONDS: i64 = 5 * 60;
const ASKING: Duration = Duration::from_secs(6);
const ADVICE: &str = "Have the clock set by itself: timedatectl set-ntp true (systemd), or chrony; in a \
                      container or virtual machine, on its host";

pub(super) fn look(scene: &Scene) -> Vec<Said> {
    let now = SystemClock.now();
    let mut said = Vec::new();
    let mut compared = Vec::new();
    if let Ok(Some(found)) = db::examine(&scene.location(), false)
        && let Some(last) = found.last_write
    {
        compared.push("the store");
        said.extend(behind_the_store(last, now));
    }
    if let Some(server) = time_of_update_server(scene) {
        compared.push("the server of updates");
        said.extend(against_server(server, SystemClock.now()));
    }
    if said.is_empty() {
        said.push(ok(match &compared[..] {
            [] => "Nothing here knows a time to compare it with".to_owned(),
            known => format!("It agrees with {}", known.join(" and ")),
        }));
    }
    said
}

/// What was written cannot lie ahead.
fn behind_the_store(last: Timestamp, now: Timestamp) -> Option<Said> {
    let ahead = last.as_seconds() - now.as_seconds();
    (ahead > TOLERABLE_SECONDS).then(|| {
        failure(
            format!("The clock is behind: something was written {ahead} s from now"),
            ADVICE,
        )
    })
}

fn against_server(server: Timestamp, now: Timestamp) -> Option<Said> {
    let ahead = now.as_seconds() - server.as_seconds();
    let direction = if ahead > 0 { "ahead" } else { "behind" };
    let found = format!(
        "The clock is {} s {direction}, by the server updates come from",
        ahead.abs()
    );
    match ahead.abs() {
        off if off > WRONG_SECONDS => Some(failure(found, ADVICE)),
        off if off > TOLERABLE_SECONDS => Some(warning(found, ADVICE)),
        _ => None,
    }
}

/// What that server says in its answers, if it is asked over the web at all.
fn time_of_update_server(scene: &Scene) -> Option<Timestamp> {
    let url = scene.config.update.url.as_deref()?;
    if !url.starts_with("http") {
        return None;
    }
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(ASKING))
        .build();
    let answer = ureq::Agent::from(agent).head(url).call().ok()?;
    let date = answer.headers().get("date")?.to_str().ok()?;
    let date = jiff::fmt::rfc2822::parse(date).ok()?;
    Some(Timestamp::from_micros(date.timestamp().as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn a_wrong_clock_is_told_by_how_much() {
        let noon = Timestamp::from_micros(1_700_000_000_000_000);
        assert!(behind_the_store(noon, noon.plus_seconds(5)).is_none());
        let said = behind_the_store(noon, noon.plus_seconds(-90)).unwrap();
        assert!(said.found.contains("90 s"), "{}", said.found);
        let state = |off: i64| against_server(noon, noon.plus_seconds(off)).map(|said| said.state);
        assert_eq!(state(20), None);
        assert_eq!(state(-60), Some(State::Warning));
        assert_eq!(state(3600), Some(State::Failure));
    }
}
