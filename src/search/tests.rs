//! The index as its callers see it: languages, operators, typos, ranking.

use tempfile::TempDir;

use super::{Document, Hits, Index, Request};
use crate::domain::{id::PostId, language::Language, time::Timestamp};

const NOW: Timestamp = Timestamp::from_micros(1_763_700_000_000_000); // 2025-11-21
const DAY_SECONDS: i64 = 86_400;

mod damage;
mod ranking;
mod substrings;

pub(super) fn post(id: i64, language: &str, title: &str, body: &str) -> Document {
    Document {
        id: PostId::from_i64(id),
        title: title.to_owned(),
        headings: String::new(),
        body: body.to_owned(),
        tags: Vec::new(),
        authors: Vec::new(),
        language: Language::parse(language).unwrap(),
        published_at: NOW.plus_seconds(-DAY_SECONDS * id),
    }
}

pub(super) fn indexed(documents: &[Document]) -> (TempDir, Index) {
    let directory = tempfile::tempdir().unwrap();
    let index = Index::open(directory.path()).unwrap();
    let mut writer = index.writer().unwrap();
    for document in documents {
        writer.put(document).unwrap();
    }
    writer.commit(7).unwrap();
    (directory, index)
}

pub(super) fn asked(index: &Index, query: &str, prefix: bool, language: &str) -> Hits {
    let language = Language::parse(language).unwrap();
    let request = Request {
        query,
        language: Some(&language),
        prefix,
        limit: 10,
        offset: 0,
        now: NOW,
    };
    index.search(&request)
}

pub(super) fn found(index: &Index, query: &str) -> Vec<i64> {
    asked(index, query, false, "en")
        .posts
        .iter()
        .map(|id| id.as_i64())
        .collect()
}

fn library() -> (TempDir, Index) {
    let labelled = |mut document: Document, tag: (&str, &str), author: (&str, &str)| {
        document.tags = vec![(tag.0.to_owned(), tag.1.to_owned())];
        document.authors = vec![(author.0.to_owned(), author.1.to_owned())];
        document
    };
    let rust = ("rust", "Rust");
    let learning = ("ml", "Machine Learning");
    let (ann, bo) = (("ann", "Ann Lee"), ("bo", "Bo"));
    indexed(&[
        labelled(
            post(
                1,
                "en",
                "Running async code",
                "How runners schedule tasks. The foo_bar function of C++ in v1.2",
            ),
            rust,
            ann,
        ),
        labelled(
            post(
                2,
                "en",
                "Gardens",
                "We ran through the garden and the async gardener ran too",
            ),
            learning,
            bo,
        ),
        labelled(
            post(
                3,
                "de",
                "Häuser am Fluss",
                "Die Straße führt zu den alten Häusern",
            ),
            learning,
            ann,
        ),
        labelled(
            post(
                4,
                "fr",
                "Résumés",
                "L’été dernier, les cafés étaient pleins",
            ),
            rust,
            bo,
        ),
        labelled(
            post(5, "ru", "Книги", "Мы читаем книгами и журналами"),
            rust,
            bo,
        ),
        labelled(
            post(6, "ar", "مدرسة", "ذهب الطلاب إلى المَدرسة صباحا"),
            rust,
            bo,
        ),
        labelled(post(7, "he", "שלום", "שָׁלוֹם לכולם בבית הספר"), rust, bo),
        labelled(post(8, "ko", "서울", "나는 서울에서 살았습니다"), rust, bo),
        labelled(
            post(9, "ja", "東京タワー", "昨日は東京タワーへ行きました。ﾃﾚﾋﾞ"),
            rust,
            bo,
        ),
        labelled(post(10, "th", "ไทย", "ภาษาไทยเขียนติดกัน"), rust, bo),
        labelled(
            post(11, "en", "Party", "We ate 🍕 and waved 🇩🇪 with a 👩🏽‍💻"),
            rust,
            bo,
        ),
        labelled(post(12, "zh", "北京", "我住在北京大学附近"), rust, bo),
    ])
}

#[test]
fn every_language_is_found_in_its_other_spellings() {
    let (_directory, index) = library();
    for (query, expected) in [
        ("run", 1),
        ("RUNNING", 1),
        ("hauser", 3),
        ("HÄUSERN", 3),
        ("strasse", 3),
        ("cafe", 4),
        ("ete", 4),
        ("cafe\u{301}", 4),
        ("resume", 4),
        ("книга", 5),
        ("мудрость книги", 5),
        ("مدرسة", 6),
        ("المدرسه", 6),
        ("שלום", 7),
        ("서울", 8),
        ("살았", 8),
        ("타워", 0),
        ("タワー", 9),
        ("京タ", 9),
        ("テレビ", 9),
        ("ไทยเขียน", 10),
        ("ติด", 10),
        ("🍕", 11),
        ("🇩🇪", 11),
        ("👩‍💻", 11),
        ("京大", 12),
        ("北京大学", 12),
        ("foo_bar", 1),
        ("c++", 1),
        ("v1.2", 1),
    ] {
        assert_eq!(
            found(&index, query).first().copied().unwrap_or(0),
            expected,
            "{query}"
        );
    }
    assert_eq!(found(&index, "🇯🇵"), [0_i64; 0]);
}

