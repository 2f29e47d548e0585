//! Answers to HEAD: everything GET would bring except the body.
//!
//! The HTTP library leaves bodies out by itself, but decides by the newest request it has read, which
//! with pipelining may be a later one. So the body is taken away here. (The other way round, a GET
//! that is still being worked on when a HEAD arrives behind it, cannot be helped from here: its
//! answer loses its body. No browser or proxy in use sends requests like that.)

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_http::ResponseHead;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONTENT_LENGTH, HeaderMap, HeaderValue};
use bytes::Bytes;

/// Of unknown size to the library, so that the length in the headers is left as it is.
struct Nothing;

impl MessageBody for Nothing {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(None)
    }
}

/// Whoever answers to GET answers to HEAD, though the handlers do not know.
pub(super) fn allow(headers: &mut HeaderMap) {
    let allowed = headers.get(ALLOW).and_then(|value| value.to_str().ok());
    let methods = allowed.unwrap_or_default().split(',').map(str::trim);
    let methods: Vec<&str> = methods.collect();
    if methods.contains(&"GET") && !methods.contains(&"HEAD") {
        let with_head = methods.join(", ").replace("GET", "GET, HEAD");
        if let Ok(value) = HeaderValue::from_str(&with_head) {
            headers.insert(ALLOW, value);
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the body ends here")]
pub(super) fn without_body(head: &mut ResponseHead, body: BoxBody) -> BoxBody {
    if head.status == StatusCode::NOT_MODIFIED {
        // Its length would be taken for the page's.
        return BoxBody::new(());
    }
    match body.size() {
        BodySize::None => return BoxBody::new(()),
        BodySize::Sized(bytes) => {
            head.headers
                .insert(CONTENT_LENGTH, HeaderValue::from(bytes));
        }
        BodySize::Stream => {}
    }
    head.no_chunking(true);
    BoxBody::new(Nothing)
}
