//! Entries of Micropub programs: made, changed, put away and brought back as posts. What a program sent
//! is kept beside the post, so that it gets the same back, and what a post has no place for is not lost.
//! Knows no HTTP; `docs/micropub.md` tells what becomes of which property.

mod source;
mod wishes;
mod wording;

use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};

use crate::db::{ReadTx, WriteTx};
use crate::domain::actor::{Act, Actor};
use crate::domain::entry::{Entry, Properties, Writing};
use crate::domain::language::Language;
use crate::domain::post::{Content, Kind, Post, Status};
use crate::domain::redirect::Target;
use crate::domain::settings::Settings;
use crate::domain::slug::Slug;
use crate::domain::text::{Title, hex};
use crate::render;
use crate::store;

use super::posts::{self, Draft, Release};
use super::{App, Error, require};

pub use source::{MAX_SOURCES, Source, categories, source, sources};
use wishes::Standing;
use wording::Ground;

/// Characters of a text that are looked at for a title.
const TITLE_SOURCE_BYTES: usize = 4 * 1024;

/// What became of an entry.
#[derive(Debug)]
pub struct Made {
    pub post: Post,
    pub url: String,
    /// It waits for somebody who may publish.
    pub is_waiting: bool,
}

/// What is to be different.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    pub replace: Properties,
    pub add: Properties,
    /// Values that go.
    pub delete_values: Properties,
    /// Properties that go altogether.
    pub delete: Vec<String>,
}

/// Makes a post of an entry, before readers unless it says otherwise or its sender may not.
pub fn create(
    app: &App,
    actor: &Actor,
    base_url: &str,
    properties: &Properties,
) -> Result<Made, Error> {
    require(actor, Act::CreatePost)?;
    app.db.write(|tx| {
        let settings = store::settings::read(tx)?;
        let ground = Ground {
            base_url,
            language: &settings.language,
            writing: Writing::Plain,
        };
        let standing = wishes::standing(properties, &zone(&settings))?;
        let mut draft = wishes::draft(properties, ground, &settings.language, |_| true)?;
        let kept: Properties = properties
            .iter()
            .filter(|(name, _)| wishes::is_kept(name))
            .map(|(name, values)| (name.clone(), values.clone()))
            .collect();
        let markdown = wording::text(&kept, ground)?;
        let made_title = match &draft.title {
            Some(title) if !title.as_str().is_empty() => None,
            _ => Some(made_title(&kept, ground, &standing, tx)?),
        };
        if let Some(title) = &made_title {
            draft.title = Some(title.clone());
        }
        let entry = Entry {
            properties: kept,
            writing: Writing::Plain,
            made_title: made_title.map(String::from),
            made_text: fingerprint(&markdown),
        };
        draft.markdown = Some(markdown);
        draft.published_at = standing.date.filter(|date| *date <= tx.now());
        let post = posts::create_in(tx, actor, Kind::Post, draft)?;
        store::entries::put(tx, post.id, &entry)?;
        let may_publish = actor.may(Act::PublishPost(&post));
        let post = if standing.is_draft || !may_publish {
            post
        } else {
            let ahead = standing.date.filter(|date| *date > tx.now());
            posts::release_in(tx, actor, &post, standing.visibility.release(ahead))?
        };
        Ok(Made {
            url: url_of(&post, base_url),
            is_waiting: !standing.is_draft && !may_publish,
            post,
        })
    })
}

/// Changes the post at this address.
pub fn update(
    app: &App,
    actor: &Actor,
    base_url: &str,
    url: &str,
    changes: &Changes,
) -> Result<Made, Error> {
    app.db.write(|tx| {
        let post = at(tx, url, base_url)?;
        is_there_for(actor, &post)?;
        require(actor, Act::EditPost(&post))?;
        let settings = store::settings::read(tx)?;
        let now = source::Now::of(tx, post, &settings, base_url)?;
        let touched = touched(changes);
        let wanted = apply(now.properties.clone(), changes);
        let ground = Ground {
            base_url,
            language: &settings.language,
            writing: now.writing,
        };
        let is_touched = |name: &str| touched.iter().any(|one| one == name);
        let standing = wishes::standing(&wanted, &zone(&settings))?;
        let mut draft = wishes::draft(&wanted, ground, &settings.language, is_touched)?;
        let entry = reword(tx, &now, &wanted, ground, &standing, is_touched, &mut draft)?;
        if is_touched("published") {
            draft.published_at = standing.date.filter(|date| *date <= tx.now());
        }
        let post = save(tx, actor, now.post, draft)?;
        store::entries::put(tx, post.id, &entry)?;
        let is_moved = ["post-status", "visibility"]
            .iter()
            .any(|name| is_touched(name));
        let ahead = standing.date.filter(|date| *date > tx.now());
        let post = if is_moved || (is_touched("published") && ahead.is_some()) {
            move_to(tx, actor, post, &standing)?
        } else {
            post
        };
        Ok(Made {
            url: url_of(&post, base_url),
            is_waiting: false,
            post,
        })
    })
}

