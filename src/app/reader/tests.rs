//! What readers are shown and what not, tried on the verbs with a clock that stands still.

use std::sync::Arc;

use tempfile::TempDir;

use super::*;
use crate::app::posts::{
    Draft, Intent, Release, Seen, Written, create_released, share, translate, trash, unshare,
    update, write,
};
use crate::app::redirects;
use crate::blobs::Blobs;
use crate::db::{Db, Location, Options};
use crate::domain::clock::ManualClock;
use crate::domain::id::PostId;
use crate::domain::text::{Name, Title, WebAddress};
use crate::domain::time::Timestamp;
use crate::pictures::Painter;
use crate::search::Index;

/// 2026-03-31T23:30 in London, an hour before midnight by UTC.
const START: Timestamp = Timestamp::from_micros(1_774_996_200_000_000);
const HOUR_SECONDS: i64 = 3_600;
const BASE_URL: &str = "https://blog.example";

struct Lab {
    app: App,
    clock: Arc<ManualClock>,
    _directory: TempDir,
}

impl Lab {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(START));
        let options = Options {
            location: Location::File(directory.path().join("inkstand.db")),
            readers: 2,
            log_plans: false,
        };
        let db = Db::open(&options, clock.clone()).unwrap();
        let index = Index::open(&directory.path().join("search")).unwrap();
        let blobs = Blobs::open(&directory.path().join("media")).unwrap();
        Self {
            app: App::new(db, index, blobs, Painter::new(Vec::new())),
            clock,
            _directory: directory,
        }
    }

    fn published(&self, title: &str, tags: &[&str], language: &str) -> Post {
        let draft = Draft {
            title: Some(Title::parse(title).unwrap()),
            markdown: Some(format!("All about {title}.")),
            tags: Some(tags.iter().map(|tag| Name::parse(tag).unwrap()).collect()),
            language: Some(Some(Language::parse(language).unwrap())),
            ..Draft::default()
        };
        self.clock.advance_seconds(1);
        create_released(&self.app, &Actor::system(), Kind::Post, draft, Release::Now).unwrap()
    }

    fn page(&self, slug: &str) -> PostPage {
        match at_slug(&self.app, None, slug).unwrap() {
            Found::Post(page) => *page,
            Found::Moved { to, .. } => panic!("moved to {to}"),
        }
    }

    fn leads(&self, path: &str) -> Option<String> {
        match elsewhere(&self.app, path) {
            Ok(Found::Moved { to, .. }) => Some(to),
            Ok(Found::Post(_)) => panic!("a post"),
            Err(Error::NotFound) => None,
            Err(error) => panic!("{error}"),
        }
    }

    fn redirect(&self, from: &str, to: &str) -> Result<(), Error> {
        let to = WebAddress::parse(to).unwrap();
        redirects::create(&self.app, &Actor::system(), from, &to, true, BASE_URL).map(drop)
    }

    fn translate(&self, id: PostId, other: Option<PostId>) -> Result<Vec<PostId>, Error> {
        translate(&self.app, &Actor::system(), id, other)
    }
}

fn titles(found: &[Teaser]) -> Vec<&str> {
    let titles = found.iter().map(|teaser| teaser.summary.title.as_str());
    titles.collect()
}

#[test]
fn related_posts_share_rare_tags_first() {
    let lab = Lab::new();
    lab.published("Common one", &["all"], "en");
    lab.published("Rare one", &["all", "rare"], "en");
    lab.published("Common two", &["all"], "en");
    lab.published("Common three", &["all"], "en");
    lab.published("Stranger", &["other"], "en");
    let gone = lab.published("Rare but gone", &["rare"], "en");
    trash(&lab.app, &Actor::system(), gone.id).unwrap();
    lab.published("This", &["all", "rare"], "en");
    let related = lab.page("this").related;
    assert_eq!(titles(&related), ["Rare one", "Common three", "Common two"]);
    assert!(lab.page("stranger").related.is_empty());
}

#[test]
fn what_was_taken_away_is_gone_also_at_its_old_name() {
    let lab = Lab::new();
    let post = lab.published("First", &[], "en");
    let renamed = Draft {
        slug: Some(Slug::parse("second").unwrap()),
        ..Draft::default()
    };
    update(&lab.app, &Actor::system(), post.id, None, renamed).unwrap();
    assert_eq!(lab.leads("/first").as_deref(), Some("/second"));
    trash(&lab.app, &Actor::system(), post.id).unwrap();
    for slug in ["first", "second"] {
        let found = at_slug(&lab.app, None, slug);
        assert!(matches!(found, Err(Error::Gone)), "{slug}: {found:?}");
    }
    let never = at_slug(&lab.app, None, "never");
    assert!(matches!(never, Err(Error::NotFound)));
    posts_delete(&lab, post.id);
    let found = at_slug(&lab.app, None, "second");
    assert!(matches!(found, Err(Error::NotFound)), "{found:?}");
}

