//! Folders of markdown as a source: Hugo's, Jekyll's, Zola's, plain ones, and our own exports. Looks
//! through the folder once, so that each text has its address, and reads the texts when they are asked for.

mod config;
mod given;
mod layout;
mod places;
mod text;

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use jiff::tz::TimeZone;

use crate::domain::language::Language;
use crate::domain::post::{Kind, Status};
use crate::domain::settings::Settings;
use crate::domain::slug::Slug;
use crate::domain::text::{Title, WebAddress};
use crate::domain::time::Timestamp;

use super::folder::{Folder, parent};
use super::front_matter;
use super::item::{Entry, Head, Rule, SiteFacts};
use super::notes::Note;
use super::own::Own;
use super::permalinks::{self, Parts, forms, last_part, tidy};
use super::{Source, SourceError, dates};
use config::Config;
use given::{Given, Odd};
use layout::Place;
use places::Places;

/// What a folder is to be read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Whatever it looks like.
    Auto,
    Hugo,
    Jekyll,
    Zola,
    Plain,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Generator {
    Hugo,
    Jekyll,
    Zola,
    Plain,
}

/// Opens a folder of markdown, whatever made it. Dates without a zone are meant in `zone`; what lies after
/// `now` is still to come.
pub fn open(
    path: &Path,
    format: Format,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<Box<dyn Source>, SourceError> {
    let folder = Folder::open(path)?;
    if format == Format::Auto && Own::is_one(&folder) {
        return Ok(Box::new(Own::open(folder)?));
    }
    Ok(Box::new(Markdown::open(folder, format, zone, now)))
}

/// A text as the first look found it.
#[derive(Debug)]
struct Found {
    path: String,
    place: Place,
    given: Given,
    /// Where its text begins in the file.
    body_at: usize,
    body_line: usize,
    title: Title,
    is_title_in_text: bool,
    date: Option<Timestamp>,
    /// Nothing but the file says when it is from.
    is_dated_by_file: bool,
    /// Where readers found it.
    address: Option<String>,
    language: Option<Language>,
    status: Status,
}

#[derive(Debug)]
struct Markdown {
    name: String,
    generator: Generator,
    folder: Folder,
    config: Config,
    site: SiteFacts,
    found: Vec<Found>,
    heads: Vec<Head>,
    places: Places,
    notes: Vec<Note>,
}

impl Markdown {
    fn open(mut folder: Folder, format: Format, zone: &TimeZone, now: Timestamp) -> Self {
        let mut notes = std::mem::take(&mut folder.notes);
        let (generator, config) = config::find(&folder, format, &mut notes);
        let zone = config.zone(zone);
        let mut site = Self {
            name: format!("markdown {}", folder.root().display()),
            generator,
            site: SiteFacts {
                settings: settings(&config),
                ..SiteFacts::default()
            },
            config,
            found: Vec::new(),
            heads: Vec::new(),
            places: Places::default(),
            notes,
            folder,
        };
        let paths: Vec<String> = site.folder.paths().map(str::to_owned).collect();
        for path in paths {
            if let Some(place) = layout::place(generator, &site.config, &path) {
                match site.look(path, place, &zone, now) {
                    Ok(Some(found)) => site.found.push(found),
                    Ok(None) => {}
                    Err(note) => site.notes.push(note),
                }
            }
        }
        // The oldest first, so that what is made first is what was written first; of translations, that
        // in the site's own language.
        let order = |found: &Found| (found.date, found.language.is_some(), found.path.clone());
        site.found.sort_by_key(order);
        for found in &site.found {
            let aliases = found
                .given
                .aliases
                .iter()
                .map(|alias| site.alias(found, alias));
            let addresses: Vec<_> = found.address.iter().cloned().chain(aliases).collect();
            site.places.add(&found.path, addresses);
        }
        site.heads = site.make_heads();
        site.site.rules = site.rules();
        site
    }

    /// The first look at a text.
    fn look(
        &self,
        path: String,
        place: Place,
        zone: &TimeZone,
        now: Timestamp,
    ) -> Result<Option<Found>, Note> {
        let text = self.folder.text(&path)?;
        let page = front_matter::split(&text).map_err(|fault| {
            Note::new(
                &path,
                fault.what,
                "mend the head of the file; it was left out",
            )
            .at_line(fault.line)
        })?;
        if place.needs_head && !page.has_head {
            return Ok(None);
        }
        let body = text.get(page.body_at..).unwrap_or_default();
        if place.is_section && body.trim().is_empty() {
            return Ok(None);
        }
        if place.stem.is_empty() {
            let advice = "write a page for it, or a description of the site";
            return Err(Note::new(
                &path,
                "the text of the home page has no place here",
                advice,
            ));
        }
        let mut given = given::read(&page.fields, zone, self.generator == Generator::Jekyll);
        let (title, is_title_in_text) = title(&mut given, &place, body);
        let named = place.date.and_then(|date| dates::midnight(date, zone));
        let date = given.date.or(given.publish_at).or(named);
        let status = status(&mut given, &place, date, now);
        let from_file = self
            .folder
            .changed_at(&path)
            .filter(|_| date.is_none() && status != Status::Draft);
        let mut language = given.language.clone().or_else(|| place.language.clone());
        if language.as_deref() == self.config.language.as_deref() {
            language = None;
        }
        let language = language.map(|code| {
            let parsed = Language::parse(&code.replace('_', "-"));
            parsed.map_err(|error| {
                Odd::new(
                    "language",
                    error.to_string(),
                    "it is taken for one in the site's language",
                )
            })
        });
        let language = match language {
            Some(Err(odd)) => {
                given.odd.push(odd);
                None
            }
            Some(Ok(language)) => Some(language),
            None => None,
        };
        // While the text is at hand.
        for odd in &mut given.odd {
            let name = odd.field.rsplit('.').next().unwrap_or(&odd.field);
            odd.line = front_matter::line_of(&text, name);
        }
        let mut found = Found {
            title,
            is_title_in_text,
            is_dated_by_file: from_file.is_some(),
            date: date.or(from_file),
            body_at: page.body_at,
            body_line: page.body_line,
            address: None,
            language,
            status,
            path,
            place,
            given,
        };
        found.address = self.address(&found, zone);
        Ok(Some(found))
    }

    /// Where readers' programs ask for news, so that nobody is lost who has subscribed.
    fn rules(&self) -> Vec<Rule> {
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
    fn address(&self, found: &Found, zone: &TimeZone) -> Option<String> {
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

    fn alias(&self, found: &Found, alias: &str) -> String {
        let path = match alias.split_once("://") {
            Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"),
            None => alias,
        };
        if path.starts_with('/') || self.generator == Generator::Zola {
            return self.whole(&tidy(path));
        }
        let address = found.address.as_deref().unwrap_or("/");
        let above = parent(address.trim_end_matches('/'));
        let path = super::folder::resolve(above, path).unwrap_or_default();
        tidy(&format!(
            "/{path}{}",
            if alias.ends_with('/') { "/" } else { "" }
        ))
    }

    fn make_heads(&self) -> Vec<Head> {
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
            let mut seen = std::collections::HashSet::new();
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

    fn notes_of(found: &Found) -> Vec<Note> {
        let odd = found.given.odd.iter();
        odd.map(|odd| {
            let note = Note::new(&found.path, odd.what.as_str(), odd.advice);
            note.about(&odd.field).at_line(odd.line)
        })
        .collect()
    }
}

impl Source for Markdown {
    fn what(&self) -> &'static str {
        match self.generator {
            Generator::Hugo => "Hugo",
            Generator::Jekyll => "Jekyll",
            Generator::Zola => "Zola",
            Generator::Plain => "plain markdown",
        }
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn site(&self) -> &SiteFacts {
        &self.site
    }

    fn heads(&self) -> &[Head] {
        &self.heads
    }

    fn entry(&self, at: usize) -> Result<Entry, Note> {
        let found = self
            .found
            .get(at)
            .ok_or_else(|| Note::new("", format!("there is no text number {at}"), "begin again"))?;
        text::entry(self, found)
    }

    fn file(&self, name: &str) -> Result<Box<dyn Read>, Note> {
        Ok(Box::new(self.folder.open_file(name)?))
    }

    fn notes(&self) -> &[Note] {
        &self.notes
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

fn settings(config: &Config) -> Option<Settings> {
    let mut settings = Settings::default();
    if let Some(title) = config
        .title
        .as_deref()
        .and_then(|title| Title::parse(title).ok())
    {
        settings.title = title;
    }
    settings.description = config.description.clone().unwrap_or_default();
    if let Some(language) = config.language.as_deref() {
        settings.language = Language::parse(&language.replace('_', "-")).unwrap_or_default();
    }
    if let Some(zone) = &config.time_zone {
        settings.time_zone.clone_from(zone);
    }
    (settings != Settings::default()).then_some(settings)
}

/// A text's title, and whether its first line says it.
fn title(given: &mut Given, place: &Place, body: &str) -> (Title, bool) {
    let heading = body
        .trim_start()
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("# "));
    let heading = heading.map(|text| text.trim().trim_end_matches('#').trim());
    let heading = heading.filter(|text| !text.is_empty());
    let from_name = || {
        let words = place.stem.replace(['-', '_'], " ");
        let mut letters = words.trim().chars();
        let first = letters.next().map(char::to_uppercase);
        first
            .into_iter()
            .flatten()
            .chain(letters)
            .collect::<String>()
    };
    let (text, in_text) = match (&given.title, heading) {
        (Some(title), heading) => (title.clone(), heading == Some(title.trim())),
        (None, Some(heading)) => (heading.to_owned(), true),
        (None, None) => (from_name(), false),
    };
    let title = Title::parse(&text).or_else(|error| {
        given.odd.push(Odd::new(
            "title",
            error.to_string(),
            "only its beginning was taken over",
        ));
        Title::parse(&text.chars().take(200).collect::<String>())
    });
    (title.unwrap_or_else(|_| Title::empty()), in_text)
}

fn status(given: &mut Given, place: &Place, date: Option<Timestamp>, now: Timestamp) -> Status {
    if given.is_draft || place.is_draft {
        return Status::Draft;
    }
    if given.expires_at.is_some_and(|at| at <= now) {
        let what = "it was shown until a day that has passed";
        given.odd.push(Odd::new(
            "expiryDate",
            what,
            "it became a draft; publish it if it is to be read again",
        ));
        return Status::Draft;
    }
    let due = given.publish_at.or(date);
    if due.is_some_and(|at| at > now) {
        Status::Scheduled
    } else if given.is_private {
        Status::Private
    } else if given.is_unlisted {
        Status::Unlisted
    } else {
        Status::Published
    }
}
