//! What a found text asks for and had: its kind, its old addresses by its generator's rules, the one it asks
//! for here, and what it is a translation of. A child of `markdown`; reads no files.

use std::collections::{HashMap, HashSet};

use jiff::tz::TimeZone;

use crate::domain::language::Language;
use crate::domain::post::{Kind, Status};
use crate::domain::slug::Slug;
use crate::domain::text::WebAddress;

use super::super::dates;
use super::super::folder::{parent, resolve};
use super::super::item::{Head, Rule};
use super::super::permalinks::{self, Parts, forms, last_part, tidy};
use super::{Found, Generator, Markdown};

impl Markdown {
    /// Where readers' programs ask for news, so that nobody is lost who has subscribed.
    pub(super) fn rules(&self) -> Vec<Rule> {
        let feeds: &[&str] = match self.generator {
            Generator::Hugo => &["/index.xml"],
            Generator::Zola => &["/rss.xml", "/atom.xml"],
            Generator::Jekyll => &["/feed.xml"],
            Generator::Plain => &[],
        };
        let rules = feeds.iter().filter_map(|feed| {
            let from = self.whole(feed);
            let here = if feed.contains("atom") {
                "/atom.xml"
            } else {
                "/feed.xml"
            };
            let to = WebAddress::parse(here).ok().filter(|_| from != here)?;
            let permanent = true;
            Some(Rule {
                from,
                to,
                permanent,
            })
        });
        rules.collect()
    }

    /// The address readers had it at; nothing where no generator gave it one.
    pub(super) fn address(&self, found: &Found, zone: &TimeZone) -> Option<String> {
        let Found { place, given, .. } = found;
        let explicit = given
            .address
            .as_deref()
            .filter(|address| !address.contains(':'));
        if let Some(address) = explicit.filter(|_| self.generator != Generator::Plain)
            && !(self.generator == Generator::Jekyll
                && matches!(address, "pretty" | "none" | "date" | "ordinal"))
        {
            return Some(self.whole(&tidy(address)));
        }
        let language = place.language.as_deref().filter(|code| {
            self.config.own_language_below || self.config.language.as_deref() != Some(*code)
        });
        let mut parts = Parts {
            folders: place.folders.iter().map(String::as_str).collect(),
            stem: &place.stem,
            slug: given.slug.as_deref(),
            title: given.title.as_deref(),
            date: found.date.and_then(|date| dates::day_of(date, zone)),
            language,
            collection: place.collection.as_deref(),
            ..Parts::default()
        };
        let address = match self.generator {
            Generator::Plain => None,
            Generator::Zola => Some(permalinks::zola(&parts)),
            Generator::Hugo => {
                let section = place
                    .folders
                    .first()
                    .map(String::as_str)
                    .unwrap_or_default();
                let pattern = self.config.permalinks.get(section).map(String::as_str);
                permalinks::hugo(
                    pattern.filter(|_| !place.is_section),
                    &parts,
                    self.config.ugly,
                )
            }
            Generator::Jekyll => {
                let pattern = self
                    .config
                    .permalinks
                    .get("posts")
                    .map_or("date", String::as_str);
                let own = given.address.as_deref();
                let pattern = match (&place.collection, place.kind) {
                    (Some(collection), _) => {
                        let known = self.config.collections.get(collection).cloned().flatten();
                        known.unwrap_or_else(|| "/:collection/:path:output_ext".to_owned())
                    }
                    (None, Some(Kind::Page)) => {
                        let end = if pattern == "pretty" {
                            "/"
                        } else {
                            ":output_ext"
                        };
                        format!("/:path{end}")
                    }
                    (None, _) => {
                        let above = place.folders.iter().cloned();
                        let named = given
                            .categories
                            .iter()
                            .map(|name| name.to_lowercase().replace(' ', "-"));
                        parts.categories = above.chain(named).collect();
                        pattern.to_owned()
                    }
                };
                permalinks::jekyll(own.unwrap_or(&pattern), &parts)
            }
        };
        address.map(|address| self.whole(&address))
    }

