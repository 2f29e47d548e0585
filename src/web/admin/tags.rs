//! Tags: how they are called, what they look like, which two are one.

use std::collections::BTreeMap;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use crate::app::tags::{self, Wording};
use crate::app::{self, FieldError};
use crate::domain::actor::{Act, Actor};
use crate::domain::id::TagId;
use crate::domain::slug::Slug;
use crate::domain::tag::Tag;
use crate::domain::text::{Name, WebAddress};
use crate::web::error::Error;
use crate::web::forms::OwnForm;
use crate::web::state::Site;

use super::{Outcome, number, obey, show};

const HERE: &str = "/admin/tags";
const ONE: &str = "admin/tag.html";

type Fields = BTreeMap<String, String>;

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    slug: String,
    name: String,
    posts: u64,
}

#[derive(Debug, Serialize)]
struct List {
    tags: Vec<Row>,
    may_change: bool,
}

#[derive(Debug, Serialize)]
struct Content {
    id: String,
    fields: Fields,
    /// What it can be merged into.
    others: Vec<Row>,
}

pub(in crate::web) async fn show_all(
    request: HttpRequest,
    site: Data<Site>,
) -> Result<HttpResponse, Error> {
    show(&request, &site, "admin/tags.html", |site, actor, _| {
        Ok(List {
            tags: rows(site, actor)?,
            may_change: actor.may(Act::ManageTags),
        })
    })
    .await
}

fn rows(site: &Site, actor: &Actor) -> Result<Vec<Row>, app::Error> {
    let all = tags::list(&site.app, actor)?.into_iter();
    Ok(all
        .map(|(tag, posts)| Row {
            id: tag.id.to_string(),
            slug: tag.slug.to_string(),
            name: tag.name.to_string(),
            posts,
        })
        .collect())
}

pub(in crate::web) async fn show_one(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let id = TagId::from_i64(number(&id)?);
    show(&request, &site, ONE, move |site, actor, _| {
        let tag = tags::show(&site.app, actor, id)?;
        content(site, actor, id, filled(&tag))
    })
    .await
}

fn content(site: &Site, actor: &Actor, id: TagId, fields: Fields) -> Result<Content, app::Error> {
    let id = id.to_string();
    let mut others = rows(site, actor)?;
    others.retain(|other| other.id != id);
    Ok(Content { id, fields, others })
}

fn filled(tag: &Tag) -> Fields {
    let cover = tag.cover_url.as_ref().map(ToString::to_string);
    let pairs = [
        ("name", tag.name.to_string()),
        ("slug", tag.slug.to_string()),
        ("description", tag.description.clone()),
        ("colour", tag.colour.clone().unwrap_or_default()),
        ("cover", cover.unwrap_or_default()),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value)).into()
}

pub(in crate::web) async fn change(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<String>,
    form: OwnForm<Fields>,
) -> Result<HttpResponse, Error> {
    let id = TagId::from_i64(number(&id)?);
    obey(&request, &site, ONE, move |site, actor, _| {
        let OwnForm(fields) = form;
        let field = |name: &str| fields.get(name).map_or("", |value| value.trim());
        let done = match field("what") {
            "merge" => number(field("into"))
                .map_err(|_| app::Error::invalid("into", "Choose a tag"))
                .and_then(|into| tags::merge(&site.app, actor, id, TagId::from_i64(into))),
            "delete" => tags::delete(&site.app, actor, id),
            _ => wording(&field)
                .and_then(|wording| tags::update(&site.app, actor, id, wording).map(drop)),
        };
        match done {
            Ok(()) => Ok(Outcome::Done(HERE.to_owned())),
            Err(app::Error::Invalid(wrong)) => {
                Ok(Outcome::Again(wrong, content(site, actor, id, fields)?))
            }
            Err(error) => Err(error),
        }
    })
    .await
}

fn wording<'a>(field: &impl Fn(&str) -> &'a str) -> Result<Wording, app::Error> {
    let mut wrong = Vec::new();
    let mut refuse = |field, message: String| wrong.push(FieldError { field, message });
    let name = Name::parse(field("name")).map_err(|error| refuse("name", error.to_string()));
    let slug = Slug::parse(field("slug")).map_err(|error| refuse("slug", error.to_string()));
    let cover_url = match field("cover") {
        "" => Ok(None),
        url => WebAddress::parse(url)
            .map(Some)
            .map_err(|error| refuse("cover", error.to_string())),
    };
    match (name, slug, cover_url) {
        (Ok(name), Ok(slug), Ok(cover_url)) => Ok(Wording {
            name,
            slug,
            description: field("description").to_owned(),
            colour: Some(field("colour").to_owned()),
            cover_url,
        }),
        _ => Err(app::Error::Invalid(wrong)),
    }
}
