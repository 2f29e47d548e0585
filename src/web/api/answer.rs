//! Answers of the API: JSON, with what a client needs to keep it, to ask again, and to change it safely.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, LOCATION, VARY};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use percent_encoding::{CONTROLS, utf8_percent_encode};
use serde::Serialize;

use crate::app;
use crate::web::error::Error;
use crate::web::identity::Program;
use crate::web::state::Site;

use super::preconditions::Tag;

const JSON: &str = "application/json";
/// What one token may see is not for others; and it is asked for anew each time.
const OWN: &str = "private, no-cache";

/// Answers a question with something, or with 304 where the client has it. `version` changes with each
/// change of the thing, where it counts them: `7-3` for the third state of number 7.
pub(in crate::web) fn thing(
    site: &Site,
    request: &HttpRequest,
    thing: &impl Serialize,
    version: Option<&str>,
) -> Result<HttpResponse, Error> {
    let body = body(thing)?;
    let tag = Tag::of(version, &body);
    let is_known = tag.is_known_to(request);
    let status = if is_known {
        StatusCode::NOT_MODIFIED
    } else {
        StatusCode::OK
    };
    let mut answer = HttpResponse::build(status);
    answer.insert_header((ETAG, tag.as_str()));
    answer.insert_header((CACHE_CONTROL, freshness(site, request)));
    answer.insert_header((VARY, "authorization"));
    if is_known {
        return Ok(answer.finish());
    }
    Ok(answer.insert_header((CONTENT_TYPE, JSON)).body(body))
}

/// Answers a change with what it has become.
pub(in crate::web) fn changed(
    thing: &impl Serialize,
    version: Option<&str>,
) -> Result<HttpResponse, Error> {
    written(StatusCode::OK, thing, version, None)
}

/// Answers with what was made, and where it is from now on; `path` begins with a slash.
pub(in crate::web) fn created(
    site: &Site,
    path: &str,
    thing: &impl Serialize,
    version: Option<&str>,
) -> Result<HttpResponse, Error> {
    let location = format!("{}{path}", site.base_url);
    written(StatusCode::CREATED, thing, version, Some(&location))
}

/// Answers that it is gone.
pub(in crate::web) fn gone() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

fn written(
    status: StatusCode,
    thing: &impl Serialize,
    version: Option<&str>,
    location: Option<&str>,
) -> Result<HttpResponse, Error> {
    let body = body(thing)?;
    let mut answer = HttpResponse::build(status);
    answer.insert_header((ETAG, Tag::of(version, &body).as_str()));
    answer.insert_header((CACHE_CONTROL, "no-store"));
    if let Some(location) = location {
        answer.insert_header((LOCATION, location));
    }
    Ok(answer.insert_header((CONTENT_TYPE, JSON)).body(body))
}

/// The tag `thing` would be sent with: what `If-Match` is compared with where nothing is counted.
pub(in crate::web) fn tag_of(
    thing: &impl Serialize,
    version: Option<&str>,
) -> Result<Tag, app::Error> {
    let body = serde_json::to_vec(thing).map_err(app::Error::internal)?;
    Ok(Tag::of(version, &body))
}

fn body(thing: &impl Serialize) -> Result<Vec<u8>, Error> {
    let body = serde_json::to_vec(thing).map_err(app::Error::internal)?;
    Ok(body)
}

fn freshness(site: &Site, request: &HttpRequest) -> String {
    let extensions = request.extensions();
    let who = extensions.get::<Program>();
    if who.is_some_and(|Program(actor)| !actor.is_anonymous()) {
        OWN.to_owned()
    } else {
        site.fresh()
    }
}

/// A whole address on this site. Names in other scripts are written for machines.
pub(in crate::web) fn address(base_url: &str, path: impl std::fmt::Display) -> String {
    let path = path.to_string();
    format!("{base_url}{}", utf8_percent_encode(&path, CONTROLS))
}
