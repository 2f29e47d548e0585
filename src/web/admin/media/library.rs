//! All files, newest first: a page for people, a list for the editor.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use crate::app;
use crate::app::media::{self, MAX_BYTES, TAKEN, Wanted};
use crate::app::settings;
use crate::domain::actor::{Act, Actor};
use crate::domain::media::{Family, Media};
use crate::domain::user::User;
use crate::web::error::{Error, Problem};
use crate::web::state::Site;

use super::super::{page, refused_page, sign_in_first, view, visitor};
use super::item::{self, Card};
use super::json;
use super::upload::Refused;

const FILES_PER_PAGE: u32 = 48;
/// Deeper is what search is for.
const MAX_PAGE: u32 = 10_000;

/// What is asked for; what cannot be understood is as if it were not there.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Question {
    q: String,
    kind: String,
    page: String,
    format: String,
    done: String,
}

impl Question {
    fn number(&self) -> u32 {
        self.page.parse().unwrap_or(1).clamp(1, MAX_PAGE)
    }

    fn family(&self) -> Option<Family> {
        let all = Family::ALL.iter().copied();
        all.into_iter()
            .find(|family| family_word(*family) == self.kind)
    }
}

fn family_word(family: Family) -> String {
    item::word(family).to_ascii_lowercase()
}

#[derive(Debug, Serialize)]
struct List {
    items: Vec<Card>,
    older: bool,
}

#[derive(Debug, Serialize)]
struct Tab {
    word: String,
    name: &'static str,
    is_open: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    card: Card,
    details: item::Details,
    uses: u64,
}

#[derive(Debug, Default, Serialize)]
struct Content {
    may_upload: bool,
    q: String,
    kind: String,
    kinds: Vec<Tab>,
    rows: Vec<Row>,
    number: u32,
    newer: Option<u32>,
    older: Option<u32>,
    refused: Vec<Refused>,
    is_deleted: bool,
    taken: &'static str,
    picture_mib: u64,
    other_mib: u64,
}

pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    question: Query<Question>,
) -> Result<HttpResponse, Error> {
    let question = question.into_inner();
    let is_program = question.format == "json";
    let (actor, user) = match visitor(&site, &request).await? {
        Some(visitor) => visitor,
        None if is_program => return Err(app::Error::Unauthenticated.into()),
        None => return Ok(sign_in_first(&request)),
    };
    if is_program {
        let list = site.work(move |site| {
            let (found, older) = find(site, &actor, &question)?;
            let items = found.iter().map(Card::from).collect();
            Ok(List { items, older })
        });
        return json(StatusCode::OK, &list.await?);
    }
    let made = site.work(move |site| html(site, &actor, &user, &question, Vec::new()));
    Ok(page(StatusCode::OK, made.await?))
}

/// The page again, with what was not taken.
pub(super) async fn refused(
    site: &Site,
    actor: &Actor,
    user: &User,
    problem: Problem,
    refused: Vec<Refused>,
) -> Result<HttpResponse, Error> {
    let (actor, user) = (actor.clone(), user.clone());
    let made = site.work(move |site| html(site, &actor, &user, &Question::default(), refused));
    Ok(refused_page(&problem, made.await?))
}

/// The files of a page, and whether there are older ones.
fn find(site: &Site, actor: &Actor, question: &Question) -> Result<(Vec<Media>, bool), app::Error> {
    let wanted = Wanted {
        words: &question.q,
        family: question.family(),
    };
    let offset = (question.number() - 1) * FILES_PER_PAGE;
    // One more than shown tells whether there are older ones.
    let mut found = media::list(&site.app, actor, wanted, FILES_PER_PAGE + 1, offset)?;
    let older = found.len() > FILES_PER_PAGE as usize && question.number() < MAX_PAGE;
    found.truncate(FILES_PER_PAGE as usize);
    Ok((found, older))
}

fn html(
    site: &Site,
    actor: &Actor,
    user: &User,
    question: &Question,
    refused: Vec<Refused>,
) -> Result<String, app::Error> {
    const MIB: u64 = 1024 * 1024;
    let settings = settings::read(&site.app)?;
    let may_upload = actor.may(Act::UploadMedia);
    let (found, older) = if may_upload {
        find(site, actor, question)?
    } else {
        (Vec::new(), false)
    };
    let counts = media::uses(&site.app, &found)?;
    let rows = found.iter().zip(counts).map(|(media, count)| Row {
        card: media.into(),
        details: media.into(),
        uses: count,
    });
    let open = question.family();
    let kinds = Family::ALL.iter().map(|family| Tab {
        word: family_word(*family),
        name: plural(*family),
        is_open: open == Some(*family),
    });
    let all = Tab {
        word: String::new(),
        name: "All",
        is_open: open.is_none(),
    };
    let number = question.number();
    let content = Content {
        may_upload,
        q: question.q.clone(),
        kind: open.map(family_word).unwrap_or_default(),
        kinds: std::iter::once(all).chain(kinds).collect(),
        rows: rows.collect(),
        number,
        newer: (number > 1).then(|| number - 1),
        older: older.then_some(number + 1),
        refused,
        is_deleted: question.done == "deleted",
        taken: TAKEN,
        picture_mib: site.picture_bytes / MIB,
        other_mib: MAX_BYTES / MIB,
    };
    view::render(site, "admin/media.html", &settings, Some(user), &content)
}

const fn plural(family: Family) -> &'static str {
    match family {
        Family::Picture => "Pictures",
        Family::Sound => "Sounds",
        Family::Film => "Films",
        Family::Document => "Documents",
    }
}
