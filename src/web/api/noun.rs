//! Posts and pages have addresses of their own and share their handlers: which of the two a request is
//! about.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use crate::app;
use crate::domain::id::PostId;
use crate::domain::post::Kind;
use crate::web::error::Error;

const POSTS: &str = "/api/v1/posts";
pub(super) const PAGES: &str = "/api/v1/pages";

/// Under which name something was asked for. What is under “posts” may be either, because a page is a post
/// that stands alone; under “pages” are only pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web) enum Noun {
    Posts,
    Pages,
}

impl Noun {
    /// What it must be.
    pub(super) fn kind(self) -> Option<Kind> {
        match self {
            Self::Posts => None,
            Self::Pages => Some(Kind::Page),
        }
    }

    pub(super) fn address(self) -> &'static str {
        match self {
            Self::Posts => POSTS,
            Self::Pages => PAGES,
        }
    }
}

impl FromRequest for Noun {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let is_pages = request.path().starts_with(PAGES);
        ready(Ok(if is_pages { Self::Pages } else { Self::Posts }))
    }
}

/// An id in an address; what is not a number is the id of nothing.
pub(in crate::web) fn id_of(id: &str) -> Result<PostId, app::Error> {
    number_of(id).map(PostId::from_i64)
}

/// The same for whatever has an id.
pub(in crate::web) fn number_of(id: &str) -> Result<i64, app::Error> {
    id.parse().map_err(|_| app::Error::NotFound)
}
