//! From changes to deliveries, with nobody sending: what is told, to whom, and how often.

use std::sync::Arc;

use serde_json::Value;

use super::*;
use crate::app::posts::{self, Draft, Release};
use crate::blobs::Blobs;
use crate::db::{Db, Location, Options};
use crate::domain::clock::SystemClock;
use crate::domain::id::PostId;
use crate::domain::language::Language;
use crate::domain::post::Kind;
use crate::domain::slug::Slug;
use crate::domain::text::Title;
use crate::pictures::Painter;
use crate::search::Index;

const SITE: &str = "https://blog.example";

struct Room {
    app: App,
    seen: Step,
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
            seen: Step::default(),
            _folder: folder,
        }
    }

    fn webhook(&self, events: &[Event]) -> WebhookId {
        let url = Destination::parse("https://hook.invalid/").unwrap();
        let wish = Wish {
            events: Some(events.to_vec()),
            ..Wish::default()
        };
        let made = create(&self.app, &Actor::system(), url, wish);
        made.unwrap().item.id
    }

    fn post(&self, title: &str, release: Option<Release>) -> PostId {
        let (app, actor) = (&self.app, Actor::system());
        let made = match release {
            Some(release) => {
                posts::create_released(app, &actor, Kind::Post, called(title), release)
            }
            None => posts::create(app, &actor, Kind::Post, called(title)),
        };
        made.unwrap().id
    }

    fn rename(&self, post: PostId, title: &str) {
        let draft = Draft {
            slug: Some(Slug::parse(&title.to_lowercase()).unwrap()),
            ..called(title)
        };
        posts::update(&self.app, &Actor::system(), post, None, draft).unwrap();
    }

    /// As the job of a process that is called `holder` does.
    fn follow(&mut self, holder: &str) {
        self.seen = step(&self.app, holder, SITE, &self.seen).unwrap();
    }

    /// What is to be sent to a webhook, the oldest first.
    fn told(&self, webhook: WebhookId) -> Vec<Value> {
        let sent = deliveries(&self.app, &Actor::system(), webhook, None, 100).unwrap();
        let payloads = sent.iter().rev();
        let read = |sent: &Delivery| serde_json::from_str(&sent.payload).unwrap();
        payloads.map(read).collect()
    }

    fn events(&self, webhook: WebhookId) -> Vec<String> {
        let told = self.told(webhook);
        let event = |told: &Value| told["type"].as_str().unwrap().to_owned();
        told.iter().map(event).collect()
    }
}

fn called(title: &str) -> Draft {
    Draft {
        title: Some(Title::parse(title).unwrap()),
        markdown: Some(format!("Words of {title}")),
        ..Draft::default()
    }
}

fn everything() -> Vec<Event> {
    Event::choices().collect()
}

#[test]
fn what_was_overtaken_gives_no_draft_away() {
    let mut room = Room::new();
    let (app, actor) = (room.app.clone(), Actor::system());
    let webhook = room.webhook(&everything());
    let [back, gone, hidden] = [
        room.post("Back", Some(Release::Now)),
        room.post("Gone", Some(Release::Unlisted)),
        room.post("Hidden", Some(Release::Now)),
    ];
    for post in [back, gone] {
        room.rename(post, "Second");
        posts::unpublish(&app, &actor, post).unwrap();
        room.rename(post, &format!("Plan-{post}"));
    }
    posts::publish(&app, &actor, hidden, Release::Private).unwrap();
    room.rename(hidden, "Plan-hidden");
    posts::trash(&app, &actor, gone).unwrap();
    posts::delete(&app, &actor, gone).unwrap();
    // All of that happened before anybody was told.
    room.follow("one");
    let told = room.told(webhook);
    assert!(
        !told.iter().any(|told| told.to_string().contains("lan-")),
        "{told:#?}"
    );
    let of = |post: PostId| -> Vec<_> {
        let of_it = told
            .iter()
            .filter(|told| told["data"]["id"] == post.as_i64());
        let event = |told: &Value| told["type"].as_str().unwrap().to_owned();
        of_it.map(event).collect()
    };
    assert_eq!(of(back), ["post.published", "post.unpublished"]);
    assert_eq!(
        of(gone),
        ["post.published", "post.unpublished", "post.deleted"]
    );
    assert_eq!(of(hidden), ["post.published", "post.unpublished"]);
    let last = &told[told.len() - 1]["data"];
    assert_eq!(last["url"], format!("{SITE}/second"));
}

#[test]
fn drafts_are_told_of_to_nobody() {
    let mut room = Room::new();
    let (app, actor) = (room.app.clone(), Actor::system());
    let webhook = room.webhook(&everything());
    let draft = room.post("Draft", None);
    room.rename(draft, "Renamed");
    let german = Language::parse("de").unwrap();
    posts::copy(&app, &actor, draft, Some(&german)).unwrap();
    let at = app.db.clock().now().plus_seconds(3600);
    posts::publish(&app, &actor, draft, Release::At(at)).unwrap();
    posts::publish(&app, &actor, draft, Release::Private).unwrap();
    posts::unpublish(&app, &actor, draft).unwrap();
    posts::trash(&app, &actor, draft).unwrap();
    posts::delete(&app, &actor, draft).unwrap();
    room.follow("one");
    assert_eq!(room.events(webhook), [""; 0]);
}

#[test]
fn each_is_told_what_it_wants_from_when_on_it_wants_it_and_once() {
    let mut room = Room::new();
    let (app, actor) = (room.app.clone(), Actor::system());
    let early = room.webhook(&[Event::PostPublished, Event::PostUpdated]);
    let first = room.post("First", Some(Release::Now));
    let late = room.webhook(&[Event::PostPublished]);
    room.rename(first, "Renamed");
    room.post("Second", Some(Release::Now));
    // Published already, so for readers it is a change and no more.
    posts::publish(&app, &actor, first, Release::Now).unwrap();
    for _ in 0..3 {
        room.follow("one");
    }
    room.seen = Step::default();
    room.follow("one");
    let expected = [
        "post.published",
        "post.updated",
        "post.published",
        "post.updated",
    ];
    assert_eq!(room.events(early), expected);
    assert_eq!(room.events(late), ["post.published"]);

    let switch = |active| {
        let wish = Wish {
            active: Some(active),
            ..Wish::default()
        };
        change(&app, &actor, late, None, wish).unwrap();
    };
    switch(false);
    room.post("While it was off", Some(Release::Now));
    room.follow("one");
    switch(true);
    room.post("After", Some(Release::Now));
    room.follow("one");
    assert_eq!(room.events(late), ["post.published"; 2]);
    assert_eq!(room.told(late)[1]["data"]["title"], "After");
}

#[test]
fn one_process_sends_at_a_time() {
    let mut room = Room::new();
    room.webhook(&everything());
    room.post("First", Some(Release::Now));
    room.follow("one");
    assert_eq!((room.seen.due.len(), room.seen.is_others), (1, false));
    let other = step(&room.app, "two", SITE, &Step::default()).unwrap();
    assert_eq!((other.due.len(), other.is_others), (0, true));
    release(&room.app, "one").unwrap();
    let other = step(&room.app, "two", SITE, &Step::default()).unwrap();
    assert_eq!((other.due.len(), other.is_others), (1, false));
}
