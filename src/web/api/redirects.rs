//! Redirects over the API, and the addresses that readers asked for in vain.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use crate::app;
use crate::app::redirects::{self, Rule, Wish};
use crate::domain::id::RedirectId;
use crate::domain::redirect::{Missing, Target};
use crate::domain::text::WebAddress;
use crate::web::error::Error;
use crate::web::identity::Program;
use crate::web::state::Site;

use super::answer;
use super::body::{Body, Form, present};
use super::check::Check;
use super::moment::Moment;
use super::paging::{self, Page, PageQuestion};
use super::preconditions::{IfMatch, IfMatchHeader, IfNoneMatchHeader};
use super::question::{Filters, Listing, NoFilters, Question};
use super::things::{number, state};
use super::words;

#[derive(OpenApi)]
#[openapi(paths(list, create, show, change, delete, missing, forget))]
pub(super) struct Described;

/// An address that leads elsewhere.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Redirect)]
struct RedirectObject {
    id: i64,
    /// A path on this site; with `/*` at its end, everything below it.
    from: String,
    /// Where it leads today: a path on this site or an address on the web.
    to: String,
    /// The post it leads to, wherever that moves.
    #[schema(required = true)]
    to_post: Option<i64>,
    /// Browsers may remember it.
    permanent: bool,
    created_at: Moment,
}

impl From<&Rule> for RedirectObject {
    fn from(rule: &Rule) -> Self {
        let redirect = &rule.redirect;
        Self {
            id: redirect.id.as_i64(),
            from: redirect.from.clone(),
            to: rule.to.clone(),
            to_post: match redirect.to {
                Target::Post(post) => Some(post.as_i64()),
                Target::Address(_) => None,
            },
            permanent: redirect.permanent,
            created_at: redirect.created_at.into(),
        }
    }
}

fn version(rule: &Rule) -> String {
    let redirect = &rule.redirect;
    let kind = if redirect.permanent {
        "permanent"
    } else {
        "temporary"
    };
    state(redirect.id.as_i64(), &[&redirect.from, &rule.to, kind])
}

fn id_of(text: &str) -> Result<RedirectId, app::Error> {
    number(text).map(RedirectId::from_i64)
}

/// List redirects
///
/// The newest first.
#[utoipa::path(
    get, path = "/api/v1/redirects", operation_id = "listRedirects", tag = "redirects",
    params(PageQuestion, IfNoneMatchHeader),
    responses((status = 200, description = "Some of the redirects.", body = Page<RedirectObject>)),
)]
pub(in crate::web) async fn list(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    Listing { page, .. }: Listing<NoFilters>,
) -> Result<HttpResponse, Error> {
    let found = site.work(move |site| {
        let found = redirects::older(&site.app, &actor, page.after, page.limit)?;
        found.try_map(|rule| Ok(RedirectObject::from(&rule)))
    });
    paging::answer(&site, &request, found.await?)
}

/// A redirect as it is made.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewRedirect)]
pub(in crate::web) struct RedirectForm {
    /// A path on this site, like `/old-name`, or `/old/*` for everything below.
    #[schema(required = true, schema_with = words::path)]
    #[serde(default, deserialize_with = "present")]
    from: Option<String>,
    /// Another path, or an address on the web; a `*` in it is what the first one stood for.
    #[schema(required = true, schema_with = words::address)]
    #[serde(default, deserialize_with = "present")]
    to: Option<String>,
    /// `true`, where nothing is said.
    #[schema(value_type = bool, required = false)]
    #[serde(default, deserialize_with = "present")]
    permanent: Option<bool>,
}

impl Form for RedirectForm {
    const FIELDS: &'static [&'static str] = &["from", "to", "permanent"];
    const MAY_BE_EMPTY: bool = false;
}

/// Send an address elsewhere
#[utoipa::path(
    post, path = "/api/v1/redirects", operation_id = "createRedirect", tag = "redirects",
    request_body = RedirectForm,
    responses((status = 201, description = "The redirect.", body = RedirectObject)),
)]
pub(in crate::web) async fn create(
    site: Data<Site>,
    Program(actor): Program,
    _: Question<NoFilters>,
    Body(form): Body<RedirectForm>,
) -> Result<HttpResponse, Error> {
    let made = site.work(move |site| {
        let mut check = Check::default();
        let from = form.from.unwrap_or_default();
        let to = check.take("to", WebAddress::parse(&form.to.unwrap_or_default()));
        if from.is_empty() {
            check.refuse("from", "Write a path on this site, like /old-name");
        }
        let to = check.done(to)?.ok_or(app::Error::NotFound)?;
        let permanent = form.permanent.unwrap_or(true);
        redirects::add(&site.app, &actor, &from, &to, permanent, &site.base_url)
    });
    let rule = made.await?;
    let path = format!("/api/v1/redirects/{}", rule.redirect.id);
    let object = RedirectObject::from(&rule);
    answer::created(&site, &path, &object, Some(&version(&rule)))
}

