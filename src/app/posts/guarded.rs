//! What programs do with posts, each in one step: make, change, publish and put away, perhaps only if the
//! post is still the one they have read. They get back the whole post. A child of `posts`, whose checks
//! and writing it shares.

use crate::db::WriteTx;
use crate::domain::actor::{Act, Actor};
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::{PostId, RevisionId};
use crate::domain::post::{Content, Kind, PendingDraft, Post};
use crate::store;

use super::super::{App, Error, require};
use super::editing::{keep_what_goes, put_aside};
use super::history::bring_back_in;
use super::reading::{Whole, leave_out_the_gone, of_kind, whole_in};
use super::standing::{Release, delete_in, release_in, restore_in, trash_in, unpublish_in};
use super::{Draft, apply, create_in, for_editing, free_slug, same_version, save, site_language};

/// A post that is to be changed.
#[derive(Debug, Clone)]
pub struct Meant {
    pub id: PostId,
    /// It must be one of these.
    pub kind: Option<Kind>,
    /// It must be in one of these states; `None`: in whichever it is.
    pub states: Option<Vec<State>>,
}

/// A state somebody has read: its version, and that of the edits that wait, where those were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    pub version: i64,
    pub pending: Option<i64>,
}

/// Where a post is to go.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    /// Before readers, with the edits that wait.
    Publish(Release),
    Unpublish,
    Trash,
    Restore,
    /// Back to an old state; where readers see the post, that waits to be published.
    BringBack(RevisionId),
}

/// The post, and the edits that wait, if it is the one that is meant and still as it was read.
fn meant(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    target: &Meant,
) -> Result<(Post, Option<PendingDraft>), Error> {
    let post = of_kind(Some(for_editing(tx, actor, target.id)?), target.kind)?;
    let pending = store::pending::get(tx, post.id)?;
    if let Some(states) = &target.states {
        let now = pending.as_ref().map_or(0, |pending| pending.version);
        let is_now = |state: &State| {
            state.version == post.version && state.pending.is_none_or(|version| version == now)
        };
        if !states.iter().any(is_now) {
            return Err(Error::overtaken());
        }
    }
    Ok((post, pending))
}

/// Makes a post: a draft, or at once where it is released to.
pub fn compose(
    app: &App,
    actor: &Actor,
    kind: Kind,
    draft: Draft,
    release: Option<Release>,
) -> Result<Whole, Error> {
    require(actor, Act::CreatePost)?;
    app.db.write(|tx| {
        let post = create_in(tx, actor, kind, draft)?;
        let post = match release {
            Some(release) => release_in(tx, actor, &post, release)?,
            None => post,
        };
        whole_in(tx, actor, post, false)
    })
}

/// Changes a post at once, for readers too if they can see it. `version` is the one the change was made
/// to, where the body says it.
pub fn revise(
    app: &App,
    actor: &Actor,
    target: &Meant,
    version: Option<i64>,
    draft: Draft,
) -> Result<Whole, Error> {
    app.db.write(|tx| {
        let (post, _) = meant(tx, actor, target)?;
        same_version(version, post.version)?;
        let date = draft.published_at;
        let content = lay_over(tx, actor, post.id, &post.content, draft)?;
        let post = save(tx, actor, post, content, date)?;
        whole_in(tx, actor, post, false)
    })
}

/// Changes the edits that wait to be published; readers see nothing of it. Of a post that readers do not
/// see, it changes the post itself.
pub fn revise_pending(
    app: &App,
    actor: &Actor,
    target: &Meant,
    version: Option<i64>,
    draft: Draft,
) -> Result<Whole, Error> {
    app.db.write(|tx| {
        let (post, pending) = meant(tx, actor, target)?;
        same_version(version, post.version)?;
        let date = draft.published_at;
        if date.is_some() && post.status.is_readable() {
            return Err(Error::invalid(
                "published_at",
                "A date cannot wait; change it without ?draft=true",
            ));
        }
        let latest = pending
            .as_ref()
            .map_or(&post.content, |pending| &pending.content);
        let content = lay_over(tx, actor, post.id, latest, draft)?;
        keep_what_goes(tx, actor, &post, pending.as_ref(), false)?;
        let post = if post.status.is_readable() {
            put_aside(tx, actor, &post, pending.as_ref(), content)?;
            post
        } else {
            save(tx, actor, post, content, date)?
        };
        whole_in(tx, actor, post, true)
    })
}

fn lay_over(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    id: PostId,
    before: &Content,
    draft: Draft,
) -> Result<Content, Error> {
    let language = site_language(tx)?;
    let mut content = before.clone();
    if let Some(slug) = &draft.slug {
        content.slug = free_slug(tx, slug, Some(id))?;
    }
    apply(tx, actor, &mut content, draft, &language)?;
    Ok(content)
}

/// Takes a post where it is to go.
pub fn step(app: &App, actor: &Actor, target: &Meant, step: Step) -> Result<Whole, Error> {
    app.db.write(|tx| {
        let (post, pending) = meant(tx, actor, target)?;
        let post = match step {
            Step::Publish(release) => {
                let post = match pending {
                    Some(pending) => {
                        require(actor, Act::PublishPost(&post))?;
                        take_in(tx, actor, post, pending)?
                    }
                    None => post,
                };
                release_in(tx, actor, &post, release)?
            }
            Step::Unpublish => unpublish_in(tx, actor, &post)?,
            Step::Trash => trash_in(tx, actor, &post)?,
            Step::Restore => restore_in(tx, actor, &post)?,
            Step::BringBack(revision) => bring_back_in(tx, actor, post, revision)?,
        };
        whole_in(tx, actor, post, matches!(step, Step::BringBack(_)))
    })
}

/// The edits that waited become the post.
fn take_in(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    post: Post,
    pending: PendingDraft,
) -> Result<Post, Error> {
    let mut content = pending.content;
    content.slug = free_slug(tx, &content.slug, Some(post.id))?;
    leave_out_the_gone(tx, &mut content, &post.content)?;
    store::pending::delete(tx, post.id)?;
    tx.record(Change::hidden(Noun::Post, post.id.as_i64(), Verb::Updated));
    save(tx, actor, post, content, None)
}

/// Throws the edits that wait away. They stay among the revisions.
pub fn drop_pending(app: &App, actor: &Actor, target: &Meant) -> Result<(), Error> {
    app.db.write(|tx| {
        let (post, pending) = meant(tx, actor, target)?;
        let pending = pending.ok_or(Error::NotFound)?;
        keep_what_goes(tx, actor, &post, Some(&pending), true)?;
        store::pending::delete(tx, post.id)?;
        tx.record(Change::hidden(Noun::Post, post.id.as_i64(), Verb::Updated));
        Ok(())
    })
}

/// Removes a trashed post for good.
pub fn remove(app: &App, actor: &Actor, target: &Meant) -> Result<(), Error> {
    app.db.write(|tx| {
        let (post, _) = meant(tx, actor, target)?;
        delete_in(tx, actor, &post)
    })
}
