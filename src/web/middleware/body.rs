//! Request bodies: how large, and how long they may take. The guard sits between the connection and
//! whatever reads the body, so no handler can forget it.

use std::cell::Cell;
use std::future::Future as _;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap};
use bytes::Bytes;
use futures_util::Stream;
use tokio::time::{Instant, Sleep};

use super::Refusal;
use crate::web::limits::Limits;

/// How reading the body went; the reader only learns that it failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Fate {
    #[default]
    Well,
    TooLarge {
        limit_bytes: u64,
    },
    TooSlow,
}

impl Fate {
    pub(super) fn refusal(self) -> Option<Refusal> {
        match self {
            Self::Well => None,
            Self::TooLarge { limit_bytes } => Some(Refusal::BodyTooLarge { limit_bytes }),
            Self::TooSlow => Some(Refusal::BodyTooSlow),
        }
    }
}

/// What the client says it will send.
pub(in crate::web) fn announced_bytes(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()
}

/// Refuses at once what already says that it is too large.
pub(super) fn check(request: &ServiceRequest, limits: &Limits) -> Result<(), Refusal> {
    let Some(bytes) = announced_bytes(request.headers()) else {
        return Ok(());
    };
    let limit_bytes = limits.body_bytes_for(request.path());
    if bytes > limit_bytes {
        Err(Refusal::BodyTooLarge { limit_bytes })
    } else {
        Ok(())
    }
}

/// Puts the guard before the body, if there is one.
pub(super) fn guard(request: &mut ServiceRequest, limits: &Arc<Limits>) -> Option<Rc<Cell<Fate>>> {
    let limit_bytes = limits.body_bytes_for(request.path());
    let (_, payload) = request.parts_mut();
    let body = match std::mem::replace(payload, Payload::None) {
        Payload::None => return None,
        body => body,
    };
    let fate = Rc::default();
    let began = Instant::now();
    *payload = Payload::Stream {
        payload: Box::pin(GuardedBody {
            body,
            fate: Rc::clone(&fate),
            received_bytes: 0,
            limit_bytes,
            began,
            timer: Box::pin(tokio::time::sleep_until(began + limits.body_time(0))),
            limits: Arc::clone(limits),
        }),
    };
    Some(fate)
}

struct GuardedBody {
    body: Payload,
    fate: Rc<Cell<Fate>>,
    received_bytes: u64,
    limit_bytes: u64,
    began: Instant,
    timer: Pin<Box<Sleep>>,
    limits: Arc<Limits>,
}

impl GuardedBody {
    fn fail(&self, fate: Fate, error: PayloadError) -> Poll<Option<Result<Bytes, PayloadError>>> {
        self.fate.set(fate);
        Poll::Ready(Some(Err(error)))
    }

    /// True when the client has been too slow for what it has sent so far.
    fn is_out_of_time(&mut self, cx: &mut Context<'_>) -> bool {
        while self.timer.as_mut().poll(cx).is_ready() {
            let ends = self.began + self.limits.body_time(self.received_bytes);
            if ends <= Instant::now() {
                return true;
            }
            self.timer.as_mut().reset(ends);
        }
        false
    }
}

impl Stream for GuardedBody {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match Pin::new(&mut self.body).poll_next(cx) {
            Poll::Ready(Some(Ok(chunk))) => {
                self.received_bytes += chunk.len() as u64;
                let limit_bytes = self.limit_bytes;
                if self.received_bytes > limit_bytes {
                    return self.fail(Fate::TooLarge { limit_bytes }, PayloadError::Overflow);
                }
                Poll::Ready(Some(Ok(chunk)))
            }
            Poll::Pending if self.is_out_of_time(cx) => {
                self.fail(Fate::TooSlow, PayloadError::Incomplete(None))
            }
            other => other,
        }
    }
}
