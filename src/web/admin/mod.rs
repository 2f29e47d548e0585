//! The writing room: pages for people who are signed in, one file a page. Plain forms that need no
//! script; nothing typed into one is ever lost. Every answer is for one person, so none is kept anywhere.

mod again;
mod agent;
pub(super) mod appearance;
mod appearance_form;
pub(super) mod audit;
pub(super) mod consent;
pub(super) mod desk;
pub(super) mod editor;
pub(super) mod history;
pub(super) mod home;
pub(super) mod joining;
pub(super) mod media;
pub(super) mod passkeys;
pub(super) mod people;
mod post_form;
pub(super) mod profile;
mod qr;
pub(super) mod redirects;
pub(super) mod security;
pub(super) mod sharing;
mod sheet;
pub(super) mod sign_in;
pub(super) mod system;
mod system_view;
pub(super) mod tags;
mod view;
pub(super) mod webhooks;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY, RETRY_AFTER,
};
use actix_web::{HttpRequest, HttpResponse};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use crate::app::{self, FieldError, settings};
use crate::domain::actor::Actor;
use crate::domain::settings::Settings;
use crate::domain::user::User;
use crate::web::error::{Error, FieldProblem, Problem};
use crate::web::identity;
use crate::web::state::Site;
use crate::web::themes::Fault;

const SIGN_IN: &str = "/sign-in";
const DESK: &str = "/admin";
/// Where somebody is asked about another's program.
pub(super) const CONSENT: &str = "/admin/authorize";
/// These pages run the program's own scripts, and nothing that finds its way into them.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; \
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

/// What to say above a form that was refused.
fn words_of(problem: &Problem) -> String {
    let first = problem.fields.first();
    first.map_or_else(
        || problem.detail.clone(),
        |field| format!("{}.", field.message.trim_end_matches('.')),
    )
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
pub(super) fn sign_in_first(request: &HttpRequest) -> HttpResponse {
    let wanted = request.uri().path_and_query();
    let wanted = wanted.map_or(DESK, actix_web::http::uri::PathAndQuery::as_str);
    let to = utf8_percent_encode(wanted, NON_ALPHANUMERIC);
    see_other(&format!("{SIGN_IN}?to={to}"))
}

/// A page for somebody who is signed in. `make` says what its template is given.
async fn show<C: Serialize>(
    request: &HttpRequest,
    site: &Site,
    template: &'static str,
    make: impl FnOnce(&Site, &Actor, &Settings) -> Result<C, app::Error> + Send + 'static,
) -> Result<HttpResponse, Error> {
    let Some((actor, user)) = visitor(site, request).await? else {
        return Ok(sign_in_first(request));
    };
    let html = site.work(move |site| {
        let settings = settings::read(&site.app)?;
        let content = make(site, &actor, &settings)?;
        view::render(site, template, &settings, Some(&user), &content)
    });
    Ok(page(StatusCode::OK, html.await?))
}

/// What a form led to.
enum Outcome<C> {
    /// On to another page.
    Done(String),
    /// The page once more, with what is wrong.
    Again(Vec<FieldError>, C),
}

/// Does what a form of somebody signed in asks for.
async fn obey<C: Serialize>(
    request: &HttpRequest,
    site: &Site,
    template: &'static str,
    work: impl FnOnce(&Site, &Actor, &Settings) -> Result<Outcome<C>, app::Error> + Send + 'static,
) -> Result<HttpResponse, Error> {
    let Some((actor, user)) = visitor(site, request).await? else {
        return Ok(sign_in_first(request));
    };
    let done = site.work(move |site| {
        let settings = settings::read(&site.app)?;
        match work(site, &actor, &settings)? {
            Outcome::Done(to) => Ok(Ok(to)),
            Outcome::Again(wrong, content) => {
                let problem = problem(app::Error::Invalid(wrong));
                let told = Told {
                    wrong: problem.fields.clone(),
                    content,
                };
                let html = view::render(site, template, &settings, Some(&user), &told)?;
                Ok(Err((problem, html)))
            }
        }
    });
    Ok(match done.await? {
        Ok(to) => see_other(&to),
        Err((problem, html)) => refused_page(&problem, html),
    })
}

/// A page's content with what is wrong with its form.
#[derive(Serialize)]
struct Told<C> {
    wrong: Vec<FieldProblem>,
    #[serde(flatten)]
    content: C,
}

/// The number in an address or a form; what is none is the number of nothing.
fn number(text: &str) -> Result<i64, app::Error> {
    text.parse().map_err(|_| app::Error::NotFound)
}
