//! Media, redirects, settings.

use crate::domain::id::{MediaId, PostId, RedirectId, UserId};
use crate::domain::language::Language;
use crate::domain::media::{Family, Media, Variant};
use crate::domain::origin::Origin;
use crate::domain::redirect::Target;
use crate::domain::settings::Settings;
use crate::domain::text::{Title, WebAddress};
use crate::domain::user::Role;

use super::super::{
    answers, certificates, media, missing, origins, posts, previews, redirects, settings,
    translations,
};
use super::{Case, HOUR_SECONDS, Lab, START, is_conflict, is_not_found};

pub(super) const CASES: &[Case] = &[
    ("media_come_back_as_written", media_come_back_as_written),
    (
        "posts_say_which_media_they_show",
        posts_say_which_media_they_show,
    ),
    ("redirects_go_with_their_post", redirects_go_with_their_post),
    ("preview_links_end", preview_links_end),
    ("translations_share_a_group", translations_share_a_group),
    ("redirects_are_listed", redirects_are_listed),
    ("missing_pages_are_counted", missing_pages_are_counted),
    ("settings_are_kept_by_field", settings_are_kept_by_field),
    ("papers_are_kept_by_name", papers_are_kept_by_name),
    ("answers_are_kept_by_key", answers_are_kept_by_key),
    ("origins_outlive_their_posts", origins_outlive_their_posts),
];

fn upload(lab: &Lab, path: &str, digest: u8, seconds: i64) -> Media {
    lab.write(|tx| {
        let media = Media {
            id: MediaId::from_i64(tx.new_id()),
            path: path.to_owned(),
            digest: vec![digest; 32],
            name: "Büro.jpg".to_owned(),
            mime: "image/jpeg".to_owned(),
            bytes: 5_000_000_000,
            width: None,
            height: Some(u32::MAX),
            alt: String::new(),
            caption: String::new(),
            colour: Some("#8a3324".to_owned()),
            recipe: 0,
            variants: Vec::new(),
            uploaded_by: None,
            created_at: START.plus_seconds(seconds),
        };
        media::insert(tx, &media)?;
        Ok(media)
    })
}

fn papers_are_kept_by_name(lab: &Lab) {
    let read = |name: &str| lab.read(|tx| certificates::read(tx, name));
    assert_eq!(read("tickets"), None);
    lab.write(|tx| certificates::write(tx, "tickets", &[0, 255]));
    lab.write(|tx| certificates::write(tx, "account", &[]));
    lab.write(|tx| certificates::write(tx, "tickets", &[1]));
    assert_eq!(read("tickets"), Some(vec![1]));
    assert_eq!(read("account"), Some(Vec::new()));
}

fn origins_outlive_their_posts(lab: &Lab) {
    let post = lab.post("first", |_| {});
    let picture = upload(lab, "2026/a.jpg", 0, 1);
    let mut text = Origin {
        source: "markdown /srv/blog".to_owned(),
        name: "posts/first.md".to_owned(),
        digest: vec![1; 32],
        post: Some(post.id),
        media: None,
        written_digest: Some(vec![2; 32]),
    };
    let file = Origin {
        name: "static/a.jpg".to_owned(),
        post: None,
        media: Some(picture.id),
        written_digest: None,
        ..text.clone()
    };
    lab.write(|tx| origins::put(tx, &text));
    lab.write(|tx| origins::put(tx, &file));
    let find = |name: &str| lab.read(|tx| origins::find(tx, "markdown /srv/blog", name));
    assert_eq!(find("posts/first.md"), Some(text.clone()));
    assert_eq!(find("static/a.jpg"), Some(file));
    assert_eq!(find("posts/second.md"), None);
    let addresses = |source: &str| lab.read(|tx| origins::addresses_of(tx, source));
    let first = "posts/first.md".to_owned();
    let slug = Some(post.content.slug.clone());
    assert_eq!(addresses("markdown /srv/blog"), [(first.clone(), slug)]);
    assert_eq!(addresses("elsewhere"), []);
    text.digest = vec![3; 32];
    lab.write(|tx| origins::put(tx, &text));
    lab.write(|tx| posts::delete(tx, post.id));
    lab.write(|tx| media::delete(tx, picture.id));
    text.post = None;
    assert_eq!(find("posts/first.md"), Some(text));
    assert_eq!(find("static/a.jpg").unwrap().media, None);
    assert_eq!(addresses("markdown /srv/blog"), [(first, None)]);
}

