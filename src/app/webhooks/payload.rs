//! What other programs are told: what a thing is, as readers may know it. Never its text, which may be long
//! and is a question to the API away; of what readers cannot see, no more than what it was called.

use serde_json::{Value, json};

use crate::db::{ReadTx, WriteTx};
use crate::domain::change::{Entry, Noun};
use crate::domain::id::{MediaId, PostId, UserId};
use crate::domain::media::Media;
use crate::domain::post::Post;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::webhook::{Departed, Event, Webhook};
use crate::store;

use super::super::{Error, media};

/// An event and the JSON that tells of it.
pub(super) type Told = (Event, String);

fn told(event: Event, at: Timestamp, data: &Value) -> Told {
    // The form of <https://www.standardwebhooks.com>.
    let payload = json!({"type": event, "timestamp": moment(at), "data": data});
    (event, payload.to_string())
}

pub(super) fn of_ping(webhook: &Webhook, at: Timestamp, base_url: &str) -> Told {
    let data = json!({"webhook": webhook.id, "site": base_url});
    told(Event::Ping, at, &data)
}

fn moment(at: Timestamp) -> String {
    let moment = jiff::Timestamp::from_microsecond(at.as_micros());
    moment.unwrap_or_default().to_string()
}

/// What is told of a change; `None` when it is nobody's business.
pub(super) fn of(
    tx: &mut ReadTx<'_>,
    entry: &Entry,
    base_url: &str,
) -> Result<Option<Told>, Error> {
    let Some(event) = Event::of(&entry.change) else {
        return Ok(None);
    };
    let id = entry.change.id;
    let data = match entry.change.noun {
        Noun::Post => post(tx, event, PostId::from_i64(id), base_url)?,
        Noun::Media => file(tx, MediaId::from_i64(id), base_url)?,
        Noun::User => person(tx, UserId::from_i64(id), base_url)?,
        _ => None,
    };
    Ok(data.map(|data| told(event, entry.at, &data)))
}

fn post(
    tx: &mut ReadTx<'_>,
    event: Event,
    id: PostId,
    base_url: &str,
) -> Result<Option<Value>, Error> {
    let Some(post) = store::posts::by_id(tx, id)? else {
        let departed = store::departed::find(tx, Noun::Post, id.as_i64())?;
        let departed = departed.filter(|_| event != Event::PostUpdated);
        return Ok(departed.map(|departed| gone(id.as_i64(), &departed, base_url)));
    };
    if post.status.is_readable() && event != Event::PostUnpublished {
        return readable(tx, &post, base_url).map(Some);
    }
    // Taken back, now or since: what it says by now may be a draft.
    let shown_at = store::departed::shown_at(tx, id)?;
    let is_news = event != Event::PostUpdated;
    Ok(shown_at.filter(|_| is_news).map(|slug| {
        json!({
            "id": id, "kind": post.kind, "status": post.status, "slug": slug,
            "url": format!("{base_url}/{slug}"),
        })
    }))
}

fn readable(tx: &mut ReadTx<'_>, post: &Post, base_url: &str) -> Result<Value, Error> {
    let content = &post.content;
    let mut tags = Vec::new();
    for tag in store::tags::of_post(tx, post.id)? {
        tags.push(json!({"slug": tag.slug, "name": tag.name}));
    }
    let mut authors = Vec::new();
    for author in store::users::of_post(tx, post.id)? {
        authors.push(json!({"slug": author.slug, "name": author.name}));
    }
    let language = match &content.language {
        Some(language) => language.clone(),
        None => store::settings::read(tx)?.language,
    };
    Ok(json!({
        "id": post.id,
        "kind": post.kind,
        "status": post.status,
        "slug": content.slug,
        "url": format!("{base_url}/{}", content.slug),
        "title": content.title,
        "excerpt": excerpt(tx, post)?,
        "language": language,
        "tags": tags,
        "authors": authors,
        "featured": content.featured,
        "version": post.version,
        "published_at": post.published_at.map(moment),
        "updated_at": moment(post.updated_at),
    }))
}

