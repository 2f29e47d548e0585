//! The site over the API: what it is called, where everything is, and how much there is of it.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use crate::app::reader;
use crate::domain::VERSION;
use crate::domain::appearance::{Colour, Link};
use crate::domain::settings::Settings;
use crate::domain::text::WebAddress;
use crate::web::error::Error;
use crate::web::identity::Program;
use crate::web::state::Site;

use super::answer;
use super::preconditions::IfNoneMatchHeader;
use super::question::{NoFilters, Question};

#[derive(OpenApi)]
#[openapi(paths(show))]
pub(super) struct Described;

/// The site.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Site)]
struct SiteObject {
    title: String,
    description: String,
    /// Such as `en` or `pt-BR` (BCP 47).
    language: String,
    /// Such as `Europe/Lisbon`.
    time_zone: String,
    #[schema(format = "uri")]
    url: String,
    #[schema(required = true, format = "uri")]
    logo_url: Option<String>,
    #[schema(required = true, format = "uri")]
    cover_url: Option<String>,
    /// What it is coloured with.
    #[schema(required = true, pattern = "^#[0-9a-f]{6}$")]
    accent: Option<String>,
    navigation: Vec<SiteLink>,
    footer_links: Vec<SiteLink>,
    social_links: Vec<SiteLink>,
    feeds: FeedsObject,
    counts: CountsObject,
    /// Which version of the program this is. Strangers are not told.
    #[schema(required = true)]
    version: Option<String>,
}

/// An address with what it is called.
#[derive(Debug, Serialize, ToSchema)]
struct SiteLink {
    label: String,
    #[schema(format = "uri")]
    url: String,
}

/// Where readers' programs ask for what is new.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Feeds)]
struct FeedsObject {
    #[schema(format = "uri")]
    rss: String,
    #[schema(format = "uri")]
    atom: String,
    #[schema(format = "uri")]
    json: String,
}

/// How much of everything readers find.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Counts)]
struct CountsObject {
    posts: u64,
    pages: u64,
    tags: u64,
    authors: u64,
}

impl SiteObject {
    fn of(site: &Site, settings: &Settings, figures: reader::Figures, is_known: bool) -> Self {
        let links = |links: &[Link]| -> Vec<SiteLink> {
            let link = |link: &Link| SiteLink {
                label: link.label.to_string(),
                url: whole(site, &link.url),
            };
            links.iter().map(link).collect()
        };
        let at = |file: &str| format!("{}/{file}", site.base_url);
        let picture = |url: &Option<WebAddress>| url.as_ref().map(|url| whole(site, url));
        let accent = settings.accent.as_ref().map(Colour::as_str);
        Self {
            title: settings.title.to_string(),
            description: settings.description.clone(),
            language: settings.language.as_str().to_owned(),
            time_zone: settings.time_zone.clone(),
            url: at(""),
            logo_url: picture(&settings.logo),
            cover_url: picture(&settings.cover),
            accent: accent.map(str::to_owned),
            navigation: links(&settings.navigation),
            footer_links: links(&settings.footer_links),
            social_links: links(&settings.social_links),
            feeds: FeedsObject {
                rss: at("feed.xml"),
                atom: at("atom.xml"),
                json: at("feed.json"),
            },
            counts: CountsObject {
                posts: figures.posts,
                pages: figures.pages,
                tags: figures.tags,
                authors: figures.authors,
            },
            version: is_known.then(|| VERSION.to_owned()),
        }
    }
}

/// An address that may be a path on this site, with the site before it.
fn whole(site: &Site, url: &WebAddress) -> String {
    let before = if url.as_str().starts_with('/') {
        &*site.base_url
    } else {
        ""
    };
    format!("{before}{url}")
}

/// Read what the site is
#[utoipa::path(
    get, path = "/api/v1/site", operation_id = "showSite", tag = "site",
    params(IfNoneMatchHeader),
    responses((status = 200, description = "The site.", body = SiteObject)),
)]
pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    _: Question<NoFilters>,
) -> Result<HttpResponse, Error> {
    let found = site.work(move |site| reader::site(&site.app));
    let (settings, figures) = found.await?;
    let object = SiteObject::of(&site, &settings, figures, !actor.is_anonymous());
    answer::thing(&site, &request, &object, None)
}
