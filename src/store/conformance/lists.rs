//! The timeline, a tag's timeline, neighbours, the desk.

use crate::domain::id::PostId;
use crate::domain::post::{Cover, Kind, Post, Status, Summary};
use crate::domain::text::WebAddress;
use crate::domain::user::Role;

use super::super::{posts, timeline};
use super::{Case, HOUR_SECONDS, Lab, START, publish};

pub(super) const CASES: &[Case] = &[
    ("timeline_is_newest_first", timeline_is_newest_first),
    (
        "lists_hide_what_is_not_published",
        lists_hide_what_is_not_published,
    ),
    ("neighbours", neighbours),
    ("desk", desk),
    (
        "summaries_hold_what_lists_show",
        summaries_hold_what_lists_show,
    ),
];

fn slugs(found: &[Summary]) -> Vec<&str> {
    found.iter().map(|summary| summary.slug.as_str()).collect()
}

fn timeline_is_newest_first(lab: &Lab) {
    let tag = lab.tag("Red");
    for (name, hours) in [("one", 1), ("three", 3), ("two", 2), ("also-two", 2)] {
        lab.post(name, |post| {
            post.content.tags = vec![tag.id];
            publish(post, hours);
        });
    }
    lab.published("untagged", 4);
    let all = lab.read(|tx| timeline::published(tx, 9, 0));
    assert_eq!(slugs(&all), ["untagged", "three", "also-two", "two", "one"]);
    let second_page = lab.read(|tx| timeline::published(tx, 2, 2));
    assert_eq!(slugs(&second_page), ["also-two", "two"]);
    let tagged = lab.read(|tx| timeline::tagged(tx, tag.id, 3, 1));
    assert_eq!(slugs(&tagged), ["also-two", "two", "one"]);
}

fn lists_hide_what_is_not_published(lab: &Lab) {
    let tag = lab.tag("Red");
    let mut ids = Vec::new();
    for status in Status::ALL {
        let post = lab.post(&format!("in-{status}"), |post| {
            publish(post, 1);
            post.status = *status;
            post.publish_at = Some(START);
            post.trashed_from = (*status == Status::Trashed).then_some(Status::Published);
            post.content.tags = vec![tag.id];
        });
        ids.push(post.id);
    }
    lab.post("a-page", |post| {
        publish(post, 2);
        post.kind = Kind::Page;
        post.content.tags = vec![tag.id];
    });
    let only = ["in-published"];
    assert_eq!(slugs(&lab.read(|tx| timeline::published(tx, 9, 0))), only);
    assert_eq!(
        slugs(&lab.read(|tx| timeline::tagged(tx, tag.id, 9, 0))),
        only
    );
    assert_eq!(slugs(&lab.read(|tx| timeline::among(tx, &ids))), only);
    let page_too = lab.read(|tx| timeline::listed_ids_after(tx, PostId::from_i64(0), 9));
    assert_eq!(page_too.len(), 2);
    let after_it = lab.read(|tx| timeline::listed_ids_after(tx, page_too[0], 9));
    assert_eq!(after_it, page_too[1..]);

    let whatever = lab.read(|tx| timeline::ids_after(tx, ids[0], 9));
    assert_eq!(
        whatever.len(),
        Status::ALL.len(),
        "all but the first, and the page"
    );
    assert_eq!(lab.read(|tx| timeline::ids_after(tx, ids[0], 1)), [ids[1]]);

    let mut post: Post = lab.read(|tx| posts::by_id(tx, page_too[0])).unwrap();
    post.status = Status::Draft;
    lab.write(|tx| posts::update(tx, &post));
    assert_eq!(lab.read(|tx| timeline::tagged(tx, tag.id, 9, 0)), []);
    assert_eq!(lab.read(|tx| timeline::published(tx, 9, 0)), []);
}

fn neighbours(lab: &Lab) {
    let one = lab.published("one", 1);
    let two = lab.published("two", 2);
    let also_two = lab.published("also-two", 2);
    let three = lab.published("three", 3);
    lab.post("draft", |_| ());
    let at = |post: &Post| (post.published_at.unwrap(), post.id);
    let before = |post: &Post| {
        let (time, id) = at(post);
        lab.read(|tx| timeline::before(tx, time, id))
            .map(|found| found.id)
    };
    let after = |post: &Post| {
        let (time, id) = at(post);
        lab.read(|tx| timeline::after(tx, time, id))
            .map(|found| found.id)
    };
    assert_eq!(before(&one), None);
    assert_eq!(after(&one), Some(two.id));
    assert_eq!(
        after(&two),
        Some(also_two.id),
        "the id decides between equal times"
    );
    assert_eq!(before(&also_two), Some(two.id));
    assert_eq!(before(&three), Some(also_two.id));
    assert_eq!(after(&three), None);
}

fn desk(lab: &Lab) {
    let ada = lab.user("ada", Role::Owner);
    let ben = lab.user("ben", Role::Author);
    for (name, seconds, author) in [("one", 1, ada.id), ("two", 3, ben.id), ("three", 2, ada.id)] {
        lab.post(name, |post| {
            post.updated_at = START.plus_seconds(seconds);
            post.content.authors = vec![author];
        });
    }
    lab.published("out", 1);
    let drafts = |author, limit, offset| {
        lab.read(|tx| timeline::desk(tx, Kind::Post, Status::Draft, author, limit, offset))
    };
    assert_eq!(slugs(&drafts(None, 9, 0)), ["two", "three", "one"]);
    assert_eq!(slugs(&drafts(None, 1, 1)), ["three"]);
    assert_eq!(slugs(&drafts(Some(ada.id), 9, 0)), ["three", "one"]);
    assert_eq!(slugs(&drafts(Some(ada.id), 9, 1)), ["one"]);
    let pages = lab.read(|tx| timeline::desk(tx, Kind::Page, Status::Draft, None, 9, 0));
    assert_eq!(pages, []);
}

fn summaries_hold_what_lists_show(lab: &Lab) {
    let post = lab.post("whole", |post| {
        publish(post, 1);
        post.content.featured = true;
        post.content.excerpt = Some("In short".to_owned());
        post.content.cover = Some(Cover {
            url: WebAddress::parse("https://example.org/x.png").unwrap(),
            alt: String::new(),
        });
    });
    let expected = Summary {
        id: post.id,
        kind: Kind::Post,
        status: Status::Published,
        title: post.content.title,
        slug: post.content.slug,
        excerpt: post.content.excerpt,
        cover: post.content.cover,
        language: None,
        featured: true,
        updated_at: START,
        publish_at: None,
        published_at: Some(START.plus_seconds(HOUR_SECONDS)),
    };
    assert_eq!(lab.read(|tx| timeline::published(tx, 9, 0)), [expected]);
}