    /// With the path the whole site was below.
    fn whole(&self, address: &str) -> String {
        format!("{}{address}", self.config.base_path)
    }

    pub(super) fn alias(&self, found: &Found, alias: &str) -> String {
        let path = match alias.split_once("://") {
            Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"),
            None => alias,
        };
        if path.starts_with('/') || self.generator == Generator::Zola {
            return self.whole(&tidy(path));
        }
        let address = found.address.as_deref().unwrap_or("/");
        let above = parent(address.trim_end_matches('/'));
        let path = resolve(above, path).unwrap_or_default();
        tidy(&format!(
            "/{path}{}",
            if alias.ends_with('/') { "/" } else { "" }
        ))
    }

    pub(super) fn make_heads(&self) -> Vec<Head> {
        let shared = self.shared_names();
        let mut taken: HashMap<Slug, usize> = HashMap::new();
        let mut heads = Vec::with_capacity(self.found.len());
        for found in &self.found {
            let mut slug = slug(found);
            if taken.contains_key(&slug)
                && let Some(language) = &found.language
            {
                let longer = format!("{slug}-{language}");
                slug = Slug::from_title(&longer, &Language::default(), "post");
            }
            *taken.entry(slug.clone()).or_default() += 1;
            let mut old_paths: Vec<String> = Vec::new();
            if found.status.is_readable() {
                old_paths.extend(found.address.iter().flat_map(|address| forms(address)));
            }
            let aliases = found
                .given
                .aliases
                .iter()
                .map(|alias| self.alias(found, alias));
            old_paths.extend(aliases.flat_map(|alias| forms(&alias)));
            let mut seen = HashSet::new();
            old_paths.retain(|path| seen.insert(path.clone()));
            let group = group(found);
            heads.push(Head {
                name: found.path.clone(),
                kind: kind(found),
                slug,
                is_exact: false,
                old_paths: old_paths.into_iter().map(|path| (path, true)).collect(),
                translations: shared
                    .get(&group)
                    .filter(|count| **count > 1)
                    .map(|_| group),
            });
        }
        heads
    }

    fn shared_names(&self) -> HashMap<String, usize> {
        let mut counts: HashMap<String, usize> = HashMap::new();
        if matches!(self.generator, Generator::Hugo | Generator::Zola) {
            for found in &self.found {
                *counts.entry(group(found)).or_default() += 1;
            }
        }
        counts
    }
}

fn kind(found: &Found) -> Kind {
    if found.given.is_page {
        return Kind::Page;
    }
    let by_date =
        if found.is_dated_by_file || (found.date.is_none() && found.status != Status::Draft) {
            Kind::Page
        } else {
            Kind::Post
        };
    found.place.kind.unwrap_or(by_date)
}

/// What a text shares with its translations.
fn group(found: &Found) -> String {
    match &found.given.translations {
        Some(key) => format!("key {key}"),
        None => format!("path {}", found.place.shared),
    }
}

/// The address it asks for here: like the one it had, as far as that goes.
fn slug(found: &Found) -> Slug {
    let Found { place, given, .. } = found;
    let had = found
        .address
        .as_deref()
        .map(last_part)
        .filter(|part| !part.is_empty());
    let had = had.map(|part| {
        percent_encoding::percent_decode_str(part)
            .decode_utf8_lossy()
            .into_owned()
    });
    let wished = given
        .slug
        .clone()
        .or(had)
        .unwrap_or_else(|| place.stem.clone());
    let language = found.language.clone().unwrap_or_default();
    let last = wished
        .trim_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    Slug::parse(last).unwrap_or_else(|_| {
        let title = found.title.as_str();
        Slug::from_title(
            last,
            &language,
            if title.is_empty() { "post" } else { title },
        )
    })
}
