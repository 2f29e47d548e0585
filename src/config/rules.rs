//! Rules: how a kind of value is read from what somebody wrote, written back, and described.
//!
//! A refusal says what is wrong with the value; what to write instead is the rule's description
//! and example, added by the caller.

mod origins;

use std::net::SocketAddr;
use std::path::PathBuf;

use super::values::{BaseUrl, Database, Named, Secret, Window};
use crate::domain::host::Host;
use crate::domain::network::Network;

pub(super) use origins::WebOrigins;

/// Entries in a list of addresses or networks.
const MAX_LIST_ENTRIES: usize = 64;

/// A value as it was written, before any rule looked at it.
#[derive(Debug, Clone)]
pub(super) enum Raw {
    /// From the environment or a flag (words that may mean anything), or a string of the file.
    Text(String),
    Bool(bool),
    /// `None`: a whole number no computer word holds.
    Whole(Option<i64>),
    List(Vec<Raw>),
    /// Anything no option takes: a table, a date, a fraction.
    Other(&'static str),
}

impl Raw {
    fn text(&self) -> Result<&str, String> {
        match self {
            Self::Text(text) => Ok(text.trim()),
            other => Err(format!(
                "{} stands where text in quotes belongs",
                other.kind()
            )),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Bool(_) => "true or false",
            Self::Whole(_) => "a number",
            Self::List(_) => "a list",
            Self::Other(kind) => kind,
        }
    }

    /// A list, or text with commas, which is how flags and the environment write lists.
    fn entries(&self) -> Result<Vec<String>, String> {
        let entries: Vec<String> = match self {
            Self::List(list) => list
                .iter()
                .map(|entry| entry.text().map(str::to_owned))
                .collect::<Result<_, _>>()?,
            _ => self
                .text()?
                .split(',')
                .map(|entry| entry.trim().to_owned())
                .collect(),
        };
        let entries: Vec<String> = entries
            .into_iter()
            .filter(|entry| !entry.is_empty())
            .collect();
        if entries.len() > MAX_LIST_ENTRIES {
            return Err(format!("the list has more than {MAX_LIST_ENTRIES} entries"));
        }
        Ok(entries)
    }
}

pub(super) trait Rule {
    type Value;
    /// `false`: repeated flags replace each other; `true`: they add up.
    const IS_LIST: bool = false;

    fn read(&self, raw: &Raw) -> Result<Self::Value, String>;
    /// The value as the file would hold it, without anything secret; `None` when there is none.
    fn write(&self, value: &Self::Value) -> Option<String>;
    /// What may be written, to follow the words "write" or "takes".
    fn describe(&self) -> String;
}

pub(super) struct Whole {
    pub(super) least: u32,
    pub(super) most: u32,
    /// What is counted, in the plural.
    pub(super) unit: &'static str,
}

impl Whole {
    fn read_number(&self, raw: &Raw) -> Result<u32, String> {
        let number = match raw {
            Raw::Whole(number) => *number,
            Raw::Text(text) if is_number(text) => text.trim().parse().ok(),
            Raw::Text(text) => return Err(format!("“{text}” is not a whole number")),
            other => return Err(format!("{} stands where a number belongs", other.kind())),
        };
        number
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| (self.least..=self.most).contains(number))
            .ok_or_else(|| match number {
                Some(number) => format!("{number} is out of range"),
                None => "the number is out of range".to_owned(),
            })
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.trim();
    let digits = digits.strip_prefix('-').unwrap_or(digits);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

impl Rule for Whole {
    type Value = u32;

    fn read(&self, raw: &Raw) -> Result<u32, String> {
        self.read_number(raw)
    }

    fn write(&self, value: &u32) -> Option<String> {
        Some(value.to_string())
    }

    fn describe(&self) -> String {
        format!(
            "a whole number of {} from {} to {}",
            self.unit, self.least, self.most
        )
    }
}

/// A [`Whole`] whose values fit 16 bits.
pub(super) struct SmallWhole {
    pub(super) least: u16,
    pub(super) most: u16,
    pub(super) unit: &'static str,
}

impl Rule for SmallWhole {
    type Value = u16;

