//! A link with which somebody who is not signed in sees a text that is not public yet.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use crate::app::{self, posts};
use crate::domain::actor::Actor;
use crate::domain::id::PostId;
use crate::domain::settings::Settings;
use crate::web::error::Error;
use crate::web::forms::OwnForm;
use crate::web::state::Site;

use super::view::Moment;
use super::{number, show};

const TEMPLATE: &str = "admin/sharing.html";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Wish {
    what: String,
    hours: String,
}

#[derive(Debug, Serialize)]
struct Content {
    id: String,
    title: String,
    /// Shown once: only its hash is kept.
    link: Option<String>,
    until: Option<Moment>,
    has_taken_back: bool,
    default_hours: u32,
    max_hours: u32,
}

fn content(site: &Site, actor: &Actor, id: PostId) -> Result<Content, app::Error> {
    let post = posts::show(&site.app, actor, id)?;
    Ok(Content {
        id: id.to_string(),
        title: post.content.title.to_string(),
        link: None,
        until: None,
        has_taken_back: false,
        default_hours: posts::DEFAULT_PREVIEW_HOURS,
        max_hours: posts::MAX_PREVIEW_HOURS,
    })
}

pub(in crate::web) async fn show_links(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let id = PostId::from_i64(number(&id)?);
    show(&request, &site, TEMPLATE, move |site, actor, _| {
        content(site, actor, id)
    })
    .await
}

/// Makes a link, or takes all of them back. The answer is the page itself: an address that could be
/// asked for again would have to keep the secret.
pub(in crate::web) async fn share(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<String>,
    form: OwnForm<Wish>,
) -> Result<HttpResponse, Error> {
    let id = PostId::from_i64(number(&id)?);
    show(&request, &site, TEMPLATE, move |site, actor, settings| {
        made(site, actor, settings, id, &form.0)
    })
    .await
}

fn made(
    site: &Site,
    actor: &Actor,
    settings: &Settings,
    id: PostId,
    wish: &Wish,
) -> Result<Content, app::Error> {
    let mut content = content(site, actor, id)?;
    if wish.what == "take-back" {
        posts::unshare(&site.app, actor, id)?;
        content.has_taken_back = true;
        return Ok(content);
    }
    let hours = wish.hours.parse().unwrap_or(posts::DEFAULT_PREVIEW_HOURS);
    let link = posts::share(&site.app, actor, id, hours)?;
    content.until = Moment::new(link.expires_at, settings);
    content.link = Some(format!("{}{}", site.base_url, link.path()));
    Ok(content)
}
