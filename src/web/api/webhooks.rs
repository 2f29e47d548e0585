//! Webhooks over the API: which programs are told of what happens here, and what they were sent.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use utoipa::OpenApi;

use crate::app;
use crate::app::webhooks;
use crate::domain::id::{DeliveryId, WebhookId};
use crate::domain::place::{Place, Stretch};
use crate::domain::webhook::{Delivery, Webhook};
use crate::web::error::Error;
use crate::web::identity::Program;
use crate::web::state::Site;

use super::answer;
use super::body::Body;
use super::paging::{self, Page, PageQuestion};
use super::preconditions::{IfMatch, IfMatchHeader, IfNoneMatchHeader};
use super::question::{Listing, NoFilters};

mod form;
mod view;

use form::{NewWebhook, WebhookChange, WebhookForm};
use view::{DeliveryView, NewSecret, WebhookView};

#[derive(OpenApi)]
#[openapi(
    paths(
        list, create, show, update, delete, renew_secret, ping, list_deliveries, show_delivery, redeliver
    ),
    components(schemas(NewWebhook, WebhookChange)),
    tags((name = "webhooks", description = "Programs elsewhere that are told of what happens here."))
)]
pub(super) struct Described;

fn id_of(id: &str) -> Result<WebhookId, app::Error> {
    let id = id.parse().map_err(|_| app::Error::NotFound)?;
    Ok(WebhookId::from_i64(id))
}

fn delivery_of(id: &str) -> Result<DeliveryId, app::Error> {
    let id = id.parse().map_err(|_| app::Error::NotFound)?;
    Ok(DeliveryId::from_i64(id))
}

fn version(webhook: &Webhook) -> String {
    format!("{}-{}", webhook.id, webhook.version)
}

/// The versions of this webhook a change may be made to.
fn versions(id: WebhookId, if_match: &IfMatch) -> Option<Vec<i64>> {
    let named = if_match.versions()?.into_iter();
    let of_this = named.filter_map(|version| {
        let (named, version) = version.split_once('-')?;
        let is_this = named.parse() == Ok(id.as_i64());
        version.parse().ok().filter(|_| is_this)
    });
    Some(of_this.collect())
}

/// List webhooks
///
/// The newest first. There are 32 at most. Needs the scope `admin`.
#[utoipa::path(
    get, path = "/api/v1/webhooks", operation_id = "list_webhooks", tag = "webhooks",
    params(PageQuestion, IfNoneMatchHeader),
    responses((status = 200, description = "The webhooks.", body = Page<WebhookView>)),
)]
pub(in crate::web) async fn list(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    question: Listing<NoFilters>,
) -> Result<HttpResponse, Error> {
    let page = question.page;
    let mut all = site
        .work(move |site| webhooks::list(&site.app, &actor))
        .await?;
    all.retain(|webhook| webhook.id.as_i64() < page.after.id);
    let views = all.iter().map(WebhookView::of).collect();
    let stretch = Stretch::of(views, page.limit, |view: &WebhookView| {
        Place::behind_id(view.id)
    });
    paging::answer(&site, &request, stretch)
}

/// Add a webhook
///
/// It is told of what happens from now on. The answer holds the secret its deliveries are signed with, which is shown
/// this once. Needs the scope `admin`.
#[utoipa::path(
    post, path = "/api/v1/webhooks", operation_id = "create_webhook", tag = "webhooks",
    request_body = NewWebhook,
    responses((status = 201, description = "The webhook, with its secret.", body = NewSecret)),
)]
pub(in crate::web) async fn create(
    site: Data<Site>,
    Program(actor): Program,
    Body(form): Body<WebhookForm>,
) -> Result<HttpResponse, Error> {
    let wish = form.wish()?;
    let made = site
        .work(move |site| {
            let url = wish.url.clone();
            let url = url.ok_or_else(|| {
                app::Error::invalid("url", "Say where it is sent, like https://example.org/hook")
            })?;
            webhooks::create(&site.app, &actor, url, wish)
        })
        .await?;
    let path = format!("/api/v1/webhooks/{}", made.item.id);
    let version = version(&made.item);
    answer::created(&site, &path, &NewSecret::of(made), Some(&version))
}

/// Read a webhook
///
/// Needs the scope `admin`.
#[utoipa::path(
    get, path = "/api/v1/webhooks/{id}", operation_id = "get_webhook", tag = "webhooks",
    params(("id" = i64, Path), IfNoneMatchHeader),
    responses((status = 200, description = "The webhook.", body = WebhookView)),
)]
pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    let webhook = site
        .work(move |site| webhooks::show(&site.app, &actor, id))
        .await?;
    let (view, version) = (WebhookView::of(&webhook), version(&webhook));
    answer::thing(&site, &request, &view, Some(&version))
}

/// Change a webhook
///
/// Switched off, what still waits for it is given up; switched on again, it is told of what happens from then on.
/// Needs the scope `admin`.
#[utoipa::path(
    patch, path = "/api/v1/webhooks/{id}", operation_id = "update_webhook", tag = "webhooks",
    params(("id" = i64, Path), IfMatchHeader),
    request_body(content(
        (WebhookChange = "application/merge-patch+json"), (WebhookChange = "application/json")
    )),
    responses((status = 200, description = "What it is now.", body = WebhookView)),
)]
pub(in crate::web) async fn update(
    site: Data<Site>,
    Program(actor): Program,
    id: Path<String>,
    if_match: IfMatch,
    Body(form): Body<WebhookForm>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    let wish = form.wish()?;
    let webhook = site
        .work(move |site| {
            let versions = versions(id, &if_match);
            webhooks::change(&site.app, &actor, id, versions.as_deref(), wish)
        })
        .await?;
    let (view, version) = (WebhookView::of(&webhook), version(&webhook));
    answer::changed(&view, Some(&version))
}