    fn read(&self, raw: &Raw) -> Result<u16, String> {
        let whole = Whole {
            least: self.least.into(),
            most: self.most.into(),
            unit: self.unit,
        };
        let number = whole.read_number(raw)?;
        u16::try_from(number).map_err(|_| format!("{number} is out of range"))
    }

    fn write(&self, value: &u16) -> Option<String> {
        Some(value.to_string())
    }

    fn describe(&self) -> String {
        format!(
            "a whole number of {} from {} to {}",
            self.unit, self.least, self.most
        )
    }
}

pub(super) struct YesNo;

impl Rule for YesNo {
    type Value = bool;

    fn read(&self, raw: &Raw) -> Result<bool, String> {
        match raw {
            Raw::Bool(value) => Ok(*value),
            Raw::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => Ok(true),
                "false" | "no" | "off" | "0" => Ok(false),
                _ => Err(format!("“{text}” is neither true nor false")),
            },
            other => Err(format!(
                "{} stands where true or false belongs",
                other.kind()
            )),
        }
    }

    fn write(&self, value: &bool) -> Option<String> {
        Some(value.to_string())
    }

    fn describe(&self) -> String {
        "true or false".to_owned()
    }
}

/// One of the members of an enumeration.
pub(super) struct OneOf<T>(pub(super) std::marker::PhantomData<T>);

impl<T: Named> Rule for OneOf<T> {
    type Value = T;

    fn read(&self, raw: &Raw) -> Result<T, String> {
        let text = raw.text()?;
        T::MEMBERS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(text))
            .map(|(_, member)| *member)
            .ok_or_else(|| format!("“{text}” is none of the choices"))
    }

    fn write(&self, value: &T) -> Option<String> {
        let member = T::MEMBERS.iter().find(|(_, member)| member == value);
        member.map(|(name, _)| quoted(name))
    }

    fn describe(&self) -> String {
        let names: Vec<String> = T::MEMBERS.iter().map(|(name, _)| quoted(name)).collect();
        format!("one of {}", names.join(", "))
    }
}

pub(super) struct Directory;

impl Rule for Directory {
    type Value = PathBuf;

    fn read(&self, raw: &Raw) -> Result<PathBuf, String> {
        match raw.text()? {
            "" => Err("the path is empty".to_owned()),
            text if text.contains('\0') => Err("the path holds a NUL byte".to_owned()),
            text => Ok(PathBuf::from(text)),
        }
    }

    fn write(&self, value: &PathBuf) -> Option<String> {
        Some(quoted(&value.to_string_lossy()))
    }

    fn describe(&self) -> String {
        "the path of a directory".to_owned()
    }
}

pub(super) struct File;

impl Rule for File {
    type Value = Option<PathBuf>;

    fn read(&self, raw: &Raw) -> Result<Self::Value, String> {
        match raw.text()? {
            "" => Ok(None),
            _ => Directory.read(raw).map(Some),
        }
    }

    fn write(&self, value: &Self::Value) -> Option<String> {
        value.as_ref().and_then(|path| Directory.write(path))
    }

    fn describe(&self) -> String {
        "the path of a file".to_owned()
    }
}

pub(super) struct Hours;

impl Hours {
    fn minute(text: &str) -> Option<u16> {
        let (hour, minute) = text.trim().split_once(':')?;
        let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
        (hour < 24 && minute < 60).then_some(hour * 60 + minute)
    }
}

impl Rule for Hours {
    type Value = Option<Window>;

    fn read(&self, raw: &Raw) -> Result<Self::Value, String> {
        let text = raw.text()?;
        if text.is_empty() {
            return Ok(None);
        }
        let window = text.split_once('-').and_then(|(from, to)| {
            Some(Window {
                from_minute: Self::minute(from)?,
                to_minute: Self::minute(to)?,
            })
        });
        window
            .map(Some)
            .ok_or_else(|| format!("“{text}” are no hours of a day"))
    }

