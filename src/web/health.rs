//! Is it alive, is it ready, how is it doing: `/livez`, `/readyz`, `/metrics`. For the people who run
//! the site, so either on a listener of their own or behind a token, never open on the public site.

use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::guard::GuardContext;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use metrics::{counter, gauge};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::respond;
use crate::cache::PageCache;
use crate::telemetry::catalogue;
use crate::telemetry::metrics::Metrics;

/// A check that takes longer counts as failed: whoever asks has a timeout too.
const CHECK_SECONDS: u64 = 2;

type Verdict = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// How much `/readyz` says. Reasons name files and servers, which is not for strangers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Detail {
    Outcome,
    Reasons,
}

/// Something that must work for the site to be ready.
#[derive(Clone)]
pub struct Check {
    name: &'static str,
    run: Arc<dyn Fn() -> Verdict + Send + Sync>,
}

impl Check {
    pub fn new<F, V>(name: &'static str, run: F) -> Self
    where
        F: Fn() -> V + Send + Sync + 'static,
        V: Future<Output = Result<(), String>> + Send + 'static,
    {
        Self {
            name,
            run: Arc::new(move || Box::pin(run())),
        }
    }

    /// A check that only looks at something already known, such as "is the server draining?".
    pub fn instant(
        name: &'static str,
        run: impl Fn() -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Self::new(name, move || ready(run()))
    }
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Check").field(&self.name).finish()
    }
}

/// Who may ask.
#[derive(Debug, Clone)]
pub enum Access {
    /// Everybody who reaches the listener: it must not be reachable from outside.
    Open,
    /// Who brings `Authorization: Bearer <token>`; to others there is nothing here.
    Bearer(Token),
}

/// A secret, kept as its hash: equal lengths to compare, and nothing to print by accident.
#[derive(Clone)]
pub struct Token([u8; 32]);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    pub fn new(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// Takes the same time whatever is given.
    fn matches(&self, given: &[u8]) -> bool {
        let given = Sha256::digest(given);
        let difference = self
            .0
            .iter()
            .zip(given.iter())
            .fold(0, |all, (a, b)| all | (a ^ b));
        difference == 0
    }
}

impl Access {
    fn allows(&self, context: &GuardContext<'_>) -> bool {
        let Self::Bearer(token) = self else {
            return true;
        };
        let given = context.head().headers().get(AUTHORIZATION);
        let given = given.and_then(|value| value.as_bytes().split_at_checked(7));
        given.is_some_and(|(scheme, secret)| {
            scheme.eq_ignore_ascii_case(b"bearer ") && token.matches(secret.trim_ascii())
        })
    }
}

/// What a check said.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Outcome {
    pub(super) name: &'static str,
    pub(super) ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) problem: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub struct Health {
    pub checks: Vec<Check>,
    pub metrics: Option<Metrics>,
}

/// Adds the page cache's figures to the metrics.
pub fn measure_cache(metrics: &Metrics, cache: Arc<PageCache>) {
    let hits = counter!(catalogue::CACHE_HITS);
    let misses = counter!(catalogue::CACHE_MISSES);
    let bytes = gauge!(catalogue::CACHE_BYTES);
    let entries = gauge!(catalogue::CACHE_ENTRIES);
    metrics.on_read(move || {
        let stats = cache.stats();
        hits.absolute(stats.hits);
        misses.absolute(stats.misses);
        bytes.set(as_float(stats.bytes));
        entries.set(as_float(stats.entries));
    });
}

/// Gauges are floats, which are exact up to 2^53: more than any machine's memory.
#[expect(
    clippy::cast_precision_loss,
    reason = "no cache holds 2^53 of anything"
)]
fn as_float(count: u64) -> f64 {
    count as f64
}

impl Health {
    /// Alive and ready: they tell a stranger nothing, so load balancers need no secret for them.
    pub fn public_routes(self: &Arc<Self>, config: &mut web::ServiceConfig) {
        self.state_routes(Detail::Outcome, config);
    }

    fn state_routes(self: &Arc<Self>, detail: Detail, config: &mut web::ServiceConfig) {
        let health = Arc::clone(self);
        let ready = move || {
            let health = Arc::clone(&health);
            async move { health.readiness(detail).await }
        };
        config
            .route("/livez", web::get().to(|| ready_now(text("alive\n"))))
            .route("/readyz", web::get().to(ready));
    }

    /// The figures, for those whom `access` lets in; to others there is nothing here.
    pub fn metrics_route(&self, access: &Access, config: &mut web::ServiceConfig) {
        let metrics = self.metrics.clone();
        let access = access.clone();
        let allowed = actix_web::guard::fn_guard(move |context| access.allows(context));
        let page = move || ready_now(metrics_page(metrics.as_ref()));
        config.service(
            web::resource("/metrics")
                .guard(allowed)
                .route(web::get().to(page)),
        );
    }

