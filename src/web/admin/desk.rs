//! The desk: what there is to write on, by where it stands, by tag and by what it says; and what can be
//! done with several at once. Editors see everybody's, others their own.

use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use crate::app::{self, posts, tags};
use crate::domain::actor::{Act, Actor};
use crate::domain::id::{PostId, TagId};
use crate::domain::post::{Kind, Status, Summary};
use crate::domain::settings::Settings;
use crate::web::error::Error;
use crate::web::forms::OwnForm;
use crate::web::state::Site;

use super::view::{self, Moment};
use super::{Outcome, obey, show};

const HERE: &str = "/admin/posts";
const TEMPLATE: &str = "admin/desk.html";
const POSTS_PER_PAGE: u32 = 50;
/// Deeper is what search is for.
const MAX_PAGE: u32 = 10_000;
/// The word for wherever a post stands.
const ANYWHERE: &str = "all";

/// What is asked for; what cannot be understood is as if it were not there.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Question {
    kind: String,
    status: String,
    tag: String,
    q: String,
    page: String,
    /// What was done, and how often.
    done: String,
    count: String,
}

impl Question {
    fn kind(&self) -> Kind {
        Kind::parse(&self.kind).unwrap_or(Kind::Post)
    }

    /// Who looks for something looks everywhere, unless told otherwise.
    fn status(&self) -> Option<Status> {
        match self.status.as_str() {
            ANYWHERE => None,
            "" if !self.q.trim().is_empty() || !self.tag.is_empty() => None,
            word => Some(Status::parse(word).unwrap_or(Status::Draft)),
        }
    }

    fn page(&self) -> u32 {
        self.page.parse().unwrap_or(1).clamp(1, MAX_PAGE)
    }

    /// The address that asks the same of another page.
    fn address(&self, page: Option<u32>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("kind", self.kind().as_str());
        query.append_pair("status", self.status().map_or(ANYWHERE, Status::as_str));
        for (name, value) in [("tag", &self.tag), ("q", &self.q)] {
            if !value.trim().is_empty() {
                query.append_pair(name, value);
            }
        }
        if let Some(page) = page {
            query.append_pair("page", &page.to_string());
        }
        format!("{HERE}?{}", query.finish())
    }
}

