//! Signing in and out.

use actix_web::http::StatusCode;
use actix_web::http::header::SET_COOKIE;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use crate::app::{accounts, settings};
use crate::domain::text::WebAddress;
use crate::web::error::Error;
use crate::web::forms::OwnForm;
use crate::web::identity;
use crate::web::state::Site;

use super::{DESK, page, problem, refused_page, see_other, view};

/// Signing in shows this to say that one is signed out.
const LEFT: &str = "/sign-in?left=1";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Question {
    to: String,
    left: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct SignInForm {
    email: String,
    password: String,
    to: String,
}

#[derive(Debug, Default, Serialize)]
struct Content {
    to: String,
    email: String,
    /// What is wrong with the form.
    trouble: Option<String>,
    has_left: bool,
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
    form: OwnForm<SignInForm>,
) -> Result<HttpResponse, Error> {
    let SignInForm {
        email,
        password,
        to,
    } = form.0;
    let error = match identity::enter(&site, &request, &email, &password).await {
        Ok(entered) => {
            let mut answer = see_other(own_path(&to));
            set_cookie(&mut answer, &entered.cookie)?;
            return Ok(answer);
        }
        Err(error) => error,
    };
    let problem = problem(error);
    let first = problem.fields.first();
    let content = Content {
        to: own_path(&to).to_owned(),
        email,
        trouble: Some(first.map_or_else(
            || problem.detail.clone(),
            |field| format!("{}.", field.message),
        )),
        has_left: false,
    };
    Ok(refused_page(&problem, html(&site, content).await?))
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
