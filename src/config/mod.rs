//! Configuration: file, environment and flags become one [`Config`], or every mistake at once.
//!
//! One table of options ([`options`]) drives parsing, `config show`, `config check` and
//! `docs/configuration.md`, so none of them can disagree. Must not know what the values are used
//! for, nor open anything but the configuration file and files that hold secrets.

mod load;
mod mistake;
mod options;
mod report;
mod rules;
mod sources;
mod values;

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::domain::host::Host;
use crate::domain::network::Network;
use crate::domain::web_origin::Origins;

pub use load::Origin;
pub use mistake::{Mistake, Place, list};
pub use report::{check_report, example, reference, show};
pub use sources::{FileSource, Flag, Sources};
pub use values::{BaseUrl, Database, LogFormat, LogLevel, Secret, UpdateMode, Window};

const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";
const LETS_ENCRYPT_STAGING: &str = "https://acme-staging-v02.api.letsencrypt.org/directory";

/// What the program runs with. Each field is one row of the table of options.
#[derive(Debug, Clone)]
pub struct Config {
    pub data_dir: PathBuf,
    pub listen: Vec<SocketAddr>,
    pub database: Database,
    pub database_readers: u16,
    pub trusted_proxies: Vec<Network>,
    /// 0 stands for one worker per processor.
    pub workers: u16,
    pub site: SiteConfig,
    pub tls: TlsConfig,
    pub cache: CacheConfig,
    pub limits: LimitsConfig,
    pub media: MediaConfig,
    pub api: ApiConfig,
    pub launcher: LauncherConfig,
    pub update: UpdateConfig,
    pub log: LogConfig,
    pub metrics: MetricsConfig,
    pub audit: AuditConfig,
    pub oplog: OplogConfig,
    pub outbound: OutboundConfig,
}

#[derive(Debug, Clone)]
pub struct SiteConfig {
    /// `None` is derived from the first listening address: see [`Config::base_url`].
    pub url: Option<BaseUrl>,
}

#[derive(Debug, Clone)]
pub struct TlsConfig {
    /// The first is the one the site is known by.
    pub domains: Vec<Host>,
    pub certificate: Option<PathBuf>,
    pub key: Option<PathBuf>,
    /// Where visitors in clear are sent on; empty stands for port 80 where `listen` was not set either.
    pub redirect_listen: Vec<SocketAddr>,
    pub hsts_seconds: u32,
    pub contact: Option<String>,
    pub issuers: Vec<String>,
    pub staging: Option<String>,
    pub issuer_root: Option<PathBuf>,
    pub external_account: Option<Secret>,
    pub profile: Option<String>,
    pub preferred_chain: Option<String>,
    pub retry_seconds: u32,
    pub hook: Option<PathBuf>,
}

impl TlsConfig {
    /// Visitors come encrypted to us, not to a proxy in front.
    pub fn is_on(&self) -> bool {
        !self.domains.is_empty() || self.certificate.is_some()
    }
}

#[derive(Debug, Clone)]
pub struct CacheConfig {
    pub size_mb: u32,
    pub shared_seconds: u32,
}

#[derive(Debug, Clone)]
pub struct LimitsConfig {
    pub body_mb: u32,
    pub connections: u32,
    pub connections_per_address: u32,
    pub header_seconds: u32,
    pub body_seconds: u32,
    pub keep_alive_seconds: u32,
    pub drain_seconds: u32,
}

#[derive(Debug, Clone)]
pub struct MediaConfig {
    pub upload_mib: u32,
}

#[derive(Debug, Clone)]
pub struct ApiConfig {
    pub public: bool,
    pub origins: Origins,
    pub requests_per_minute: u32,
    pub anonymous_requests_per_minute: u32,
}

#[derive(Debug, Clone)]
pub struct LauncherConfig {
    pub ready_seconds: u32,
}

