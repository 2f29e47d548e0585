//! Puts the sources on top of each other: defaults, file, environment, flags.
//!
//! Every value of every source is checked, also one that a later source replaces: a mistake
//! that waits until the flag above it goes away is a trap.

use std::collections::BTreeMap;
use std::net::{Ipv6Addr, SocketAddr};
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::mistake::{Mistake, Place, nearest};
use super::options::{ENVIRONMENT_PREFIX, ROWS, Row, find, is_section};
use super::rules::Raw;
use super::sources::{FileSource, Flag, Sources, read_limited};
use super::{Config, Database};

/// A password, a token or a URL.
const MAX_SECRET_FILE_BYTES: u64 = 64 * 1024;

/// Where the value that won was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Default,
    /// `$STATE_DIRECTORY`, which systemd sets for a unit.
    StateDirectory,
    Place(Place),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::StateDirectory => f.write_str("environment STATE_DIRECTORY"),
            Self::Place(place) => place.fmt(f),
        }
    }
}

pub(super) struct Loaded {
    pub(super) config: Config,
    pub(super) origins: BTreeMap<&'static str, Origin>,
}

pub(super) fn load(sources: &Sources) -> Result<Loaded, Vec<Mistake>> {
    let mut loading = Loading {
        loaded: Loaded {
            config: Config::default(),
            origins: BTreeMap::new(),
        },
        mistakes: Vec::new(),
    };
    if let Some(directory) = &sources.state_directory {
        loading.loaded.config.data_dir.clone_from(directory);
        loading
            .loaded
            .origins
            .insert("data_dir", Origin::StateDirectory);
    }
    if let Some(file) = &sources.file {
        loading.file(file);
    }
    loading.environment(&sources.environment);
    loading.flags(&sources.flags);
    loading.everywhere();
    loading.whole();
    if loading.mistakes.is_empty() {
        Ok(loading.loaded)
    } else {
        Err(loading.mistakes)
    }
}

struct Loading {
    loaded: Loaded,
    mistakes: Vec<Mistake>,
}

impl Loading {
    fn set(&mut self, row: &Row, raw: &Raw, place: Place) {
        match (row.set)(&mut self.loaded.config, raw) {
            Ok(()) => {
                self.loaded.origins.insert(row.key, Origin::Place(place));
            }
            Err(problem) => self.mistakes.push(Mistake::new(
                place,
                format!("{}: {problem}", row.key),
                format!("write {}", (row.describe)()),
            )),
        }
    }

    fn file(&mut self, file: &FileSource) {
        let (document, errors) = DeTable::parse_recoverable(&file.text);
        let broken: Vec<(usize, String)> = errors
            .iter()
            .map(|error| {
                let offset = error.span().map_or(0, |span| span.start);
                (
                    line_of(&file.text, offset),
                    error.message().replace('\n', ", "),
                )
            })
            .collect();
        let is_broken = |line: usize| broken.iter().any(|(broken_line, _)| *broken_line == line);
        for (line, message) in &broken {
            let place = Place::File {
                name: file.name.clone(),
                line: *line,
            };
            let problem = format!("this is not TOML ({message})");
            self.mistakes.push(Mistake::new(
                place,
                problem,
                "write lines like size_mb = 32 below a [section]",
            ));
        }
        for entry in entries(document.get_ref()) {
            let line = line_of(&file.text, entry.offset);
            // What is guessed from a broken line would only bring follow-on mistakes.
            if !is_broken(line) {
                let place = Place::File {
                    name: file.name.clone(),
                    line,
                };
                self.file_entry(&entry, place);
            }
        }
        // The parser sorts keys; readers go through the file from the top.
        self.mistakes.sort_by_key(|mistake| match mistake.place {
            Place::File { line, .. } => line,
            _ => 0,
        });
    }

