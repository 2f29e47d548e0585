//! The two doors for people who have no account yet: the link that claims a new site, and invitations.
//! One form each.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use crate::app::joining::{Newcomer, Proof};
use crate::app::{self, FieldError, joining, settings};
use crate::domain::text::{Email, Name, Title};
use crate::domain::user::{Role, User};
use crate::web::error::Error;
use crate::web::forms::{Fields, OwnForm};
use crate::web::identity;
use crate::web::state::Site;
use crate::web::waiting::Whose;

use super::{DESK, page, passkeys, problem, refused_page, see_other, sign_in, view, words_of};

/// The first thing to do on a new site is to write.
const FIRST_PAGE: &str = "/admin/new";

#[derive(Debug, Default, Serialize)]
struct Content {
    action: String,
    title: String,
    name: String,
    email: String,
    /// `None` on the form that claims the site.
    role: Option<Role>,
    trouble: Option<String>,
    wrong: Option<&'static str>,
    may_use_passkey: bool,
}

/// Which of the two doors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Claim,
    Invitation,
}

impl Door {
    fn address(self, secret: &str) -> String {
        match self {
            Self::Claim => format!("/setup/{secret}"),
            Self::Invitation => format!("/invitation/{secret}"),
        }
    }

    fn template(self) -> &'static str {
        match self {
            Self::Claim => "admin/setup.html",
            Self::Invitation => "admin/invitation.html",
        }
    }

    /// The role behind it, while the link is good.
    fn role(self, site: &Site, secret: &str) -> Result<Option<Role>, app::Error> {
        match self {
            Self::Claim => joining::may_claim(&site.app, secret).map(|()| None),
            Self::Invitation => {
                joining::invitation(&site.app, secret).map(|found| Some(found.role))
            }
        }
    }
}

pub(in crate::web) async fn show_claim(
    request: HttpRequest,
    site: Data<Site>,
    secret: Path<String>,
) -> Result<HttpResponse, Error> {
    show(Door::Claim, &request, &site, secret.into_inner()).await
}

pub(in crate::web) async fn claim(
    request: HttpRequest,
    site: Data<Site>,
    secret: Path<String>,
    form: OwnForm<Fields>,
) -> Result<HttpResponse, Error> {
    enter(Door::Claim, &request, &site, secret.into_inner(), form.0).await
}

pub(in crate::web) async fn show_invitation(
    request: HttpRequest,
    site: Data<Site>,
    secret: Path<String>,
) -> Result<HttpResponse, Error> {
    show(Door::Invitation, &request, &site, secret.into_inner()).await
}

pub(in crate::web) async fn accept(
    request: HttpRequest,
    site: Data<Site>,
    secret: Path<String>,
    form: OwnForm<Fields>,
) -> Result<HttpResponse, Error> {
    let door = Door::Invitation;
    enter(door, &request, &site, secret.into_inner(), form.0).await
}

async fn show(
    door: Door,
    request: &HttpRequest,
    site: &Site,
    secret: String,
) -> Result<HttpResponse, Error> {
    let made = identity::try_out(site, request, "", move |site| {
        let role = door.role(site, &secret)?;
        html(site, door, &secret, role, &Fields::default(), None)
    });
    Ok(page(StatusCode::OK, made.await?))
}

async fn enter(
    door: Door,
    request: &HttpRequest,
    site: &Site,
    secret: String,
    form: Fields,
) -> Result<HttpResponse, Error> {
    let asked = secret.clone();
    let role = identity::try_out(site, request, "", move |site| door.role(site, &asked)).await?;
    let error = match join(door, request, site, &secret, &form).await {
        Ok(entered) => {
            let to = if door == Door::Claim {
                FIRST_PAGE
            } else {
                DESK
            };
            let mut answer = see_other(to);
            sign_in::set_cookie(&mut answer, &entered.cookie)?;
            return Ok(answer);
        }
        // Somebody else was faster.
        Err(app::Error::NotFound) => return Err(app::Error::NotFound.into()),
        Err(error) => error,
    };
    let problem = problem(error);
    let trouble = (
        words_of(&problem),
        problem.fields.first().map(|field| field.field),
    );
    let made = site.work(move |site| html(site, door, &secret, role, &form, Some(trouble)));
    Ok(refused_page(&problem, made.await?))
}

async fn join(
    door: Door,
    request: &HttpRequest,
    site: &Site,
    secret: &str,
    form: &Fields,
) -> Result<identity::Entered, app::Error> {
    let mut wrong = Vec::new();
    let name = checked(&mut wrong, "name", Name::parse(form.get("name")));
    let email = checked(&mut wrong, "email", Email::parse(form.get("email")));
    let title = checked(&mut wrong, "title", Title::parse(form.get("title")));
    let (Some(name), Some(email), Some(title)) = (name, email, title) else {
        return Err(app::Error::Invalid(wrong));
    };
    let (proof, how) = if form.get("passkey").is_empty() {
        let password = form.get("password").to_owned();
        (Proof::Password(password), "password")
    } else {
        let whose = Whose::Link(secret.to_owned());
        let made = passkeys::made(site, request, &whose, form)?;
        (Proof::Passkey(made), "passkey")
    };
    let newcomer = Newcomer { name, email, proof };
    let (secret, arrival) = (secret.to_owned(), identity::arrival(site, request));
    site.work(move |site| {
        let address = &*arrival.address;
        let user: User = match door {
            Door::Claim => joining::claim(&site.app, &secret, title, &newcomer, address)?,
            Door::Invitation => joining::accept(&site.app, &secret, &newcomer, address)?,
        };
        identity::admit(site, user.id, how, &arrival)
    })
    .await
}

fn checked<T, E: std::fmt::Display>(
    wrong: &mut Vec<FieldError>,
    field: &'static str,
    parsed: Result<T, E>,
) -> Option<T> {
    let told = |error: E| FieldError {
        field,
        message: error.to_string(),
    };
    parsed.map_err(|error| wrong.push(told(error))).ok()
}

fn html(
    site: &Site,
    door: Door,
    secret: &str,
    role: Option<Role>,
    form: &Fields,
    trouble: Option<(String, Option<&'static str>)>,
) -> Result<String, app::Error> {
    let settings = settings::read(&site.app)?;
    let (trouble, wrong) = trouble.unzip();
    let content = Content {
        action: door.address(secret),
        title: form.get("title").to_owned(),
        name: form.get("name").to_owned(),
        email: form.get("email").to_owned(),
        role,
        trouble,
        wrong: wrong.flatten(),
        may_use_passkey: passkeys::are_possible(site),
    };
    view::render(site, door.template(), &settings, None, &content)
}