#[derive(Debug, Clone)]
pub struct UpdateConfig {
    pub mode: UpdateMode,
    /// `None`: at any hour.
    pub window: Option<Window>,
    pub poll_seconds: u32,
    pub url: Option<String>,
    pub channel: Option<String>,
    pub root: Option<PathBuf>,
    pub hook: Option<PathBuf>,
    pub trial_seconds: u32,
}

#[derive(Debug, Clone)]
pub struct LogConfig {
    pub format: LogFormat,
    pub level: LogLevel,
    pub access: bool,
}

#[derive(Debug, Clone)]
pub struct MetricsConfig {
    pub listen: Option<SocketAddr>,
    pub token: Option<Secret>,
}

#[derive(Debug, Clone)]
pub struct AuditConfig {
    pub keep_days: u32,
}

#[derive(Debug, Clone)]
pub struct OplogConfig {
    pub keep_hours: u32,
    pub keep_mb: u32,
}

#[derive(Debug, Clone)]
pub struct OutboundConfig {
    /// Whether what everybody can reach may be asked.
    pub public: bool,
    /// Networks of one's own that addresses people give may lead to.
    pub allow: Vec<Network>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("data"),
            listen: vec![SocketAddr::from(([127, 0, 0, 1], 8080))],
            database: Database::InDataDir,
            database_readers: 4,
            trusted_proxies: Vec::new(),
            workers: 0,
            site: SiteConfig { url: None },
            tls: TlsConfig {
                domains: Vec::new(),
                certificate: None,
                key: None,
                redirect_listen: Vec::new(),
                hsts_seconds: 31_536_000,
                contact: None,
                issuers: vec![LETS_ENCRYPT.to_owned()],
                staging: Some(LETS_ENCRYPT_STAGING.to_owned()),
                issuer_root: None,
                external_account: None,
                profile: None,
                preferred_chain: None,
                retry_seconds: 60,
                hook: None,
            },
            cache: CacheConfig {
                size_mb: 12,
                shared_seconds: 0,
            },
            limits: LimitsConfig {
                body_mb: 16,
                connections: 4096,
                connections_per_address: 128,
                header_seconds: 10,
                body_seconds: 60,
                keep_alive_seconds: 30,
                drain_seconds: 20,
            },
            media: MediaConfig { upload_mib: 64 },
            api: ApiConfig {
                public: true,
                origins: Origins::default(),
                requests_per_minute: 1_200,
                anonymous_requests_per_minute: 300,
            },
            launcher: LauncherConfig { ready_seconds: 60 },
            update: UpdateConfig {
                mode: UpdateMode::Notify,
                window: None,
                poll_seconds: 6 * 3600,
                url: None,
                channel: Some("stable".to_owned()),
                root: None,
                hook: None,
                trial_seconds: 300,
            },
            log: LogConfig {
                format: LogFormat::Auto,
                level: LogLevel::Info,
                access: false,
            },
            metrics: MetricsConfig {
                listen: None,
                token: None,
            },
            audit: AuditConfig { keep_days: 365 },
            oplog: OplogConfig {
                keep_hours: 72,
                keep_mb: 256,
            },
            outbound: OutboundConfig {
                public: true,
                allow: Vec::new(),
            },
        }
    }
}

impl Config {
    /// Reads every source and reports every mistake, not only the first.
    pub fn load(sources: &Sources) -> Result<Self, Vec<Mistake>> {
        load::load(sources).map(|loaded| loaded.config)
    }

    /// The public address of the site, without a slash at its end.
    pub fn base_url(&self) -> BaseUrl {
        match (&self.site.url, self.listen.first()) {
            (Some(url), _) => url.clone(),
            (None, Some(address)) if self.tls.is_on() => {
                BaseUrl::encrypted(self.tls.domains.first(), *address)
            }
            (None, Some(address)) => BaseUrl::of_listener(*address),
            (None, None) => BaseUrl::of_listener(SocketAddr::from(([127, 0, 0, 1], 8080))),
        }
    }
}

#[cfg(test)]
mod tests;