/// Makes text and title anew where what they are made of has changed, and says what is kept from then on.
fn reword(
    tx: &WriteTx<'_>,
    now: &source::Now,
    wanted: &Properties,
    ground: Ground<'_>,
    standing: &Standing,
    is_touched: impl Fn(&str) -> bool,
    draft: &mut Draft,
) -> Result<Entry, Error> {
    let kept: Properties = wanted
        .iter()
        .filter(|(name, _)| wishes::is_kept(name))
        .map(|(name, values)| (name.clone(), values.clone()))
        .collect();
    let is_reworded = wording::OF_TEXT.iter().any(|name| is_touched(name));
    let mut made_text = fingerprint(&now.post.content.markdown);
    if is_reworded {
        let markdown = wording::text(&kept, ground)?;
        made_text = fingerprint(&markdown);
        draft.markdown = Some(markdown);
    }
    let mut title = now.made_title.clone();
    let has_name = !wording::values(wanted, "name").is_empty();
    if has_name {
        title = None;
    } else if is_reworded || is_touched("name") {
        let made = made_title(&kept, ground, standing, tx)?;
        draft.title = Some(made.clone());
        title = Some(made.into());
    }
    Ok(Entry {
        properties: kept,
        writing: now.writing,
        made_title: title,
        made_text,
    })
}

fn touched(changes: &Changes) -> Vec<String> {
    let names = changes.replace.keys().chain(changes.add.keys());
    let names = names
        .chain(changes.delete_values.keys())
        .chain(&changes.delete);
    names.cloned().collect()
}

fn apply(mut properties: Properties, changes: &Changes) -> Properties {
    for (name, values) in &changes.replace {
        properties.insert(name.clone(), values.clone());
    }
    for (name, values) in &changes.add {
        let there = properties.entry(name.clone()).or_default();
        for value in values {
            if !there.contains(value) {
                there.push(value.clone());
            }
        }
    }
    for (name, values) in &changes.delete_values {
        if let Some(there) = properties.get_mut(name) {
            there.retain(|value| !values.contains(value));
        }
    }
    for name in &changes.delete {
        properties.remove(name);
    }
    properties.retain(|_, values| !values.is_empty());
    properties
}

fn save(tx: &mut WriteTx<'_>, actor: &Actor, post: Post, draft: Draft) -> Result<Post, Error> {
    let id = post.id;
    let language = store::settings::read(tx)?.language;
    let mut content: Content = post.content.clone();
    if let Some(slug) = &draft.slug {
        content.slug = posts::free_slug(tx, slug, Some(id))?;
    }
    let date = draft.published_at;
    posts::apply(tx, actor, &mut content, draft, &language)?;
    posts::save(tx, actor, post, content, date)
}

/// Puts a post where its entry says now.
fn move_to(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    post: Post,
    standing: &Standing,
) -> Result<Post, Error> {
    if standing.is_draft {
        return match post.status {
            Status::Draft => Ok(post),
            _ => posts::unpublish_in(tx, actor, &post),
        };
    }
    let ahead = standing.date.filter(|date| *date > tx.now());
    let release = standing.visibility.release(ahead);
    if release.is_where(&post) {
        return Ok(post);
    }
    posts::release_in(tx, actor, &post, release)
}

/// Puts the post at this address into the trash.
pub fn delete(app: &App, actor: &Actor, base_url: &str, url: &str) -> Result<(), Error> {
    app.db.write(|tx| {
        let post = at(tx, url, base_url)?;
        is_there_for(actor, &post)?;
        if post.status == Status::Trashed {
            tx.quiet("it is in the trash already");
        }
        posts::trash_in(tx, actor, &post).map(drop)
    })
}

