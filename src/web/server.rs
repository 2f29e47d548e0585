//! The HTTP server: takes sockets somebody else has bound, serves until told to stop, then lets the
//! requests it holds finish.
//!
//! Must not know what is served: the routes are handed in.

use std::future::{Future, ready};
use std::io;
use std::net::TcpListener;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_http::body::BoxBody;
use actix_http::error::DispatchError;
use actix_http::{HttpService, KeepAlive, Protocol, Request, Response, StatusCode};
use actix_service::{ServiceFactory, ServiceFactoryExt as _, fn_service, map_config};
use actix_web::dev::{AppConfig, Server};
use actix_web::rt::net::TcpStream;
use actix_web::{App, web};

use super::connections::Connections;
use super::draining::Draining;
use super::error::ErrorPage;
use super::front::{Connection, Shelf, Source};
use super::limits::Limits;
use super::middleware::Front;

/// Threads a worker may have for work that waits, like the database's. Each holds memory.
const BLOCKING_THREADS: usize = 3;

#[derive(Clone, Default)]
pub struct Options {
    pub limits: Limits,
    /// Threads that serve; zero means one for each core.
    pub workers: usize,
    /// One line in the log for every request.
    pub access_log: bool,
    /// Makes the pages that say what went wrong; without it they are plain.
    pub error_page: Option<ErrorPage>,
    /// What the short way for finished pages asks; without it every request takes the long way.
    pub source: Option<Arc<dyn Source>>,
    /// The public address is one of `https`, and browsers are to use no other.
    pub is_encrypted: bool,
}

impl Options {
    /// Lines of the access log are written on the long way only.
    fn shelf(&self, workers: usize) -> Option<Rc<Shelf>> {
        let source = self.source.as_ref().filter(|_| !self.access_log)?;
        Some(Rc::new(Shelf::new(
            Arc::clone(source),
            workers,
            self.is_encrypted,
        )))
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("limits", &self.limits)
            .field("workers", &self.workers)
            .field("access_log", &self.access_log)
            .finish_non_exhaustive()
    }
}

/// Serves the routes on the listeners until `stop` resolves, then drains: idle connections are
/// closed, requests in progress are answered with `Connection: close`, and whatever takes longer than
/// the limit allows is cut off. Needs a Tokio runtime; the workers are threads of their own.
pub async fn run<R>(
    listeners: Vec<TcpListener>,
    options: Options,
    routes: R,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()>
where
    R: Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
{
    let workers = match options.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        asked => asked,
    };
    let limits = Arc::new(options.limits.clone());
    let connections = Arc::new(Connections::new(Arc::clone(&limits)));
    let draining = Draining::default();
    let mut builder = Server::build()
        .workers(workers)
        .worker_max_blocking_threads(BLOCKING_THREADS)
        // Connections are counted across all workers by `Connections`, which answers those that are too
        // many; this only stops one worker from drowning in refusals.
        .max_concurrent_connections(limits.connections.saturating_mul(2))
        .shutdown_timeout(limits.drain_seconds)
        .shutdown_signal({
            let draining = draining.clone();
            async move {
                stop.await;
                draining.begin();
            }
        })
        .disable_signals();
    for listener in listeners {
        let name = format!("http-{}", listener.local_addr()?);
        let (options, routes) = (options.clone(), routes.clone());
        let (limits, connections) = (Arc::clone(&limits), Arc::clone(&connections));
        let draining = draining.clone();
        builder = builder.listen(name, listener, move || {
            // The library's own limits stand back: bodies have one limit, and the middleware keeps it.
            let body_bytes = usize::try_from(limits.largest_body_bytes()).unwrap_or(usize::MAX);
            let shelf = options.shelf(workers);
            let app = App::new()
                .app_data(shelf.clone())
                .app_data(web::PayloadConfig::new(body_bytes))
                .app_data(web::FormConfig::default().limit(body_bytes))
                .app_data(web::JsonConfig::default().limit(body_bytes))
                .configure(routes.clone())
                .wrap(Front::new(&options, Arc::clone(&limits), draining.clone()));
            let http = HttpService::build()
                // `Connection` keeps the time and sees to the end: it also has the requests that the
                // library never hears of.
                .keep_alive(KeepAlive::Os)
                .client_request_timeout(Duration::ZERO)
                .client_disconnect_timeout(Duration::from_secs(limits.close_seconds))
                .expect(body_expectation(Arc::clone(&limits)))
                .on_connect_ext(|stream: &Connection<TcpStream>, data| {
                    data.insert(stream.pace());
                })
                .finish(map_config(app, |()| AppConfig::default()));
            let door = Door {
                connections: Arc::clone(&connections),
                limits: Arc::clone(&limits),
                shelf,
                draining: draining.clone(),
            };
            admission(door).and_then(http)
        })?;
    }
    builder.run().await
}

type Admitted = (
    Connection<TcpStream>,
    Protocol,
    Option<std::net::SocketAddr>,
);

/// What one worker needs for the connections it is given.
struct Door {
    connections: Arc<Connections>,
    limits: Arc<Limits>,
    shelf: Option<Rc<Shelf>>,
    draining: Draining,
}

/// Gives every connection its place, or turns it away.
fn admission(
    door: Door,
) -> impl ServiceFactory<
    TcpStream,
    Config = (),
    Response = Admitted,
    Error = DispatchError,
    InitError = (),
> {
    let door = Rc::new(door);
    fn_service(move |stream: TcpStream| {
        let door = Rc::clone(&door);
        async move {
            let address = stream.peer_addr()?;
            let Some(place) = door.connections.admit(address.ip()) else {
                door.connections.refuse(stream).await;
                return Err(DispatchError::Io(io::ErrorKind::QuotaExceeded.into()));
            };
            // Answers are written whole; waiting to fill packets would only delay them.
            stream.set_nodelay(true)?;
            let (shelf, draining) = (door.shelf.clone(), door.draining.clone());
            let connection = Connection::new(stream, place, &door.limits, shelf, draining);
            Ok((connection, Protocol::Http1, Some(address)))
        }
    })
}

/// Answers `Expect: 100-continue`: a body that is too large is refused before it is sent.
fn body_expectation(
    limits: Arc<Limits>,
) -> impl ServiceFactory<
    Request,
    Config = (),
    Response = Request,
    Error = Response<BoxBody>,
    InitError = (),
> {
    let limits = Rc::new(limits);
    fn_service(move |request: Request| {
        let announced = super::middleware::announced_bytes(&request.head().headers);
        let allowed = limits.body_bytes_for(request.uri().path());
        ready(if announced.is_some_and(|bytes| bytes > allowed) {
            let message = format!("The request's body may have at most {allowed} bytes.");
            Err(Response::with_body(
                StatusCode::PAYLOAD_TOO_LARGE,
                BoxBody::new(message),
            ))
        } else {
            Ok(request)
        })
    })
}
