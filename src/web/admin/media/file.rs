//! One file: what it is, the words about it, where it is used, and putting another in its place or
//! throwing it away.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use crate::app;
use crate::app::media::{self, MAX_ALT_CHARS, MAX_CAPTION_CHARS, Shown};
use crate::app::settings;
use crate::domain::actor::{Act, Actor};
use crate::domain::id::MediaId;
use crate::domain::user::User;
use crate::web::error::Error;
use crate::web::forms::OwnForm;
use crate::web::state::Site;

use super::super::view::{self, Moment};
use super::super::{page, problem, refused_page, see_other, sign_in_first, visitor};
use super::item::{self, Card, Details};
use super::upload::words;
use super::{HERE, id};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Question {
    done: String,
}

#[derive(Debug, Default, Clone, Deserialize, Serialize)]
#[serde(default)]
pub(in crate::web) struct Words {
    alt: String,
    caption: String,
}

#[derive(Debug, Deserialize)]
pub(in crate::web) struct Nothing {}

#[derive(Debug, Serialize)]
struct Copy {
    url: String,
    width: u32,
    height: u32,
    mime: String,
    size: String,
}

#[derive(Debug, Serialize)]
struct Use {
    id: String,
    title: String,
}

#[derive(Debug, Serialize)]
struct Content {
    card: Card,
    details: Details,
    words: Words,
    copies: Vec<Copy>,
    are_copies_made: bool,
    used_in: Vec<Use>,
    uses: u64,
    uploaded: Option<Moment>,
    may_change: bool,
    max_alt_chars: usize,
    max_caption_chars: usize,
    done: String,
    trouble: Option<String>,
}

pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    path: Path<String>,
    question: Query<Question>,
) -> Result<HttpResponse, Error> {
    let Some((actor, user)) = visitor(&site, &request).await? else {
        return Ok(sign_in_first(&request));
    };
    let id = id(&path)?;
    let told = Told {
        done: question.into_inner().done,
        ..Told::default()
    };
    let made = site.work(move |site| html(site, FILE, &actor, &user, id, told));
    Ok(playing(page(StatusCode::OK, made.await?)))
}

pub(in crate::web) async fn describe(
    request: HttpRequest,
    site: Data<Site>,
    path: Path<String>,
    form: OwnForm<Words>,
) -> Result<HttpResponse, Error> {
    let Some((actor, user)) = visitor(&site, &request).await? else {
        return Ok(sign_in_first(&request));
    };
    let (id, OwnForm(words)) = (id(&path)?, form);
    let (describing, given) = (actor.clone(), words.clone());
    let described = site
        .work(move |site| media::describe(&site.app, &describing, id, &given.alt, &given.caption));
    match described.await {
        Ok(_) => Ok(see_other(&format!("{HERE}/{id}?done=saved"))),
        Err(error) => refused_with(&site, actor, user, id, error, Some(words)).await,
    }
}

/// Asks once more, and says where the file is used.
pub(in crate::web) async fn ask(
    request: HttpRequest,
    site: Data<Site>,
    path: Path<String>,
) -> Result<HttpResponse, Error> {
    let Some((actor, user)) = visitor(&site, &request).await? else {
        return Ok(sign_in_first(&request));
    };
    let id = id(&path)?;
    let made = site.work(move |site| html(site, SURE, &actor, &user, id, Told::default()));
    Ok(page(StatusCode::OK, made.await?))
}

pub(in crate::web) async fn remove(
    request: HttpRequest,
    site: Data<Site>,
    path: Path<String>,
    _form: OwnForm<Nothing>,
) -> Result<HttpResponse, Error> {
    let Some((actor, _)) = visitor(&site, &request).await? else {
        return Ok(sign_in_first(&request));
    };
    let id = id(&path)?;
    site.work(move |site| media::remove(&site.app, &actor, id))
        .await?;
    Ok(see_other(&format!("{HERE}?done=deleted")))
}

/// The page again, with what could not be done.
pub(super) async fn refused(
    site: &Site,
    actor: Actor,
    user: User,
    id: MediaId,
    error: app::Error,
) -> Result<HttpResponse, Error> {
    refused_with(site, actor, user, id, error, None).await
}

async fn refused_with(
    site: &Site,
    actor: Actor,
    user: User,
    id: MediaId,
    error: app::Error,
    typed: Option<Words>,
) -> Result<HttpResponse, Error> {
    if matches!(error, app::Error::NotFound | app::Error::Forbidden) {
        return Err(error.into());
    }
    let problem = problem(error);
    let told = Told {
        trouble: Some(words(&problem)),
        typed,
        ..Told::default()
    };
    let made = site.work(move |site| html(site, FILE, &actor, &user, id, told));
    Ok(playing(refused_page(&problem, made.await?)))
}

const FILE: &str = "admin/media-file.html";
const SURE: &str = "admin/media-delete.html";

/// What a page says besides what is stored.
#[derive(Debug, Default)]
struct Told {
    done: String,
    trouble: Option<String>,
    typed: Option<Words>,
}

fn html(
    site: &Site,
    template: &str,
    actor: &Actor,
    user: &User,
    id: MediaId,
    told: Told,
) -> Result<String, app::Error> {
    let settings = settings::read(&site.app)?;
    let Shown {
        media,
        used_in,
        uses,
    } = media::show(&site.app, actor, id)?;
    let copies = media.variants.iter().map(|copy| Copy {
        url: item::url(&copy.path),
        width: copy.width,
        height: copy.height,
        mime: copy.mime.clone(),
        size: item::size(copy.bytes),
    });
    let used_in = used_in.into_iter().map(|post| Use {
        id: post.id.to_string(),
        title: post.content.title.as_str().to_owned(),
    });
    let stored = Words {
        alt: media.alt.clone(),
        caption: media.caption.clone(),
    };
    let content = Content {
        card: (&media).into(),
        details: (&media).into(),
        words: told.typed.unwrap_or(stored),
        copies: copies.collect(),
        are_copies_made: media.recipe > 0,
        used_in: used_in.collect(),
        uses,
        uploaded: Moment::new(media.created_at, &settings),
        may_change: actor.may(Act::ChangeMedia(&media)),
        max_alt_chars: MAX_ALT_CHARS,
        max_caption_chars: MAX_CAPTION_CHARS,
        done: told.done,
        trouble: told.trouble,
    };
    view::render(site, template, &settings, Some(user), &content)
}

/// The page plays sound and film.
fn playing(mut answer: HttpResponse) -> HttpResponse {
    let policy = HeaderValue::from_static(
        "default-src 'none'; style-src 'self'; img-src 'self' data:; media-src 'self'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    );
    answer.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    answer
}
