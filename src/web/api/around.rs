//! What lies around every handler of the API: whose pages may see the answer, how much may be asked, and
//! that a request that is sent again is not done again.

use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;

use crate::app;
use crate::domain::actor::Actor;
use crate::web::client;
use crate::web::connections::network_of;
use crate::web::error::Error;
use crate::web::identity::{self, Program};
use crate::web::state::Site;

use super::answers::once;
use super::cors::Leave;
use super::docs;
use super::quota::Left;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STATE: HeaderName = HeaderName::from_static("ratelimit");

const PREFIX: &str = "/api/";

/// What is said of an address that the table has.
pub(in crate::web) fn is_for_programs(path: &str) -> bool {
    path.starts_with(PREFIX) && path != docs::HERE
}

pub(in crate::web) async fn around<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let Some(site) = request.app_data::<Data<Site>>().cloned() else {
        return Ok(request.error_response(Error::from(app::Error::Forbidden)));
    };
    let leave = Leave::of(&site.api.origins, request.headers());
    if let Some(answer) = leave.answer(&request) {
        return Ok(request.into_response(answer));
    }
    let actor = known(&site, &request).await;
    let left = count(&site, &request, actor.is_some());
    let too_many = left.and_then(|left| left.retry_after_seconds);
    let mut answer = match too_many {
        Some(retry_after_seconds) => {
            let error = app::Error::RateLimited {
                retry_after_seconds,
            };
            request.error_response(Error::from(error))
        }
        None => once(site, actor, request, next).await?,
    };
    let headers = answer.headers_mut();
    if let Some(left) = left {
        add(headers, POLICY, &left.policy());
        add(headers, STATE, &left.state());
    }
    leave.add(headers);
    Ok(answer)
}

/// Whose token came along, noted for the handler; `None` without one, and for one that is not good, of
/// which the handler says so.
async fn known(site: &Site, request: &ServiceRequest) -> Option<Actor> {
    if !request.headers().contains_key(AUTHORIZATION) {
        return None;
    }
    let actor = identity::bearer(site, request.request()).await.ok()?;
    let program = Program(actor.clone());
    actix_web::HttpMessage::extensions_mut(request).insert(program);
    Some(actor)
}

/// Who guesses at tokens is counted as the stranger they are.
fn count(site: &Site, request: &ServiceRequest, is_known: bool) -> Option<Left> {
    let now = Instant::now();
    let token = request.headers().get(AUTHORIZATION).filter(|_| is_known);
    if let Some(token) = token {
        return site.quota.take_for_token(token.as_bytes(), now);
    }
    let address = client::address(request.request(), &site.trusted_proxies)?;
    site.quota.take_for_address(network_of(address), now)
}

fn add(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
