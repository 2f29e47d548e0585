//! Lists of posts: the timeline, a tag's, an author's. Must not know how a page is made of them.

use crate::db::ReadTx;
use crate::domain::post::Summary;
use crate::domain::settings::Settings;
use crate::domain::slug::Slug;
use crate::domain::tag::Tag;
use crate::domain::user::User;
use crate::store::{self, StoreError};

use super::super::rendering::facts_of;
use super::super::{App, Error};

/// Pages that can be turned to; deeper ones are what search and archives are for.
pub const MAX_PAGE: u32 = 100_000;

/// A post as a list shows it.
#[derive(Debug, Clone)]
pub struct Teaser {
    pub summary: Summary,
    /// The author's excerpt, or the text's first words.
    pub excerpt: String,
    pub reading_minutes: u32,
    pub authors: Vec<User>,
    pub tags: Vec<Tag>,
}

/// One page of a list.
#[derive(Debug)]
pub struct Listing {
    pub settings: Settings,
    pub posts: Vec<Teaser>,
    /// Counts from 1.
    pub page: u32,
    pub has_older: bool,
}

#[derive(Debug)]
pub struct TagPage {
    pub tag: Tag,
    pub count: u64,
    pub listing: Listing,
}

#[derive(Debug)]
pub struct AuthorPage {
    pub author: User,
    pub count: u64,
    pub listing: Listing,
}

/// The published posts, newest first; `page` counts from 1.
pub fn timeline(app: &App, page: u32) -> Result<Listing, Error> {
    app.db
        .read(|tx| listing(tx, page, store::timeline::published))
}

/// The published posts with a tag.
pub fn tag(app: &App, slug: &str, page: u32) -> Result<TagPage, Error> {
    let slug = Slug::parse(slug).map_err(|_| Error::NotFound)?;
    app.db.read(|tx| {
        let tag = store::tags::by_slug(tx, &slug)?.ok_or(Error::NotFound)?;
        let count = store::timeline::count_tagged(tx, tag.id)?;
        if count == 0 {
            // A tag of drafts alone is nobody's business yet.
            return Err(Error::NotFound);
        }
        let listing = listing(tx, page, |tx, limit, offset| {
            store::timeline::tagged(tx, tag.id, limit, offset)
        })?;
        Ok(TagPage {
            tag,
            count,
            listing,
        })
    })
}

/// The published posts of an author. Who has published nothing has no page.
pub fn author(app: &App, slug: &str, page: u32) -> Result<AuthorPage, Error> {
    let slug = Slug::parse(slug).map_err(|_| Error::NotFound)?;
    app.db.read(|tx| {
        let author = store::users::by_slug(tx, &slug)?.ok_or(Error::NotFound)?;
        let count = store::timeline::count_by_author(tx, author.id)?;
        if count == 0 {
            return Err(Error::NotFound);
        }
        let listing = listing(tx, page, |tx, limit, offset| {
            store::timeline::by_author(tx, author.id, limit, offset)
        })?;
        Ok(AuthorPage {
            author,
            count,
            listing,
        })
    })
}

/// One page of what `find(limit, offset)` finds.
pub(super) fn listing(
    tx: &mut ReadTx<'_>,
    page: u32,
    find: impl FnOnce(&mut ReadTx<'_>, u32, u32) -> Result<Vec<Summary>, StoreError>,
) -> Result<Listing, Error> {
    if !(1..=MAX_PAGE).contains(&page) {
        return Err(Error::NotFound);
    }
    let settings = store::settings::read(tx)?;
    let size = settings.posts_per_page;
    // One more than shown tells whether there is an older page, without counting them all.
    let mut found = find(tx, size + 1, (page - 1) * size)?;
    if found.is_empty() && page > 1 {
        return Err(Error::NotFound);
    }
    let has_older = found.len() > size as usize;
    found.truncate(size as usize);
    let posts = found
        .into_iter()
        .map(|summary| teaser(tx, &settings, summary));
    Ok(Listing {
        posts: posts.collect::<Result<_, _>>()?,
        settings,
        page,
        has_older,
    })
}

pub(in crate::app) fn teaser(
    tx: &mut ReadTx<'_>,
    settings: &Settings,
    summary: Summary,
) -> Result<Teaser, Error> {
    let authors = store::users::of_post(tx, summary.id)?;
    let facts = facts_of(tx, &summary, &authors, settings)?;
    Ok(Teaser {
        excerpt: summary.excerpt.clone().unwrap_or(facts.excerpt),
        reading_minutes: facts.reading_minutes,
        authors,
        tags: store::tags::of_post(tx, summary.id)?,
        summary,
    })
}
