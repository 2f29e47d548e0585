//! Inviting people over the API: a link lets somebody join once, with a role, and choose how they sign in.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use crate::app::{self, joining};
use crate::domain::id::{InvitationId, UserId};
use crate::domain::invitation::Invitation;
use crate::domain::place::{Place, Stretch};
use crate::domain::user::Role;
use crate::web::error::Error;
use crate::web::identity::Program;
use crate::web::state::Site;

use super::answer;
use super::body::{Body, Form, present};
use super::moment::Moment;
use super::named::RoleName;
use super::paging::{self, Page, PageQuestion};
use super::preconditions::IfNoneMatchHeader;
use super::question::{Listing, NoFilters, Question};
use super::things::number;

#[derive(OpenApi)]
#[openapi(paths(list, create, show, delete))]
pub(super) struct Described;

/// An invitation that still lets somebody in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invitation)]
struct InvitationObject {
    id: i64,
    #[schema(value_type = RoleName)]
    role: Role,
    /// Whom it is for.
    note: String,
    /// The number of whoever invites.
    #[schema(required = true)]
    created_by: Option<i64>,
    created_at: Moment,
    expires_at: Moment,
}

impl From<&Invitation> for InvitationObject {
    fn from(invitation: &Invitation) -> Self {
        Self {
            id: invitation.id.as_i64(),
            role: invitation.role,
            note: invitation.note.clone(),
            created_by: invitation.created_by.map(UserId::as_i64),
            created_at: invitation.created_at.into(),
            expires_at: invitation.expires_at.into(),
        }
    }
}

fn id_of(text: &str) -> Result<InvitationId, app::Error> {
    number(text).map(InvitationId::from_i64)
}

/// List open invitations
///
/// The newest first.
#[utoipa::path(
    get, path = "/api/v1/invitations", operation_id = "listInvitations", tag = "users",
    params(PageQuestion, IfNoneMatchHeader),
    responses((status = 200, description = "Some of them.", body = Page<InvitationObject>)),
)]
pub(in crate::web) async fn list(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    Listing { page, .. }: Listing<NoFilters>,
) -> Result<HttpResponse, Error> {
    let open = site.work(move |site| joining::invitations(&site.app, &actor));
    let mut open = open.await?;
    // There are never many open.
    open.retain(|open| open.id.as_i64() < page.after.id);
    open.sort_by_key(|open| std::cmp::Reverse(open.id));
    let place = |open: &Invitation| Place::behind_id(open.id.as_i64());
    let Stretch { items, next } = Stretch::of(open, page.limit, place);
    let items = items.iter().map(InvitationObject::from).collect();
    paging::answer(&site, &request, Stretch { items, next })
}

/// Whom to invite.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewInvitation)]
pub(in crate::web) struct InvitationForm {
    #[schema(value_type = RoleName, required = true)]
    #[serde(default, deserialize_with = "present")]
    role: Option<Role>,
    /// Whom it is for, so that you remember.
    #[serde(default)]
    #[schema(required = false, max_length = 100)]
    note: String,
}

impl Form for InvitationForm {
    const FIELDS: &'static [&'static str] = &["role", "note"];
    const MAY_BE_EMPTY: bool = false;
}

/// A new invitation.
#[derive(Debug, Serialize, ToSchema)]
struct MadeInvitation {
    #[serde(flatten)]
    invitation: InvitationObject,
    /// The link that lets in whoever has it, once. It is shown here and never again.
    #[schema(format = "uri")]
    url: String,
}

/// Invite somebody
///
/// The answer has a link; it is shown once, and lets somebody in once.
#[utoipa::path(
    post, path = "/api/v1/invitations", operation_id = "createInvitation", tag = "users",
    request_body = InvitationForm,
    responses((status = 201, description = "The link.", body = MadeInvitation)),
)]
pub(in crate::web) async fn create(
    site: Data<Site>,
    Program(actor): Program,
    _: Question<NoFilters>,
    Body(form): Body<InvitationForm>,
) -> Result<HttpResponse, Error> {
    let made = site.work(move |site| {
        let nothing = || app::Error::invalid("role", "Choose a role");
        let role = form.role.ok_or_else(nothing)?;
        joining::invite(&site.app, &actor, role, &form.note)
    });
    let made = made.await?;
    let object = MadeInvitation {
        invitation: (&made.item).into(),
        url: format!("{}/invitation/{}", site.base_url, made.secret),
    };
    let path = format!("/api/v1/invitations/{}", made.item.id);
    answer::created(&site, &path, &object, None)
}

/// Read an open invitation
#[utoipa::path(
    get, path = "/api/v1/invitations/{id}", operation_id = "showInvitation", tag = "users",
    params(("id" = i64, Path, description = "Its number."), IfNoneMatchHeader),
    responses((status = 200, description = "The invitation.", body = InvitationObject)),
)]
pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    id: Path<String>,
    _: Question<NoFilters>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    let open = site.work(move |site| joining::invitations(&site.app, &actor));
    let open = open.await?;
    let invitation = open.iter().find(|open| open.id == id);
    let invitation = invitation.ok_or(app::Error::NotFound)?;
    let object = InvitationObject::from(invitation);
    answer::thing(&site, &request, &object, None)
}

/// Take an invitation back
#[utoipa::path(
    delete, path = "/api/v1/invitations/{id}", operation_id = "deleteInvitation", tag = "users",
    params(("id" = i64, Path, description = "Its number.")),
    responses((status = 204, description = "The link opens nothing any more.")),
)]
pub(in crate::web) async fn delete(
    site: Data<Site>,
    Program(actor): Program,
    id: Path<String>,
    _: Question<NoFilters>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    site.work(move |site| joining::uninvite(&site.app, &actor, id))
        .await?;
    Ok(answer::gone())
}
