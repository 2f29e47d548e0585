//! The short way: a page that is finished for the newest state of the site is sent from prebuilt bytes,
//! before the HTTP library has built a request. Whatever is unusual about a request takes the long
//! way through library, middleware and handler; both ways send the same answer, which tests compare.
//!
//! Must not know how pages are made, nor anything about the site but which state of it is the newest.

mod ask;
mod connection;
mod form;
mod goodbye;
mod outgoing;
mod shelf;

use std::rc::Rc;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header::{AUTHORIZATION, COOKIE, HOST};

pub(super) use self::connection::Connection;
pub(super) use self::shelf::Shelf;
use crate::cache::Page;

/// Which state of the site a page shows: the generation and variant of its key in the page cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edition {
    pub generation: u64,
    pub variant: u32,
}

/// What the short way asks of the site.
pub trait Source: Send + Sync {
    /// The newest state. Asked for every request, so it must cost next to nothing.
    fn newest(&self) -> Edition;

    /// What may be kept at hand by all threads together. Nothing means that there is no short way.
    fn room_bytes(&self) -> usize;

    /// A finished page was found and is being sent.
    fn page_found(&self);
}

/// Keeps the page at hand under the address it was asked for. `page` must be what every stranger gets
/// there, with no header added later, and `edition` must have been read before the page was made.
pub fn keep(request: &HttpRequest, edition: Edition, page: &Arc<Page>) {
    let Some(shelf) = request
        .app_data::<Option<Rc<Shelf>>>()
        .and_then(Option::as_ref)
    else {
        return;
    };
    let uri = request.uri();
    let headers = request.headers();
    let Some(host) = headers.get(HOST) else {
        return;
    };
    // Whoever is known may be shown something else, so they never decide what strangers see.
    if headers.contains_key(COOKIE) || headers.contains_key(AUTHORIZATION) {
        return;
    }
    // A complete address, or one with a question in it, takes the long way every time.
    if uri.scheme().is_none() && uri.query().is_none() {
        shelf.put(uri.path(), host.as_bytes(), edition, page);
    }
}
