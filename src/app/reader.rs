//! What readers see: the timeline, a post, the answers of a search.

use percent_encoding::{CONTROLS, utf8_percent_encode};

use crate::db::ReadTx;
use crate::domain::actor::{Act, Actor};
use crate::domain::id::PostId;
use crate::domain::language::Language;
use crate::domain::post::{Kind, Post, Status, Summary};
use crate::domain::redirect::Target;
use crate::domain::settings::Settings;
use crate::domain::slug::Slug;
use crate::domain::tag::Tag;
use crate::domain::user::User;
use crate::render::Rendition;
use crate::search::Request;
use crate::store;

use super::rendering::{Brief, restore};
use super::{App, Error};

/// Pages of the timeline that can be turned to; deeper ones are what search and archives are for.
pub const MAX_PAGE: u32 = 100_000;
pub const RESULTS_PER_PAGE: u32 = 10;
pub const MAX_RESULT_PAGE: u32 = 50;

/// A post as a list shows it.
#[derive(Debug, Clone)]
pub struct Teaser {
    pub summary: Summary,
    /// The author's excerpt, or the text's first words.
    pub excerpt: String,
    pub reading_minutes: u32,
}

#[derive(Debug)]
pub struct TimelinePage {
    pub settings: Settings,
    pub posts: Vec<Teaser>,
    pub page: u32,
    pub has_older: bool,
}

#[derive(Debug)]
pub struct PostPage {
    pub settings: Settings,
    pub post: Post,
    pub language: Language,
    pub rendition: Rendition,
    pub authors: Vec<User>,
    pub tags: Vec<Tag>,
    pub older: Option<Summary>,
    pub newer: Option<Summary>,
}

/// What is found at an address.
#[derive(Debug)]
pub enum Found {
    Post(Box<PostPage>),
    Moved { to: String, permanent: bool },
}

#[derive(Debug)]
pub struct SearchHit {
    pub teaser: Teaser,
    /// HTML: escaped text with `<mark>` around what was found.
    pub snippet: String,
}

#[derive(Debug)]
pub struct SearchPage {
    pub settings: Settings,
    pub query: String,
    pub hits: Vec<SearchHit>,
    pub total: usize,
    pub page: u32,
    pub suggestion: Option<String>,
}

/// The published posts, newest first; `page` counts from 1.
pub fn timeline(app: &App, page: u32) -> Result<TimelinePage, Error> {
    if !(1..=MAX_PAGE).contains(&page) {
        return Err(Error::NotFound);
    }
    app.db.read(|tx| {
        let settings = store::settings::read(tx)?;
        let size = settings.posts_per_page;
        // One more than shown tells whether there is an older page, without counting them all.
        let mut found = store::timeline::published(tx, size + 1, (page - 1) * size)?;
        if found.is_empty() && page > 1 {
            return Err(Error::NotFound);
        }
        let has_older = found.len() > size as usize;
        found.truncate(size as usize);
        let posts = teasers(tx, found)?;
        Ok(TimelinePage {
            settings,
            posts,
            page,
            has_older,
        })
    })
}

/// What readers find at `/{slug}`; a private post only if `viewer` is signed in.
pub fn at_slug(app: &App, viewer: Option<&Actor>, slug: &str) -> Result<Found, Error> {
    if slug.contains('\0') {
        // Not every engine can be asked for it, and nothing is ever kept under it.
        return Err(Error::NotFound);
    }
    app.db.read(|tx| {
        let post = match Slug::parse(slug) {
            Ok(slug) => store::posts::by_slug(tx, &slug)?,
            Err(_) => None,
        };
        match post.filter(|post| may_read(viewer, post)) {
            Some(post) => post_page(tx, post).map(|page| Found::Post(Box::new(page))),
            None => moved(tx, &format!("/{slug}")),
        }
    })
}

/// Where an address that is nobody's own leads, if it has moved.
pub fn elsewhere(app: &App, path: &str) -> Result<Found, Error> {
    app.db.read(|tx| moved(tx, path))
}

fn may_read(viewer: Option<&Actor>, post: &Post) -> bool {
    post.status.is_readable()
        || (post.status == Status::Private
            && viewer.is_some_and(|viewer| {
                viewer.may(Act::SeeEverything) || viewer.user().is_some_and(|user| post.is_by(user))
            }))
}

