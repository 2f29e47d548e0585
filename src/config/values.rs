//! Types of values that only configuration has.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use crate::domain::host::Host;

/// Never printed: not by `config show`, not in a debug log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(hidden)")
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// The embedded one, in a file of the data directory.
    InDataDir,
    Sqlite(PathBuf),
    /// The whole `postgres://` URL: it may hold a password.
    Postgres(Secret),
}

/// The public address of the site: scheme, host and perhaps a path, no slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = url::Url::parse(text)
            .map_err(|_| format!("“{text}” is not a complete URL, with its https:// and a host"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("“{text}” starts with neither https:// nor http://"));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(format!("“{text}” has no host name"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(format!("“{text}” has a part after “?” or “#”"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("the URL holds a user name or a password, which readers would see".into());
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }

    /// What a browser on this machine can open to reach a listener.
    pub fn of_listener(address: SocketAddr) -> Self {
        let host = match address.ip() {
            ip if ip.is_unspecified() => "localhost".to_owned(),
            IpAddr::V4(Ipv4Addr::LOCALHOST) | IpAddr::V6(Ipv6Addr::LOCALHOST) => {
                "localhost".to_owned()
            }
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        match address.port() {
            80 => Self(format!("http://{host}")),
            port => Self(format!("http://{host}:{port}")),
        }
    }

    /// Of a site that encrypts by itself.
    pub fn encrypted(host: Option<&Host>, address: SocketAddr) -> Self {
        let host = host.map_or_else(|| "localhost".to_owned(), Host::in_url);
        match address.port() {
            443 => Self(format!("https://{host}")),
            port => Self(format!("https://{host}:{port}")),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// An enumeration whose members have one written name each.
pub(super) trait Named: Copy + PartialEq + 'static {
    const MEMBERS: &'static [(&'static str, Self)];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON otherwise.
    Auto,
    Text,
    Json,
}

impl Named for LogFormat {
    const MEMBERS: &'static [(&'static str, Self)] = &[
        ("auto", Self::Auto),
        ("text", Self::Text),
        ("json", Self::Json),
    ];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateMode {
    /// Nobody looks.
    Off,
    /// The owner is told.
    Notify,
    /// Newer versions are taken by themselves.
    Auto,
}

impl Named for UpdateMode {
    const MEMBERS: &'static [(&'static str, Self)] = &[
        ("off", Self::Off),
        ("notify", Self::Notify),
        ("auto", Self::Auto),
    ];
}

/// Hours of the day (UTC), perhaps over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub(super) from_minute: u16,
    pub(super) to_minute: u16,
}

impl Window {
    pub fn contains(self, minute: u16) -> bool {
        if self.from_minute <= self.to_minute {
            (self.from_minute..self.to_minute).contains(&minute)
        } else {
            minute >= self.from_minute || minute < self.to_minute
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl LogLevel {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

impl std::fmt::Display for LogLevel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Named for LogLevel {
    const MEMBERS: &'static [(&'static str, Self)] = &[
        ("error", Self::Error),
        ("warn", Self::Warn),
        ("info", Self::Info),
        ("debug", Self::Debug),
        ("trace", Self::Trace),
    ];
}
