//! How a verb can fail, in the terms of whoever asked for it.

use crate::domain::token::Scope;
use crate::store::StoreError;

/// What is wrong with one field of a form, in words for the person who filled it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    pub field: &'static str,
    pub message: String,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{}", join(.0))]
    Invalid(Vec<FieldError>),
    #[error("there is no such thing here")]
    NotFound,
    #[error("what was here was taken away for good")]
    Gone,
    /// Somebody else was faster, or a name is taken; says what to do.
    #[error("{0}")]
    Conflict(String),
    /// A change was made to another state than the one there is now; says what to do.
    #[error("{0}")]
    Overtaken(String),
    /// More than there may be of it at once; says how much there may be.
    #[error("{0}")]
    TooLarge(String),
    /// None of the kinds of files that are taken; says which are.
    #[error("{0}")]
    WrongKind(String),
    /// The disk is full; says what to do.
    #[error("{0}")]
    NoRoom(String),
    #[error("sign in first")]
    Unauthenticated,
    #[error("you may not do this; ask the owner of the site for the right to")]
    Forbidden,
    #[error("this token may not do this; it needs one of the scopes {}", words(.0))]
    OutOfScope(&'static [Scope]),
    #[error("too many attempts; try again in {retry_after_seconds} seconds")]
    RateLimited { retry_after_seconds: u64 },
    /// Not now, but perhaps soon, or once the operator has acted; says what.
    #[error("{0}")]
    Unavailable(String),
    #[error("something went wrong inside")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    pub fn invalid(field: &'static str, message: impl std::fmt::Display) -> Self {
        Self::Invalid(vec![FieldError {
            field,
            message: message.to_string(),
        }])
    }

    /// Somebody changed a thing between reading and writing it.
    pub fn overtaken() -> Self {
        Self::Overtaken(
            "it was changed meanwhile; read it again and put your change on top of that".to_owned(),
        )
    }

    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }
}

fn words(scopes: &[Scope]) -> String {
    let words: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
    words.join(", ")
}

fn join(fields: &[FieldError]) -> String {
    let lines: Vec<_> = fields
        .iter()
        .map(|error| format!("{}: {}", error.field, error.message))
        .collect();
    lines.join("; ")
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Conflict(_) => Self::Conflict(
                "somebody has just taken that name or address; choose another".to_owned(),
            ),
            StoreError::Busy => {
                Self::Unavailable("the site is busy; try again in a moment".to_owned())
            }
            StoreError::Unwritable(why) => Self::Unavailable(format!(
                "nothing can be saved right now, and nothing was changed: {why}"
            )),
            StoreError::Backend(cause) => Self::Internal(cause),
        }
    }
}