    fn write(&self, value: &Self::Value) -> Option<String> {
        let time = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let window = value.as_ref()?;
        Some(quoted(&format!(
            "{}-{}",
            time(window.from_minute),
            time(window.to_minute)
        )))
    }

    fn describe(&self) -> String {
        "hours of the day in UTC, such as \"02:00-05:00\"".to_owned()
    }
}

/// A few words on one line, for what is checked where it is used.
pub(super) struct Line {
    pub(super) what: &'static str,
}

impl Rule for Line {
    type Value = Option<String>;

    fn read(&self, raw: &Raw) -> Result<Self::Value, String> {
        match raw.text()? {
            "" => Ok(None),
            text if text.contains(char::is_control) => Err("it is not one line of text".to_owned()),
            text => Ok(Some(text.to_owned())),
        }
    }

    fn write(&self, value: &Self::Value) -> Option<String> {
        value.as_deref().map(quoted)
    }

    fn describe(&self) -> String {
        self.what.to_owned()
    }
}

pub(super) struct Address;

impl Address {
    fn parse(text: &str) -> Result<SocketAddr, String> {
        text.parse()
            .map_err(|_| format!("“{text}” is not an IP address with a port"))
    }
}

impl Rule for Address {
    type Value = Option<SocketAddr>;

    fn read(&self, raw: &Raw) -> Result<Self::Value, String> {
        match raw.text()? {
            "" | "off" => Ok(None),
            text => Self::parse(text).map(Some),
        }
    }

    fn write(&self, value: &Self::Value) -> Option<String> {
        value.map(|address| quoted(&address.to_string()))
    }

    fn describe(&self) -> String {
        "an IP address with a port, such as \"127.0.0.1:9090\", or \"off\"".to_owned()
    }
}

pub(super) struct Addresses;

impl Rule for Addresses {
    type Value = Vec<SocketAddr>;
    const IS_LIST: bool = true;

    fn read(&self, raw: &Raw) -> Result<Self::Value, String> {
        let entries = raw.entries()?;
        let mut addresses: Vec<SocketAddr> = Vec::with_capacity(entries.len());
        for entry in &entries {
            let address = Address::parse(entry)?;
            if address.port() != 0 && addresses.contains(&address) {
                return Err(format!("{address} is listed twice"));
            }
            addresses.push(address);
        }
        if addresses.is_empty() {
            return Err("no address is given, so nobody could reach the site".to_owned());
        }
        Ok(addresses)
    }

    fn write(&self, value: &Self::Value) -> Option<String> {
        Some(list_of(value))
    }

    fn describe(&self) -> String {
        "IP addresses with ports, such as [\"127.0.0.1:8080\"] or [\"0.0.0.0:80\", \"[::]:80\"]"
            .to_owned()
    }
}

/// Addresses that may also be none.
pub(super) struct MaybeAddresses;

impl Rule for MaybeAddresses {
    type Value = Vec<SocketAddr>;
    const IS_LIST: bool = true;

    fn read(&self, raw: &Raw) -> Result<Self::Value, String> {
        raw.entries()?
            .iter()
            .map(|entry| Address::parse(entry))
            .collect()
    }

    fn write(&self, value: &Self::Value) -> Option<String> {
        (!value.is_empty()).then(|| list_of(value))
    }

    fn describe(&self) -> String {
        "IP addresses with ports, such as [\"0.0.0.0:80\"]".to_owned()
    }
}

pub(super) struct Hosts;

impl Rule for Hosts {
    type Value = Vec<Host>;
    const IS_LIST: bool = true;

    fn read(&self, raw: &Raw) -> Result<Self::Value, String> {
        let entries = raw.entries()?;
        entries.iter().map(|entry| Host::parse(entry)).collect()
    }

    fn write(&self, value: &Self::Value) -> Option<String> {
        (!value.is_empty()).then(|| list_of(value))
    }

    fn describe(&self) -> String {
        "names, such as [\"blog.example.org\", \"www.blog.example.org\"]; also IP addresses"
            .to_owned()
    }
}

pub(super) struct Issuers;

