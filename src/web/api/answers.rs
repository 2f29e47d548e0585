//! `Idempotency-Key`: a request that comes again with the key it had is not done again, but answered as
//! it was. What the keys stand for is kept by `app::answers`; here is the HTTP around it.
//!
//! A body is never held in memory for this: its hash is taken while the handler reads it, or while it is
//! thrown away because the answer is known.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, LAST_MODIFIED, LINK,
    LOCATION,
};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage as _, HttpResponse};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use sha2::{Digest as _, Sha256};
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::app;
use crate::app::answers::{self, Answer, Begun, Claim};
use crate::domain::actor::Actor;
use crate::telemetry::request::{self, RequestId};
use crate::web::error::{Error, Problem, keep_headers};
use crate::web::middleware::Refusal;
use crate::web::state::Site;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const YES: HeaderValue = HeaderValue::from_static("true");
const MAX_KEY_CHARS: usize = 255;
/// What is larger is kept without its body: who asks again is told where the thing is.
const MAX_KEPT_BYTES: u64 = 256 * 1024;
/// The headers of an answer that are kept; the others are made anew.
const KEPT_HEADERS: [HeaderName; 6] = [
    CACHE_CONTROL,
    CONTENT_TYPE,
    ETAG,
    LAST_MODIFIED,
    LINK,
    LOCATION,
];
/// Where the answer holds a secret that is shown once. It would be kept readable, so it is not kept at all.
const SECRET_ANSWERS: [&str; 7] = [
    "/api/v1/tokens",
    "/api/v1/users",
    "/api/v1/invitations",
    "/api/v1/webhooks",
    "/api/v1/webhooks/{id}/secret",
    "/api/v1/pages/{id}/preview",
    "/api/v1/posts/{id}/preview",
];

/// Has a request done once, if its sender gave it a key.
pub(super) async fn once<B: MessageBody + 'static>(
    site: Data<Site>,
    actor: Option<Actor>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let (Some(actor), Method::POST) = (actor, request.method().clone()) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let key = match key_of(request.headers()) {
        Ok(Some(key)) => key,
        Ok(None) => return Ok(next.call(request).await?.map_into_boxed_body()),
        Err(refusal) => return Ok(request.error_response(refusal)),
    };
    if holds_secret(request.match_pattern().as_deref()) {
        return Ok(request.error_response(Refusal::KeyNotTaken));
    }
    let name = format!("{} {}", request.method(), request.uri());
    let begun = site.work(move |site| answers::begin(&site.app, &actor, &key, &name));
    match begun.await {
        Ok(None) => Ok(next.call(request).await?.map_into_boxed_body()),
        Ok(Some(Begun::New(claim))) => carry_out(site, claim, request, next).await,
        Ok(Some(Begun::Answered {
            body_digest,
            answer,
        })) => answer_again(request, &body_digest, answer).await,
        Ok(Some(Begun::OfAnother)) => Ok(request.error_response(Refusal::KeyReused)),
        Ok(Some(Begun::UnderWay)) => Ok(request.error_response(Refusal::KeyInUse)),
        Ok(Some(Begun::CutOff)) => Ok(request.error_response(Refusal::OutcomeUnknown)),
        Err(error) => Ok(request.error_response(Error::from(error))),
    }
}

/// How the description tells of the key.
pub(super) fn parameter() -> Parameter {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(MAX_KEY_CHARS))
        .pattern(Some("^[!#-\\[\\]-~]+$"))
        .build();
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "A name of your own for this request. Sent again with the same one, it is not done again, but \
             answered as the first time.",
        ))
        .schema(Some(text))
        .build()
}

/// Whether no key is taken at an address of the table.
pub(super) fn holds_secret(pattern: Option<&str>) -> bool {
    pattern.is_some_and(|pattern| SECRET_ANSWERS.contains(&pattern))
}

/// The key, plain or in quotation marks.
fn key_of(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let mut keys = headers.get_all(KEY);
    let (key, another) = (keys.next(), keys.next());
    let Some(key) = key else {
        return Ok(None);
    };
    let key = key.to_str().map_err(|_| Refusal::KeyMalformed)?.trim();
    let inner = key
        .strip_prefix('"')
        .and_then(|key| key.strip_suffix('"'))
        .unwrap_or(key);
    let is_sound = (1..=MAX_KEY_CHARS).contains(&inner.len())
        && inner
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
    if is_sound && another.is_none() {
        Ok(Some(inner.to_owned()))
    } else {
        Err(Refusal::KeyMalformed)
    }
}

/// Does the work and keeps what is answered: also if the client goes away meanwhile, because then it will
/// ask again.
async fn carry_out<B: MessageBody + 'static>(
    site: Data<Site>,
    claim: Claim,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let reading = Reading::watch(&mut request);
    let id = request::current();
    let work = async move {
        let answer = next.call(request).await;
        let answer = answer.map(|answer| explained(answer.map_into_boxed_body(), id));
        let (answer, kept) = match answer {
            Ok(answer) => copied(answer),
            Err(error) => {
                give_back(&site, claim).await.map_err(Error::from)?;
                return Err(error);
            }
        };
        let digest = reading.digest();
        let is_final =
            answer.status().is_success() || (is_final_refusal(answer.status()) && digest.is_some());
        let noted = if is_final {
            let digest = digest.unwrap_or_default();
            site.work(move |site| answers::keep(&site.app, &claim, &digest, &kept))
                .await
        } else {
            give_back(&site, claim).await
        };
        if let Err(error) = noted {
            // The work is done all the same; what is lost is that it is known.
            tracing::warn!(%error, "an answer to be kept could not be");
        }
        Ok(answer)
    };
    let mut work = Box::pin(work);
    let within = std::future::poll_fn(move |cx| {
        let _current = id.map(request::enter);
        work.as_mut().poll(cx)
    });
    let done = actix_web::rt::spawn(within).await;
    done.unwrap_or_else(|error| Err(Error::from(app::Error::internal(error)).into()))
}

