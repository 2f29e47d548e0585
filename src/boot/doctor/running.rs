//! The running site: its processes, as the launcher tells of them, and its jobs, by what they have left
//! undone in the store.

use serde_json::Value;

use crate::app::{App, search};
use crate::boot::open_app;
use crate::db::{self, SCHEMA_VERSION};
use crate::domain::time::Timestamp;
use crate::store;

use super::{Said, Scene, failure, note, ok, warning};

/// A scheduled post this late was forgotten.
const LATE_SECONDS: i64 = 120;
/// Changes that the index may not know yet without anybody noticing.
const FEW_CHANGES: u64 = 1000;
/// A failure longer ago is history.
const RECENT_SECONDS: u64 = 24 * 3600;
/// Posts that are counted as late; more are told as so many.
const MAX_LATE: u32 = 100;

pub(super) fn look(scene: &Scene) -> Vec<Said> {
    let Some(status) = &scene.status else {
        return vec![note(
            "Nothing runs on this data directory; start it with: inkstand serve",
        )];
    };
    let mut said = processes(status);
    let schema = match db::examine(&scene.location(), false) {
        Ok(Some(found)) if found.faults.is_empty() => found.schema,
        _ => None,
    };
    if schema == Some(SCHEMA_VERSION) {
        match open_app(&scene.config, false) {
            Ok(app) => said.extend(jobs(&app)),
            Err(error) => said.push(failure(
                format!("The store cannot be opened: {error}"),
                "See “database” and “data-directory”",
            )),
        }
    }
    if said.is_empty() {
        let handovers = &status["handovers"];
        said.push(ok(format!(
            "It serves, and its jobs are in step (handovers: {handovers})"
        )));
    }
    said
}

fn processes(status: &Value) -> Vec<Said> {
    let mut said = Vec::new();
    let servers = status["servers"].as_array();
    let mut servers = servers.into_iter().flatten();
    if !servers.any(|server| server["stage"] == "serving") {
        said.push(failure(
            "The launcher runs, and no server serves beneath it",
            "Look at “inkstand status” and at the log for why it does not start",
        ));
    }
    let crashes = status["crashes_in_a_row"].as_u64().unwrap_or_default();
    let last = status["last_failure"].as_object();
    let ago = last.and_then(|last| last["seconds_ago"].as_u64());
    if let Some(ago) = ago.filter(|ago| *ago < RECENT_SECONDS) {
        let why = status["last_failure"]["why"].as_str().unwrap_or_default();
        let found = format!("A server failed {ago} s ago ({crashes} in a row now): {why}");
        let advice = "“inkstand status” has its last words; please report a crash with them";
        said.push(if crashes > 0 {
            failure(found, advice)
        } else {
            warning(found, advice)
        });
    }
    said
}

fn jobs(app: &App) -> Vec<Said> {
    let mut said = Vec::new();
    match search::behind(app) {
        Ok(Some(behind)) if behind > FEW_CHANGES => said.push(warning(
            format!("The search does not know the last {behind} changes"),
            "See the log for why; “inkstand reindex” writes the index anew",
        )),
        Ok(None) => said.push(note("The search index is being written anew")),
        _ => {}
    }
    let now = app.db.clock().now();
    if let Ok(late) = late_posts(app, now)
        && late > 0
    {
        said.push(failure(
            format!("{late} scheduled posts are overdue"),
            "The scheduler stands still: “inkstand reload” starts it anew; the log says why",
        ));
    }
    said
}

fn late_posts(app: &App, now: Timestamp) -> Result<usize, store::StoreError> {
    let before = now.plus_seconds(-LATE_SECONDS);
    let late = app.db.read(|tx| store::posts::due(tx, before, MAX_LATE))?;
    Ok(late.len())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::super::State;
    use super::*;
    use crate::app::posts::{self, Draft, Release};
    use crate::blobs::Blobs;
    use crate::db::{Db, Location, Options};
    use crate::domain::actor::Actor;
    use crate::domain::clock::{Clock as _, ManualClock};
    use crate::domain::post::Kind;
    use crate::domain::text::Title;
    use crate::pictures::Painter;
    use crate::search::Index;

    #[test]
    fn a_post_that_nobody_published_in_time_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(Timestamp::from_micros(
            1_800_000_000_000_000,
        )));
        let options = Options {
            location: Location::File(folder.path().join("a.db")),
            readers: 1,
            log_plans: false,
        };
        let db = Db::open(&options, clock.clone()).unwrap();
        let index = Index::open(&folder.path().join("search")).unwrap();
        let blobs = Blobs::open(&folder.path().join("media")).unwrap();
        let app = App::new(db, index, blobs, Painter::new(Vec::new()));
        let draft = Draft {
            title: Some(Title::parse("Soon").unwrap()),
            ..Draft::default()
        };
        let soon = Release::At(clock.now().plus_seconds(60));
        posts::create_released(&app, &Actor::system(), Kind::Post, draft, soon).unwrap();
        let fails = || jobs(&app).iter().any(|said| said.state == State::Failure);
        assert!(!fails());
        clock.advance_seconds(60 + LATE_SECONDS);
        assert!(fails());
    }

    #[test]
    fn a_server_that_falls_is_told() {
        let well = json!({ "servers": [{ "stage": "serving" }], "crashes_in_a_row": 0 });
        assert!(processes(&well).is_empty());
        let mut fell = well.clone();
        fell["last_failure"] = json!({ "why": "signal 11", "seconds_ago": 60 });
        let worst = |status: &Value| processes(status).iter().map(|said| said.state).max();
        assert_eq!(worst(&fell), Some(State::Warning));
        fell["crashes_in_a_row"] = 3.into();
        assert_eq!(worst(&fell), Some(State::Failure));
        fell["last_failure"]["seconds_ago"] = (2 * RECENT_SECONDS).into();
        assert_eq!(worst(&fell), None);
        assert_eq!(worst(&json!({ "servers": [] })), Some(State::Failure));
    }
}
