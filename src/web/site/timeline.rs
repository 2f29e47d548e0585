//! The home page and the older pages of the timeline.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use minijinja::context;

use crate::app::reader;
use crate::web::error::Error;
use crate::web::grants;
use crate::web::state::Site;

use super::stage;
use super::view::{self, Calendar, PageView, Series};

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
    match stage::page_number(&number, "/") {
        Ok(number) => show(&request, &site, number).await,
        Err(first) => stage::turn_back(&request, &site, first).await,
    }
}

async fn show(request: &HttpRequest, site: &Site, number: u32) -> Result<HttpResponse, Error> {
    let key = format!("/page/{number}");
    let make = move |stage: &stage::Stage<'_>| {
        let found = reader::timeline(&stage.app, number)?;
        let settings = &found.settings;
        let calendar = Calendar::new(settings, &settings.language);
        let series = Series::new("/", number, found.has_older);
        let page = PageView::home(stage, settings, &series).of_somebody(stage);
        let posts = view::teasers(&found.posts, settings, &calendar);
        let made = stage.page(settings, "home.html", &page, &context! { posts })?;
        Ok(made.with_header("link", grants::link_header(stage)))
    };
    stage::show(request, site, &key, make).await
}
