//! What the head of a text says, whatever its generator calls it. Knows the names of fields; must not
//! know where the text lies or what becomes of it.

use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use crate::domain::time::Timestamp;

use super::super::dates;
use super::super::fields::{Fields, as_text};

/// Fields that say how a page was made and nothing about the text.
const OF_THE_THEME: &[&str] = &[
    "layout",
    "type",
    "template",
    "page_template",
    "toc",
    "comments",
    "comment",
    "math",
    "katex",
    "mathjax",
    "mermaid",
    "markup",
    "outputs",
    "sitemap",
    "in_search_index",
    "render",
    "sort_by",
    "paginate_by",
    "paginate_path",
    "insert_anchor_links",
    "author_profile",
    "read_time",
    "share",
    "related",
    "classes",
    "sidebar",
    "render_with_liquid",
    "generate_feeds",
    "generate_feed",
    "transparent",
    "showtoc",
    "tocopen",
    "hidemeta",
    "showreadingtime",
    "readingtime",
    "menu",
    "menus",
];
/// Fields that say where a text stands among others.
const ORDER: &[&str] = &["weight", "order", "nav_order", "position"];

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a box somebody ticked"
)]
#[derive(Debug, Clone, Default)]
pub(super) struct Given {
    pub(super) title: Option<String>,
    pub(super) date: Option<Timestamp>,
    pub(super) updated_at: Option<Timestamp>,
    pub(super) publish_at: Option<Timestamp>,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) is_draft: bool,
    pub(super) is_unlisted: bool,
    pub(super) is_private: bool,
    pub(super) is_page: bool,
    pub(super) is_featured: bool,
    pub(super) tags: Vec<String>,
    pub(super) categories: Vec<String>,
    pub(super) authors: Vec<String>,
    pub(super) summary: Option<String>,
    pub(super) description: Option<String>,
    pub(super) meta_title: Option<String>,
    pub(super) slug: Option<String>,
    /// Its whole address.
    pub(super) address: Option<String>,
    pub(super) aliases: Vec<String>,
    pub(super) cover: Option<String>,
    pub(super) cover_alt: Option<String>,
    pub(super) language: Option<String>,
    pub(super) translations: Option<String>,
    pub(super) canonical: Option<String>,
    pub(super) odd: Vec<Odd>,
}

/// A field that is not taken over as it stands.
#[derive(Debug, Clone)]
pub(super) struct Odd {
    pub(super) field: String,
    pub(super) line: Option<usize>,
    pub(super) what: String,
    pub(super) advice: &'static str,
}

impl Odd {
    pub(super) fn new(field: &str, what: impl Into<String>, advice: &'static str) -> Self {
        Self {
            field: field.to_owned(),
            line: None,
            what: what.into(),
            advice,
        }
    }
}

/// `at_spaces`: words in one text may have only spaces between them.
pub(super) fn read(map: &Map<String, Value>, zone: &TimeZone, at_spaces: bool) -> Given {
    let fields = Fields::new(map);
    let mut odd = Vec::new();
    let mut date = |names: &[&str]| -> Option<Timestamp> {
        let mut found = None;
        for name in names {
            let Some(text) = fields
                .get(name)
                .and_then(as_text)
                .filter(|text| !text.trim().is_empty())
            else {
                continue;
            };
            match dates::parse(&text, zone) {
                Some(at) => found = found.or(Some(at)),
                None => odd.push(Odd::new(
                    name,
                    format!("“{}” is not a date that is understood", short(&text)),
                    "write it like 2024-01-31 or 2024-01-31T10:00:00+01:00",
                )),
            }
        }
        found
    };
    let mut given = Given {
        date: date(&["date", "created", "created_at"]),
        updated_at: date(&[
            "lastmod",
            "updated",
            "last_modified_at",
            "modified",
            "updated_at",
        ]),
        publish_at: date(&[
            "publishDate",
            "pubDate",
            "publish_date",
            "published_at",
            "published_time",
        ]),
        expires_at: date(&["expiryDate", "unpublishdate"]),
        ..Given::default()
    };
    given.title = fields.text(&["title", "linkTitle", "name"]);
    given.is_draft = fields.truth(&["draft"]).unwrap_or_default()
        | (fields.truth(&["published"]) == Some(false))
        | (fields.truth(&["publish"]) == Some(false));
    // All are asked for, whatever the first says.
    let unlisted = [
        fields.truth(&["unlisted"]) == Some(true),
        fields.truth(&["hidden"]) == Some(true),
        fields.text(&["_build.list", "build.list"]).as_deref() == Some("never"),
    ];
    given.is_unlisted = unlisted.contains(&true);
    given.is_private = fields.truth(&["private"]) == Some(true);
    given.is_featured = [
        fields.truth(&["featured"]),
        fields.truth(&["pinned"]),
        fields.truth(&["sticky"]),
    ]
    .contains(&Some(true));
    given.tags = words(&fields, &["tags", "tag", "taxonomies.tags"], at_spaces);
    given.categories = words(
        &fields,
        &["categories", "category", "taxonomies.categories"],
        at_spaces,
    );
    given.authors = fields.words(&[
        "authors",
        "author",
        "taxonomies.authors",
        "extra.authors",
        "extra.author",
    ]);
    given.summary = fields.text(&["summary", "excerpt"]);
    given.description = fields.text(&["description", "meta_description", "extra.description"]);
    given.meta_title = fields.text(&["meta_title", "seo_title", "seoTitle"]);
    given.slug = fields.text(&["slug"]);
    given.address = fields.text(&["url", "permalink", "path"]);
    given.aliases = fields.words(&["aliases", "redirect_from"]);
    (given.cover, given.cover_alt) = cover(&fields);
    given.language = fields.text(&["language", "lang", "locale"]);
    given.translations = fields.text(&["translationKey", "translation_key", "ref_id"]);
    given.canonical = fields.text(&["canonical", "canonicalURL", "canonical_url"]);
    let kind = fields.text(&["type", "layout", "kind"]);
    given.is_page = kind.is_some_and(|kind| kind.eq_ignore_ascii_case("page"));
    tell_rest(&fields, &mut odd);
    given.odd = odd;
    given
}

