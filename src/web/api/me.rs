//! Who a token belongs to, what it may do, and what its holder says of themselves.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use crate::app;
use crate::app::people::{self, Profile};
use crate::domain::actor::{Act, Actor};
use crate::domain::text::{MAX_EMAIL_BYTES, MAX_NAME_CHARS, WebAddress};
use crate::domain::token::Scope;
use crate::domain::user::{Role, User};
use crate::web::error::Error;
use crate::web::identity::Program;
use crate::web::state::Site;

use super::answer;
use super::body::{Body, Form, given, present};
use super::check::Check;
use super::moment::Moment;
use super::named::{RoleName, ScopeName};
use super::preconditions::{IfMatch, IfMatchHeader, IfNoneMatchHeader};
use super::question::{NoFilters, Question};
use super::users::version;
use super::words;

#[derive(OpenApi)]
#[openapi(paths(show, change))]
pub(super) struct Described;

/// Whoever holds the token.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Me)]
struct MeObject {
    id: i64,
    name: String,
    /// Their name in addresses.
    slug: String,
    /// Only for tokens with the scope `email` or `admin`.
    #[schema(required = true)]
    email: Option<String>,
    #[schema(value_type = RoleName)]
    role: Role,
    /// What they say of themselves.
    bio: String,
    #[schema(required = true)]
    website: Option<String>,
    /// What this token may do of what they may.
    #[schema(value_type = Vec<ScopeName>)]
    scopes: Vec<Scope>,
    /// When this token ends; `null`: never.
    #[schema(required = true)]
    expires_at: Option<Moment>,
    created_at: Moment,
    updated_at: Moment,
}

impl MeObject {
    fn of(actor: &Actor, user: &User) -> Self {
        let may_see = actor.may(Act::TellEmail);
        Self {
            id: user.id.as_i64(),
            name: user.name.to_string(),
            slug: user.slug.to_string(),
            email: may_see.then(|| user.email.to_string()),
            role: user.role,
            bio: user.bio.clone(),
            website: user.website.as_ref().map(WebAddress::to_string),
            scopes: actor.scopes().to_vec(),
            expires_at: actor.ends_at().map(Moment),
            created_at: user.created_at.into(),
            updated_at: user.updated_at.into(),
        }
    }
}

/// Read who you are
///
/// Any token may ask who holds it and what it may do.
#[utoipa::path(
    get, path = "/api/v1/me", operation_id = "showMe", tag = "users",
    params(IfNoneMatchHeader),
    responses((status = 200, description = "Whoever holds the token.", body = MeObject)),
)]
pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    _: Question<NoFilters>,
) -> Result<HttpResponse, Error> {
    let asking = actor.clone();
    let user = site.work(move |site| people::myself(&site.app, &asking));
    let user = user.await?;
    let object = MeObject::of(&actor, &user);
    answer::thing(&site, &request, &object, Some(&version(&user)))
}

/// What somebody says of themselves. A field left out stays as it is; `null` empties it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MePatch)]
pub(in crate::web) struct ProfileForm {
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    #[serde(default, deserialize_with = "present")]
    name: Option<String>,
    /// Also what one signs in with.
    #[schema(schema_with = words::email, required = false)]
    #[serde(default, deserialize_with = "present")]
    email: Option<String>,
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    #[serde(default, deserialize_with = "present")]
    slug: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, required = false, max_length = 2000)]
    bio: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = words::address_or_empty, required = false)]
    website: Option<Option<String>>,
}

impl Form for ProfileForm {
    const FIELDS: &'static [&'static str] = &["name", "email", "slug", "bio", "website"];
    const MAY_BE_EMPTY: bool = false;
}

impl ProfileForm {
    /// How long names may be, before blanks in them are drawn together. The rest is measured as it is.
    fn require_lengths(&self) -> Result<(), app::Error> {
        let mut check = Check::default();
        let (name, email) = (self.name.as_deref(), self.email.as_deref());
        check.short("name", name.unwrap_or_default(), MAX_NAME_CHARS);
        check.short("email", email.unwrap_or_default(), MAX_EMAIL_BYTES);
        check.done(())
    }

    fn lay_over(self, before: &User) -> Profile {
        let before = Profile::from(before);
        let cleared = |wish: Option<Option<String>>| wish.map(Option::unwrap_or_default);
        Profile {
            name: self.name.unwrap_or(before.name),
            email: self.email.unwrap_or(before.email),
            slug: self.slug.unwrap_or(before.slug),
            bio: cleared(self.bio).unwrap_or(before.bio),
            website: cleared(self.website).unwrap_or(before.website),
        }
    }
}

/// Change what you say of yourself
#[utoipa::path(
    patch, path = "/api/v1/me", operation_id = "changeMe", tag = "users",
    params(IfMatchHeader),
    request_body(content(
        (ProfileForm = "application/merge-patch+json"), (ProfileForm = "application/json")
    )),
    responses((status = 200, description = "You as you are now.", body = MeObject)),
)]
pub(in crate::web) async fn change(
    site: Data<Site>,
    Program(actor): Program,
    if_match: IfMatch,
    _: Question<NoFilters>,
    Body(form): Body<ProfileForm>,
) -> Result<HttpResponse, Error> {
    form.require_lengths()?;
    let changing = actor.clone();
    let changed = site.work(move |site| {
        people::rewrite_profile(&site.app, &changing, |before| {
            if_match.require_version(&version(before))?;
            Ok(form.lay_over(before))
        })
    });
    let user = changed.await?;
    answer::changed(&MeObject::of(&actor, &user), Some(&version(&user)))
}
