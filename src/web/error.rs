//! What went wrong, told to each in their own way: people get a page, programs a problem document
//! (RFC 9457), the log gets the cause. Causes never reach a client.

use std::fmt::Write as _;
use std::sync::Arc;

use actix_web::body::{BodySize, MessageBody};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde::Serialize;

use super::middleware::Refusal;
use super::problems::Code;
use crate::app::{self, FieldError};
use crate::telemetry::request::RequestId;

/// Makes the page that says what went wrong, in the site's own dress. `None` falls back to a plain one.
pub type ErrorPage = Arc<dyn Fn(&HttpRequest, &Problem) -> Option<String> + Send + Sync>;

/// What a handler returns when it cannot answer.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct Error(Arc<app::Error>);

impl From<app::Error> for Error {
    fn from(error: app::Error) -> Self {
        Self(Arc::new(error))
    }
}

/// The page cache tells everybody who waited for a page about the same error.
impl From<Arc<app::Error>> for Error {
    fn from(error: Arc<app::Error>) -> Self {
        Self(error)
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match *self.0 {
            app::Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            app::Error::NotFound => StatusCode::NOT_FOUND,
            app::Error::Gone => StatusCode::GONE,
            app::Error::Conflict(_) => StatusCode::CONFLICT,
            app::Error::Overtaken(_) => StatusCode::PRECONDITION_FAILED,
            app::Error::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            app::Error::WrongKind(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            app::Error::NoRoom(_) => StatusCode::INSUFFICIENT_STORAGE,
            app::Error::Unauthenticated => StatusCode::UNAUTHORIZED,
            app::Error::Forbidden | app::Error::OutOfScope(_) => StatusCode::FORBIDDEN,
            app::Error::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            app::Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            app::Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Bare: the middleware makes a page or a document of it, since only there the request is known.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldProblem {
    pub field: &'static str,
    pub message: String,
}

/// What a client is told. Serialised it is the problem document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    #[serde(serialize_with = "as_number")]
    pub status: StatusCode,
    /// Stable, for programs to decide by.
    pub code: Code,
    pub title: &'static str,
    pub detail: String,
    #[serde(rename = "errors", skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldProblem>,
    #[serde(skip)]
    pub retry_after_seconds: Option<u64>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands fields over by reference"
)]
fn as_number<S: serde::Serializer>(status: &StatusCode, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_u16(status.as_u16())
}

/// How long a client waits that asks again after a passing trouble of ours.
const UNAVAILABLE_RETRY_SECONDS: u64 = 30;
/// How deep a chain of causes is logged.
const MAX_CAUSES: usize = 8;

impl Problem {
    /// The problem behind a failed answer; logs it if it is ours. `None` when a handler has already
    /// written what it wants to say.
    pub(super) fn of<B: MessageBody>(response: &HttpResponse<B>) -> Option<Self> {
        let status = response.status();
        if let Some(error) = response.error() {
            if let Some(Error(error)) = error.as_error::<Error>() {
                return Some(Self::of_app(status, error));
            }
            if let Some(refusal) = error.as_error::<Refusal>() {
                return Some(Self::new(status, refusal.code(), refusal.to_string()));
            }
            // Errors of the library's extractors say what was wrong with the request.
            let detail = if status.is_server_error() {
                tracing::error!(%error, "a request failed");
                default_detail(status).to_owned()
            } else {
                sentence(&error.to_string())
            };
            return Some(Self::new(status, default_code(status), detail));
        }
        let silent = matches!(response.body().size(), BodySize::None | BodySize::Sized(0));
        silent.then(|| Self::silent(status))
    }

    /// For a status about which nothing more is known.
    pub(super) fn silent(status: StatusCode) -> Self {
        let detail = default_detail(status).to_owned();
        Self::new(status, default_code(status), detail)
    }

    fn of_app(status: StatusCode, error: &app::Error) -> Self {
        let mut problem = Self::new(status, default_code(status), sentence(&error.to_string()));
        match error {
            app::Error::Invalid(fields) => {
                "Some of what was sent is not right.".clone_into(&mut problem.detail);
                let told = fields
                    .iter()
                    .map(|FieldError { field, message }| FieldProblem {
                        field,
                        message: message.clone(),
                    });
                problem.fields = told.collect();
            }
            app::Error::RateLimited {
                retry_after_seconds,
            } => {
                problem.retry_after_seconds = Some(*retry_after_seconds);
            }
            app::Error::NoRoom(reason) => {
                tracing::error!(%reason, "there is no room left");
            }
            app::Error::Unavailable(reason) => {
                tracing::warn!(%reason, "a request could not be served");
                problem.retry_after_seconds = Some(UNAVAILABLE_RETRY_SECONDS);
            }
            app::Error::Internal(_) => {
                default_detail(status).clone_into(&mut problem.detail);
                tracing::error!(causes = causes(error), "a request failed");
            }
            app::Error::NotFound
            | app::Error::Gone
            | app::Error::Conflict(_)
            | app::Error::Overtaken(_)
            | app::Error::TooLarge(_)
            | app::Error::WrongKind(_)
            | app::Error::Unauthenticated
            | app::Error::Forbidden
            | app::Error::OutOfScope(_) => {}
        }
        problem
    }

    fn new(status: StatusCode, code: Code, detail: String) -> Self {
        Self {
            status,
            code,
            title: status.canonical_reason().unwrap_or("Error"),
            detail,
            fields: Vec::new(),
            retry_after_seconds: None,
        }
    }

    /// Nothing is said that does not follow from the status alone.
    pub(super) fn is_plain(&self) -> bool {
        let tells_all = matches!(self.status, StatusCode::NOT_FOUND | StatusCode::GONE);
        tells_all || self.detail == default_detail(self.status)
    }

    pub(super) fn into_response(
        self,
        request: &HttpRequest,
        page: Option<&ErrorPage>,
        id: RequestId,
    ) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status);
        answer.insert_header((CACHE_CONTROL, "no-store"));
        if let Some(seconds) = self.retry_after_seconds {
            answer.insert_header((RETRY_AFTER, seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            answer.insert_header((WWW_AUTHENTICATE, "Bearer realm=\"inkstand\""));
        }
        if wants_document(request) {
            answer.insert_header((CONTENT_TYPE, "application/problem+json"));
            answer.body(self.document(id))
        } else {
            let dressed = page.and_then(|page| page(request, &self));
            answer.insert_header((CONTENT_TYPE, "text/html; charset=utf-8"));
            answer.body(dressed.unwrap_or_else(|| self.plain_page(id)))
        }
    }

    fn document(&self, id: RequestId) -> String {
        #[derive(Serialize)]
        struct Document<'a> {
            r#type: String,
            #[serde(flatten)]
            problem: &'a Problem,
            request_id: String,
        }
        let document = Document {
            r#type: self.code.address(),
            problem: self,
            request_id: id.to_string(),
        };
        // A struct of texts and numbers always serialises.
        serde_json::to_string(&document).unwrap_or_default()
    }

    fn plain_page(&self, id: RequestId) -> String {
        let status = self.status.as_u16();
        let (title, detail) = (self.title, escape(&self.detail));
        let mut fields = String::new();
        for FieldProblem { field, message } in &self.fields {
            // Writing to a string cannot fail.
            let _ = write!(fields, "<li>{}: {}</li>", escape(field), escape(message));
        }
        if !fields.is_empty() {
            fields = format!("<ul>{fields}</ul>\n");
        }
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"robots\" content=\"noindex\">\n\
             <title>{status} {title}</title>\n<main>\n<h1>{title}</h1>\n<p>{detail}</p>\n{fields}\
             <p><a href=\"/\">To the front page</a></p>\n<p><small>Error {status}, request {id}</small></p>\n</main>\n</html>\n"
        )
    }
}

