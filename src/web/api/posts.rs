//! Posts and pages over the API.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::posts::{self, Draft, Release};
use crate::app::{self};
use crate::domain::actor::Actor;
use crate::domain::id::PostId;
use crate::domain::language::Language;
use crate::domain::post::{Cover, Kind, Post, Status};
use crate::domain::slug::Slug;
use crate::domain::text::{Name, Title, WebAddress};
use crate::domain::time::Timestamp;
use crate::web::error::Error;
use crate::web::identity;
use crate::web::state::Site;

use super::body::{Body, Form, given};
use super::check::Check;

const LIST_LIMIT: u32 = 50;

/// A post as it is sent. A field left out stays as it is; `null` empties it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::web) struct PostForm {
    kind: Option<Kind>,
    /// On creation: where the post goes at once. A draft without it.
    status: Option<Status>,
    /// RFC 3339; with `status: scheduled`.
    publish_at: Option<String>,
    /// The version a change was made to; if the post has moved on, the change is refused.
    version: Option<i64>,
    title: Option<String>,
    slug: Option<String>,
    markdown: Option<String>,
    tags: Option<Vec<String>>,
    featured: Option<bool>,
    #[serde(deserialize_with = "given")]
    excerpt: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    cover: Option<Option<CoverForm>>,
    #[serde(deserialize_with = "given")]
    language: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    canonical_url: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    meta_title: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    meta_description: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    code_head: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    code_foot: Option<Option<String>>,
}

impl Form for PostForm {
    const FIELDS: &'static [&'static str] = &[
        "kind",
        "status",
        "publish_at",
        "version",
        "title",
        "slug",
        "markdown",
        "tags",
        "featured",
        "excerpt",
        "cover",
        "language",
        "canonical_url",
        "meta_title",
        "meta_description",
        "code_head",
        "code_foot",
    ];
    const MAY_BE_EMPTY: bool = false;
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CoverForm {
    url: String,
    #[serde(default)]
    alt: String,
}

impl TryFrom<PostForm> for Draft {
    type Error = app::Error;

    fn try_from(form: PostForm) -> Result<Self, app::Error> {
        let mut check = Check::default();
        let draft = Self {
            title: form
                .title
                .and_then(|text| check.take("title", Title::parse(&text))),
            slug: form
                .slug
                .and_then(|text| check.take("slug", Slug::parse(&text))),
            markdown: form.markdown,
            tags: form.tags.map(|names| {
                let names = names.iter();
                names
                    .filter_map(|name| check.take("tags", Name::parse(name)))
                    .collect()
            }),
            language: form
                .language
                .map(|tag| tag.and_then(|tag| check.take("language", Language::parse(&tag)))),
            canonical_url: form.canonical_url.map(|url| {
                url.and_then(|url| check.take("canonical_url", WebAddress::parse(&url)))
            }),
            excerpt: form.excerpt,
            cover: form.cover.map(|cover| {
                let CoverForm { url, alt } = cover?;
                let url = check.take("cover", WebAddress::parse(&url))?;
                Some(Cover { url, alt })
            }),
            meta_title: form.meta_title,
            meta_description: form.meta_description,
            code_head: form.code_head,
            code_foot: form.code_foot,
            featured: form.featured,
            ..Self::default()
        };
        check.done(draft)
    }
}

fn release(
    status: Option<Status>,
    publish_at: Option<&str>,
) -> Result<Option<Release>, app::Error> {
    let at = match publish_at {
        None => None,
        Some(text) => Some(text.parse::<jiff::Timestamp>().map_err(|_| {
            app::Error::invalid("publish_at", "Write a time like 2027-01-31T08:00:00Z")
        })?),
    };
    let at = at.map(|time| Timestamp::from_micros(time.as_microsecond()));
    Ok(match (status, at) {
        (None | Some(Status::Draft), _) => None,
        (Some(Status::Published), None) => Some(Release::Now),
        (Some(Status::Published | Status::Scheduled), Some(at)) => Some(Release::At(at)),
        (Some(Status::Scheduled), None) => {
            return Err(app::Error::invalid(
                "publish_at",
                "Say when it is to be published",
            ));
        }
        (Some(Status::Unlisted), _) => Some(Release::Unlisted),
        (Some(Status::Private), _) => Some(Release::Private),
        (Some(Status::Trashed), _) => {
            return Err(app::Error::invalid(
                "status",
                "A new post cannot begin in the trash",
            ));
        }
    })
}

fn json_of(site: &Site, post: &Post) -> Value {
    let mut value = json!(post);
    value["url"] = json!(format!("{}/{}", site.base_url, post.content.slug));
    value
}

