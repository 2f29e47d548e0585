//! What templates are given: plain words and addresses, no domain types.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::app::reader::{PostPage, Teaser};
use crate::cache::Page;
use crate::domain::post::Summary;
use crate::domain::settings::Settings;
use crate::domain::time::Timestamp;
use crate::web::state::Site;

/// Readers' browsers ask each time; the answer is mostly "you have it".
pub(super) const FRESH: &str = "public, max-age=0, must-revalidate";

pub(super) fn page(html: String) -> Page {
    Page::html(html).with_header("cache-control", FRESH)
}

/// Templates take their own kind of value.
pub(super) fn value(view: impl Serialize) -> minijinja::Value {
    minijinja::Value::from(minijinja::value::Serde(view))
}

pub(super) fn moved(to: &str, permanent: bool) -> HttpResponse {
    let mut answer = if permanent {
        HttpResponse::MovedPermanently()
    } else {
        HttpResponse::Found()
    };
    // Addresses come back: a browser that remembered the move would be led in a circle then.
    answer
        .insert_header((LOCATION, to))
        .insert_header((CACHE_CONTROL, FRESH))
        .finish()
}

#[derive(Serialize)]
pub(super) struct SiteView {
    title: String,
    description: String,
    language: String,
    direction: &'static str,
    base_url: String,
}

impl SiteView {
    pub(super) fn new(site: &Site, settings: &Settings) -> Self {
        Self {
            title: settings.title.as_str().to_owned(),
            description: settings.description.clone(),
            language: settings.language.as_str().to_owned(),
            direction: direction(settings.language.is_right_to_left()),
            base_url: site.base_url.clone(),
        }
    }
}

fn direction(right_to_left: bool) -> &'static str {
    if right_to_left { "rtl" } else { "ltr" }
}

/// A date for machines and for people, in the site's time zone.
#[derive(Serialize)]
pub(super) struct DateView {
    iso: String,
    text: String,
}

impl DateView {
    fn new(time: Timestamp, settings: &Settings) -> Option<Self> {
        let zone = TimeZone::get(&settings.time_zone).unwrap_or(TimeZone::UTC);
        let moment = jiff::Timestamp::from_microsecond(time.as_micros()).ok()?;
        let moment = moment.to_zoned(zone);
        Some(Self {
            iso: moment.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            text: moment.strftime("%-d %B %Y").to_string(),
        })
    }
}

#[derive(Serialize)]
pub(super) struct LinkView {
    url: String,
    title: String,
}

impl LinkView {
    fn to_post(post: &Summary) -> Self {
        Self {
            url: format!("/{}", post.slug),
            title: post.title.as_str().to_owned(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct TeaserView {
    url: String,
    title: String,
    excerpt: String,
    published: Option<DateView>,
    reading_minutes: u32,
    language: Option<String>,
}

impl TeaserView {
    pub(super) fn new(teaser: &Teaser, settings: &Settings) -> Self {
        let post = &teaser.summary;
        Self {
            url: format!("/{}", post.slug),
            title: post.title.as_str().to_owned(),
            excerpt: teaser.excerpt.clone(),
            published: post
                .published_at
                .and_then(|time| DateView::new(time, settings)),
            reading_minutes: teaser.reading_minutes,
            language: post.language.as_ref().map(|tag| tag.as_str().to_owned()),
        }
    }
}

#[derive(Serialize)]
pub(super) struct PostView {
    url: String,
    title: String,
    meta_title: String,
    description: String,
    canonical: String,
    html: String,
    toc: Vec<TocView>,
    language: String,
    direction: &'static str,
    published: Option<DateView>,
    /// Only where it was changed on a later day.
    updated: Option<DateView>,
    reading_minutes: u32,
    is_page: bool,
    is_listed: bool,
    cover_url: Option<String>,
    cover_alt: String,
    authors: Vec<String>,
    tags: Vec<String>,
    older: Option<LinkView>,
    newer: Option<LinkView>,
    code_head: Option<String>,
    code_foot: Option<String>,
}

#[derive(Serialize)]
struct TocView {
    level: u8,
    id: String,
    text: String,
}

impl PostView {
    pub(super) fn new(page: &PostPage, base_url: &str) -> Self {
        let content = &page.post.content;
        let url = format!("/{}", content.slug);
        let title = content.title.as_str().to_owned();
        let published_at = page.post.published_at;
        let a_day_later =
            published_at.is_some_and(|time| time.plus_seconds(24 * 3600) < page.post.updated_at);
        let toc = page.rendition.toc.iter().map(|entry| TocView {
            level: entry.level,
            id: entry.id.clone(),
            text: entry.text.clone(),
        });
        Self {
            canonical: match &content.canonical_url {
                Some(address) => address.as_str().to_owned(),
                None => format!("{base_url}{url}"),
            },
            meta_title: content.meta_title.clone().unwrap_or_else(|| title.clone()),
            description: content
                .meta_description
                .clone()
                .or_else(|| content.excerpt.clone())
                .unwrap_or_else(|| page.rendition.excerpt.clone()),
            html: page.rendition.html.clone(),
            toc: toc.collect(),
            language: page.language.as_str().to_owned(),
            direction: direction(page.language.is_right_to_left()),
            published: published_at.and_then(|time| DateView::new(time, &page.settings)),
            updated: DateView::new(page.post.updated_at, &page.settings).filter(|_| a_day_later),
            reading_minutes: page.rendition.reading_minutes,
            is_page: page.post.kind == crate::domain::post::Kind::Page,
            is_listed: page.post.status.is_listed(),
            cover_url: content
                .cover
                .as_ref()
                .map(|cover| cover.url.as_str().to_owned()),
            cover_alt: content
                .cover
                .as_ref()
                .map(|cover| cover.alt.clone())
                .unwrap_or_default(),
            authors: page
                .authors
                .iter()
                .map(|user| user.name.as_str().to_owned())
                .collect(),
            tags: page
                .tags
                .iter()
                .map(|tag| tag.name.as_str().to_owned())
                .collect(),
            older: page.older.as_ref().map(LinkView::to_post),
            newer: page.newer.as_ref().map(LinkView::to_post),
            code_head: content.code_head.clone(),
            code_foot: content.code_foot.clone(),
            url,
            title,
        }
    }
}
