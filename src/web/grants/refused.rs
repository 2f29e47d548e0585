//! Answers for programs that speak OAuth: JSON, and what is wrong as `error` and `error_description`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, CACHE_CONTROL, CONTENT_TYPE, PRAGMA,
    RETRY_AFTER, WWW_AUTHENTICATE,
};
use serde_json::{Value, json};

use crate::app;
use crate::web::error::{Error, Problem};

/// How long a browser need not ask again.
const PREFLIGHT_SECONDS: &str = "86400";

/// Why something is not done.
#[derive(Debug)]
pub(in crate::web) struct Refused {
    status: StatusCode,
    error: &'static str,
    description: String,
    scope: Option<String>,
    retry_after_seconds: Option<u64>,
}

impl Refused {
    pub(in crate::web) fn new(
        status: StatusCode,
        error: &'static str,
        description: impl Into<String>,
    ) -> Self {
        Self {
            status,
            error,
            description: description.into(),
            scope: None,
            retry_after_seconds: None,
        }
    }

    /// The request makes no sense.
    pub(in crate::web) fn request(description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", description)
    }

    /// `outside`: the status and word of a token that came without any, and with too few scopes.
    pub(in crate::web) fn of(
        error: app::Error,
        anonymous: &'static str,
        too_few_scopes: StatusCode,
    ) -> Self {
        let (word, scope) = match &error {
            app::Error::Unauthenticated => (anonymous, None),
            app::Error::OutOfScope(scopes) => {
                let words: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
                ("insufficient_scope", Some(words.join(" ")))
            }
            app::Error::Forbidden => ("forbidden", None),
            app::Error::Invalid(fields) => (word_of(fields.first().map(|one| one.field)), None),
            app::Error::RateLimited { .. } => ("slow_down", None),
            app::Error::Unavailable(_) | app::Error::NoRoom(_) => ("temporarily_unavailable", None),
            app::Error::Internal(_) => ("server_error", None),
            _ => ("invalid_request", None),
        };
        // Through the same words as everybody is told, and into the log where it is our fault.
        let bare = HttpResponse::from_error(Error::from(error));
        let problem = Problem::of(&bare).unwrap_or_else(|| Problem::silent(bare.status()));
        let status = match problem.status {
            StatusCode::UNPROCESSABLE_ENTITY | StatusCode::NOT_FOUND | StatusCode::GONE => {
                StatusCode::BAD_REQUEST
            }
            StatusCode::FORBIDDEN if scope.is_some() => too_few_scopes,
            status => status,
        };
        let fields: Vec<String> = problem
            .fields
            .iter()
            .map(|one| format!("{}: {}", one.field, one.message))
            .collect();
        let description = match fields.as_slice() {
            [] => problem.detail.clone(),
            _ => fields.join("; "),
        };
        Self {
            status,
            error: word,
            description,
            scope,
            retry_after_seconds: problem.retry_after_seconds,
        }
    }

    fn into_response(self) -> HttpResponse {
        let mut body = json!({ "error": self.error, "error_description": self.description });
        if let Some(scope) = &self.scope {
            body["scope"] = json!(scope);
        }
        let mut answer = json(self.status, &body);
        let headers = answer.headers_mut();
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        let challenge = match (self.status, self.error) {
            (StatusCode::UNAUTHORIZED, "unauthorized") => {
                Some("Bearer realm=\"inkstand\"".to_owned())
            }
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, error) => {
                Some(format!("Bearer realm=\"inkstand\", error=\"{error}\""))
            }
            _ => None,
        };
        if let Some(value) = challenge.and_then(|text| text.parse().ok()) {
            headers.insert(WWW_AUTHENTICATE, value);
        }
        answer
    }
}

/// OAuth's word for what is wrong with a field.
fn word_of(field: Option<&str>) -> &'static str {
    match field {
        Some("code") => "invalid_grant",
        Some("scope") => "invalid_scope",
        Some("grant_type") => "unsupported_grant_type",
        _ => "invalid_request",
    }
}

/// For endpoints that give tokens and tell about them.
impl From<app::Error> for Refused {
    fn from(error: app::Error) -> Self {
        Self::of(error, "invalid_token", StatusCode::FORBIDDEN)
    }
}

/// Says it as JSON, which no cache keeps, and which scripts of other sites may read: who asks shows a
/// token, not a cookie.
pub(in crate::web) fn json(status: StatusCode, body: &Value) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((PRAGMA, "no-cache"))
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((ACCESS_CONTROL_EXPOSE_HEADERS, "location"))
        .body(body.to_string())
}

/// What a browser asks before a script of another site may send a token here.
pub(in crate::web) async fn preflight() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"))
        .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type"))
        .insert_header((ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS))
        .finish()
}

/// What came of it, one way or the other.
pub(in crate::web) fn answer(outcome: Result<HttpResponse, Refused>) -> HttpResponse {
    outcome.unwrap_or_else(Refused::into_response)
}
