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
use actix_web::dev::AppConfig;
use actix_web::rt::net::TcpStream;
use actix_web::{App, web};
use futures_util::future::join_all;

use super::connections::Connections;
use super::draining::Draining;
use super::error::ErrorPage;
use super::front::{Connection, Shelf, Source};
use super::limits::Limits;
use super::middleware::Front;
use super::worker::Worker;

/// How long to wait when the system has no room for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

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

/// Serves the routes on the listeners until `stop` resolves, then drains. Needs a Tokio runtime.
pub async fn run<R>(
    listeners: Vec<TcpListener>,
    options: Options,
    routes: R,
    stop: impl Future<Output = ()>,
) -> io::Result<()>
where
    R: Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
{
    let server = Server::start(options, routes).await?;
    server.serve(listeners, stop).await?;
    server.finish().await;
    Ok(())
}

/// Workers that wait for connections. Nothing is accepted before [`Server::serve`], so a server can be
/// tried out first.
#[derive(Debug)]
pub struct Server {
    workers: Vec<Worker>,
    draining: Draining,
}

impl Server {
    pub async fn start<R>(options: Options, routes: R) -> io::Result<Self>
    where
        R: Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
    {
        let count = match options.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            asked => asked,
        };
        let limits = Arc::new(options.limits.clone());
        let connections = Arc::new(Connections::new(Arc::clone(&limits)));
        let draining = Draining::default();
        let drain_time = Duration::from_secs(limits.drain_seconds);
        let mut workers = Vec::with_capacity(count);
        for number in 0..count {
            let (options, routes) = (options.clone(), routes.clone());
            let (limits, connections) = (Arc::clone(&limits), Arc::clone(&connections));
            let draining = draining.clone();
            let services = move || service(&options, count, limits, connections, draining, routes);
            workers.push(Worker::start(number, drain_time, services).await?);
        }
        Ok(Self { workers, draining })
    }

    /// Gives a connection to the worker that has the fewest.
    pub async fn hand(&self, stream: TcpStream) {
        let idlest = self.workers.iter().min_by_key(|worker| worker.load());
        if let Some(worker) = idlest {
            worker.hand(stream).await;
        }
    }

    /// Accepts until `stop` resolves. Connections that the system holds for the listeners then stay
    /// there for whoever else has these sockets.
    pub async fn serve(
        &self,
        listeners: Vec<TcpListener>,
        stop: impl Future<Output = ()>,
    ) -> io::Result<()> {
        let listeners = listeners.into_iter().map(listening);
        let listeners = listeners.collect::<io::Result<Vec<_>>>()?;
        let accepting = listeners.iter().map(|listener| self.accept(listener));
        tokio::select! {
            () = stop => {}
            _ = join_all(accepting) => {}
        }
        Ok(())
    }

    /// Requests in progress are answered with `Connection: close`, idle connections get a moment to ask
    /// once more, and whatever takes longer than the limit allows is cut off.
    pub async fn finish(self) {
        self.draining.begin();
        // All at once: each has the whole time.
        join_all(self.workers.into_iter().map(Worker::finish)).await;
    }

    async fn accept(&self, listener: &tokio::net::TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => self.hand(stream).await,
                // The client has gone meanwhile.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    tracing::error!(%error, "a connection cannot be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}

fn listening(listener: TcpListener) -> io::Result<tokio::net::TcpListener> {
    listener.set_nonblocking(true)?;
    tokio::net::TcpListener::from_std(listener)
}

/// What one worker does with a connection.
fn service<R>(
    options: &Options,
    workers: usize,
    limits: Arc<Limits>,
    connections: Arc<Connections>,
    draining: Draining,
    routes: R,
) -> impl ServiceFactory<TcpStream, Config = (), Response = (), Error = DispatchError, InitError = ()>
+ use<R>
where
    R: Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
{
    // The middleware keeps the limits of bodies. What is held in memory as a whole has the usual one
    // everywhere: larger bodies are uploads, and those are read in pieces.
    let body_bytes = usize::try_from(limits.body_bytes).unwrap_or(usize::MAX);
    let shelf = options.shelf(workers);
    let app = App::new()
        .app_data(shelf.clone())
        .app_data(web::PayloadConfig::new(body_bytes))
        .app_data(web::FormConfig::default().limit(body_bytes))
        .app_data(web::JsonConfig::default().limit(body_bytes))
        .configure(routes)
        .wrap(Front::new(options, Arc::clone(&limits), draining.clone()));
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
        connections,
        limits,
        shelf,
        draining,
    };
    admission(door).and_then(http)
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
