//! The posts with a tag.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use minijinja::context;

use crate::app::reader;
use crate::web::error::Error;
use crate::web::state::Site;

use super::stage::{self, Stage};
use super::view::{self, Calendar, Kind, PageView, Series, TagView};

pub(in crate::web) async fn first(
    request: HttpRequest,
    site: Data<Site>,
    slug: Path<String>,
) -> Result<HttpResponse, Error> {
    show(&request, &site, slug.into_inner(), 1).await
}

pub(in crate::web) async fn older(
    request: HttpRequest,
    site: Data<Site>,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Error> {
    let (slug, number) = path.into_inner();
    match stage::page_number(&number, &address(&slug)) {
        Ok(number) => show(&request, &site, slug, number).await,
        Err(first) => stage::turn_back(&request, &site, first).await,
    }
}

fn address(slug: &str) -> String {
    format!("/tag/{slug}")
}

async fn show(
    request: &HttpRequest,
    site: &Site,
    slug: String,
    number: u32,
) -> Result<HttpResponse, Error> {
    let key = format!("{}/page/{number}", address(&slug));
    let make = move |stage: &Stage<'_>| {
        let found = reader::tag(&stage.app, &slug, number)?;
        let (tag, listing) = (&found.tag, &found.listing);
        let settings = &listing.settings;
        let path = address(tag.slug.as_str());
        let series = Series::new(&path, number, listing.has_older);
        let feeds = view::said(
            settings,
            "feed_of_tag",
            &[
                ("site", settings.title.as_str()),
                ("tag", tag.name.as_str()),
            ],
        );
        let page = PageView::of_series(stage, settings, Kind::Tag, &series)
            .titled(settings, Some(tag.name.as_str()))
            .described(&tag.description)
            .pictured(stage, tag.cover_url.as_ref())
            .with_feeds(&feeds, &path)
            .placed(stage, settings, &[(tag.name.as_str(), &path)]);
        let calendar = Calendar::new(settings, &settings.language);
        let words = context! {
            tag => view::value(TagView::new(tag, found.count)),
            posts => view::teasers(&listing.posts, settings, &calendar),
        };
        stage.page(settings, "tag.html", &page, &words)
    };
    stage::show(request, site, &key, make).await
}
