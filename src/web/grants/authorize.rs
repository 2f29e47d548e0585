//! The authorization endpoint: people are led to the page that asks them, programs that only want to know
//! who it was come here with their code.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use crate::app::grants;
use crate::web::admin::CONSENT;
use crate::web::identity;
use crate::web::state::Site;

use super::{Refused, answer, claim, fields, json};

/// Asking is for people who are signed in, so it happens in the writing room.
pub(in crate::web) async fn ask(request: HttpRequest) -> HttpResponse {
    HttpResponse::Found()
        .insert_header((LOCATION, format!("{CONSENT}?{}", request.query_string())))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish()
}

/// Tells a program who let it in.
pub(in crate::web) async fn identify(
    request: HttpRequest,
    site: Data<Site>,
    body: Bytes,
) -> HttpResponse {
    answer(identified(&request, &site, &body).await)
}

async fn identified(
    request: &HttpRequest,
    site: &Site,
    body: &Bytes,
) -> Result<HttpResponse, Refused> {
    let form = fields(body);
    // The first programs left it out here.
    if !matches!(form.get("grant_type"), "" | "authorization_code") {
        return Err(Refused::new(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            "Come with grant_type=authorization_code",
        ));
    }
    let claim = claim(site, request, &form)?;
    let given = identity::try_out(site, request, "", move |site| {
        grants::identify(&site.app, &claim)
    });
    let given = given.await?;
    let mut told = json!({ "me": grants::address_of(&given.user, &site.base_url) });
    if let Some(profile) = grants::profile(&given.user, &given.scopes, &site.base_url) {
        told["profile"] = json!(profile);
    }
    Ok(json(StatusCode::OK, &told))
}
