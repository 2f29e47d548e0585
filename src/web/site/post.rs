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
use crate::web::error::Error;
use crate::web::identity;
use crate::web::respond;
use crate::web::state::Site;

use super::view::{self, PostView, SiteView};

/// On a page into which an admin put code, that code may run and load what it needs.
const INJECTING: &str = "default-src 'self' https: data:; script-src 'self' https: 'unsafe-inline'; \
    style-src 'self' https: 'unsafe-inline'; object-src 'none'; base-uri 'self'; \
    form-action 'self' https:; frame-ancestors 'none'";
/// A page for one reader stays out of every cache.
const FOR_ONE: &str = "private, no-store";

pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    slug: Path<String>,
) -> Result<HttpResponse, Error> {
    let slug = slug.into_inner();
    let key = format!("/{slug}");
    let name = slug.clone();
    let make = move |site: &Site| match reader::at_slug(&site.app, None, &name)? {
        Found::Moved { to, permanent } => {
            let status = if permanent { 301 } else { 302 };
            Ok(Page::new(status, "text/plain; charset=utf-8", "Moved\n")
                .with_header("location", to)
                .with_header("cache-control", view::FRESH))
        }
        Found::Post(page) => {
            let made = view::page(html(site, &page)?);
            let injects =
                page.post.content.code_head.is_some() || page.post.content.code_foot.is_some();
            Ok(if injects {
                made.with_header("content-security-policy", INJECTING)
            } else {
                made
            })
        }
    };
    match site.cached(&request, &key, make).await {
        Err(error) if error.status_code() == StatusCode::NOT_FOUND => {
            private(&request, &site, slug).await?.ok_or(error)
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
            Ok(Found::Post(page)) => {
                let page = Page::html(html(site, &page)?).with_header("cache-control", FOR_ONE);
                Ok(Some(page))
            }
            Ok(Found::Moved { .. }) | Err(app::Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        },
    );
    match made.await? {
        Some(page) => Ok(Some(respond::page(request, &page.into()).await)),
        None => Ok(None),
    }
}

fn html(site: &Site, page: &PostPage) -> Result<String, app::Error> {
    site.templates.render(
        "post.html",
        context! {
            site => view::value(SiteView::new(site, &page.settings)),
            post => view::value(PostView::new(page, &site.base_url)),
        },
    )
}