#[test]
fn operators_narrow_the_answer() {
    let (_directory, index) = library();
    for (query, expected) in [
        ("async", vec![1, 2]),
        ("async -garden", vec![1]),
        ("\"the garden\"", vec![2]),
        ("\"garden the\"", vec![]),
        ("async -\"the garden\"", vec![1]),
        ("tag:ml", vec![2, 3]),
        ("tag:\"machine learning\" author:ann", vec![3]),
        ("author:\"Ann Lee\"", vec![1, 3]),
        ("-tag:rust", vec![2, 3]),
        ("tag:ml -author:ann", vec![2]),
        ("after:2025-11-19", vec![1, 2]),
        ("async before:2025-11-20", vec![2]),
        ("after:3d before:yesterday", vec![2, 3]),
        ("gard*", vec![2]),
        ("", vec![]),
        ("-", vec![]),
    ] {
        let mut posts = found(&index, query);
        posts.sort_unstable();
        assert_eq!(posts, expected, "{query}");
    }
}

#[test]
fn the_last_word_may_be_unfinished() {
    let (_directory, index) = library();
    let first = |query| {
        asked(&index, query, true, "en")
            .posts
            .first()
            .map(|id| id.as_i64())
    };
    assert_eq!(first("gar"), Some(2));
    assert_eq!(first("async sched"), Some(1));
    assert_eq!(first("sched "), None);
}

#[test]
fn typing_mistakes_are_forgiven_and_named() {
    let (_directory, index) = library();
    for (query, expected, suggestion) in [
        ("gardne", 2, "garden"),
        ("shcedule", 1, "schedule"),
        ("asinc runners", 1, "async runners"),
    ] {
        let hits = asked(&index, query, false, "en");
        assert_eq!(
            hits.posts.first().map(|id| id.as_i64()),
            Some(expected),
            "{query}"
        );
        assert_eq!(hits.suggestion.as_deref(), Some(suggestion), "{query}");
    }
    assert_eq!(asked(&index, "async", false, "en").suggestion, None);
    assert_eq!(asked(&index, "xyzzyqwert", false, "en"), Hits::default());
}

#[test]
fn snippets_mark_what_was_asked_and_escape_the_rest() {
    let (_directory, index) = library();
    let long = format!(
        "{} The <b>runner</b> & friends were running home. {}",
        "Filler words here. ".repeat(30),
        "More after. ".repeat(30)
    );
    let shown = [
        index.snippet("run home", &long),
        index.snippet("東京タワー", "昨日は東京タワーへ行きました"),
        index.snippet("nothing", "A text\nwithout it"),
        index.snippet("cafe", "Le Cafe\u{301} est \"ouvert\""),
        index.snippet("gard", "The gardener"),
        index.snippet("\"", ""),
    ];
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn pages_of_hits_fit_together() {
    let documents: Vec<_> = (1..=30)
        .map(|id| {
            post(
                id,
                "en",
                "Same title",
                &"word ".repeat(usize::try_from(id).unwrap()),
            )
        })
        .collect();
    let (_directory, index) = indexed(&documents);
    let page = |offset| {
        let request = Request {
            query: "word",
            language: None,
            prefix: false,
            limit: 10,
            offset,
            now: NOW,
        };
        index.search(&request)
    };
    let mut all: Vec<_> = [0, 10, 20, 30, usize::MAX]
        .into_iter()
        .flat_map(|offset| page(offset).posts)
        .collect();
    assert_eq!((page(0).total, all.len()), (30, 30));
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 30);
}

#[test]
fn putting_again_replaces_and_removing_removes() {
    let (_directory, index) = indexed(&[
        post(1, "en", "Old", "ancient"),
        post(2, "en", "Other", "ancient"),
    ]);
    let mut writer = index.writer().unwrap();
    assert!(matches!(index.writer(), Err(super::SearchError::Busy)));
    writer.put(&post(1, "en", "New", "modern")).unwrap();
    assert_eq!(
        found(&index, "ancient").len(),
        2,
        "nothing shows before the commit"
    );
    writer.commit(8).unwrap();
    assert_eq!(
        (
            found(&index, "ancient"),
            found(&index, "modern"),
            index.cursor()
        ),
        (vec![2], vec![1], Some(8))
    );
    writer.remove(PostId::from_i64(2)).unwrap();
    writer.commit(9).unwrap();
    assert_eq!((found(&index, "ancient"), index.documents()), (vec![], 1));
    writer.put(&post(3, "en", "Gone", "soon")).unwrap();
    writer.clear();
    writer.put(&post(4, "en", "Fresh", "start")).unwrap();
    writer.commit(10).unwrap();
    assert_eq!(
        (
            index.documents(),
            found(&index, "start"),
            found(&index, "soon")
        ),
        (1, vec![4], vec![])
    );
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn any_string_gives_an_answer_equal_in_both_normal_forms(
        queries in proptest::collection::vec("\\PC{0,40}|([a-zéü]{1,5}|[-\"*: ]|tag:|東京|ไทย){0,12}", 8)
    ) {
        use unicode_normalization::UnicodeNormalization;
        static LIBRARY: std::sync::OnceLock<(TempDir, Index)> = std::sync::OnceLock::new();
        let (_, index) = LIBRARY.get_or_init(library);
        for query in queries {
            let composed: String = query.nfc().collect();
            let decomposed: String = query.nfd().collect();
            let (left, right) = (asked(index, &composed, true, "de"), asked(index, &decomposed, true, "de"));
            proptest::prop_assert_eq!(&left.posts, &right.posts);
            proptest::prop_assert!(left.total >= left.posts.len());
            let snippet = index.snippet(&query, &query);
            proptest::prop_assert!(!snippet.replace("<mark>", "").replace("</mark>", "").contains('<'));
        }
    }
}