/// The author's excerpt, or the text's first words.
fn excerpt(tx: &mut ReadTx<'_>, post: &Post) -> Result<String, Error> {
    if let Some(excerpt) = &post.content.excerpt {
        return Ok(excerpt.clone());
    }
    let facts = store::renditions::facts(tx, post.id)?;
    let facts = facts.and_then(|facts| serde_json::from_str::<Value>(&facts).ok());
    let excerpt = facts.as_ref().and_then(|facts| facts["excerpt"].as_str());
    Ok(excerpt.unwrap_or_default().to_owned())
}

fn file(tx: &mut ReadTx<'_>, id: MediaId, base_url: &str) -> Result<Option<Value>, Error> {
    let Some(found) = store::media::by_id(tx, id)? else {
        let departed = store::departed::find(tx, Noun::Media, id.as_i64())?;
        return Ok(departed.map(|departed| gone(id.as_i64(), &departed, base_url)));
    };
    Ok(Some(json!({
        "id": id,
        "url": file_url(&found.path, base_url),
        "name": found.name,
        "mime": found.mime,
        "bytes": found.bytes,
        "width": found.width,
        "height": found.height,
        "alt": found.alt,
        "caption": found.caption,
    })))
}

fn file_url(path: &str, base_url: &str) -> String {
    format!("{base_url}{}{path}", media::PREFIX)
}

fn person(tx: &mut ReadTx<'_>, id: UserId, base_url: &str) -> Result<Option<Value>, Error> {
    let Some(user) = store::users::by_id(tx, id)? else {
        let departed = store::departed::find(tx, Noun::User, id.as_i64())?;
        return Ok(departed.map(|departed| gone(id.as_i64(), &departed, base_url)));
    };
    // Their address of mail is theirs.
    Ok(Some(json!({
        "id": id,
        "slug": user.slug,
        "name": user.name,
        "role": user.role,
        "suspended": user.suspended,
        "url": format!("{base_url}/author/{}", user.slug),
    })))
}

/// What is still known of a thing that is no more.
fn gone(id: i64, departed: &Departed, base_url: &str) -> Value {
    match departed {
        Departed::Post { kind, slug } => json!({
            "id": id, "kind": kind, "slug": slug, "url": format!("{base_url}/{slug}"),
        }),
        Departed::Media { path, name, mime } => json!({
            "id": id, "name": name, "mime": mime, "url": file_url(path, base_url),
        }),
        Departed::User { slug, name } => json!({
            "id": id, "slug": slug, "name": name, "url": format!("{base_url}/author/{slug}"),
        }),
    }
}

/// Keeps what a post was called that is about to be deleted; nothing of one readers never saw.
pub(in crate::app) fn post_departs(tx: &mut WriteTx<'_>, post: &Post) -> Result<(), Error> {
    if let Some(slug) = store::departed::shown_at(tx, post.id)? {
        let kind = post.kind;
        let departed = Departed::Post { kind, slug };
        store::departed::insert(tx, post.id.as_i64(), &departed)?;
    }
    Ok(())
}

pub(in crate::app) fn media_departs(tx: &mut WriteTx<'_>, media: &Media) -> Result<(), Error> {
    let departed = Departed::Media {
        path: media.path.clone(),
        name: media.name.clone(),
        mime: media.mime.clone(),
    };
    Ok(store::departed::insert(tx, media.id.as_i64(), &departed)?)
}

pub(in crate::app) fn user_departs(tx: &mut WriteTx<'_>, user: &User) -> Result<(), Error> {
    let departed = Departed::User {
        slug: user.slug.to_string(),
        name: user.name.to_string(),
    };
    Ok(store::departed::insert(tx, user.id.as_i64(), &departed)?)
}
