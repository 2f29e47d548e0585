//! Posts and pages over the API.

mod form;
mod view;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Deserializer, de};
use utoipa::{IntoParams, OpenApi};

use crate::app;
use crate::app::posts::{self, Filter, Meant, State, Step, Which, Whole};
use crate::domain::language::Language;
use crate::domain::post::{Kind, Status};
use crate::domain::slug::Slug;
use crate::web::error::Error;
use crate::web::identity::Program;
use crate::web::state::Site;

use super::answer;
use super::body::Body;
use super::moment::Moment;
use super::noun::{Noun, id_of};
use super::paging::{self, Page, PageQuestion};
use super::preconditions::{IfMatch, IfMatchHeader, IfNoneMatchHeader};
use super::question::{Filters, Listing, NoFilters, Question};
use super::words;

use form::release;
pub(in crate::web) use form::{NewPost, PostChange, PostForm, ReleaseForm};
use view::version_of;
pub(in crate::web) use view::{
    AuthorReference, CoverView, PostSummary, PostView, TagReference, Translation,
};

#[derive(OpenApi)]
#[openapi(paths(
    list,
    create,
    show,
    show_by_slug,
    update,
    delete,
    publish,
    unpublish,
    trash,
    restore
))]
pub(super) struct Described;

/// What a list of posts may be asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct PostFilters {
    /// Posts without it.
    #[param(schema_with = words::kind, required = false)]
    kind: Option<Kind>,
    /// Where they stand: `published` without it. Everything else needs a token with the scope `read`, and those who may
    /// not see everything get their own. `any`: wherever they stand, except in the trash. Published ones run from the
    /// newest to the oldest, the others from the last edited on.
    #[param(schema_with = words::standing, required = false)]
    status: Option<Standing>,
    /// The name of a tag in addresses.
    #[param(value_type = String, required = false)]
    tag: Option<String>,
    /// The name of an author in addresses.
    #[param(value_type = String, required = false)]
    author: Option<String>,
    /// A language tag; posts that say nothing are in the site's language.
    #[param(value_type = String, required = false, pattern = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length = 35)]
    language: Option<Language>,
    #[param(value_type = bool, required = false)]
    featured: Option<bool>,
    /// Published then or later.
    #[param(value_type = Moment, required = false)]
    published_since: Option<Moment>,
    /// Published before.
    #[param(value_type = Moment, required = false)]
    published_before: Option<Moment>,
    /// Changed then or later.
    #[param(value_type = Moment, required = false)]
    updated_since: Option<Moment>,
    /// Changed before, and not since.
    #[param(value_type = Moment, required = false)]
    updated_before: Option<Moment>,
}

impl Filters for PostFilters {
    const FIELDS: &'static [&'static str] = &[
        "kind",
        "status",
        "tag",
        "author",
        "language",
        "featured",
        "published_since",
        "published_before",
        "updated_since",
        "updated_before",
    ];
}

/// A status, or `any`.
#[derive(Debug, Clone, Copy)]
struct Standing(Option<Status>);

impl<'de> Deserialize<'de> for Standing {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let word = String::deserialize(input)?;
        if word == words::ANY {
            return Ok(Self(None));
        }
        let known = || Status::ALL.iter().map(|status| status.as_str());
        Status::parse(&word)
            .map(|status| Self(Some(status)))
            .ok_or_else(|| {
                let all: Vec<_> = known().chain([words::ANY]).collect();
                de::Error::custom(format!("“{word}” is none of {}", all.join(", ")))
            })
    }
}

impl PostFilters {
    fn into_filter(self, noun: Noun) -> Result<Filter, app::Error> {
        if noun == Noun::Pages && self.kind.is_some() {
            return Err(app::Error::invalid(
                "kind",
                "There are only pages here; leave it out",
            ));
        }
        let kind = noun.kind().or(self.kind).unwrap_or(Kind::Post);
        let status = self
            .status
            .map_or(Some(Status::Published), |Standing(status)| status);
        let time = |moment: Option<Moment>| moment.map(|Moment(time)| time);
        Ok(Filter {
            kind,
            status,
            tag: self.tag,
            author: self.author,
            language: self.language,
            featured: self.featured,
            published_since: time(self.published_since),
            published_before: time(self.published_before),
            updated_since: time(self.updated_since),
            updated_before: time(self.updated_before),
        })
    }
}

