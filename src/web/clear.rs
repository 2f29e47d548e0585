//! What answers in clear beside an encrypted site: issuers of certificates get their answers, everybody
//! else is sent on. As long as there is no certificate browsers believe, a page says so instead.

use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use actix_web::http::uri::PathAndQuery;
use actix_web::web::{Data, Path, ServiceConfig, get, to};
use actix_web::{HttpRequest, HttpResponse};

use crate::tls::Door;

const WAITING_PAGE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/assets/",
    "clear/waiting.html"
));
const RETRY_SECONDS: &str = "30";

#[derive(Debug)]
struct Way {
    door: Door,
    /// The site's encrypted address, without a slash at its end.
    base_url: String,
}

pub fn routes(
    door: Door,
    base_url: String,
) -> impl Fn(&mut ServiceConfig) + Clone + Send + 'static {
    let way = Arc::new(Way { door, base_url });
    move |config| {
        config.app_data(Data::from(Arc::clone(&way)));
        config.route("/.well-known/acme-challenge/{token}", get().to(challenge));
        config.default_service(to(send_on));
    }
}

async fn challenge(way: Data<Way>, token: Path<String>) -> HttpResponse {
    match way.door.challenge(&token).await {
        Some(answer) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "application/octet-stream"))
            .body(answer),
        None => HttpResponse::NotFound().finish(),
    }
}

async fn send_on(way: Data<Way>, request: HttpRequest) -> HttpResponse {
    let target = request.uri().path_and_query();
    let address = format!(
        "{}{}",
        way.base_url,
        target.map_or("/", PathAndQuery::as_str)
    );
    if way.door.is_provisional() {
        return HttpResponse::ServiceUnavailable()
            .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
            .insert_header((RETRY_AFTER, RETRY_SECONDS))
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(WAITING_PAGE);
    }
    // Permanent, and the method stays what it was.
    HttpResponse::PermanentRedirect()
        .insert_header((LOCATION, address))
        .finish()
}
