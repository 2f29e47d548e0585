//! What posts and pages said before, over the API.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use crate::app::posts::{self, PastWhole, Step};
use crate::domain::id::RevisionId;
use crate::web::error::Error;
use crate::web::identity::Program;
use crate::web::state::Site;

use super::answer;
use super::moment::Moment;
use super::noun::{Noun, id_of, number_of};
use super::paging::{self, Page, PageQuestion};
use super::posts::{AuthorReference, CoverView, TagReference, meant, walk};
use super::preconditions::{IfMatch, IfMatchHeader, IfNoneMatchHeader};
use super::question::{Filters, Listing, NoFilters, Question};

#[derive(OpenApi)]
#[openapi(paths(list, show, difference, restore))]
pub(super) struct Described;

/// A state a post was in, in a list.
#[derive(Debug, Serialize, ToSchema)]
struct RevisionSummary {
    id: i64,
    /// The version the post had.
    version: i64,
    at: Moment,
    /// Who saved it; `null`: the program, or somebody who is no longer here.
    #[schema(required = true)]
    edited_by: Option<AuthorReference>,
    title: String,
}

impl RevisionSummary {
    fn of(site: &Site, past: &PastWhole) -> Self {
        let revision = &past.revision;
        let edited_by = past.edited_by.as_ref();
        Self {
            id: revision.id.as_i64(),
            version: revision.version,
            at: revision.at.into(),
            edited_by: edited_by.map(|user| AuthorReference::of(site, user)),
            title: revision.content.title.to_string(),
        }
    }
}

/// A state a post was in, with all it said.
#[derive(Debug, Serialize, ToSchema)]
struct Revision {
    #[serde(flatten)]
    summary: RevisionSummary,
    slug: String,
    markdown: String,
    #[schema(required = true)]
    excerpt: Option<String>,
    #[schema(required = true)]
    cover: Option<CoverView>,
    tags: Vec<TagReference>,
    authors: Vec<AuthorReference>,
    #[schema(required = true)]
    language: Option<String>,
    #[schema(required = true)]
    canonical_url: Option<String>,
    #[schema(required = true)]
    meta_title: Option<String>,
    #[schema(required = true)]
    meta_description: Option<String>,
    #[schema(required = true)]
    code_head: Option<String>,
    #[schema(required = true)]
    code_foot: Option<String>,
    featured: bool,
}

impl Revision {
    fn of(site: &Site, past: &PastWhole) -> Self {
        let content = &past.revision.content;
        Self {
            summary: RevisionSummary::of(site, past),
            slug: content.slug.to_string(),
            markdown: content.markdown.clone(),
            excerpt: content.excerpt.clone(),
            cover: content.cover.as_ref().map(CoverView::from),
            tags: TagReference::all(site, &past.tags),
            authors: AuthorReference::all(site, &past.authors),
            language: content.language.as_ref().map(ToString::to_string),
            canonical_url: content.canonical_url.as_ref().map(ToString::to_string),
            meta_title: content.meta_title.clone(),
            meta_description: content.meta_description.clone(),
            code_head: content.code_head.clone(),
            code_foot: content.code_foot.clone(),
            featured: content.featured,
        }
    }
}

/// What one state is compared with.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct DifferenceQuestion {
    /// The number of another revision; without it, the post as it is now.
    #[param(value_type = i64, required = false)]
    with: Option<i64>,
}

impl Filters for DifferenceQuestion {
    const FIELDS: &'static [&'static str] = &["with"];
}

/// In which parts two states differ.
#[derive(Debug, Serialize, ToSchema)]
struct Difference {
    items: Vec<DifferingPart>,
}

/// A part of a post that became another.
#[derive(Debug, Serialize, ToSchema)]
struct DifferingPart {
    /// What the part is called on pages, such as `Text`.
    part: String,
    /// Both, word by word, in safe HTML: `<del>` around what went, `<ins>` around what came.
    html: String,
}