fn media_come_back_as_written(lab: &Lab) {
    let ada = lab.user("ada", Role::Owner);
    let mut first = upload(lab, "2026/a.jpg", 0, 1);
    let second = upload(lab, "2026/b.jpg", 255, 3);
    let third = upload(lab, "2026/c.jpg", 0, 2);
    assert_eq!(
        lab.read(|tx| media::by_id(tx, second.id)),
        Some(second.clone())
    );
    assert_eq!(
        lab.read(|tx| media::by_path(tx, "2026/b.jpg")),
        Some(second.clone())
    );
    assert_eq!(lab.read(|tx| media::by_path(tx, "2026/B.jpg")), None);
    assert_eq!(
        lab.read(|tx| media::by_digest(tx, &[0; 32])),
        Some(first.clone())
    );
    assert_eq!(lab.read(|tx| media::by_digest(tx, &[1; 32])), None);
    let found = |words: &str, family, limit, offset| {
        lab.read(|tx| media::search(tx, words, family, limit, offset))
    };
    assert_eq!(found("", None, 2, 0), [second.clone(), third.clone()]);
    let picture = Some(Family::Picture);
    assert_eq!(found("BÜRO", picture, 2, 2), [first.clone()]);
    assert_eq!(found("", Some(Family::Sound), 9, 0), []);
    assert_eq!(found("b_ro", None, 9, 0), []);
    assert!(is_conflict(&lab.try_write(|tx| {
        let twin = Media {
            id: MediaId::from_i64(tx.new_id()),
            ..first.clone()
        };
        media::insert(tx, &twin)
    })));

    assert_eq!(lab.read(|tx| media::unprepared(tx, 1)), Some(first.clone()));
    let after = |id, limit| lab.read(|tx| media::after(tx, MediaId::from_i64(id), limit));
    assert_eq!(after(0, 1), [first.clone()]);
    assert_eq!(after(first.id.as_i64(), 1).len(), 1);
    assert_eq!(after(i64::MAX, 9), []);
    let old_path = std::mem::replace(&mut first.path, "2027/a.jpg".to_owned());
    first.alt = "A desk".to_owned();
    first.caption = "100% wood".to_owned();
    first.recipe = 1;
    first.variants = vec![Variant {
        width: 640,
        path: "2026/a-640.webp".to_owned(),
        ..Variant::default()
    }];
    lab.write(|tx| media::update(tx, &first));
    for path in ["2027/a.jpg", &old_path, "2026/a-640.webp"] {
        let found = lab.read(|tx| media::by_address(tx, path));
        assert_eq!(found, Some(first.clone()), "{path}");
    }
    assert_eq!(lab.read(|tx| media::by_path(tx, &old_path)), None);
    lab.write(|tx| media::lead_to(tx, "2020/a.jpg", first.id));
    lab.write(|tx| media::lead_to(tx, "2020/a.jpg", second.id));
    let others = lab.read(|tx| media::other_addresses(tx, first.id));
    assert_eq!(others, ["2020/a.jpg", "2026/a-640.webp", &old_path]);
    assert_eq!(lab.read(|tx| media::by_address(tx, "2026/z.jpg")), None);
    assert_eq!(found("100% WOOD", None, 9, 0), [first.clone()]);
    assert_eq!(
        lab.read(|tx| media::unprepared(tx, 1)),
        Some(second.clone())
    );
    assert_eq!(lab.read(|tx| media::unprepared(tx, 0)), None);
    assert_eq!(
        lab.read(|tx| media::by_id(tx, first.id)),
        Some(first.clone())
    );
    files_are_walked(lab, &[second.clone(), third.clone(), first.clone()]);
    lab.write(|tx| media::delete(tx, first.id));
    assert!(is_not_found(
        &lab.try_write(|tx| media::delete(tx, first.id))
    ));
    assert!(is_not_found(&lab.try_write(|tx| media::update(tx, &first))));
    assert_eq!(lab.read(|tx| media::by_digest(tx, &[0; 32])), Some(third));
    lab.write(|tx| {
        let by_ada = Media {
            id: MediaId::from_i64(tx.new_id()),
            path: "ada.pdf".to_owned(),
            uploaded_by: Some(ada.id),
            ..second.clone()
        };
        media::insert(tx, &by_ada)
    });
    let found = lab.read(|tx| media::by_path(tx, "ada.pdf")).unwrap();
    assert_eq!(found.uploaded_by, Some(ada.id));
}

