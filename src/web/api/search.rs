//! Search for programs and for results as one types.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use crate::app::reader::{self, MAX_RESULTS, SearchHit};
use crate::domain::place::{Place, Stretch};
use crate::web::error::Error;
use crate::web::state::Site;

use super::answer;
use super::moment::Moment;
use super::paging::{self, Page, PageQuestion};
use super::preconditions::IfNoneMatchHeader;
use super::question::{Filters, Listing};

#[derive(OpenApi)]
#[openapi(paths(show))]
pub(super) struct Described;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct SearchQuestion {
    /// The words to look for, as readers write them: `"a phrase"`, `-not`, `tag:name`, `after:2026`.
    #[serde(default)]
    #[param(required = false)]
    q: String,
    /// The last word may be unfinished.
    #[param(value_type = bool, required = false)]
    as_you_type: Option<bool>,
}

impl Filters for SearchQuestion {
    const FIELDS: &'static [&'static str] = &["q", "as_you_type"];
}

/// What was found, the best first.
#[derive(Debug, Serialize, ToSchema)]
struct SearchResults {
    #[serde(flatten)]
    page: Page<SearchResult>,
    /// How many there are in all parts.
    total: usize,
    /// Other words, where hardly anything was found.
    #[schema(required = true)]
    suggestion: Option<String>,
}

/// A post that was found.
#[derive(Debug, Serialize, ToSchema)]
struct SearchResult {
    id: i64,
    title: String,
    #[schema(format = "uri")]
    url: String,
    /// A piece of the text, in HTML: escaped, with `<mark>` around what was found.
    snippet_html: String,
    #[schema(required = true)]
    published_at: Option<Moment>,
}

impl SearchResult {
    fn of(site: &Site, hit: &SearchHit) -> Self {
        let post = &hit.teaser.summary;
        Self {
            id: post.id.as_i64(),
            title: post.title.to_string(),
            url: answer::address(&site.base_url, format_args!("/{}", post.slug)),
            snippet_html: hit.snippet.clone(),
            published_at: post.published_at.map(Moment),
        }
    }
}

/// Search what is published
///
/// Finds posts and pages by their words, the best first.
#[utoipa::path(
    get, path = "/api/v1/search", operation_id = "search", tag = "search",
    params(SearchQuestion, PageQuestion, IfNoneMatchHeader),
    responses((status = 200, description = "What was found.", body = SearchResults)),
)]
pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    question: Listing<SearchQuestion>,
) -> Result<HttpResponse, Error> {
    let Listing { filters, page } = question;
    let as_you_type = filters.as_you_type.unwrap_or(false);
    // A place among results is how many come before it.
    let offset = match page.after {
        Place::START => 0,
        place => u32::try_from(place.key).unwrap_or(MAX_RESULTS),
    };
    let found = site
        .work(move |site| {
            let (q, limit) = (&filters.q, page.limit);
            reader::search_part(&site.app, q, limit, offset, as_you_type)
        })
        .await?;
    let behind = offset.saturating_add(page.limit);
    let has_more = found.total > behind as usize && behind < MAX_RESULTS;
    let hits = found.hits.iter().map(|hit| SearchResult::of(&site, hit));
    let stretch = Stretch {
        items: hits.collect(),
        next: has_more.then_some(Place {
            key: i64::from(behind),
            id: 0,
        }),
    };
    paging::answer_with(&site, &request, stretch, |page| SearchResults {
        page,
        total: found.total,
        suggestion: found.suggestion,
    })
}
