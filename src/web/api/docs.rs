//! `/api/docs`: the reference of the API as a page, made here from the same description that programs
//! read. It needs no script and nothing from anywhere else.

mod example;
mod kind;
mod reference;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::app::{self, settings};
use crate::cache::Page;
use crate::web::error::Error;
use crate::web::state::Site;

use super::openapi;
use reference::Reference;

pub(in crate::web) const HERE: &str = "/api/docs";
const TEMPLATE: &str = "admin/api-docs.html";

pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
) -> Result<HttpResponse, Error> {
    site.cached(&request, HERE, make).await
}

fn make(site: &Site) -> Result<Page, app::Error> {
    let description = serde_json::to_value(openapi::document()).map_err(app::Error::internal)?;
    let settings = settings::read(&site.app)?;
    let page = minijinja::value::Serde(Reference::of(&description));
    let context = minijinja::context! {
        site_title => settings.title.as_str(),
        site_language => settings.language.as_str(),
        base_url => site.base_url.as_str(),
        page => minijinja::Value::from(page),
    };
    let html = site.themes.render_admin(TEMPLATE, context)?;
    Ok(Page::html(html).with_header("cache-control", site.fresh()))
}
