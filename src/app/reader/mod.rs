//! What readers see: a post at its name, lists of posts, the archive, the answers of a search.

mod archive;
mod authors;
mod lists;
mod moved;
mod preview;
mod related;
mod search;
#[cfg(test)]
mod tests;

pub use archive::{Archive, ArchiveMonth, ArchiveYear, PeriodPage, archive, period};
pub use authors::{Figures, author_named, authors, site};
pub(in crate::app) use lists::teaser;
pub use lists::{AuthorPage, Listing, MAX_PAGE, TagPage, Teaser, author, tag, timeline};
pub use moved::elsewhere;
pub(super) use moved::{rule_for, with_rest};
pub use preview::{PreviewPage, of_draft, preview};
pub use search::{
    MAX_RESULT_PAGE, MAX_RESULTS, RESULTS_PER_PAGE, SearchHit, SearchPage, search, search_part,
};

use crate::db::ReadTx;
use crate::domain::actor::{Act, Actor};
use crate::domain::language::Language;
use crate::domain::post::{Kind, Post, Status, Summary};
use crate::domain::settings::Settings;
use crate::domain::slug::Slug;
use crate::domain::tag::Tag;
use crate::domain::user::User;
use crate::render::Rendition;
use crate::store;

use super::media;
use super::rendering::{Brief, restore};
use super::{App, Error};

#[derive(Debug)]
pub struct PostPage {
    pub settings: Settings,
    pub post: Post,
    pub language: Language,
    pub rendition: Rendition,
    pub authors: Vec<User>,
    pub tags: Vec<Tag>,
    /// Width and height of the cover, where it was uploaded here.
    pub cover_size: Option<(u32, u32)>,
    pub older: Option<Summary>,
    pub newer: Option<Summary>,
    /// What somebody who liked this may like, too.
    pub related: Vec<Teaser>,
    /// The same in other languages, as far as readers may see it.
    pub translations: Vec<Summary>,
}

/// What is found at an address.
#[derive(Debug)]
pub enum Found {
    Post(Box<PostPage>),
    Moved { to: String, permanent: bool },
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
        let was_here = post.as_ref().is_some_and(was_readable);
        match post.filter(|post| may_read(viewer, post)) {
            Some(post) => post_page(app, tx, post).map(|page| Found::Post(Box::new(page))),
            None => match moved::moved(tx, &format!("/{slug}")) {
                Err(Error::NotFound) if was_here => Err(Error::Gone),
                found => found,
            },
        }
    })
}

fn may_read(viewer: Option<&Actor>, post: &Post) -> bool {
    post.status.is_readable()
        || (post.status == Status::Private
            && viewer.is_some_and(|viewer| {
                let is_own = viewer.user().is_some_and(|user| post.is_by(user));
                viewer.may(Act::SeeEverything) || (is_own && viewer.may(Act::SeeOwn))
            }))
}

/// Readers knew it, and it was put into the trash.
fn was_readable(post: &Post) -> bool {
    post.status == Status::Trashed && post.trashed_from.is_some_and(Status::is_readable)
}

fn post_page(app: &App, tx: &mut ReadTx<'_>, post: Post) -> Result<PostPage, Error> {
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
    let language = language.unwrap_or_else(|| settings.language.clone());
    let related = if on_timeline {
        related::related(app, tx, &post, &tags, &settings)?
    } else {
        Vec::new()
    };
    Ok(PostPage {
        cover_size: cover_size(tx, &post)?,
        translations: related::translations(tx, post.id)?,
        language,
        settings,
        post,
        rendition,
        authors,
        tags,
        older,
        newer,
        related,
    })
}

fn cover_size(tx: &mut ReadTx<'_>, post: &Post) -> Result<Option<(u32, u32)>, Error> {
    let cover = post.content.cover.as_ref();
    let Some(path) = cover.and_then(|cover| cover.url.as_str().strip_prefix(media::PREFIX)) else {
        return Ok(None);
    };
    let found = store::media::by_address(tx, path)?;
    Ok(found.and_then(|media| media.width.zip(media.height)))
}

/// The stored rendition, or a fresh one where the stored was made under other conditions.
pub(in crate::app) fn rendition_of(
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
