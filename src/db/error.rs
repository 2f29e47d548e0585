//! What can go wrong in storage, in the few kinds callers tell apart.

use std::error::Error;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("there is no such entry")]
    NotFound,
    /// A value that must be unique is taken; names the constraint.
    #[error("a value that must be unique is already taken ({0})")]
    Conflict(String),
    #[error("the database is busy; try again in a moment")]
    Busy,
    /// Reading goes on; nothing was changed.
    #[error("the database cannot be written: {0}")]
    Unwritable(String),
    #[error("the database failed: {0}")]
    Backend(#[source] Box<dyn Error + Send + Sync>),
}

impl StoreError {
    pub(crate) fn backend(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Backend(cause.into())
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let code = error.sqlite_error_code();
        let message = error.to_string();
        match code {
            Some(Code::ConstraintViolation) if message.contains("UNIQUE") => {
                Self::Conflict(message)
            }
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => Self::Busy,
            Some(Code::DiskFull) => Self::Unwritable(
                "the disk is full; free some space, nothing was changed".to_owned(),
            ),
            Some(Code::ReadOnly | Code::PermissionDenied) => Self::Unwritable(format!(
                "the data directory or its files do not allow it ({message}); give them back to \
                 the user that runs Inkstand"
            )),
            Some(Code::SystemIoFailure | Code::CannotOpen) => Self::Unwritable(format!(
                "the file system refused it ({message}); look at the disk and its free space"
            )),
            _ => Self::backend(error),
        }
    }
}

impl From<postgres::Error> for StoreError {
    fn from(error: postgres::Error) -> Self {
        use postgres::error::SqlState;
        match error.code() {
            Some(code) if *code == SqlState::UNIQUE_VIOLATION => {
                let constraint = error.as_db_error().and_then(|cause| cause.constraint());
                Self::Conflict(constraint.unwrap_or("unique").to_owned())
            }
            Some(code)
                if [
                    SqlState::LOCK_NOT_AVAILABLE,
                    SqlState::QUERY_CANCELED,
                    SqlState::T_R_SERIALIZATION_FAILURE,
                    SqlState::T_R_DEADLOCK_DETECTED,
                    SqlState::TOO_MANY_CONNECTIONS,
                ]
                .contains(code) =>
            {
                Self::Busy
            }
            Some(code)
                if [SqlState::DISK_FULL, SqlState::READ_ONLY_SQL_TRANSACTION].contains(code) =>
            {
                Self::Unwritable(error.to_string())
            }
            _ => Self::backend(error),
        }
    }
}
