//! What happens to every request before and after its handler, in one middleware of cheap steps.
//!
//! A tower of middlewares would box a future per floor and per request. Here a request gets a ticket, is screened
//! (a refusal never reaches a handler), is handled, and its answer is finished: errors become pages,
//! headers are added, the request is measured and, when asked, logged. Each step is one file.

mod access;
mod alias;
mod body;
mod head;
mod host;
mod measure;
mod method;
mod refusal;
mod request_id;
mod security;
mod target;
mod watched;

use std::cell::Cell;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use actix_web::Error as ActixError;
use actix_web::body::BoxBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::header::HeaderMap;
use actix_web::http::{ConnectionType, Method, StatusCode};
use pin_project_lite::pin_project;

pub use self::alias::Aliases;
use self::body::Fate;
pub(super) use self::measure::Measures;
pub(super) use self::refusal::Refusal;
pub(super) use self::request_id::{HEADER as REQUEST_ID, RequestIds};
use self::watched::Watched;
use super::client;
use super::draining::Draining;
use super::error::{ErrorPage, Problem};
use super::limits::Limits;
use super::pace::{Departure, Pace};
use super::server::{Insistence, Options};
use crate::telemetry::request::{self, RequestId};

pub(super) use self::body::announced_bytes;

/// The middleware; one for each worker.
pub(super) struct Front {
    desk: Rc<Desk>,
}

/// What the middleware needs for every request.
struct Desk {
    limits: Arc<Limits>,
    access_log: bool,
    error_page: Option<ErrorPage>,
    draining: Draining,
    insistence: Insistence,
    aliases: Option<Aliases>,
    ids: RequestIds,
    measures: Measures,
}

/// What is known about one request from its arrival to its answer.
struct Ticket {
    id: RequestId,
    arrived: Instant,
    method: Method,
    body_fate: Option<Rc<Cell<Fate>>>,
    /// Tells the connection when the answer has left; also when there will be none.
    departure: Option<Departure>,
    desk: Rc<Desk>,
}

/// What every answer gets on its way out, whichever way that is. `insist_seconds` is for answers after which
/// browsers are to come encrypted only.
pub(super) fn dress(headers: &mut HeaderMap, id: RequestId, insist_seconds: u32) {
    request_id::add(headers, id);
    security::add(headers);
    if insist_seconds > 0 {
        security::insist_on_encryption(headers, insist_seconds);
    }
}

impl Front {
    pub(super) fn new(options: &Options, limits: Arc<Limits>, draining: Draining) -> Self {
        Self {
            desk: Rc::new(Desk {
                limits,
                access_log: options.access_log,
                error_page: options.error_page.clone(),
                draining,
                insistence: options.insistence.clone(),
                aliases: options.aliases.clone(),
                ids: RequestIds::new(),
                measures: Measures::new(),
            }),
        }
    }
}

impl<S> Transform<S, ServiceRequest> for Front
where
    S: Service<ServiceRequest, Response = ServiceResponse<BoxBody>, Error = ActixError>,
{
    type Response = ServiceResponse<Watched>;
    type Error = ActixError;
    type Transform = FrontService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, Self::InitError>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let desk = Rc::clone(&self.desk);
        ready(Ok(FrontService { service, desk }))
    }
}

pub(super) struct FrontService<S> {
    service: S,
    desk: Rc<Desk>,
}

impl<S> Service<ServiceRequest> for FrontService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<BoxBody>, Error = ActixError>,
{
    type Response = ServiceResponse<Watched>;
    type Error = ActixError;
    type Future = Answer<S::Future>;

    forward_ready!(service);

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let mut ticket = Ticket::new(&self.desk, &request);
        host::take_from_target(request.head_mut());
        if let Err(refusal) = screen(&request, &self.desk.limits) {
            let (request, _unread_body) = request.into_parts();
            let response = refusal.into_response();
            return Answer::Refused {
                refused: Some((ticket, ServiceResponse::new(request, response))),
            };
        }
        let aliases = self.desk.aliases.as_ref();
        if let Some(response) = aliases.and_then(|aliases| aliases.lead(request.head())) {
            let (request, _unread_body) = request.into_parts();
            return Answer::Refused {
                refused: Some((ticket, ServiceResponse::new(request, response))),
            };
        }
        ticket.body_fate = body::guard(&mut request, &self.desk.limits);
        if ticket.method == Method::HEAD {
            // Handlers need not know: they make the page, and its body stays here.
            request.head_mut().method = Method::GET;
        }
        let _current = request::enter(ticket.id);
        Answer::Handled {
            handled: self.service.call(request),
            ticket: Some(ticket),
        }
    }
}

