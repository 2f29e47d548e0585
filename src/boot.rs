//! The composition root: from a `Config` to a running site. Nothing else knows every part.

mod checkup;
mod deliveries;
pub mod doctor;
mod encryption;
#[cfg(feature = "faults")]
pub mod fault;
mod probe;
pub mod updating;
mod upkeep;

use std::fs::DirBuilder;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::{Notify, oneshot};

use crate::app::{App, secrets};
use crate::blobs::Blobs;
use crate::cache::PageCache;
use crate::config::{self, Config, Database};
use crate::db::{self, Db, FeedWatch, StoreError};
use crate::domain::appearance::ThemeName;
use crate::domain::clock::SystemClock;
use crate::jobs::{Jobs, Retention};
use crate::launcher::{self, Sockets};
use crate::outbound::Outbound;
use crate::pictures::Painter;
use crate::render;
use crate::search::{Index, SearchError};
use crate::telemetry::logs::{self, LogError, LogFormat};
use crate::telemetry::metrics::{Metrics, MetricsError};
use crate::telemetry::process;
use crate::tls::{Keeper, KeeperError};
use crate::web::health::{Access, Check, Health, Token};
use crate::web::limits::Limits;
use crate::web::server::{self, Insistence, Options, Server};
use crate::web::themes::{Fault, Finding};
use crate::web::{self, ApiOptions, Site, SiteOptions, Themes};

pub use crate::db::SCHEMA_VERSION;
pub use crate::pictures::worker::run as work_on_picture;
pub use checkup::check_site;
pub use encryption::certificates;
pub use probe::{ProbeError, ask_encrypted, ask_plainly};
use upkeep::Upkeep;