/// Whether the edits that wait are meant.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct DraftQuestion {
    /// The edits that wait to be published are meant, not what readers see.
    #[param(value_type = bool, required = false)]
    draft: Option<bool>,
}

impl Filters for DraftQuestion {
    const FIELDS: &'static [&'static str] = &["draft"];
}

impl DraftQuestion {
    fn is_draft(&self) -> bool {
        self.draft.unwrap_or(false)
    }
}

/// The post at an address, in one of the states that `If-Match` names.
pub(super) fn meant(noun: Noun, id: &str, if_match: &IfMatch) -> Result<Meant, app::Error> {
    let id = id_of(id)?;
    let versions = if_match.versions();
    let states = versions.map(|versions| {
        let states = versions.into_iter();
        states
            .filter_map(|version| state(id.as_i64(), version))
            .collect()
    });
    Ok(Meant {
        id,
        kind: noun.kind(),
        states,
    })
}

/// Reads `7-3` or `7-3-2` of number 7.
fn state(id: i64, version: &str) -> Option<State> {
    let numbers: Result<Vec<i64>, _> = version.split('-').map(str::parse).collect();
    match numbers.ok()?[..] {
        [of, version] if of == id => Some(State {
            version,
            pending: None,
        }),
        [of, version, pending] if of == id => Some(State {
            version,
            pending: Some(pending),
        }),
        _ => None,
    }
}

/// What forms of pages call “date” is `published_at` here.
fn named_as_here(error: app::Error) -> app::Error {
    match error {
        app::Error::Invalid(mut fields) => {
            for wrong in fields.iter_mut().filter(|wrong| wrong.field == "date") {
                wrong.field = "published_at";
            }
            app::Error::Invalid(fields)
        }
        other => other,
    }
}

fn seen(site: &Site, request: &HttpRequest, whole: &Whole) -> Result<HttpResponse, Error> {
    let view = PostView::of(site, whole);
    answer::thing(site, request, &view, Some(&version_of(whole)))
}

fn changed(site: &Site, whole: &Whole) -> Result<HttpResponse, Error> {
    answer::changed(&PostView::of(site, whole), Some(&version_of(whole)))
}

/// List posts
///
/// Lists the posts that fit all of the filters. Lists hold no texts; those are at each post's own address.
#[utoipa::path(
    get, path = "/api/v1/posts", operation_id = "list_posts", tag = "posts",
    params(PostFilters, PageQuestion, IfNoneMatchHeader),
    responses((status = 200, description = "A part of the list.", body = Page<PostSummary>)),
)]
pub(in crate::web) async fn list(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    noun: Noun,
    asked: Listing<PostFilters>,
) -> Result<HttpResponse, Error> {
    let page = asked.page;
    let filter = asked.filters.into_filter(noun)?;
    let found = site
        .work(move |site| posts::list(&site.app, &actor, &filter, page.after, page.limit))
        .await?;
    let found = found.map(|teaser| PostSummary::of(&site, &teaser));
    paging::answer(&site, &request, found)
}

/// Write a post
///
/// Makes a post. It is a draft, unless `status` or `publish_at` say otherwise. Needs the scope `write`.
#[utoipa::path(
    post, path = "/api/v1/posts", operation_id = "create_post", tag = "posts",
    request_body = NewPost,
    responses((status = 201, description = "It is made.", body = PostView)),
)]
pub(in crate::web) async fn create(
    site: Data<Site>,
    Program(actor): Program,
    noun: Noun,
    _: Question<NoFilters>,
    Body(form): Body<PostForm>,
) -> Result<HttpResponse, Error> {
    let kind = match (noun.kind(), form.kind) {
        (Some(kind), Some(said)) if kind != said => {
            return Err(app::Error::invalid("kind", "Only pages are made here").into());
        }
        (must, said) => must.or(said).unwrap_or(Kind::Post),
    };
    if form.version.is_some() {
        return Err(
            app::Error::invalid("version", "What is new has none yet; leave it out").into(),
        );
    }
    let release = release(form.status, form.publish_at)?;
    let draft = form.into_draft()?;
    let whole = site
        .work(move |site| posts::compose(&site.app, &actor, kind, draft, release))
        .await
        .map_err(named_as_here)?;
    let path = format!("{}/{}", noun.address(), whole.post.id);
    let view = PostView::of(&site, &whole);
    answer::created(&site, &path, &view, Some(&version_of(&whole)))
}

