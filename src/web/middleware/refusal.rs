//! Why a request is refused before any handler sees it, and what the client is told.

use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::http::{ConnectionType, StatusCode};
use actix_web::{HttpResponse, ResponseError};

use super::method;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::web) enum Refusal {
    #[error("This method is not allowed here. Use one of: {allowed}.", allowed = method::ALLOWED)]
    MethodRefused,
    #[error("This server does not know the method. Use one of: {allowed}.", allowed = method::ALLOWED)]
    MethodUnknown,
    #[error(
        "The address is longer than {limit_bytes} bytes. Send what is long in the request's body."
    )]
    UriTooLong { limit_bytes: usize },
    #[error(
        "The request's target must be a path that begins with “/”, or a complete http address."
    )]
    TargetMalformed,
    #[error("The request needs exactly one Host header, such as “Host: example.org”.")]
    HostMissing,
    #[error(
        "The Host header must be a host name or an address, with a port where it is not the usual one."
    )]
    HostMalformed,
    #[error(
        "At most {limit} requests may be under way on one connection. Wait for answers, then ask."
    )]
    TooManyAtOnce { limit: u32 },
    #[error("The request's body may have at most {limit_bytes} bytes.")]
    BodyTooLarge { limit_bytes: u64 },
    #[error("The request's body took too long to arrive. Send it again over a faster connection.")]
    BodyTooSlow,
    #[error(
        "This form was not sent from a page of this site, so nothing was done. Go back, copy what you \
         have written, open the page here anew and send it from there."
    )]
    ForeignForm,
}

impl Refusal {
    pub(in crate::web) const fn code(&self) -> &'static str {
        match self {
            Self::MethodRefused => "method-not-allowed",
            Self::MethodUnknown => "method-unknown",
            Self::UriTooLong { .. } => "uri-too-long",
            Self::TargetMalformed => "target-malformed",
            Self::HostMissing => "host-missing",
            Self::HostMalformed => "host-malformed",
            Self::TooManyAtOnce { .. } => "too-many-at-once",
            Self::BodyTooLarge { .. } => "body-too-large",
            Self::BodyTooSlow => "body-too-slow",
            Self::ForeignForm => "foreign-form",
        }
    }

    /// The bare answer; it becomes a page or a problem document on its way out. The connection is closed:
    /// a client that got this wrong may disagree with us about where its next request begins.
    pub(super) fn into_response(self) -> HttpResponse {
        let allow = matches!(self, Self::MethodRefused | Self::MethodUnknown);
        let mut response = HttpResponse::from_error(self);
        response
            .head_mut()
            .set_connection_type(ConnectionType::Close);
        if allow {
            let methods = HeaderValue::from_static(method::ALLOWED);
            response.headers_mut().insert(ALLOW, methods);
        }
        response
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::MethodRefused => StatusCode::METHOD_NOT_ALLOWED,
            Self::MethodUnknown => StatusCode::NOT_IMPLEMENTED,
            Self::UriTooLong { .. } => StatusCode::URI_TOO_LONG,
            Self::TargetMalformed | Self::HostMissing | Self::HostMalformed => {
                StatusCode::BAD_REQUEST
            }
            Self::TooManyAtOnce { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::ForeignForm => StatusCode::FORBIDDEN,
        }
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}
