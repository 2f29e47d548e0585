//! Posts as programs read them: whole, with names where the store has numbers, and in lists. A child of
//! `posts`, whose checks it shares. Who may see what is stricter here than on pages: a token sees what
//! readers do not see only with the scope for it.

use crate::db::ReadTx;
use crate::domain::actor::{Act, Actor};
use crate::domain::id::PostId;
use crate::domain::language::Language;
use crate::domain::place::{Place, Stretch};
use crate::domain::post::{Content, Kind, PendingDraft, Post, Status};
use crate::domain::slug::Slug;
use crate::domain::tag::Tag;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::render::Rendition;
use crate::store::selection::{Selection, Span};
use crate::store::{self, StoreError};

use super::super::reader::{Teaser, rendition_of, teaser};
use super::super::rendering::Brief;
use super::super::{App, Error};
use super::sharing::translations_in;

/// A post with all there is to say about it.
#[derive(Debug)]
pub struct Whole {
    pub post: Post,
    /// What it says, or would say: the edits that wait, where those were asked for.
    pub content: Content,
    pub rendition: Rendition,
    pub tags: Vec<Tag>,
    pub authors: Vec<User>,
    /// The edits that wait, for those who may know of them.
    pub pending: Option<PendingDraft>,
    /// Whether the content is the one that waits.
    pub shows_pending: bool,
}

impl Whole {
    /// The edits that wait began from an older state than the one readers see now.
    pub fn is_overtaken(&self) -> bool {
        let pending = self.pending.as_ref();
        pending.is_some_and(|pending| pending.base_version != self.post.version)
    }
}

/// Which post is meant.
#[derive(Debug, Clone)]
pub enum Which {
    Id(PostId),
    /// By its name in addresses. Whoever knows that may read an unlisted post, too.
    Slug(Slug),
}

/// A post, for whoever may see it. `kind` says which kind it must be; `draft` asks for the edits that
/// wait to be published, or for the post itself where there are none.
pub fn read(
    app: &App,
    actor: &Actor,
    which: &Which,
    kind: Option<Kind>,
    draft: bool,
) -> Result<Whole, Error> {
    app.db.read(|tx| {
        let post = match which {
            Which::Id(id) => store::posts::by_id(tx, *id)?,
            Which::Slug(slug) => store::posts::by_slug(tx, slug)?,
        };
        let post = of_kind(post, kind)?;
        let knows_address = matches!(which, Which::Slug(_));
        let is_public =
            post.status.is_listed() || (knows_address && post.status == Status::Unlisted);
        if !is_public && !sees_behind(actor, &post) {
            return Err(Error::NotFound);
        }
        if draft && !sees_behind(actor, &post) {
            return Err(refusal(actor));
        }
        whole_in(tx, actor, post, draft)
    })
}

pub(super) fn of_kind(post: Option<Post>, kind: Option<Kind>) -> Result<Post, Error> {
    post.filter(|post| kind.is_none_or(|kind| post.kind == kind))
        .ok_or(Error::NotFound)
}

/// Whether the actor sees of a post what readers do not.
fn sees_behind(actor: &Actor, post: &Post) -> bool {
    let is_own = actor.user().is_some_and(|user| post.is_by(user));
    (is_own && actor.may(Act::ReadOwn)) || actor.may(Act::SeeEverything)
}

/// What somebody is told who may not see behind what readers see.
fn refusal(actor: &Actor) -> Error {
    if actor.is_anonymous() {
        Error::Unauthenticated
    } else {
        Error::Forbidden
    }
}

/// The post as it stands in this transaction, for somebody who may see it.
pub(super) fn whole_in(
    tx: &mut ReadTx<'_>,
    actor: &Actor,
    post: Post,
    draft: bool,
) -> Result<Whole, Error> {
    let settings = store::settings::read(tx)?;
    let pending = if sees_behind(actor, &post) || draft {
        store::pending::get(tx, post.id)?
    } else {
        None
    };
    if let Some(waiting) = pending.as_ref().filter(|_| draft) {
        let content = waiting.content.clone();
        let brief = Brief::of(tx, &content, &settings)?;
        return Ok(Whole {
            rendition: brief.render(&content.markdown),
            tags: tags_of(tx, &content)?,
            authors: authors_of(tx, &content)?,
            content,
            post,
            pending,
            shows_pending: true,
        });
    }
    Ok(Whole {
        rendition: rendition_of(tx, &post, &settings)?,
        tags: store::tags::of_post(tx, post.id)?,
        authors: store::users::of_post(tx, post.id)?,
        content: post.content.clone(),
        post,
        pending,
        shows_pending: false,
    })
}

pub(super) fn tags_of(tx: &mut ReadTx<'_>, content: &Content) -> Result<Vec<Tag>, StoreError> {
    let mut tags = Vec::with_capacity(content.tags.len());
    for tag in &content.tags {
        tags.extend(store::tags::by_id(tx, *tag)?);
    }
    Ok(tags)
}