/// Read a post
///
/// Shows a published post to anyone, and every other one to those who may see it, with a token that has the scope
/// `read`. With `?draft=true`, it shows the edits that wait to be published; where there are none, the post itself.
#[utoipa::path(
    get, path = "/api/v1/posts/{id}", operation_id = "read_post", tag = "posts",
    params(("id" = i64, Path), DraftQuestion, IfNoneMatchHeader),
    responses((status = 200, description = "The post.", body = PostView)),
)]
pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    noun: Noun,
    id: Path<String>,
    Question(question): Question<DraftQuestion>,
) -> Result<HttpResponse, Error> {
    let which = Which::Id(id_of(&id)?);
    let (kind, is_draft) = (noun.kind(), question.is_draft());
    let whole = site
        .work(move |site| posts::read(&site.app, &actor, &which, kind, is_draft))
        .await?;
    seen(&site, &request, &whole)
}

/// Read a post by its name in addresses
///
/// The same, for those who know the post's `slug`. Whoever knows that may read an unlisted post, too, as on its page.
#[utoipa::path(
    get, path = "/api/v1/posts/by-slug/{slug}", operation_id = "read_post_by_slug", tag = "posts",
    params(("slug" = String, Path), DraftQuestion, IfNoneMatchHeader),
    responses((status = 200, description = "The post.", body = PostView)),
)]
pub(in crate::web) async fn show_by_slug(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    noun: Noun,
    slug: Path<String>,
    Question(question): Question<DraftQuestion>,
) -> Result<HttpResponse, Error> {
    let slug = Slug::parse(&slug).map_err(|_| app::Error::NotFound)?;
    let which = Which::Slug(slug);
    let (kind, is_draft) = (noun.kind(), question.is_draft());
    let whole = site
        .work(move |site| posts::read(&site.app, &actor, &which, kind, is_draft))
        .await?;
    seen(&site, &request, &whole)
}

/// Change a post
///
/// Changes what was sent and leaves the rest; readers see it at once. With `?draft=true` the change waits: readers see
/// what they saw, until `publish` puts it before them. Needs the scope `write`.
#[utoipa::path(
    patch, path = "/api/v1/posts/{id}", operation_id = "change_post", tag = "posts",
    params(("id" = i64, Path), DraftQuestion, IfMatchHeader),
    request_body(content((PostChange = "application/merge-patch+json"), (PostChange = "application/json"))),
    responses((status = 200, description = "What has become of it.", body = PostView)),
)]
pub(in crate::web) async fn update(
    site: Data<Site>,
    Program(actor): Program,
    noun: Noun,
    id: Path<String>,
    if_match: IfMatch,
    Question(question): Question<DraftQuestion>,
    Body(form): Body<PostForm>,
) -> Result<HttpResponse, Error> {
    let meant = meant(noun, &id, &if_match)?;
    form.require_change_only()?;
    let version = form.version;
    let draft = form.into_draft()?;
    let is_draft = question.is_draft();
    let whole = site
        .work(move |site| {
            let revise = if is_draft {
                posts::revise_pending
            } else {
                posts::revise
            };
            revise(&site.app, &actor, &meant, version, draft)
        })
        .await
        .map_err(named_as_here)?;
    changed(&site, &whole)
}

/// Delete a post
///
/// Removes a post for good, with its revisions; it must be in the trash. With `?draft=true` only the edits that wait are
/// thrown away. Needs the scope `write`.
#[utoipa::path(
    delete, path = "/api/v1/posts/{id}", operation_id = "delete_post", tag = "posts",
    params(("id" = i64, Path), DraftQuestion, IfMatchHeader),
    responses((status = 204, description = "It is gone.")),
)]
pub(in crate::web) async fn delete(
    site: Data<Site>,
    Program(actor): Program,
    noun: Noun,
    id: Path<String>,
    if_match: IfMatch,
    Question(question): Question<DraftQuestion>,
) -> Result<HttpResponse, Error> {
    let meant = meant(noun, &id, &if_match)?;
    let is_draft = question.is_draft();
    site.work(move |site| {
        let remove = if is_draft {
            posts::drop_pending
        } else {
            posts::remove
        };
        remove(&site.app, &actor, &meant)
    })
    .await?;
    Ok(answer::gone())
}

