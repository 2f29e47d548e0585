//! Every address nobody else answers to: perhaps it has moved.

use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use percent_encoding::percent_decode_str;

use crate::app::{self, reader};
use crate::web::error::Error;
use crate::web::state::Site;

use super::view;

pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
) -> Result<HttpResponse, Error> {
    let path = percent_decode_str(request.path()).decode_utf8();
    let Some(path) = path.ok().filter(|_| request.method() == Method::GET) else {
        return Err(app::Error::NotFound.into());
    };
    let path = path.into_owned();
    let found = site.work(move |site| reader::elsewhere(&site.app, &path));
    match found.await? {
        reader::Found::Moved { to, permanent } => Ok(view::moved(&to, permanent)),
        reader::Found::Post(_) => Err(app::Error::NotFound.into()),
    }
}
