//! The posts of an author, and who that is.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use minijinja::context;

use crate::app::reader;
use crate::web::error::Error;
use crate::web::grants;
use crate::web::state::Site;

use super::stage::{self, Stage};
use super::view::{self, AuthorView, Calendar, Kind, PageView, Series};

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
    format!("/author/{slug}")
}

async fn show(
    request: &HttpRequest,
    site: &Site,
    slug: String,
    number: u32,
) -> Result<HttpResponse, Error> {
    let key = format!("{}/page/{number}", address(&slug));
    let make = move |stage: &Stage<'_>| {
        let found = reader::author(&stage.app, &slug, number)?;
        let (author, listing) = (&found.author, &found.listing);
        let settings = &listing.settings;
        let path = address(author.slug.as_str());
        let name = author.name.as_str();
        let series = Series::new(&path, number, listing.has_older);
        let feeds = view::said(
            settings,
            "feed_of_author",
            &[("site", settings.title.as_str()), ("name", name)],
        );
        let page = PageView::of_series(stage, settings, Kind::Author, &series)
            .titled(settings, Some(name))
            .described(&author.bio)
            .with_feeds(&feeds, &path)
            .placed(stage, settings, &[(name, &path)])
            .of_somebody(stage);
        let calendar = Calendar::new(settings, &settings.language);
        let words = context! {
            author => view::value(AuthorView::new(author, found.count)),
            posts => view::teasers(&listing.posts, settings, &calendar),
        };
        let made = stage.page(settings, "author.html", &page, &words)?;
        Ok(made.with_header("link", grants::link_header(stage)))
    };
    stage::show(request, site, &key, make).await
}