/// Takes over what the first answer carried besides its body: cookies, `Allow`, how the connection goes on.
pub(super) fn keep_headers<B>(from: &HttpResponse<B>, to: &mut HttpResponse) {
    for (name, value) in from.headers() {
        if !to.headers().contains_key(name) || *name == actix_web::http::header::SET_COOKIE {
            to.headers_mut().append(name.clone(), value.clone());
        }
    }
    if !from.keep_alive() {
        to.head_mut()
            .set_connection_type(actix_web::http::ConnectionType::Close);
    }
}

/// Programs are who asks below `/api`, and who asks for JSON and not for HTML.
pub(super) fn wants_document(request: &HttpRequest) -> bool {
    let path = request.path();
    if path == "/api" || path.starts_with("/api/") {
        return true;
    }
    let accept = request
        .headers()
        .get(ACCEPT)
        .map(HeaderValue::as_bytes)
        .unwrap_or_default();
    let accept = String::from_utf8_lossy(accept).to_ascii_lowercase();
    accept.contains("json") && !accept.contains("text/html")
}

fn default_code(status: StatusCode) -> Code {
    Code::of_status(status.as_u16())
}

fn default_detail(status: StatusCode) -> &'static str {
    match status.as_u16() {
        404 => "There is nothing at this address. It may have moved, or the link may be mistyped.",
        405 => "This address does not answer to this method.",
        406 => "This address has no form of its content that the request accepts.",
        503 => "The site cannot answer right now. Try again in a little while.",
        500..=599 => {
            "Something went wrong on our side. Try again; if it stays like this, tell the site's owner the request number."
        }
        _ => "The request could not be understood.",
    }
}

