//! A property of exports: whatever a site holds, what is taken over from its export exports the same again.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use crate::app::posts::{self, Draft, Release};
use crate::app::{App, accounts, media, redirects, settings};
use crate::blobs::Blobs;
use crate::db::{Db, Location, Options};
use crate::domain::actor::Actor;
use crate::domain::clock::SystemClock;
use crate::domain::language::Language;
use crate::domain::post::{Cover, Kind};
use crate::domain::slug::Slug;
use crate::domain::text::{Email, Name, Title, WebAddress};
use crate::domain::time::Timestamp;
use crate::domain::user::Role;
use crate::pictures::Painter;
use crate::search::Index;

use super::{Format, Wishes, carry, export, open};

struct Room {
    app: App,
    _folder: tempfile::TempDir,
}

impl Room {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            location: Location::File(folder.path().join("test.db")),
            readers: 2,
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

    fn user(&self, name: &str, role: Role) {
        let email = Email::parse(&format!("{name}@example.org")).unwrap();
        let name = Name::parse(name).unwrap();
        accounts::create_user(&self.app, &Actor::system(), email, name, role, None).unwrap();
    }
}

/// What a post of a random site is made of.
#[derive(Debug, Clone)]
struct Idea {
    title: String,
    slug: String,
    body: String,
    excerpt: Option<String>,
    tags: Vec<String>,
    code: Option<String>,
    is_page: bool,
    by_both: bool,
    language: Option<&'static str>,
    stands: u8,
    age_seconds: i64,
    shows_file: bool,
    old_slug: Option<String>,
}

/// Words that are hard on formats as well as plain ones.
fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z äöü]{1,20}",
        "\\PC{1,20}",
        "(---|\\+\\+\\+|: |#|'|\"|\\\\|\\[|\\]|\\{|\\}|&a|\\*a|!|%|@|`|yes|null|~|2024-01-01|0x1f|\\.inf| |\t){1,6}",
    ]
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        words(),
        "(---\n|\\+\\+\\+\n|\n|\r\n|\t| |# x\n|`{3}\n|/media/|\\{\\{< x >\\}\\}|\u{feff}|\u{85}|\u{2028}|<b>|ä){0,12}",
    ]
}

fn idea() -> impl Strategy<Value = Idea> {
    let said = (
        words(),
        "[a-z]{1,8}(-[a-z0-9]{1,3})?",
        texts(),
        proptest::option::of(texts()),
    );
    let more = (
        proptest::collection::vec(words(), 0..3),
        proptest::option::of(texts()),
        any::<bool>(),
        any::<bool>(),
        proptest::option::of(prop_oneof![Just("de"), Just("pt-BR")]),
    );
    let rest = (
        0_u8..8,
        0_i64..100_000_000,
        any::<bool>(),
        proptest::option::of("[a-z]{9,12}"),
    );
    (said, more, rest).prop_map(|(said, more, rest)| Idea {
        title: said.0,
        slug: said.1,
        body: said.2,
        excerpt: said.3,
        tags: more.0,
        code: more.1,
        is_page: more.2,
        by_both: more.3,
        language: more.4,
        stands: rest.0,
        age_seconds: rest.1,
        shows_file: rest.2,
        old_slug: rest.3,
    })
}

