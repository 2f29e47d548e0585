//! Preview links and translations of a post, over the API.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;

use crate::app::posts;
use crate::domain::id::PostId;
use crate::web::error::Error;
use crate::web::identity;
use crate::web::state::Site;

use super::body::{Body, Form};
use super::posts::id_of;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::web) struct ShareForm {
    hours: Option<u32>,
}

impl Form for ShareForm {
    const FIELDS: &'static [&'static str] = &["hours"];
    const MAY_BE_EMPTY: bool = true;
}

pub(in crate::web) async fn share(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<String>,
    Body(form): Body<ShareForm>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    let actor = identity::bearer(&site, &request).await?;
    let hours = form.hours.unwrap_or(posts::DEFAULT_PREVIEW_HOURS);
    let link = site.work(move |site| posts::share(&site.app, &actor, id, hours));
    let link = link.await?;
    Ok(HttpResponse::Created().json(json!({
        "url": format!("{}{}", site.base_url, link.path()),
        "expires_at": link.expires_at,
    })))
}

pub(in crate::web) async fn unshare(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    let actor = identity::bearer(&site, &request).await?;
    site.work(move |site| posts::unshare(&site.app, &actor, id))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::web) struct TranslationForm {
    /// A post that says the same in another language; `null`: there is none.
    translation_of: Option<PostId>,
}

impl Form for TranslationForm {
    const FIELDS: &'static [&'static str] = &["translation_of"];
    const MAY_BE_EMPTY: bool = false;
}

pub(in crate::web) async fn translate(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<String>,
    Body(form): Body<TranslationForm>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    let actor = identity::bearer(&site, &request).await?;
    let others =
        site.work(move |site| posts::translate(&site.app, &actor, id, form.translation_of));
    Ok(HttpResponse::Ok().json(json!({ "translations": others.await? })))
}

pub(in crate::web) async fn translations(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    let actor = identity::bearer(&site, &request).await?;
    let others = site.work(move |site| posts::translations(&site.app, &actor, id));
    Ok(HttpResponse::Ok().json(json!({ "translations": others.await? })))
}
