//! What an editor's form does: shows a post with the edits that wait, and takes a whole form back
//! together with what is to become of it, in one transaction. A child of `posts`, whose checks and
//! writing it shares; knows no form and no HTTP.

use crate::db::{ReadTx, WriteTx};
use crate::domain::actor::{Act, Actor};
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::{PostId, RevisionId, UserId};
use crate::domain::post::{Content, Kind, PendingDraft, Post, Revision, Status};
use crate::domain::slug::Slug;
use crate::domain::text::{Name, Title};
use crate::domain::time::Timestamp;
use crate::store;

use super::super::{App, Error, require};
use super::standing::{Release, release_in, restore_in, trash_in, unpublish_in};
use super::{Draft, apply, for_editing, free_slug, may_see, save, site_language};

/// Which state of a post an editor has before them; both count from what was saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    pub version: i64,
    /// The version of the pending edits; 0 where there are none.
    pub pending: i64,
}

/// What is to become of what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Keep it; what readers see stays as it is.
    Keep,
    /// Put it where the post stands: before readers, if they see the post.
    Update,
    Release(Release),
    Unpublish,
    Trash,
    Restore,
}

/// What the actor may do with a post besides editing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rights {
    pub publish: bool,
    pub delete: bool,
}

impl Rights {
    fn of(actor: &Actor, post: &Post) -> Self {
        Self {
            publish: actor.may(Act::PublishPost(post)),
            delete: actor.may(Act::DeletePost(post)),
        }
    }
}

/// A post on an editor's desk.
#[derive(Debug)]
pub struct Editing {
    pub post: Post,
    /// The pending edits where there are some, otherwise the post's own content.
    pub content: Content,
    /// The names of the content's tags.
    pub tags: Vec<Name>,
    pub seen: Seen,
    /// The published text was changed after the pending edits had begun.
    pub is_overtaken: bool,
    pub edited_by: Option<Name>,
    pub edited_at: Timestamp,
    pub rights: Rights,
}

/// The post with everything its editor needs.
pub fn edit(app: &App, actor: &Actor, id: PostId) -> Result<Editing, Error> {
    app.db.read(|tx| {
        let post = store::posts::by_id(tx, id)?.ok_or(Error::NotFound)?;
        may_see(actor, &post)?;
        require(actor, Act::EditPost(&post))?;
        let pending = store::pending::get(tx, id)?;
        let (editor, edited_at) = match &pending {
            Some(pending) => (pending.edited_by, pending.updated_at),
            None => (last_editor(tx, id)?, post.updated_at),
        };
        let edited_by = match editor {
            Some(editor) => store::users::by_id(tx, editor)?.map(|user| user.name),
            None => None,
        };
        let seen = seen(&post, pending.as_ref());
        let is_overtaken = pending
            .as_ref()
            .is_some_and(|pending| pending.base_version != post.version);
        let content = pending.map_or_else(|| post.content.clone(), |pending| pending.content);
        let mut tags = Vec::with_capacity(content.tags.len());
        for tag in &content.tags {
            tags.extend(store::tags::by_id(tx, *tag)?.map(|tag| tag.name));
        }
        Ok(Editing {
            rights: Rights::of(actor, &post),
            post,
            content,
            tags,
            seen,
            is_overtaken,
            edited_by,
            edited_at,
        })
    })
}

fn last_editor(tx: &mut ReadTx<'_>, id: PostId) -> Result<Option<UserId>, Error> {
    let last = store::revisions::of_post(tx, id, 1)?;
    Ok(last.first().and_then(|revision| revision.edited_by))
}

fn seen(post: &Post, pending: Option<&PendingDraft>) -> Seen {
    Seen {
        version: post.version,
        pending: pending.map_or(0, |pending| pending.version),
    }
}

/// What the actor may do with a post that is yet to be made.
pub fn rights_on_new(app: &App, actor: &Actor) -> Result<Rights, Error> {
    require(actor, Act::CreatePost)?;
    let slug = Slug::from_title("", &crate::domain::language::Language::default(), "post");
    let mut content = Content::new(Title::empty(), slug, String::new());
    content.authors = actor.user().into_iter().collect();
    let now = app.db.clock().now();
    let post = Post {
        id: PostId::from_i64(0),
        kind: Kind::Post,
        status: Status::Draft,
        trashed_from: None,
        content,
        version: 0,
        created_at: now,
        updated_at: now,
        publish_at: None,
        published_at: None,
    };
    Ok(Rights::of(actor, &post))
}

/// Takes what was written and does with the post what was asked for; all of it or nothing. If the
/// post has moved on since it was `seen`, nothing is written.
pub fn write(
    app: &App,
    actor: &Actor,
    id: PostId,
    last_seen: Seen,
    draft: Draft,
    intent: Intent,
) -> Result<Post, Error> {
    app.db.write(|tx| {
        let post = for_editing(tx, actor, id)?;
        let pending = store::pending::get(tx, id)?;
        if seen(&post, pending.as_ref()) != last_seen {
            return Err(Error::Conflict(
                "it was changed while you were writing; nothing of yours was saved yet".to_owned(),
            ));
        }
        let latest = pending
            .as_ref()
            .map_or(&post.content, |pending| &pending.content);
        let mut content = latest.clone();
        content.slug = free_slug(tx, draft.slug.as_ref().unwrap_or(&content.slug), Some(id))?;
        let language = site_language(tx)?;
        apply(tx, actor, &mut content, draft, &language)?;
        if intent == Intent::Keep && post.status.is_readable() {
            keep_pending(tx, actor, &post, pending, content)?;
            return Ok(post);
        }
        if store::pending::delete(tx, id)? {
            tx.record(Change::hidden(Noun::Post, id.as_i64(), Verb::Updated));
        }
        let post = save(tx, actor, post, content)?;
        match intent {
            Intent::Keep | Intent::Update => Ok(post),
            Intent::Release(release) => release_in(tx, actor, &post, release),
            Intent::Unpublish => unpublish_in(tx, actor, &post),
            Intent::Trash => trash_in(tx, actor, &post),
            Intent::Restore => restore_in(tx, actor, &post),
        }
    })
}

/// Keeps the content for later, readers see nothing of it.
fn keep_pending(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    post: &Post,
    before: Option<PendingDraft>,
    content: Content,
) -> Result<(), Error> {
    let latest = before
        .as_ref()
        .map_or(&post.content, |draft| &draft.content);
    if *latest == content {
        tx.quiet("nothing was changed");
        return Ok(());
    }
    let (version, base_version) = before.as_ref().map_or((1, post.version), |before| {
        (before.version + 1, before.base_version)
    });
    if let Some(before) = before.filter(|before| before.edited_by != actor.user()) {
        // Somebody else's words: they stay among the revisions.
        let revision = Revision {
            id: RevisionId::from_i64(tx.new_id()),
            post: post.id,
            edited_by: before.edited_by,
            at: before.updated_at,
            version: post.version,
            content: before.content,
        };
        store::revisions::insert(tx, &revision)?;
    }
    store::pending::put(
        tx,
        &PendingDraft {
            post: post.id,
            base_version,
            version,
            content,
            edited_by: actor.user(),
            updated_at: tx.now(),
        },
    )?;
    tx.record(Change::hidden(Noun::Post, post.id.as_i64(), Verb::Updated));
    Ok(())
}
