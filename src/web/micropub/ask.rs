//! What programs ask before they send anything: what is known here, which tags there are, what a post
//! said.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use crate::app::micropub::{self, MAX_SOURCES, Source};
use crate::domain::actor::Actor;
use crate::web::forms::Fields;
use crate::web::grants::MICROPUB_MEDIA;
use crate::web::state::Site;

use super::{Refused, holder, json as told, refused};

const SOURCES: u32 = 20;

/// Kinds of posts that are more than words, and what programs may call them.
const POST_TYPES: [(&str, &str); 10] = [
    ("note", "Note"),
    ("article", "Article"),
    ("photo", "Photo"),
    ("video", "Video"),
    ("audio", "Audio"),
    ("reply", "Reply"),
    ("like", "Like"),
    ("repost", "Repost"),
    ("bookmark", "Bookmark"),
    ("checkin", "Check-in"),
];
const QUERIES: [&str; 6] = [
    "config",
    "source",
    "category",
    "post-types",
    "syndicate-to",
    "channel",
];

pub(super) fn question(request: &HttpRequest) -> Fields {
    let pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
    Fields(pairs.into_owned().collect())
}

pub(super) fn number(form: &Fields, name: &str) -> Result<Option<u32>, Refused> {
    match form.get(name) {
        "" => Ok(None),
        text => match text.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(Refused::request(format!("{name} is no whole number"))),
        },
    }
}

fn post_types() -> Value {
    let all = POST_TYPES.map(|(kind, name)| json!({ "type": kind, "name": name }));
    json!(all)
}

pub(super) async fn answered(request: &HttpRequest, site: &Site) -> Result<HttpResponse, Refused> {
    let actor = holder(site, request).await?;
    let form = question(request);
    let said = match form.get("q") {
        "config" => json!({
            "media-endpoint": format!("{}{MICROPUB_MEDIA}", site.base_url),
            "syndicate-to": [],
            "post-types": post_types(),
            "channels": [],
            "q": QUERIES,
            "properties": ["post-status", "visibility", "mp-slug", "mp-photo-alt"],
            "visibility": ["public", "unlisted", "private"],
            "post-status": ["published", "draft"],
        }),
        "syndicate-to" => json!({ "syndicate-to": [] }),
        "channel" => json!({ "channels": [] }),
        "post-types" => json!({ "post-types": post_types() }),
        "category" => {
            let letters = match form.get("filter") {
                "" => form.get("search").to_owned(),
                letters => letters.to_owned(),
            };
            let found = site.work(move |site| micropub::categories(&site.app, &actor, &letters));
            json!({ "categories": found.await.map_err(refused)? })
        }
        "source" => return source(site, actor, &form).await,
        _ => {
            return Err(Refused::request(format!(
                "q is none of {}",
                QUERIES.join(", ")
            )));
        }
    };
    Ok(told(StatusCode::OK, &said))
}

async fn source(site: &Site, actor: Actor, form: &Fields) -> Result<HttpResponse, Refused> {
    let url = form.get("url").to_owned();
    if url.is_empty() {
        return sources(site, actor, form).await;
    }
    let found = site.work(move |site| micropub::source(&site.app, &actor, &site.base_url, &url));
    let found = found.await.map_err(refused)?;
    let mut wanted = form
        .all("properties[]")
        .chain(form.all("properties"))
        .peekable();
    if wanted.peek().is_none() {
        return Ok(told(StatusCode::OK, &whole(&found)));
    }
    let mut all = found.properties;
    let some: serde_json::Map<String, Value> = wanted
        .filter_map(|name| Some((name.to_owned(), json!(all.remove(name)?))))
        .collect();
    Ok(told(StatusCode::OK, &json!({ "properties": some })))
}

fn whole(found: &Source) -> Value {
    json!({ "type": ["h-entry"], "properties": found.properties })
}

/// Page by page; `after` is the number of entries that were seen.
async fn sources(site: &Site, actor: Actor, form: &Fields) -> Result<HttpResponse, Refused> {
    let limit = number(form, "limit")?
        .unwrap_or(SOURCES)
        .clamp(1, MAX_SOURCES);
    let offset = match number(form, "after")? {
        Some(after) => after,
        None => number(form, "offset")?.unwrap_or(0),
    };
    let found =
        site.work(move |site| micropub::sources(&site.app, &actor, &site.base_url, limit, offset));
    let found = found.await.map_err(refused)?;
    let is_last = found.len() < limit as usize;
    let items: Vec<Value> = found.iter().map(whole).collect();
    let mut said = json!({ "items": items });
    if !is_last {
        said["paging"] = json!({ "after": offset.saturating_add(limit).to_string() });
    }
    Ok(told(StatusCode::OK, &said))
}
