//! Posts, tags, revisions, pending drafts, renditions.

use crate::domain::id::{PostId, RevisionId, TagId};
use crate::domain::language::Language;
use crate::domain::post::{Cover, Kind, PendingDraft, Revision, Status, StoredRendition};
use crate::domain::tag::Tag;
use crate::domain::text::{Title, WebAddress};
use crate::domain::user::Role;

use super::super::{pending, posts, renditions, revisions, tags, timeline};
use super::{
    Case, HOUR_SECONDS, Lab, START, is_conflict, is_not_found, name, new_post, publish, slug,
};

pub(super) const CASES: &[Case] = &[
    ("posts_come_back_as_written", posts_come_back_as_written),
    ("slugs_are_unique", slugs_are_unique),
    ("due_posts", due_posts),
    (
        "deleting_a_post_takes_all_of_it",
        deleting_a_post_takes_all_of_it,
    ),
    ("pending_drafts", pending_drafts),
    (
        "revisions_are_kept_and_thinned",
        revisions_are_kept_and_thinned,
    ),
    ("renditions_beside_posts", renditions_beside_posts),
    ("tags_are_written_and_found", tags_are_written_and_found),
    ("tags_merge", tags_merge),
];

const NO_POST: PostId = PostId::from_i64(7);

fn posts_come_back_as_written(lab: &Lab) {
    let ada = lab.user("ada", Role::Owner);
    let ben = lab.user("ben", Role::Author);
    let (red, blue) = (lab.tag("Red"), lab.tag("Blue"));
    let address = |text: &str| Some(WebAddress::parse(text).unwrap());
    let mut post = lab.post("a-post", |post| {
        let content = &mut post.content;
        content.markdown = "# Ünï ¢ode 日本語 🎉\n\n'; DROP TABLE posts; --".to_owned();
        content.excerpt = Some("Short".to_owned());
        content.cover = Some(Cover {
            url: WebAddress::parse("/media/x.jpg").unwrap(),
            alt: "A picture".to_owned(),
        });
        content.tags = vec![blue.id, red.id];
        content.authors = vec![ben.id, ada.id];
        content.language = Some(Language::parse("pt-BR").unwrap());
        content.canonical_url = address("https://example.org/first");
        content.meta_title = Some("mt".to_owned());
        content.meta_description = Some("md".to_owned());
        content.code_head = Some("<!-- head -->".to_owned());
        content.code_foot = Some("<!-- foot -->".to_owned());
        content.featured = true;
        publish(post, 1);
    });
    assert_eq!(lab.read(|tx| posts::by_id(tx, post.id)), Some(post.clone()));
    assert_eq!(
        lab.read(|tx| posts::by_slug(tx, &slug("a-post"))),
        Some(post.clone())
    );
    assert_eq!(lab.read(|tx| posts::by_slug(tx, &slug("other"))), None);

    post.status = Status::Trashed;
    post.trashed_from = Some(Status::Published);
    post.kind = Kind::Page;
    post.content.title = Title::parse("Changed").unwrap();
    post.content.slug = slug("changed");
    post.content.cover = None;
    post.content.excerpt = None;
    // The same tags the other way round, and an author less.
    post.content.tags.reverse();
    post.content.authors.pop();
    post.content.language = None;
    post.content.canonical_url = None;
    post.content.featured = false;
    post.version = 2;
    post.updated_at = START.plus_seconds(HOUR_SECONDS);
    lab.write(|tx| posts::update(tx, &post));
    assert_eq!(lab.read(|tx| posts::by_id(tx, post.id)), Some(post.clone()));
    assert_eq!(lab.read(|tx| tags::of_post(tx, post.id)), [red, blue]);
    post.id = NO_POST;
    post.content.slug = slug("third");
    assert!(is_not_found(&lab.try_write(|tx| posts::update(tx, &post))));
}

fn slugs_are_unique(lab: &Lab) {
    let one = lab.post("one", |_| ());
    let mut two = lab.post("two", |_| ());
    let taken = |text: &str, except| lab.read(|tx| posts::slug_is_taken(tx, text, except));
    assert!(taken("one", None));
    assert!(taken("one", Some(two.id)));
    assert!(!taken("one", Some(one.id)));
    assert!(!taken("three", None));
    two.content.slug = slug("one");
    assert!(is_conflict(&lab.try_write(|tx| posts::update(tx, &two))));
    assert!(is_conflict(&lab.try_write(|tx| {
        let twin = new_post(tx, "one");
        posts::insert(tx, &twin)
    })));
    assert_eq!(lab.read(|tx| posts::by_slug(tx, &slug("one"))), Some(one));
}

