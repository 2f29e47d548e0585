//! Folders of markdown as a source: Hugo's, Jekyll's, Zola's, plain ones, and our own exports. Looks
//! through the folder once, so that each text has its address, and reads the texts when they are asked for.

mod config;
mod given;
mod heads;
mod layout;
mod places;
mod text;

use std::io::Read;
use std::path::Path;

use jiff::tz::TimeZone;

use crate::domain::language::Language;
use crate::domain::post::Status;
use crate::domain::settings::Settings;
use crate::domain::text::Title;
use crate::domain::time::Timestamp;

use super::folder::Folder;
use super::front_matter;
use super::item::{Entry, Head, SiteFacts};
use super::notes::Note;
use super::own::Own;
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
