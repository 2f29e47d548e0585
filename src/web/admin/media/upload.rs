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
use crate::web::middleware::Refusal;
use crate::web::origin;
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
    require_own(&site, &request)?;
    let is_program = wants_document(&request);
    let (actor, user) = match visitor(&site, &request).await.map_err(Error::from)? {
        Some(visitor) => visitor,
        None if is_program => return Err(Error::from(app::Error::Unauthenticated).into()),
        None => return Ok(sign_in_first(&request)),
    };
    let sent = sent::read(&site, &actor, &request, body).await?;
    let outcomes = keep(&site, &actor, sent).await;
    if is_program {
        return Ok(tell(outcomes)?);
    }
    let (_, refused, first) = sorted(outcomes);
    match first {
        None => Ok(see_other(HERE)),
        Some(problem) => Ok(library::refused(&site, &actor, &user, problem, refused).await?),
    }
}

/// One file is the answer itself, also when it is refused; several are a list.
fn tell(mut outcomes: Vec<Outcome>) -> Result<HttpResponse, Error> {
    if outcomes.len() == 1 {
        let (_, kept) = outcomes.remove(0);
        return json(StatusCode::CREATED, &Item::from(&kept?));
    }
    let (items, refused, _) = sorted(outcomes);
    json(StatusCode::CREATED, &Several { items, refused })
}

/// What was taken and what was not, and the first reason why not.
fn sorted(outcomes: Vec<Outcome>) -> (Vec<Item>, Vec<Refused>, Option<Problem>) {
    let (mut items, mut refused, mut first) = (Vec::new(), Vec::new(), None);
    for (name, kept) in outcomes {
        match kept {
            Ok(media) => items.push(Item::from(&media)),
            Err(error) => {
                let problem = problem(error);
                let why = words(&problem);
                refused.push(Refused { name, why });
                first.get_or_insert(problem);
            }
        }
    }
    (items, refused, first)
}

fn require_own(site: &Site, request: &HttpRequest) -> Result<(), Refusal> {
    if origin::is_own(request.headers(), &site.base_url) {
        Ok(())
    } else {
        Err(Refusal::ForeignForm)
    }
}

pub(in crate::web) async fn replace(
    request: HttpRequest,
    site: Data<Site>,
    path: Path<String>,
    body: Payload,
) -> Result<HttpResponse, actix_web::Error> {
    require_own(&site, &request)?;
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

/// A file's name, and what became of it.
type Outcome = (String, Result<Media, app::Error>);

/// Each file by itself: one that is refused takes none of the others with it.
async fn keep(site: &Site, actor: &Actor, sent: Sent) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for File { name, draft } in sent.files {
        let (actor, alt, called) = (actor.clone(), sent.alt.clone(), name.clone());
        let kept = site.work(move |site| media::add(&site.app, &actor, draft?, &called, &alt));
        outcomes.push((name, kept.await));
    }
    if outcomes.is_empty() {
        let nothing = app::Error::invalid("file", "Choose a file first");
        outcomes.push((String::new(), Err(nothing)));
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