/// Takes the post out of the trash; if its sender may publish, back to where it stood.
pub fn undelete(app: &App, actor: &Actor, base_url: &str, url: &str) -> Result<Made, Error> {
    app.db.write(|tx| {
        let post = at(tx, url, base_url)?;
        is_there_for(actor, &post)?;
        require(actor, Act::RestorePost(&post))?;
        let stood = post.trashed_from;
        if post.status != Status::Trashed {
            tx.quiet("it is not in the trash");
            return Ok(Made {
                url: url_of(&post, base_url),
                is_waiting: false,
                post,
            });
        }
        let post = posts::restore_in(tx, actor, &post)?;
        let release = match stood {
            Some(Status::Published) => Some(Release::Now),
            Some(Status::Unlisted) => Some(Release::Unlisted),
            Some(Status::Private) => Some(Release::Private),
            _ => None,
        };
        let may_publish = actor.may(Act::PublishPost(&post));
        let post = match release {
            Some(release) if may_publish => posts::release_in(tx, actor, &post, release)?,
            _ => post,
        };
        Ok(Made {
            url: url_of(&post, base_url),
            is_waiting: release.is_some() && !may_publish,
            post,
        })
    })
}

/// Their own post is, whatever else their token lacks: that is told them then.
fn is_there_for(actor: &Actor, post: &Post) -> Result<(), Error> {
    match actor.user() {
        Some(user) if post.is_by(user) => Ok(()),
        _ => posts::may_see(actor, post),
    }
}

fn url_of(post: &Post, base_url: &str) -> String {
    format!("{base_url}/{}", post.content.slug)
}

/// The post at an address of ours, or at one it had before.
fn at(tx: &mut ReadTx<'_>, url: &str, base_url: &str) -> Result<Post, Error> {
    let no = || Error::invalid("url", "There is no post of this site at that address");
    let path = url.strip_prefix(base_url).ok_or_else(no)?;
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let name = path.strip_prefix('/').ok_or_else(no)?.trim_end_matches('/');
    let slug = Slug::parse(name).map_err(|_| no())?;
    if let Some(post) = store::posts::by_slug(tx, &slug)? {
        return Ok(post);
    }
    let redirect = store::redirects::by_path(tx, &format!("/{slug}"))?;
    let moved = match redirect.map(|redirect| redirect.to) {
        Some(Target::Post(id)) => store::posts::by_id(tx, id)?,
        _ => None,
    };
    moved.ok_or_else(no)
}

fn zone(settings: &Settings) -> TimeZone {
    TimeZone::get(&settings.time_zone).unwrap_or(TimeZone::UTC)
}

/// Tells whether a text is still the one that was made.
fn fingerprint(markdown: &str) -> String {
    hex(&Sha256::digest(markdown.as_bytes()))
}

/// A title of the first words; where there are none, of what there is to see, or of the day.
fn made_title(
    kept: &Properties,
    ground: Ground<'_>,
    standing: &Standing,
    tx: &WriteTx<'_>,
) -> Result<Title, Error> {
    let content = wording::content(kept, ground.writing)?.join("\n\n");
    let words = words_of(&content, ground.language);
    let alt = wording::values(kept, "photo")
        .first()
        .and_then(|photo| photo.get("alt")?.as_str());
    let about = ["in-reply-to", "like-of", "repost-of", "bookmark-of"]
        .into_iter()
        .find_map(|name| {
            let value = wording::values(kept, name).first()?;
            wording::address_of("url", value).ok()
        });
    let day = standing.date.unwrap_or_else(|| tx.now());
    let day = jiff::Timestamp::from_microsecond(day.as_micros()).unwrap_or_default();
    let made = wording::title(&words)
        .or_else(|| alt.and_then(wording::title))
        .or_else(|| about.as_deref().and_then(wording::title))
        .unwrap_or_else(|| day.strftime("%Y-%m-%d").to_string());
    Title::parse(&made).map_err(|error| Error::invalid("name", error))
}

/// What readers see of a text, without its signs.
fn words_of(markdown: &str, language: &Language) -> String {
    let mut end = markdown.len().min(TITLE_SOURCE_BYTES);
    while !markdown.is_char_boundary(end) {
        end -= 1;
    }
    let options = render::Options {
        language,
        smart_punctuation: false,
        trusted_html: false,
        site_url: None,
        images: &(),
    };
    render::markdown(&markdown[..end], &options).text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn properties(value: serde_json::Value) -> Properties {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn changes_go_over_what_is_there() {
        let before = properties(json!({
            "content": ["a"], "category": ["one", "two"], "name": ["n"], "photo": ["p"]
        }));
        let changes = Changes {
            replace: properties(json!({ "content": ["b"] })),
            add: properties(json!({ "category": ["two", "three"], "syndication": ["s"] })),
            delete_values: properties(json!({ "category": ["one"], "photo": ["p"], "x": ["y"] })),
            delete: vec!["name".to_owned(), "nothing".to_owned()],
        };
        assert_eq!(
            apply(before, &changes),
            properties(json!({
                "content": ["b"], "category": ["two", "three"], "syndication": ["s"]
            }))
        );
    }
}
