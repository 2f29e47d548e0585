//! Tags over the API.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{OpenApi, PartialSchema, ToSchema};

use crate::app;
use crate::app::tags::{self, MAX_DESCRIPTION_CHARS, Patch, Which};
use crate::domain::id::TagId;
use crate::domain::slug::Slug;
use crate::domain::tag::Tag;
use crate::domain::text::{MAX_NAME_CHARS, Name, WebAddress};
use crate::web::error::Error;
use crate::web::identity::Program;
use crate::web::state::Site;

use super::answer;
use super::body::{Body, Form, given, present};
use super::check::Check;
use super::moment::Moment;
use super::noun::number_of;
use super::paging::{self, Page, PageQuestion};
use super::preconditions::{IfMatch, IfMatchHeader, IfNoneMatchHeader};
use super::question::{Listing, NoFilters};
use super::words;

#[derive(OpenApi)]
#[openapi(paths(list, create, show, show_by_slug, update, delete, merge))]
pub(super) struct Described;

/// A tag.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tag)]
struct TagView {
    id: i64,
    name: String,
    /// Its name in addresses.
    slug: String,
    /// The page that lists its posts.
    #[schema(format = "uri")]
    url: String,
    description: String,
    /// Such as `#8a3324`.
    #[schema(required = true, pattern = "^#[0-9A-Fa-f]{6}$")]
    colour: Option<String>,
    #[schema(required = true)]
    cover_url: Option<String>,
    /// How many posts readers find under it.
    posts: u64,
    updated_at: Moment,
}

impl TagView {
    fn of(base_url: &str, tag: &Tag, posts: u64) -> Self {
        Self {
            id: tag.id.as_i64(),
            name: tag.name.to_string(),
            slug: tag.slug.to_string(),
            url: answer::address(base_url, format_args!("/tag/{}", tag.slug)),
            description: tag.description.clone(),
            colour: tag.colour.clone(),
            cover_url: tag.cover_url.as_ref().map(ToString::to_string),
            posts,
            updated_at: tag.updated_at.into(),
        }
    }
}

/// What is to become of a tag. A field left out stays as it is, `null` empties it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TagChange, example = json!({ "name": "Gardens", "colour": "#3a6b35" }))]
pub(in crate::web) struct TagForm {
    /// A new tag needs one.
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    #[serde(default, deserialize_with = "present")]
    name: Option<String>,
    /// Its name in addresses. Its old address leads to the new one. A new tag without one gets it from its name.
    #[schema(value_type = String, required = false, min_length = 1, max_length = 180)]
    #[serde(default, deserialize_with = "present")]
    slug: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 500)]
    description: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, pattern = "^#[0-9A-Fa-f]{6}$")]
    colour: Option<Option<String>>,
    /// An address on the web, or a path of this site beginning with `/`.
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = words::maybe_address)]
    cover_url: Option<Option<String>>,
}

/// A tag that is to be made.
#[derive(Debug)]
pub(in crate::web) struct NewTag;

impl PartialSchema for NewTag {
    /// The same, with the name that it needs.
    fn schema() -> RefOr<Schema> {
        let mut schema = TagForm::schema();
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            object.required.push("name".to_owned());
            object.description = Some("A tag that is to be made.".to_owned());
        }
        schema
    }
}

impl ToSchema for NewTag {}

impl Form for TagForm {
    const FIELDS: &'static [&'static str] = &["name", "slug", "description", "colour", "cover_url"];
    const MAY_BE_EMPTY: bool = false;
}

impl TryFrom<TagForm> for Patch {
    type Error = app::Error;

    fn try_from(form: TagForm) -> Result<Self, app::Error> {
        let mut check = Check::default();
        let description = form.description.map(Option::unwrap_or_default);
        if let Some(text) = &description {
            check.short("description", text, MAX_DESCRIPTION_CHARS);
        }
        let patch = Self {
            name: form
                .name
                .filter(|name| check.short("name", name, MAX_NAME_CHARS))
                .and_then(|name| check.take("name", Name::parse(&name))),
            slug: form
                .slug
                .and_then(|slug| check.take("slug", Slug::parse(&slug))),
            description,
            colour: form.colour,
            cover_url: form
                .cover_url
                .map(|url| url.and_then(|url| check.take("cover_url", WebAddress::parse(&url)))),
        };
        check.done(patch)
    }
}

/// Into which tag another goes.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TagMerge)]
pub(in crate::web) struct MergeForm {
    /// The number of the tag that stays.
    #[schema(value_type = i64, required = true)]
    #[serde(default, deserialize_with = "present")]
    into: Option<i64>,
}

impl Form for MergeForm {
    const FIELDS: &'static [&'static str] = &["into"];
    const MAY_BE_EMPTY: bool = false;
}

fn tag_id(id: &str) -> Result<TagId, app::Error> {
    number_of(id).map(TagId::from_i64)
}

/// Keeps a tag as it is that is not the one `If-Match` names.
fn guard(site: &Site, if_match: IfMatch) -> impl Fn(&Tag, u64) -> Result<(), app::Error> + use<> {
    let base_url = site.base_url.clone();
    move |tag, posts| {
        let view = TagView::of(&base_url, tag, posts);
        if_match.require(&answer::tag_of(&view, None)?)
    }
}

fn seen(
    site: &Site,
    request: &HttpRequest,
    (tag, posts): &(Tag, u64),
) -> Result<HttpResponse, Error> {
    let view = TagView::of(&site.base_url, tag, *posts);
    answer::thing(site, request, &view, None)
}

fn changed(site: &Site, (tag, posts): &(Tag, u64)) -> Result<HttpResponse, Error> {
    answer::changed(&TagView::of(&site.base_url, tag, *posts), None)
}