/// Read a redirect
#[utoipa::path(
    get, path = "/api/v1/redirects/{id}", operation_id = "showRedirect", tag = "redirects",
    params(("id" = i64, Path, description = "Its number."), IfNoneMatchHeader),
    responses((status = 200, description = "The redirect.", body = RedirectObject)),
)]
pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    id: Path<String>,
    _: Question<NoFilters>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    let rule = site.work(move |site| redirects::show(&site.app, &actor, id));
    let rule = rule.await?;
    let object = RedirectObject::from(&rule);
    answer::thing(&site, &request, &object, Some(&version(&rule)))
}

/// What of a redirect is to be changed. A field left out stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RedirectPatch)]
pub(in crate::web) struct RedirectPatch {
    #[schema(schema_with = words::path, required = false)]
    #[serde(default, deserialize_with = "present")]
    from: Option<String>,
    #[schema(schema_with = words::address, required = false)]
    #[serde(default, deserialize_with = "present")]
    to: Option<String>,
    #[schema(value_type = bool, required = false)]
    #[serde(default, deserialize_with = "present")]
    permanent: Option<bool>,
}

impl Form for RedirectPatch {
    const FIELDS: &'static [&'static str] = &["from", "to", "permanent"];
    const MAY_BE_EMPTY: bool = false;
}

/// Change a redirect
#[utoipa::path(
    patch, path = "/api/v1/redirects/{id}", operation_id = "changeRedirect", tag = "redirects",
    params(("id" = i64, Path, description = "Its number."), IfMatchHeader),
    request_body(content(
        (RedirectPatch = "application/merge-patch+json"), (RedirectPatch = "application/json")
    )),
    responses((status = 200, description = "The redirect as it is now.", body = RedirectObject)),
)]
pub(in crate::web) async fn change(
    site: Data<Site>,
    Program(actor): Program,
    id: Path<String>,
    if_match: IfMatch,
    _: Question<NoFilters>,
    Body(form): Body<RedirectPatch>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    let changed = site.work(move |site| {
        redirects::rewrite(&site.app, &actor, id, &site.base_url, |before| {
            if_match.require_version(&version(before))?;
            let to = form.to.as_deref().map(WebAddress::parse).transpose();
            Ok(Wish {
                from: form.from,
                to: to.map_err(|error| app::Error::invalid("to", error))?,
                permanent: form.permanent,
            })
        })
    });
    let rule = changed.await?;
    let object = RedirectObject::from(&rule);
    answer::changed(&object, Some(&version(&rule)))
}

/// Remove a redirect
#[utoipa::path(
    delete, path = "/api/v1/redirects/{id}", operation_id = "deleteRedirect", tag = "redirects",
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
        redirects::remove_if(&site.app, &actor, id, |rule| {
            if_match.require_version(&version(rule))
        })
    })
    .await?;
    Ok(answer::gone())
}

/// An address that readers asked for and did not find.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MissingPage)]
struct MissingObject {
    path: String,
    /// How often.
    hits: u32,
    /// Where somebody last came from.
    #[schema(required = true)]
    referrer: Option<String>,
    seen_at: Moment,
}

impl From<Missing> for MissingObject {
    fn from(missing: Missing) -> Self {
        Self {
            path: missing.path,
            hits: missing.hits,
            referrer: missing.referrer,
            seen_at: missing.seen_at.into(),
        }
    }
}

/// List addresses nobody found
///
/// The most wanted first. The counts go on while you read; what moves up may be seen twice.
#[utoipa::path(
    get, path = "/api/v1/missing-pages", operation_id = "listMissingPages", tag = "redirects",
    params(PageQuestion, IfNoneMatchHeader),
    responses((status = 200, description = "Some of the addresses.", body = Page<MissingObject>)),
)]
pub(in crate::web) async fn missing(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    Listing { page, .. }: Listing<NoFilters>,
) -> Result<HttpResponse, Error> {
    let found = site.work(move |site| {
        let found = redirects::missing_after(&site.app, &actor, page.after, page.limit)?;
        found.try_map(|missing| Ok(MissingObject::from(missing)))
    });
    paging::answer(&site, &request, found.await?)
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct MissingQuestion {
    /// The address to forget.
    #[param(value_type = String, required = true, min_length = 1)]
    path: Option<String>,
}

impl Filters for MissingQuestion {
    const FIELDS: &'static [&'static str] = &["path"];
}

/// Forget an address nobody found
#[utoipa::path(
    delete, path = "/api/v1/missing-pages", operation_id = "forgetMissingPage", tag = "redirects",
    params(MissingQuestion),
    responses((status = 204, description = "It is forgotten, until somebody asks for it again.")),
)]
pub(in crate::web) async fn forget(
    site: Data<Site>,
    Program(actor): Program,
    Question(question): Question<MissingQuestion>,
) -> Result<HttpResponse, Error> {
    site.work(move |site| {
        let path = question.path.unwrap_or_default();
        redirects::forget_missing(&site.app, &actor, &path)
    })
    .await?;
    Ok(answer::gone())
}
