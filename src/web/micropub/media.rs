//! The media endpoint: files before the entries that show them.

use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::app::media::{self, PREFIX, Wanted};
use crate::domain::actor::Actor;
use crate::domain::media::Media;
use crate::web::admin::media::sent::name_of;
use crate::web::forms::Fields;
use crate::web::state::Site;

use super::sent::{Broken, Stop};
use super::{Refused, answer, ask, files, holder, json as told};

/// Files in one answer.
const MAX_LISTED: u32 = 100;
const LISTED: u32 = 20;

pub(in crate::web) async fn take(
    request: HttpRequest,
    site: Data<Site>,
    body: Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let outcome = match taken(&request, &site, body).await {
        Ok(Ok(url)) => Ok(at(&url)),
        Ok(Err(refused)) => Err(refused),
        Err(Stop::Connection(error)) => return Err(error),
        Err(Stop::Broken(broken)) => Err(broken.into()),
    };
    Ok(answer(outcome))
}

fn at(url: &str) -> HttpResponse {
    let mut answer = told(StatusCode::CREATED, &json!({ "url": url }));
    if let Ok(url) = url.parse() {
        answer.headers_mut().insert(LOCATION, url);
    }
    answer
}

/// The address of the part called `file`, which is the only one.
async fn taken(
    request: &HttpRequest,
    site: &Site,
    body: Payload,
) -> Result<Result<String, Refused>, Stop> {
    let actor = match holder(site, request).await {
        Ok(actor) => actor,
        Err(refused) => return Ok(Err(refused)),
    };
    let mut parts = Multipart::new(request.headers(), body);
    let kept = keep(site, &actor, &mut parts).await;
    if let Err(Stop::Broken(_)) = &kept {
        files::drain(request, &mut parts).await;
    }
    kept.map(Ok)
}

async fn keep(site: &Site, actor: &Actor, parts: &mut Multipart) -> Result<String, Stop> {
    while let Some(part) = parts.next().await {
        let part = part.map_err(files::broken)?;
        if part.name() != Some("file") {
            continue;
        }
        let name = name_of(&part);
        let mut part = part.fuse();
        return files::keep(site, actor, &mut part, &name).await;
    }
    Err(Broken::Form("Send the file as the part called file".to_owned()).into())
}

pub(in crate::web) async fn query(request: HttpRequest, site: Data<Site>) -> HttpResponse {
    answer(asked(&request, &site).await)
}

async fn asked(request: &HttpRequest, site: &Site) -> Result<HttpResponse, Refused> {
    let actor = holder(site, request).await?;
    let form = ask::question(request);
    let (limit, offset) = match form.get("q") {
        "last" => (1, 0),
        "source" => (limit(&form), ask::number(&form, "offset")?.unwrap_or(0)),
        _ => return Err(Refused::request("q is none of source, last")),
    };
    let is_last = form.get("q") == "last";
    let found =
        site.work(move |site| media::list(&site.app, &actor, Wanted::default(), limit, offset));
    let found = found.await.map_err(super::refused)?;
    let items: Vec<Value> = found.iter().map(|media| item(site, media)).collect();
    let said = if is_last {
        items.into_iter().next().unwrap_or_else(|| json!({}))
    } else {
        json!({ "items": items })
    };
    Ok(told(StatusCode::OK, &said))
}

fn limit(form: &Fields) -> u32 {
    let wished = form.get("limit").parse().unwrap_or(LISTED);
    wished.clamp(1, MAX_LISTED)
}

fn item(site: &Site, media: &Media) -> Value {
    json!({
        "url": format!("{}{PREFIX}{}", site.base_url, media.path),
        "mime_type": media.mime,
        "alt": media.alt,
        "published": jiff::Timestamp::from_microsecond(media.created_at.as_micros())
            .unwrap_or_default()
            .to_string(),
    })
}
