//! Tokens over the API: one's own; those who manage users see and end those of others. A token makes none
//! that can do more than itself, or that outlives it.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use crate::app::{self, accounts, tokens};
use crate::domain::id::{TokenId, UserId};
use crate::domain::token::{Scope, Token};
use crate::web::error::Error;
use crate::web::identity::Program;
use crate::web::state::Site;

use super::answer;
use super::body::{Body, Form};
use super::moment::Moment;
use super::named::ScopeName;
use super::paging::{self, Page, PageQuestion};
use super::preconditions::{IfMatch, IfMatchHeader, IfNoneMatchHeader};
use super::question::{Filters, Listing, NoFilters, Question};
use super::things::number;

#[derive(OpenApi)]
#[openapi(paths(list, create, show, delete))]
pub(super) struct Described;

/// A token. Its secret is known to its holder alone.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Token)]
struct TokenObject {
    id: i64,
    /// The number of whoever holds it.
    user: i64,
    /// What uses it.
    name: String,
    #[schema(value_type = Vec<ScopeName>)]
    scopes: Vec<Scope>,
    /// The address of the program it was given to, where its holder let one in.
    #[schema(required = true)]
    client: Option<String>,
    created_at: Moment,
    /// `null`: never.
    #[schema(required = true)]
    expires_at: Option<Moment>,
    /// `null`: not yet. Told to some minutes.
    #[schema(required = true)]
    used_at: Option<Moment>,
}

impl From<&Token> for TokenObject {
    fn from(token: &Token) -> Self {
        Self {
            id: token.id.as_i64(),
            user: token.user.as_i64(),
            name: token.name.clone(),
            scopes: token.scopes.clone(),
            client: token.client.clone(),
            created_at: token.created_at.into(),
            expires_at: token.expires_at.map(Moment),
            used_at: token.used_at.map(Moment),
        }
    }
}

/// A token stays as it was made; that it is used is no change.
fn version(token: &Token) -> String {
    token.id.to_string()
}

fn id_of(text: &str) -> Result<TokenId, app::Error> {
    number(text).map(TokenId::from_i64)
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct TokenFilters {
    /// Whose, for those who manage users; your own without it.
    #[param(value_type = i64, required = false)]
    user: Option<i64>,
}

impl Filters for TokenFilters {
    const FIELDS: &'static [&'static str] = &["user"];
}

/// List tokens
///
/// The newest first.
#[utoipa::path(
    get, path = "/api/v1/tokens", operation_id = "listTokens", tag = "tokens",
    params(TokenFilters, PageQuestion, IfNoneMatchHeader),
    responses((status = 200, description = "Some of the tokens.", body = Page<TokenObject>)),
)]
pub(in crate::web) async fn list(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    Listing { filters, page }: Listing<TokenFilters>,
) -> Result<HttpResponse, Error> {
    let user = filters.user.map(UserId::from_i64);
    let found = site.work(move |site| {
        let found = tokens::older(&site.app, &actor, user, page.after, page.limit)?;
        found.try_map(|token| Ok(TokenObject::from(&token)))
    });
    paging::answer(&site, &request, found.await?)
}

/// A token as it is wanted.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewToken)]
pub(in crate::web) struct TokenForm {
    /// What will use it.
    #[serde(default)]
    #[schema(required = true, min_length = 1, max_length = 100)]
    name: String,
    /// What it may do of what you may: nothing that the token you come with may not.
    #[serde(default)]
    #[schema(required = true, value_type = Vec<ScopeName>, min_items = 1)]
    scopes: Vec<Scope>,
    /// When it ends: not after the token you come with. With that one, where nothing is said.
    #[schema(value_type = Option<Moment>, required = false)]
    expires_at: Option<Moment>,
}

impl Form for TokenForm {
    const FIELDS: &'static [&'static str] = &["name", "scopes", "expires_at"];
    const MAY_BE_EMPTY: bool = false;
}

/// A new token.
#[derive(Debug, Serialize, ToSchema)]
struct MadeToken {
    #[serde(flatten)]
    token: TokenObject,
    /// What to send as `Authorization: Bearer …`. It is shown here and never again.
    secret: String,
}

/// Make a token
///
/// For yourself: a token speaks in its holder's name.
#[utoipa::path(
    post, path = "/api/v1/tokens", operation_id = "createToken", tag = "tokens",
    request_body = TokenForm,
    responses((status = 201, description = "The token, with its secret.", body = MadeToken)),
)]
pub(in crate::web) async fn create(
    site: Data<Site>,
    Program(actor): Program,
    _: Question<NoFilters>,
    Body(form): Body<TokenForm>,
) -> Result<HttpResponse, Error> {
    let made = site.work(move |site| {
        let ends = form.expires_at.map(|Moment(time)| time);
        accounts::create_token(&site.app, &actor, None, &form.name, &form.scopes, ends)
    });
    let made = made.await?;
    let object = MadeToken {
        token: (&made.item).into(),
        secret: made.secret,
    };
    let path = format!("/api/v1/tokens/{}", made.item.id);
    answer::created(&site, &path, &object, Some(&version(&made.item)))
}

/// Read what a token may do
#[utoipa::path(
    get, path = "/api/v1/tokens/{id}", operation_id = "showToken", tag = "tokens",
    params(("id" = i64, Path, description = "Its number."), IfNoneMatchHeader),
    responses((status = 200, description = "The token.", body = TokenObject)),
)]
pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    Program(actor): Program,
    id: Path<String>,
    _: Question<NoFilters>,
) -> Result<HttpResponse, Error> {
    let id = id_of(&id)?;
    let token = site.work(move |site| tokens::show(&site.app, &actor, id));
    let token = token.await?;
    let object = TokenObject::from(&token);
    answer::thing(&site, &request, &object, Some(&version(&token)))
}

/// End a token
///
/// Also the one you come with.
#[utoipa::path(
    delete, path = "/api/v1/tokens/{id}", operation_id = "deleteToken", tag = "tokens",
    params(("id" = i64, Path, description = "Its number."), IfMatchHeader),
    responses((status = 204, description = "It opens nothing any more.")),
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
        tokens::revoke(&site.app, &actor, id, |token| {
            if_match.require_version(&version(token))
        })
    })
    .await?;
    Ok(answer::gone())
}
