//! How the program itself is doing: its version, a newer one, and what went wrong last.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use crate::app::{self, settings};
use crate::domain::actor::{Act, Actor};
use crate::web::error::Error;
use crate::web::forms::OwnForm;
use crate::web::state::Site;
use crate::web::updates::Standing;

use super::view;
use super::{page, see_other, sign_in_first, visitor};

#[derive(Debug, Serialize)]
struct System {
    #[serde(flatten)]
    standing: Standing,
    certificates: Vec<Certificate>,
}

#[derive(Debug, Serialize)]
struct Certificate {
    host: String,
    words: String,
    problem: Option<String>,
    fix: Option<String>,
}

fn certificates(site: &Site) -> Vec<Certificate> {
    let standings = site.certificates.standings().into_iter();
    let shown = standings.map(|standing| Certificate {
        words: standing.words(),
        host: standing.host,
        problem: standing.problem,
        fix: standing.fix,
    });
    shown.collect()
}

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
    let made = site.work(move |site| {
        allow(&actor)?;
        let settings = settings::read(&site.app)?;
        let system = System {
            standing: site.updates.standing(),
            certificates: certificates(site),
        };
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
        "take" => site.updates.take(),
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