impl Rule for Issuers {
    type Value = Vec<String>;
    const IS_LIST: bool = true;

    fn read(&self, raw: &Raw) -> Result<Self::Value, String> {
        let entries = raw.entries()?;
        let other = entries.iter().find(|entry| !entry.starts_with("https://"));
        match other {
            Some(entry) => Err(format!("“{entry}” does not start with https://")),
            None => Ok(entries),
        }
    }

    fn write(&self, value: &Self::Value) -> Option<String> {
        Some(list_of(value))
    }

    fn describe(&self) -> String {
        "addresses of ACME directories, such as [\"https://acme.example/directory\"]".to_owned()
    }
}

pub(super) struct Networks;

impl Rule for Networks {
    type Value = Vec<Network>;
    const IS_LIST: bool = true;

    fn read(&self, raw: &Raw) -> Result<Self::Value, String> {
        let parse = |entry: &String| {
            Network::parse(entry).map_err(|_| format!("“{entry}” is not a network"))
        };
        raw.entries()?.iter().map(parse).collect()
    }

    fn write(&self, value: &Self::Value) -> Option<String> {
        Some(list_of(value))
    }

    fn describe(&self) -> String {
        "networks, such as [\"10.0.0.0/8\", \"fd00::/8\"]".to_owned()
    }
}

pub(super) struct SiteUrl;

impl Rule for SiteUrl {
    type Value = Option<BaseUrl>;

    fn read(&self, raw: &Raw) -> Result<Self::Value, String> {
        match raw.text()? {
            "" => Ok(None),
            text => BaseUrl::parse(text).map(Some),
        }
    }

    fn write(&self, value: &Self::Value) -> Option<String> {
        value.as_ref().map(|url| quoted(url.as_str()))
    }

    fn describe(&self) -> String {
        "the address readers type, such as \"https://blog.example\"".to_owned()
    }
}

pub(super) struct DatabaseUrl;

impl Rule for DatabaseUrl {
    type Value = Database;

    fn read(&self, raw: &Raw) -> Result<Database, String> {
        let text = raw.text()?;
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Database::Postgres(Secret::new(text.to_owned())));
        }
        match text.strip_prefix("sqlite:") {
            _ if text == "sqlite" => Ok(Database::InDataDir),
            Some(path) if !path.is_empty() && !path.starts_with("//") => {
                Ok(Database::Sqlite(PathBuf::from(path)))
            }
            // The text is not repeated: a mistyped URL may hold a password.
            _ => Err("this is no database Inkstand knows".to_owned()),
        }
    }

    fn write(&self, value: &Database) -> Option<String> {
        Some(match value {
            Database::InDataDir => quoted("sqlite"),
            Database::Sqlite(path) => quoted(&format!("sqlite:{}", path.display())),
            Database::Postgres(_) => quoted("postgres://(hidden)"),
        })
    }

    fn describe(&self) -> String {
        "\"sqlite\", \"sqlite:/path/of/the.db\" or \"postgres://user:password@host/name\""
            .to_owned()
    }
}

pub(super) struct Token {
    pub(super) least_chars: usize,
}

impl Rule for Token {
    type Value = Option<Secret>;

    fn read(&self, raw: &Raw) -> Result<Self::Value, String> {
        match raw.text()? {
            "" => Ok(None),
            text if text.chars().count() < self.least_chars => {
                Err("the secret is too short".into())
            }
            text if !text.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Err("the secret holds a space or a character beyond ASCII".to_owned())
            }
            text => Ok(Some(Secret::new(text.to_owned()))),
        }
    }

    fn write(&self, value: &Self::Value) -> Option<String> {
        value.as_ref().map(|_| quoted("(hidden)"))
    }

    fn describe(&self) -> String {
        format!("at least {} letters, numbers or signs", self.least_chars)
    }
}

/// A TOML string: its escapes are not those of Rust.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn list_of<T: std::fmt::Display>(values: &[T]) -> String {
    let entries: Vec<String> = values
        .iter()
        .map(|value| quoted(&value.to_string()))
        .collect();
    format!("[{}]", entries.join(", "))
}
