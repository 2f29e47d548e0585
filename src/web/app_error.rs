//! Stands in for the application's own error type, with exactly its shape, until that arrives.

/// What is wrong with one field of a form, in words for the person who filled it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    pub field: &'static str,
    pub message: String,
}

/// What a verb can fail with.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("some of what was sent is not right")]
    Invalid(Vec<FieldError>),
    #[error("there is nothing here")]
    NotFound,
    #[error("{0}")]
    Conflict(String),
    #[error("please sign in")]
    Unauthenticated,
    #[error("your role does not allow this")]
    Forbidden,
    #[error("too many attempts; try again in {retry_after_seconds} seconds")]
    RateLimited { retry_after_seconds: u64 },
    #[error("{0}")]
    Unavailable(String),
    #[error("something went wrong inside")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}
