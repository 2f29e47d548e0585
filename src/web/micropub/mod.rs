//! The Micropub endpoint: entries made, changed, put away and asked for by others' programs. A program
//! shows its token in a header or in its form, so the handlers look for it themselves. Errors are JSON, as
//! the specification has them.

mod ask;
mod files;
pub(super) mod media;
mod sent;

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::app;
use crate::app::micropub::{self, Made};
use crate::domain::actor::Actor;

use super::grants::{Refused, answer, json};
use super::identity;
use super::state::Site;

use sent::{Order, Sent};

/// By the specification a token with too few scopes is as good as none.
fn refused(error: app::Error) -> Refused {
    Refused::of(error, "unauthorized", StatusCode::UNAUTHORIZED)
}

impl From<sent::Broken> for Refused {
    fn from(broken: sent::Broken) -> Self {
        match broken {
            sent::Broken::Form(why) => Self::request(why),
            sent::Broken::App(error) => refused(error),
        }
    }
}

pub(super) async fn query(request: HttpRequest, site: Data<Site>) -> HttpResponse {
    answer(ask::answered(&request, &site).await)
}

pub(super) async fn take(
    request: HttpRequest,
    site: Data<Site>,
    body: Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let outcome = match sent::read(&site, &request, body).await {
        Ok((sent, actor)) => obeyed(&site, actor, sent).await,
        // The connection broke, or the body was too large: the frame says it as everywhere.
        Err(sent::Stop::Connection(error)) => return Err(error),
        Err(sent::Stop::Broken(broken)) => Err(broken.into()),
    };
    Ok(answer(outcome))
}

async fn obeyed(site: &Site, actor: Actor, sent: Sent) -> Result<HttpResponse, Refused> {
    let Sent { order, url } = sent;
    let asked = url.clone();
    let done = site.work(move |site| {
        let (app, base) = (&site.app, &site.base_url);
        match order {
            Order::Create(properties) => {
                micropub::create(app, &actor, base, &properties).map(Done::Created)
            }
            Order::Update(changes) => {
                micropub::update(app, &actor, base, &asked, &changes).map(Done::Changed)
            }
            Order::Delete => micropub::delete(app, &actor, base, &asked).map(|()| Done::Gone),
            Order::Undelete => micropub::undelete(app, &actor, base, &asked).map(Done::Changed),
        }
    });
    Ok(match done.await.map_err(refused)? {
        Done::Created(made) if made.is_waiting => located(StatusCode::ACCEPTED, &made),
        Done::Created(made) => located(StatusCode::CREATED, &made),
        Done::Changed(made) if made.url != url => located(StatusCode::CREATED, &made),
        Done::Changed(_) | Done::Gone => bare(StatusCode::NO_CONTENT),
    })
}

enum Done {
    Created(Made),
    Changed(Made),
    Gone,
}

fn bare(status: StatusCode) -> HttpResponse {
    json(status, &serde_json::json!({}))
        .drop_body()
        .map_into_boxed_body()
}

fn located(status: StatusCode, made: &Made) -> HttpResponse {
    let mut answer = bare(status);
    if let Ok(url) = made.url.parse() {
        answer.headers_mut().insert(LOCATION, url);
    }
    answer
}

/// The holder of the header's token.
async fn holder(site: &Site, request: &HttpRequest) -> Result<Actor, Refused> {
    let holder = identity::token_holder(site, request, None).await;
    holder.map(|(actor, _)| actor).map_err(refused)
}
