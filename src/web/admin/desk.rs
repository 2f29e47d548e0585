//! The desk: what there is to write on, by where it stands. Editors see everybody's, others their own.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use crate::app::{posts, settings};
use crate::domain::actor::Act;
use crate::domain::post::{Kind, Status, Summary};
use crate::domain::settings::Settings;
use crate::web::error::Error;
use crate::web::state::Site;

use super::view::{self, Moment};
use super::{page, sign_in_first, visitor};

const POSTS_PER_PAGE: u32 = 50;
/// Deeper is what search is for.
const MAX_PAGE: u32 = 10_000;

/// What is asked for; what cannot be understood is as if it were not there.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Question {
    kind: String,
    status: String,
    page: String,
}

#[derive(Debug, Serialize)]
struct Tab {
    name: &'static str,
    word: &'static str,
    is_open: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    title: String,
    language: Option<String>,
    /// Where readers find it, if they do.
    address: Option<String>,
    edited: Option<Moment>,
    published: Option<Moment>,
    due: Option<Moment>,
}

impl Row {
    fn new(post: &Summary, settings: &Settings) -> Self {
        let moment = |time| Moment::new(time, settings);
        let can_be_read = post.status.is_readable() || post.status == Status::Private;
        Self {
            id: post.id.to_string(),
            title: post.title.as_str().to_owned(),
            language: post.language.as_ref().map(ToString::to_string),
            address: can_be_read.then(|| format!("/{}", post.slug)),
            edited: moment(post.updated_at),
            published: post.published_at.filter(|_| can_be_read).and_then(moment),
            due: post.publish_at.and_then(moment),
        }
    }
}

#[derive(Debug, Serialize)]
struct Content {
    is_everybodys: bool,
    kind: &'static str,
    status: &'static str,
    kinds: Vec<Tab>,
    standings: Vec<Tab>,
    rows: Vec<Row>,
    number: u32,
    newer: Option<u32>,
    older: Option<u32>,
}

pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    question: Query<Question>,
) -> Result<HttpResponse, Error> {
    let Some((actor, user)) = visitor(&site, &request).await? else {
        return Ok(sign_in_first(&request));
    };
    let kind = Kind::parse(&question.kind).unwrap_or(Kind::Post);
    let status = Status::parse(&question.status).unwrap_or(Status::Draft);
    let number = question.page.parse().unwrap_or(1).clamp(1, MAX_PAGE);
    let made = site.work(move |site| {
        let settings = settings::read(&site.app)?;
        let offset = (number - 1) * POSTS_PER_PAGE;
        // One more than shown tells whether there are older ones.
        let limit = POSTS_PER_PAGE + 1;
        let found = posts::desk(&site.app, &actor, kind, status, limit, offset)?;
        let shown = found.iter().take(POSTS_PER_PAGE as usize);
        let content = Content {
            is_everybodys: actor.may(Act::SeeEverything),
            kind: kind.as_str(),
            status: status.as_str(),
            kinds: kinds(kind),
            standings: standings(status),
            rows: shown.map(|post| Row::new(post, &settings)).collect(),
            number,
            newer: (number > 1).then(|| number - 1),
            older: (found.len() > POSTS_PER_PAGE as usize && number < MAX_PAGE)
                .then_some(number + 1),
        };
        view::render(site, "admin/desk.html", &settings, Some(&user), &content)
    });
    Ok(page(StatusCode::OK, made.await?))
}

fn kinds(open: Kind) -> Vec<Tab> {
    let name = |kind| match kind {
        Kind::Post => "Posts",
        Kind::Page => "Pages",
    };
    let all = Kind::ALL.iter().map(|kind| Tab {
        name: name(*kind),
        word: kind.as_str(),
        is_open: *kind == open,
    });
    all.collect()
}

fn standings(open: Status) -> Vec<Tab> {
    let name = |status| match status {
        Status::Draft => "Drafts",
        Status::Trashed => "Trash",
        other => view::standing(other),
    };
    let all = Status::ALL.iter().map(|status| Tab {
        name: name(*status),
        word: status.as_str(),
        is_open: *status == open,
    });
    all.collect()
}