fn moved(tx: &mut ReadTx<'_>, path: &str) -> Result<Found, Error> {
    let redirect = store::redirects::by_path(tx, path)?.ok_or(Error::NotFound)?;
    let to = match redirect.to {
        Target::Address(address) => address.as_str().to_owned(),
        Target::Post(id) => {
            let post = store::posts::by_id(tx, id)?
                .filter(|post| post.status.is_readable())
                .ok_or(Error::NotFound)?;
            format!("/{}", post.content.slug)
        }
    };
    Ok(Found::Moved {
        // An address in a header is ASCII.
        to: utf8_percent_encode(&to, CONTROLS).to_string(),
        permanent: redirect.permanent,
    })
}

fn post_page(tx: &mut ReadTx<'_>, post: Post) -> Result<PostPage, Error> {
    let settings = store::settings::read(tx)?;
    let rendition = rendition_of(tx, &post, &settings)?;
    let authors = store::users::of_post(tx, post.id)?;
    let tags = store::tags::of_post(tx, post.id)?;
    let on_timeline = post.status.is_listed() && post.kind == Kind::Post;
    let (older, newer) = match post.published_at.filter(|_| on_timeline) {
        Some(at) => (
            store::timeline::before(tx, at, post.id)?,
            store::timeline::after(tx, at, post.id)?,
        ),
        None => (None, None),
    };
    let language = post.content.language.clone();
    Ok(PostPage {
        language: language.unwrap_or_else(|| settings.language.clone()),
        settings,
        post,
        rendition,
        authors,
        tags,
        older,
        newer,
    })
}

/// The stored rendition, or a fresh one where the stored was made under other conditions.
pub(super) fn rendition_of(
    tx: &mut ReadTx<'_>,
    post: &Post,
    settings: &Settings,
) -> Result<Rendition, Error> {
    let brief = Brief::of(tx, &post.content, settings)?;
    match store::renditions::of(tx, post.id)? {
        Some(stored) if stored.stamp == brief.stamp() => restore(stored),
        _ => Ok(brief.render(&post.content.markdown)),
    }
}

fn teasers(tx: &mut ReadTx<'_>, summaries: Vec<Summary>) -> Result<Vec<Teaser>, Error> {
    summaries
        .into_iter()
        .map(|summary| teaser(tx, summary))
        .collect()
}

fn teaser(tx: &mut ReadTx<'_>, summary: Summary) -> Result<Teaser, Error> {
    let facts = store::renditions::facts(tx, summary.id)?;
    let (first_words, reading_minutes) = match facts {
        Some(facts) => {
            let facts: Rendition = serde_json::from_str(&facts).map_err(Error::internal)?;
            (facts.excerpt, facts.reading_minutes)
        }
        None => (String::new(), 1),
    };
    Ok(Teaser {
        excerpt: summary.excerpt.clone().unwrap_or(first_words),
        reading_minutes,
        summary,
    })
}

/// Answers a search. What was found is read again, so nothing shows that is not published now.
pub fn search(app: &App, query: &str, page: u32, as_you_type: bool) -> Result<SearchPage, Error> {
    let page = page.clamp(1, MAX_RESULT_PAGE);
    let settings = super::settings::read(app)?;
    let hits = app.index.search(&Request {
        query,
        language: Some(&settings.language),
        prefix: as_you_type,
        limit: RESULTS_PER_PAGE as usize,
        offset: ((page - 1) * RESULTS_PER_PAGE) as usize,
        now: app.db.clock().now(),
    });
    let found = app.db.read(|tx| {
        hits.posts
            .iter()
            .filter_map(|id| hit(tx, app, query, *id).transpose())
            .collect::<Result<Vec<_>, Error>>()
    })?;
    let vanished = hits.posts.len() - found.len();
    Ok(SearchPage {
        settings,
        query: query.to_owned(),
        hits: found,
        total: hits.total.saturating_sub(vanished),
        page,
        suggestion: hits.suggestion,
    })
}

fn hit(
    tx: &mut ReadTx<'_>,
    app: &App,
    query: &str,
    id: PostId,
) -> Result<Option<SearchHit>, Error> {
    let Some(summary) = store::timeline::among(tx, &[id])?.into_iter().next() else {
        return Ok(None);
    };
    let plain = store::renditions::plain(tx, id)?.unwrap_or_default();
    Ok(Some(SearchHit {
        snippet: app.index.snippet(query, &plain),
        teaser: teaser(tx, summary)?,
    }))
}