    /// The routes of a listener that has nothing else.
    pub fn only(self: Arc<Self>) -> impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static {
        move |config| {
            self.state_routes(Detail::Reasons, config);
            self.metrics_route(&Access::Open, config);
            config.default_service(web::to(respond::nothing_here));
        }
    }

    /// What each check says, with its reasons.
    pub(super) async fn examine(&self) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(self.checks.len());
        for check in &self.checks {
            let limit = Duration::from_secs(CHECK_SECONDS);
            let verdict = tokio::time::timeout(limit, (check.run)()).await;
            let problem = verdict
                .unwrap_or_else(|_| Err(format!("no answer within {CHECK_SECONDS} seconds")))
                .err();
            if let Some(reason) = &problem {
                tracing::warn!(check = check.name, %reason, "not ready");
            }
            outcomes.push(Outcome {
                name: check.name,
                ok: problem.is_none(),
                problem,
            });
        }
        outcomes
    }

    async fn readiness(&self, detail: Detail) -> HttpResponse {
        let mut outcomes = self.examine().await;
        if detail == Detail::Outcome {
            for outcome in &mut outcomes {
                outcome.problem = None;
            }
        }
        let ready = outcomes.iter().all(|outcome| outcome.ok);
        let mut answer = if ready {
            HttpResponse::Ok()
        } else {
            HttpResponse::ServiceUnavailable()
        };
        answer
            .insert_header((CACHE_CONTROL, "no-store"))
            .json(serde_json::json!({ "ready": ready, "checks": outcomes }))
    }
}

fn ready_now(response: HttpResponse) -> impl Future<Output = HttpResponse> {
    ready(response)
}

fn metrics_page(metrics: Option<&Metrics>) -> HttpResponse {
    match metrics {
        Some(metrics) => text(metrics.render()),
        None => HttpResponse::NotFound().finish(),
    }
}

fn text(body: impl Into<String>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(body.into())
}

#[cfg(test)]
mod tests {
    use actix_web::App;
    use actix_web::test::{TestRequest, call_service, init_service, read_body};

    use super::*;

    async fn ask(
        routes: impl FnOnce(&mut web::ServiceConfig),
        path: &str,
        authorization: &str,
    ) -> (u16, String) {
        let app = init_service(App::new().configure(routes)).await;
        let request = TestRequest::with_uri(path).insert_header((AUTHORIZATION, authorization));
        let response = call_service(&app, request.to_request()).await;
        let status = response.status().as_u16();
        let body = read_body(response).await;
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    fn health(checks: Vec<Check>) -> Arc<Health> {
        Arc::new(Health {
            checks,
            metrics: None,
        })
    }

    #[tokio::test]
    async fn it_is_ready_when_every_check_passes() {
        let good = Check::new("database", || async { Ok(()) });
        let bad = Check::instant("draining", || Err("the server is stopping".to_owned()));
        let all_good = health(vec![good.clone()]);
        let answer = ask(|config| all_good.public_routes(config), "/readyz", "").await;
        let expected = r#"{"checks":[{"name":"database","ok":true}],"ready":true}"#;
        assert_eq!((answer.0, answer.1.as_str()), (200, expected));

        let one_bad = health(vec![good, bad]);
        let (status, body) = ask(|config| one_bad.public_routes(config), "/readyz", "").await;
        assert_eq!(status, 503);
        assert!(
            !body.contains("stopping"),
            "strangers hear no reasons: {body}"
        );
        let (status, body) = ask(one_bad.only(), "/readyz", "").await;
        assert_eq!(status, 503);
        assert!(body.contains("the server is stopping"), "{body}");
    }

    #[tokio::test]
    async fn only_the_token_opens() {
        let routes = |config: &mut web::ServiceConfig| {
            let access = Access::Bearer(Token::new("s3cret"));
            let guard = actix_web::guard::fn_guard(move |context| access.allows(context));
            let page = web::get().to(|| ready_now(text("figures")));
            config.service(web::resource("/metrics").guard(guard).route(page));
        };
        for wrong in [
            "",
            "Bearer",
            "Bearer wrong",
            "Basic s3cret",
            "Bearer s3cret2",
        ] {
            assert_eq!(ask(routes, "/metrics", wrong).await.0, 404, "{wrong}");
        }
        assert_eq!(ask(routes, "/metrics", "bearer s3cret").await.0, 200);
    }
}