/// Remove a webhook
///
/// It goes with the log of what was sent to it. Needs the scope `admin`.
#[utoipa::path(
    delete, path = "/api/v1/webhooks/{id}", operation_id = "delete_webhook", tag = "webhooks",
    params(("id" = i64, Path), IfMatchHeader),
    responses((status = 204, description = "It is gone.")),
)]
pub(in crate::web) async fn delete(
    site: Data<Site>,
    Program(actor): Program,
    id: Path<String>,
    if_match: IfMatch,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    site.work(move |site| {
        let versions = versions(id, &if_match);
        webhooks::remove(&site.app, &actor, id, versions.as_deref())
    })
    .await?;
    Ok(answer::gone())
}

/// Make another secret
///
/// It holds from the next delivery on, and is shown this once. Needs the scope `admin`.
#[utoipa::path(
    post, path = "/api/v1/webhooks/{id}/secret", operation_id = "renew_webhook_secret", tag = "webhooks",
    params(("id" = i64, Path)),
    responses((status = 200, description = "The webhook, with its new secret.", body = NewSecret)),
)]
pub(in crate::web) async fn renew_secret(
    site: Data<Site>,
    Program(actor): Program,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    let made = site
        .work(move |site| webhooks::renew_secret(&site.app, &actor, id))
        .await?;
    let version = version(&made.item);
    answer::changed(&NewSecret::of(made), Some(&version))
}

/// Send a test
///
/// Sends the event `ping` right now, also to a webhook that is switched off, and answers with how it went: look at
/// `state`. It is not tried again. Needs the scope `admin`.
#[utoipa::path(
    post, path = "/api/v1/webhooks/{id}/ping", operation_id = "ping_webhook", tag = "webhooks",
    params(("id" = i64, Path)),
    responses((status = 200, description = "How it went.", body = DeliveryView)),
)]
pub(in crate::web) async fn ping(
    site: Data<Site>,
    Program(actor): Program,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    let delivery = site
        .work(move |site| webhooks::ping(&site.app, &actor, id, &site.base_url))
        .await?;
    answer::changed(&DeliveryView::of(&delivery), None)
}

/// List deliveries
///
/// What was sent to a webhook, or is to be, the newest first. Needs the scope `admin`.
#[utoipa::path(
    get, path = "/api/v1/webhooks/{id}/deliveries", operation_id = "list_webhook_deliveries", tag = "webhooks",
    params(("id" = i64, Path), PageQuestion, IfNoneMatchHeader),
    responses((status = 200, description = "The deliveries.", body = Page<DeliveryView>)),
)]
pub(in crate::web) async fn list_deliveries(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    id: Path<String>,
    question: Listing<NoFilters>,
) -> Result<HttpResponse, Error> {
    let (id, page) = (id_of(&id)?, question.page);
    let before = Some(DeliveryId::from_i64(page.after.id));
    let found = site
        .work(move |site| webhooks::deliveries(&site.app, &actor, id, before, page.limit + 1))
        .await?;
    let views = found.iter().map(DeliveryView::of).collect();
    let stretch = Stretch::of(views, page.limit, |view: &DeliveryView| {
        Place::behind_id(view.id)
    });
    paging::answer(&site, &request, stretch)
}

/// Read a delivery
///
/// Needs the scope `admin`.
#[utoipa::path(
    get, path = "/api/v1/webhooks/{id}/deliveries/{delivery}", operation_id = "get_webhook_delivery",
    tag = "webhooks",
    params(("id" = i64, Path), ("delivery" = i64, Path), IfNoneMatchHeader),
    responses((status = 200, description = "The delivery.", body = DeliveryView)),
)]
pub(in crate::web) async fn show_delivery(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    ids: Path<(String, String)>,
) -> Result<HttpResponse, Error> {
    let (id, delivery) = (id_of(&ids.0)?, delivery_of(&ids.1)?);
    let delivery = site
        .work(move |site| webhooks::show_delivery(&site.app, &actor, id, delivery))
        .await?;
    answer::thing(&site, &request, &DeliveryView::of(&delivery), None)
}

/// Send a delivery once more
///
/// It goes back into the queue under its old number, so that who has it already can tell. Needs the scope `admin`.
#[utoipa::path(
    post, path = "/api/v1/webhooks/{id}/deliveries/{delivery}/redeliver", operation_id = "redeliver_webhook_delivery",
    tag = "webhooks",
    params(("id" = i64, Path), ("delivery" = i64, Path)),
    responses((status = 202, description = "It waits to be sent.", body = DeliveryView)),
)]
pub(in crate::web) async fn redeliver(
    site: Data<Site>,
    Program(actor): Program,
    ids: Path<(String, String)>,
) -> Result<HttpResponse, Error> {
    let (id, delivery) = (id_of(&ids.0)?, delivery_of(&ids.1)?);
    let delivery: Delivery = site
        .work(move |site| webhooks::redeliver(&site.app, &actor, id, delivery))
        .await?;
    let mut answer = answer::changed(&DeliveryView::of(&delivery), None)?;
    *answer.status_mut() = StatusCode::ACCEPTED;
    Ok(answer)
}
