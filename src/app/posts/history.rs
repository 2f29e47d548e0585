//! What a post said before: every kept state, how it differs, and the way back to it. A child of
//! `posts`, whose checks and writing it shares.

use crate::db::{ReadTx, WriteTx};
use crate::domain::actor::{Act, Actor};
use crate::domain::id::{PostId, RevisionId, UserId};
use crate::domain::place::{Place, Stretch};
use crate::domain::post::{Content, Kind, Post, Revision};
use crate::domain::tag::Tag;
use crate::domain::text::Name;
use crate::domain::user::User;
use crate::render;
use crate::store;

use super::super::{App, Error, require};
use super::editing::{keep_what_goes, put_aside};
use super::reading::{authors_of, leave_out_the_gone, of_kind, tags_of};
use super::{REVISIONS_KEPT, for_editing, free_slug, may_see, save, show};

pub fn revisions(app: &App, actor: &Actor, id: PostId, limit: u32) -> Result<Vec<Revision>, Error> {
    show(app, actor, id)?;
    Ok(app.db.read(|tx| store::revisions::of_post(tx, id, limit))?)
}

pub fn revision(
    app: &App,
    actor: &Actor,
    id: PostId,
    revision: RevisionId,
) -> Result<Revision, Error> {
    show(app, actor, id)?;
    app.db
        .read(|tx| store::revisions::by_id(tx, revision))?
        .filter(|revision| revision.post == id)
        .ok_or(Error::NotFound)
}

/// One state in a post's history.
#[derive(Debug)]
pub struct Past {
    pub revision: Revision,
    pub edited_by: Option<Name>,
}

/// All kept states of a post, the newest first.
pub fn history(app: &App, actor: &Actor, id: PostId) -> Result<(Post, Vec<Past>), Error> {
    let post = show(app, actor, id)?;
    let states = app.db.read(|tx| -> Result<_, Error> {
        let mut states = Vec::new();
        for revision in store::revisions::of_post(tx, id, REVISIONS_KEPT)? {
            let edited_by = name_of(tx, revision.edited_by)?;
            states.push(Past {
                revision,
                edited_by,
            });
        }
        Ok(states)
    })?;
    Ok((post, states))
}

fn name_of(tx: &mut ReadTx<'_>, user: Option<UserId>) -> Result<Option<Name>, Error> {
    let Some(user) = user else { return Ok(None) };
    Ok(store::users::by_id(tx, user)?.map(|user| user.name))
}

/// What a part of a post differs in, as [`difference`] marks it.
#[derive(Debug, PartialEq, Eq)]
pub struct Altered {
    pub name: &'static str,
    pub html: String,
}

/// How a text became another, word by word, in safe HTML.
pub fn difference(old: &str, new: &str) -> String {
    render::difference(old, new)
}

/// In which parts two states of a post differ.
pub fn compare(app: &App, old: &Content, new: &Content) -> Result<Vec<Altered>, Error> {
    let (old, new) = app
        .db
        .read(|tx| -> Result<_, Error> { Ok((parts_of(tx, old)?, parts_of(tx, new)?)) })?;
    let pairs = old.into_iter().zip(new);
    let differing = pairs.filter(|((_, old), (_, new))| old != new);
    Ok(differing
        .map(|((name, old), (_, new))| Altered {
            name,
            html: difference(&old, &new),
        })
        .collect())
}

fn parts_of(tx: &mut ReadTx<'_>, content: &Content) -> Result<[(&'static str, String); 12], Error> {
    let mut tags = Vec::new();
    for tag in &content.tags {
        tags.extend(store::tags::by_id(tx, *tag)?.map(|tag| tag.name.to_string()));
    }
    let mut authors = Vec::new();
    for author in &content.authors {
        authors.extend(name_of(tx, Some(*author))?.map(|name| name.to_string()));
    }
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let cover = content.cover.as_ref();
    let cover = cover.map(|cover| format!("{} {}", cover.url, cover.alt));
    let language = content.language.as_ref().map(ToString::to_string);
    let canonical = content.canonical_url.as_ref().map(ToString::to_string);
    Ok([
        ("Title", content.title.to_string()),
        ("Text", content.markdown.clone()),
        ("Excerpt", text(&content.excerpt)),
        ("Tags", tags.join(", ")),
        ("Authors", authors.join(", ")),
        ("Cover", cover.unwrap_or_default()),
        ("Address", content.slug.to_string()),
        ("Language", language.unwrap_or_default()),
        ("Original at", canonical.unwrap_or_default()),
        (
            "For search engines",
            format!(
                "{}\n{}",
                text(&content.meta_title),
                text(&content.meta_description)
            ),
        ),
        ("Code in the head", text(&content.code_head)),
        ("Code in the foot", text(&content.code_foot)),
    ])
}

