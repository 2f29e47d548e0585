//! Feeds, at the end of the address of the list they are of.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use percent_encoding::percent_decode_str;

use crate::app;
use crate::app::feeds::{self, Form, Of};
use crate::cache::Page;
use crate::web::error::Error;
use crate::web::state::Site;

use super::stage::{self, Stage};

pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
) -> Result<HttpResponse, Error> {
    let path = percent_decode_str(request.path())
        .decode_utf8_lossy()
        .into_owned();
    let key = path.clone();
    let make = move |stage: &Stage<'_>| {
        let (list, file) = path.rsplit_once('/').unwrap_or_default();
        let form = Form::ALL.into_iter().find(|form| form.file() == file);
        let form = form.ok_or(app::Error::NotFound)?;
        let of = match list.split('/').collect::<Vec<_>>()[..] {
            [""] => Of::Site,
            ["", "tag", slug] => Of::Tag(slug),
            ["", "author", slug] => Of::Author(slug),
            _ => return Err(app::Error::NotFound),
        };
        let made = feeds::document(&stage.app, of, form, &stage.base_url)?;
        let page = Page::new(200, form.content_type(), made.body)
            .with_header("cache-control", stage.fresh());
        Ok(match made.hub_url {
            None => page,
            Some(hub) => {
                let links = format!("<{hub}>; rel=\"hub\", <{}>; rel=\"self\"", made.own_url);
                page.with_header("link", links)
            }
        })
    };
    stage::show(&request, &site, &key, make).await
}
