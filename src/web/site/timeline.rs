//! The home page and the older pages of the timeline.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use minijinja::context;

use crate::app::{self, reader};
use crate::web::error::Error;
use crate::web::state::Site;

use super::view::{self, SiteView, TeaserView};

pub(in crate::web) async fn first(
    request: HttpRequest,
    site: Data<Site>,
) -> Result<HttpResponse, Error> {
    show(&request, &site, 1).await
}

pub(in crate::web) async fn older(
    request: HttpRequest,
    site: Data<Site>,
    number: Path<String>,
) -> Result<HttpResponse, Error> {
    match number.parse() {
        Ok(1) => Ok(view::moved("/", true)),
        Ok(number) => show(&request, &site, number).await,
        Err(_) => Err(app::Error::NotFound.into()),
    }
}

async fn show(request: &HttpRequest, site: &Site, number: u32) -> Result<HttpResponse, Error> {
    let key = format!("/page/{number}");
    let make = move |site: &Site| {
        let page = reader::timeline(&site.app, number)?;
        let posts: Vec<_> = page
            .posts
            .iter()
            .map(|teaser| view::value(TeaserView::new(teaser, &page.settings)))
            .collect();
        let html = site.templates.render(
            "home.html",
            context! {
                site => view::value(SiteView::new(site, &page.settings)),
                posts,
                page => number,
                newer => (number > 1).then(|| page_address(number - 1)),
                older => page.has_older.then(|| page_address(number + 1)),
            },
        )?;
        Ok(view::page(html))
    };
    site.cached(request, &key, make).await
}

fn page_address(number: u32) -> String {
    match number {
        1 => "/".to_owned(),
        number => format!("/page/{number}"),
    }
}
