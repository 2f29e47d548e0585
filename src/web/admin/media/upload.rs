//! Takes files in, from the editor, which asks for JSON, and from the plain form of the library.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use crate::app;
use crate::app::media;
use crate::domain::actor::Actor;
use crate::domain::media::Media;
use crate::web::error::{Error, Problem, wants_document};
use crate::web::state::Site;

use super::super::{problem, see_other, sign_in_first, visitor};
use super::item::Item;
use super::sent::{self, File, Sent};
use super::{HERE, file, id, json, library};

/// A file that was not taken.
#[derive(Debug, Serialize)]
pub(super) struct Refused {
    pub(super) name: String,
    pub(super) why: String,
}

#[derive(Debug, Serialize)]
struct Several {
    items: Vec<Item>,
    refused: Vec<Refused>,
}

pub(in crate::web) async fn take(
    request: HttpRequest,
    site: Data<Site>,
    body: Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let is_program = wants_document(&request);
    let (actor, user) = match visitor(&site, &request).await.map_err(Error::from)? {
        Some(visitor) => visitor,
        None if is_program => return Err(Error::from(app::Error::Unauthenticated).into()),
        None => return Ok(sign_in_first(&request)),
    };
    let sent = sent::read(&site, &actor, &request, body).await?;
    let mut outcomes = keep(&site, &actor, sent).await;
    if is_program && outcomes.len() == 1 {
        let (_, kept) = outcomes.remove(0);
        return Ok(json(
            StatusCode::CREATED,
            &Item::from(&kept.map_err(Error::from)?),
        )?);
    }
    if outcomes.is_empty() {
        let why = app::Error::invalid("file", "Choose a file first");
        if is_program {
            return Err(Error::from(why).into());
        }
        outcomes.push((String::new(), Err(why)));
    }
    let (mut items, mut refused, mut first) = (Vec::new(), Vec::new(), None);
    for (name, kept) in outcomes {
        match kept {
            Ok(media) => items.push(Item::from(&media)),
            Err(error) => {
                let problem = problem(error);
                refused.push(Refused {
                    name,
                    why: words(&problem),
                });
                first.get_or_insert(problem);
            }
        }
    }
    if is_program {
        return Ok(json(StatusCode::CREATED, &Several { items, refused })?);
    }
    match first {
        None => Ok(see_other(HERE)),
        Some(problem) => Ok(library::refused(&site, &actor, &user, problem, refused).await?),
    }
}

pub(in crate::web) async fn replace(
    request: HttpRequest,
    site: Data<Site>,
    path: Path<String>,
    body: Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let visitor = visitor(&site, &request).await.map_err(Error::from)?;
    let Some((actor, user)) = visitor else {
        return Ok(sign_in_first(&request));
    };
    let mut sent = sent::read(&site, &actor, &request, body).await?;
    let id = id(&path).map_err(Error::from)?;
    let file = sent.files.pop();
    let replacing = actor.clone();
    let replaced = site.work(move |site| {
        let nothing = || app::Error::invalid("file", "Choose a file first");
        let File { name, draft } = file.ok_or_else(nothing)?;
        media::replace(&site.app, &replacing, id, draft?, &name)
    });
    match replaced.await {
        Ok(_) => Ok(see_other(&format!("{HERE}/{id}?done=replaced"))),
        Err(error) => Ok(file::refused(&site, actor, user, id, error).await?),
    }
}

/// Each file by itself: one that is refused takes none of the others with it.
async fn keep(site: &Site, actor: &Actor, sent: Sent) -> Vec<(String, Result<Media, app::Error>)> {
    let mut outcomes = Vec::new();
    for File { name, draft } in sent.files {
        let (actor, alt, called) = (actor.clone(), sent.alt.clone(), name.clone());
        let kept = site.work(move |site| media::add(&site.app, &actor, draft?, &called, &alt));
        outcomes.push((name, kept.await));
    }
    outcomes
}

/// What is wrong, in one sentence or some.
pub(super) fn words(problem: &Problem) -> String {
    let fields: Vec<&str> = problem.fields.iter().map(|field| &*field.message).collect();
    if fields.is_empty() {
        problem.detail.clone()
    } else {
        fields.join(" · ")
    }
}
