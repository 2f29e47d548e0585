//! Cards and icons that the server draws.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use crate::app::{
    self,
    pictures::{self, Drawn},
};
use crate::cache::Page;
use crate::web::error::Error;
use crate::web::state::Site;

use super::view;

/// Their address changes with what is in them.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
/// Browsers ask for these by a name that stays.
const FOR_A_DAY: &str = "public, max-age=86400";

pub(in crate::web) async fn card(
    request: HttpRequest,
    site: Data<Site>,
    name: Path<String>,
) -> Result<HttpResponse, Error> {
    show(&request, &site, FOR_GOOD, move |site| {
        pictures::card(&site.app, &name)
    })
    .await
}

pub(in crate::web) async fn icon(
    request: HttpRequest,
    site: Data<Site>,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Error> {
    let (folder, file) = path.into_inner();
    show(&request, &site, FOR_GOOD, move |site| {
        pictures::icon(&site.app, Some(&folder), &file, &site.base_url)
    })
    .await
}

/// An icon at the top of the site, where browsers look for it unasked.
pub(in crate::web) async fn unasked(
    request: HttpRequest,
    site: Data<Site>,
) -> Result<HttpResponse, Error> {
    let file = request.path().trim_start_matches('/').to_owned();
    show(&request, &site, FOR_A_DAY, move |site| {
        pictures::icon(&site.app, None, &file, &site.base_url)
    })
    .await
}

async fn show(
    request: &HttpRequest,
    site: &Site,
    policy: &'static str,
    find: impl FnOnce(&Site) -> Result<Drawn, app::Error> + Send + 'static,
) -> Result<HttpResponse, Error> {
    let make = move |site: &Site| {
        Ok(match find(site)? {
            Drawn::Here { kind, bytes } => {
                Page::new(200, kind, bytes).with_header("cache-control", policy)
            }
            Drawn::Moved(to) => view::moved_page(to, false),
        })
    };
    site.cached(request, request.path(), make).await
}
