//! Tokens of others' programs: given for a code, asked about, given back.

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use crate::app::grants;
use crate::domain::token::{Scope, Token};
use crate::domain::user::User;
use crate::web::identity;
use crate::web::state::Site;

use super::{Refused, answer, claim, fields, json, needed};

fn words(scopes: &[Scope]) -> String {
    let words: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
    words.join(" ")
}

pub(in crate::web) async fn give(
    request: HttpRequest,
    site: Data<Site>,
    body: Bytes,
) -> HttpResponse {
    answer(given(&request, &site, &body).await)
}

async fn given(request: &HttpRequest, site: &Site, body: &Bytes) -> Result<HttpResponse, Refused> {
    let form = fields(body);
    match (form.get("grant_type"), form.get("action")) {
        ("authorization_code", _) => {}
        // How tokens were given back before there was an endpoint for it.
        ("", "revoke") => return given_back(request, site, body).await,
        ("", _) => return Err(Refused::request("grant_type is missing")),
        _ => {
            return Err(Refused::new(
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                "Come with grant_type=authorization_code",
            ));
        }
    }
    let claim = claim(site, request, &form)?;
    let given = identity::try_out(site, request, "", move |site| {
        grants::redeem(&site.app, &claim)
    });
    let given = given.await?;
    let mut told = json!({
        "token_type": "Bearer",
        "scope": words(&given.scopes),
        "me": grants::address_of(&given.user, &site.base_url),
    });
    if let Some(issued) = given.token {
        told["access_token"] = json!(issued.secret);
        if let Some(end) = issued.item.expires_at {
            let seconds = end.as_seconds() - issued.item.created_at.as_seconds();
            told["expires_in"] = json!(seconds);
        }
    }
    if let Some(profile) = grants::profile(&given.user, &given.scopes, &site.base_url) {
        told["profile"] = json!(profile);
    }
    Ok(json(StatusCode::OK, &told))
}

fn told(site: &Site, token: &Token, user: &User) -> Value {
    let mut told = json!({
        "active": true,
        "me": grants::address_of(user, &site.base_url),
        "scope": words(&token.scopes),
        "iat": token.created_at.as_seconds(),
    });
    if let Some(client) = &token.client {
        told["client_id"] = json!(client);
    }
    if let Some(end) = token.expires_at {
        told["exp"] = json!(end.as_seconds());
    }
    told
}

/// What a token is, for a server that was shown it and has one of the same person itself.
pub(in crate::web) async fn introspect(
    request: HttpRequest,
    site: Data<Site>,
    body: Bytes,
) -> HttpResponse {
    answer(introspected(&request, &site, &body).await)
}

async fn introspected(
    request: &HttpRequest,
    site: &Site,
    body: &Bytes,
) -> Result<HttpResponse, Refused> {
    let (actor, _) = identity::token_holder(site, request, None).await?;
    let secret = needed(&fields(body), "token")?;
    let found = site.work(move |site| grants::inspect(&site.app, &actor, &secret));
    let told = match found.await? {
        Some((token, user)) => told(site, &token, &user),
        None => json!({ "active": false }),
    };
    Ok(json(StatusCode::OK, &told))
}

/// Ends a token. Whoever has it may.
pub(in crate::web) async fn revoke(
    request: HttpRequest,
    site: Data<Site>,
    body: Bytes,
) -> HttpResponse {
    answer(given_back(&request, &site, &body).await)
}

async fn given_back(
    request: &HttpRequest,
    site: &Site,
    body: &Bytes,
) -> Result<HttpResponse, Refused> {
    let secret = needed(&fields(body), "token")?;
    let address = identity::address(site, request);
    site.work(move |site| grants::give_back(&site.app, &secret, &address))
        .await?;
    Ok(json(StatusCode::OK, &json!({})))
}

/// Who the holder's person is, as far as they let it be told.
pub(in crate::web) async fn userinfo(request: HttpRequest, site: Data<Site>) -> HttpResponse {
    answer(user_told(&request, &site).await)
}

async fn user_told(request: &HttpRequest, site: &Site) -> Result<HttpResponse, Refused> {
    let (actor, user) = identity::token_holder(site, request, None).await?;
    let profile = grants::profile_for(&actor, &user, &site.base_url)?;
    Ok(json(StatusCode::OK, &json!(profile)))
}
