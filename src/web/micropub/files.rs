//! A form with files in it. They go through the media library as they come, and stand in the entry by
//! their addresses.

use actix_multipart::{Field, Multipart};
use actix_web::web::Payload;
use actix_web::{HttpMessage as _, HttpRequest};
use futures_util::StreamExt as _;
use futures_util::stream::Fuse;
use serde_json::Value;

use crate::app;
use crate::app::media::{self, PREFIX};
use crate::domain::actor::Actor;
use crate::web::admin::media::sent::{Received, name_of, receive};
use crate::web::identity;
use crate::web::state::Site;

use super::sent::{Broken, Form, MAX_WORDS_BYTES, Stop, too_long};

const MAX_FILES: usize = 50;
/// So much is read of what is not wanted.
const MAX_UNWANTED_BYTES: usize = 256 * 1024 * 1024;
/// Fields that may hold files.
const FILES: [&str; 3] = ["photo", "video", "audio"];

pub(super) async fn read(
    site: &Site,
    request: &HttpRequest,
    body: Payload,
) -> Result<(Form, Actor), Stop> {
    let mut actor = None;
    if identity::bearer_secret(request).is_some() {
        let (holder, _) = identity::token_holder(site, request, None).await?;
        actor = Some(holder);
    }
    let mut parts = Multipart::new(request.headers(), body);
    let read = read_parts(site, request, &mut parts, &mut actor).await;
    // Strangers are not listened to for long.
    if actor.is_some() && matches!(read, Err(Stop::Broken(_))) {
        drain(request, &mut parts).await;
    }
    let form = read?;
    let actor = actor.ok_or(app::Error::Unauthenticated)?;
    Ok((form, actor))
}

/// Reads on to nowhere: a program hears a refusal only when it has sent everything.
pub(super) async fn drain(request: &HttpRequest, parts: &mut Multipart) {
    // What is no form has said so once, and must not be asked again.
    let is_form = matches!(request.mime_type(), Ok(Some(kind))
        if kind.type_() == "multipart" && kind.get_param("boundary").is_some());
    if !is_form {
        return;
    }
    let mut bytes = 0;
    while let Some(Ok(part)) = parts.next().await {
        let mut part = part.fuse();
        while let Some(Ok(piece)) = part.next().await {
            bytes += piece.len();
            if bytes > MAX_UNWANTED_BYTES {
                return;
            }
        }
    }
}

async fn read_parts(
    site: &Site,
    request: &HttpRequest,
    parts: &mut Multipart,
    actor: &mut Option<Actor>,
) -> Result<Form, Stop> {
    let mut form = Form::default();
    let (mut files, mut bytes) = (0, 0);
    while let Some(part) = parts.next().await {
        let part = part.map_err(broken)?;
        let name = part.name().unwrap_or_default().to_owned();
        let property = name.split('[').next().unwrap_or_default();
        let file_name = name_of(&part);
        let is_file = FILES.contains(&property) && !file_name.is_empty();
        let mut part = part.fuse();
        if !is_file {
            let text = words(&mut part, &mut bytes).await?;
            form.add(&name, Value::String(text));
            if name == "access_token" {
                let token = form.token.as_deref();
                let (holder, _) = identity::token_holder(site, request, token).await?;
                *actor = Some(holder);
            }
            continue;
        }
        // Nothing is taken in before it is known from whom.
        let Some(actor) = actor.as_ref() else {
            return Err(app::Error::Unauthenticated.into());
        };
        files += 1;
        if files > MAX_FILES {
            let why = format!("At most {MAX_FILES} files may come with an entry");
            return Err(Broken::Form(why).into());
        }
        let url = keep(site, actor, &mut part, &file_name).await?;
        form.add(property, Value::String(url));
    }
    Ok(form)
}

/// Takes a file in; its address.
pub(super) async fn keep(
    site: &Site,
    actor: &Actor,
    part: &mut Fuse<Field>,
    name: &str,
) -> Result<String, Stop> {
    let draft = match receive(site, actor, part).await {
        Ok(draft) => draft,
        Err(Received::Refused(why)) => return Err(why.into()),
        Err(Received::Broken(error)) => return Err(Stop::Connection(error)),
    };
    let (actor, name) = (actor.clone(), name.to_owned());
    let kept = site.work(move |site| media::add(&site.app, &actor, draft, &name, ""));
    let kept = kept.await?;
    Ok(format!("{}{PREFIX}{}", site.base_url, kept.path))
}

async fn words(part: &mut Fuse<Field>, so_far: &mut usize) -> Result<String, Stop> {
    let mut words = Vec::new();
    while let Some(piece) = part.next().await {
        let piece = piece.map_err(broken)?;
        *so_far += piece.len();
        if *so_far > MAX_WORDS_BYTES {
            return Err(too_long().into());
        }
        words.extend_from_slice(&piece);
    }
    Ok(String::from_utf8_lossy(&words).into_owned())
}

/// A form that is none is answered like any other wrong one; what the connection did is not.
pub(super) fn broken(error: actix_multipart::MultipartError) -> Stop {
    match error {
        actix_multipart::MultipartError::Payload(_) => Stop::Connection(error.into()),
        error => Broken::Form(format!("The form cannot be read: {error}")).into(),
    }
}
