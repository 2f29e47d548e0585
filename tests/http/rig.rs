//! A server to test: the real one, with a few routes of its own.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use inkstand::cache::{Page, PageCache, PageKey};
use inkstand::web::front::{self, Edition, Source};
use inkstand::web::limits::Limits;
use inkstand::web::respond;
use inkstand::web::server::{self, Options};
use tokio::sync::oneshot;

pub(crate) const FRONT_PAGE_BYTES: usize = 3000;
const ROOM_BYTES: usize = 4 * LARGE_PAGE_BYTES;
/// More than the sockets' buffers hold.
pub(crate) const LARGE_PAGE_BYTES: usize = 8_000_000;

/// The state of a site that shows nothing but its number.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) generation: AtomicU64,
    /// Pages that took the short way.
    pub(crate) found: AtomicU64,
}

impl Source for State {
    fn newest(&self) -> Edition {
        Edition {
            generation: self.generation.load(Ordering::SeqCst),
            variant: 0,
        }
    }

    fn room_bytes(&self) -> usize {
        ROOM_BYTES
    }

    fn page_found(&self) {
        self.found.fetch_add(1, Ordering::SeqCst);
    }
}

/// Whether finished pages are answered before the library hears of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ways {
    Both,
    Long,
}

pub(crate) struct Rig {
    pub(crate) address: SocketAddr,
    pub(crate) state: Arc<State>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<std::io::Result<()>>>,
}

impl Rig {
    pub(crate) fn start(limits: Limits) -> Self {
        Self::start_serving(limits, 2, Ways::Both)
    }

    pub(crate) fn start_serving(limits: Limits, workers: usize, ways: Ways) -> Self {
        let state = Arc::<State>::default();
        let routes = routes(Arc::clone(&state));
        Self::launch(limits, workers, ways, state, routes)
    }

    pub(crate) fn start_with<R>(limits: Limits, routes: R) -> Self
    where
        R: Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
    {
        Self::launch(limits, 2, Ways::Both, Arc::default(), routes)
    }

    fn launch<R>(limits: Limits, workers: usize, ways: Ways, state: Arc<State>, routes: R) -> Self
    where
        R: Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let options = Options {
            limits,
            workers,
            source: (ways == Ways::Both).then(|| Arc::<State>::clone(&state) as _),
            ..Options::default()
        };
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            let stop = async { stopped.await.unwrap_or_default() };
            runtime.block_on(server::run(vec![listener], options, routes, stop))
        });
        Self {
            address,
            state,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Tells the server to stop; returns before it has.
    pub(crate) fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }

    pub(crate) fn wait(&mut self) {
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap().unwrap();
        }
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Limits short enough to be met in a test.
pub(crate) fn short() -> Limits {
    Limits {
        header_seconds: 1,
        body_seconds: 1,
        keep_alive_seconds: 20,
        close_seconds: 1,
        drain_seconds: 5,
        body_bytes: 100_000,
        ..Limits::default()
    }
}

fn routes(state: Arc<State>) -> impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static {
    let cache = Arc::new(PageCache::default());
    move |config| {
        config
            .app_data(web::Data::from(Arc::clone(&cache)))
            .app_data(web::Data::from(Arc::clone(&state)))
            .route("/", web::get().to(page))
            .route("/tiny", web::get().to(page))
            .route("/large", web::get().to(page))
            .route("/moved", web::get().to(page))
            .route("/fresh", web::get().to(fresh))
            .route("/slow", web::get().to(slow))
            .service(web::resource("/echo").route(web::post().to(echo)))
            .default_service(web::to(respond::nothing_here));
    }
}

async fn page(
    request: HttpRequest,
    cache: web::Data<PageCache>,
    state: web::Data<State>,
) -> HttpResponse {
    let path_and_query = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    let edition = state.newest();
    let key = PageKey {
        generation: edition.generation,
        variant: edition.variant,
        path_and_query,
    };
    let page = cache
        .get_or_render(key, async || {
            Ok::<_, String>(match request.path() {
                "/tiny" => Page::html(format!("generation {}", edition.generation)),
                "/large" => Page::new(200, "image/png", vec![b'z'; LARGE_PAGE_BYTES]),
                "/moved" => Page::new(301, "text/plain", "Moved\n").with_header("location", "/"),
                _ => Page::html(vec![b'x'; FRONT_PAGE_BYTES])
                    .with_header("cache-control", "max-age=60"),
            })
        })
        .await
        .unwrap();
    front::keep(&request, edition, &page);
    respond::page(&request, &page).await
}

/// Never kept, so it takes the long way on every rig.
async fn fresh() -> &'static str {
    "made for you"
}

async fn slow() -> &'static str {
    tokio::time::sleep(Duration::from_millis(700)).await;
    "slow but sure"
}

async fn echo(body: Bytes) -> HttpResponse {
    HttpResponse::Ok().body(body)
}