fn posts_delete(lab: &Lab, id: PostId) {
    crate::app::posts::delete(&lab.app, &Actor::system(), id).unwrap();
}

#[test]
fn previews_show_what_waits_until_they_end() {
    let lab = Lab::new();
    let system = Actor::system();
    let post = lab.published("Letter", &["old"], "en");
    let link = share(&lab.app, &system, post.id, 2).unwrap();
    let seen = preview(&lab.app, &link.secret).unwrap();
    assert!(seen.page.rendition.html.contains("All about Letter."));
    assert_eq!(seen.until, link.expires_at);
    let waiting = Written {
        draft: Draft {
            markdown: Some("Not yet for everybody.".to_owned()),
            tags: Some(vec![Name::parse("new").unwrap()]),
            ..Draft::default()
        },
        intent: Intent::Keep,
        seen: Seen {
            version: post.version,
            pending: 0,
        },
        is_on_top: false,
    };
    write(&lab.app, &system, post.id, waiting).unwrap();
    let page = preview(&lab.app, &link.secret).unwrap().page;
    assert!(page.rendition.html.contains("Not yet for everybody."));
    assert_eq!(page.tags[0].name.as_str(), "new");
    assert!(lab.page("letter").rendition.html.contains("All about"));

    let is_unknown = |secret: &str| matches!(preview(&lab.app, secret), Err(Error::NotFound));
    assert!(is_unknown("made-up"));
    lab.clock.advance_seconds(2 * HOUR_SECONDS - 1);
    assert!(!is_unknown(&link.secret));
    lab.clock.advance_seconds(1);
    assert!(is_unknown(&link.secret), "its time has come");
    let other = share(&lab.app, &system, post.id, 1).unwrap();
    assert_eq!(unshare(&lab.app, &system, post.id).unwrap(), 2);
    assert!(is_unknown(&other.secret));
    for hours in [0, crate::app::posts::MAX_PREVIEW_HOURS + 1] {
        let refused = share(&lab.app, &system, post.id, hours);
        assert!(matches!(refused, Err(Error::Invalid(_))), "{hours}");
    }
}

#[test]
fn translations_form_groups() {
    let lab = Lab::new();
    let [en, de, fr, ja] = ["en", "de", "fr", "ja"]
        .map(|language| lab.published(&format!("In {language}"), &[], language).id);
    assert_eq!(lab.translate(de, Some(en)).unwrap(), [en]);
    lab.translate(ja, Some(fr)).unwrap();
    assert_eq!(
        lab.translate(ja, Some(de)).unwrap(),
        [en, de, fr],
        "two become one"
    );
    let shown = lab.page("in-en").translations;
    let ids: Vec<_> = shown.iter().map(|summary| summary.id).collect();
    assert_eq!(ids, [de, fr, ja]);

    assert!(lab.translate(en, None).unwrap().is_empty());
    let second = lab.published("Second", &[], "de").id;
    assert_eq!(
        lab.translate(second, Some(en)).unwrap(),
        [en],
        "not those that en has left"
    );
    let twin = lab.translate(second, Some(fr));
    assert!(matches!(twin, Err(Error::Invalid(_))), "{twin:?}");
    let german = Draft {
        language: Some(Some(Language::parse("de").unwrap())),
        ..Draft::default()
    };
    let refused = update(&lab.app, &Actor::system(), fr, None, german.clone());
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    lab.translate(fr, None).unwrap();
    update(&lab.app, &Actor::system(), fr, None, german).unwrap();
    let itself = lab.translate(fr, Some(fr));
    assert!(matches!(itself, Err(Error::Invalid(_))));
}

