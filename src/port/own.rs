//! Our own export as a source: everything in it is taken over as it stands. Says, too, how the files of an
//! export are called and what is in them, for `export`, which writes what is read here.

use std::collections::BTreeMap;
use std::io::Read;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::app::media;
use crate::app::moving::{Label, Person};
use crate::domain::language::Language;
use crate::domain::post::{Kind, Status};
use crate::domain::settings::Settings;
use crate::domain::slug::Slug;
use crate::domain::text::{Email, Name, Title, WebAddress};
use crate::domain::time::Timestamp;
use crate::domain::user::Role;

use super::fields::Fields;
use super::folder::{Folder, base};
use super::item::{Entry, Head, Picture, Piece, Rule, SiteFacts, Upload};
use super::notes::Note;
use super::{Source, SourceError, dates, front_matter};

/// Says that a folder is an export, and of which form.
pub(super) const MARK: &str = "inkstand.json";
pub(super) const SETTINGS: &str = "settings.json";
pub(super) const AUTHORS: &str = "authors.json";
pub(super) const TAGS: &str = "tags.json";
pub(super) const REDIRECTS: &str = "redirects.json";
pub(super) const MEDIA: &str = "media.json";
/// Raised when the form changes in a way that older programs would misread.
pub(super) const FORM: u32 = 1;
/// Where what readers do not see begins: not a name a file of ours begins with.
const ENDING: &str = ".md";
const BROKEN: &str = "take the file from the export again, or mend it";

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Mark {
    pub(super) inkstand_export: u32,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Author {
    pub(super) slug: Slug,
    pub(super) name: Name,
    pub(super) email: Email,
    pub(super) role: Role,
    pub(super) bio: String,
    pub(super) website: Option<WebAddress>,
    pub(super) suspended: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Tag {
    pub(super) slug: Slug,
    pub(super) name: Name,
    pub(super) description: String,
    pub(super) colour: Option<String>,
    pub(super) cover: Option<WebAddress>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Moved {
    pub(super) from: String,
    pub(super) to: WebAddress,
    pub(super) permanent: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Described {
    /// Below `media/`.
    pub(super) path: String,
    pub(super) name: String,
    pub(super) alt: String,
    pub(super) caption: String,
    /// Other paths that texts may still name it by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) former: Vec<String>,
}

pub(super) const fn folder_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Post => "posts",
        Kind::Page => "pages",
    }
}

pub(super) fn file_of(kind: Kind, slug: &Slug) -> String {
    format!("{}/{slug}{ENDING}", folder_of(kind))
}

#[derive(Debug)]
struct Text {
    fields: Map<String, Value>,
    body_at: usize,
}

#[derive(Debug)]
pub(super) struct Own {
    name: String,
    folder: Folder,
    site: SiteFacts,
    heads: Vec<Head>,
    texts: Vec<Text>,
    /// Which files there are, by their path below `media/`.
    media: BTreeMap<String, String>,
    notes: Vec<Note>,
}

impl Own {
    pub(super) fn is_one(folder: &Folder) -> bool {
        folder.has(MARK)
    }

    pub(super) fn open(mut folder: Folder) -> Result<Self, SourceError> {
        let notes = std::mem::take(&mut folder.notes);
        let mut own = Self {
            name: format!("export {}", folder.root().display()),
            folder,
            site: SiteFacts::default(),
            heads: Vec::new(),
            texts: Vec::new(),
            media: BTreeMap::new(),
            notes,
        };
        match own.json::<Mark>(MARK) {
            Some(mark) if mark.inkstand_export <= FORM => {}
            Some(mark) => {
                return Err(SourceError::Config(format!(
                    "this export has the form {}, and this program knows {FORM}; import it with a newer Inkstand",
                    mark.inkstand_export
                )));
            }
            None => {
                return Err(SourceError::Config(format!(
                    "{MARK} says that this is an export, but cannot be read; take it from the export again"
                )));
            }
        }
        own.read_site();
        own.read_texts();
        Ok(own)
    }

    /// What a file of ours holds; one that cannot be read is told and left out.
    fn json<T: serde::de::DeserializeOwned>(&mut self, file: &str) -> Option<T> {
        if !self.folder.has(file) {
            let note = Note::new(
                file,
                "it is not in the folder",
                "what stood in it was left out",
            );
            self.notes.push(note);
            return None;
        }
        let read = self.folder.whole(file).and_then(|text| {
            serde_json::from_str(&text).map_err(|error| {
                let what = format!("it cannot be read: {error}");
                Note::new(file, what, BROKEN).at_line(Some(error.line()))
            })
        });
        match read {
            Ok(value) => Some(value),
            Err(note) => {
                self.notes.push(note);
                None
            }
        }
    }

    fn read_site(&mut self) {
        self.site.settings = self.json::<Settings>(SETTINGS);
        let authors: Vec<Author> = self.json(AUTHORS).unwrap_or_default();
        let people = authors.into_iter().map(|author| Person {
            slug: author.slug,
            name: author.name,
            email: author.email,
            role: author.role,
            bio: author.bio,
            website: author.website,
            suspended: author.suspended,
        });
        self.site.people = people.collect();
        let tags: Vec<Tag> = self.json(TAGS).unwrap_or_default();
        let labels = tags.into_iter().map(|tag| Label {
            slug: tag.slug,
            name: tag.name,
            description: tag.description,
            colour: tag.colour,
            cover_url: tag.cover,
        });
        self.site.labels = labels.collect();
        let rules: Vec<Moved> = self.json(REDIRECTS).unwrap_or_default();
        let rules = rules.into_iter().map(|moved| Rule {
            from: moved.from,
            to: moved.to,
            permanent: moved.permanent,
        });
        self.site.rules = rules.collect();
        let files: Vec<Described> = self.json(MEDIA).unwrap_or_default();
        for file in files {
            let name = format!("media/{}", file.path);
            self.media.insert(file.path, name.clone());
            self.site.uploads.push(Upload {
                name,
                title: file.name,
                alt: file.alt,
                caption: file.caption,
                former: file.former,
            });
        }
    }

    fn read_texts(&mut self) {
        let mut found = Vec::new();
        for kind in [Kind::Post, Kind::Page] {
            let folder = format!("{}/", folder_of(kind));
            let paths = self.folder.paths().filter(|path| {
                let name = path.strip_prefix(&folder);
                name.is_some_and(|name| !name.contains('/') && name.ends_with(ENDING))
            });
            found.extend(paths.map(|path| (kind, path.to_owned())));
        }
        for (kind, path) in found {
            match self.read_text(kind, &path) {
                Ok((head, text)) => {
                    self.heads.push(head);
                    self.texts.push(text);
                }
                Err(note) => self.notes.push(note),
            }
        }
    }

    fn read_text(&self, kind: Kind, path: &str) -> Result<(Head, Text), Note> {
        let text = self.folder.text(path)?;
        let page = front_matter::split(&text)
            .map_err(|fault| Note::new(path, fault.what, BROKEN).at_line(fault.line))?;
        let fields = Fields::new(&page.fields);
        let stem = base(path).strip_suffix(ENDING).unwrap_or(path);
        let slug = fields.text(&["slug"]).unwrap_or_else(|| stem.to_owned());
        let slug = Slug::parse(&slug).map_err(|error| {
            let line = front_matter::line_of(&text, "slug");
            Note::new(path, error.to_string(), BROKEN)
                .about("slug")
                .at_line(line)
        })?;
        let paths = |name: &str| list(&page.fields, name);
        let lasting = paths("aliases").into_iter().map(|path| (path, true));
        let passing = paths("temporary_aliases")
            .into_iter()
            .map(|path| (path, false));
        let head = Head {
            name: path.to_owned(),
            kind,
            slug,
            is_exact: true,
            old_paths: lasting.chain(passing).collect(),
            translations: fields.text(&["translations"]),
        };
        // The line between head and text is not part of either.
        let rest = text.get(page.body_at..).unwrap_or_default();
        let gap = usize::from(rest.starts_with('\n'));
        let body_at = page.body_at + gap;
        Ok((
            head,
            Text {
                fields: page.fields,
                body_at,
            },
        ))
    }

    /// A text of ours with the addresses of the export's files left open.
    fn body(&self, text: &str) -> Vec<Piece> {
        let ends = |letter: char| {
            letter.is_whitespace() || matches!(letter, ')' | '"' | '\'' | '>' | '<' | '?' | '#')
        };
        let mut pieces = Vec::new();
        let mut copied = 0;
        for (at, prefix) in text.match_indices(media::PREFIX) {
            let rest = text.get(at + prefix.len()..).unwrap_or_default();
            let path = rest.split(ends).next().unwrap_or_default();
            if let Some(name) = self.media.get(path).filter(|_| at >= copied) {
                let before = text.get(copied..at).unwrap_or_default();
                if !before.is_empty() {
                    pieces.push(Piece::Text(before.to_owned()));
                }
                pieces.push(Piece::File(name.clone(), format!("{prefix}{path}")));
                copied = at + prefix.len() + path.len();
            }
        }
        let rest = text.get(copied..).unwrap_or_default();
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        pieces
    }
}

/// The texts of a list, each as it stands.
fn list(fields: &Map<String, Value>, name: &str) -> Vec<String> {
    let values = fields.get(name).and_then(Value::as_array);
    let texts = values.into_iter().flatten().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

impl Source for Own {
    fn what(&self) -> &'static str {
        "an export of Inkstand"
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
        let (Some(head), Some(text)) = (self.heads.get(at), self.texts.get(at)) else {
            return Err(Note::new(
                "",
                format!("there is no text number {at}"),
                "begin again",
            ));
        };
        let file = self.folder.text(&head.name)?;
        let body = file.get(text.body_at..).unwrap_or_default();
        let read = Reading {
            file: &head.name,
            fields: &text.fields,
        };
        let cover = read.parsed("cover", WebAddress::parse)?;
        let cover = cover.map(|address| Picture {
            at: self
                .body(address.as_str())
                .into_iter()
                .next()
                .unwrap_or_else(|| Piece::Text(String::new())),
            alt: read.text("cover_alt").unwrap_or_default(),
        });
        let tags = list(&text.fields, "tags");
        let tags = tags.iter().map(|name| Name::parse(name));
        let tags = tags
            .collect::<Result<_, _>>()
            .map_err(|error| read.wrong("tags", &error))?;
        let status = read.parsed("status", |word| Status::parse(word).ok_or("no such status"))?;
        Ok(Entry {
            title: read
                .parsed("title", Title::parse)?
                .unwrap_or_else(Title::empty),
            body: self.body(body),
            excerpt: read.text("excerpt"),
            cover,
            tags,
            authors: list(&text.fields, "authors"),
            language: read.parsed("language", Language::parse)?,
            canonical_url: read.parsed("canonical_url", WebAddress::parse)?,
            meta_title: read.text("meta_title"),
            meta_description: read.text("meta_description"),
            code_head: read.text("code_head"),
            code_foot: read.text("code_foot"),
            featured: text
                .fields
                .get("featured")
                .and_then(Value::as_bool)
                .unwrap_or_default(),
            status: status.unwrap_or(Status::Published),
            trashed_from: read.parsed("trashed_from", |word| {
                Status::parse(word).ok_or("no such status")
            })?,
            created_at: read.time("created")?,
            updated_at: read.time("updated")?,
            published_at: read.time("date")?,
            publish_at: read.time("publish_at")?,
            is_dated_by_file: false,
            notes: Vec::new(),
        })
    }

    fn file(&self, name: &str) -> Result<Box<dyn Read>, Note> {
        Ok(Box::new(self.folder.open_file(name)?))
    }

    fn notes(&self) -> &[Note] {
        &self.notes
    }
}

/// Reads the fields of one file; what is wrong is told with its name.
struct Reading<'a> {
    file: &'a str,
    fields: &'a Map<String, Value>,
}

impl Reading<'_> {
    fn text(&self, name: &str) -> Option<String> {
        self.fields.get(name).and_then(super::fields::as_text)
    }

    fn parsed<T, E: std::fmt::Display>(
        &self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Note> {
        let text = self.text(name);
        let parsed = text.map(|text| parse(&text)).transpose();
        parsed.map_err(|error| self.wrong(name, &error))
    }

    fn time(&self, name: &str) -> Result<Option<Timestamp>, Note> {
        self.parsed(name, |text| {
            dates::parse(text, &TimeZone::UTC).ok_or("this is no moment")
        })
    }

    fn wrong(&self, name: &str, why: &dyn std::fmt::Display) -> Note {
        Note::new(self.file, why.to_string(), BROKEN).about(name)
    }
}
