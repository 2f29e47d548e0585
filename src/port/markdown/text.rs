//! A found text becomes an entry: its body is read, its generator's pieces and its links are put into
//! neutral form, its fields are checked.

use crate::domain::post::{MAX_TAGS, Status};
use crate::domain::text::{Name, WebAddress};

use super::super::item::{Entry, Picture, Piece};
use super::super::marks::Marks;
use super::super::notes::Note;
use super::super::rewriting::Rewriting;
use super::super::{links, liquid, shortcodes};
use super::given::short;
use super::places::{From, Map};
use super::{Found, Generator, Markdown};

const MORE: &str = "<!--more-->";

pub(super) fn entry(site: &Markdown, found: &Found) -> Result<Entry, Note> {
    let text = site.folder.text(&found.path)?;
    let body = text.get(found.body_at..).unwrap_or_default();
    let mut notes = Markdown::notes_of(found);
    let map = Map {
        generator: site.generator,
        config: &site.config,
        folder: &site.folder,
        places: &site.places,
    };
    let from = From {
        path: &found.path,
        address: found.address.as_deref(),
    };
    let resolve = |target: &str| map.find(&from, target);
    let body = body_of(site, found, body, &resolve, &mut notes);
    let cover = found.given.cover.as_deref().and_then(|address| {
        let alt = found.given.cover_alt.clone().unwrap_or_default();
        cover(&found.path, address, &resolve, &mut notes).map(|at| Picture { at, alt })
    });
    let given = &found.given;
    let canonical_url =
        given
            .canonical
            .as_deref()
            .and_then(|address| match WebAddress::parse(address) {
                Ok(address) => Some(address),
                Err(error) => {
                    let note = Note::new(&found.path, error.to_string(), "it was left out");
                    notes.push(note.about("canonical"));
                    None
                }
            });
    let tags = tags(found, &mut notes);
    let excerpt = given.summary.clone().or_else(|| given.description.clone());
    let meta_description = given
        .description
        .clone()
        .filter(|text| Some(text) != excerpt.as_ref());
    let (published_at, publish_at) = match found.status {
        Status::Scheduled => (None, given.publish_at.or(found.date)),
        _ => (found.date, None),
    };
    Ok(Entry {
        title: found.title.clone(),
        body,
        excerpt,
        cover,
        tags,
        authors: given.authors.clone(),
        language: found.language.clone(),
        canonical_url,
        meta_title: given.meta_title.clone(),
        meta_description,
        code_head: None,
        code_foot: None,
        featured: given.is_featured,
        status: found.status,
        trashed_from: None,
        created_at: published_at,
        updated_at: given.updated_at.or(published_at),
        published_at,
        publish_at,
        is_dated_by_file: found.is_dated_by_file,
        notes,
    })
}

fn body_of(
    site: &Markdown,
    found: &Found,
    body: &str,
    resolve: &dyn Fn(&str) -> Option<Piece>,
    notes: &mut Vec<Note>,
) -> Vec<Piece> {
    let mut text = Marks::cleaned(body);
    let mut first_line = found.body_line;
    if found.is_title_in_text {
        let start = text.trim_start();
        let skipped = text
            .get(..text.len() - start.len())
            .unwrap_or_default()
            .matches('\n')
            .count();
        let rest = start.split_once('\n').map_or("", |(_, rest)| rest);
        first_line += skipped + 1;
        let at = text.len() - rest.len();
        text.drain(..at);
    }
    if found.place.is_html {
        notes.push(Note::new(
            &found.path,
            "it is written in HTML and was taken over so",
            "look how it reads",
        ));
    }
    let mut work = Rewriting {
        resolve,
        marks: Marks::default(),
        notes: Vec::new(),
        file: &found.path,
        first_line,
    };
    let text = match site.generator {
        Generator::Hugo => shortcodes::hugo(&text, &mut work),
        Generator::Zola => shortcodes::zola(&text, &mut work),
        Generator::Jekyll => {
            tell_attributes(&text, &mut work);
            liquid::jekyll(&text, &mut work)
        }
        Generator::Plain => text,
    };
    let text = match site.config.excerpt_separator.as_deref() {
        Some(mark) if mark != MORE && !mark.trim().is_empty() && !text.contains(MORE) => {
            text.replacen(mark, MORE, 1)
        }
        _ => text,
    };
    let mut marks = work.marks;
    let mut missing = Vec::new();
    let text = links::rewrite(&text, |address| {
        let found = resolve(address);
        if found.is_none() && is_of_here(address) {
            missing.push(address.to_owned());
        }
        found.map(|piece| marks.mark(piece))
    });
    notes.append(&mut work.notes);
    for address in missing.into_iter().take(MAX_MISSING) {
        let what = format!("“{}” leads to nothing in the folder", short(&address));
        let line = line_of(body, &address).map(|line| line + found.body_line - 1);
        notes.push(
            Note::new(&found.path, what, "correct the link after the import")
                .about("text")
                .at_line(line),
        );
    }
    // What is left after the head and the title begins where the text does.
    marks.pieces(text.trim_start_matches(['\n', '\r']))
}

/// Classes and the like behind a piece of text (`{: .wide}`), which only Jekyll's markdown knows.
fn tell_attributes(text: &str, work: &mut Rewriting<'_>) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with("{:") {
            work.left(
                text,
                at,
                line.trim(),
                "take it out, or write the piece in HTML",
            );
        }
        at += line.len();
    }
}

/// Links of one text that lead nowhere and are told.
const MAX_MISSING: usize = 20;

/// Whether an address was to lead to something of the same site.
fn is_of_here(address: &str) -> bool {
    let is_foreign = address.starts_with(['#', '{', '?']) || address.starts_with("//");
    let scheme = address.split(['/', '?', '#']).next().unwrap_or_default();
    !is_foreign && !scheme.contains(':') && address != "/"
}

fn line_of(body: &str, address: &str) -> Option<usize> {
    let at = body.find(address)?;
    Some(1 + body.get(..at)?.matches('\n').count())
}

fn cover(
    path: &str,
    address: &str,
    resolve: &dyn Fn(&str) -> Option<Piece>,
    notes: &mut Vec<Note>,
) -> Option<Piece> {
    if let Some(piece @ Piece::File(..)) = resolve(address) {
        return Some(piece);
    }
    if address.contains("://") && WebAddress::parse(address).is_ok() {
        return Some(Piece::Text(address.to_owned()));
    }
    let what = format!("the cover “{}” is not in the folder", short(address));
    notes.push(Note::new(path, what, "choose another after the import").about("cover"));
    None
}

fn tags(found: &Found, notes: &mut Vec<Note>) -> Vec<Name> {
    let mut tags: Vec<Name> = Vec::new();
    for word in found.given.tags.iter().chain(&found.given.categories) {
        match Name::parse(word) {
            Ok(name) if tags.iter().any(|known| known.folded() == name.folded()) => {}
            Ok(name) => tags.push(name),
            Err(error) => {
                let note = Note::new(&found.path, error.to_string(), "this tag was left out");
                notes.push(note.about("tags"));
            }
        }
    }
    if tags.len() > MAX_TAGS {
        let what = format!("it has more than {MAX_TAGS} tags");
        notes.push(Note::new(&found.path, what, "the first ones were taken over").about("tags"));
        tags.truncate(MAX_TAGS);
    }
    tags
}
