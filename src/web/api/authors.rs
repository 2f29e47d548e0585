//! Authors over the API: those who have published something, with what they say of themselves and nothing
//! that is not on their pages.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use crate::app::reader;
use crate::domain::text::WebAddress;
use crate::domain::user::User;
use crate::web::error::Error;
use crate::web::state::Site;

use super::answer;
use super::paging::{self, Page, PageQuestion};
use super::preconditions::IfNoneMatchHeader;
use super::question::{Listing, NoFilters, Question};

#[derive(OpenApi)]
#[openapi(paths(list, show))]
pub(super) struct Described;

/// Somebody who has published something.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Author)]
struct AuthorObject {
    id: i64,
    name: String,
    /// Their name in addresses.
    slug: String,
    /// What they say of themselves.
    bio: String,
    #[schema(required = true)]
    website: Option<String>,
    /// The page with their posts.
    #[schema(format = "uri")]
    url: String,
    /// How many published posts they have.
    posts: u64,
}

impl AuthorObject {
    fn of(site: &Site, (author, posts): &(User, u64)) -> Self {
        Self {
            id: author.id.as_i64(),
            name: author.name.to_string(),
            slug: author.slug.to_string(),
            bio: author.bio.clone(),
            website: author.website.as_ref().map(WebAddress::to_string),
            url: answer::address(&site.base_url, format_args!("/author/{}", author.slug)),
            posts: *posts,
        }
    }
}

/// List authors
///
/// Those who have published something, the newest here first.
#[utoipa::path(
    get, path = "/api/v1/authors", operation_id = "listAuthors", tag = "authors",
    params(PageQuestion, IfNoneMatchHeader),
    responses((status = 200, description = "Some of the authors.", body = Page<AuthorObject>)),
)]
pub(in crate::web) async fn list(
    request: HttpRequest,
    site: Data<Site>,
    Listing { page, .. }: Listing<NoFilters>,
) -> Result<HttpResponse, Error> {
    let found = site.work(move |site| {
        let found = reader::authors(&site.app, page.after, page.limit)?;
        found.try_map(|author| Ok(AuthorObject::of(site, &author)))
    });
    paging::answer(&site, &request, found.await?)
}

/// Read who an author is
#[utoipa::path(
    get, path = "/api/v1/authors/{slug}", operation_id = "showAuthor", tag = "authors",
    params(("slug" = String, Path, description = "Their name in addresses."), IfNoneMatchHeader),
    responses((status = 200, description = "The author.", body = AuthorObject)),
)]
pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    slug: Path<String>,
    _: Question<NoFilters>,
) -> Result<HttpResponse, Error> {
    let author = site.work(move |site| reader::author_named(&site.app, &slug));
    let object = AuthorObject::of(&site, &author.await?);
    answer::thing(&site, &request, &object, None)
}
