//! The editor: a form for a new post, and for one that is there. A form that cannot be saved comes
//! back as it was typed, and says what to do. Scripts of ours send the same form and are answered in
//! JSON.

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue};
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::app::posts::{self, Editing, Intent};
use crate::app::{self, reader, settings};
use crate::domain::actor::Actor;
use crate::domain::id::PostId;
use crate::domain::post::Kind;
use crate::domain::settings::Settings;
use crate::domain::user::User;
use crate::web::error::Error;
use crate::web::forms::OwnForm;
use crate::web::identity;
use crate::web::respond;
use crate::web::site::preview;
use crate::web::state::Site;

use super::post_form::PostForm;
use super::sheet::{Refused, Saved, Sheet};
use super::{page, problem, refused_page, see_other, sign_in, sign_in_first, view, visitor};

const TEMPLATE: &str = "admin/editor.html";
const GONE: &str = "The post has been deleted meanwhile, or is no longer yours to see. What you wrote \
     is all here: save it as a new one.";
const SIGNED_OUT: &str = "What you wrote is still here. Sign in, and it is saved in the same step.";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Question {
    kind: String,
    done: String,
}

pub(in crate::web) async fn blank(
    request: HttpRequest,
    site: Data<Site>,
    question: Query<Question>,
) -> Result<HttpResponse, Error> {
    let Some((actor, user)) = visitor(&site, &request).await? else {
        return Ok(sign_in_first(&request));
    };
    let kind = Kind::parse(&question.kind).unwrap_or(Kind::Post);
    let made = site.work(move |site| {
        let settings = settings::read(&site.app)?;
        let rights = posts::rights_on_new(&site.app, &actor)?;
        let choices = posts::choices(&site.app, &actor, None)?;
        let sheet = Sheet::blank(PostForm::blank(kind), Some(rights));
        let sheet = sheet.with_choices(&choices, &settings, &site.base_url);
        view::render(site, TEMPLATE, &settings, Some(&user), &sheet)
    });
    Ok(writing(page(StatusCode::OK, made.await?)))
}

pub(in crate::web) async fn open(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<String>,
    question: Query<Question>,
) -> Result<HttpResponse, Error> {
    let Some((actor, user)) = visitor(&site, &request).await? else {
        return Ok(sign_in_first(&request));
    };
    let id = id_of(&id)?;
    let made = site.work(move |site| {
        let settings = settings::read(&site.app)?;
        let editing = posts::edit(&site.app, &actor, id)?;
        let choices = posts::choices(&site.app, &actor, Some(id))?;
        let form = PostForm::of(&editing, &view::zone(&settings));
        let sheet = Sheet::of(&editing, form, &settings).with_done(&question.done);
        let sheet = sheet.with_choices(&choices, &settings, &site.base_url);
        view::render(site, TEMPLATE, &settings, Some(&user), &sheet)
    });
    Ok(writing(page(StatusCode::OK, made.await?)))
}

pub(in crate::web) async fn create(
    request: HttpRequest,
    site: Data<Site>,
    form: OwnForm<PostForm>,
) -> Result<HttpResponse, Error> {
    submit(&request, &site, None, form.0).await
}

pub(in crate::web) async fn save(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<String>,
    form: OwnForm<PostForm>,
) -> Result<HttpResponse, Error> {
    submit(&request, &site, Some(id_of(&id)?), form.0).await
}

/// The page that would come of the form, in the site's own dress. Nothing is saved.
pub(in crate::web) async fn preview(
    request: HttpRequest,
    site: Data<Site>,
    form: OwnForm<PostForm>,
) -> Result<HttpResponse, Error> {
    let (actor, _) = identity::signed_in(&site, &request).await?;
    let form = form.0.with_plain_line_ends();
    let id = match form.id.as_str() {
        "" => None,
        id => Some(id_of(id)?),
    };
    let made = site.work(move |site| {
        let zone = view::zone(&settings::read(&site.app)?);
        let (draft, _) = form.for_preview().read(id.is_none(), &zone)?;
        let found = reader::of_draft(&site.app, &actor, id, form.kind(), draft)?;
        preview::of_draft(site, &found)
    });
    let answer = respond::page(&request, &made.await?.into()).await;
    Ok(preview::unseen(answer))
}

/// What scripts of ours send says that they want no page.
fn wants_json(request: &HttpRequest) -> bool {
    let accept = request.headers().get(ACCEPT);
    accept.is_some_and(|accept| accept.as_bytes().starts_with(b"application/json"))
}

/// The page with the one script there is, and a frame for the preview.
fn writing(mut answer: HttpResponse) -> HttpResponse {
    let policy = HeaderValue::from_static(
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; \
         img-src 'self' data: blob: https:; media-src 'self' https:; frame-src 'self'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    );
    answer.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    answer
}

/// An id in an address; what is not a number is the id of nothing.
fn id_of(id: &str) -> Result<PostId, app::Error> {
    id.parse()
        .map(PostId::from_i64)
        .map_err(|_| app::Error::NotFound)
}

/// Who sent a form; with the cookie of a session that began with it.
struct Writer {
    actor: Actor,
    user: User,
    cookie: Option<String>,
}