/// `files` are all there are, newest first by their times; ids rise as they were made.
fn files_are_walked(lab: &Lab, files: &[Media]) {
    let mut newest_first = files.to_vec();
    newest_first.sort_by_key(|media| std::cmp::Reverse(media.id));
    let walk = |sought, before, limit| {
        let found = lab.read(|tx| media::older(tx, sought, before, limit));
        found.iter().map(|media| media.id).collect::<Vec<_>>()
    };
    let ids: Vec<_> = newest_first.iter().map(|media| media.id).collect();
    let all = media::Sought::default();
    let start = MediaId::from_i64(i64::MAX);
    assert_eq!(walk(all, start, 2), ids[..2]);
    assert_eq!(walk(all, ids[1], 2), ids[2..]);
    assert_eq!(walk(all, ids[2], 2), []);
    let wood = media::Sought {
        words: "WOOD",
        family: Some(Family::Picture),
        ..all
    };
    assert_eq!(walk(wood, start, 9).len(), 1);
    let sounds = media::Sought {
        family: Some(Family::Sound),
        ..all
    };
    assert_eq!(walk(sounds, start, 9), []);
    let nobody = media::Sought {
        uploaded_by: Some(UserId::from_i64(7)),
        ..all
    };
    assert_eq!(walk(nobody, start, 9), []);
    let unused = media::Sought {
        unused: true,
        ..all
    };
    assert_eq!(walk(unused, start, 9), ids);
    let post = lab.published("showing", 1);
    lab.write(|tx| media::set_uses(tx, post.id, &ids[1..2]));
    assert_eq!(walk(unused, start, 9), [ids[0], ids[2]]);
}

fn posts_say_which_media_they_show(lab: &Lab) {
    let (first, second) = (upload(lab, "a.jpg", 1, 1), upload(lab, "b.jpg", 2, 2));
    let (one, two) = (lab.published("one", 1), lab.published("two", 2));
    lab.write(|tx| media::set_uses(tx, one.id, &[first.id, second.id]));
    lab.write(|tx| media::set_uses(tx, two.id, &[first.id]));
    let users = |id| lab.read(|tx| media::users(tx, id, 9));
    assert_eq!(users(first.id), [one.id, two.id]);
    assert_eq!(lab.read(|tx| media::users(tx, first.id, 1)), [one.id]);
    assert_eq!(lab.read(|tx| media::count_users(tx, first.id)), 2);
    lab.write(|tx| media::set_uses(tx, one.id, &[]));
    lab.write(|tx| media::add_uses(tx, one.id, &[second.id, second.id]));
    assert_eq!(users(first.id), [two.id]);
    lab.write(|tx| posts::delete(tx, two.id));
    assert_eq!(users(first.id), []);
    lab.write(|tx| media::delete(tx, second.id));
    assert_eq!(lab.read(|tx| media::count_users(tx, second.id)), 0);
}

fn redirects_go_with_their_post(lab: &Lab) {
    let post = lab.published("now", 1);
    let to_post = Target::Post(post.id);
    let to_address = Target::Address(WebAddress::parse("https://example.org/else").unwrap());
    let at = |path: &str| {
        lab.read(|tx| redirects::by_path(tx, path))
            .map(|redirect| (redirect.to, redirect.permanent))
    };
    lab.write(|tx| redirects::put(tx, "/once", &to_post, true));
    assert_eq!(at("/once"), Some((to_post.clone(), true)));
    assert_eq!(at("/other"), None);
    lab.write(|tx| redirects::put(tx, "/once", &to_address, false));
    assert_eq!(at("/once"), Some((to_address, false)));
    lab.write(|tx| redirects::put(tx, "/once", &to_post, true));
    lab.write(|tx| posts::delete(tx, post.id));
    assert_eq!(at("/once"), None, "a redirect goes with its post");
    let nowhere = Target::Post(PostId::from_i64(7));
    assert!(
        lab.try_write(|tx| redirects::put(tx, "/x", &nowhere, true))
            .is_err()
    );
}