#[derive(Debug, Serialize)]
struct Tab {
    name: &'static str,
    word: &'static str,
    is_open: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct Row {
    id: String,
    title: String,
    standing: &'static str,
    language: Option<String>,
    /// Where readers find it, if they do.
    address: Option<String>,
    edited: Option<Moment>,
    published: Option<Moment>,
    due: Option<Moment>,
}

impl Row {
    pub(super) fn new(post: &Summary, settings: &Settings) -> Self {
        let moment = |time| Moment::new(time, settings);
        let can_be_read = post.status.is_readable() || post.status == Status::Private;
        Self {
            id: post.id.to_string(),
            title: post.title.as_str().to_owned(),
            standing: view::standing(post.status),
            language: post.language.as_ref().map(ToString::to_string),
            address: can_be_read.then(|| format!("/{}", post.slug)),
            edited: moment(post.updated_at),
            published: post.published_at.filter(|_| can_be_read).and_then(moment),
            due: post.publish_at.and_then(moment),
        }
    }
}

#[derive(Debug, Serialize)]
struct TagChoice {
    id: String,
    name: String,
    is_chosen: bool,
}

#[derive(Debug, Serialize)]
struct Content {
    is_everybodys: bool,
    kind: &'static str,
    status: &'static str,
    words: String,
    kinds: Vec<Tab>,
    standings: Vec<Tab>,
    tags: Vec<TagChoice>,
    rows: Vec<Row>,
    /// What can be done with those that are ticked.
    acts: Vec<Tab>,
    is_filtered: bool,
    here: String,
    newer: Option<String>,
    older: Option<String>,
    done: Option<String>,
    /// Posts with which something could not be done, and why.
    failed: Vec<(String, String)>,
}

pub(in crate::web) async fn show_desk(
    request: HttpRequest,
    site: Data<Site>,
    question: Query<Question>,
) -> Result<HttpResponse, Error> {
    show(&request, &site, TEMPLATE, move |site, actor, settings| {
        content(site, actor, settings, &question)
    })
    .await
}

fn content(
    site: &Site,
    actor: &Actor,
    settings: &Settings,
    question: &Question,
) -> Result<Content, app::Error> {
    let (kind, status, number) = (question.kind(), question.status(), question.page());
    let wish = posts::Wish {
        kind,
        status,
        tag: question.tag.parse().ok().map(TagId::from_i64),
        words: question.q.clone(),
        // One more than shown tells whether there are older ones.
        limit: POSTS_PER_PAGE + 1,
        offset: (number - 1) * POSTS_PER_PAGE,
    };
    let found = posts::desk(&site.app, actor, &wish)?;
    let shown = found.iter().take(POSTS_PER_PAGE as usize);
    let has_older = found.len() > POSTS_PER_PAGE as usize && number < MAX_PAGE;
    let tags = tags::list(&site.app, actor)?
        .into_iter()
        .map(|(tag, _)| TagChoice {
            is_chosen: question.tag == tag.id.to_string(),
            id: tag.id.to_string(),
            name: tag.name.to_string(),
        });
    Ok(Content {
        is_everybodys: actor.may(Act::SeeEverything),
        kind: kind.as_str(),
        status: status.map_or(ANYWHERE, Status::as_str),
        words: question.q.clone(),
        kinds: kinds(kind),
        standings: standings(status),
        tags: tags.collect(),
        rows: shown.map(|post| Row::new(post, settings)).collect(),
        acts: acts(status),
        is_filtered: !question.q.trim().is_empty() || !question.tag.is_empty(),
        here: question.address(None),
        newer: (number > 1).then(|| question.address(Some(number - 1))),
        older: has_older.then(|| question.address(Some(number + 1))),
        done: done(&question.done, &question.count),
        failed: Vec::new(),
    })
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

fn standings(open: Option<Status>) -> Vec<Tab> {
    let name = |status| match status {
        Status::Draft => "Drafts",
        Status::Trashed => "Trash",
        other => view::standing(other),
    };
    let anywhere = Tab {
        name: "All",
        word: ANYWHERE,
        is_open: open.is_none(),
    };
    let all = Status::ALL.iter().map(|status| Tab {
        name: name(*status),
        word: status.as_str(),
        is_open: Some(*status) == open,
    });
    std::iter::once(anywhere).chain(all).collect()
}

/// What can be done with posts that stand there.
fn acts(status: Option<Status>) -> Vec<Tab> {
    let all: &[(&str, &str)] = match status {
        Some(Status::Trashed) => &[("restore", "Restore"), ("delete", "Delete for good")],
        Some(Status::Draft | Status::Scheduled) => {
            &[("publish", "Publish"), ("trash", "Move to trash")]
        }
        Some(Status::Published | Status::Unlisted | Status::Private) => {
            &[("unpublish", "Unpublish"), ("trash", "Move to trash")]
        }
        None => &[
            ("publish", "Publish"),
            ("unpublish", "Unpublish"),
            ("trash", "Move to trash"),
        ],
    };
    let all = all.iter().map(|(word, name)| Tab {
        name,
        word,
        is_open: false,
    });
    all.collect()
}

fn done(word: &str, count: &str) -> Option<String> {
    let count: u32 = count.parse().ok()?;
    let what = match word {
        "publish" => "published",
        "unpublish" => "taken back",
        "trash" => "put into the trash",
        "restore" => "back from the trash",
        "delete" => "deleted for good",
        _ => return None,
    };
    let noun = if count == 1 { "text" } else { "texts" };
    Some(format!("{count} {noun} {what}."))
}

/// Does one thing with every post that is ticked; what cannot be done with one keeps no other back.
pub(in crate::web) async fn act(
    request: HttpRequest,
    site: Data<Site>,
    form: OwnForm<Vec<(String, String)>>,
) -> Result<HttpResponse, Error> {
    let mut ids = Vec::new();
    let mut word = String::new();
    let mut question = Question::default();
    for (name, value) in form.0 {
        match &*name {
            "id" => ids.extend(value.parse().ok().map(PostId::from_i64)),
            "what" => word = value,
            "kind" => question.kind = value,
            "status" => question.status = value,
            "tag" => question.tag = value,
            "q" => question.q = value,
            _ => {}
        }
    }
    obey(&request, &site, TEMPLATE, move |site, actor, settings| {
        let mut count = 0;
        let mut failed = Vec::new();
        for id in ids {
            match do_one(site, actor, id, &word) {
                Ok(()) => count += 1,
                Err(app::Error::Internal(error)) => return Err(app::Error::Internal(error)),
                Err(error) => {
                    let title = posts::show(&site.app, actor, id)
                        .map_or_else(|_| id.to_string(), |post| post.content.title.to_string());
                    failed.push((title, error.to_string()));
                }
            }
        }
        if failed.is_empty() {
            let to = format!("{}&done={word}&count={count}", question.address(None));
            return Ok(Outcome::Done(to));
        }
        let mut content = content(site, actor, settings, &question)?;
        content.failed = failed;
        content.done = done(&word, &count.to_string()).filter(|_| count > 0);
        Ok(Outcome::Again(Vec::new(), content))
    })
    .await
}

fn do_one(site: &Site, actor: &Actor, id: PostId, word: &str) -> Result<(), app::Error> {
    let app = &site.app;
    match word {
        "publish" => posts::publish(app, actor, id, posts::Release::Now).map(drop),
        "unpublish" => posts::unpublish(app, actor, id).map(drop),
        "trash" => posts::trash(app, actor, id).map(drop),
        "restore" => posts::restore(app, actor, id).map(drop),
        "delete" => posts::delete(app, actor, id),
        _ => Err(app::Error::NotFound),
    }
}