#[test]
fn rules_for_folders_lead_the_rest_along() {
    let lab = Lab::new();
    lab.redirect("/old/*", "/new/*").unwrap();
    lab.redirect("/old/deep/*", "https://example.org/*")
        .unwrap();
    lab.redirect("/old/one", "/elsewhere").unwrap();
    let expected = [
        ("/old/a b/ü", Some("/new/a%20b/%C3%BC")),
        ("/old/", Some("/new/")),
        ("/old/one", Some("/elsewhere")),
        ("/old/deep/x", Some("https://example.org/x")),
        (
            "/old/deep//evil.example",
            Some("https://example.org/evil.example"),
        ),
        ("/old", None),
        ("/older/x", None),
    ];
    for (path, to) in expected {
        assert_eq!(lab.leads(path).as_deref(), to, "{path}");
    }
    for (from, to) in [
        ("/old/*", "/old/x/*"),
        ("/new/*", "/old/*"),
        ("/new/x", "/old/x"),
        ("/x*", "/y"),
        ("/a/*/b", "/y"),
        ("/a", "/b/*"),
        ("/a/*", "https://*.example.org/"),
    ] {
        let refused = lab.redirect(from, to);
        assert!(matches!(refused, Err(Error::Invalid(_))), "{from} to {to}");
    }
}

#[test]
fn nobody_is_led_in_a_circle_by_two_rules() {
    let lab = Lab::new();
    lab.redirect("/a/one", "/b/one").unwrap();
    lab.redirect("/b/*", "/a/*").unwrap();
    assert_eq!(lab.leads("/b/two").as_deref(), Some("/a/two"));
    assert_eq!(lab.leads("/b/one"), None);
    assert_eq!(lab.leads("/a/one"), None);
}

#[test]
fn the_archive_counts_by_the_clocks_of_the_site() {
    let lab = Lab::new();
    let settings = Settings {
        time_zone: "Europe/London".to_owned(),
        posts_per_page: 2,
        ..Settings::default()
    };
    crate::app::settings::change(&lab.app, &Actor::system(), &settings).unwrap();
    lab.published("March", &["Red"], "en");
    lab.clock.advance_seconds(HOUR_SECONDS);
    for title in ["April one", "April two", "April three"] {
        lab.published(title, &[], "en");
    }
    let found = archive(&lab.app).unwrap();
    let months: Vec<_> = found.years[0].months.iter().collect();
    assert_eq!((found.years.len(), found.years[0].count), (1, 4));
    let months: Vec<_> = months.iter().map(|one| (one.month, one.count)).collect();
    assert_eq!(months, [(4, 3), (3, 1)]);
    assert_eq!(found.tags[0].1, 1);
    let april = period(&lab.app, 2026, Some(4), 1).unwrap().listing;
    assert_eq!(titles(&april.posts), ["April three", "April two"]);
    assert!(april.has_older);
    let rest = period(&lab.app, 2026, Some(4), 2).unwrap().listing;
    assert_eq!(
        (titles(&rest.posts), rest.has_older),
        (vec!["April one"], false)
    );
    for (year, month) in [
        (2026, Some(5)),
        (2025, None),
        (2026, Some(13)),
        (-9999, None),
    ] {
        let none = period(&lab.app, year, month, 1);
        assert!(matches!(none, Err(Error::NotFound)), "{year}");
    }
    assert_eq!(tag(&lab.app, "red", 1).unwrap().count, 1);
    assert!(matches!(tag(&lab.app, "red", 2), Err(Error::NotFound)));
    assert!(matches!(
        author(&lab.app, "nobody", 1),
        Err(Error::NotFound)
    ));
}

#[test]
fn lists_trust_no_facts_of_other_conditions() {
    let lab = Lab::new();
    lab.published("Quotes", &[], "en");
    let stale = |app: &App| {
        app.db
            .write(|tx| {
                tx.quiet("as an older program left it");
                let found = timeline_post(tx)?;
                let mut stored = store::renditions::of(tx, found)?.unwrap();
                stored.stamp = "0 en 0 0 0".to_owned();
                stored.facts = stored.facts.replace("All about", "Long ago");
                store::renditions::put(tx, found, &stored)
            })
            .unwrap();
    };
    stale(&lab.app);
    let listed = timeline(&lab.app, 1).unwrap();
    assert_eq!(listed.posts[0].excerpt, "All about Quotes.");
    let before = lab.app.db.read(store::changes::newest).unwrap();
    assert_eq!(crate::app::rendering::renew(&lab.app).unwrap(), 1);
    let after = lab.app.db.read(store::changes::newest).unwrap();
    assert_eq!(after, before + 1, "finished pages are out of date");
    assert_eq!(crate::app::rendering::renew(&lab.app).unwrap(), 0);
    assert_eq!(lab.app.db.read(store::changes::newest).unwrap(), after);
}

fn timeline_post(tx: &mut ReadTx<'_>) -> Result<PostId, store::StoreError> {
    Ok(store::timeline::published(tx, 1, 0)?[0].id)
}