async fn submit(
    request: &HttpRequest,
    site: &Site,
    id: Option<PostId>,
    form: PostForm,
) -> Result<HttpResponse, Error> {
    let form = form.with_plain_line_ends();
    let writer = match writer(request, site, &form).await {
        Ok(writer) => writer,
        Err(error) => return refused(request, site, None, id, form, error).await,
    };
    let mut answer = match write(site, &writer.actor, id, form.clone()).await {
        Ok(editing) => {
            let word = if form.is_kept() {
                "keep"
            } else {
                form.intent.as_str()
            };
            if wants_json(request) {
                HttpResponse::Ok()
                    .insert_header((CACHE_CONTROL, "no-store"))
                    .json(Saved::new(&editing, word))
            } else {
                see_other(&format!("/admin/posts/{}?done={word}", editing.post.id))
            }
        }
        Err(error) => refused(request, site, Some(&writer), id, form, error).await?,
    };
    if let Some(cookie) = &writer.cookie {
        sign_in::set_cookie(&mut answer, cookie)?;
    }
    Ok(answer)
}

/// Whose form it is: by the session, or by e-mail address and password in the form itself.
async fn writer(request: &HttpRequest, site: &Site, form: &PostForm) -> Result<Writer, app::Error> {
    match identity::signed_in(site, request).await {
        Ok((actor, user)) => Ok(Writer {
            actor,
            user,
            cookie: None,
        }),
        Err(app::Error::Unauthenticated) if form.signs_in() => {
            let entered =
                identity::enter(site, request, &form.email, &form.password, &form.code).await?;
            Ok(Writer {
                actor: entered.actor,
                user: entered.user,
                cookie: Some(entered.cookie),
            })
        }
        Err(error) => Err(error),
    }
}

async fn write(
    site: &Site,
    actor: &Actor,
    id: Option<PostId>,
    form: PostForm,
) -> Result<Editing, app::Error> {
    let actor = actor.clone();
    site.work(move |site| {
        let app = &site.app;
        let zone = view::zone(&settings::read(app)?);
        let post = match id {
            Some(id) => posts::write(app, &actor, id, form.written(&zone)?)?,
            None => match form.read(true, &zone)? {
                (draft, Intent::Release(release)) => {
                    posts::create_released(app, &actor, form.kind(), draft, release)?
                }
                (draft, _) => posts::create(app, &actor, form.kind(), draft)?,
            },
        };
        posts::edit(app, &actor, post.id)
    })
    .await
}

/// The form again, as it was typed.
async fn refused(
    request: &HttpRequest,
    site: &Site,
    writer: Option<&Writer>,
    id: Option<PostId>,
    form: PostForm,
    error: app::Error,
) -> Result<HttpResponse, Error> {
    let is_missing = matches!(error, app::Error::NotFound);
    let mut problem = problem(error);
    // Without the store the form still comes back, only plainer.
    let actor = writer.map(|writer| writer.actor.clone());
    let found = site.work(move |site| {
        let settings = settings::read(&site.app)?;
        let Some(actor) = actor else {
            return Ok((settings, None, None));
        };
        let editing = id.and_then(|id| posts::edit(&site.app, &actor, id).ok());
        let choices = posts::choices(&site.app, &actor, id).ok();
        Ok((settings, editing, choices))
    });
    let (settings, editing, choices) = found.await.unwrap_or_default();
    let title = match problem.status {
        StatusCode::UNAUTHORIZED => {
            SIGNED_OUT.clone_into(&mut problem.detail);
            "You have been signed out"
        }
        StatusCode::CONFLICT => "It was changed meanwhile",
        _ => "Nothing was saved yet",
    };
    if is_missing && id.is_some() {
        GONE.clone_into(&mut problem.detail);
    }
    if wants_json(request) {
        let moved = editing
            .as_ref()
            .filter(|editing| form.seen() != editing.seen);
        let told = Refused::new(title, &problem, &form, moved, &settings);
        return Ok(HttpResponse::build(problem.status)
            .insert_header((CACHE_CONTROL, "no-store"))
            .json(told));
    }
    let action = id.map_or_else(
        || "/admin/new".to_owned(),
        |id| format!("/admin/posts/{id}"),
    );
    let sheet = match (&editing, writer) {
        (_, None) => Sheet::of_stranger(action, form, id.is_none()),
        (Some(editing), _) => beside_saved(editing, form, &settings),
        (None, _) if id.is_none() => Sheet::blank(form, None),
        (None, _) if is_missing => Sheet::blank(form, None),
        (None, _) => Sheet::unread(action, form),
    };
    let sheet = sheet.with_trouble(title, &problem);
    let choices = choices.unwrap_or_default();
    let sheet = sheet.with_choices(&choices, &settings, &site.base_url);
    let user = writer.map(|writer| &writer.user);
    let html = view::render(site, TEMPLATE, &settings, user, &sheet)?;
    Ok(writing(refused_page(&problem, html)))
}

/// What was typed, and if the post has moved on meanwhile, also what it says now.
fn beside_saved(editing: &Editing, form: PostForm, settings: &Settings) -> Sheet {
    let has_moved = form.seen() != editing.seen;
    let sheet = Sheet::of(editing, form, settings);
    if has_moved {
        sheet.with_theirs(&PostForm::of(editing, &view::zone(settings)), editing.seen)
    } else {
        sheet
    }
}
