//! Who asks: from a request's token or cookie to an `Actor`.

use std::future::{Ready, ready};
use std::time::Instant;

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, COOKIE, USER_AGENT};
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::app::accounts::{Arrival, Visitor};
use crate::app::{self, accounts, second_factor};
use crate::domain::actor::Actor;
use crate::domain::id::UserId;
use crate::domain::user::User;

use super::client;
use super::error::Error;
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

/// Who asks the API, looked at before the handler: a token's holder, or a reader nobody knows.
#[derive(Debug, Clone)]
pub(super) struct Program(pub(super) Actor);

impl FromRequest for Program {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let known = request.extensions().get::<Self>().cloned();
        ready(known.ok_or_else(|| app::Error::Unauthenticated.into()))
    }
}

/// The holder of the request's `Authorization: Bearer` token.
pub(super) async fn bearer(site: &Site, request: &HttpRequest) -> Result<Actor, app::Error> {
    if let Some(Program(actor)) = request.extensions().get::<Program>() {
        return Ok(actor.clone());
    }
    let (actor, _) = token_holder(site, request, None).await?;
    Ok(actor)
}

/// What stands in the request's `Authorization: Bearer` header.
pub(super) fn bearer_secret(request: &HttpRequest) -> Option<String> {
    let value = request.headers().get(AUTHORIZATION);
    value
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_at_checked(BEARER.len()))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(BEARER))
        .map(|(_, token)| token.trim().to_owned())
}

/// Whose token comes with a request: in its header, or `sent` in its form, but not both.
pub(super) async fn token_holder(
    site: &Site,
    request: &HttpRequest,
    sent: Option<&str>,
) -> Result<(Actor, User), app::Error> {
    let token = match (bearer_secret(request), sent) {
        (Some(_), Some(_)) => {
            let message = "The token came twice; send it in the header or in the form, not in both";
            return Err(app::Error::invalid("access_token", message));
        }
        (Some(token), None) => token,
        (None, Some(token)) => token.to_owned(),
        (None, None) => return Err(app::Error::Unauthenticated),
    };
    let address = address(site, request);
    site.work(move |site| accounts::by_token(&site.app, &token, &address))
        .await
}

/// Whose session the request's cookie belongs to. Where something is to be changed, a cookie counts
/// only on requests from our own pages. A request without one costs no look-up.
pub(super) async fn visitor(site: &Site, request: &HttpRequest) -> Result<Visitor, app::Error> {
    if let Some(known) = request.extensions().get::<Visitor>() {
        return Ok(known.clone());
    }
    let secret = session_secret(site, request).ok_or(app::Error::Unauthenticated)?;
    if !origin::is_harmless(request.method()) && !origin::is_own(request.headers(), &site.base_url)
    {
        return Err(app::Error::Unauthenticated);
    }
    let address = address(site, request);
    site.work(move |site| accounts::by_session(&site.app, &secret, &address))
        .await
}

/// The same, for those who need not know the session.
pub(super) async fn signed_in(
    site: &Site,
    request: &HttpRequest,
) -> Result<(Actor, User), app::Error> {
    let visitor = visitor(site, request).await?;
    Ok((visitor.actor, visitor.user))
}

/// What the session cookie holds, if there is one.
pub(super) fn session_secret(site: &Site, request: &HttpRequest) -> Option<String> {
    cookie(request, cookie_name(site))
}

/// The value of a cookie of ours.
pub(super) fn cookie(request: &HttpRequest, wanted: &str) -> Option<String> {
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

pub(super) fn is_secure(site: &Site) -> bool {
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

/// What a browser that comes says of itself.
pub(super) fn arrival(site: &Site, request: &HttpRequest) -> Arrival {
    let agent = request.headers().get(USER_AGENT);
    let agent = agent.map(|agent| String::from_utf8_lossy(agent.as_bytes()).into_owned());
    Arrival {
        address: address(site, request),
        agent: agent.unwrap_or_default(),
        old_secret: session_secret(site, request),
    }
}

/// Opens a session for somebody who has shown `how` who they are. Blocks.
pub(super) fn admit(
    site: &Site,
    user: UserId,
    how: &str,
    arrival: &Arrival,
) -> Result<Entered, app::Error> {
    let issued = accounts::open_session(&site.app, user, how, arrival)?;
    let visitor = accounts::by_session(&site.app, &issued.secret, &arrival.address)?;
    let session = issued.item;
    let seconds = session.expires_at.as_seconds() - session.created_at.as_seconds();
    Ok(Entered {
        actor: visitor.actor,
        user: visitor.user,
        cookie: session_cookie(site, &issued.secret, seconds),
    })
}

/// Lets somebody try to show who they are, and makes those wait who guess. `account` is what they say
/// they are.
pub(super) async fn try_out<T: Send + 'static>(
    site: &Site,
    request: &HttpRequest,
    account: &str,
    work: impl FnOnce(&Site) -> Result<T, app::Error> + Send + 'static,
) -> Result<T, app::Error> {
    let peer = client::address(request, &site.trusted_proxies);
    site.attempts
        .begin(peer, account, Instant::now())
        .map_err(|retry_after_seconds| app::Error::RateLimited {
            retry_after_seconds,
        })?;
    let outcome = site.work(work).await;
    match &outcome {
        Ok(_) => site.attempts.succeeded(peer, account),
        // A guess that was wrong.
        Err(app::Error::Invalid(_) | app::Error::NotFound) => {}
        Err(_) => site.attempts.take_back(peer, account),
    }
    outcome
}

/// Somebody who had the right password.
#[derive(Debug)]
pub(super) enum Door {
    Open(Box<Entered>),
    /// A code is wanted, too.
    HalfWay(UserId),
}

/// Opens a session for whoever knows the password, where that is enough.
pub(super) async fn knock(
    site: &Site,
    request: &HttpRequest,
    email: &str,
    password: &str,
) -> Result<Door, app::Error> {
    let arrival = arrival(site, request);
    let (given_email, given_password) = (email.to_owned(), password.to_owned());
    try_out(site, request, email, move |site| {
        let known = accounts::check_password(&site.app, &given_email, &given_password)?;
        if known.needs_code {
            return Ok(Door::HalfWay(known.user.id));
        }
        let entered = admit(site, known.user.id, "password", &arrival)?;
        Ok(Door::Open(Box::new(entered)))
    })
    .await
}

/// Opens a session for who had the right password and writes a code.
pub(super) async fn enter_with_code(
    site: &Site,
    request: &HttpRequest,
    user: UserId,
    code: &str,
) -> Result<Entered, app::Error> {
    let account = user.to_string();
    site.attempts
        .begin_code(&account, Instant::now())
        .map_err(|retry_after_seconds| app::Error::RateLimited {
            retry_after_seconds,
        })?;
    let arrival = arrival(site, request);
    let code = code.to_owned();
    let work = move |site: &Site| {
        let how = second_factor::check(&site.app, user, &arrival.address, &code)?;
        admit(site, user, how, &arrival)
    };
    let entered = site.work(work).await?;
    site.attempts.code_succeeded(&account);
    Ok(entered)
}

/// Both at once, for a form that holds written words besides.
pub(super) async fn enter(
    site: &Site,
    request: &HttpRequest,
    email: &str,
    password: &str,
    code: &str,
) -> Result<Entered, app::Error> {
    match knock(site, request, email, password).await? {
        Door::Open(entered) => Ok(*entered),
        Door::HalfWay(_) if code.trim().is_empty() => Err(app::Error::invalid(
            "code",
            "Write the code of your app as well",
        )),
        Door::HalfWay(user) => enter_with_code(site, request, user, code).await,
    }
}
