//! What a site's generator was told about it: title, languages, patterns of addresses. Reads the files
//! generators are configured with; must not know their posts.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::super::fields::{Fields, as_text};
use super::super::folder::Folder;
use super::super::front_matter::{self, Language as Syntax};
use super::super::notes::Note;
use super::{Format, Generator};

const HUGO_FILES: &[&str] = &[
    "hugo.toml",
    "hugo.yaml",
    "hugo.yml",
    "hugo.json",
    "config.toml",
    "config.yaml",
    "config.yml",
    "config.json",
    "config/_default/hugo.toml",
    "config/_default/hugo.yaml",
    "config/_default/config.toml",
    "config/_default/config.yaml",
];
const JEKYLL_FILES: &[&str] = &["_config.yml", "_config.yaml", "_config.toml"];
const ZOLA_FILES: &[&str] = &["config.toml", "zola.toml"];

#[derive(Debug, Default)]
pub(super) struct Config {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) language: Option<String>,
    pub(super) time_zone: Option<String>,
    /// Without a slash at its end.
    pub(super) base_url: Option<String>,
    /// The path in it, without one either.
    pub(super) base_path: String,
    /// Languages that have parts of the site of their own, and their folders.
    pub(super) languages: BTreeMap<String, Option<String>>,
    /// The site's own language has such a part, too.
    pub(super) own_language_below: bool,
    pub(super) content: String,
    /// Patterns of addresses by section; Jekyll's is that of `posts`.
    pub(super) permalinks: BTreeMap<String, String>,
    /// Jekyll's collections that have pages.
    pub(super) collections: BTreeMap<String, Option<String>>,
    pub(super) ugly: bool,
    pub(super) excerpt_separator: Option<String>,
}

/// Which generator made a folder, and what it was told.
pub(super) fn find(folder: &Folder, wanted: Format, notes: &mut Vec<Note>) -> (Generator, Config) {
    let read = |files: &[&str], notes: &mut Vec<Note>| read_first(folder, files, notes);
    let generator = match wanted {
        Format::Hugo => Generator::Hugo,
        Format::Jekyll => Generator::Jekyll,
        Format::Zola => Generator::Zola,
        Format::Plain => Generator::Plain,
        Format::Auto => guess(folder),
    };
    let config = match generator {
        Generator::Hugo => {
            let map = read(HUGO_FILES, notes);
            hugo(&map)
        }
        Generator::Jekyll => {
            let map = read(JEKYLL_FILES, notes);
            jekyll(&map)
        }
        Generator::Zola => {
            let map = read(ZOLA_FILES, notes);
            zola(&map)
        }
        Generator::Plain => Config::default(),
    };
    (generator, config)
}

fn guess(folder: &Folder) -> Generator {
    let has_any = |files: &[&str]| files.iter().any(|file| folder.has(file));
    if has_any(JEKYLL_FILES) || folder.has_folder("_posts") {
        return Generator::Jekyll;
    }
    if !folder.has_folder("content") {
        return Generator::Plain;
    }
    let map = read_first(folder, ZOLA_FILES, &mut Vec::new());
    if map.contains_key("base_url") {
        return Generator::Zola;
    }
    if has_any(HUGO_FILES) || folder.has_folder("archetypes") || folder.has_folder("layouts") {
        return Generator::Hugo;
    }
    Generator::Plain
}

fn read_first(folder: &Folder, files: &[&str], notes: &mut Vec<Note>) -> Map<String, Value> {
    let Some(file) = files.iter().find(|file| folder.has(file)) else {
        return Map::new();
    };
    let syntax = match file.rsplit('.').next() {
        Some("toml") => Syntax::Toml,
        Some("json") => Syntax::Json,
        _ => Syntax::Yaml,
    };
    let read = folder.text(file).and_then(|text| {
        front_matter::fields(syntax, &text).map_err(|fault| {
            let line = fault.line.map(|line| line.saturating_sub(1).max(1));
            Note::new(
                file,
                fault.what,
                "mend it: title, languages and addresses stand there",
            )
            .at_line(line)
        })
    });
    match read {
        Ok(map) => map,
        Err(note) => {
            notes.push(note);
            Map::new()
        }
    }
}

fn with_base(mut config: Config, base_url: Option<String>) -> Config {
    let base_url = base_url.map(|url| url.trim().trim_end_matches('/').to_owned());
    if let Some(url) = base_url.filter(|url| !url.is_empty()) {
        let path = match url.split_once("://") {
            Some((_, rest)) => rest
                .find('/')
                .and_then(|at| rest.get(at..))
                .unwrap_or_default(),
            None => url.as_str(),
        };
        if path.starts_with('/') {
            path.clone_into(&mut config.base_path);
        }
        config.base_url = url.contains("://").then_some(url);
    }
    config
}

