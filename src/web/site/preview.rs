//! A post that is not public, for whoever has a link with a secret or is writing it. Kept by nobody: not by our cache,
//! not by others', not by search engines; and no address it links to is told of it.

use actix_web::http::header::{HeaderName, HeaderValue, REFERRER_POLICY};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use minijinja::context;

use crate::app::{self, reader, reader::PostPage};
use crate::cache::Page;
use crate::web::error::Error;
use crate::web::respond;
use crate::web::state::Site;

use super::post;
use super::stage::{self, Stage};
use super::view::{self, PageView, PostView};

const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    secret: Path<String>,
) -> Result<HttpResponse, Error> {
    let made = site.work(move |site| {
        let found = reader::preview(&site.app, &secret)?;
        let stage = Stage::new(site);
        let page = PageView::of_post(&stage, &found.page).hidden();
        let view = view::value(PostView::preview(&found.page, found.until));
        post::of_parts(&stage, &found.page, &page, &context! { post => view })
    });
    let answer = respond::page(&request, &made.await?.into()).await;
    Ok(unseen(answer))
}

/// The page of what somebody is writing.
pub(in crate::web) fn of_draft(site: &Site, found: &PostPage) -> Result<Page, app::Error> {
    let stage = Stage::for_writer(site);
    let page = PageView::of_post(&stage, found).hidden();
    let view = view::value(PostView::new(found));
    post::of_parts(&stage, found, &page, &context! { post => view })
}

/// Neither kept nor found by anybody.
pub(in crate::web) fn unseen(mut answer: HttpResponse) -> HttpResponse {
    let headers = answer.headers_mut();
    headers.insert(ROBOTS, HeaderValue::from_static("noindex, nofollow"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    stage::for_one(answer)
}