pub(super) fn authors_of(tx: &mut ReadTx<'_>, content: &Content) -> Result<Vec<User>, StoreError> {
    let mut authors = Vec::with_capacity(content.authors.len());
    for author in &content.authors {
        authors.extend(store::users::by_id(tx, *author)?);
    }
    Ok(authors)
}

/// What an older text names may be gone since: tags that were deleted, people who were removed. It falls
/// back to the authors the post has now.
pub(super) fn leave_out_the_gone(
    tx: &mut ReadTx<'_>,
    content: &mut Content,
    now: &Content,
) -> Result<(), StoreError> {
    content.tags = tags_of(tx, content)?.iter().map(|tag| tag.id).collect();
    let authors = authors_of(tx, content)?;
    content.authors = authors.iter().map(|user| user.id).collect();
    if content.authors.is_empty() {
        content.authors.clone_from(&now.authors);
    }
    Ok(())
}

/// What a list is to hold. `None` lets everything through.
#[derive(Debug, Clone)]
pub struct Filter {
    pub kind: Kind,
    /// `None`: wherever posts stand, except in the trash.
    pub status: Option<Status>,
    /// Names in addresses; nothing has one that is no such name.
    pub tag: Option<String>,
    pub author: Option<String>,
    pub language: Option<Language>,
    pub featured: Option<bool>,
    pub published_since: Option<Timestamp>,
    pub published_before: Option<Timestamp>,
    pub updated_since: Option<Timestamp>,
    pub updated_before: Option<Timestamp>,
}

/// A part of a list. Published posts are for everybody. Of the others, those who may see everything see
/// all, and everybody else their own.
pub fn list(
    app: &App,
    actor: &Actor,
    filter: &Filter,
    after: Place,
    limit: u32,
) -> Result<Stretch<Teaser>, Error> {
    let is_public = filter.status == Some(Status::Published);
    let only_own = match actor.user() {
        _ if is_public || actor.may(Act::SeeEverything) => None,
        Some(user) if actor.may(Act::ReadOwn) => Some(user),
        _ => return Err(refusal(actor)),
    };
    app.db.read(|tx| {
        let settings = store::settings::read(tx)?;
        let Some(tag) = named(filter.tag.as_deref(), |slug| {
            Ok(store::tags::by_slug(tx, slug)?.map(|tag| tag.id))
        })?
        else {
            return Ok(NOTHING);
        };
        let Some(author) = named(filter.author.as_deref(), |slug| {
            Ok(store::users::by_slug(tx, slug)?.map(|user| user.id))
        })?
        else {
            return Ok(NOTHING);
        };
        let author = match (author, only_own) {
            (Some(author), Some(own)) if author != own => return Ok(NOTHING),
            (author, own) => author.or(own),
        };
        let language = filter.language.clone();
        let selection = Selection {
            kind: filter.kind,
            status: filter.status,
            tag,
            author,
            language: language.map(|language| (language, settings.language.clone())),
            featured: filter.featured,
            published: Span {
                since: filter.published_since,
                before: filter.published_before,
            },
            updated: Span {
                since: filter.updated_since,
                before: filter.updated_before,
            },
        };
        let found = store::selection::posts(tx, &selection, after, limit)?;
        found.try_map(|summary| teaser(tx, &settings, summary))
    })
}

const NOTHING: Stretch<Teaser> = Stretch {
    items: Vec::new(),
    next: None,
};

/// Whom a filter names: `None` where there is nobody of that name, `Some(None)` where it names nobody.
fn named<T>(
    name: Option<&str>,
    find: impl FnOnce(&Slug) -> Result<Option<T>, StoreError>,
) -> Result<Option<Option<T>>, StoreError> {
    match name.map(Slug::parse) {
        None => Ok(Some(None)),
        Some(Ok(slug)) => Ok(find(&slug)?.map(Some)),
        Some(Err(_)) => Ok(None),
    }
}

/// Says that there is nothing, where a post is not of the kind it must be.
pub fn require_kind(app: &App, id: PostId, kind: Option<Kind>) -> Result<(), Error> {
    app.db
        .read(|tx| of_kind(store::posts::by_id(tx, id)?, kind).map(drop))
}

/// The same post in other languages, as far as the actor may see them.
pub fn translations_seen(
    app: &App,
    actor: &Actor,
    id: PostId,
    kind: Option<Kind>,
) -> Result<Vec<Post>, Error> {
    app.db.read(|tx| {
        let post = of_kind(store::posts::by_id(tx, id)?, kind)?;
        if !post.status.is_listed() && !sees_behind(actor, &post) {
            return Err(Error::NotFound);
        }
        let mut seen = Vec::new();
        for other in translations_in(tx, id)? {
            let other = store::posts::by_id(tx, other)?;
            seen.extend(other.filter(|o| o.status.is_listed() || sees_behind(actor, o)));
        }
        Ok(seen)
    })
}
