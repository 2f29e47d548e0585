//! How the program itself is doing: its version, a newer one, and what went wrong last.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::{self, accounts, settings};
use crate::domain::actor::{Act, Actor};
use crate::domain::change::Noun;
use crate::web::error::Error;
use crate::web::forms::OwnForm;
use crate::web::state::Site;

use super::system_view::System;
use super::view;
use super::{page, see_other, sign_in_first, visitor};

const HERE: &str = "/admin/system";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Order {
    what: String,
}

pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
) -> Result<HttpResponse, Error> {
    let Some((actor, user)) = visitor(&site, &request).await? else {
        return Ok(sign_in_first(&request));
    };
    let checks = site.health.examine().await;
    let made = site.work(move |site| {
        allow(&actor)?;
        let settings = settings::read(&site.app)?;
        let system = System::now(site, &settings, checks)?;
        view::render(site, "admin/system.html", &settings, Some(&user), &system)
    });
    Ok(page(StatusCode::OK, made.await?))
}

pub(in crate::web) async fn order(
    request: HttpRequest,
    site: Data<Site>,
    form: OwnForm<Order>,
) -> Result<HttpResponse, Error> {
    let Some((actor, _)) = visitor(&site, &request).await? else {
        return Ok(sign_in_first(&request));
    };
    allow(&actor)?;
    match &*form.0.what {
        "look" => site.updates.look(),
        "take" => {
            let recorded = site.work(move |site| {
                accounts::note(&site.app, &actor, "system.update", Noun::Settings)
            });
            recorded.await?;
            site.updates.take();
        }
        _ => {}
    }
    Ok(see_other(HERE))
}

fn allow(actor: &Actor) -> Result<(), app::Error> {
    if actor.may(Act::ManageSystem) {
        Ok(())
    } else {
        Err(app::Error::Forbidden)
    }
}
