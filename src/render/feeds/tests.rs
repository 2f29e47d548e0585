//! The three forms of one feed, as programs read them.

use super::*;

const MAY: Timestamp = Timestamp::from_micros(1_777_626_000_000_000);

fn feed() -> Feed {
    Feed {
        title: "Ink & <Stand>".to_owned(),
        description: String::new(),
        language: "en".to_owned(),
        page_url: "https://blog.test/".to_owned(),
        own_url: "https://blog.test/feed".to_owned(),
        icon_url: None,
        hub_url: Some("https://hub.test/".to_owned()),
        updated: MAY,
        entries: vec![Entry {
            id: entry_id(PostId::from_i64(7)),
            url: "https://blog.test/über".to_owned(),
            title: "A \u{b}bell ]]> & more".to_owned(),
            summary: "In short".to_owned(),
            html: "<p>Whole &amp; fine</p>".to_owned(),
            language: "de".to_owned(),
            published: MAY,
            updated: MAY.plus_seconds(86_400),
            authors: vec![Person {
                name: "Ada".to_owned(),
                url: "https://blog.test/author/ada".to_owned(),
            }],
            tags: vec!["Red".to_owned()],
            image_url: Some("https://blog.test/media/a.png".to_owned()),
        }],
    }
}

#[test]
fn rss_for_those_who_want_it() {
    insta::assert_snapshot!(rss(&feed()).unwrap());
}

#[test]
fn atom_for_those_who_want_it() {
    insta::assert_snapshot!(atom(&feed()).unwrap());
}

#[test]
fn json_for_those_who_want_it() {
    insta::assert_snapshot!(json(&feed()));
}

#[test]
fn an_empty_feed_is_a_feed() {
    let empty = Feed {
        entries: Vec::new(),
        ..feed()
    };
    assert!(rss(&empty).unwrap().ends_with("</rss>"));
    assert!(atom(&empty).unwrap().contains("<updated>2026-05-01T"));
    assert!(json(&empty).contains("\"items\":[]"));
}
