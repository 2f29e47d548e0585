//! Signing in and out: by password, by password and code, or by passkey.

use std::time::Instant;

use actix_web::http::StatusCode;
use actix_web::http::header::SET_COOKIE;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use crate::app::{self, accounts, settings};
use crate::domain::id::UserId;
use crate::domain::text::WebAddress;
use crate::web::client;
use crate::web::error::{Error, Problem};
use crate::web::forms::{Fields, OwnForm};
use crate::web::identity::{self, Door};
use crate::web::state::Site;
use crate::web::waiting::{self, Waiter};

use super::{DESK, SIGN_IN, page, passkeys, problem, refused_page, see_other, view, words_of};

/// Signing in shows this to say that one is signed out.
const LEFT: &str = "/sign-in?left=1";
const CODE: &str = "/sign-in/code";
/// Wrong codes before the password is asked for again.
const MAX_TRIES: u32 = 5;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Question {
    to: String,
    left: String,
}

#[derive(Debug, Default, Serialize)]
struct Content {
    to: String,
    email: String,
    /// What is wrong with the form.
    trouble: Option<String>,
    has_left: bool,
    may_use_passkey: bool,
}

pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    question: Query<Question>,
) -> Result<HttpResponse, Error> {
    let Question { to, left } = question.into_inner();
    if super::visitor(&site, &request).await?.is_some() {
        return Ok(see_other(own_path(&to)));
    }
    let content = Content {
        to: own_path(&to).to_owned(),
        has_left: !left.is_empty(),
        ..Content::default()
    };
    Ok(page(StatusCode::OK, html(&site, content).await?))
}

pub(in crate::web) async fn enter(
    request: HttpRequest,
    site: Data<Site>,
    form: OwnForm<Fields>,
) -> Result<HttpResponse, Error> {
    let form = form.0;
    let (email, to) = (form.get("email"), own_path(form.get("to")));
    let door = match form.get("passkey") {
        "" => identity::knock(&site, &request, email, form.get("password")).await,
        signed => by_passkey(&site, &request, signed).await,
    };
    let error = match door {
        Ok(Door::Open(entered)) => {
            let mut answer = see_other(to);
            set_cookie(&mut answer, &entered.cookie)?;
            return Ok(answer);
        }
        Ok(Door::HalfWay(user)) => return ask_for_code(&site, &request, user, to, 0),
        Err(error) => error,
    };
    let problem = problem(error);
    let content = Content {
        to: to.to_owned(),
        email: email.to_owned(),
        trouble: Some(words_of(&problem)),
        ..Content::default()
    };
    Ok(refused_page(&problem, html(&site, content).await?))
}

async fn by_passkey(site: &Site, request: &HttpRequest, signed: &str) -> Result<Door, app::Error> {
    let (signed, arrival) = (signed.to_owned(), identity::arrival(site, request));
    identity::try_out(site, request, "", move |site| {
        let user = passkeys::signer(site, &signed)?;
        let entered = identity::admit(site, user.id, "passkey", &arrival)?;
        Ok(Door::Open(Box::new(entered)))
    })
    .await
}

/// Whoever had the right password is known by a cookie for a few minutes; it opens nothing yet.
fn ask_for_code(
    site: &Site,
    request: &HttpRequest,
    user: UserId,
    to: &str,
    tries: u32,
) -> Result<HttpResponse, Error> {
    let to = to.to_owned();
    let peer = client::address(request, &site.trusted_proxies);
    let waiter = Waiter::HalfWay { user, to, tries };
    let secret = site.waiting.put(waiter, peer, Instant::now())?;
    let mut answer = see_other(CODE);
    set_cookie(&mut answer, &half_way_cookie(site, &secret))?;
    Ok(answer)
}

fn half_way_name(site: &Site) -> &'static str {
    if identity::is_secure(site) {
        "__Host-inkstand-half-way"
    } else {
        "inkstand-half-way"
    }
}

