//! People over the API, for who manages them: who is here, with which role, and who is kept out.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use crate::app::people::{self, Standing};
use crate::app::{self, accounts, secrets};
use crate::domain::id::UserId;
use crate::domain::text::{Email, MAX_EMAIL_BYTES, MAX_NAME_CHARS, Name, WebAddress};
use crate::domain::user::{Role, User};
use crate::web::error::Error;
use crate::web::identity::Program;
use crate::web::state::Site;

use super::answer;
use super::body::{Body, Form, present};
use super::check::Check;
use super::moment::Moment;
use super::named::RoleName;
use super::paging::{self, Page, PageQuestion};
use super::preconditions::{IfMatch, IfMatchHeader, IfNoneMatchHeader};
use super::question::{Filters, Listing, NoFilters, Question};
use super::things::number;
use super::words;

#[derive(OpenApi)]
#[openapi(paths(list, create, show, change, delete, make_owner))]
pub(super) struct Described;

/// Somebody who writes here, as those see them who manage users.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub(super) struct UserObject {
    id: i64,
    email: String,
    name: String,
    /// Their name in addresses.
    slug: String,
    #[schema(value_type = RoleName)]
    role: Role,
    /// What they say of themselves.
    bio: String,
    #[schema(required = true)]
    website: Option<String>,
    /// They are kept out until they are let in again.
    suspended: bool,
    created_at: Moment,
    updated_at: Moment,
}

impl From<&User> for UserObject {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.as_i64(),
            email: user.email.to_string(),
            name: user.name.to_string(),
            slug: user.slug.to_string(),
            role: user.role,
            bio: user.bio.clone(),
            website: user.website.as_ref().map(WebAddress::to_string),
            suspended: user.suspended,
            created_at: user.created_at.into(),
            updated_at: user.updated_at.into(),
        }
    }
}

/// Each change of somebody leaves its time.
pub(super) fn version(user: &User) -> String {
    format!("{}-{}", user.id, user.updated_at.as_micros())
}

pub(super) fn id_of(text: &str) -> Result<UserId, app::Error> {
    number(text).map(UserId::from_i64)
}

/// List users
///
/// The newest first.
#[utoipa::path(
    get, path = "/api/v1/users", operation_id = "listUsers", tag = "users",
    params(PageQuestion, IfNoneMatchHeader),
    responses((status = 200, description = "Some of the users.", body = Page<UserObject>)),
)]
pub(in crate::web) async fn list(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    Listing { page, .. }: Listing<NoFilters>,
) -> Result<HttpResponse, Error> {
    let found = site.work(move |site| {
        let found = people::older(&site.app, &actor, page.after, page.limit)?;
        found.try_map(|user| Ok(UserObject::from(&user)))
    });
    paging::answer(&site, &request, found.await?)
}

/// Somebody who is to write here.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewUser)]
pub(in crate::web) struct UserForm {
    #[schema(required = true, schema_with = words::email)]
    #[serde(default, deserialize_with = "present")]
    email: Option<String>,
    #[schema(required = true, value_type = String, min_length = 1, max_length = 100)]
    #[serde(default, deserialize_with = "present")]
    name: Option<String>,
    /// An author, where nothing is said.
    #[schema(value_type = RoleName, required = false)]
    #[serde(default, deserialize_with = "present")]
    role: Option<Role>,
    /// Where none is given one is made, and told once.
    #[schema(value_type = String, required = false, min_length = 8, max_length = 1024)]
    #[serde(default, deserialize_with = "present")]
    password: Option<String>,
}

impl Form for UserForm {
    const FIELDS: &'static [&'static str] = &["email", "name", "role", "password"];
    const MAY_BE_EMPTY: bool = false;
}

/// Somebody new.
#[derive(Debug, Serialize, ToSchema)]
struct MadeUser {
    #[serde(flatten)]
    user: UserObject,
    /// The password, where one was made. It is shown here and never again.
    #[schema(required = true)]
    password: Option<String>,
}

/// Add somebody
///
/// Those who are to choose their own password are better invited.
#[utoipa::path(
    post, path = "/api/v1/users", operation_id = "createUser", tag = "users",
    request_body = UserForm,
    responses((status = 201, description = "They are here.", body = MadeUser)),
)]
pub(in crate::web) async fn create(
    site: Data<Site>,
    Program(actor): Program,
    _: Question<NoFilters>,
    Body(form): Body<UserForm>,
) -> Result<HttpResponse, Error> {
    let mut check = Check::default();
    let (email, name) = (
        form.email.unwrap_or_default(),
        form.name.unwrap_or_default(),
    );
    let is_short = check.short("email", &email, MAX_EMAIL_BYTES);
    let email = check
        .take("email", Email::parse(&email))
        .filter(|_| is_short);
    let is_short = check.short("name", &name, MAX_NAME_CHARS);
    let name = check.take("name", Name::parse(&name)).filter(|_| is_short);
    let parsed = check.done(email.zip(name))?;
    let (email, name) = parsed.ok_or(app::Error::NotFound)?;
    let role = form.role.unwrap_or(Role::Author);
    let (user, password) = site
        .work(move |site| {
            let made = match &form.password {
                Some(_) => None,
                None => Some(secrets::new_secret()?),
            };
            let password = form.password.as_deref().or(made.as_deref());
            let user = accounts::create_user(&site.app, &actor, email, name, role, password)?;
            Ok((user, made))
        })
        .await?;
    let object = MadeUser {
        user: (&user).into(),
        password,
    };
    let path = format!("/api/v1/users/{}", user.id);
    answer::created(&site, &path, &object, Some(&version(&user)))
}

