//! The feeds of the site, of a tag, of an author: their newest posts, whole.

use percent_encoding::{CONTROLS, utf8_percent_encode};

use crate::db::ReadTx;
use crate::domain::post::Summary;
use crate::domain::settings::Settings;
use crate::domain::slug::Slug;
use crate::domain::time::Timestamp;
use crate::render::feeds::{self, Entry, Feed, Person};
use crate::store;
use crate::texts::{self, Argument};

use super::{App, Error, reader};

const ENTRIES: u32 = 20;

/// Whose posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of<'a> {
    Site,
    Tag(&'a str),
    Author(&'a str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Rss,
    Atom,
    Json,
}

impl Form {
    pub const ALL: [Self; 3] = [Self::Rss, Self::Atom, Self::Json];

    /// What the address ends with.
    pub fn file(self) -> &'static str {
        match self {
            Self::Rss => "feed.xml",
            Self::Atom => "atom.xml",
            Self::Json => "feed.json",
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Json => "application/feed+json; charset=utf-8",
        }
    }
}

/// A finished feed.
#[derive(Debug)]
pub struct Document {
    pub body: String,
    pub own_url: String,
    pub hub_url: Option<String>,
}

/// `base_url` is the site's, without a slash at its end.
pub fn document(app: &App, of: Of<'_>, form: Form, base_url: &str) -> Result<Document, Error> {
    let feed = app.db.read(|tx| feed(tx, of, form, base_url))?;
    let body = match form {
        Form::Rss => feeds::rss(&feed).map_err(Error::internal)?,
        Form::Atom => feeds::atom(&feed).map_err(Error::internal)?,
        Form::Json => feeds::json(&feed),
    };
    Ok(Document {
        body,
        own_url: feed.own_url,
        hub_url: feed.hub_url,
    })
}

fn feed(tx: &mut ReadTx<'_>, of: Of<'_>, form: Form, base_url: &str) -> Result<Feed, Error> {
    let settings = store::settings::read(tx)?;
    let site = settings.title.as_str().to_owned();
    let say = |key: &str, name: &str, value: &str| {
        let arguments = [
            ("site", Argument::Text(site.as_str().into())),
            (name, Argument::Text(value.to_owned().into())),
        ];
        let said = texts::of(&settings.language).get(key, &arguments);
        said.unwrap_or_else(|_| format!("{site}: {value}"))
    };
    let (title, description, path, posts) = match of {
        Of::Site => {
            let posts = store::timeline::published(tx, ENTRIES, 0)?;
            (
                site.clone(),
                settings.description.clone(),
                String::new(),
                posts,
            )
        }
        Of::Tag(slug) => {
            let slug = Slug::parse(slug).map_err(|_| Error::NotFound)?;
            let tag = store::tags::by_slug(tx, &slug)?.ok_or(Error::NotFound)?;
            let posts = some(store::timeline::tagged(tx, tag.id, ENTRIES, 0)?)?;
            let title = say("feed_of_tag", "tag", tag.name.as_str());
            (title, tag.description, format!("/tag/{slug}"), posts)
        }
        Of::Author(slug) => {
            let slug = Slug::parse(slug).map_err(|_| Error::NotFound)?;
            let author = store::users::by_slug(tx, &slug)?.ok_or(Error::NotFound)?;
            let posts = some(store::timeline::by_author(tx, author.id, ENTRIES, 0)?)?;
            let title = say("feed_of_author", "name", author.name.as_str());
            (title, author.bio, format!("/author/{slug}"), posts)
        }
    };
    let mut entries = Vec::with_capacity(posts.len());
    for post in posts {
        entries.extend(entry(tx, &post, &settings, base_url)?);
    }
    let newest = entries.iter().map(|entry| entry.updated).max();
    let whole = |path: &str| address(base_url, path);
    Ok(Feed {
        title,
        description,
        language: settings.language.as_str().to_owned(),
        own_url: whole(&format!("{path}/{}", form.file())),
        page_url: if path.is_empty() {
            whole("/")
        } else {
            whole(&path)
        },
        icon_url: settings.logo.as_ref().map(|logo| whole(logo.as_str())),
        hub_url: settings.websub_hub.as_ref().map(|hub| whole(hub.as_str())),
        updated: newest.unwrap_or(Timestamp::from_micros(0)),
        entries,
    })
}

/// Tags and authors without a public post are nobody's business yet.
fn some(posts: Vec<Summary>) -> Result<Vec<Summary>, Error> {
    if posts.is_empty() {
        return Err(Error::NotFound);
    }
    Ok(posts)
}

fn entry(
    tx: &mut ReadTx<'_>,
    summary: &Summary,
    settings: &Settings,
    base_url: &str,
) -> Result<Option<Entry>, Error> {
    let Some(post) = store::posts::by_id(tx, summary.id)? else {
        return Ok(None);
    };
    let rendition = reader::rendition_of(tx, &post, settings)?;
    let url = address(base_url, &format!("/{}", summary.slug));
    let authors = store::users::of_post(tx, post.id)?.into_iter();
    let tags = store::tags::of_post(tx, post.id)?.into_iter();
    let cover = summary.cover.as_ref();
    let language = summary.language.as_ref().unwrap_or(&settings.language);
    let published = summary.published_at.unwrap_or(post.created_at);
    Ok(Some(Entry {
        id: feeds::entry_id(post.id),
        html: feeds::absolute(&rendition.html, base_url, &url),
        url,
        title: summary.title.as_str().to_owned(),
        summary: summary.excerpt.clone().unwrap_or(rendition.excerpt),
        language: language.as_str().to_owned(),
        published,
        updated: post.updated_at.max(published),
        authors: authors
            .map(|author| Person {
                url: address(base_url, &format!("/author/{}", author.slug)),
                name: author.name.as_str().to_owned(),
            })
            .collect(),
        tags: tags.map(|tag| tag.name.as_str().to_owned()).collect(),
        image_url: cover.map(|cover| address(base_url, cover.url.as_str())),
    }))
}

/// A whole address in ASCII; addresses of other sites stay theirs.
pub(super) fn address(base_url: &str, address: &str) -> String {
    let encoded = utf8_percent_encode(address, CONTROLS);
    if address.starts_with('/') {
        format!("{base_url}{encoded}")
    } else {
        encoded.to_string()
    }
}