/// Makes an old state the newest one. Where readers see the post, it waits for "Update" like every
/// other edit; and what it replaces stays in the history.
pub fn bring_back(
    app: &App,
    actor: &Actor,
    id: PostId,
    revision: RevisionId,
) -> Result<Post, Error> {
    app.db.write(|tx| {
        let post = for_editing(tx, actor, id)?;
        bring_back_in(tx, actor, post, revision)
    })
}

pub(super) fn bring_back_in(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    post: Post,
    revision: RevisionId,
) -> Result<Post, Error> {
    let revision = of_post(tx, post.id, revision)?;
    let mut content = revision.content;
    let wished = content.slug.clone();
    content.slug = free_slug(tx, &wished, Some(post.id))?;
    leave_out_the_gone(tx, &mut content, &post.content)?;
    // Going back must not be a way around what somebody may not set.
    if !actor.may(Act::ChooseAuthors) {
        content.authors.clone_from(&post.content.authors);
    }
    if !actor.may(Act::InjectCode) {
        content.code_head.clone_from(&post.content.code_head);
        content.code_foot.clone_from(&post.content.code_foot);
    }
    let pending = store::pending::get(tx, post.id)?;
    keep_what_goes(tx, actor, &post, pending.as_ref(), true)?;
    if post.status.is_readable() {
        put_aside(tx, actor, &post, pending.as_ref(), content)?;
        return Ok(post);
    }
    save(tx, actor, post, content, None)
}

fn of_post(tx: &mut ReadTx<'_>, id: PostId, revision: RevisionId) -> Result<Revision, Error> {
    store::revisions::by_id(tx, revision)?
        .filter(|revision| revision.post == id)
        .ok_or(Error::NotFound)
}

/// A state a post was in, with names where the store has numbers.
#[derive(Debug)]
pub struct PastWhole {
    pub revision: Revision,
    pub edited_by: Option<User>,
    pub tags: Vec<Tag>,
    pub authors: Vec<User>,
}

fn with_names(tx: &mut ReadTx<'_>, revision: Revision) -> Result<PastWhole, Error> {
    Ok(PastWhole {
        edited_by: match revision.edited_by {
            Some(user) => store::users::by_id(tx, user)?,
            None => None,
        },
        tags: tags_of(tx, &revision.content)?,
        authors: authors_of(tx, &revision.content)?,
        revision,
    })
}

/// The post, for those who may look into its past: not for readers, and of tokens only those that may read.
fn with_past(
    tx: &mut ReadTx<'_>,
    actor: &Actor,
    id: PostId,
    kind: Option<Kind>,
) -> Result<Post, Error> {
    let post = of_kind(store::posts::by_id(tx, id)?, kind)?;
    may_see(actor, &post)?;
    require(actor, Act::ReadOwn)?;
    Ok(post)
}

/// A part of a post's history, the newest first.
pub fn past_part(
    app: &App,
    actor: &Actor,
    id: PostId,
    kind: Option<Kind>,
    after: Place,
    limit: u32,
) -> Result<Stretch<PastWhole>, Error> {
    app.db.read(|tx| {
        with_past(tx, actor, id, kind)?;
        let found = store::revisions::of_post_after(tx, id, after, limit)?;
        found.try_map(|revision| with_names(tx, revision))
    })
}

/// One state of a post.
pub fn past_state(
    app: &App,
    actor: &Actor,
    id: PostId,
    kind: Option<Kind>,
    revision: RevisionId,
) -> Result<PastWhole, Error> {
    app.db.read(|tx| {
        with_past(tx, actor, id, kind)?;
        let revision = of_post(tx, id, revision)?;
        with_names(tx, revision)
    })
}

/// In which parts a state of a post differs from another, or from the post as it is now.
pub fn difference_since(
    app: &App,
    actor: &Actor,
    id: PostId,
    kind: Option<Kind>,
    old: RevisionId,
    new: Option<RevisionId>,
) -> Result<Vec<Altered>, Error> {
    let (old, new) = app.db.read(|tx| -> Result<_, Error> {
        let post = with_past(tx, actor, id, kind)?;
        let old = of_post(tx, id, old)?.content;
        let new = match new {
            Some(new) => of_post(tx, id, new)?.content,
            None => post.content,
        };
        Ok((old, new))
    })?;
    compare(app, &old, &new)
}
