//! A post or a page, at its own name.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _};
use minijinja::context;

use crate::app::{
    self,
    reader::{self, Found, PostPage},
};
use crate::cache::Page;
use crate::domain::post::Kind;
use crate::web::error::Error;
use crate::web::identity;
use crate::web::respond;
use crate::web::state::Site;

use super::elsewhere;
use super::stage::{self, Stage};
use super::view::{self, PageView, PostView};

pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    slug: Path<String>,
) -> Result<HttpResponse, Error> {
    let slug = slug.into_inner();
    if slug.contains('/') {
        // An encoded slash: no name of ours, and nothing to be kept under the address of another page.
        return elsewhere::instead(&request, &site).await;
    }
    let key = format!("/{slug}");
    let name = slug.clone();
    let make = move |stage: &Stage<'_>| match reader::at_slug(&stage.app, None, &name)? {
        Found::Moved { to, permanent } => Ok(view::moved_page(to, permanent)),
        Found::Post(found) => whole_page(stage, &found),
    };
    match stage::cached(&request, &site, &key, make).await {
        Err(error) if error.status_code() == StatusCode::NOT_FOUND => {
            match private(&request, &site, slug).await? {
                Some(answer) => Ok(answer),
                None => elsewhere::in_usual_form(&request, &site).await,
            }
        }
        answer => answer,
    }
}

/// What strangers do not find, for those who are signed in and may read it. Never goes through the
/// page cache, and costs strangers nothing.
async fn private(
    request: &HttpRequest,
    site: &Site,
    slug: String,
) -> Result<Option<HttpResponse>, Error> {
    let actor = match identity::signed_in(site, request).await {
        Ok((actor, _)) => actor,
        Err(app::Error::Unauthenticated) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let made = site.work(
        move |site| match reader::at_slug(&site.app, Some(&actor), &slug) {
            Ok(Found::Post(found)) => whole_page(&Stage::new(site), &found).map(Some),
            Ok(Found::Moved { .. }) | Err(app::Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        },
    );
    match made.await? {
        Some(page) => {
            let answer = respond::page(request, &page.into()).await;
            Ok(Some(stage::for_one(answer)))
        }
        None => Ok(None),
    }
}

fn whole_page(stage: &Stage<'_>, found: &PostPage) -> Result<Page, app::Error> {
    let page = PageView::of_post(stage, found);
    let post = view::value(PostView::new(found));
    of_parts(stage, found, &page, &context! { post })
}

/// A post's page from what its template is given.
pub(super) fn of_parts(
    stage: &Stage<'_>,
    found: &PostPage,
    page: &PageView,
    words: &minijinja::Value,
) -> Result<Page, app::Error> {
    let template = match found.post.kind {
        Kind::Post => "post.html",
        Kind::Page => "page.html",
    };
    let text = &found.rendition.html;
    stage.page_of_text(text, &found.settings, template, page, words)
}