/// Takes one step as the token's holder, and answers with the post.
pub(super) async fn walk(
    site: &Site,
    Program(actor): Program,
    meant: Meant,
    step: Step,
) -> Result<HttpResponse, Error> {
    let whole = site
        .work(move |site| posts::step(&site.app, &actor, &meant, step))
        .await?;
    changed(site, &whole)
}

/// Publish a post
///
/// Puts a post before readers, with the edits that wait: now, at a time, unlisted, or for people who are signed in.
/// Needs the scope `write`.
#[utoipa::path(
    post, path = "/api/v1/posts/{id}/publish", operation_id = "publish_post", tag = "posts",
    params(("id" = i64, Path), IfMatchHeader),
    request_body = Option<ReleaseForm>,
    responses((status = 200, description = "Where it is now.", body = PostView)),
)]
pub(in crate::web) async fn publish(
    site: Data<Site>,
    program: Program,
    noun: Noun,
    id: Path<String>,
    if_match: IfMatch,
    Body(form): Body<ReleaseForm>,
) -> Result<HttpResponse, Error> {
    let meant = meant(noun, &id, &if_match)?;
    let status = form.status.unwrap_or(Status::Published);
    let release = release(Some(status), form.publish_at)?
        .ok_or_else(|| app::Error::invalid("status", "That is what unpublish is for"))?;
    walk(&site, program, meant, Step::Publish(release)).await
}

/// Take a post back
///
/// Takes a post away from readers; it is a draft again. Needs the scope `write`.
#[utoipa::path(
    post, path = "/api/v1/posts/{id}/unpublish", operation_id = "unpublish_post", tag = "posts",
    params(("id" = i64, Path), IfMatchHeader),
    responses((status = 200, description = "Where it is now.", body = PostView)),
)]
pub(in crate::web) async fn unpublish(
    site: Data<Site>,
    program: Program,
    noun: Noun,
    id: Path<String>,
    if_match: IfMatch,
) -> Result<HttpResponse, Error> {
    let meant = meant(noun, &id, &if_match)?;
    walk(&site, program, meant, Step::Unpublish).await
}

/// Put a post into the trash
///
/// Takes a post away from readers and writers; it can be taken out again. Needs the scope `write`.
#[utoipa::path(
    post, path = "/api/v1/posts/{id}/trash", operation_id = "trash_post", tag = "posts",
    params(("id" = i64, Path), IfMatchHeader),
    responses((status = 200, description = "Where it is now.", body = PostView)),
)]
pub(in crate::web) async fn trash(
    site: Data<Site>,
    program: Program,
    noun: Noun,
    id: Path<String>,
    if_match: IfMatch,
) -> Result<HttpResponse, Error> {
    let meant = meant(noun, &id, &if_match)?;
    walk(&site, program, meant, Step::Trash).await
}

/// Take a post out of the trash
///
/// It comes back as a draft, so that nothing is published by accident. Needs the scope `write`.
#[utoipa::path(
    post, path = "/api/v1/posts/{id}/restore", operation_id = "restore_post", tag = "posts",
    params(("id" = i64, Path), IfMatchHeader),
    responses((status = 200, description = "Where it is now.", body = PostView)),
)]
pub(in crate::web) async fn restore(
    site: Data<Site>,
    program: Program,
    noun: Noun,
    id: Path<String>,
    if_match: IfMatch,
) -> Result<HttpResponse, Error> {
    let meant = meant(noun, &id, &if_match)?;
    walk(&site, program, meant, Step::Restore).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_read_as_they_are_written() {
        let plain = State {
            version: 3,
            pending: None,
        };
        let waiting = State {
            version: 3,
            pending: Some(2),
        };
        assert_eq!(state(7, "7-3"), Some(plain));
        assert_eq!(state(7, "7-3-2"), Some(waiting));
        for other in ["8-3", "7", "", "7-3-2-1", "7-x"] {
            assert_eq!(state(7, other), None, "{other}");
        }
    }
}
