//! The oplog: a snapshot and the entries after it give the same database again.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tempfile::TempDir;

use crate::db::testing::{digests, integrity, oplog, replay_on, snapshot};
use crate::db::{Location, StoreError};
use crate::domain::audit::NewAuditEntry;
use crate::domain::change::Noun;
use crate::domain::id::{MediaId, RevisionId, SessionId, TagId, TokenId};
use crate::domain::media::Media;
use crate::domain::post::{PendingDraft, Post, Revision, Status, StoredRendition};
use crate::domain::redirect::Target;
use crate::domain::session::Session;
use crate::domain::settings::Settings;
use crate::domain::slug::Slug;
use crate::domain::token::Token;
use crate::domain::user::Role;

use super::super::{
    audit, changes, leases, media, pending, posts, redirects, renditions, revisions, sessions,
    settings, tags, timeline, tokens, users,
};
use super::{HOUR_SECONDS, Lab, new_post, new_tag, new_user, publish, slug, sqlite_lab};

const ROUNDS: u32 = 12;
const WRITES: usize = 80;
/// How many different things the random writes are about.
const THINGS: u8 = 6;

/// One random write: what is done, to which thing, with which other thing.
type Step = (u8, u8, u8);

fn path_of(lab: &Lab) -> &std::path::Path {
    match &lab.location {
        Location::File(path) => path,
        Location::Postgres(_) => unreachable!("the oplog is SQLite's"),
    }
}

