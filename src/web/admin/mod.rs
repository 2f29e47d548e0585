//! The writing room: pages for people who are signed in, one file a page. Plain forms, no scripts;
//! nothing typed into one is ever lost. Every answer is for one person, so none is kept anywhere.

pub(super) mod appearance;
mod appearance_form;
pub(super) mod desk;
pub(super) mod editor;
pub(super) mod media;
mod post_form;
mod sheet;
pub(super) mod sign_in;
pub(super) mod system;
mod view;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY, RETRY_AFTER,
};
use actix_web::{HttpRequest, HttpResponse};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::app;
use crate::domain::actor::Actor;
use crate::domain::settings::Settings;
use crate::domain::user::User;
use crate::web::error::{Error, Problem};
use crate::web::identity;
use crate::web::state::Site;
use crate::web::themes::Fault;

const SIGN_IN: &str = "/sign-in";
const DESK: &str = "/admin";
/// These pages run no scripts at all, whatever finds its way into them.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'";

fn page(status: StatusCode, html: String) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((REFERRER_POLICY, "same-origin"))
        .body(html)
}

/// The page of a refused form.
fn refused_page(problem: &Problem, html: String) -> HttpResponse {
    let mut answer = page(problem.status, html);
    if let Some(seconds) = problem.retry_after_seconds {
        answer.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    answer
}

/// Sends the browser on after a form, so that "reload" does not send it again.
fn see_other(to: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, to))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish()
}

/// What is wrong, in words; logs it if it is our fault.
fn problem(error: app::Error) -> Problem {
    let answer = HttpResponse::from_error(Error::from(error));
    Problem::of(&answer).unwrap_or_else(|| Problem::silent(answer.status()))
}

/// What somebody sees who may change the theme, where a page cannot be made of it.
pub(super) fn fault_page(
    site: &Site,
    settings: &Settings,
    fault: &Fault,
) -> Result<String, app::Error> {
    view::render(site, "admin/theme-fault.html", settings, None, fault)
}

/// Who is here; `None` if nobody is signed in.
async fn visitor(site: &Site, request: &HttpRequest) -> Result<Option<(Actor, User)>, app::Error> {
    match identity::signed_in(site, request).await {
        Ok(visitor) => Ok(Some(visitor)),
        Err(app::Error::Unauthenticated) => Ok(None),
        Err(error) => Err(error),
    }
}

/// To the sign-in page, and from there back to where one wanted to go.
fn sign_in_first(request: &HttpRequest) -> HttpResponse {
    let wanted = request.uri().path_and_query();
    let wanted = wanted.map_or(DESK, actix_web::http::uri::PathAndQuery::as_str);
    let to = utf8_percent_encode(wanted, NON_ALPHANUMERIC);
    see_other(&format!("{SIGN_IN}?to={to}"))
}