/// Read who somebody is
#[utoipa::path(
    get, path = "/api/v1/users/{id}", operation_id = "showUser", tag = "users",
    params(("id" = i64, Path, description = "Their number."), IfNoneMatchHeader),
    responses((status = 200, description = "The user.", body = UserObject)),
)]
pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    id: Path<String>,
    _: Question<NoFilters>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    let user = site.work(move |site| people::find(&site.app, &actor, id));
    let user = user.await?;
    let object = UserObject::from(&user);
    answer::thing(&site, &request, &object, Some(&version(&user)))
}

/// What of somebody may be changed by others. A field left out stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UserPatch)]
pub(in crate::web) struct StandingForm {
    #[schema(value_type = RoleName, required = false)]
    #[serde(default, deserialize_with = "present")]
    role: Option<Role>,
    #[schema(value_type = bool, required = false)]
    #[serde(default, deserialize_with = "present")]
    suspended: Option<bool>,
}

impl Form for StandingForm {
    const FIELDS: &'static [&'static str] = &["role", "suspended"];
    const MAY_BE_EMPTY: bool = false;
}

/// Change somebody's role, keep them out or let them in
///
/// Whoever it concerns signs in anew. What they say of themselves is theirs to change.
#[utoipa::path(
    patch, path = "/api/v1/users/{id}", operation_id = "changeUser", tag = "users",
    params(("id" = i64, Path, description = "Their number."), IfMatchHeader),
    request_body(content(
        (StandingForm = "application/merge-patch+json"), (StandingForm = "application/json")
    )),
    responses((status = 200, description = "The user as they are now.", body = UserObject)),
)]
pub(in crate::web) async fn change(
    site: Data<Site>,
    Program(actor): Program,
    id: Path<String>,
    if_match: IfMatch,
    _: Question<NoFilters>,
    Body(form): Body<StandingForm>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    let changed = site.work(move |site| {
        people::change(&site.app, &actor, id, |before| {
            if_match.require_version(&version(before))?;
            Ok(Standing {
                role: form.role,
                suspended: form.suspended,
            })
        })
    });
    let user = changed.await?;
    answer::changed(&UserObject::from(&user), Some(&version(&user)))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct RemovalQuestion {
    /// The number of whoever takes their place among the authors of what they wrote.
    #[param(value_type = i64, required = true)]
    heir: Option<i64>,
}

impl Filters for RemovalQuestion {
    const FIELDS: &'static [&'static str] = &["heir"];
}

/// Remove somebody for good
///
/// What they wrote stays, and somebody else becomes its author.
#[utoipa::path(
    delete, path = "/api/v1/users/{id}", operation_id = "deleteUser", tag = "users",
    params(("id" = i64, Path, description = "Their number."), RemovalQuestion, IfMatchHeader),
    responses((status = 204, description = "They are gone.")),
)]
pub(in crate::web) async fn delete(
    site: Data<Site>,
    Program(actor): Program,
    id: Path<String>,
    if_match: IfMatch,
    Question(question): Question<RemovalQuestion>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    site.work(move |site| {
        // Nobody has the number 0: who names no heir is told to choose one.
        let heir = UserId::from_i64(question.heir.unwrap_or_default());
        people::delete_if(&site.app, &actor, id, heir, |user| {
            if_match.require_version(&version(user))
        })
    })
    .await?;
    Ok(answer::gone())
}

/// Hand the site over
///
/// Makes somebody else the owner; who was it becomes an admin. Only the owner can do this.
#[utoipa::path(
    post, path = "/api/v1/users/{id}/make-owner", operation_id = "makeOwner", tag = "users",
    params(("id" = i64, Path, description = "Their number.")),
    responses((status = 200, description = "The new owner.", body = UserObject)),
)]
pub(in crate::web) async fn make_owner(
    site: Data<Site>,
    Program(actor): Program,
    id: Path<String>,
    _: Question<NoFilters>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    let made = site.work(move |site| {
        people::hand_over(&site.app, &actor, id)?;
        // Whoever did it may still see who it is.
        people::find(&site.app, &actor, id)
    });
    let user = made.await?;
    answer::changed(&UserObject::from(&user), Some(&version(&user)))
}
