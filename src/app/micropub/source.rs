//! An entry as its program gets it back: what it sent where nobody has changed it since, what the post
//! says everywhere else.

use serde_json::{Value, json};

use crate::app::posts::{self, Wish};
use crate::app::{App, Error, require};
use crate::db::ReadTx;
use crate::domain::actor::{Act, Actor};
use crate::domain::entry::{Properties, Writing};
use crate::domain::post::{Kind, Post, Status};
use crate::domain::settings::Settings;
use crate::domain::time::Timestamp;
use crate::search::fold;
use crate::store;

use super::{at, fingerprint, url_of, wishes, wording};

/// Entries in one answer.
pub const MAX_SOURCES: u32 = 100;

/// What is at an address.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    pub properties: Properties,
}

/// A post as an entry.
#[derive(Debug)]
pub(super) struct Now {
    pub(super) post: Post,
    pub(super) properties: Properties,
    pub(super) writing: Writing,
    /// Its title, where it was made of its words.
    pub(super) made_title: Option<String>,
}

impl Now {
    pub(super) fn of(
        tx: &mut ReadTx<'_>,
        post: Post,
        settings: &Settings,
        base_url: &str,
    ) -> Result<Self, Error> {
        let content = &post.content;
        let kept = store::entries::get(tx, post.id)?;
        let mut properties = Properties::new();
        let mut writing = Writing::Markdown;
        let mut made_title = None;
        if let Some(entry) = kept {
            properties = entry.properties;
            made_title = entry
                .made_title
                .filter(|made| made == content.title.as_str());
            if entry.made_text == fingerprint(&content.markdown) {
                writing = entry.writing;
            } else {
                // Somebody wrote on: pictures and links are in the text, wherever they are now.
                properties.retain(|name, _| !wording::OF_TEXT.contains(&name.as_str()));
            }
        }
        if writing == Writing::Markdown && !properties.contains_key("content") {
            let is_empty = content.markdown.is_empty();
            set(
                &mut properties,
                "content",
                (!is_empty).then(|| json!(content.markdown)),
            );
        }
        let title = Some(content.title.as_str()).filter(|title| !title.is_empty());
        let name = title.filter(|_| made_title.is_none());
        set(&mut properties, "name", name.map(|name| json!(name)));
        let summary = content.excerpt.as_ref();
        set(&mut properties, "summary", summary.map(|text| json!(text)));
        let cover = content.cover.as_ref().map(|cover| {
            let url = whole(cover.url.as_str(), base_url);
            match cover.alt.as_str() {
                "" => json!(url),
                alt => json!({ "value": url, "alt": alt }),
            }
        });
        set(&mut properties, "featured", cover);
        let mut tags = Vec::new();
        for tag in &content.tags {
            tags.extend(store::tags::by_id(tx, *tag)?.map(|tag| json!(tag.name)));
        }
        if !tags.is_empty() {
            properties.insert("category".to_owned(), tags);
        }
        let moment = post.publish_at.or(post.published_at);
        let moment = moment.and_then(|time| iso(time, settings));
        set(&mut properties, "published", moment.map(|time| json!(time)));
        let word = match post.status {
            Status::Draft => "draft",
            Status::Trashed => "deleted",
            _ => "published",
        };
        set(&mut properties, "post-status", Some(json!(word)));
        let visibility = wishes::Visibility::of(post.status).as_str();
        set(&mut properties, "visibility", Some(json!(visibility)));
        Ok(Self {
            post,
            properties,
            writing,
            made_title,
        })
    }

    fn told(mut self, settings: &Settings, base_url: &str) -> Source {
        let post = &self.post;
        let url = json!(url_of(post, base_url));
        set(&mut self.properties, "url", Some(url));
        set(
            &mut self.properties,
            "mp-slug",
            Some(json!(post.content.slug)),
        );
        let updated = iso(post.updated_at, settings);
        set(
            &mut self.properties,
            "updated",
            updated.map(|time| json!(time)),
        );
        Source {
            properties: self.properties,
        }
    }
}

fn set(properties: &mut Properties, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        properties.insert(name.to_owned(), vec![value]);
    }
}

fn whole(address: &str, base_url: &str) -> String {
    if address.starts_with('/') {
        format!("{base_url}{address}")
    } else {
        address.to_owned()
    }
}

fn iso(time: Timestamp, settings: &Settings) -> Option<String> {
    let moment = jiff::Timestamp::from_microsecond(time.as_micros()).ok()?;
    let moment = moment.to_zoned(super::zone(settings));
    Some(moment.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
}

/// The entry at this address.
pub fn source(app: &App, actor: &Actor, base_url: &str, url: &str) -> Result<Source, Error> {
    app.db.read(|tx| {
        let post = at(tx, url, base_url)?;
        require(actor, Act::SeeOwn)?;
        posts::may_see(actor, &post)?;
        let settings = store::settings::read(tx)?;
        Ok(Now::of(tx, post, &settings, base_url)?.told(&settings, base_url))
    })
}

/// Entries that the actor may see, last edited first.
pub fn sources(
    app: &App,
    actor: &Actor,
    base_url: &str,
    limit: u32,
    offset: u32,
) -> Result<Vec<Source>, Error> {
    require(actor, Act::SeeOwn)?;
    let wish = Wish {
        kind: Kind::Post,
        status: None,
        tag: None,
        words: String::new(),
        limit: limit.min(MAX_SOURCES),
        offset,
    };
    let found = posts::desk(app, actor, &wish)?;
    app.db.read(|tx| {
        let settings = store::settings::read(tx)?;
        let mut sources = Vec::with_capacity(found.len());
        for summary in found {
            if let Some(post) = store::posts::by_id(tx, summary.id)? {
                let now = Now::of(tx, post, &settings, base_url)?;
                sources.push(now.told(&settings, base_url));
            }
        }
        Ok(sources)
    })
}

/// Names of tags that hold these letters, for whoever may use them.
pub fn categories(app: &App, actor: &Actor, letters: &str) -> Result<Vec<String>, Error> {
    if !actor.may(Act::SeeOwn) {
        require(actor, Act::CreatePost)?;
    }
    let letters = fold(letters);
    let all = app.db.read(store::tags::all)?;
    let names = all.into_iter().map(|(tag, _)| tag.name.to_string());
    Ok(names.filter(|name| fold(name).contains(&letters)).collect())
}