fn redirects_are_listed(lab: &Lab) {
    let post = lab.published("now", 1);
    let to_post = Target::Post(post.id);
    let to_address = Target::Address(WebAddress::parse("/about").unwrap());
    let put = |from: &str, to: &Target| lab.write(|tx| redirects::put(tx, from, to, true));
    let (a, b, c) = (
        put("/a", &to_post),
        put("/b", &to_address),
        put("/c", &to_post),
    );
    assert_eq!(put("/a", &to_post), a, "put again keeps the id");
    let ids = |found: Vec<crate::domain::redirect::Redirect>| -> Vec<RedirectId> {
        found.into_iter().map(|redirect| redirect.id).collect()
    };
    assert_eq!(ids(lab.read(|tx| redirects::of_post(tx, post.id))), [c, a]);
    assert_eq!(ids(lab.read(|tx| redirects::page(tx, 2, 0))), [c, b]);
    assert_eq!(ids(lab.read(|tx| redirects::page(tx, 2, 2))), [a]);
    let start = RedirectId::from_i64(i64::MAX);
    assert_eq!(ids(lab.read(|tx| redirects::older(tx, start, 2))), [c, b]);
    assert_eq!(ids(lab.read(|tx| redirects::older(tx, b, 2))), [a]);
    let found = lab.read(|tx| redirects::by_id(tx, b)).unwrap();
    assert_eq!((found.from.as_str(), found.to), ("/b", to_address));
    assert_eq!(found.created_at, START);
    let mut moved = lab.read(|tx| redirects::by_id(tx, a)).unwrap();
    moved.to = Target::Address(WebAddress::parse("/elsewhere").unwrap());
    moved.permanent = false;
    lab.write(|tx| redirects::update(tx, &moved));
    assert_eq!(lab.read(|tx| redirects::by_id(tx, a)), Some(moved.clone()));
    moved.from = "/c".to_owned();
    assert!(is_conflict(
        &lab.try_write(|tx| redirects::update(tx, &moved))
    ));
    moved.id = RedirectId::from_i64(7);
    moved.from = "/d".to_owned();
    assert!(is_not_found(
        &lab.try_write(|tx| redirects::update(tx, &moved))
    ));
    lab.write(|tx| redirects::delete(tx, b));
    assert!(is_not_found(&lab.try_write(|tx| redirects::delete(tx, b))));
    assert!(lab.write(|tx| redirects::delete_from(tx, "/a")));
    assert!(!lab.write(|tx| redirects::delete_from(tx, "/a")));
    assert_eq!(ids(lab.read(|tx| redirects::page(tx, 9, 0))), [c]);
}

fn settings_are_kept_by_field(lab: &Lab) {
    assert_eq!(lab.read(settings::read), Settings::default());
    let mut wanted = Settings {
        title: Title::parse("Мой блог").unwrap(),
        language: Language::parse("ru").unwrap(),
        posts_per_page: 25,
        smart_punctuation: true,
        ..Settings::default()
    };
    lab.write(|tx| settings::write(tx, &wanted));
    assert_eq!(lab.read(settings::read), wanted);
    let from_later = "INSERT INTO settings (name, value, updated_at) VALUES ('moods', '[1]', 5)";
    crate::db::testing::batch(&lab.location, from_later);
    wanted.description = "About everything".to_owned();
    lab.write(|tx| settings::write(tx, &wanted));
    assert_eq!(lab.read(settings::read), wanted);
    let moods: String = lab.read(|tx| {
        let sql = "SELECT value FROM settings WHERE name = 'moods'";
        tx.query_one(sql, &[], |row| row.get(0))
    });
    assert_eq!(moods, "[1]", "a newer release's field is left alone");
}

fn preview_links_end(lab: &Lab) {
    let ada = lab.user("ada", Role::Owner);
    let post = lab.post("draft", |_| ());
    let until = START.plus_seconds(HOUR_SECONDS);
    let add =
        |secret: &[u8]| lab.write(|tx| previews::insert(tx, post.id, secret, Some(ada.id), until));
    let first = add(b"one");
    assert_ne!(add(b"two"), first);
    let shown = |secret: &[u8], now| lab.read(|tx| previews::by_secret_hash(tx, secret, now));
    assert_eq!(shown(b"one", START), Some((post.id, until)));
    assert_eq!(shown(b"one", until), None, "its time has come");
    assert_eq!(shown(b"three", START), None);
    assert_eq!(lab.write(previews::delete_expired), 0);
    lab.clock.advance_seconds(HOUR_SECONDS);
    assert_eq!(lab.write(previews::delete_expired), 2);
    add(b"four");
    assert_eq!(lab.write(|tx| previews::delete_of_post(tx, post.id)), 1);
    assert_eq!(shown(b"four", START), None);
}

