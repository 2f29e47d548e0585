//! Lists as programs ask for them: every filter, alone and with every other, and from place to place.

use crate::domain::id::{RevisionId, TagId};
use crate::domain::language::Language;
use crate::domain::place::Place;
use crate::domain::post::{Kind, Revision, Status};
use crate::domain::time::Timestamp;
use crate::domain::user::Role;

use super::super::selection::{self, Selection, Span};
use super::super::{revisions, tags};
use super::{Case, HOUR_SECONDS, Lab, START, publish};

pub(super) const CASES: &[Case] = &[
    (
        "selections_leave_out_what_does_not_fit",
        selections_leave_out,
    ),
    ("selections_go_from_place_to_place", selections_go_on),
    ("selections_combine", selections_combine),
    ("parts_of_revisions", parts_of_revisions),
    ("parts_of_tags", parts_of_tags),
];

fn everything(kind: Kind, status: Option<Status>) -> Selection {
    Selection {
        kind,
        status,
        tag: None,
        author: None,
        language: None,
        featured: None,
        published: Span::default(),
        updated: Span::default(),
    }
}

fn found(lab: &Lab, selection: &Selection) -> Vec<String> {
    let part = lab.read(|tx| selection::posts(tx, selection, Place::START, 9));
    assert_eq!(part.next, None);
    let slugs = part.items.iter().map(|post| post.slug.to_string());
    slugs.collect()
}

fn language(tag: &str) -> Language {
    Language::parse(tag).unwrap()
}

fn at(hours: i64) -> Timestamp {
    START.plus_seconds(hours * HOUR_SECONDS)
}

fn selections_leave_out(lab: &Lab) {
    let (ada, ben) = (lab.user("ada", Role::Owner), lab.user("ben", Role::Author));
    let (red, blue) = (lab.tag("Red"), lab.tag("Blue"));
    lab.post("one", |post| {
        publish(post, 1);
        post.content.tags = vec![red.id];
        post.content.authors = vec![ada.id];
        post.content.featured = true;
    });
    lab.post("two", |post| {
        publish(post, 2);
        post.content.tags = vec![red.id, blue.id];
        post.content.authors = vec![ada.id, ben.id];
        post.content.language = Some(language("de"));
        post.updated_at = START.plus_seconds(3 * HOUR_SECONDS);
    });
    lab.post("a-page", |post| {
        publish(post, 3);
        post.kind = Kind::Page;
        post.content.tags = vec![red.id];
        post.content.authors = vec![ben.id];
    });
    lab.post("draft", |post| {
        post.content.tags = vec![blue.id];
        post.content.authors = vec![ada.id];
    });
    lab.post("thrown-away", |post| {
        post.status = Status::Trashed;
        post.trashed_from = Some(Status::Draft);
    });
    let all = everything(Kind::Post, Some(Status::Published));
    let with = |change: &dyn Fn(&mut Selection)| {
        let mut selection = all.clone();
        change(&mut selection);
        found(lab, &selection)
    };
    assert_eq!(found(lab, &all), ["two", "one"]);
    assert_eq!(with(&|only| only.kind = Kind::Page), ["a-page"]);
    assert_eq!(with(&|only| only.tag = Some(red.id)), ["two", "one"]);
    assert_eq!(with(&|only| only.tag = Some(blue.id)), ["two"]);
    assert_eq!(with(&|only| only.author = Some(ben.id)), ["two"]);
    let page_of_ben = with(&|only| {
        only.kind = Kind::Page;
        only.author = Some(ben.id);
        only.tag = Some(red.id);
    });
    assert_eq!(page_of_ben, ["a-page"]);
    let said = |tag: &str| Some((language(tag), language("en")));
    assert_eq!(with(&|only| only.language = said("de")), ["two"]);
    assert_eq!(with(&|only| only.language = said("en")), ["one"]);
    assert_eq!(with(&|only| only.featured = Some(true)), ["one"]);
    assert_eq!(with(&|only| only.featured = Some(false)), ["two"]);
    assert_eq!(with(&|only| only.published.since = Some(at(2))), ["two"]);
    assert_eq!(with(&|only| only.published.before = Some(at(2))), ["one"]);
    assert_eq!(with(&|only| only.updated.since = Some(at(1))), ["two"]);
    assert_eq!(with(&|only| only.updated.before = Some(at(1))), ["one"]);
    assert_eq!(with(&|only| only.status = Some(Status::Draft)), ["draft"]);
    assert_eq!(
        with(&|only| only.status = Some(Status::Trashed)),
        ["thrown-away"]
    );
    let anywhere = with(&|only| only.status = None);
    assert_eq!(anywhere[0], "two", "the last that was edited");
    assert_eq!(anywhere.len(), 3);
    let of_ada = with(&|only| {
        only.status = None;
        only.author = Some(ada.id);
        only.tag = Some(blue.id);
    });
    assert_eq!(of_ada, ["two", "draft"]);
}

