//! Pages for machines: who may read what, where everything is, posts as they were written.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use crate::app::{self, machines, pictures, settings};
use crate::cache::Page;
use crate::web::error::Error;
use crate::web::state::Site;

use super::stage::{self, Stage};

const PLAIN: &str = "text/plain; charset=utf-8";
const XML: &str = "application/xml; charset=utf-8";
/// What a shortcut on a phone has room for.
const SHORT_NAME_CHARS: usize = 12;

fn page(site: &Site, content_type: &'static str, body: String) -> Page {
    Page::new(200, content_type, body).with_header("cache-control", site.fresh())
}

/// Keeps what `make` makes at the request's own path.
async fn show(
    request: &HttpRequest,
    site: &Site,
    content_type: &'static str,
    make: impl FnOnce(&Stage<'_>) -> Result<String, app::Error> + Send + 'static,
) -> Result<HttpResponse, Error> {
    let key = request.path().to_owned();
    stage::show(request, site, &key, move |stage| {
        make(stage).map(|body| page(stage, content_type, body))
    })
    .await
}

pub(in crate::web) async fn robots(
    request: HttpRequest,
    site: Data<Site>,
) -> Result<HttpResponse, Error> {
    let make = |stage: &Stage<'_>| machines::robots(&stage.app, &stage.base_url);
    show(&request, &site, PLAIN, make).await
}

pub(in crate::web) async fn sitemap(
    request: HttpRequest,
    site: Data<Site>,
) -> Result<HttpResponse, Error> {
    let make = |stage: &Stage<'_>| machines::sitemap(&stage.app, &stage.base_url);
    show(&request, &site, XML, make).await
}

pub(in crate::web) async fn sitemap_part(
    request: HttpRequest,
    site: Data<Site>,
    name: Path<String>,
) -> Result<HttpResponse, Error> {
    let make = move |stage: &Stage<'_>| machines::sitemap_part(&stage.app, &name, &stage.base_url);
    show(&request, &site, XML, make).await
}

pub(in crate::web) async fn llms(
    request: HttpRequest,
    site: Data<Site>,
) -> Result<HttpResponse, Error> {
    let make = |stage: &Stage<'_>| machines::llms(&stage.app, &stage.base_url);
    show(&request, &site, PLAIN, make).await
}

pub(in crate::web) async fn security(
    request: HttpRequest,
    site: Data<Site>,
) -> Result<HttpResponse, Error> {
    // Made anew each time: what it says depends on the day.
    let make = |stage: &Stage<'_>| {
        machines::security(&stage.app, &stage.base_url).map(|body| page(stage, PLAIN, body))
    };
    stage::uncached(&request, &site, make).await
}

pub(in crate::web) async fn markdown(
    request: HttpRequest,
    site: Data<Site>,
    slug: Path<String>,
) -> Result<HttpResponse, Error> {
    let key = format!("/{slug}.md");
    let make = move |stage: &Stage<'_>| {
        let made = machines::markdown(&stage.app, &slug, &stage.base_url)?;
        // Search engines know the page itself.
        Ok(page(stage, "text/markdown; charset=utf-8", made.text)
            .with_header("link", format!("<{}>; rel=\"canonical\"", made.page_url))
            .with_header("x-robots-tag", "noindex"))
    };
    stage::show(&request, &site, &key, make).await
}

/// What a phone makes of the site when somebody puts it on the first screen.
pub(in crate::web) async fn manifest(
    request: HttpRequest,
    site: Data<Site>,
) -> Result<HttpResponse, Error> {
    let make = |stage: &Stage<'_>| {
        let settings = settings::read(&stage.app)?;
        let title = settings.title.as_str();
        let short: String = title.chars().take(SHORT_NAME_CHARS).collect();
        let folder = pictures::icons(&settings);
        let icon = |file: &str, sizes: &str, purpose: &str| {
            json!({
                "src": format!("{folder}/{file}"),
                "sizes": sizes,
                "type": "image/png",
                "purpose": purpose,
            })
        };
        Ok(json!({
            "name": title,
            "short_name": short.trim(),
            "description": settings.description,
            "lang": settings.language.as_str(),
            "dir": if settings.language.is_right_to_left() { "rtl" } else { "ltr" },
            "start_url": "/",
            "display": "minimal-ui",
            "icons": [
                icon("icon-192.png", "192x192", "any"),
                icon("icon-512.png", "512x512", "any"),
                icon("maskable-512.png", "512x512", "maskable"),
            ],
        })
        .to_string())
    };
    show(&request, &site, "application/manifest+json", make).await
}