fn revision_of(id: &str) -> Result<RevisionId, crate::app::Error> {
    number_of(id).map(RevisionId::from_i64)
}

/// List the revisions of a post
///
/// Lists the kept states of a post, the newest first. Needs the scope `read`.
#[utoipa::path(
    get, path = "/api/v1/posts/{id}/revisions", operation_id = "list_revisions_of_post", tag = "revisions",
    params(("id" = i64, Path), PageQuestion, IfNoneMatchHeader),
    responses((status = 200, description = "A part of the list.", body = Page<RevisionSummary>)),
)]
pub(in crate::web) async fn list(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    noun: Noun,
    id: Path<String>,
    asked: Listing<NoFilters>,
) -> Result<HttpResponse, Error> {
    let (id, kind, page) = (id_of(&id)?, noun.kind(), asked.page);
    let found = site
        .work(move |site| posts::past_part(&site.app, &actor, id, kind, page.after, page.limit))
        .await?;
    let found = found.map(|past| RevisionSummary::of(&site, &past));
    paging::answer(&site, &request, found)
}

/// Read a revision of a post
///
/// Shows all a post said in one of its states. Needs the scope `read`.
#[utoipa::path(
    get, path = "/api/v1/posts/{id}/revisions/{revision}", operation_id = "read_revision_of_post", tag = "revisions",
    params(("id" = i64, Path), ("revision" = i64, Path), IfNoneMatchHeader),
    responses((status = 200, description = "The state.", body = Revision)),
)]
pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    noun: Noun,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Error> {
    let (id, revision) = (id_of(&path.0)?, revision_of(&path.1)?);
    let past = site
        .work(move |site| posts::past_state(&site.app, &actor, id, noun.kind(), revision))
        .await?;
    answer::thing(&site, &request, &Revision::of(&site, &past), None)
}

/// Compare a revision of a post
///
/// Tells in which parts a state differs from another, or from the post as it is now. Needs the scope `read`.
#[utoipa::path(
    get, path = "/api/v1/posts/{id}/revisions/{revision}/difference", operation_id = "compare_revision_of_post",
    tag = "revisions",
    params(("id" = i64, Path), ("revision" = i64, Path), DifferenceQuestion, IfNoneMatchHeader),
    responses((status = 200, description = "The parts that differ.", body = Difference)),
)]
pub(in crate::web) async fn difference(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    noun: Noun,
    path: Path<(String, String)>,
    Question(question): Question<DifferenceQuestion>,
) -> Result<HttpResponse, Error> {
    let (id, old) = (id_of(&path.0)?, revision_of(&path.1)?);
    let new = question.with.map(RevisionId::from_i64);
    let parts = site
        .work(move |site| posts::difference_since(&site.app, &actor, id, noun.kind(), old, new))
        .await?;
    let items = parts.into_iter().map(|altered| DifferingPart {
        part: altered.name.to_owned(),
        html: altered.html,
    });
    let difference = Difference {
        items: items.collect(),
    };
    answer::thing(&site, &request, &difference, None)
}

/// Go back to a revision of a post
///
/// Makes an old state the newest one. Where readers see the post, that waits to be published, like every edit; and what
/// it replaces stays among the revisions. Needs the scope `write`.
#[utoipa::path(
    post, path = "/api/v1/posts/{id}/revisions/{revision}/restore", operation_id = "restore_revision_of_post",
    tag = "revisions",
    params(("id" = i64, Path), ("revision" = i64, Path), IfMatchHeader),
    responses((status = 200, description = "The post, with the edits that wait.", body = super::posts::PostView)),
)]
pub(in crate::web) async fn restore(
    site: Data<Site>,
    program: Program,
    noun: Noun,
    path: Path<(String, String)>,
    if_match: IfMatch,
) -> Result<HttpResponse, Error> {
    let meant = meant(noun, &path.0, &if_match)?;
    let revision = revision_of(&path.1)?;
    walk(&site, program, meant, Step::BringBack(revision)).await
}
