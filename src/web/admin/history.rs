//! What a post said before: every kept state with what it changed, and the way back to it; and a copy
//! of a post, which is where another history begins.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use crate::app::{self, posts};
use crate::domain::actor::Actor;
use crate::domain::id::{PostId, RevisionId};
use crate::domain::language::Language;
use crate::domain::post::Revision;
use crate::domain::settings::Settings;
use crate::domain::text::Name;
use crate::web::error::Error;
use crate::web::forms::OwnForm;
use crate::web::state::Site;

use super::view::Moment;
use super::{Outcome, number, obey, show};

const TEMPLATE: &str = "admin/history.html";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Question {
    /// Which state to look at; the newest where it is not said.
    state: String,
    /// `before`: against the one it replaced; otherwise against what the post says now.
    with: String,
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    by: Option<String>,
    at: Option<Moment>,
    is_shown: bool,
}

#[derive(Debug, Serialize)]
struct Part {
    name: &'static str,
    html: String,
}

#[derive(Debug, Serialize)]
struct Content {
    id: String,
    title: String,
    rows: Vec<Row>,
    shown: Option<String>,
    is_with_before: bool,
    changes: Vec<Part>,
    markdown: String,
}

pub(in crate::web) async fn show_all(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<String>,
    question: Query<Question>,
) -> Result<HttpResponse, Error> {
    let id = PostId::from_i64(number(&id)?);
    show(&request, &site, TEMPLATE, move |site, actor, settings| {
        content(site, actor, settings, id, &question)
    })
    .await
}

fn content(
    site: &Site,
    actor: &Actor,
    settings: &Settings,
    id: PostId,
    question: &Question,
) -> Result<Content, app::Error> {
    let editing = posts::edit(&site.app, actor, id)?;
    let (_, states) = posts::history(&site.app, actor, id)?;
    let wanted = question.state.parse().ok().map(RevisionId::from_i64);
    let place = match wanted {
        Some(wanted) => states
            .iter()
            .position(|past| past.revision.id == wanted)
            .ok_or(app::Error::NotFound)?,
        None => 0,
    };
    let shown: Option<&Revision> = states.get(place).map(|past| &past.revision);
    let is_with_before = question.with == "before" || wanted.is_none();
    let changes = match shown {
        Some(shown) if is_with_before => match states.get(place + 1) {
            Some(before) => posts::compare(&site.app, &before.revision.content, &shown.content)?,
            None => Vec::new(),
        },
        Some(shown) => posts::compare(&site.app, &shown.content, &editing.content)?,
        None => Vec::new(),
    };
    let rows = states.iter().enumerate().map(|(at, past)| Row {
        id: past.revision.id.to_string(),
        by: past.edited_by.as_ref().map(Name::to_string),
        at: Moment::new(past.revision.at, settings),
        is_shown: at == place,
    });
    let changes = changes.into_iter();
    Ok(Content {
        id: id.to_string(),
        title: editing.content.title.to_string(),
        rows: rows.collect(),
        shown: shown.map(|shown| shown.id.to_string()),
        is_with_before,
        changes: changes
            .map(|part| Part {
                name: part.name,
                html: part.html,
            })
            .collect(),
        markdown: shown
            .map(|shown| shown.content.markdown.clone())
            .unwrap_or_default(),
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Choice {
    state: String,
}

pub(in crate::web) async fn bring_back(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<String>,
    form: OwnForm<Choice>,
) -> Result<HttpResponse, Error> {
    let id = PostId::from_i64(number(&id)?);
    obey(&request, &site, TEMPLATE, move |site, actor, _| {
        let state = RevisionId::from_i64(number(&form.0.state)?);
        let post = posts::bring_back(&site.app, actor, id, state)?;
        let to = format!("/admin/posts/{}?done=back", post.id);
        Ok(Outcome::<Content>::Done(to))
    })
    .await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Wish {
    /// Not empty: a translation into this language.
    language: String,
}

pub(in crate::web) async fn copy(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<String>,
    form: OwnForm<Wish>,
) -> Result<HttpResponse, Error> {
    let id = PostId::from_i64(number(&id)?);
    obey(&request, &site, TEMPLATE, move |site, actor, _| {
        let language = match form.0.language.trim() {
            "" => None,
            tag => {
                Some(Language::parse(tag).map_err(|error| app::Error::invalid("language", error))?)
            }
        };
        let copy = posts::copy(&site.app, actor, id, language.as_ref())?;
        let to = format!("/admin/posts/{}?done=copy", copy.id);
        Ok(Outcome::<Content>::Done(to))
    })
    .await
}
