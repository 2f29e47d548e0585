//! A body that tells its connection when the library has taken all of it.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use bytes::Bytes;

use crate::web::pace::Departure;

pub(in crate::web) struct Watched {
    body: BoxBody,
    _departure: Option<Departure>,
}

impl Watched {
    pub(super) fn new(body: BoxBody, departure: Option<Departure>) -> Self {
        Self {
            body,
            _departure: departure.map(Departure::answered),
        }
    }
}

impl MessageBody for Watched {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}
