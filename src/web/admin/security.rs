//! One's own ways in: password, passkeys, codes, sign-ins and tokens. One page with small forms; what
//! is shown only once comes as the answer to its form.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use crate::app::accounts::Visitor;
use crate::app::{self, accounts, passkeys, people, second_factor, settings};
use crate::domain::id::{PasskeyId, SessionId, TokenId};
use crate::domain::settings::Settings;
use crate::domain::token::Scope;
use crate::web::error::Error;
use crate::web::forms::{Fields, OwnForm};
use crate::web::identity;
use crate::web::state::Site;
use crate::web::waiting::Whose;

use super::view::{self, Moment};
use super::{again, agent, page, problem, qr, refused_page, see_other, sign_in, words_of};

const HERE: &str = "/admin/security";
const SECONDS_A_DAY: i64 = 24 * 3600;
const MAX_TOKEN_DAYS: i64 = 3_650;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Question {
    done: String,
}

#[derive(Debug, Serialize)]
struct SessionRow {
    id: String,
    device: String,
    address: String,
    seen: Option<Moment>,
    is_this: bool,
}

#[derive(Debug, Serialize)]
struct KeyRow {
    id: String,
    name: String,
    /// What a token may do.
    scopes: Vec<&'static str>,
    created: Option<Moment>,
    used: Option<Moment>,
    expires: Option<Moment>,
}

/// What is shown once, or asked before something begins.
#[derive(Debug, Default, Serialize)]
struct Once {
    trouble: Option<String>,
    token: Option<String>,
    recovery_codes: Vec<String>,
    enrolling: Option<Enrolling>,
}

/// For the app that will make the codes.
#[derive(Debug, Serialize)]
struct Enrolling {
    secret: String,
    address: String,
    /// The same as an SVG picture.
    picture: String,
}

#[derive(Debug, Serialize)]
struct Content {
    done: Option<&'static str>,
    once: Once,
    has_password: bool,
    may_use_passkey: bool,
    passkeys: Vec<KeyRow>,
    has_codes: bool,
    recovery_codes_left: u64,
    sessions: Vec<SessionRow>,
    tokens: Vec<KeyRow>,
    scopes: Vec<(&'static str, &'static str)>,
}

pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    question: Query<Question>,
) -> Result<HttpResponse, Error> {
    let visitor = identity::visitor(&site, &request).await?;
    let done = done(&question.done);
    let made = site.work(move |site| html(site, &visitor, done, Once::default()));
    Ok(page(StatusCode::OK, made.await?))
}

fn done(word: &str) -> Option<&'static str> {
    Some(match word {
        "password" => "The password is changed, and every other sign-in has ended.",
        "passkey" => "The passkey can be used from now on.",
        "remove-passkey" => "The passkey is removed.",
        "remove-codes" => "The password is enough from now on.",
        "end-session" | "end-others" => "That sign-in has ended.",
        "revoke-token" => "The token opens nothing any more.",
        _ => return None,
    })
}

/// What came of a form.
enum Outcome {
    Done,
    /// Signed in anew, with another cookie.
    Anew(Box<identity::Entered>),
    Once(Once),
}

pub(in crate::web) async fn act(
    request: HttpRequest,
    site: Data<Site>,
    form: OwnForm<Fields>,
) -> Result<HttpResponse, Error> {
    let form = form.0;
    let visitor = match again::asked(&site, &request, &form).await? {
        Ok(visitor) => visitor,
        Err(asks) => return Ok(asks),
    };
    let what = form.get("what").to_owned();
    match carry_out(&site, &request, &visitor, form).await {
        Ok(Outcome::Done) => Ok(see_other(&format!("{HERE}?done={what}"))),
        Ok(Outcome::Anew(entered)) => {
            let mut answer = see_other(&format!("{HERE}?done={what}"));
            sign_in::set_cookie(&mut answer, &entered.cookie)?;
            Ok(answer)
        }
        Ok(Outcome::Once(once)) => {
            let made = site.work(move |site| html(site, &visitor, None, once));
            Ok(page(StatusCode::OK, made.await?))
        }
        Err(error) => {
            let problem = problem(error);
            let once = Once {
                trouble: Some(words_of(&problem)),
                // The picture is shown again, until a code has come of it.
                enrolling: match &*what {
                    "confirm-codes" => Some(enrolling(&site, &visitor).await?),
                    _ => None,
                },
                ..Once::default()
            };
            let made = site.work(move |site| html(site, &visitor, None, once));
            Ok(refused_page(&problem, made.await?))
        }
    }
}

async fn enrolling(site: &Site, visitor: &Visitor) -> Result<Enrolling, app::Error> {
    let visitor = visitor.clone();
    site.work(move |site| begin_codes(site, &visitor)).await
}