fn selections_go_on(lab: &Lab) {
    let tag = lab.tag("Red");
    for (name, hours) in [("one", 1), ("two", 2), ("also-two", 2), ("three", 3)] {
        lab.post(name, |post| {
            publish(post, hours);
            post.content.tags = vec![tag.id];
        });
    }
    let tagged = Selection {
        tag: Some(tag.id),
        ..everything(Kind::Post, Some(Status::Published))
    };
    let lists = [
        everything(Kind::Post, Some(Status::Published)),
        everything(Kind::Post, None),
        tagged,
    ];
    for (number, selection) in lists.into_iter().enumerate() {
        let mut seen = Vec::new();
        let mut place = Some(Place::START);
        while let Some(after) = place {
            let part = lab.read(|tx| selection::posts(tx, &selection, after, 1));
            // What is added before the place is not met, and moves nothing.
            lab.published(&format!("new-{number}-{}", seen.len()), 9);
            assert_eq!(part.items.len(), 1);
            seen.extend(part.items.into_iter().map(|post| post.slug.to_string()));
            place = part.next;
        }
        let mut old: Vec<_> = seen
            .iter()
            .filter(|slug| !slug.starts_with("new-"))
            .collect();
        old.sort();
        assert_eq!(old, ["also-two", "one", "three", "two"], "{seen:?}");
    }
}

/// Every filter with every other: what counts is that each is a walk along an index.
fn selections_combine(lab: &Lab) {
    let tag = TagId::from_i64(1);
    let author = lab.user("ada", Role::Owner).id;
    for choice in 0..1_u32 << 7 {
        let is = |bit: u32| choice & (1 << bit) != 0;
        let span = |bit: u32| Span {
            since: is(bit).then_some(START),
            before: is(bit).then_some(START),
        };
        for status in [None, Some(Status::Published), Some(Status::Draft)] {
            let selection = Selection {
                kind: if is(0) { Kind::Page } else { Kind::Post },
                status,
                tag: is(1).then_some(tag),
                author: is(2).then_some(author),
                language: is(3).then(|| (language("de"), language("en"))),
                featured: is(4).then_some(true),
                published: span(5),
                updated: span(6),
            };
            assert_eq!(found(lab, &selection), Vec::<String>::new());
        }
    }
}

fn parts_of_revisions(lab: &Lab) {
    let post = lab.post("kept", |_| ());
    let mut kept = Vec::new();
    for version in 1..=3 {
        let revision = lab.write(|tx| {
            let revision = Revision {
                id: RevisionId::from_i64(tx.new_id()),
                post: post.id,
                edited_by: None,
                at: START,
                version,
                content: post.content.clone(),
            };
            revisions::insert(tx, &revision)?;
            Ok(revision)
        });
        kept.push(revision);
    }
    let part = |after| lab.read(|tx| revisions::of_post_after(tx, post.id, after, 2));
    let first = part(Place::START);
    assert_eq!(first.items, [kept[2].clone(), kept[1].clone()]);
    let second = part(first.next.unwrap());
    assert_eq!((second.items, second.next), (vec![kept[0].clone()], None));
}

fn parts_of_tags(lab: &Lab) {
    let (red, blue, green) = (lab.tag("Red"), lab.tag("Blue"), lab.tag("Green"));
    lab.post("one", |post| {
        publish(post, 1);
        post.content.tags = vec![red.id, green.id];
    });
    let part = |after, limit, listed| lab.read(|tx| tags::after(tx, after, limit, listed));
    let first = part(Place::START, 2, false);
    let names: Vec<_> = first.items.iter().map(|(tag, n)| (tag.id, *n)).collect();
    assert_eq!(names, [(green.id, 1), (blue.id, 0)]);
    let second = part(first.next.unwrap(), 2, false);
    assert_eq!((second.items.len(), second.next), (1, None));
    let known = part(Place::START, 9, true);
    let known: Vec<_> = known.items.iter().map(|(tag, _)| tag.id).collect();
    assert_eq!(known, [green.id, red.id]);
}
