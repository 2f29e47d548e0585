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
use super::entrance::Entrance;
use super::error::ErrorPage;
use super::front::{Connection, Shelf, Source};
use super::limits::Limits;
pub use super::middleware::Aliases;
use super::middleware::Front;
use super::wire::{Delivery, Parcel, Wire};
use super::worker::{Hands, Worker};
use crate::tls::Door;

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
    /// Whether browsers are to come encrypted only.
    pub insistence: Insistence,
    /// Further names, and where they lead.
    pub aliases: Option<Aliases>,
    /// Visitors come encrypted, through this door.
    pub door: Option<Door>,
}

/// How long browsers are told to come encrypted only; may change while the site is served.
#[derive(Debug, Clone, Default)]
pub enum Insistence {
    #[default]
    Never,
    /// Somebody in front encrypts.
    Always,
    AsThe(Door),
}

/// A year.
const INSIST_SECONDS: u32 = 31_536_000;

impl Insistence {
    /// 0 says nothing.
    pub(super) fn seconds(&self) -> u32 {
        match self {
            Self::Never => 0,
            Self::Always => INSIST_SECONDS,
            Self::AsThe(door) => door.insist_seconds(),
        }
    }
}

impl Options {
    /// Lines of the access log are written on the long way only.
    fn shelf(&self, workers: usize) -> Option<Rc<Shelf>> {
        let source = self.source.as_ref().filter(|_| !self.access_log)?;
        Some(Rc::new(Shelf::new(
            Arc::clone(source),
            workers,
            self.insistence.clone(),
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
    hands: Hands,
    entrance: Option<Entrance>,
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
        let hands = Hands::of(&workers);
        let door = options.door.as_ref();
        let entrance = door.map(|door| Entrance::open(door, &connections, &hands));
        Ok(Self {
            workers,
            hands,
            entrance: entrance.transpose()?,
            draining,
        })
    }

    /// Gives a connection to the worker that has the fewest; where visitors come encrypted, after hands
    /// were shaken.
    pub async fn hand(&self, stream: TcpStream) {
        if let Some(entrance) = &self.entrance {
            return entrance.hand(stream).await;
        }
        if let Ok(stream) = stream.into_std() {
            let encrypted = None;
            self.hands.hand(Parcel { stream, encrypted }).await;
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
        if let Some(entrance) = self.entrance {
            entrance.finish().await;
        }
        drop(self.hands);
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
) -> impl ServiceFactory<Delivery, Config = (), Response = (), Error = DispatchError, InitError = ()>
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
        .on_connect_ext(|stream: &Connection<Wire>, data| {
            data.insert(stream.pace());
        })
        .finish(map_config(app, |()| AppConfig::default()));
    let reception = Reception {
        connections,
        limits,
        shelf,
        draining,
    };
    admission(reception).and_then(http)
}

type Admitted = (Connection<Wire>, Protocol, Option<std::net::SocketAddr>);

/// What one worker needs for the connections it is given.
struct Reception {
    connections: Arc<Connections>,
    limits: Arc<Limits>,
    shelf: Option<Rc<Shelf>>,
    draining: Draining,
}

/// Gives every connection its place, or turns it away.
fn admission(
    reception: Reception,
) -> impl ServiceFactory<Delivery, Config = (), Response = Admitted, Error = DispatchError, InitError = ()>
{
    let reception = Rc::new(reception);
    fn_service(move |delivery: Delivery| {
        let reception = Rc::clone(&reception);
        async move {
            let address = delivery.wire.peer_addr()?;
            let place = delivery
                .place
                .or_else(|| reception.connections.admit(address.ip()));
            let Some(place) = place else {
                reception.connections.refuse(delivery.wire).await;
                return Err(DispatchError::Io(io::ErrorKind::QuotaExceeded.into()));
            };
            delivery.wire.send_at_once()?;
            let protocol = if delivery.is_http2 {
                Protocol::Http2
            } else {
                Protocol::Http1
            };
            let (shelf, draining) = (reception.shelf.clone(), reception.draining.clone());
            let mut connection =
                Connection::new(delivery.wire, place, &reception.limits, shelf, draining);
            if delivery.is_http2 {
                connection.carry_many();
            }
            Ok((connection, protocol, Some(address)))
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
