//! A server to test: the real one, with a few routes of its own.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use inkstand::cache::{Page, PageCache, PageKey};
use inkstand::web::limits::Limits;
use inkstand::web::respond;
use inkstand::web::server::{self, Options};
use tokio::sync::oneshot;

pub(crate) const FRONT_PAGE_BYTES: usize = 3000;

pub(crate) struct Rig {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<std::io::Result<()>>>,
}

impl Rig {
    pub(crate) fn start(limits: Limits) -> Self {
        Self::start_with(limits, routes())
    }

    pub(crate) fn start_with<R>(limits: Limits, routes: R) -> Self
    where
        R: Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let options = Options {
            limits,
            workers: 2,
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

fn routes() -> impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static {
    let cache = Arc::new(PageCache::default());
    move |config| {
        config
            .app_data(web::Data::from(Arc::clone(&cache)))
            .route("/", web::get().to(front_page))
            .route("/slow", web::get().to(slow))
            .service(web::resource("/echo").route(web::post().to(echo)))
            .default_service(web::to(respond::nothing_here));
    }
}

async fn front_page(request: HttpRequest, cache: web::Data<PageCache>) -> HttpResponse {
    let path_and_query = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    let key = PageKey {
        generation: 1,
        variant: 0,
        path_and_query,
    };
    let page = cache
        .get_or_render(key, async || {
            Ok::<_, String>(Page::html(vec![b'x'; FRONT_PAGE_BYTES]))
        })
        .await
        .unwrap();
    respond::page(&request, &page).await
}

async fn slow() -> &'static str {
    tokio::time::sleep(Duration::from_millis(700)).await;
    "slow but sure"
}

async fn echo(body: Bytes) -> HttpResponse {
    HttpResponse::Ok().body(body)
}
