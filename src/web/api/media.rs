//! Uploaded files over the API: looking through the library, the words about a file, where it is used,
//! throwing it away. Sending files is in [`super::uploads`].

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use crate::app::media::{self, PREFIX, Sought, Wording};
use crate::domain::id::{MediaId, UserId};
use crate::domain::media::{Family, Media, Variant};
use crate::domain::post::{Post, Status};
use crate::web::error::Error;
use crate::web::identity::Program;
use crate::web::state::Site;

use super::answer;
use super::body::{Body, Form, given, present};
use super::moment::Moment;
use super::paging::{self, Page, PageQuestion};
use super::preconditions::{IfMatch, IfMatchHeader, IfNoneMatchHeader};
use super::question::{Filters, Listing, NoFilters, Question};
use super::things::{number, state};

#[derive(OpenApi)]
#[openapi(paths(list, show, describe, delete, usage))]
pub(super) struct Described;

/// What sort of file it is.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::web) enum FileKind {
    Picture,
    Sound,
    Film,
    Document,
}

impl From<FileKind> for Family {
    fn from(kind: FileKind) -> Self {
        match kind {
            FileKind::Picture => Self::Picture,
            FileKind::Sound => Self::Sound,
            FileKind::Film => Self::Film,
            FileKind::Document => Self::Document,
        }
    }
}

impl From<Family> for FileKind {
    fn from(family: Family) -> Self {
        match family {
            Family::Picture => Self::Picture,
            Family::Sound => Self::Sound,
            Family::Film => Self::Film,
            Family::Document => Self::Document,
        }
    }
}

/// An uploaded file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Media)]
pub(super) struct MediaObject {
    id: i64,
    /// Where it is. Other bytes have another address, and this one leads there.
    #[schema(format = "uri")]
    url: String,
    /// What it was called where it came from.
    name: String,
    kind: FileKind,
    /// Such as `image/jpeg`.
    mime: String,
    bytes: u64,
    /// In points, of a picture.
    #[schema(required = true)]
    width: Option<u32>,
    #[schema(required = true)]
    height: Option<u32>,
    /// What there is to see, for those who do not see it.
    alt: String,
    /// What stands under it.
    caption: String,
    /// The colour there is most of.
    #[schema(required = true, pattern = "^#[0-9a-f]{6}$")]
    colour: Option<String>,
    /// What to write into a text to show it.
    markdown: String,
    /// Whether its smaller copies are made already, where it has any.
    is_prepared: bool,
    /// Smaller copies, for small screens.
    variants: Vec<VariantObject>,
    /// The copies and their widths as the attribute of `<img>` wants them.
    #[schema(required = true)]
    srcset: Option<String>,
    /// The copy that lists show; the picture itself until there is one.
    #[schema(required = true, format = "uri")]
    thumbnail_url: Option<String>,
    /// The number of whoever sent it.
    #[schema(required = true)]
    uploaded_by: Option<i64>,
    created_at: Moment,
}

/// A smaller copy of a picture.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MediaVariant)]
struct VariantObject {
    #[schema(format = "uri")]
    url: String,
    width: u32,
    height: u32,
    mime: String,
    bytes: u64,
}

impl MediaObject {
    pub(super) fn of(site: &Site, media: &Media) -> Self {
        let url = |path: &str| answer::address(&site.base_url, format_args!("{PREFIX}{path}"));
        let copies = || media.variants.iter().filter(|copy| !copy.is_thumbnail);
        let candidate = |copy: &Variant| format!("{} {}w", url(&copy.path), copy.width);
        let srcset: Vec<_> = copies().map(candidate).collect();
        let is_picture = media.family() == Family::Picture;
        let thumbnail = media.variants.iter().find(|copy| copy.is_thumbnail);
        let thumbnail = thumbnail.map(|copy| &copy.path);
        Self {
            id: media.id.as_i64(),
            url: url(&media.path),
            name: media.name.clone(),
            kind: media.family().into(),
            mime: media.mime.clone(),
            bytes: media.bytes,
            width: media.width,
            height: media.height,
            alt: media.alt.clone(),
            caption: media.caption.clone(),
            colour: media.colour.clone(),
            markdown: media::markdown(media),
            is_prepared: media.recipe > 0,
            variants: copies()
                .map(|copy| VariantObject {
                    url: url(&copy.path),
                    width: copy.width,
                    height: copy.height,
                    mime: copy.mime.clone(),
                    bytes: copy.bytes,
                })
                .collect(),
            srcset: (!srcset.is_empty()).then(|| srcset.join(", ")),
            thumbnail_url: thumbnail
                .or(is_picture.then_some(&media.path))
                .map(|path| url(path)),
            uploaded_by: media.uploaded_by.map(UserId::as_i64),
            created_at: media.created_at.into(),
        }
    }
}

/// Changes with what people change: not when copies are made behind the scenes.
pub(super) fn version(media: &Media) -> String {
    let words = [&media.path, &media.name, &media.alt, &media.caption];
    state(media.id.as_i64(), &words.map(String::as_str))
}

pub(super) fn id_of(text: &str) -> Result<MediaId, crate::app::Error> {
    number(text).map(MediaId::from_i64)
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct MediaFilters {
    /// Only files of this sort.
    #[param(value_type = FileKind, required = false, inline)]
    kind: Option<FileKind>,
    /// Only files with this in their name, description or caption.
    #[param(required = false)]
    q: String,
    /// Only what this user sent.
    #[param(value_type = i64, required = false)]
    uploaded_by: Option<i64>,
    /// `true`: only what no post shows.
    #[param(value_type = bool, required = false)]
    unused: Option<bool>,
}

impl Filters for MediaFilters {
    const FIELDS: &'static [&'static str] = &["kind", "q", "uploaded_by", "unused"];
}

