//! The database: whole, of a schema this program knows, and with a log of sane size.

use crate::db::{self, SCHEMA_VERSION, Soundness};

use super::{Said, Scene, failure, note, ok, warning};

/// A log this large means that nobody has been able to write it back for long.
const LARGE_LOG_BYTES: u64 = 512 * 1024 * 1024;
const MIB: u64 = 1024 * 1024;

pub(super) fn look(scene: &Scene) -> Vec<Said> {
    match db::examine(&scene.location(), true) {
        Ok(None) => vec![note("There is no database yet; the first start makes it")],
        Ok(Some(found)) => said_of(&found),
        Err(error) => vec![failure(
            format!("The database cannot be looked at: {}", with_causes(&error)),
            "See whether its server runs and lets this user in; the address is the option “database”",
        )],
    }
}

fn said_of(found: &Soundness) -> Vec<Said> {
    let mut said = Vec::new();
    if let Some(first) = found.faults.first() {
        let count = found.faults.len();
        said.push(failure(
            format!("{}: {count} faults, the first: {first}", found.engine),
            "Stop the site, keep a copy of the whole data directory, and restore the newest sound backup; \
             “inkstand check” tells what else is wrong",
        ));
    }
    match (found.schema, found.oldest_reader) {
        (_, Some(oldest)) if oldest > SCHEMA_VERSION => said.push(failure(
            format!(
                "The database is for newer programs (schema {oldest}; this one knows {SCHEMA_VERSION})"
            ),
            "Use the newer program that was here before, or a backup made before it",
        )),
        (Some(schema), _) if schema < SCHEMA_VERSION => said.push(note(format!(
            "The database has schema {schema}; the next start of this program brings it to {SCHEMA_VERSION}"
        ))),
        (None, _) if found.faults.is_empty() => {
            said.push(note("The database is empty; the first start fills it"));
        }
        _ => {}
    }
    if let Some(log) = found.log_bytes.filter(|log| *log > LARGE_LOG_BYTES) {
        said.push(warning(
            format!("The write-ahead log has grown to {} MiB", log / MIB),
            "Something reads for very long: end other programs that have the database open, then “inkstand \
             reload”",
        ));
    }
    if said.is_empty() {
        let schema = found.schema.unwrap_or_default();
        said.push(ok(format!("{}, schema {schema}, sound", found.engine)));
    }
    said
}

/// What a database server says is in the causes.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn each_trouble_has_its_words() {
        let sound = Soundness {
            engine: "SQLite".to_owned(),
            schema: Some(SCHEMA_VERSION),
            oldest_reader: Some(1),
            last_write: None,
            log_bytes: Some(0),
            faults: Vec::new(),
        };
        let worst = |found: &Soundness| said_of(found).iter().map(|said| said.state).max();
        assert_eq!(worst(&sound), Some(State::Ok));
        let mut older = sound.clone();
        older.schema = Some(SCHEMA_VERSION - 1);
        assert_eq!(worst(&older), Some(State::Note));
        let mut newer = sound.clone();
        newer.oldest_reader = Some(SCHEMA_VERSION + 1);
        assert_eq!(worst(&newer), Some(State::Failure));
        let mut large = sound.clone();
        large.log_bytes = Some(LARGE_LOG_BYTES + 1);
        assert_eq!(worst(&large), Some(State::Warning));
        let mut damaged = sound;
        damaged.faults = vec!["page 3: never used".to_owned()];
        assert_eq!(worst(&damaged), Some(State::Failure));
    }
}
