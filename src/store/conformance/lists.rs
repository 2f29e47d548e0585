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
    ("authors_have_timelines", authors_have_timelines),
    ("periods_are_walked", periods_are_walked),
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

    let addresses = lab.read(|tx| timeline::addresses_after(tx, PostId::from_i64(0), 9));
    let addresses: Vec<_> = addresses.iter().map(|(slug, _)| slug.as_str()).collect();
    assert_eq!(addresses, ["in-published", "a-page"]);

    for kind in Kind::ALL {
        assert_eq!(lab.read(|tx| timeline::count_published(tx, *kind)), 1);
    }
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

fn authors_have_timelines(lab: &Lab) {
    let (ada, ben) = (lab.user("ada", Role::Owner), lab.user("ben", Role::Author));
    let tag = lab.tag("Red");
    for (name, hours, author) in [("one", 1, ada.id), ("two", 2, ben.id), ("three", 3, ada.id)] {
        lab.post(name, |post| {
            post.content.authors = vec![author];
            post.content.tags = vec![tag.id];
            publish(post, hours);
        });
    }
    let draft = lab.post("draft", |post| post.content.authors = vec![ada.id]);
    let by = |author, limit, offset| lab.read(|tx| timeline::by_author(tx, author, limit, offset));
    assert_eq!(slugs(&by(ada.id, 9, 0)), ["three", "one"]);
    assert_eq!(slugs(&by(ada.id, 1, 1)), ["one"]);
    assert_eq!(lab.read(|tx| timeline::count_by_author(tx, ada.id)), 2);
    assert_eq!(lab.read(|tx| timeline::count_tagged(tx, tag.id)), 3);
    let mut published = draft;
    publish(&mut published, 4);
    lab.write(|tx| posts::update(tx, &published));
    assert_eq!(slugs(&by(ada.id, 9, 0)), ["draft", "three", "one"]);
    assert_eq!(slugs(&by(ben.id, 9, 0)), ["two"]);
}

fn periods_are_walked(lab: &Lab) {
    for (name, hours) in [("one", 1), ("two", 2), ("three", 3)] {
        lab.published(name, hours);
    }
    let at = |hours: i64| START.plus_seconds(hours * HOUR_SECONDS);
    let found = |from, until| lab.read(|tx| timeline::between(tx, at(from), at(until), 9, 0));
    assert_eq!(
        slugs(&found(1, 3)),
        ["two", "one"],
        "the end is not part of it"
    );
    assert_eq!(slugs(&found(4, 9)), Vec::<&str>::new());
    assert_eq!(lab.read(|tx| timeline::count_between(tx, at(2), at(9))), 2);
    let second = lab.read(|tx| timeline::between(tx, at(0), at(9), 1, 1));
    assert_eq!(slugs(&second), ["two"]);
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
