//! Asking somebody again who they are, before what matters most. The form that was sent waits on the
//! page that asks, and goes on when the answer was right.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use crate::app::accounts::{self, Visitor};
use crate::app::{self, settings};
use crate::web::error::Error;
use crate::web::forms::Fields;
use crate::web::identity;
use crate::web::state::Site;

use super::{page, passkeys, problem, refused_page, view, words_of};

const PASSWORD: &str = "again_password";
const PASSKEY: &str = "again_passkey";

#[derive(Debug, Serialize)]
struct Content<'a> {
    action: &'a str,
    fields: Vec<&'a (String, String)>,
    trouble: Option<String>,
    has_passkeys: bool,
}

/// Who sent a form, if they have shown lately who they are; otherwise the page that asks.
pub(super) async fn asked(
    site: &Site,
    request: &HttpRequest,
    form: &Fields,
) -> Result<Result<Visitor, HttpResponse>, Error> {
    let visitor = identity::visitor(site, request).await?;
    if !accounts::is_stale(&site.app, &visitor.session) {
        return Ok(Ok(visitor));
    }
    let (password, passkey) = (form.get(PASSWORD).to_owned(), form.get(PASSKEY).to_owned());
    if password.is_empty() && passkey.is_empty() {
        let html = html(site, request, &visitor, form, None).await?;
        return Ok(Err(page(StatusCode::OK, html)));
    }
    let (user, session) = (visitor.user.id, visitor.session.id);
    let account = visitor.user.email.as_str();
    let proved = identity::try_out(site, request, account, move |site| {
        let is_right = if passkey.is_empty() {
            accounts::has_password(&site.app, user, &password)?
        } else {
            passkeys::signer(site, &passkey)?.id == user
        };
        if !is_right {
            return Err(app::Error::invalid("password", "That is not right"));
        }
        accounts::note_proof(&site.app, session)
    });
    match proved.await {
        Ok(()) => Ok(Ok(visitor)),
        Err(error) => {
            let problem = problem(error);
            let trouble = Some(words_of(&problem));
            let html = html(site, request, &visitor, form, trouble).await?;
            Ok(Err(refused_page(&problem, html)))
        }
    }
}

async fn html(
    site: &Site,
    request: &HttpRequest,
    visitor: &Visitor,
    form: &Fields,
    trouble: Option<String>,
) -> Result<String, Error> {
    let (action, form) = (request.path().to_owned(), form.clone());
    let user = visitor.user.clone();
    let made = site.work(move |site| {
        let settings = settings::read(&site.app)?;
        let carried = form.0.iter();
        let carried = carried.filter(|(name, _)| name != PASSWORD && name != PASSKEY);
        let content = Content {
            action: &action,
            fields: carried.collect(),
            trouble,
            has_passkeys: passkeys::are_possible(site)
                && !app::passkeys::of_user(&site.app, user.id)?.is_empty(),
        };
        view::render(site, "admin/again.html", &settings, Some(&user), &content)
    });
    Ok(made.await?)
}
