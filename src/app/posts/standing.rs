//! Where posts stand: before readers, scheduled, taken back, in the trash. A child of `posts`, whose
//! checks and writing it shares.

use crate::db::WriteTx;
use crate::domain::actor::{Act, Actor};
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::PostId;
use crate::domain::post::{Post, Status};
use crate::domain::time::Timestamp;
use crate::store;

use super::super::{App, Error, require, webhooks};
use super::{audit, for_editing, move_to};

/// Where a post is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    Now,
    At(Timestamp),
    Unlisted,
    Private,
}

impl Release {
    /// Whether the post stands there already.
    pub(in crate::app) fn is_where(self, post: &Post) -> bool {
        match self {
            Self::Now => post.status == Status::Published,
            Self::At(time) => post.publish_at == Some(time),
            Self::Unlisted => post.status == Status::Unlisted,
            Self::Private => post.status == Status::Private,
        }
    }
}

/// Puts a post before readers: now, at a time, unlisted, or for people signed in.
pub fn publish(app: &App, actor: &Actor, id: PostId, release: Release) -> Result<Post, Error> {
    app.db.write(|tx| {
        let post = for_editing(tx, actor, id)?;
        release_in(tx, actor, &post, release)
    })
}

pub(in crate::app) fn release_in(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    post: &Post,
    release: Release,
) -> Result<Post, Error> {
    require(actor, Act::PublishPost(post))?;
    if post.content.title.as_str().is_empty() {
        return Err(Error::invalid(
            "title",
            "Give it a title before you publish it",
        ));
    }
    let now = tx.now();
    let (status, verb) = match release {
        Release::Now => (Status::Published, Verb::Published),
        Release::At(time) if time <= now => (Status::Published, Verb::Published),
        Release::At(_) => (Status::Scheduled, Verb::Updated),
        Release::Unlisted => (Status::Unlisted, Verb::Published),
        Release::Private => (Status::Private, Verb::Updated),
    };
    let publish_at = match release {
        Release::At(time) if status == Status::Scheduled => Some(time),
        _ => None,
    };
    let first_time = match (status, release) {
        (Status::Published, Release::At(time)) => Some(time),
        (Status::Published | Status::Unlisted, _) => Some(now),
        _ => None,
    };
    let next = Post {
        status,
        publish_at,
        trashed_from: None,
        published_at: post.published_at.or(first_time),
        ..post.clone()
    };
    move_to(tx, actor, post, next, verb)
}

/// Takes a post away from readers; it becomes a draft.
pub fn unpublish(app: &App, actor: &Actor, id: PostId) -> Result<Post, Error> {
    app.db.write(|tx| {
        let post = for_editing(tx, actor, id)?;
        unpublish_in(tx, actor, &post)
    })
}

pub(in crate::app) fn unpublish_in(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    post: &Post,
) -> Result<Post, Error> {
    require(actor, Act::PublishPost(post))?;
    let next = Post {
        status: Status::Draft,
        publish_at: None,
        trashed_from: None,
        ..post.clone()
    };
    move_to(tx, actor, post, next, Verb::Unpublished)
}

pub fn trash(app: &App, actor: &Actor, id: PostId) -> Result<Post, Error> {
    app.db.write(|tx| {
        let post = for_editing(tx, actor, id)?;
        trash_in(tx, actor, &post)
    })
}

pub(in crate::app) fn trash_in(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    post: &Post,
) -> Result<Post, Error> {
    require(actor, Act::DeletePost(post))?;
    if post.status == Status::Trashed {
        tx.quiet("it is in the trash already");
        return Ok(post.clone());
    }
    let next = Post {
        status: Status::Trashed,
        trashed_from: Some(post.status),
        publish_at: None,
        ..post.clone()
    };
    move_to(tx, actor, post, next, Verb::Unpublished)
}

/// Takes a post out of the trash. It comes back as a draft, so nothing is published by accident.
pub fn restore(app: &App, actor: &Actor, id: PostId) -> Result<Post, Error> {
    app.db.write(|tx| {
        let post = for_editing(tx, actor, id)?;
        restore_in(tx, actor, &post)
    })
}

pub(in crate::app) fn restore_in(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    post: &Post,
) -> Result<Post, Error> {
    require(actor, Act::RestorePost(post))?;
    if post.status != Status::Trashed {
        return Err(Error::Conflict("it is not in the trash".to_owned()));
    }
    let next = Post {
        status: Status::Draft,
        trashed_from: None,
        ..post.clone()
    };
    move_to(tx, actor, post, next, Verb::Updated)
}

/// Removes a trashed post for good.
pub fn delete(app: &App, actor: &Actor, id: PostId) -> Result<(), Error> {
    app.db.write(|tx| {
        let post = for_editing(tx, actor, id)?;
        delete_in(tx, actor, &post)
    })
}

pub(super) fn delete_in(tx: &mut WriteTx<'_>, actor: &Actor, post: &Post) -> Result<(), Error> {
    require(actor, Act::DeletePost(post))?;
    if post.status != Status::Trashed {
        return Err(Error::Conflict(
            "put it into the trash first, then delete it for good".to_owned(),
        ));
    }
    webhooks::post_departs(tx, post)?;
    store::posts::delete(tx, post.id)?;
    audit(tx, actor, "post.delete", post)?;
    tx.record(Change::hidden(Noun::Post, post.id.as_i64(), Verb::Deleted));
    Ok(())
}

/// Publishes what is due; says how many posts that were.
pub fn publish_due(app: &App, limit: u32) -> Result<usize, Error> {
    let now = app.db.clock().now();
    let due = app.db.read(|tx| store::posts::due(tx, now, limit))?;
    let mut published = 0;
    for id in &due {
        match publish_one_due(app, *id) {
            Ok(()) => published += 1,
            // One post that cannot be published must not keep the others back, nor itself for ever.
            Err(error @ Error::Invalid(_)) => {
                tracing::warn!(post = %id, %error, "a scheduled post cannot be published; it is a draft again");
                unpublish(app, &Actor::system(), *id)?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(published)
}

fn publish_one_due(app: &App, id: PostId) -> Result<(), Error> {
    app.db.write(|tx| {
        let Some(post) = store::posts::by_id(tx, id)? else {
            tx.quiet("the post was deleted meanwhile");
            return Ok(());
        };
        match post.publish_at.filter(|time| *time <= tx.now()) {
            Some(time) if post.status == Status::Scheduled => {
                release_in(tx, &Actor::system(), &post, Release::At(time)).map(drop)
            }
            _ => {
                tx.quiet("the post was rescheduled meanwhile");
                Ok::<_, Error>(())
            }
        }
    })
}