    fn file_entry(&mut self, entry: &Entry, place: Place) {
        match find(&entry.key) {
            Some(row) => self.set(row, &entry.raw, place),
            None if is_section(&entry.key) => self.mistakes.push(Mistake::new(
                place,
                format!("“{}” is a section, not an option", entry.key),
                format!("write [{}] on a line of its own", entry.key),
            )),
            None => self.mistakes.push(Mistake::unknown_key(place, &entry.key)),
        }
    }

    fn environment(&mut self, variables: &[(String, String)]) {
        for (name, value) in variables {
            let place = Place::Environment(name.clone());
            if let Some(row) = ROWS.iter().find(|row| row.environment_name() == *name) {
                self.set(row, &Raw::Text(value.clone()), place);
            } else if let Some(row) = secret_file_row(name) {
                self.secret_file(row, value, variables, place);
            } else if !is_set_by_kubernetes(name) {
                self.mistakes.push(unknown_variable(name, place));
            }
        }
    }

    fn secret_file(&mut self, row: &Row, path: &str, variables: &[(String, String)], place: Place) {
        let direct = row.environment_name();
        if variables.iter().any(|(name, _)| *name == direct) {
            self.mistakes.push(Mistake::new(
                place,
                format!("{direct} is set too"),
                format!("remove one of {direct} and {direct}_FILE"),
            ));
            return;
        }
        match read_limited(Path::new(path), MAX_SECRET_FILE_BYTES) {
            Ok(text) => self.set(row, &Raw::Text(text), place),
            Err(problem) => self.mistakes.push(Mistake::new(
                place,
                problem,
                format!(
                    "name a readable file that holds {} and nothing else",
                    row.key
                ),
            )),
        }
    }

    fn flags(&mut self, flags: &[Flag]) {
        let mut merged: Vec<Flag> = Vec::new();
        for flag in flags {
            let adds_up = find(&flag.key).is_some_and(|row| row.is_list);
            match merged.iter_mut().find(|earlier| earlier.key == flag.key) {
                Some(earlier) if adds_up => {
                    earlier.value = format!("{},{}", earlier.value, flag.value);
                }
                _ => merged.push(flag.clone()),
            }
        }
        for flag in merged {
            let place = Place::Flag(flag.name);
            match find(&flag.key) {
                Some(row) => self.set(row, &Raw::Text(flag.value), place),
                None => self.mistakes.push(Mistake::unknown_key(place, &flag.key)),
            }
        }
    }

    /// A site with names is where the world looks for it, unless something else was said.
    fn everywhere(&mut self) {
        let is_set = self.was_set("listen");
        let config = &mut self.loaded.config;
        if config.tls.domains.is_empty() || is_set {
            return;
        }
        config.listen = vec![SocketAddr::from((Ipv6Addr::UNSPECIFIED, 443))];
        if config.tls.redirect_listen.is_empty() {
            config.tls.redirect_listen = vec![SocketAddr::from((Ipv6Addr::UNSPECIFIED, 80))];
        }
    }

    /// Sound values that do not go together.
    fn whole(&mut self) {
        let config = &self.loaded.config;
        if config.tls.certificate.is_some() != config.tls.key.is_some() {
            self.mistakes.push(Mistake::new(
                Place::Whole,
                "tls.certificate and tls.key belong together, and only one of them is set",
                "set both, or remove both",
            ));
        }
        let config = &self.loaded.config;
        let metrics = config.metrics.listen;
        if metrics.is_some_and(|address| address.port() != 0 && config.listen.contains(&address)) {
            self.mistakes.push(Mistake::new(
                Place::Whole,
                "metrics.listen is one of the addresses in listen",
                "give metrics.listen a port of its own, such as \"127.0.0.1:9090\"",
            ));
        }
        let limits = &config.limits;
        if limits.connections_per_address > limits.connections {
            self.mistakes.push(Mistake::new(
                Place::Whole,
                "limits.connections_per_address is larger than limits.connections",
                format!("write at most {}", limits.connections),
            ));
        }
        let nodes_share = matches!(config.database, Database::Postgres(_));
        if nodes_share && config.oplog.keep_hours > 0 && self.was_set("oplog.keep_hours") {
            self.mistakes.push(Mistake::new(
                Place::Whole,
                "oplog.keep_hours is set, but only SQLite keeps an oplog",
                "remove it, and back PostgreSQL up with its own tools",
            ));
        }
    }

