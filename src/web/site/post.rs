//! A post or a page, at its own name.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use minijinja::context;

use crate::app::reader::{self, Found};
use crate::cache::Page;
use crate::web::error::Error;
use crate::web::state::Site;

use super::view::{self, PostView, SiteView};

pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    slug: Path<String>,
) -> Result<HttpResponse, Error> {
    let slug = slug.into_inner();
    let key = format!("/{slug}");
    let make = move |site: &Site| match reader::at_slug(&site.app, None, &slug)? {
        Found::Moved { to, permanent } => {
            let status = if permanent { 301 } else { 302 };
            Ok(Page::new(status, "text/plain; charset=utf-8", "Moved\n")
                .with_header("location", to))
        }
        Found::Post(page) => {
            let html = site.templates.render(
                "post.html",
                context! {
                    site => view::value(SiteView::new(site, &page.settings)),
                    post => view::value(PostView::new(&page, &site.base_url)),
                },
            )?;
            Ok(view::page(html))
        }
    };
    site.cached(&request, &key, make).await
}
