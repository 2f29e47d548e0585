//! What was done, over the API: the record of sensitive acts, for who may read it.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use crate::app::audit::{self, Filter, Period};
use crate::domain::audit::AuditEntry;
use crate::domain::change::Noun;
use crate::domain::id::UserId;
use crate::web::error::Error;
use crate::web::identity::Program;
use crate::web::state::Site;

use super::moment::Moment;
use super::named::NounName;
use super::paging::{self, Page, PageQuestion};
use super::preconditions::IfNoneMatchHeader;
use super::question::{Filters, Listing};

#[derive(OpenApi)]
#[openapi(paths(list))]
pub(super) struct Described;

/// Something that was done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
struct EntryObject {
    id: i64,
    at: Moment,
    /// The number of whoever did it; `null`: the program itself, or somebody who was not signed in.
    #[schema(required = true)]
    user: Option<i64>,
    /// What was done, such as `post.published`.
    act: String,
    /// What it was done to.
    #[schema(value_type = NounName)]
    noun: Noun,
    #[schema(required = true)]
    noun_id: Option<i64>,
    /// Where it was done from.
    address: String,
    detail: String,
}

impl From<AuditEntry> for EntryObject {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id.as_i64(),
            at: entry.at.into(),
            user: entry.user.map(UserId::as_i64),
            act: entry.act,
            noun: entry.noun,
            noun_id: entry.noun_id,
            address: entry.address,
            detail: entry.detail,
        }
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct EntryFilters {
    /// Only acts of this name.
    #[param(value_type = String, required = false)]
    act: Option<String>,
    /// Only what this user did.
    #[param(value_type = i64, required = false)]
    user: Option<i64>,
    /// From this moment on.
    #[param(value_type = String, format = DateTime, required = false)]
    since: Option<Moment>,
    /// Before this moment.
    #[param(value_type = String, format = DateTime, required = false)]
    before: Option<Moment>,
}

impl Filters for EntryFilters {
    const FIELDS: &'static [&'static str] = &["act", "user", "since", "before"];
}

/// List what was done
///
/// The last first.
#[utoipa::path(
    get, path = "/api/v1/audit", operation_id = "listAudit", tag = "audit",
    params(EntryFilters, PageQuestion, IfNoneMatchHeader),
    responses((status = 200, description = "Some of it.", body = Page<EntryObject>)),
)]
pub(in crate::web) async fn list(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    Listing { filters, page }: Listing<EntryFilters>,
) -> Result<HttpResponse, Error> {
    let period = Period {
        filter: Filter {
            user: filters.user.map(UserId::from_i64),
            act: filters.act,
        },
        since: filters.since.map(|Moment(time)| time),
        before: filters.before.map(|Moment(time)| time),
    };
    let found = site.work(move |site| {
        let found = audit::older(&site.app, &actor, &period, page.after, page.limit)?;
        found.try_map(|entry| Ok(EntryObject::from(entry)))
    });
    paging::answer(&site, &request, found.await?)
}