/// Messages are written to follow a colon; on their own they begin and end like a sentence.
fn sentence(message: &str) -> String {
    let mut letters = message.trim().chars();
    let Some(first) = letters.next() else {
        return String::new();
    };
    let mut text: String = first.to_uppercase().chain(letters).collect();
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

fn causes(error: &dyn std::error::Error) -> String {
    let chain = std::iter::successors(error.source(), |cause| cause.source());
    chain
        .take(MAX_CAUSES)
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn told(error: app::Error, request: &HttpRequest) -> (HttpResponse, String) {
        let response = HttpResponse::from_error(Error::from(error));
        let problem = Problem::of(&response).unwrap();
        let response = problem.into_response(request, None, RequestId::from_u64(0x1f));
        let (response, body) = response.into_parts();
        let text = body.try_into_bytes().unwrap();
        (
            response.set_body(actix_web::body::BoxBody::new(())),
            String::from_utf8(text.to_vec()).unwrap(),
        )
    }

    #[test]
    fn programs_get_a_problem_document() {
        let request = TestRequest::with_uri("/api/v1/posts").to_http_request();
        let invalid = app::Error::Invalid(vec![FieldError {
            field: "title",
            message: "must not be empty".to_owned(),
        }]);
        let (response, body) = told(invalid, &request);
        assert_eq!(
            response.headers().get(CONTENT_TYPE).unwrap(),
            "application/problem+json"
        );
        insta::assert_snapshot!(body);
    }

    #[test]
    fn people_get_a_page_and_nothing_they_sent_becomes_markup() {
        let request = TestRequest::with_uri("/a").to_http_request();
        let (response, body) = told(
            app::Error::Conflict("somebody else saved <b>this</b> meanwhile".to_owned()),
            &request,
        );
        assert_eq!(response.status(), 409);
        insta::assert_snapshot!(body);
    }

    #[test]
    fn causes_stay_inside() {
        let request = TestRequest::with_uri("/a")
            .insert_header((ACCEPT, "application/json"))
            .to_http_request();
        let (response, body) = told(
            app::Error::Internal("secret table missing".into()),
            &request,
        );
        assert_eq!(response.status(), 500);
        assert!(!body.contains("secret"), "{body}");
        assert!(body.contains("\"code\":\"internal\""), "{body}");
    }

    #[test]
    fn every_error_has_its_status_and_code() {
        let request = TestRequest::with_uri("/api/x").to_http_request();
        let all = [
            app::Error::NotFound,
            app::Error::Gone,
            app::Error::Unauthenticated,
            app::Error::Forbidden,
            app::Error::RateLimited {
                retry_after_seconds: 9,
            },
            app::Error::TooLarge("one may be as large as a house".to_owned()),
            app::Error::WrongKind("send a picture".to_owned()),
            app::Error::Unavailable("the disk is busy".to_owned()),
            app::Error::NoRoom("the disk is full".to_owned()),
        ];
        let lines: Vec<String> = all
            .into_iter()
            .map(|error| {
                let (response, body) = told(error, &request);
                let retry = response
                    .headers()
                    .get(RETRY_AFTER)
                    .map(|value| value.to_str().unwrap().to_owned());
                format!("{} {retry:?} {body}", response.status())
            })
            .collect();
        insta::assert_snapshot!(lines.join("\n"));
    }
}
