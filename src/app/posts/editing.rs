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
use crate::domain::user::User;
use crate::store;

use super::super::{App, Error, rendering, require};
use super::sharing::translations;
use super::standing::{Release, release_in, restore_in, trash_in, unpublish_in};
use super::{Draft, apply, create_in, for_editing, free_slug, may_see, save, site_language};

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
    /// Put it where the post stands: before readers, if they see the post. Or where it is to stand
    /// from now on.
    Update(Option<Release>),
    Release(Release),
    Unpublish,
    Trash,
    Restore,
}

/// What the actor may do with a post besides editing it.
#[expect(
    clippy::struct_excessive_bools,
    reason = "four rights are four answers"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rights {
    pub publish: bool,
    pub delete: bool,
    pub choose_authors: bool,
    pub inject_code: bool,
}

impl Rights {
    fn of(actor: &Actor, post: &Post) -> Self {
        Self {
            publish: actor.may(Act::PublishPost(post)),
            delete: actor.may(Act::DeletePost(post)),
            choose_authors: actor.may(Act::ChooseAuthors),
            inject_code: actor.may(Act::InjectCode),
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
    /// What the content's authors are called in addresses.
    pub authors: Vec<Slug>,
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
        let mut authors = Vec::with_capacity(content.authors.len());
        for author in &content.authors {
            authors.extend(store::users::by_id(tx, *author)?.map(|user| user.slug));
        }
        Ok(Editing {
            rights: Rights::of(actor, &post),
            post,
            content,
            tags,
            authors,
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

/// A draft laid over the post it belongs to, or over a new one: the post as it stands, and what it
/// would say.
pub(in crate::app) fn lay_in(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    id: Option<PostId>,
    kind: Kind,
    draft: Draft,
) -> Result<(Post, Content), Error> {
    let Some(id) = id else {
        require(actor, Act::CreatePost)?;
        let post = create_in(tx, actor, kind, draft)?;
        let content = post.content.clone();
        return Ok((post, content));
    };
    let post = for_editing(tx, actor, id)?;
    let language = site_language(tx)?;
    let mut content = post.content.clone();
    apply(tx, actor, &mut content, draft, &language)?;
    Ok((post, content))
}

/// What an editor offers to choose from.
#[derive(Debug, Default)]
pub struct Choices {
    pub tags: Vec<Name>,
    /// Who may be named as an author; only for those who may choose.
    pub people: Vec<User>,
    /// The same post in other languages.
    pub translations: Vec<Post>,
}

/// What there is to choose from for a post that is there, or for a new one.
pub fn choices(app: &App, actor: &Actor, id: Option<PostId>) -> Result<Choices, Error> {
    require(actor, Act::CreatePost)?;
    let ids = match id {
        Some(id) => translations(app, actor, id)?,
        None => Vec::new(),
    };
    app.db.read(|tx| {
        let mut translations = Vec::with_capacity(ids.len());
        for other in ids.into_iter().filter(|other| Some(*other) != id) {
            let other = store::posts::by_id(tx, other)?;
            translations.extend(other.filter(|other| may_see(actor, other).is_ok()));
        }
        let tags = store::tags::all(tx)?;
        let people = if actor.may(Act::ChooseAuthors) {
            store::users::all(tx)?
        } else {
            Vec::new()
        };
        Ok(Choices {
            translations,
            tags: tags.into_iter().map(|(tag, _)| tag.name).collect(),
            people: people.into_iter().filter(|user| !user.suspended).collect(),
        })
    })
}

/// What comes back from an editor.
#[derive(Debug, Clone)]
pub struct Written {
    pub draft: Draft,
    pub intent: Intent,
    pub seen: Seen,
    /// It goes on top of a version that somebody else wrote meanwhile, or the same person elsewhere.
    pub is_on_top: bool,
}

/// Takes what was written and does with the post what was asked for; all of it or nothing. If the
/// post has moved on since it was seen, nothing is written.
pub fn write(app: &App, actor: &Actor, id: PostId, written: Written) -> Result<Post, Error> {
    let Written {
        draft,
        intent,
        seen: last_seen,
        is_on_top,
    } = written;
    app.db.write(|tx| {
        let post = for_editing(tx, actor, id)?;
        let pending = store::pending::get(tx, id)?;
        if seen(&post, pending.as_ref()) != last_seen {
            return Err(Error::Conflict(
                "it was changed in another place while you were writing; yours is not saved yet"
                    .to_owned(),
            ));
        }
        let latest = pending
            .as_ref()
            .map_or(&post.content, |pending| &pending.content);
        let mut content = latest.clone();
        content.slug = free_slug(tx, draft.slug.as_ref().unwrap_or(&content.slug), Some(id))?;
        let language = site_language(tx)?;
        let date = draft.published_at;
        apply(tx, actor, &mut content, draft, &language)?;
        keep_what_goes(tx, actor, &post, pending.as_ref(), is_on_top)?;
        if intent == Intent::Keep && post.status.is_readable() {
            put_aside(tx, actor, &post, pending.as_ref(), content)?;
            return Ok(post);
        }
        if store::pending::delete(tx, id)? {
            tx.record(Change::hidden(Noun::Post, id.as_i64(), Verb::Updated));
        }
        let post = save(tx, actor, post, content, date)?;
        match intent {
            Intent::Update(Some(release)) if !release.is_where(&post) => {
                release_in(tx, actor, &post, release)
            }
            Intent::Keep | Intent::Update(_) => Ok(post),
            Intent::Release(release) => release_in(tx, actor, &post, release),
            Intent::Unpublish => unpublish_in(tx, actor, &post),
            Intent::Trash => trash_in(tx, actor, &post),
            Intent::Restore => restore_in(tx, actor, &post),
        }
    })
}

/// Words that are about to be written over stay among the revisions, unless the next ones continue
/// them.
pub(super) fn keep_what_goes(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    post: &Post,
    pending: Option<&PendingDraft>,
    is_on_top: bool,
) -> Result<(), Error> {
    let (content, edited_by, at) = match pending {
        Some(pending) if is_on_top || pending.edited_by != actor.user() => {
            (&pending.content, pending.edited_by, pending.updated_at)
        }
        // The post's own content has a revision. Saving again within a while would renew that one,
        // so a copy takes its place as the last.
        None if is_on_top && last_editor(tx, post.id)? == actor.user() => {
            (&post.content, actor.user(), tx.now())
        }
        _ => return Ok(()),
    };
    let revision = Revision {
        id: RevisionId::from_i64(tx.new_id()),
        post: post.id,
        edited_by,
        at,
        version: post.version,
        content: content.clone(),
    };
    Ok(store::revisions::insert(tx, &revision)?)
}

/// Keeps the content for later, readers see nothing of it.
pub(super) fn put_aside(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    post: &Post,
    before: Option<&PendingDraft>,
    content: Content,
) -> Result<(), Error> {
    let latest = before
        .as_ref()
        .map_or(&post.content, |draft| &draft.content);
    if *latest == content {
        tx.quiet("nothing was changed");
        return Ok(());
    }
    let (version, base_version) = before.map_or((1, post.version), |before| {
        (before.version + 1, before.base_version)
    });
    rendering::add_uses(tx, post.id, &content)?;
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{create, create_released, revisions};
    use super::*;
    use crate::app::accounts;
    use crate::blobs::Blobs;
    use crate::db::{Db, Location, Options};
    use crate::domain::clock::SystemClock;
    use crate::domain::text::Email;
    use crate::domain::user::Role;
    use crate::pictures::Painter;
    use crate::search::Index;

    struct Room {
        app: App,
        _folder: tempfile::TempDir,
    }

    impl Room {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let options = Options {
                location: Location::File(folder.path().join("test.db")),
                readers: 1,
                log_plans: false,
            };
            let db = Db::open(&options, Arc::new(SystemClock)).unwrap();
            let index = Index::open(&folder.path().join("search")).unwrap();
            let blobs = Blobs::open(&folder.path().join("media")).unwrap();
            Self {
                app: App::new(db, index, blobs, Painter::new(Vec::new())),
                _folder: folder,
            }
        }

        fn editor(&self, name: &str) -> Actor {
            let email = Email::parse(&format!("{name}@example.org")).unwrap();
            let name = Name::parse(name).unwrap();
            let system = Actor::system();
            let user =
                accounts::create_user(&self.app, &system, email, name, Role::Editor, None).unwrap();
            Actor::signed_in(user.id, user.role, "")
        }

        fn write(&self, actor: &Actor, id: PostId, text: &str, intent: Intent, is_on_top: bool) {
            let seen = edit(&self.app, actor, id).unwrap().seen;
            let written = Written {
                draft: saying(text),
                intent,
                seen,
                is_on_top,
            };
            write(&self.app, actor, id, written).unwrap();
        }

        /// Every text that can still be found.
        fn kept(&self, id: PostId) -> Vec<String> {
            let all = revisions(&self.app, &Actor::system(), id, 100).unwrap();
            let mut texts: Vec<_> = all.into_iter().map(|kept| kept.content.markdown).collect();
            texts.sort();
            texts.dedup();
            texts
        }
    }

    fn saying(text: &str) -> Draft {
        Draft {
            title: Some(Title::parse("Shared").unwrap()),
            markdown: Some(text.to_owned()),
            ..Draft::default()
        }
    }

    #[test]
    fn words_written_over_stay_among_the_revisions() {
        let room = Room::new();
        let ada = room.editor("ada");
        let bob = room.editor("bob");
        let post = create(&room.app, &ada, Kind::Post, saying("1")).unwrap();
        room.write(&ada, post.id, "2, continuing", Intent::Keep, false);
        assert_eq!(room.kept(post.id), ["2, continuing"]);
        room.write(&ada, post.id, "3, from another tab", Intent::Keep, true);
        room.write(&bob, post.id, "4", Intent::Keep, true);
        let kept = ["2, continuing", "3, from another tab", "4"];
        assert_eq!(room.kept(post.id), kept);
    }

    #[test]
    fn so_do_pending_words_of_others() {
        let room = Room::new();
        let ada = room.editor("ada");
        let bob = room.editor("bob");
        let release = Release::Now;
        let post = create_released(&room.app, &ada, Kind::Post, saying("1"), release).unwrap();
        room.write(&ada, post.id, "2, continued", Intent::Keep, false);
        room.write(&ada, post.id, "3", Intent::Keep, false);
        room.write(&bob, post.id, "4", Intent::Keep, false);
        room.write(&ada, post.id, "5", Intent::Update(None), true);
        assert_eq!(room.kept(post.id), ["1", "3", "4", "5"]);
        let now = edit(&room.app, &ada, post.id).unwrap();
        assert_eq!((now.content.markdown.as_str(), now.seen.pending), ("5", 0));
    }

    #[test]
    fn nothing_is_written_over_what_was_not_seen() {
        let room = Room::new();
        let ada = room.editor("ada");
        let release = Release::Now;
        let post = create_released(&room.app, &ada, Kind::Post, saying("1"), release).unwrap();
        let written = Written {
            draft: saying("blind"),
            intent: Intent::Update(None),
            seen: edit(&room.app, &ada, post.id).unwrap().seen,
            is_on_top: false,
        };
        room.write(&ada, post.id, "pending", Intent::Keep, false);
        let outcome = write(&room.app, &ada, post.id, written);
        assert!(matches!(outcome, Err(Error::Conflict(_))), "{outcome:?}");
        let now = edit(&room.app, &ada, post.id).unwrap();
        assert_eq!(now.content.markdown, "pending");
        assert_eq!(now.post.content.markdown, "1");
    }
}