/// What must be right about a request whatever it is about.
fn screen(request: &ServiceRequest, limits: &Limits) -> Result<(), Refusal> {
    let pace = request.conn_data::<Rc<Pace>>();
    let limit = limits.requests_at_once;
    if pace.is_some_and(|pace| pace.under_way() > limit) {
        return Err(Refusal::TooManyAtOnce { limit });
    }
    method::check(request.method())?;
    target::check(request.method(), request.uri(), limits)?;
    host::check(request.headers())?;
    body::check(request, limits)
}

impl Ticket {
    fn new(desk: &Rc<Desk>, request: &ServiceRequest) -> Self {
        let pace = request.conn_data::<Rc<Pace>>();
        let departure = pace.map(|pace| Departure::expected(Rc::clone(pace)));
        desk.measures.request_began();
        Self {
            id: desk.ids.next(),
            arrived: Instant::now(),
            method: request.method().clone(),
            body_fate: None,
            departure,
            desk: Rc::clone(desk),
        }
    }

    /// Turns what the handler made into what the client gets.
    fn finish(mut self, mut answer: ServiceResponse<BoxBody>) -> ServiceResponse<Watched> {
        let _current = request::enter(self.id);
        let fate = self.body_fate.as_ref().map(|fate| fate.get());
        if let Some(refusal) = fate.and_then(Fate::refusal)
            && !answer.status().is_success()
        {
            // The handler only knows that reading failed; the guard knows why.
            answer = answer.into_response(refusal.into_response());
        }
        if answer.status().is_client_error() || answer.status().is_server_error() {
            answer = self.explain(answer);
        }
        // Where the public address is encrypted, who says nothing is a proxy nobody told us of, and
        // browsers do not listen to this in clear.
        let proxies = &self.desk.limits.trusted_proxies;
        let insist_seconds = match client::came_encrypted(answer.request(), proxies) {
            Some(false) => 0,
            _ => self.desk.insistence.seconds(),
        };
        let status = answer.status();
        dress(answer.headers_mut(), self.id, insist_seconds);
        if status == StatusCode::METHOD_NOT_ALLOWED {
            head::allow(answer.headers_mut());
        }
        if self.desk.draining.has_begun() {
            let head = answer.response_mut().head_mut();
            head.set_connection_type(ConnectionType::Close);
        }
        let micros = self
            .desk
            .measures
            .request_ended(&self.method, answer.status(), self.arrived);
        if self.desk.access_log {
            access::log(&self.method, &answer, micros, proxies);
        }
        if self.method == Method::HEAD {
            answer = answer.map_body(head::without_body);
        }
        let departure = self.departure.take();
        answer.map_body(|_, body| Watched::new(body, departure))
    }

    /// Errors become pages for people and problem documents for programs.
    fn explain(&self, answer: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
        let Some(problem) = Problem::of(answer.response()) else {
            return answer;
        };
        let (request, response) = answer.into_parts();
        let page = self.desk.error_page.as_ref();
        let mut explained = problem.into_response(&request, page, self.id);
        super::error::keep_headers(&response, &mut explained);
        ServiceResponse::new(request, explained)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        // Also when the client went away and the handler's future was dropped.
        self.desk.measures.request_left();
    }
}

pin_project! {
    /// The answer in the making.
    #[project = AnswerState]
    pub(super) enum Answer<F> {
        Refused { refused: Option<(Ticket, ServiceResponse<BoxBody>)> },
        Handled { #[pin] handled: F, ticket: Option<Ticket> },
    }
}

impl<F> Future for Answer<F>
where
    F: Future<Output = Result<ServiceResponse<BoxBody>, ActixError>>,
{
    type Output = Result<ServiceResponse<Watched>, ActixError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            AnswerState::Refused { refused } => match refused.take() {
                Some((ticket, answer)) => Poll::Ready(Ok(ticket.finish(answer))),
                None => Poll::Pending,
            },
            AnswerState::Handled { handled, ticket } => {
                let _current = ticket.as_ref().map(|ticket| request::enter(ticket.id));
                let Poll::Ready(result) = handled.poll(cx) else {
                    return Poll::Pending;
                };
                Poll::Ready(result.map(|answer| match ticket.take() {
                    Some(ticket) => ticket.finish(answer),
                    None => answer.map_body(|_, body| Watched::new(body, None)),
                }))
            }
        }
    }
}

#[cfg(test)]
mod tests;