/// A `Set-Cookie` value; without a secret it takes the cookie away.
fn half_way_cookie(site: &Site, secret: &str) -> String {
    let name = half_way_name(site);
    let seconds = if secret.is_empty() {
        0
    } else {
        waiting::LASTS.as_secs()
    };
    let secure = if identity::is_secure(site) {
        "; Secure"
    } else {
        ""
    };
    format!("{name}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
}

/// The page that asks for a code.
pub(in crate::web) async fn ask_code(
    request: HttpRequest,
    site: Data<Site>,
) -> Result<HttpResponse, Error> {
    let secret = identity::cookie(&request, half_way_name(&site)).unwrap_or_default();
    if !site.waiting.has(&secret, Instant::now()) {
        return Ok(see_other(SIGN_IN));
    }
    Ok(page(StatusCode::OK, code_page(&site, None).await?))
}

pub(in crate::web) async fn enter_code(
    request: HttpRequest,
    site: Data<Site>,
    form: OwnForm<Fields>,
) -> Result<HttpResponse, Error> {
    let secret = identity::cookie(&request, half_way_name(&site)).unwrap_or_default();
    // Taken away while it is tried, so that no two codes are tried at once.
    let half_way = site.waiting.take(&secret, Instant::now());
    let Some(Waiter::HalfWay { user, to, tries }) = half_way else {
        return Ok(see_other(SIGN_IN));
    };
    let code = form.0.get("code");
    let error = match identity::enter_with_code(&site, &request, user, code).await {
        Ok(entered) => {
            let mut answer = see_other(&to);
            set_cookie(&mut answer, &entered.cookie)?;
            set_cookie(&mut answer, &half_way_cookie(&site, ""))?;
            return Ok(answer);
        }
        Err(error) => error,
    };
    let is_guess = matches!(error, app::Error::Invalid(_));
    let tries = tries + u32::from(is_guess);
    let problem = problem(error);
    if tries >= MAX_TRIES {
        return Ok(see_other(SIGN_IN));
    }
    let again = ask_for_code(&site, &request, user, &to, tries)?;
    let html = code_page(&site, Some(&problem)).await?;
    let mut answer = refused_page(&problem, html);
    for cookie in again.headers().get_all(SET_COOKIE) {
        answer.headers_mut().append(SET_COOKIE, cookie.clone());
    }
    Ok(answer)
}

async fn code_page(site: &Site, problem: Option<&Problem>) -> Result<String, Error> {
    let content = Content {
        trouble: problem.map(words_of),
        ..Content::default()
    };
    let made = site.work(move |site| {
        let settings = settings::read(&site.app)?;
        view::render(site, "admin/sign-in-code.html", &settings, None, &content)
    });
    Ok(made.await?)
}

/// The sign-out button sends nothing but itself.
#[derive(Debug, Deserialize)]
pub(in crate::web) struct Nothing {}

pub(in crate::web) async fn leave(
    request: HttpRequest,
    site: Data<Site>,
    _form: OwnForm<Nothing>,
) -> Result<HttpResponse, Error> {
    if let Some(secret) = identity::session_secret(&site, &request) {
        site.work(move |site| accounts::sign_out(&site.app, &secret))
            .await?;
    }
    let mut answer = see_other(LEFT);
    set_cookie(&mut answer, &identity::session_cookie(&site, "", 0))?;
    Ok(answer)
}

pub(super) fn set_cookie(answer: &mut HttpResponse, cookie: &str) -> Result<(), Error> {
    let value = cookie.parse().map_err(crate::app::Error::internal)?;
    answer.headers_mut().append(SET_COOKIE, value);
    Ok(())
}

async fn html(site: &Site, content: Content) -> Result<String, Error> {
    let content = Content {
        may_use_passkey: passkeys::are_possible(site),
        ..content
    };
    let made = site.work(move |site| {
        let settings = settings::read(&site.app)?;
        view::render(site, "admin/sign-in.html", &settings, None, &content)
    });
    Ok(made.await?)
}

/// Where to go after signing in: a page of ours, never somebody else's.
fn own_path(to: &str) -> &str {
    let is_plain = to.starts_with('/') && to.bytes().all(|byte| byte.is_ascii_graphic());
    if is_plain && WebAddress::parse(to).is_ok() {
        to
    } else {
        DESK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_only_sent_to_our_own_pages() {
        for own in ["/admin/posts/7?done=keep", "/a-private-post", "/"] {
            assert_eq!(own_path(own), own);
        }
        for foreign in [
            "",
            "//evil.test",
            "/\\evil.test",
            "https://evil.test/",
            "javascript:alert(1)",
            "admin",
            "/a\r\nset-cookie: x",
            "/\t/evil.test",
            " //evil.test",
            "/ü",
        ] {
            assert_eq!(own_path(foreign), DESK, "{foreign}");
        }
    }
}
