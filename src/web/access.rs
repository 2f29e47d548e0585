//! Who may come to an address at all. The table in `mod.rs` says it for each one, and it is looked at
//! before any handler is. What somebody may do there is decided in `app`.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpResponse};

use crate::app;
use crate::domain::actor::{Act, Actor};
use crate::domain::user::Role;

use super::error::Error;
use super::identity::{self, Program};
use super::middleware::Refusal;
use super::state::Site;
use super::{admin, origin};

/// The least that is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Anyone,
    /// Anyone who reads, where the API is public. Otherwise a program with a token; where the API is not
    /// public, the token must be one that may read. Who brings a token is its holder in any case.
    Reader,
    /// A program with a token; what it may do depends on the token.
    Program,
    /// The same; but the token may stand in the form, so the handler looks for it itself.
    Bearer,
    /// Somebody who is signed in.
    Person,
    /// The same; but forms come through from those whose session has ended, because they hold written
    /// words, and e-mail and password to sign in with.
    Writer,
    /// Somebody who is signed in and at least an editor.
    Editor,
    /// Somebody who is signed in and at least an admin.
    Admin,
}

impl Access {
    /// The role that is needed at least.
    fn role(self) -> Role {
        match self {
            Self::Admin => Role::Admin,
            Self::Editor => Role::Editor,
            Self::Anyone
            | Self::Reader
            | Self::Program
            | Self::Bearer
            | Self::Person
            | Self::Writer => Role::Contributor,
        }
    }
}

/// Lets a request on to its handler, with who asks, or answers in the handler's place.
pub(super) async fn guard<B: MessageBody + 'static>(
    access: Access,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    match look_at(access, &request).await {
        Ok(None) => Ok(next.call(request).await?.map_into_boxed_body()),
        Ok(Some(answer)) => Ok(request.into_response(answer)),
        // As an answer, so that it is dressed like those of handlers.
        Err(error) => Ok(request.error_response(error)),
    }
}

/// A token that is none is refused even where none is needed: whoever sends one counts on it.
fn is_anonymous_reading(site: &Site, request: &ServiceRequest) -> bool {
    site.api.public
        && origin::is_harmless(request.method())
        && !request.headers().contains_key(AUTHORIZATION)
}

/// Notes who asks, for the handler; what it answers otherwise.
async fn look_at(
    access: Access,
    request: &ServiceRequest,
) -> Result<Option<HttpResponse>, actix_web::Error> {
    let site = request.app_data::<Data<Site>>();
    let site = site.ok_or_else(|| Error::from(app::Error::Forbidden))?;
    match access {
        Access::Anyone | Access::Bearer => {}
        Access::Reader if is_anonymous_reading(site, request) => {
            let address = identity::address(site, request.request());
            let actor = Actor::anonymous(&address);
            request.extensions_mut().insert(Program(actor));
        }
        Access::Reader | Access::Program => {
            let actor = identity::bearer(site, request.request()).await;
            let actor = actor.map_err(Error::from)?;
            let is_reading = origin::is_harmless(request.method());
            if access == Access::Reader
                && is_reading
                && !site.api.public
                && !actor.may(Act::ReadOwn)
            {
                return Err(Error::from(app::Error::Forbidden).into());
            }
            request.extensions_mut().insert(Program(actor));
        }
        Access::Person | Access::Writer | Access::Editor | Access::Admin => {
            let is_form = !origin::is_harmless(request.method());
            if is_form && !origin::is_own(request.headers(), &site.base_url) {
                return Err(Refusal::ForeignForm.into());
            }
            match identity::visitor(site, request.request()).await {
                Ok(visitor) if visitor.user.role > access.role() => {
                    return Err(Error::from(app::Error::Forbidden).into());
                }
                Ok(visitor) => {
                    request.extensions_mut().insert(visitor);
                }
                Err(app::Error::Unauthenticated) if access == Access::Writer && is_form => {}
                Err(app::Error::Unauthenticated) => {
                    return Ok(Some(admin::sign_in_first(request.request())));
                }
                Err(error) => return Err(Error::from(error).into()),
            }
        }
    }
    Ok(None)
}
