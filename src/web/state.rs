//! What every handler works with, and the two ways to work: on a blocking thread, and through the
//! page cache.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse};
use tokio::sync::Semaphore;

use crate::app::{self, App};
use crate::cache::{Page, PageCache, PageKey};
use crate::domain::network::Network;
use crate::domain::settings::Settings;
use crate::domain::web_origin::Origins;
use crate::tls::Overview;

use super::Themes;
use super::api::Quota;
use super::at_hand::AtHand;
use super::attempts::Attempts;
use super::error::Error;
use super::front::{self, Edition, Source};
use super::grants::known::Known;
use super::health::{Access, Health};
use super::missing::Missing;
use super::respond;
use super::updates::Updates;
use super::waiting::Waiting;

/// Requests that may work on the database at the same moment.
const MAX_WORKING: usize = 32;
/// How long a request waits for its turn before it is told to come again.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(10);

/// What the owner says about programs.
#[derive(Debug, Clone)]
pub struct ApiOptions {
    /// Whether what readers may read can be read without a token.
    pub public: bool,
    /// Whose pages may use it from a browser.
    pub origins: Origins,
    /// Per token; 0 is no limit.
    pub requests_per_minute: u32,
    /// Per address; 0 is no limit.
    pub anonymous_requests_per_minute: u32,
}

#[derive(Debug)]
pub struct SiteOptions {
    pub app: App,
    pub cache: Arc<PageCache>,
    pub themes: Themes,
    pub health: Arc<Health>,
    pub metrics_access: Option<Access>,
    /// The public address, without a slash at its end.
    pub base_url: String,
    /// Reverse proxies that are believed about where a request comes from.
    pub trusted_proxies: Vec<Network>,
    /// How long caches between readers and the site may keep a page without asking.
    pub shared_seconds: u32,
    /// The largest picture that is taken from a browser.
    pub picture_bytes: u64,
    pub api: ApiOptions,
    /// Versions of the program, for those who may change them.
    pub updates: Arc<dyn Updates>,
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// How it stands with the certificates this server shows.
    pub certificates: Overview,
    /// Pages are made anew for each request, so that a changed template shows at once.
    pub dev: bool,
}

/// The site as handlers see it; clones share it.
#[derive(Debug, Clone)]
pub struct Site {
    options: Arc<SiteOptions>,
    turns: Arc<Semaphore>,
    at_hand: Arc<AtHand>,
    /// Who tried to sign in how often.
    pub(super) attempts: Arc<Attempts>,
    /// What readers asked for in vain.
    pub(super) missing: Arc<Missing>,
    /// Who is half way in.
    pub(super) waiting: Arc<Waiting>,
    /// Programs that want in.
    pub(super) known: Arc<Known>,
    /// How much programs may still ask.
    pub(super) quota: Arc<Quota>,
}

impl std::ops::Deref for Site {
    type Target = SiteOptions;

    fn deref(&self) -> &Self::Target {
        &self.options
    }
}

impl Site {
    pub fn new(options: SiteOptions) -> Self {
        let api = &options.api;
        let quota = Quota::new(api.requests_per_minute, api.anonymous_requests_per_minute);
        Self {
            quota: Arc::new(quota),
            at_hand: Arc::new(AtHand::new(&options.app)),
            options: Arc::new(options),
            turns: Arc::new(Semaphore::new(MAX_WORKING)),
            attempts: Arc::default(),
            missing: Arc::default(),
            waiting: Arc::default(),
            known: Arc::default(),
        }
    }

    /// The settings, perhaps a moment old, for what must not wait for the database.
    pub(super) fn settings_at_hand(&self) -> Arc<Settings> {
        self.at_hand.settings(&self.app)
    }

    /// Does work that waits for the database or takes its time, away from the threads that serve.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, app::Error> + Send + 'static,
    ) -> Result<T, app::Error> {
        let busy = || app::Error::Unavailable("The site is busy; try again in a moment".to_owned());
        let turn = tokio::time::timeout(QUEUE_TIMEOUT, self.turns.clone().acquire_owned());
        let turn = turn.await.map_err(|_| busy())?.map_err(|_| busy())?;
        let site = self.clone();
        let request = crate::telemetry::request::current();
        tokio::task::spawn_blocking(move || {
            let _entered = request.map(crate::telemetry::request::enter);
            let outcome = work(&site);
            drop(turn);
            outcome
        })
        .await
        .map_err(app::Error::internal)?
    }

    /// What caches are told of a page that changes. Browsers ask each time; the answer is mostly "you
    /// have it".
    pub(super) fn fresh(&self) -> String {
        match self.shared_seconds {
            0 => "public, max-age=0, must-revalidate".to_owned(),
            seconds => format!("public, max-age=0, s-maxage={seconds}, must-revalidate"),
        }
    }

    /// Looks behind the scenes whether the owner has changed a file of the theme: whoever asks next
    /// has the new page.
    fn look_for_changes(&self) {
        if self.themes.wants_look() {
            let themes = self.themes.clone();
            tokio::task::spawn_blocking(move || themes.look_again());
        }
    }

    /// Answers with the page kept for `path`, or makes it first. Only for what every reader may see.
    /// `path` names the page exactly: what the client adds to it has no part in the key. Strangers who ask
    /// again may be answered without any handler, so the answer must go out as it is.
    pub(super) async fn cached(
        &self,
        request: &HttpRequest,
        path: &str,
        make: impl FnOnce(&Self) -> Result<Page, app::Error> + Send + 'static,
    ) -> Result<HttpResponse, Error> {
        if self.dev {
            let page = Arc::new(self.work(make).await?);
            return Ok(respond::page(request, &page).await);
        }
        // Before the page is made: it may then be newer than its edition, never older.
        let edition = self.newest();
        let key = PageKey {
            generation: edition.generation,
            variant: edition.variant,
            path_and_query: path,
        };
        let page = self.cache.get_or_render(key, || self.work(make)).await?;
        front::keep(request, edition, &page);
        Ok(respond::page(request, &page).await)
    }
}

impl Source for Site {
    fn newest(&self) -> Edition {
        self.look_for_changes();
        Edition {
            generation: self.app.db.generation(),
            variant: self.themes.state(),
        }
    }

    /// Half of what the page cache may hold. Nearly all of it is in the cache too and not held twice.
    fn room_bytes(&self) -> usize {
        usize::try_from(self.cache.capacity_bytes() / 2).unwrap_or(usize::MAX)
    }

    fn page_found(&self) {
        self.cache.count_hit();
    }
}