    fn was_set(&self, key: &str) -> bool {
        self.loaded.origins.contains_key(key)
    }
}

fn secret_file_row(variable: &str) -> Option<&'static Row> {
    let direct = variable.strip_suffix("_FILE")?;
    ROWS.iter()
        .find(|row| row.secret && row.environment_name() == direct)
}

/// For a Service that is called `inkstand`, Kubernetes puts `INKSTAND_PORT`,
/// `INKSTAND_SERVICE_HOST` and their like into every container.
fn is_set_by_kubernetes(variable: &str) -> bool {
    variable == "INKSTAND_PORT"
        || variable.starts_with("INKSTAND_PORT_")
        || variable.starts_with("INKSTAND_SERVICE_")
}

fn unknown_variable(name: &str, place: Place) -> Mistake {
    let bare = name.strip_prefix(ENVIRONMENT_PREFIX).unwrap_or(name);
    if let Some(direct) = name.strip_suffix("_FILE")
        && ROWS.iter().any(|row| row.environment_name() == direct)
    {
        let advice = format!("write the value itself into {direct}");
        return Mistake::new(place, "only secrets are read from files", advice);
    }
    let advice = match nearest_variable(bare) {
        Some(known) => format!("write {known}"),
        None => "unset it, or look it up in docs/configuration.md".to_owned(),
    };
    Mistake::new(place, "no option has this name", advice)
}

/// In the environment a dot and an underscore look alike, so both readings are tried.
fn nearest_variable(bare: &str) -> Option<String> {
    let flat = bare.to_ascii_lowercase();
    let dotted = flat.replacen('_', ".", 1);
    let known = [&dotted, &flat].into_iter().find_map(|key| nearest(key))?;
    find(known).map(Row::environment_name)
}

/// One value of the file, with its full key and where it begins.
struct Entry {
    key: String,
    raw: Raw,
    offset: usize,
}

/// The file has two levels; what lies deeper is one unknown key each.
fn entries(document: &DeTable<'_>) -> Vec<Entry> {
    let mut found = Vec::new();
    for (key, value) in document {
        let section = key.get_ref();
        match value.get_ref() {
            DeValue::Table(table) if find(section).is_none() => {
                found.extend(table.iter().map(|(name, value)| Entry {
                    key: format!("{section}.{}", name.get_ref()),
                    raw: raw_of(value.get_ref()),
                    offset: name.span().start,
                }));
            }
            value => found.push(Entry {
                key: section.to_string(),
                raw: raw_of(value),
                offset: key.span().start,
            }),
        }
    }
    found
}

fn raw_of(value: &DeValue<'_>) -> Raw {
    match value {
        DeValue::String(text) => Raw::Text(text.to_string()),
        DeValue::Boolean(value) => Raw::Bool(*value),
        DeValue::Integer(number) => {
            Raw::Whole(i64::from_str_radix(number.as_str(), number.radix()).ok())
        }
        DeValue::Array(array) => {
            Raw::List(array.iter().map(|entry| raw_of(entry.get_ref())).collect())
        }
        DeValue::Float(_) => Raw::Other("a fraction"),
        DeValue::Datetime(_) => Raw::Other("a date"),
        DeValue::Table(_) => Raw::Other("a section"),
    }
}

/// Counted from 1.
fn line_of(text: &str, offset: usize) -> usize {
    let before = &text[..text.floor_char_boundary(offset)];
    1 + before.matches('\n').count()
}