fn write(app: &App, idea: &Idea, file: &str) {
    let system = Actor::system();
    let now = app.db.clock().now();
    let title = Title::parse(&idea.title).unwrap_or_else(|_| Title::empty());
    let is_untitled = title.as_str().is_empty();
    let mut body = idea.body.clone();
    if idea.shows_file {
        let shown = format!("\n[a](/media/{file}) /media/{file}?x (/media/gone.png)");
        body.push_str(&shown);
    }
    let wished = idea.old_slug.as_ref().unwrap_or(&idea.slug);
    let cover = idea.shows_file.then(|| Cover {
        url: WebAddress::parse(&format!("/media/{file}")).unwrap(),
        alt: idea.title.clone(),
    });
    let draft = Draft {
        title: Some(title),
        slug: Slug::parse(wished).ok(),
        markdown: Some(body),
        excerpt: Some(idea.excerpt.clone()),
        cover: Some(cover),
        tags: Some(
            idea.tags
                .iter()
                .filter_map(|tag| Name::parse(tag).ok())
                .collect(),
        ),
        language: Some(idea.language.map(|tag| Language::parse(tag).unwrap())),
        canonical_url: Some(
            idea.shows_file
                .then(|| WebAddress::parse("https://x.example/ä?b").unwrap()),
        ),
        meta_title: Some(idea.excerpt.clone()),
        meta_description: Some(idea.code.clone()),
        code_head: idea.code.clone().map(Some),
        featured: Some(idea.by_both),
        authors: idea
            .by_both
            .then(|| vec![Slug::parse("bob").unwrap(), Slug::parse("ada").unwrap()]),
        published_at: Some(now.plus_seconds(-idea.age_seconds)),
        ..Draft::default()
    };
    let kind = if idea.is_page { Kind::Page } else { Kind::Post };
    let post = posts::create(app, &system, kind, draft).unwrap();
    let release = match idea.stands {
        0 => Release::Unlisted,
        1 => Release::Private,
        2 => Release::At(now.plus_seconds(1_000_000 + idea.age_seconds)),
        _ => Release::Now,
    };
    if !is_untitled && idea.stands != 3 {
        posts::publish(app, &system, post.id, release).unwrap();
    }
    if idea.old_slug.is_some() {
        // Its old address leads to it from now on.
        let draft = Draft {
            slug: Slug::parse(&idea.slug).ok(),
            ..Draft::default()
        };
        posts::update(app, &system, post.id, None, draft).unwrap();
    }
    if idea.stands == 4 {
        posts::trash(app, &system, post.id).unwrap();
    }
    if idea.stands == 5 {
        let copy = posts::copy(app, &system, post.id, Some(&Language::parse("fr").unwrap()));
        copy.unwrap();
    }
}

fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path
                    .strip_prefix(root)
                    .unwrap()
                    .to_string_lossy()
                    .into_owned();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

fn moved_twice(ideas: &[Idea], title: &str, zone: &str) {
    let room = Room::new();
    let (app, system) = (&room.app, Actor::system());
    room.user("ada", Role::Owner);
    room.user("bob", Role::Author);
    let mut site = settings::read(app).unwrap();
    site.title = Title::parse(title).unwrap();
    site.description = title.to_owned();
    site.time_zone = zone.to_owned();
    settings::change(app, &system, &site).unwrap();
    let mut file = media::begin(app, &system).unwrap();
    file.write_all(format!("%PDF-1.4 {title}").as_bytes())
        .unwrap();
    let file = media::add(app, &system, file, "Büro Plan.pdf", title).unwrap();
    media::describe(app, &system, file.id, title, "a caption").unwrap();
    for idea in ideas {
        write(app, idea, &file.path);
    }
    let to = WebAddress::parse("https://elsewhere.example/*").unwrap();
    redirects::create(app, &system, "/old/*", &to, false, "").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let first = folder.path().join("first");
    export(app, &system, &first, false, &()).unwrap();

    let other = Room::new();
    let now = other.app.db.clock().now();
    let source = open(&first, Format::Auto, &TimeZone::UTC, now).unwrap();
    let dry = Wishes {
        dry_run: true,
        author: None,
    };
    let trial = carry(&other.app, &system, &*source, &dry, &()).unwrap();
    let report = carry(&other.app, &system, &*source, &Wishes::default(), &()).unwrap();
    assert_eq!(trial.text(), report.text());
    let again = carry(&other.app, &system, &*source, &Wishes::default(), &()).unwrap();
    assert!(!again.changes_something(), "{}", again.text());
    let second = folder.path().join("second");
    export(&other.app, &system, &second, false, &()).unwrap();
    let (first, second) = (files(&first), files(&second));
    assert_eq!(
        first.keys().collect::<Vec<_>>(),
        second.keys().collect::<Vec<_>>(),
        "{}",
        report.text()
    );
    for (name, bytes) in &first {
        let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(shown(bytes), shown(&second[name]), "{name}");
        assert_eq!(bytes, &second[name], "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]
    #[test]
    fn what_leaves_comes_back_the_same(
        ideas in proptest::collection::vec(idea(), 0..6),
        title in "[a-zA-Z äöü\"'\\\\:#]{0,20}x",
        zone in prop_oneof![Just("UTC"), Just("Europe/Berlin")],
    ) {
        moved_twice(&ideas, &title, zone);
    }
}

#[test]
fn moments_keep_their_fractions() {
    let at = Timestamp::from_micros(1_700_000_000_123_456);
    assert_eq!(super::dates::written(at), "2023-11-14T22:13:20.123456Z");
}
