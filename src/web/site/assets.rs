//! Style sheets and the like.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use crate::app;
use crate::web::error::Error;
use crate::web::front::{self, Source as _};
use crate::web::respond;
use crate::web::state::Site;

pub(in crate::web) async fn file(
    request: HttpRequest,
    site: Data<Site>,
    file: Path<String>,
) -> Result<HttpResponse, Error> {
    // Before the file is looked up: the theme may change meanwhile.
    let edition = site.newest();
    match site.themes.assets().page(&file) {
        Some(page) => {
            if !site.dev {
                front::keep(&request, edition, &page);
            }
            Ok(respond::page(&request, &page).await)
        }
        None => Err(app::Error::NotFound.into()),
    }
}