const DATABASE_FILE: &str = "inkstand.db";
const THEMES_FOLDER: &str = "themes";
const SEARCH_FOLDER: &str = "search";
const MEDIA_FOLDER: &str = "media";
/// Fonts of the owner's for the pictures the server draws.
const FONTS_FOLDER: &str = "fonts";
/// A form that strangers may send holds little.
const SIGN_IN_BYTES: u64 = 64 * 1024;
const MIB: u64 = 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum BootError {
    #[error("the data directory {} cannot be used: {source}; make it, or give it to the user that runs Inkstand", .path.display())]
    DataDir { path: PathBuf, source: io::Error },
    #[error("the database cannot be opened: {0}")]
    Database(#[from] StoreError),
    #[error("the search index cannot be opened: {0}")]
    Search(#[from] SearchError),
    #[error("{address} cannot be listened on: {source}; is something else using it?")]
    Listen {
        address: SocketAddr,
        source: io::Error,
    },
    #[error("{0}")]
    Logs(#[from] LogError),
    #[error("{0}")]
    Metrics(#[from] MetricsError),
    #[error("the theme cannot be used: {0}")]
    Theme(#[from] Fault),
    #[error("the site cannot be served encrypted: {0}")]
    Encryption(#[from] KeeperError),
    #[error("there is a theme “{0}” already; choose another name")]
    ThemeExists(ThemeName),
    #[error("the sample content cannot be read: {0}")]
    Sample(#[from] serde_json::Error),
    #[error("the new version has a fault: {0}")]
    Trial(#[source] ProbeError),
    #[error("the server failed: {0}")]
    Serve(#[source] io::Error),
}

/// Starts the log as the configuration asks for it. To be called once, before anything else.
pub fn start_telemetry(config: &Config, log_plans: bool) -> Result<(), BootError> {
    process::mark_start();
    let format = match config.log.format {
        config::LogFormat::Auto => LogFormat::Auto,
        config::LogFormat::Text => LogFormat::Text,
        config::LogFormat::Json => LogFormat::Json,
    };
    let mut filter = config.log.level.as_str().to_owned();
    if config.log.access {
        filter.push_str(",access=info");
    }
    if log_plans {
        filter.push_str(",inkstand::plans=debug");
    }
    Ok(logs::init(&filter, format)?)
}

/// Opens the store and the index: what commands without a server need.
pub fn open_app(config: &Config, log_plans: bool) -> Result<App, BootError> {
    #[cfg(feature = "faults")]
    fault::in_migration()?;
    make_data_dir(config)?;
    let directory = &config.data_dir;
    let location = match &config.database {
        Database::InDataDir => db::Location::File(directory.join(DATABASE_FILE)),
        Database::Sqlite(path) => db::Location::File(path.clone()),
        Database::Postgres(url) => db::Location::Postgres(url.expose().to_owned()),
    };
    let options = db::Options {
        location,
        readers: usize::from(config.database_readers),
        log_plans,
    };
    let db = Db::open(&options, Arc::new(SystemClock))?;
    let index = Index::open(&directory.join(SEARCH_FOLDER))?;
    let blobs = Blobs::open(&directory.join(MEDIA_FOLDER)).map_err(unusable(config))?;
    let painter = Painter::new(vec![directory.join(FONTS_FOLDER)]);
    let outbound = Outbound::new(config.outbound.public, config.outbound.allow.clone());
    Ok(App::new(db, index, blobs, painter).with_outbound(outbound))
}

/// What is made here, nobody else on the machine may look into.
pub fn make_data_dir(config: &Config) -> Result<(), BootError> {
    let made = DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&config.data_dir);
    made.map_err(unusable(config))
}

fn unusable(config: &Config) -> impl Fn(io::Error) -> BootError {
    let path = config.data_dir.clone();
    move |source| BootError::DataDir {
        path: path.clone(),
        source,
    }
}

/// Where the embedded database of a data directory is.
fn database_in(data_dir: &Path) -> PathBuf {
    data_dir.join(DATABASE_FILE)
}

/// How large it is, with its log.
fn database_bytes(config: &Config) -> u64 {
    let database = database_in(&config.data_dir);
    let log = database.with_extension("db-wal");
    let bytes = |path: &Path| std::fs::metadata(path).map_or(0, |facts| facts.len());
    bytes(&database) + bytes(&log)
}

/// Opens the sockets of the configuration.
pub fn bind(config: &Config) -> Result<Sockets, BootError> {
    let all = |addresses: &[SocketAddr]| addresses.iter().copied().map(listen).collect();
    let redirect: Result<_, _> = all(&config.tls.redirect_listen);
    Ok(Sockets {
        site: all(&config.listen)?,
        redirect: redirect?,
        metrics: config.metrics.listen.map(listen).transpose()?,
    })
}

/// Sockets that systemd has opened for us.
pub fn inherited_sockets() -> Vec<TcpListener> {
    let mut inherited = listenfd::ListenFd::from_env();
    let sockets = (0..inherited.len()).map(|number| inherited.take_tcp_listener(number));
    sockets.filter_map(Result::ok).flatten().collect()
}

/// The themes there are; the built-in ones from `source`, a folder of assets, if it is given.
pub fn themes(config: &Config, source: Option<PathBuf>) -> Result<Themes, BootError> {
    let made = vec![
        ("content.css", render::content_css().to_owned()),
        ("code.css", render::highlight_css()),
    ];
    Ok(Themes::new(
        made,
        source,
        config.data_dir.join(THEMES_FOLDER),
    )?)
}

/// Makes the folder of an own theme that begins from a built-in one.
pub fn begin_theme(
    config: &Config,
    name: &ThemeName,
    base: &ThemeName,
) -> Result<PathBuf, BootError> {
    let themes = themes(config, None)?;
    if themes.list().iter().any(|(known, _)| known == name) {
        return Err(BootError::ThemeExists(name.clone()));
    }
    let base = themes.find(base).map_err(|fault| (*fault).clone())?;
    let own = config.data_dir.join(THEMES_FOLDER);
    web::themes::begin(&own, name, &base).map_err(|source| BootError::DataDir { path: own, source })
}

/// What is wrong with a theme.
pub fn check_theme(config: &Config, name: &ThemeName) -> Result<Vec<Finding>, BootError> {
    let theme = themes(config, None)?.find(name);
    let theme = theme.map_err(|fault| (*fault).clone())?;
    Ok(web::themes::check(&theme)?)
}

/// What `serve --dev` changes.
#[derive(Debug, Clone, Default)]
pub struct Dev {
    /// The folder with themes and admin pages, read again for each page.
    pub assets: Option<PathBuf>,
}

/// A site that is ready to serve: its sockets are bound, its store is open.
#[derive(Debug)]
pub struct Appliance {
    config: Config,
    app: App,
    site: Site,
    metrics: Metrics,
    sockets: Sockets,
    upkeep: Upkeep,
    /// Where visitors come encrypted.
    keeper: Option<Keeper>,
    watch: FeedWatch,
}

/// A site whose workers wait for connections.
#[derive(Debug)]
pub struct OpenAppliance {
    appliance: Appliance,
    server: Server,
}

impl Appliance {
    pub fn build(
        mut config: Config,
        app: App,
        sockets: Sockets,
        dev: Option<&Dev>,
    ) -> Result<Self, BootError> {
        // The site's own address has the port the system chose where port 0 was asked for.
        config.listen = addresses(&sockets.site);
        let metrics = Metrics::install(crate::domain::VERSION)?;
        let cache = Arc::new(PageCache::new(u64::from(config.cache.size_mb) * MIB));
        web::health::measure_cache(&metrics, cache.clone());
        let health = Arc::new(Health {
            checks: checks(&app),
            metrics: Some(metrics.clone()),
        });
        let source = dev.and_then(|dev| dev.assets.clone());
        let themes = themes(&config, source)?;
        let token = config.metrics.token.as_ref();
        let upkeep = Upkeep::new(&config);
        let keeper = encryption::keeper(&config, &app)?;
        let overview = keeper.as_ref().map(Keeper::overview).unwrap_or_default();
        encryption::measure(&metrics, overview.clone());
        deliveries::measure(&metrics, &app);
        let site = Site::new(SiteOptions {
            app: app.clone(),
            cache,
            themes,
            health,
            metrics_access: token.map(|token| Access::Bearer(Token::new(token.expose()))),
            base_url: config.base_url().to_string(),
            trusted_proxies: config.trusted_proxies.clone(),
            shared_seconds: config.cache.shared_seconds,
            picture_bytes: u64::from(config.media.upload_mib) * MIB,
            api: ApiOptions {
                public: config.api.public,
                origins: config.api.origins.clone(),
                requests_per_minute: config.api.requests_per_minute,
                anonymous_requests_per_minute: config.api.anonymous_requests_per_minute,
            },
            updates: Arc::new(upkeep.clone()),
            data_dir: config.data_dir.clone(),
            certificates: overview,
            dev: dev.is_some(),
        });
        let watch = FeedWatch::start(&app.db)?;
        Ok(Self {
            config,
            app,
            site,
            metrics,
            sockets,
            upkeep,
            keeper,
            watch,
        })
    }

    pub fn scheme(&self) -> &'static str {
        match self.keeper {
            Some(_) => "https",
            None => "http",
        }
    }

    /// Where visitors in clear are sent on.
    pub fn redirect_addresses(&self) -> Vec<SocketAddr> {
        addresses(&self.sockets.redirect)
    }

    /// Where the site can be reached; with real numbers where port 0 was asked for.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        addresses(&self.sockets.site)
    }

    /// The public address, without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.site.base_url
    }

    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.sockets.metrics.as_ref()?.local_addr().ok()
    }

    /// Starts the workers; nothing is accepted yet.
    pub async fn open(self) -> Result<OpenAppliance, BootError> {
        let options = Options {
            limits: limits(&self.config),
            workers: usize::from(self.config.workers),
            access_log: self.config.log.access,
            error_page: Some(web::error_page(self.site.clone())),
            source: Some(Arc::new(self.site.clone())),
            insistence: match &self.keeper {
                Some(keeper) => Insistence::AsThe(keeper.door()),
                None if self.site.base_url.starts_with("https://") => Insistence::Always,
                None => Insistence::Never,
            },
            aliases: encryption::aliases(&self.config),
            door: self.keeper.as_ref().map(Keeper::door),
        };
        let server = Server::start(options, web::routes(self.site.clone()));
        let server = server.await.map_err(BootError::Serve)?;
        Ok(OpenAppliance {
            appliance: self,
            server,
        })
    }
}

impl OpenAppliance {
    /// Asks itself for a page, for a search and for a write, as readers and authors will.
    pub async fn probe(&self) -> Result<(), ProbeError> {
        let asked = asked(&self.appliance);
        probe::once(&self.server, &self.appliance.app, &asked).await
    }

    /// Serves until `stop` resolves, then finishes what is under way. What only one process may do is
    /// given up at once, for whoever takes over.
    pub async fn run_until(
        self,
        stop: impl Future<Output = ()>,
        is_on_trial: bool,
    ) -> Result<(), BootError> {
        let Self { appliance, server } = self;
        let retention = Retention {
            oplog_seconds: appliance.config.oplog.keep_hours.saturating_mul(3600),
            oplog_bytes: u64::from(appliance.config.oplog.keep_mb) * MIB,
            audit_days: appliance.config.audit.keep_days,
        };
        let asked = asked(&appliance);
        // In containers every process has the same number.
        let holder = secrets::new_secret().unwrap_or_else(|_| std::process::id().to_string());
        let base_url = &appliance.site.base_url;
        let jobs = Jobs::start(&appliance.app, &holder, base_url, retention);
        let tidying = tokio::spawn(appliance.metrics.clone().upkeep());
        let updates = tokio::spawn(appliance.upkeep.run());
        let clear = appliance.keeper.as_ref().map(|keeper| {
            let routes = web::clear::routes(keeper.door(), appliance.site.base_url.clone());
            let options = Options {
                limits: limits(&appliance.config),
                workers: 1,
                ..Options::default()
            };
            let (stop, stopped) = oneshot::channel::<()>();
            let stopped = async { drop(stopped.await) };
            let listeners = appliance.sockets.redirect;
            let served = server::run(listeners, options, routes, stopped);
            (stop, tokio::task::spawn_local(served))
        });
        let (stop_keeping, stopped) = oneshot::channel::<()>();
        let keeping = appliance.keeper.map(|keeper| {
            let stopped = async { drop(stopped.await) };
            tokio::spawn(keeper.run(holder.clone(), stopped))
        });
        let metrics_server = appliance.sockets.metrics.map(|listener| {
            let routes = appliance.site.health.clone().only();
            let options = Options {
                workers: 1,
                ..Options::default()
            };
            tokio::task::spawn_local(server::run(
                vec![listener],
                options,
                routes,
                std::future::pending(),
            ))
        });
        let told = Notify::new();
        let served = async {
            let stop = async {
                stop.await;
                told.notify_one();
            };
            let fault = async {
                if !is_on_trial {
                    std::future::pending::<()>().await;
                }
                probe::until_fault(&server, &appliance.app, &asked).await
            };
            let served = tokio::select! {
                served = server.serve(appliance.sockets.site, stop) => served.map_err(BootError::Serve),
                fault = fault => Err(BootError::Trial(fault)),
            };
            told.notify_one();
            server.finish().await;
            served
        };
        let jobs_end = async {
            told.notified().await;
            drop(stop_keeping);
            jobs.stop().await;
            if let Some(keeping) = keeping {
                let _ = keeping.await;
            }
        };
        let (served, ()) = tokio::join!(served, jobs_end);
        tidying.abort();
        updates.abort();
        if let Some((stop, served)) = clear {
            drop(stop);
            let _ = served.await;
        }
        if let Some(server) = metrics_server {
            server.abort();
        }
        drop(appliance.watch);
        served
    }
}

/// As whom the server asks itself.
fn asked(appliance: &Appliance) -> probe::Asked {
    let url = &*appliance.site.base_url;
    probe::Asked {
        host: url
            .split_once("://")
            .map_or(url, |(_, host)| host)
            .to_owned(),
        shown: appliance
            .keeper
            .as_ref()
            .and_then(|_| encryption::first_host(&appliance.config)),
    }
}

fn checks(app: &App) -> Vec<Check> {
    let db = app.db.clone();
    vec![Check::new("database", move || {
        let db = db.clone();
        async move {
            tokio::task::spawn_blocking(move || db.read(crate::store::changes::newest))
                .await
                .map_err(|error| error.to_string())?
                .map(drop)
                .map_err(|error| error.to_string())
        }
    })]
}

fn limits(config: &Config) -> Limits {
    let given = &config.limits;
    Limits {
        header_seconds: u64::from(given.header_seconds),
        body_seconds: u64::from(given.body_seconds),
        body_bytes: u64::from(given.body_mb) * MIB,
        body_bytes_under: [
            ("/sign-", SIGN_IN_BYTES),
            ("/setup/", SIGN_IN_BYTES),
            ("/invitation/", SIGN_IN_BYTES),
            (web::UPLOADS, web::UPLOAD_BYTES),
            (web::PROGRAM_UPLOADS, web::UPLOAD_BYTES),
            // With those of its media.
            (web::MICROPUB, web::UPLOAD_BYTES),
        ]
        .map(|(path, bytes)| (path.to_owned(), bytes))
        .into(),
        keep_alive_seconds: u64::from(given.keep_alive_seconds),
        connections: given.connections as usize,
        connections_per_address: given.connections_per_address as usize,
        drain_seconds: u64::from(given.drain_seconds),
        trusted_proxies: config.trusted_proxies.clone(),
        ..Limits::default()
    }
}

fn addresses(listeners: &[TcpListener]) -> Vec<SocketAddr> {
    let bound = listeners.iter().map(TcpListener::local_addr);
    bound.filter_map(Result::ok).collect()
}

fn listen(address: SocketAddr) -> Result<TcpListener, BootError> {
    launcher::bind(address).map_err(|source| BootError::Listen { address, source })
}