async fn carry_out(
    site: &Site,
    request: &HttpRequest,
    visitor: &Visitor,
    form: Fields,
) -> Result<Outcome, app::Error> {
    let visitor = visitor.clone();
    let made = match form.get("what") {
        "passkey" => {
            let whose = Whose::User(visitor.user.id);
            Some(super::passkeys::made(site, request, &whose, &form)?)
        }
        _ => None,
    };
    let arrival = identity::arrival(site, request);
    site.work(move |site| {
        let (app, actor) = (&site.app, &visitor.actor);
        let id = form.number("id").unwrap_or_default();
        match form.get("what") {
            "password" => {
                let password = form.get("new_password");
                people::change_password(app, actor, &visitor.user, password)?;
                let user = visitor.user.id;
                let entered = identity::admit(site, user, "new password", &arrival)?;
                return Ok(Outcome::Anew(Box::new(entered)));
            }
            "passkey" => {
                let made = made.as_ref().ok_or(app::Error::NotFound)?;
                passkeys::add(app, actor, made)?;
            }
            "remove-passkey" => passkeys::remove(app, actor, PasskeyId::from_i64(id))?,
            "begin-codes" => {
                return Ok(Outcome::Once(Once {
                    enrolling: Some(begin_codes(site, &visitor)?),
                    ..Once::default()
                }));
            }
            "confirm-codes" => {
                let codes = second_factor::confirm(app, actor, form.get("code"))?;
                return Ok(recovery_codes(codes));
            }
            "renew-codes" => {
                return second_factor::renew_codes(app, actor).map(recovery_codes);
            }
            "remove-codes" => second_factor::remove(app, actor)?,
            "end-session" => {
                people::end_sessions(app, actor, |session| session == SessionId::from_i64(id))?;
            }
            "end-others" => {
                let own = visitor.session.id;
                people::end_sessions(app, actor, |session| session != own)?;
            }
            "token" => return make_token(site, &visitor, &form),
            "revoke-token" => people::revoke_token(app, actor, TokenId::from_i64(id))?,
            _ => return Err(app::Error::NotFound),
        }
        Ok(Outcome::Done)
    })
    .await
}

fn recovery_codes(codes: Vec<String>) -> Outcome {
    Outcome::Once(Once {
        recovery_codes: codes,
        ..Once::default()
    })
}

fn begin_codes(site: &Site, visitor: &Visitor) -> Result<Enrolling, app::Error> {
    let secret = second_factor::begin(&site.app, &visitor.actor)?;
    let settings = settings::read(&site.app)?;
    let (title, email) = (settings.title.as_str(), visitor.user.email.as_str());
    let address = second_factor::app_address(title, email, &secret);
    Ok(Enrolling {
        secret: second_factor::in_groups(&secret, " "),
        picture: qr::svg(&address)?,
        address,
    })
}

fn make_token(site: &Site, visitor: &Visitor, form: &Fields) -> Result<Outcome, app::Error> {
    let scopes: Vec<_> = form.all("scope").filter_map(Scope::parse).collect();
    let expires_at = match form.get("days").trim() {
        "" => None,
        days => {
            let days = days.parse::<i64>().ok();
            let days = days.filter(|days| (1..=MAX_TOKEN_DAYS).contains(days));
            let days = days.ok_or_else(|| {
                let message = format!("Write a number of days from 1 to {MAX_TOKEN_DAYS}");
                app::Error::invalid("days", message)
            })?;
            Some(site.app.db.clock().now().plus_seconds(days * SECONDS_A_DAY))
        }
    };
    let name = form.get("name");
    let made = accounts::create_token(&site.app, &visitor.actor, None, name, &scopes, expires_at)?;
    Ok(Outcome::Once(Once {
        token: Some(made.secret),
        ..Once::default()
    }))
}

fn html(
    site: &Site,
    visitor: &Visitor,
    done: Option<&'static str>,
    once: Once,
) -> Result<String, app::Error> {
    let (app, actor, user) = (&site.app, &visitor.actor, &visitor.user);
    let settings = settings::read(app)?;
    let factor = second_factor::standing(app, user.id)?;
    let content = Content {
        done,
        once,
        has_password: accounts::may_use_password(app, user.id)?,
        may_use_passkey: super::passkeys::are_possible(site),
        passkeys: passkey_rows(site, visitor, &settings)?,
        has_codes: factor.is_on,
        recovery_codes_left: factor.recovery_codes,
        sessions: people::sessions(app, actor)?
            .iter()
            .map(|session| SessionRow {
                id: session.id.to_string(),
                device: agent::device(&session.agent),
                address: session.address.clone(),
                seen: Moment::new(session.seen_at, &settings),
                is_this: session.id == visitor.session.id,
            })
            .collect(),
        tokens: token_rows(site, visitor, &settings)?,
        scopes: Scope::ALL
            .iter()
            .map(|scope| (scope.as_str(), view::allows(*scope)))
            .collect(),
    };
    view::render(site, "admin/security.html", &settings, Some(user), &content)
}

fn passkey_rows(
    site: &Site,
    visitor: &Visitor,
    settings: &Settings,
) -> Result<Vec<KeyRow>, app::Error> {
    let moment = |time| Moment::new(time, settings);
    let own = passkeys::of_user(&site.app, visitor.user.id)?;
    let rows = own.into_iter().map(|passkey| KeyRow {
        id: passkey.id.to_string(),
        name: passkey.name,
        scopes: Vec::new(),
        created: moment(passkey.created_at),
        used: passkey.used_at.and_then(moment),
        expires: None,
    });
    Ok(rows.collect())
}

fn token_rows(
    site: &Site,
    visitor: &Visitor,
    settings: &Settings,
) -> Result<Vec<KeyRow>, app::Error> {
    let moment = |time| Moment::new(time, settings);
    let own = people::tokens(&site.app, &visitor.actor, None)?;
    let rows = own.into_iter().map(|token| KeyRow {
        id: token.id.to_string(),
        name: token.name,
        scopes: token.scopes.iter().map(|scope| scope.as_str()).collect(),
        created: moment(token.created_at),
        used: token.used_at.and_then(moment),
        expires: token.expires_at.and_then(moment),
    });
    Ok(rows.collect())
}
