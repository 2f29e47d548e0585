//! Who asks: from a request's token or cookie to an `Actor`.

use std::time::Instant;

use actix_web::HttpRequest;
use actix_web::http::header::{AUTHORIZATION, COOKIE, USER_AGENT};

use crate::app::{self, accounts};
use crate::domain::actor::Actor;
use crate::domain::user::User;

use super::client;
use super::origin;
use super::state::Site;

const BEARER: &str = "bearer ";
/// The prefix makes browsers refuse the cookie from anywhere but this very host over HTTPS.
const SECURE_COOKIE: &str = "__Host-inkstand";
const PLAIN_COOKIE: &str = "inkstand-session";
/// More than a secret has; what is longer is none of ours.
const MAX_SECRET_BYTES: usize = 100;

/// The address a request comes from, for the audit log.
pub(super) fn address(site: &Site, request: &HttpRequest) -> String {
    client::address(request, &site.trusted_proxies)
        .map(|address| address.to_string())
        .unwrap_or_default()
}

/// The holder of the request's `Authorization: Bearer` token.
pub(super) async fn bearer(site: &Site, request: &HttpRequest) -> Result<Actor, app::Error> {
    let value = request.headers().get(AUTHORIZATION);
    let token = value
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_at_checked(BEARER.len()))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(BEARER))
        .map(|(_, token)| token.trim().to_owned())
        .ok_or(app::Error::Unauthenticated)?;
    let address = address(site, request);
    site.work(move |site| accounts::by_token(&site.app, &token, &address))
        .await
        .map(|(actor, _)| actor)
}

/// Whose session the request's cookie belongs to. Where something is to be changed, a cookie counts
/// only on requests from our own pages. A request without one costs no look-up.
pub(super) async fn signed_in(
    site: &Site,
    request: &HttpRequest,
) -> Result<(Actor, User), app::Error> {
    let secret = session_secret(site, request).ok_or(app::Error::Unauthenticated)?;
    if !origin::is_harmless(request.method()) && !origin::is_own(request.headers(), &site.base_url)
    {
        return Err(app::Error::Unauthenticated);
    }
    let address = address(site, request);
    site.work(move |site| accounts::by_session(&site.app, &secret, &address))
        .await
}

/// What the session cookie holds, if there is one.
pub(super) fn session_secret(site: &Site, request: &HttpRequest) -> Option<String> {
    let wanted = cookie_name(site);
    let lists = request.headers().get_all(COOKIE);
    let mut pairs = lists
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(name, value)| {
            *name == wanted && !value.is_empty() && value.len() <= MAX_SECRET_BYTES
        })
        .map(|(_, value)| value.to_owned())
}

fn is_secure(site: &Site) -> bool {
    site.base_url.starts_with("https://")
}

fn cookie_name(site: &Site) -> &'static str {
    if is_secure(site) {
        SECURE_COOKIE
    } else {
        PLAIN_COOKIE
    }
}

/// A `Set-Cookie` value; with no time left it takes the cookie away.
pub(super) fn session_cookie(site: &Site, secret: &str, max_age_seconds: i64) -> String {
    let name = cookie_name(site);
    let secure = if is_secure(site) { "; Secure" } else { "" };
    format!(
        "{name}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{secure}",
        max_age_seconds.max(0)
    )
}

/// Somebody who has just signed in.
#[derive(Debug)]
pub(super) struct Entered {
    pub(super) actor: Actor,
    pub(super) user: User,
    /// For `Set-Cookie`.
    pub(super) cookie: String,
}

/// Opens a session for whoever knows the password, and makes those wait who guess.
pub(super) async fn enter(
    site: &Site,
    request: &HttpRequest,
    email: &str,
    password: &str,
) -> Result<Entered, app::Error> {
    let peer = client::address(request, &site.trusted_proxies);
    site.attempts
        .begin(peer, email, Instant::now())
        .map_err(|retry_after_seconds| app::Error::RateLimited {
            retry_after_seconds,
        })?;
    let address = address(site, request);
    let agent = request.headers().get(USER_AGENT);
    let agent = agent.map(|agent| String::from_utf8_lossy(agent.as_bytes()).into_owned());
    let (given_email, given_password) = (email.to_owned(), password.to_owned());
    let outcome = site
        .work(move |site| {
            let agent = agent.unwrap_or_default();
            let issued =
                accounts::sign_in(&site.app, &given_email, &given_password, &address, &agent)?;
            let (actor, user) = accounts::by_session(&site.app, &issued.secret, &address)?;
            let session = issued.item;
            let seconds = session.expires_at.as_seconds() - session.created_at.as_seconds();
            let cookie = session_cookie(site, &issued.secret, seconds);
            Ok(Entered {
                actor,
                user,
                cookie,
            })
        })
        .await;
    match &outcome {
        Ok(_) => site.attempts.succeeded(peer, email),
        Err(app::Error::Invalid(_)) => {}
        Err(_) => site.attempts.take_back(peer, email),
    }
    outcome
}