fn hugo(map: &Map<String, Value>) -> Config {
    let fields = Fields::new(map);
    let mut config = Config {
        title: fields.text(&["title"]),
        description: fields.text(&["params.description", "params.subtitle"]),
        language: fields.text(&["languageCode", "defaultContentLanguage", "locale"]),
        time_zone: fields.text(&["timeZone"]),
        own_language_below: fields
            .truth(&["defaultContentLanguageInSubdir"])
            .unwrap_or_default(),
        content: fields
            .text(&["contentDir"])
            .unwrap_or_else(|| "content".to_owned()),
        ugly: fields.truth(&["uglyURLs"]).unwrap_or_default(),
        ..Config::default()
    };
    let default = fields
        .text(&["defaultContentLanguage"])
        .unwrap_or_else(|| "en".to_owned());
    if let Some(Value::Object(languages)) = fields.get("languages") {
        for (code, facts) in languages {
            let facts = facts.as_object().cloned().unwrap_or_default();
            let facts = Fields::new(&facts);
            if *code == default {
                config.title = config.title.or_else(|| facts.text(&["title"]));
            }
            let folder = facts.text(&["contentDir"]);
            config.languages.insert(code.clone(), folder);
        }
        if !config.languages.is_empty() {
            config.language = Some(default);
        }
    }
    if let Some(Value::Object(patterns)) = fields.get("permalinks") {
        for (section, pattern) in patterns {
            match pattern {
                Value::String(pattern) => {
                    config.permalinks.insert(section.clone(), pattern.clone());
                }
                // Newer: by kind of page first.
                Value::Object(inner) if section == "page" => {
                    let texts = inner
                        .iter()
                        .filter_map(|(name, value)| Some((name.clone(), as_text(value)?)));
                    config.permalinks.extend(texts);
                }
                _ => {}
            }
        }
    }
    with_base(config, fields.text(&["baseURL"]))
}

fn jekyll(map: &Map<String, Value>) -> Config {
    let fields = Fields::new(map);
    let mut config = Config {
        title: fields.text(&["title", "name"]),
        description: fields.text(&["description", "tagline"]),
        language: fields.text(&["lang", "locale"]),
        time_zone: fields.text(&["timezone"]),
        excerpt_separator: fields.text(&["excerpt_separator"]),
        ..Config::default()
    };
    let pattern = fields
        .text(&["permalink"])
        .unwrap_or_else(|| "date".to_owned());
    config.permalinks.insert("posts".to_owned(), pattern);
    match fields.get("collections") {
        Some(Value::Object(all)) => {
            for (name, facts) in all {
                let facts = facts.as_object().cloned().unwrap_or_default();
                let facts = Fields::new(&facts);
                if name == "posts" {
                    config.permalinks.extend(
                        facts
                            .text(&["permalink"])
                            .map(|pattern| (name.clone(), pattern)),
                    );
                } else {
                    config
                        .collections
                        .insert(name.clone(), facts.text(&["permalink"]));
                }
            }
        }
        Some(Value::Array(all)) => {
            let names = all
                .iter()
                .filter_map(as_text)
                .filter(|name| name != "posts");
            config.collections.extend(names.map(|name| (name, None)));
        }
        _ => {}
    }
    let url = fields.text(&["url"]).unwrap_or_default();
    let below = fields.text(&["baseurl"]).unwrap_or_default();
    let below = below.trim_matches('/');
    let slash = if below.is_empty() { "" } else { "/" };
    let base = format!("{}{slash}{below}", url.trim_end_matches('/'));
    with_base(config, Some(base))
}

fn zola(map: &Map<String, Value>) -> Config {
    let fields = Fields::new(map);
    let mut config = Config {
        title: fields.text(&["title"]),
        description: fields.text(&["description"]),
        language: fields.text(&["default_language"]),
        content: "content".to_owned(),
        ..Config::default()
    };
    if let Some(Value::Object(languages)) = fields.get("languages") {
        config
            .languages
            .extend(languages.keys().map(|code| (code.clone(), None)));
    }
    with_base(config, fields.text(&["base_url"]))
}

impl Config {
    /// The zone that dates without one are meant in.
    pub(super) fn zone(&self, otherwise: &TimeZone) -> TimeZone {
        let named = self
            .time_zone
            .as_deref()
            .and_then(|name| TimeZone::get(name).ok());
        named.unwrap_or_else(|| otherwise.clone())
    }
}