/// List tags
///
/// Lists the tags, the newest first, with the number of posts readers find under each. Without the scope `read`, only
/// tags of published posts are shown.
#[utoipa::path(
    get, path = "/api/v1/tags", operation_id = "list_tags", tag = "tags",
    params(PageQuestion, IfNoneMatchHeader),
    responses((status = 200, description = "A part of the list.", body = Page<TagView>)),
)]
pub(in crate::web) async fn list(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    asked: Listing<NoFilters>,
) -> Result<HttpResponse, Error> {
    let page = asked.page;
    let found = site
        .work(move |site| tags::part(&site.app, &actor, page.after, page.limit))
        .await?;
    let found = found.map(|(tag, posts)| TagView::of(&site.base_url, &tag, posts));
    paging::answer(&site, &request, found)
}

/// Make a tag
///
/// Makes a tag that no post has yet. Posts make theirs by themselves. Needs the scope `write`, and an editor.
#[utoipa::path(
    post, path = "/api/v1/tags", operation_id = "create_tag", tag = "tags",
    request_body = NewTag,
    responses((status = 201, description = "It is made.", body = TagView)),
)]
pub(in crate::web) async fn create(
    site: Data<Site>,
    Program(actor): Program,
    Body(form): Body<TagForm>,
) -> Result<HttpResponse, Error> {
    let patch = Patch::try_from(form)?;
    let (tag, posts) = site
        .work(move |site| tags::make(&site.app, &actor, patch))
        .await?;
    let address = format!("/api/v1/tags/{}", tag.id);
    let view = TagView::of(&site.base_url, &tag, posts);
    answer::created(&site, &address, &view, None)
}

/// Read a tag
#[utoipa::path(
    get, path = "/api/v1/tags/{id}", operation_id = "read_tag", tag = "tags",
    params(("id" = i64, Path), IfNoneMatchHeader),
    responses((status = 200, description = "The tag.", body = TagView)),
)]
pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    id: Path<String>,
) -> Result<HttpResponse, Error> {
    let which = Which::Id(tag_id(&id)?);
    let found = site
        .work(move |site| tags::find(&site.app, &actor, &which))
        .await?;
    seen(&site, &request, &found)
}

/// Read a tag by its name in addresses
#[utoipa::path(
    get, path = "/api/v1/tags/by-slug/{slug}", operation_id = "read_tag_by_slug", tag = "tags",
    params(("slug" = String, Path), IfNoneMatchHeader),
    responses((status = 200, description = "The tag.", body = TagView)),
)]
pub(in crate::web) async fn show_by_slug(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    slug: Path<String>,
) -> Result<HttpResponse, Error> {
    let which = Which::Slug(Slug::parse(&slug).map_err(|_| app::Error::NotFound)?);
    let found = site
        .work(move |site| tags::find(&site.app, &actor, &which))
        .await?;
    seen(&site, &request, &found)
}

/// Change a tag
///
/// Changes what was sent and leaves the rest. Needs the scope `write`, and an editor.
#[utoipa::path(
    patch, path = "/api/v1/tags/{id}", operation_id = "change_tag", tag = "tags",
    params(("id" = i64, Path), IfMatchHeader),
    request_body(content((TagForm = "application/merge-patch+json"), (TagForm = "application/json"))),
    responses((status = 200, description = "What has become of it.", body = TagView)),
)]
pub(in crate::web) async fn update(
    site: Data<Site>,
    Program(actor): Program,
    id: Path<String>,
    if_match: IfMatch,
    Body(form): Body<TagForm>,
) -> Result<HttpResponse, Error> {
    let id = tag_id(&id)?;
    let patch = Patch::try_from(form)?;
    let guard = guard(&site, if_match);
    let found = site
        .work(move |site| tags::revise(&site.app, &actor, id, &guard, patch))
        .await?;
    changed(&site, &found)
}

/// Delete a tag
///
/// Takes the tag away from every post. Needs the scope `write`, and an editor.
#[utoipa::path(
    delete, path = "/api/v1/tags/{id}", operation_id = "delete_tag", tag = "tags",
    params(("id" = i64, Path), IfMatchHeader),
    responses((status = 204, description = "It is gone.")),
)]
pub(in crate::web) async fn delete(
    site: Data<Site>,
    Program(actor): Program,
    id: Path<String>,
    if_match: IfMatch,
) -> Result<HttpResponse, Error> {
    let id = tag_id(&id)?;
    let guard = guard(&site, if_match);
    site.work(move |site| tags::remove(&site.app, &actor, id, &guard))
        .await?;
    Ok(answer::gone())
}

/// Merge a tag into another
///
/// Gives every post of this tag the other instead, and the address of this one leads to that. Needs the scope `write`,
/// and an editor.
#[utoipa::path(
    post, path = "/api/v1/tags/{id}/merge", operation_id = "merge_tag", tag = "tags",
    params(("id" = i64, Path), IfMatchHeader),
    request_body = MergeForm,
    responses((status = 200, description = "The tag that stays.", body = TagView)),
)]
pub(in crate::web) async fn merge(
    site: Data<Site>,
    Program(actor): Program,
    id: Path<String>,
    if_match: IfMatch,
    Body(form): Body<MergeForm>,
) -> Result<HttpResponse, Error> {
    let id = tag_id(&id)?;
    let into = form.into.map(TagId::from_i64);
    let into = into.ok_or_else(|| app::Error::invalid("into", "Name the tag that stays"))?;
    let guard = guard(&site, if_match);
    let found = site
        .work(move |site| tags::merge_into(&site.app, &actor, id, &guard, into))
        .await?;
    changed(&site, &found)
}