/// List files
///
/// The newest first.
#[utoipa::path(
    get, path = "/api/v1/media", operation_id = "listMedia", tag = "media",
    params(MediaFilters, PageQuestion, IfNoneMatchHeader),
    responses((status = 200, description = "Some of the files.", body = Page<MediaObject>)),
)]
pub(in crate::web) async fn list(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    Listing { filters, page }: Listing<MediaFilters>,
) -> Result<HttpResponse, Error> {
    let found = site.work(move |site| {
        let sought = Sought {
            words: &filters.q,
            family: filters.kind.map(Family::from),
            uploaded_by: filters.uploaded_by.map(UserId::from_i64),
            unused: filters.unused.unwrap_or(false),
        };
        let found = media::older(&site.app, &actor, sought, page.after, page.limit)?;
        found.try_map(|media| Ok(MediaObject::of(site, &media)))
    });
    paging::answer(&site, &request, found.await?)
}

/// Read what is known of a file
#[utoipa::path(
    get, path = "/api/v1/media/{id}", operation_id = "showMedia", tag = "media",
    params(("id" = i64, Path, description = "Its number."), IfNoneMatchHeader),
    responses((status = 200, description = "The file.", body = MediaObject)),
)]
pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    id: Path<String>,
    _: Question<NoFilters>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    let shown = site.work(move |site| media::show(&site.app, &actor, id));
    let media = shown.await?.media;
    let object = MediaObject::of(&site, &media);
    answer::thing(&site, &request, &object, Some(&version(&media)))
}

/// What can be said of a file. A field left out stays as it is; `null` empties it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MediaPatch)]
pub(in crate::web) struct MediaForm {
    /// What it is called.
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    #[serde(default, deserialize_with = "present")]
    name: Option<String>,
    /// What there is to see.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, required = false, max_length = 1000)]
    alt: Option<Option<String>>,
    /// What stands under it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, required = false, max_length = 2000)]
    caption: Option<Option<String>>,
}

impl Form for MediaForm {
    const FIELDS: &'static [&'static str] = &["name", "alt", "caption"];
    const MAY_BE_EMPTY: bool = false;
}

/// Describe a file
///
/// Texts that show it already have words of their own; these are for whoever puts it into one next.
#[utoipa::path(
    patch, path = "/api/v1/media/{id}", operation_id = "describeMedia", tag = "media",
    params(("id" = i64, Path, description = "Its number."), IfMatchHeader),
    request_body(content(
        (MediaForm = "application/merge-patch+json"), (MediaForm = "application/json")
    )),
    responses((status = 200, description = "The file as it is now.", body = MediaObject)),
)]
pub(in crate::web) async fn describe(
    site: Data<Site>,
    Program(actor): Program,
    id: Path<String>,
    if_match: IfMatch,
    _: Question<NoFilters>,
    Body(form): Body<MediaForm>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    let changed = site.work(move |site| {
        media::change(&site.app, &actor, id, |before| {
            if_match.require_version(&version(before))?;
            Ok(Wording {
                name: form.name,
                alt: form.alt.map(Option::unwrap_or_default),
                caption: form.caption.map(Option::unwrap_or_default),
            })
        })
    });
    let media = changed.await?;
    let object = MediaObject::of(&site, &media);
    answer::changed(&object, Some(&version(&media)))
}

/// Throw a file away
///
/// Texts that show it are left as they are, and show nothing in its place.
#[utoipa::path(
    delete, path = "/api/v1/media/{id}", operation_id = "deleteMedia", tag = "media",
    params(("id" = i64, Path, description = "Its number."), IfMatchHeader),
    responses((status = 204, description = "It is gone.")),
)]
pub(in crate::web) async fn delete(
    site: Data<Site>,
    Program(actor): Program,
    id: Path<String>,
    if_match: IfMatch,
    _: Question<NoFilters>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    site.work(move |site| {
        media::remove_if(&site.app, &actor, id, |media| {
            if_match.require_version(&version(media))
        })
    })
    .await?;
    Ok(answer::gone())
}

/// Where a file is used.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MediaUsage)]
struct UsageObject {
    /// In how many posts and pages.
    count: u64,
    /// The first of them, as far as you may see them.
    posts: Vec<UseObject>,
}

/// A post or page that shows a file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MediaUse)]
struct UseObject {
    id: i64,
    title: String,
    #[schema(value_type = super::named::StatusName)]
    status: Status,
    #[schema(format = "uri")]
    url: String,
}

impl UseObject {
    fn of(site: &Site, post: &Post) -> Self {
        Self {
            id: post.id.as_i64(),
            title: post.content.title.to_string(),
            status: post.status,
            url: answer::address(&site.base_url, format_args!("/{}", post.content.slug)),
        }
    }
}

/// Read where a file is used
#[utoipa::path(
    get, path = "/api/v1/media/{id}/usage", operation_id = "showMediaUsage", tag = "media",
    params(("id" = i64, Path, description = "Its number."), IfNoneMatchHeader),
    responses((status = 200, description = "The posts and pages that show it.", body = UsageObject)),
)]
pub(in crate::web) async fn usage(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    id: Path<String>,
    _: Question<NoFilters>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    let shown = site.work(move |site| media::show(&site.app, &actor, id));
    let shown = shown.await?;
    let posts = shown.used_in.iter().map(|post| UseObject::of(&site, post));
    let usage = UsageObject {
        count: shown.uses,
        posts: posts.collect(),
    };
    answer::thing(&site, &request, &usage, None)
}
