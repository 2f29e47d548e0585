//! Why a request is refused before any handler sees it, and what the client is told.

use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::http::{ConnectionType, StatusCode};
use actix_web::{HttpResponse, ResponseError};

use super::method;
use crate::web::problems::Code;

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
    #[error(
        "The Idempotency-Key must be 1 to 255 letters, numbers and signs, without spaces, as one header."
    )]
    KeyMalformed,
    #[error(
        "This Idempotency-Key stands for another request. Send this one with a key of its own."
    )]
    KeyReused,
    #[error(
        "The first request with this Idempotency-Key is still under way. Ask again in a moment."
    )]
    KeyInUse,
    #[error(
        "The first request with this Idempotency-Key was cut off, and nobody knows whether it was done. \
         Look, and if it was not, send it with a new key."
    )]
    OutcomeUnknown,
    #[error(
        "The answer here holds a secret, which is not kept. Send the request without an Idempotency-Key."
    )]
    KeyNotTaken,
}

impl Refusal {
    pub(in crate::web) const fn code(&self) -> Code {
        match self {
            Self::MethodRefused => Code::MethodNotAllowed,
            Self::MethodUnknown => Code::MethodUnknown,
            Self::UriTooLong { .. } => Code::UriTooLong,
            Self::TargetMalformed => Code::TargetMalformed,
            Self::HostMissing => Code::HostMissing,
            Self::HostMalformed => Code::HostMalformed,
            Self::TooManyAtOnce { .. } => Code::TooManyAtOnce,
            Self::BodyTooLarge { .. } => Code::BodyTooLarge,
            Self::BodyTooSlow => Code::BodyTooSlow,
            Self::ForeignForm => Code::ForeignForm,
            Self::KeyMalformed => Code::KeyMalformed,
            Self::KeyReused => Code::KeyReused,
            Self::KeyInUse => Code::KeyInUse,
            Self::OutcomeUnknown => Code::OutcomeUnknown,
            Self::KeyNotTaken => Code::KeyNotTaken,
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
            Self::KeyMalformed => StatusCode::BAD_REQUEST,
            Self::KeyReused | Self::KeyNotTaken => StatusCode::UNPROCESSABLE_ENTITY,
            Self::KeyInUse | Self::OutcomeUnknown => StatusCode::CONFLICT,
        }
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}