async fn give_back(site: &Site, claim: Claim) -> Result<(), app::Error> {
    site.work(move |site| answers::give_back(&site.app, &claim))
        .await
}

/// Refusals that the same request would meet again.
fn is_final_refusal(status: StatusCode) -> bool {
    matches!(status.as_u16(), 400 | 404 | 405 | 410 | 412 | 415 | 422)
}

/// The answer with its problem document, if it is one that will be kept.
fn explained(answer: ServiceResponse<BoxBody>, id: Option<RequestId>) -> ServiceResponse<BoxBody> {
    let (true, Some(id)) = (is_final_refusal(answer.status()), id) else {
        return answer;
    };
    let Some(problem) = Problem::of(answer.response()) else {
        return answer;
    };
    let (request, response) = answer.into_parts();
    let mut explained = problem.into_response(&request, None, id);
    keep_headers(&response, &mut explained);
    ServiceResponse::new(request, explained)
}

/// The answer, and what is kept of it.
fn copied(answer: ServiceResponse<BoxBody>) -> (ServiceResponse<BoxBody>, Answer) {
    let headers = KEPT_HEADERS.iter().filter_map(|name| {
        let value = answer.headers().get(name)?.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    });
    let mut kept = Answer {
        status: answer.status().as_u16(),
        headers: headers.collect(),
        body: Vec::new(),
    };
    let is_small = matches!(answer.response().body().size(), BodySize::Sized(bytes) if bytes <= MAX_KEPT_BYTES);
    let answer = answer.map_body(|_, body| {
        if !is_small {
            return body;
        }
        match body.try_into_bytes() {
            Ok(bytes) => {
                kept.body = bytes.to_vec();
                BoxBody::new(bytes)
            }
            Err(body) => body,
        }
    });
    (answer, kept)
}

/// Says once more what was said, if it is the same request.
async fn answer_again(
    mut request: ServiceRequest,
    body_digest: &[u8],
    answer: Answer,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let reading = Reading::watch(&mut request);
    let mut body = request.take_payload();
    while let Some(part) = body.next().await {
        if let Err(error) = part {
            return Ok(request.error_response(error));
        }
    }
    // Of a body that nobody read there is no digest.
    let is_same = body_digest.is_empty() || reading.digest().as_deref() == Some(body_digest);
    if !is_same {
        return Ok(request.error_response(Refusal::KeyReused));
    }
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut again = HttpResponse::build(status);
    for (name, value) in answer.headers {
        again.insert_header((name, value));
    }
    again.insert_header((REPLAYED, YES));
    Ok(request.into_response(again.body(answer.body)))
}

/// Looks at a body on its way to whoever reads it.
struct Reading(Rc<RefCell<Progress>>);

#[derive(Default)]
struct Progress {
    hash: Sha256,
    is_whole: bool,
}

impl Reading {
    fn watch(request: &mut ServiceRequest) -> Self {
        let progress = Rc::<RefCell<Progress>>::default();
        match request.take_payload() {
            Payload::None => progress.borrow_mut().is_whole = true,
            body => request.set_payload(Payload::Stream {
                payload: Box::pin(Watched {
                    body,
                    progress: Rc::clone(&progress),
                }),
            }),
        }
        Self(progress)
    }

    /// The hash of the body, if all of it was read.
    fn digest(&self) -> Option<Vec<u8>> {
        let progress = self.0.borrow();
        progress
            .is_whole
            .then(|| progress.hash.clone().finalize().to_vec())
    }
}

struct Watched {
    body: Payload,
    progress: Rc<RefCell<Progress>>,
}

impl Stream for Watched {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = Pin::new(&mut self.body).poll_next(cx);
        let mut progress = self.progress.borrow_mut();
        match &polled {
            Poll::Ready(Some(Ok(part))) => progress.hash.update(part),
            Poll::Ready(None) => progress.is_whole = true,
            Poll::Ready(Some(Err(_))) | Poll::Pending => {}
        }
        drop(progress);
        polled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(values: &[&str]) -> Result<Option<String>, Refusal> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(KEY, HeaderValue::from_str(value).unwrap());
        }
        key_of(&headers)
    }

    #[test]
    fn a_key_may_be_plain_or_quoted() {
        assert_eq!(key(&[]), Ok(None));
        for value in ["8e03978e", "\"8e03978e\"", " 8e03978e "] {
            assert_eq!(key(&[value]), Ok(Some("8e03978e".to_owned())), "{value}");
        }
        assert!(key(&[&"k".repeat(MAX_KEY_CHARS)]).is_ok());
        let long = "k".repeat(MAX_KEY_CHARS + 1);
        for value in ["", "\"\"", "a b", "\"", "a\"b", "\\", &long] {
            assert_eq!(key(&[value]), Err(Refusal::KeyMalformed), "{value}");
        }
        assert_eq!(key(&["a", "a"]), Err(Refusal::KeyMalformed));
    }

    #[test]
    fn where_a_secret_is_told_no_key_is_taken() {
        assert!(holds_secret(Some("/api/v1/tokens")));
        assert!(!holds_secret(Some("/api/v1/posts")));
        assert!(!holds_secret(None));
    }
}
