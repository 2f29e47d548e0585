//! Preview links and translations of a post, over the API.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use crate::app::posts::{self, DEFAULT_PREVIEW_HOURS};
use crate::domain::id::PostId;
use crate::web::error::Error;
use crate::web::identity::Program;
use crate::web::state::Site;

use super::answer;
use super::body::{Body, Form, given, present};
use super::moment::Moment;
use super::noun::{Noun, id_of};
use super::posts::Translation;
use super::preconditions::IfNoneMatchHeader;

#[derive(OpenApi)]
#[openapi(paths(share, unshare, translations, translate))]
pub(super) struct Described;

/// For how long a link is good.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPreviewLink)]
pub(in crate::web) struct ShareForm {
    #[schema(value_type = u32, required = false, minimum = 1, maximum = 2160, default = 168)]
    #[serde(default, deserialize_with = "present")]
    hours: Option<u32>,
}

impl Form for ShareForm {
    const FIELDS: &'static [&'static str] = &["hours"];
    const MAY_BE_EMPTY: bool = true;
}

/// A link that shows a post to whoever has it, with the edits that wait.
#[derive(Debug, Serialize, ToSchema)]
struct PreviewLink {
    /// It is told this once.
    #[schema(format = "uri")]
    url: String,
    expires_at: Moment,
}

/// Make a preview link
///
/// Makes a link that shows the post as it would be published to whoever has it. Needs the scope `write`.
#[utoipa::path(
    post, path = "/api/v1/posts/{id}/preview", operation_id = "share_post", tag = "posts",
    params(("id" = i64, Path)),
    request_body = Option<ShareForm>,
    responses((status = 201, description = "The link.", body = PreviewLink)),
)]
pub(in crate::web) async fn share(
    site: Data<Site>,
    Program(actor): Program,
    noun: Noun,
    id: Path<String>,
    Body(form): Body<ShareForm>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    let hours = form.hours.unwrap_or(DEFAULT_PREVIEW_HOURS);
    let link = site
        .work(move |site| {
            posts::require_kind(&site.app, id, noun.kind())?;
            posts::share(&site.app, &actor, id, hours)
        })
        .await?;
    let path = link.path();
    let link = PreviewLink {
        url: format!("{}{path}", site.base_url),
        expires_at: link.expires_at.into(),
    };
    answer::created(&site, &path, &link, None)
}

/// End all preview links
///
/// Nobody sees the post through a link any more. Needs the scope `write`.
#[utoipa::path(
    delete, path = "/api/v1/posts/{id}/preview", operation_id = "unshare_post", tag = "posts",
    params(("id" = i64, Path)),
    responses((status = 204, description = "There are none any more.")),
)]
pub(in crate::web) async fn unshare(
    site: Data<Site>,
    Program(actor): Program,
    noun: Noun,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    site.work(move |site| {
        posts::require_kind(&site.app, id, noun.kind())?;
        posts::unshare(&site.app, &actor, id)
    })
    .await?;
    Ok(answer::gone())
}

/// Which post says the same in another language.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TranslationChange)]
pub(in crate::web) struct TranslationForm {
    /// The number of a post that says the same; the two need different languages. `null`: there is none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, required = true)]
    translation_of: Option<Option<i64>>,
}

impl Form for TranslationForm {
    const FIELDS: &'static [&'static str] = &["translation_of"];
    const MAY_BE_EMPTY: bool = false;
}

/// The same post in other languages.
#[derive(Debug, Serialize, ToSchema)]
struct Translations {
    items: Vec<Translation>,
}

/// List translations of a post
///
/// Lists the posts that say the same in other languages, as far as you may see them.
#[utoipa::path(
    get, path = "/api/v1/posts/{id}/translations", operation_id = "list_translations_of_post", tag = "posts",
    params(("id" = i64, Path), IfNoneMatchHeader),
    responses((status = 200, description = "The others.", body = Translations)),
)]
pub(in crate::web) async fn translations(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    noun: Noun,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    let others = site
        .work(move |site| posts::translations_seen(&site.app, &actor, id, noun.kind()))
        .await?;
    let items = others.iter().map(|post| Translation::of(&site, post));
    let others = Translations {
        items: items.collect(),
    };
    answer::thing(&site, &request, &others, None)
}

/// Say what a post is a translation of
///
/// Ties the post to another that says the same in another language, and to what that is a translation of; or lets it
/// stand alone. Needs the scope `write`.
#[utoipa::path(
    put, path = "/api/v1/posts/{id}/translations", operation_id = "translate_post", tag = "posts",
    params(("id" = i64, Path)),
    request_body = TranslationForm,
    responses((status = 200, description = "The others.", body = Translations)),
)]
pub(in crate::web) async fn translate(
    site: Data<Site>,
    Program(actor): Program,
    noun: Noun,
    id: Path<String>,
    Body(form): Body<TranslationForm>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    let other = form.translation_of.ok_or_else(|| {
        crate::app::Error::invalid("translation_of", "Name a post, or null for none")
    })?;
    let other = other.map(PostId::from_i64);
    let others = site
        .work(move |site| {
            posts::require_kind(&site.app, id, noun.kind())?;
            posts::translate(&site.app, &actor, id, other)?;
            posts::translations_seen(&site.app, &actor, id, noun.kind())
        })
        .await?;
    let items = others.iter().map(|post| Translation::of(&site, post));
    let others = Translations {
        items: items.collect(),
    };
    answer::changed(&others, None)
}