#[test]
fn snapshot_and_oplog_give_the_same_database() {
    let config = Config {
        cases: ROUNDS,
        max_shrink_iters: 200,
        ..Config::default()
    };
    let steps = prop::collection::vec((0..=19_u8, 0..THINGS, 0..THINGS), WRITES);
    let outcome = TestRunner::new(config).run(&(steps, 0..WRITES), |(steps, moment)| {
        let directory = TempDir::new().unwrap();
        let lab = sqlite_lab(&directory, "live");
        let copy = directory.path().join("copy");
        let mut taken_at = 0;
        for (number, step) in steps.into_iter().enumerate() {
            if number == moment {
                taken_at = u64::try_from(oplog(path_of(&lab), 0).len()).unwrap();
                snapshot(path_of(&lab), &copy);
            }
            lab.clock.advance_seconds(60);
            // Some steps fail, for what they want is taken or missing: they must leave nothing.
            let _ = random_write(&lab, step);
        }
        let all = oplog(path_of(&lab), 0);
        prop_assert!(
            all.iter()
                .zip(1..)
                .all(|((seq, ..), expected)| *seq == expected),
            "gaps"
        );
        let later = oplog(path_of(&lab), taken_at);
        let replayed = replay_on(&copy, later);
        prop_assert_eq!(replayed, Ok(()));
        prop_assert_eq!(
            digests(&Location::File(copy.clone())),
            digests(&lab.location)
        );
        prop_assert_eq!(integrity(&copy), "ok");
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

#[test]
fn an_empty_file_and_the_whole_oplog_give_the_same_database() {
    let directory = TempDir::new().unwrap();
    let lab = sqlite_lab(&directory, "live");
    for number in 0..=19 {
        let _ = random_write(&lab, (number, number % THINGS, (number + 1) % THINGS));
    }
    let anew = Lab::open(Location::File(directory.path().join("anew")));
    // What the first migration wrote is in both.
    let migrations = oplog(path_of(&anew), 0).len();
    let later = oplog(path_of(&lab), u64::try_from(migrations).unwrap());
    replay_on(path_of(&anew), later).unwrap();
    assert_eq!(digests(&anew.location), digests(&lab.location));
}

#[test]
fn things_that_change_places_are_replayed() {
    let directory = TempDir::new().unwrap();
    let lab = sqlite_lab(&directory, "live");
    let (red, blue) = (lab.tag("Red"), lab.tag("Blue"));
    let mut one = lab.post("one", |post| post.content.tags = vec![red.id, blue.id]);
    let mut two = lab.post("two", |_| ());
    let copy = directory.path().join("copy");
    let taken_at = u64::try_from(oplog(path_of(&lab), 0).len()).unwrap();
    snapshot(path_of(&lab), &copy);
    lab.write(|tx| {
        // Each state is allowed; the changeset goes from the first to the last in one step.
        two.content.slug = slug("between");
        posts::update(tx, &two)?;
        // With the address changes a column whose check allows only a few values, so that no third
        // address can be tried on the way.
        one.content.featured = true;
        two.content.featured = true;
        one.content.slug = slug("two");
        one.content.tags.reverse();
        posts::update(tx, &one)?;
        two.content.slug = slug("one");
        posts::update(tx, &two)
    });
    replay_on(&copy, oplog(path_of(&lab), taken_at)).unwrap();
    assert_eq!(
        digests(&Location::File(copy.clone())),
        digests(&lab.location)
    );
    let restored = Lab::open(Location::File(copy));
    assert_eq!(
        restored.read(|tx| posts::by_slug(tx, &slug("two"))),
        Some(one)
    );
    let twin = restored.try_write(|tx| {
        let twin = new_post(tx, "one");
        posts::insert(tx, &twin)
    });
    assert!(super::is_conflict(&twin), "the copy still refuses twins");
}

#[test]
fn pruning_keeps_the_newest_end() {
    let directory = TempDir::new().unwrap();
    let lab = sqlite_lab(&directory, "live");
    let seqs = |lab: &Lab| -> Vec<u64> {
        oplog(path_of(lab), 0)
            .into_iter()
            .map(|(seq, ..)| seq)
            .collect()
    };
    // One entry a migration, then nine.
    let first = u64::try_from(seqs(&lab).len()).unwrap();
    let after = |numbers: &[u64]| -> Vec<u64> { numbers.iter().map(|at| first + at).collect() };
    for _ in 0..9 {
        lab.clock.advance_seconds(HOUR_SECONDS);
        lab.write(|_| Ok(()));
    }
    let all: Vec<u64> = (1..=first + 9).collect();
    assert_eq!(seqs(&lab), all);
    assert_eq!(lab.db.prune_oplog(u32::MAX, u64::MAX).unwrap(), 0);
    assert_eq!(seqs(&lab), all, "pruning itself is not recorded");
    let three_hours = u32::try_from(3 * HOUR_SECONDS).unwrap();
    assert_eq!(
        lab.db.prune_oplog(three_hours, u64::MAX).unwrap(),
        first + 5
    );
    assert_eq!(seqs(&lab), after(&[6, 7, 8, 9]));
    let of_two: usize = oplog(path_of(&lab), first + 7)
        .iter()
        .map(|(.., body)| body.len())
        .sum();
    let two_entries = u64::try_from(of_two).unwrap();
    assert_eq!(lab.db.prune_oplog(u32::MAX, two_entries).unwrap(), 2);
    assert_eq!(seqs(&lab), after(&[8, 9]));
    lab.clock.advance_seconds(100 * HOUR_SECONDS);
    assert_eq!(lab.db.prune_oplog(1, 0).unwrap(), 1);
    lab.write(|_| Ok(()));
    assert_eq!(seqs(&lab), after(&[9, 10]), "numbers go on from the newest");
}

fn random_write(lab: &Lab, (what, this, that): Step) -> Result<(), StoreError> {
    let at = |number: u8| slug(&format!("post-{number}"));
    let post = lab.read(|tx| posts::by_slug(tx, &at(this)));
    match what {
        0..=2 => write_post(lab, post, this, that),
        3 => lab.try_write(|tx| posts::delete(tx, found(post)?.id)),
        4 => {
            let other = lab.read(|tx| posts::by_slug(tx, &at(that)));
            swap_slugs(lab, found(post)?, found(other)?)
        }
        5..=8 => beside_post(lab, what, &found(post)?, that),
        9..=12 => about_tags(lab, what, this, that),
        13..=16 => about_people(lab, what, this, that),
        _ => about_the_rest(lab, what, this, that),
    }
}

fn found<T>(thing: Option<T>) -> Result<T, StoreError> {
    thing.ok_or(StoreError::NotFound)
}

fn tag_named(lab: &Lab, number: u8) -> Option<crate::domain::tag::Tag> {
    lab.read(|tx| tags::by_name(tx, &super::name(&format!("Tag {number}"))))
}

fn user_named(lab: &Lab, number: u8) -> Option<crate::domain::user::User> {
    lab.read(|tx| users::by_slug(tx, &slug(&format!("user-{number}"))))
}

fn write_post(lab: &Lab, post: Option<Post>, this: u8, that: u8) -> Result<(), StoreError> {
    let mut tagged: Vec<TagId> = [this, that]
        .iter()
        .filter_map(|n| tag_named(lab, *n))
        .map(|tag| tag.id)
        .collect();
    tagged.dedup();
    let authors = user_named(lab, that)
        .map(|user| user.id)
        .into_iter()
        .collect();
    let is_new = post.is_none();
    lab.try_write(|tx| {
        let mut post = post.unwrap_or_else(|| new_post(tx, &format!("post-{this}")));
        post.content.tags = tagged;
        post.content.authors = authors;
        post.content.markdown.push_str("\n\nMore.");
        post.version += 1;
        if that.is_multiple_of(2) {
            publish(&mut post, i64::from(this));
        } else {
            post.status = Status::Private;
        }
        if is_new {
            posts::insert(tx, &post)
        } else {
            posts::update(tx, &post)
        }
    })
}

fn swap_slugs(lab: &Lab, mut one: Post, mut other: Post) -> Result<(), StoreError> {
    lab.try_write(|tx| {
        let (first, second) = (one.content.slug.clone(), other.content.slug.clone());
        other.content.slug = slug("between");
        posts::update(tx, &other)?;
        one.content.slug = second;
        one.content.tags.reverse();
        posts::update(tx, &one)?;
        other.content.slug = Slug::clone(&first);
        posts::update(tx, &other)
    })
}

fn beside_post(lab: &Lab, what: u8, post: &Post, that: u8) -> Result<(), StoreError> {
    let editor = user_named(lab, that).map(|user| user.id);
    lab.try_write(|tx| match what {
        5 => {
            let draft = PendingDraft {
                post: post.id,
                base_version: post.version,
                version: 1,
                content: post.content.clone(),
                edited_by: editor,
                updated_at: tx.now(),
            };
            pending::put(tx, &draft)
        }
        6 => pending::delete(tx, post.id).map(|_| ()),
        7 => {
            let revision = Revision {
                id: RevisionId::from_i64(tx.new_id()),
                post: post.id,
                edited_by: editor,
                at: tx.now(),
                version: post.version,
                content: post.content.clone(),
            };
            revisions::insert(tx, &revision)?;
            revisions::thin_out(tx, post.id, 2)
        }
        _ => {
            let rendition = StoredRendition {
                stamp: that.to_string(),
                html: post.content.markdown.clone(),
                facts: "{}".to_owned(),
                plain: String::new(),
            };
            renditions::put(tx, post.id, &rendition)?;
            let to = Target::Post(post.id);
            redirects::put(tx, &format!("/old-{that}"), &to, true).map(|_| ())
        }
    })
}

fn about_tags(lab: &Lab, what: u8, this: u8, that: u8) -> Result<(), StoreError> {
    let (one, other) = (tag_named(lab, this), tag_named(lab, that));
    lab.try_write(|tx| match (what, one) {
        (9 | 10, Some(mut tag)) => {
            tag.description.push('!');
            tags::update(tx, &tag)
        }
        (11, Some(tag)) => tags::merge(tx, tag.id, found(other)?.id),
        (12, Some(tag)) => tags::delete(tx, tag.id),
        _ => {
            let tag = new_tag(tx, &format!("Tag {this}"));
            tags::insert(tx, &tag)
        }
    })
}

fn about_people(lab: &Lab, what: u8, this: u8, that: u8) -> Result<(), StoreError> {
    let Some(mut user) = user_named(lab, this) else {
        let role = if this == 0 { Role::Owner } else { Role::Author };
        return lab.try_write(|tx| {
            users::insert(tx, &new_user(&format!("user-{this}"), role)).map(|_| ())
        });
    };
    lab.try_write(|tx| match what {
        13 => {
            user.suspended = that.is_multiple_of(2);
            users::update(tx, &user)?;
            users::set_password_hash(tx, user.id, Some("hash"))
        }
        14 => {
            let session = Session {
                id: SessionId::from_i64(tx.new_id()),
                user: user.id,
                created_at: tx.now(),
                proved_at: tx.now(),
                seen_at: tx.now(),
                expires_at: tx.now().plus_seconds(HOUR_SECONDS / 4),
                address: String::new(),
                agent: String::new(),
            };
            sessions::insert(tx, &session, &session.id.as_i64().to_be_bytes())?;
            sessions::touch(tx, session.id, "192.0.2.7")
        }
        15 => {
            let token = Token {
                id: TokenId::from_i64(tx.new_id()),
                user: user.id,
                name: "a token".to_owned(),
                client: None,
                scopes: Vec::new(),
                created_at: tx.now(),
                expires_at: None,
                used_at: None,
            };
            tokens::insert(tx, &token, &token.id.as_i64().to_be_bytes())?;
            tokens::touch(tx, token.id)
        }
        _ => sessions::delete_all_of_user(tx, user.id).map(|_| ()),
    })
}

fn about_the_rest(lab: &Lab, what: u8, this: u8, that: u8) -> Result<(), StoreError> {
    lab.try_write(|tx| match what {
        17 => {
            let path = format!("{this}.jpg");
            if let Some(media) = media::by_path(tx, &path)? {
                return media::delete(tx, media.id);
            }
            let media = Media {
                id: MediaId::from_i64(tx.new_id()),
                path,
                digest: vec![that; 32],
                name: String::new(),
                mime: "image/jpeg".to_owned(),
                bytes: 1,
                width: Some(1),
                height: None,
                alt: String::new(),
                caption: String::new(),
                colour: None,
                recipe: 0,
                variants: Vec::new(),
                uploaded_by: None,
                created_at: tx.now(),
            };
            media::insert(tx, &media)
        }
        18 => {
            let mut wanted: Settings = settings::read(tx)?;
            wanted.posts_per_page = u32::from(that) + 1;
            settings::write(tx, &wanted)?;
            sessions::delete_expired(tx)?;
            let newest = changes::newest(tx)?;
            changes::forget(tx, newest.saturating_sub(9)).map(|_| ())
        }
        _ => {
            leases::try_take(tx, "index", &this.to_string(), 1)?;
            timeline::published(tx, 5, 0)?;
            let entry = NewAuditEntry {
                user: None,
                act: "act",
                noun: Noun::Post,
                noun_id: Some(i64::from(that)),
                address: "",
                detail: "",
            };
            audit::insert(tx, &entry)
        }
    })
}
