//! Faults that a test asks a new version to have, so that the way back can be tried. Only in builds with
//! the feature `faults`, which no release has.

use std::time::Duration;

use super::BootError;
use super::probe::ProbeError;

const VARIABLE: &str = "FAULT";
const LATER: Duration = Duration::from_millis(700);
const CODE: i32 = 9;

fn is(fault: &str) -> bool {
    std::env::var(VARIABLE).is_ok_and(|asked| asked == fault)
}

/// At the start of a server.
pub fn at_start() {
    if is("crash") {
        std::process::exit(CODE);
    }
    while is("hang") {
        std::thread::sleep(LATER);
    }
    if is("crash-later") {
        std::thread::spawn(|| {
            std::thread::sleep(LATER);
            std::process::exit(CODE);
        });
    }
}

/// When the database is opened.
pub(super) fn in_migration() -> Result<(), BootError> {
    if is("migration") {
        let why = "the migration of this test is a bad one".into();
        return Err(BootError::Database(crate::db::StoreError::Backend(why)));
    }
    Ok(())
}

/// When the server asks itself, some time after it has begun.
pub(super) fn in_trial() -> Result<(), ProbeError> {
    if is("probe") {
        let said = "what this test wants".to_owned();
        return Err(ProbeError::Page { path: "/", said });
    }
    Ok(())
}