fn due_posts(lab: &Lab) {
    let scheduled = |name: &str, hours: i64| {
        lab.post(name, |post| {
            post.status = Status::Scheduled;
            post.publish_at = Some(START.plus_seconds(hours * HOUR_SECONDS));
        })
    };
    let (late, early, future) = (
        scheduled("late", 2),
        scheduled("early", 1),
        scheduled("x", 5),
    );
    lab.published("out", 0);
    let due = |hours: i64, limit| {
        let now = START.plus_seconds(hours * HOUR_SECONDS);
        lab.read(|tx| posts::due(tx, now, limit))
    };
    assert_eq!(due(0, 9), []);
    assert_eq!(due(2, 9), [early.id, late.id]);
    assert_eq!(due(9, 1), [early.id]);
    assert_eq!(due(5, 9), [early.id, late.id, future.id]);
}

fn draft_of(post: PostId, lab: &Lab) -> PendingDraft {
    let content = lab.read(|tx| posts::by_id(tx, post)).unwrap().content;
    PendingDraft {
        post,
        base_version: 1,
        version: 4,
        content,
        edited_by: None,
        updated_at: START,
    }
}

fn revision_of(post: PostId, number: i64, lab: &Lab) -> Revision {
    let content = lab.read(|tx| posts::by_id(tx, post)).unwrap().content;
    lab.write(|tx| {
        let revision = Revision {
            id: RevisionId::from_i64(tx.new_id()),
            post,
            edited_by: None,
            at: START.plus_seconds(number),
            version: number,
            content,
        };
        revisions::insert(tx, &revision)?;
        Ok(revision)
    })
}

fn rendition(stamp: &str) -> StoredRendition {
    StoredRendition {
        stamp: stamp.to_owned(),
        html: "<p>Words</p>".to_owned(),
        facts: "{\"words\":1}".to_owned(),
        plain: "Words".to_owned(),
    }
}

fn deleting_a_post_takes_all_of_it(lab: &Lab) {
    let tag = lab.tag("Red");
    let post = lab.post("gone", |post| {
        post.content.tags = vec![tag.id];
        publish(post, 1);
    });
    let draft = draft_of(post.id, lab);
    lab.write(|tx| pending::put(tx, &draft));
    let revision = revision_of(post.id, 1, lab);
    lab.write(|tx| renditions::put(tx, post.id, &rendition("x")));
    lab.write(|tx| posts::delete(tx, post.id));
    assert!(is_not_found(
        &lab.try_write(|tx| posts::delete(tx, post.id))
    ));
    assert_eq!(lab.read(|tx| posts::by_id(tx, post.id)), None);
    assert_eq!(lab.read(|tx| pending::get(tx, post.id)), None);
    assert_eq!(lab.read(|tx| revisions::by_id(tx, revision.id)), None);
    assert_eq!(lab.read(|tx| renditions::of(tx, post.id)), None);
    assert_eq!(lab.read(|tx| tags::posts_with(tx, tag.id)), []);
}

fn pending_drafts(lab: &Lab) {
    let ada = lab.user("ada", Role::Owner);
    let post = lab.published("a-post", 0);
    assert_eq!(lab.read(|tx| pending::get(tx, post.id)), None);
    let mut draft = draft_of(post.id, lab);
    lab.write(|tx| pending::put(tx, &draft));
    assert_eq!(
        lab.read(|tx| pending::get(tx, post.id)),
        Some(draft.clone())
    );
    draft.version = 5;
    draft.content.markdown = "Better words".to_owned();
    draft.edited_by = Some(ada.id);
    draft.updated_at = START.plus_seconds(1);
    lab.write(|tx| pending::put(tx, &draft));
    assert_eq!(lab.read(|tx| pending::get(tx, post.id)), Some(draft));
    assert!(lab.write(|tx| pending::delete(tx, post.id)));
    assert!(!lab.write(|tx| pending::delete(tx, post.id)));
    assert_eq!(lab.read(|tx| pending::get(tx, post.id)), None);
}

fn revisions_are_kept_and_thinned(lab: &Lab) {
    let post = lab.post("a-post", |_| ());
    let other = lab.post("other", |_| ());
    let kept: Vec<Revision> = (1..=5)
        .map(|number| revision_of(post.id, number, lab))
        .collect();
    let elsewhere = revision_of(other.id, 9, lab);
    let versions = |limit| -> Vec<i64> {
        let found = lab.read(|tx| revisions::of_post(tx, post.id, limit));
        found.iter().map(|revision| revision.version).collect()
    };
    assert_eq!(versions(9), [5, 4, 3, 2, 1]);
    assert_eq!(versions(2), [5, 4]);
    assert_eq!(
        lab.read(|tx| revisions::by_id(tx, kept[1].id)),
        Some(kept[1].clone())
    );
    lab.write(|tx| revisions::delete(tx, kept[4].id));
    assert!(is_not_found(
        &lab.try_write(|tx| revisions::delete(tx, kept[4].id))
    ));
    lab.write(|tx| revisions::thin_out(tx, post.id, 3));
    assert_eq!(versions(9), [4, 3, 2]);
    assert_eq!(lab.read(|tx| revisions::by_id(tx, kept[0].id)), None);
    assert_eq!(
        lab.read(|tx| revisions::of_post(tx, other.id, 9)),
        [elsewhere]
    );
}