/// Fields that are known and not taken over, and those that are not known.
fn tell_rest(fields: &Fields<'_>, odd: &mut Vec<Odd>) {
    for name in OF_THE_THEME {
        fields.get(name);
    }
    for name in ORDER {
        if fields.get(name).is_some() {
            let what = "the order of texts is not taken over";
            odd.push(Odd::new(
                name,
                what,
                "posts stand by their dates; link pages in the navigation",
            ));
        }
    }
    for name in fields.unknown() {
        let what = "this field is not understood";
        odd.push(Odd::new(
            &name,
            what,
            "what it did is not taken over; see whether it matters",
        ));
    }
}

fn words(fields: &Fields<'_>, names: &[&str], at_spaces: bool) -> Vec<String> {
    let words = fields.words(names);
    let is_one_text =
        |name: &&str| matches!(fields.get(name), Some(Value::String(text)) if !text.contains(','));
    if at_spaces && names.iter().any(is_one_text) {
        let words = words.iter().flat_map(|word| word.split_whitespace());
        return words.map(str::to_owned).collect();
    }
    words
}

/// The picture of a text, under the names themes have for it.
fn cover(fields: &Fields<'_>) -> (Option<String>, Option<String>) {
    let names = [
        "cover",
        "cover.image",
        "cover.url",
        "cover.src",
        "image",
        "image.path",
        "image.src",
        "image.url",
        "featured_image",
        "featuredImage",
        "feature_image",
        "cover_image",
        "coverImage",
        "header.image",
        "header.teaser",
        "thumbnail",
        "banner",
        "hero",
        "hero_image",
        "extra.image",
        "extra.cover",
        "extra.cover_image",
        "extra.thumbnail",
        "og_image",
    ];
    let alone = fields.text(&names);
    let first = fields.words(&["images"]).into_iter().next();
    let alt = fields.text(&[
        "cover.alt",
        "image.alt",
        "cover_alt",
        "image_alt",
        "featuredImageAlt",
        "cover.caption",
    ]);
    (alone.or(first), alt)
}

/// So much of a foreign text as a message can bear.
pub(super) fn short(text: &str) -> String {
    const MAX_CHARS: usize = 60;
    let mut short: String = text
        .chars()
        .filter(|letter| !letter.is_control())
        .take(MAX_CHARS)
        .collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(value: Value) -> Given {
        match value {
            Value::Object(map) => read(&map, &TimeZone::UTC, true),
            _ => Given::default(),
        }
    }

    #[test]
    fn names_differ_and_mean_the_same() {
        let hugo = given(serde_json::json!({
            "title": "T", "date": "2024-01-02", "lastmod": "2024-02-01", "draft": true,
            "cover": {"image": "c.png", "alt": "C"}, "weight": 3, "mood": "fine"
        }));
        assert_eq!(
            (hugo.cover.as_deref(), hugo.cover_alt.as_deref()),
            (Some("c.png"), Some("C"))
        );
        assert!(hugo.is_draft && hugo.updated_at > hugo.date);
        let odd: Vec<_> = hugo.odd.iter().map(|odd| odd.field.as_str()).collect();
        assert_eq!(odd, ["weight", "mood"]);
        let jekyll = given(
            serde_json::json!({"published": false, "redirect_from": "/a/", "categories": "x y"}),
        );
        assert!(jekyll.is_draft);
        assert_eq!(jekyll.aliases, ["/a/"]);
        assert_eq!(jekyll.categories, ["x", "y"]);
        let zola = given(
            serde_json::json!({"taxonomies": {"tags": ["a"], "series": ["b"]}, "extra": {"odd": 1}}),
        );
        assert_eq!(zola.tags, ["a"]);
        let odd: Vec<_> = zola.odd.iter().map(|odd| odd.field.as_str()).collect();
        assert_eq!(odd, ["extra.odd", "taxonomies.series"]);
        let date = given(serde_json::json!({"date": "soon"}));
        assert!(date.date.is_none() && date.odd[0].what.contains("soon"));
    }
}