/// Does one verb as the token's holder, and answers with the post.
async fn act(
    request: &HttpRequest,
    site: &Site,
    verb: impl FnOnce(&Site, &Actor) -> Result<Post, app::Error> + Send + 'static,
) -> Result<HttpResponse, Error> {
    let actor = identity::bearer(site, request).await?;
    let post = site.work(move |site| verb(site, &actor)).await?;
    Ok(HttpResponse::Ok().json(json_of(site, &post)))
}

/// An id in an address; what is not a number is the id of nothing.
pub(super) fn id_of(id: &str) -> Result<PostId, app::Error> {
    id.parse()
        .map(PostId::from_i64)
        .map_err(|_| app::Error::NotFound)
}

#[derive(Deserialize)]
pub(in crate::web) struct Filter {
    kind: Option<Kind>,
    status: Option<Status>,
    #[serde(default)]
    offset: u32,
}

pub(in crate::web) async fn list(
    request: HttpRequest,
    site: Data<Site>,
    filter: Query<Filter>,
) -> Result<HttpResponse, Error> {
    let actor = identity::bearer(&site, &request).await?;
    let found = site
        .work(move |site| {
            let kind = filter.kind.unwrap_or(Kind::Post);
            let status = filter.status.unwrap_or(Status::Published);
            {
                let wish = posts::Wish {
                    kind,
                    status: Some(status),
                    tag: None,
                    words: String::new(),
                    limit: LIST_LIMIT,
                    offset: filter.offset,
                };
                posts::desk(&site.app, &actor, &wish)
            }
        })
        .await?;
    Ok(HttpResponse::Ok().json(json!({ "posts": found })))
}

pub(in crate::web) async fn create(
    request: HttpRequest,
    site: Data<Site>,
    Body(form): Body<PostForm>,
) -> Result<HttpResponse, Error> {
    let actor = identity::bearer(&site, &request).await?;
    let kind = form.kind.unwrap_or(Kind::Post);
    let release = release(form.status, form.publish_at.as_deref())?;
    let draft = Draft::try_from(form)?;
    let post = site
        .work(move |site| match release {
            None => posts::create(&site.app, &actor, kind, draft),
            Some(release) => posts::create_released(&site.app, &actor, kind, draft, release),
        })
        .await?;
    let location = format!("{}/api/v1/posts/{}", site.base_url, post.id);
    Ok(HttpResponse::Created()
        .insert_header(("location", location))
        .json(json_of(&site, &post)))
}

pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    act(&request, &site, move |site, actor| {
        posts::show(&site.app, actor, id)
    })
    .await
}

pub(in crate::web) async fn update(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<String>,
    Body(form): Body<PostForm>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    if form.status.is_some() || form.publish_at.is_some() || form.kind.is_some() {
        return Err(app::Error::invalid(
            "status",
            "Change it with publish, unpublish, trash or restore; kind stays as it was made",
        )
        .into());
    }
    let version = form.version;
    let draft = Draft::try_from(form)?;
    act(&request, &site, move |site, actor| {
        posts::update(&site.app, actor, id, version, draft)
    })
    .await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::web) struct ReleaseForm {
    status: Option<Status>,
    publish_at: Option<String>,
}

impl Form for ReleaseForm {
    const FIELDS: &'static [&'static str] = &["status", "publish_at"];
    const MAY_BE_EMPTY: bool = true;
}

pub(in crate::web) async fn publish(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<String>,
    Body(form): Body<ReleaseForm>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    let status = form.status.unwrap_or(Status::Published);
    let release = release(Some(status), form.publish_at.as_deref())?
        .ok_or_else(|| app::Error::invalid("status", "That is what unpublish is for"))?;
    act(&request, &site, move |site, actor| {
        posts::publish(&site.app, actor, id, release)
    })
    .await
}

pub(in crate::web) async fn unpublish(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    act(&request, &site, move |site, actor| {
        posts::unpublish(&site.app, actor, id)
    })
    .await
}

pub(in crate::web) async fn trash(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    act(&request, &site, move |site, actor| {
        posts::trash(&site.app, actor, id)
    })
    .await
}

pub(in crate::web) async fn restore(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    act(&request, &site, move |site, actor| {
        posts::restore(&site.app, actor, id)
    })
    .await
}

pub(in crate::web) async fn delete(
    request: HttpRequest,
    site: Data<Site>,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    let actor = identity::bearer(&site, &request).await?;
    site.work(move |site| posts::delete(&site.app, &actor, id))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
