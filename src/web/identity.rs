//! Who asks: from a request's token to an `Actor`.

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;

use crate::app::{self, accounts};
use crate::domain::actor::Actor;

use super::client;
use super::state::Site;

const BEARER: &str = "bearer ";

/// The address a request comes from, for the audit log.
pub(super) fn address(site: &Site, request: &HttpRequest) -> String {
    client::address(request, &site.trusted_proxies)
        .map(|address| address.to_string())
        .unwrap_or_default()
}

/// The holder of the request's `Authorization: Bearer` token.
pub(super) async fn bearer(site: &Site, request: &HttpRequest) -> Result<Actor, app::Error> {
    let value = request.headers().get(AUTHORIZATION);
    let token = value
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_at_checked(BEARER.len()))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(BEARER))
        .map(|(_, token)| token.trim().to_owned())
        .ok_or(app::Error::Unauthenticated)?;
    let address = address(site, request);
    site.work(move |site| accounts::by_token(&site.app, &token, &address))
        .await
        .map(|(actor, _)| actor)
}
