//! The steps together: what a handler's answer looks like once it has passed the front.

use std::io::Write;
use std::sync::Mutex;

use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, HttpResponse, web};

use super::*;
use crate::app;
use crate::web::error::Error;

fn options() -> Options {
    Options {
        access_log: true,
        ..Options::default()
    }
}

async fn fails() -> Result<HttpResponse, Error> {
    Err(app::Error::Internal("the secret table is missing".into()).into())
}

async fn signs_out_and_forbids() -> HttpResponse {
    HttpResponse::Forbidden()
        .insert_header(("set-cookie", "session=; max-age=0"))
        .finish()
}

async fn answer(options: Options, path: &str) -> (ServiceResponse, String) {
    let limits = Arc::new(options.limits.clone());
    let app = App::new()
        .route("/", web::get().to(|| async { "hello" }))
        .route("/fails", web::get().to(fails))
        .route("/forbidden", web::get().to(signs_out_and_forbids))
        .wrap(Front::new(&options, limits, Draining::default()));
    let app = init_service(app).await;
    let request = TestRequest::with_uri(path)
        .insert_header(("host", "blog.test"))
        .peer_addr(([192, 0, 2, 7], 4711).into());
    let response = call_service(&app, request.to_request()).await;
    let (request, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let empty = ServiceResponse::new(request, response.map_into_boxed_body());
    let text = String::from_utf8(actix_web::body::to_bytes(body).await.unwrap().to_vec());
    (empty, text.unwrap())
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Runs the request with a log of its own and returns what was logged.
fn logged(path: &str) -> (u16, Vec<serde_json::Value>) {
    let lines = Lines::default();
    let sink = lines.clone();
    let subscriber = crate::telemetry::logs::json_to(move || sink.clone());
    let status = tracing::subscriber::with_default(subscriber, || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async { answer(options(), path).await.0.status().as_u16() })
    });
    let bytes = lines.0.lock().unwrap().clone();
    let text = String::from_utf8(bytes).unwrap();
    let events = text.lines().map(|line| serde_json::from_str(line).unwrap());
    (status, events.collect())
}

#[test]
fn every_request_leaves_one_line_when_asked() {
    let (status, lines) = logged("/?secret=1");
    assert_eq!(status, 200);
    assert_eq!(lines.len(), 1, "{lines:?}");
    let line = &lines[0];
    for (field, value) in [
        ("method", "GET"),
        ("path", "/"),
        ("address", "192.0.2.7"),
        ("target", "access"),
    ] {
        assert_eq!(line[field], value, "{line}");
    }
    assert_eq!((&line["status"], &line["bytes"]), (&200.into(), &5.into()));
    assert!(
        line["micros"].is_u64() && line["request_id"].as_str().unwrap().len() == 16,
        "{line}"
    );
}

#[test]
fn a_cause_is_logged_once_and_with_its_request() {
    let (status, lines) = logged("/fails");
    assert_eq!(status, 500);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!(lines[0]["level"], "ERROR");
    assert_eq!(lines[0]["causes"], "the secret table is missing");
    assert_eq!(lines[0]["request_id"], lines[1]["request_id"]);
}

#[tokio::test]
async fn a_silent_refusal_becomes_a_page_and_keeps_its_cookies() {
    let (response, body) = answer(options(), "/forbidden").await;
    assert_eq!(response.status(), 403);
    assert!(body.contains("<h1>Forbidden</h1>"), "{body}");
    assert_eq!(
        response.headers().get("set-cookie").unwrap(),
        "session=; max-age=0"
    );
}

#[tokio::test]
async fn the_site_dresses_its_errors_itself() {
    let dressed = Options {
        error_page: Some(Arc::new(|_, problem| {
            Some(format!("<p>{}</p>", problem.code))
        })),
        ..options()
    };
    assert_eq!(answer(dressed, "/nowhere").await.1, "<p>not-found</p>");
}

#[tokio::test]
async fn requests_are_screened_before_anything_else() {
    let app = App::new()
        .default_service(web::to(|| async { HttpResponse::Ok().finish() }))
        .wrap(Front::new(&options(), Arc::default(), Draining::default()));
    let app = init_service(app).await;
    let request = TestRequest::default().to_request();
    let response = call_service(&app, request).await;
    assert_eq!(response.status(), 400);
    let body = read_body(response).await;
    assert!(String::from_utf8_lossy(&body).contains("exactly one Host header"));
}