fn renditions_beside_posts(lab: &Lab) {
    let post = lab.post("a-post", |_| ());
    let second = lab.post("second", |_| ());
    assert_eq!(lab.read(|tx| renditions::of(tx, post.id)), None);
    assert_eq!(lab.read(|tx| renditions::facts(tx, post.id)), None);
    lab.write(|tx| renditions::put(tx, post.id, &rendition("old")));
    lab.write(|tx| renditions::put(tx, second.id, &rendition("old")));
    lab.write(|tx| renditions::put(tx, post.id, &rendition("new")));
    assert_eq!(
        lab.read(|tx| renditions::of(tx, post.id)),
        Some(rendition("new"))
    );
    assert_eq!(
        lab.read(|tx| renditions::facts(tx, post.id)),
        Some(rendition("").facts)
    );
    assert_eq!(
        lab.read(|tx| renditions::stamp(tx, post.id)),
        Some("new".to_owned())
    );
    assert_eq!(
        lab.read(|tx| renditions::plain(tx, second.id)),
        Some(rendition("old").plain)
    );
}

fn tags_are_written_and_found(lab: &Lab) {
    let mut tag = lab.tag("A Tag");
    lab.tag("second");
    assert_eq!(lab.read(|tx| tags::by_id(tx, tag.id)), Some(tag.clone()));
    let folded = lab.read(|tx| tags::by_name(tx, &name("Ａ TAG")));
    assert_eq!(
        folded.map(|found| found.id),
        Some(tag.id),
        "compatibility forms are one name"
    );
    tag.slug = slug("renamed");
    tag.name = name("Étude");
    tag.description = "What it is about".to_owned();
    tag.colour = Some("#aa00ff".to_owned());
    tag.cover_url = Some(WebAddress::parse("/media/tag.png").unwrap());
    tag.updated_at = START.plus_seconds(3);
    lab.write(|tx| tags::update(tx, &tag));
    assert_eq!(
        lab.read(|tx| tags::by_slug(tx, &slug("renamed"))),
        Some(tag.clone())
    );
    assert_eq!(
        lab.read(|tx| tags::by_name(tx, &name("étude"))),
        Some(tag.clone())
    );
    assert_eq!(lab.read(|tx| tags::by_name(tx, &name("a tag"))), None);
    let twin = Tag {
        slug: slug("free"),
        name: name("SECOND"),
        ..tag.clone()
    };
    assert!(is_conflict(&lab.try_write(|tx| tags::update(tx, &twin))));
    let unknown = Tag {
        id: TagId::from_i64(7),
        ..tag.clone()
    };
    assert!(is_not_found(
        &lab.try_write(|tx| tags::update(tx, &unknown))
    ));

    let with = |post: &mut crate::domain::post::Post| post.content.tags = vec![tag.id];
    let draft = lab.post("draft", with);
    let out = lab.post("out", |post| {
        with(post);
        publish(post, 1);
    });
    assert_eq!(
        lab.read(|tx| tags::posts_with(tx, tag.id)),
        [draft.id, out.id]
    );
    assert_eq!(lab.read(|tx| tags::listed_posts(tx, tag.id)), 1);
    assert_eq!(lab.read(tags::count_listed), 1);
    let all = lab.read(tags::all);
    let counts: Vec<_> = all
        .iter()
        .map(|(tag, count)| (tag.name.as_str(), *count))
        .collect();
    assert_eq!(counts, [("second", 0), ("Étude", 1)]);
    lab.write(|tx| tags::delete(tx, tag.id));
    assert!(is_not_found(&lab.try_write(|tx| tags::delete(tx, tag.id))));
    assert_eq!(lab.read(|tx| tags::of_post(tx, out.id)), []);
}

fn tags_merge(lab: &Lab) {
    let (from, into) = (lab.tag("From"), lab.tag("Into"));
    let tagged = |at: &str, tags: &[TagId]| {
        lab.post(at, |post| {
            post.content.tags = tags.to_vec();
            publish(post, 1);
        })
    };
    let only = tagged("only", &[from.id]);
    let both = tagged("both", &[from.id, into.id]);
    let unknown = TagId::from_i64(7);
    assert!(is_not_found(
        &lab.try_write(|tx| tags::merge(tx, from.id, unknown))
    ));
    assert!(is_not_found(
        &lab.try_write(|tx| tags::merge(tx, unknown, into.id))
    ));
    lab.write(|tx| tags::merge(tx, into.id, into.id));
    lab.write(|tx| tags::merge(tx, from.id, into.id));
    assert_eq!(lab.read(|tx| tags::by_id(tx, from.id)), None);
    for post in [&only, &both] {
        let left = lab.read(|tx| tags::of_post(tx, post.id));
        assert_eq!(left, std::slice::from_ref(&into));
    }
    let listed = lab.read(|tx| timeline::tagged(tx, into.id, 9, 0));
    assert_eq!(listed.len(), 2);
}