fn translations_share_a_group(lab: &Lab) {
    let (one, two) = (lab.published("one", 1), lab.published("two", 2));
    let group = |id| lab.read(|tx| translations::group_of(tx, id));
    assert_eq!(group(one.id), None);
    for post in [one.id, two.id] {
        lab.write(|tx| translations::join(tx, post, 7));
    }
    assert_eq!(group(two.id), Some(7));
    assert_eq!(
        lab.read(|tx| translations::members(tx, 7)),
        [one.id, two.id]
    );
    lab.write(|tx| translations::join(tx, two.id, 8));
    assert_eq!(lab.read(|tx| translations::members(tx, 7)), [one.id]);
    assert!(lab.write(|tx| translations::leave(tx, two.id)));
    assert!(!lab.write(|tx| translations::leave(tx, two.id)));
    lab.write(|tx| posts::delete(tx, one.id));
    assert_eq!(lab.read(|tx| translations::members(tx, 7)), []);
}

fn missing_pages_are_counted(lab: &Lab) {
    for (path, hits, referrer) in [
        ("/old", 2, Some("https://a.example/")),
        ("/seldom", 1, None),
        ("/old", 3, None),
    ] {
        lab.write(|tx| missing::note(tx, path, hits, referrer));
    }
    let wanted = lab.read(|tx| missing::most_wanted(tx, 10));
    let told: Vec<_> = wanted.iter().map(|one| (&*one.path, one.hits)).collect();
    assert_eq!(told, [("/old", 5), ("/seldom", 1)]);
    let less = |hits, offset| -> Vec<String> {
        let rest = lab.read(|tx| missing::wanted_less(tx, hits, 9, offset));
        rest.into_iter().map(|one| one.path).collect()
    };
    assert_eq!(less(u32::MAX, 0), ["/old", "/seldom"]);
    assert_eq!(less(5, 1), ["/seldom"]);
    assert_eq!(less(4, 0), ["/seldom"]);
    assert!(less(4, 1).is_empty());
    assert_eq!(wanted[0].referrer.as_deref(), Some("https://a.example/"));
    assert!(lab.write(|tx| missing::forget(tx, "/seldom")));
    assert!(!lab.write(|tx| missing::forget(tx, "/seldom")));
    lab.write(|tx| missing::note(tx, "/newer", 1, None));
    lab.write(|tx| missing::forget_oldest(tx, 10));
    assert_eq!(lab.read(|tx| missing::most_wanted(tx, 10)).len(), 2);
    lab.write(|tx| missing::forget_oldest(tx, 0));
    assert!(lab.read(|tx| missing::most_wanted(tx, 10)).is_empty());
}

fn answers_are_kept_by_key(lab: &Lab) {
    let (ada, bob) = (lab.user("ada", Role::Owner), lab.user("bob", Role::Author));
    let begin = |user, key: &str| lab.write(|tx| answers::begin(tx, user, key, "POST /x"));
    let find = |user, key: &str| lab.read(|tx| answers::find(tx, user, key));
    assert!(begin(ada.id, "one"));
    assert!(!begin(ada.id, "one"), "it is taken");
    assert!(begin(bob.id, "one"), "but each has keys of their own");
    let found = find(ada.id, "one").unwrap();
    assert_eq!((found.request.as_str(), found.began_at), ("POST /x", START));
    assert_eq!((found.body_digest, found.answer), (None, None));
    let answer = answers::Answer {
        status: 201,
        headers: vec![("location".to_owned(), "/y".to_owned())],
        body: vec![0, 255],
    };
    lab.write(|tx| answers::keep(tx, ada.id, "one", &[7; 32], &answer));
    let kept = find(ada.id, "one").unwrap();
    assert_eq!(kept.body_digest, Some(vec![7; 32]));
    assert_eq!(kept.answer, Some(answer.clone()));
    assert_eq!(find(bob.id, "one").unwrap().answer, None);
    assert!(is_not_found(&lab.try_write(|tx| {
        answers::keep(tx, ada.id, "two", &[], &answer)
    })));
    lab.write(|tx| answers::delete(tx, bob.id, "one"));
    assert_eq!(find(bob.id, "one"), None);

    lab.clock.advance_seconds(HOUR_SECONDS);
    assert!(begin(ada.id, "later"));
    let later = START.plus_seconds(HOUR_SECONDS);
    assert_eq!(lab.read(|tx| answers::newest_but(tx, 0)), Some(later));
    assert_eq!(lab.read(|tx| answers::newest_but(tx, 1)), Some(START));
    assert_eq!(lab.read(|tx| answers::newest_but(tx, 2)), None);
    assert_eq!(lab.write(|tx| answers::delete_before(tx, later)), 1);
    assert_eq!(find(ada.id, "one"), None);
    assert!(find(ada.id, "later").is_some());
}
