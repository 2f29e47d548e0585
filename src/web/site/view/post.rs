//! `post`: a post or a page, whole.

use serde::Serialize;

use super::calendar::DateView;
use super::teaser::TeaserView;
use super::{Calendar, markup, teasers};
use crate::app::reader::PostPage;
use crate::domain::post::{Post, Summary};
use crate::domain::time::Timestamp;
use crate::texts;

/// Texts with fewer headings or words than these can be looked over without a table of contents.
const MIN_TOC_ENTRIES: usize = 3;
const MIN_TOC_WORDS: u32 = 300;

#[derive(Debug, Serialize)]
struct LinkView {
    url: String,
    title: String,
}

impl From<&Summary> for LinkView {
    fn from(post: &Summary) -> Self {
        Self {
            url: format!("/{}", post.slug),
            title: post.title.as_str().to_owned(),
        }
    }
}

#[derive(Debug, Serialize)]
struct TranslationView {
    language: String,
    /// The language's own name for itself.
    name: String,
    url: String,
    title: String,
}

#[derive(Debug, Serialize)]
struct TocView {
    level: u8,
    id: String,
    text: String,
}

#[derive(Debug, Serialize)]
pub(in crate::web::site) struct PostView {
    #[serde(flatten)]
    teaser: TeaserView,
    html: minijinja::Value,
    toc: Vec<TocView>,
    updated: Option<DateView>,
    older: Option<LinkView>,
    newer: Option<LinkView>,
    related: Vec<minijinja::Value>,
    translations: Vec<TranslationView>,
    markdown_url: Option<String>,
    is_preview: bool,
    preview_until: Option<DateView>,
}

impl PostView {
    pub(in crate::web::site) fn new(page: &PostPage) -> Self {
        let (post, settings) = (&page.post, &page.settings);
        let calendar = Calendar::new(settings, &page.language);
        let updated = post
            .published_at
            .filter(|published| calendar.is_later_day(*published, post.updated_at))
            .and_then(|_| calendar.date(post.updated_at));
        let has_markdown = settings.markdown_pages && post.status.is_readable();
        let mut teaser = TeaserView::of(
            &summary(post),
            (excerpt(page), page.rendition.reading_minutes),
            (&page.authors, &page.tags),
            settings,
            &calendar,
        );
        if let (Some(cover), Some((width, height))) = (&mut teaser.cover, page.cover_size) {
            (cover.width, cover.height) = (Some(width), Some(height));
        }
        Self {
            teaser,
            html: markup(&page.rendition.html),
            toc: toc(page),
            updated,
            older: page.older.as_ref().map(LinkView::from),
            newer: page.newer.as_ref().map(LinkView::from),
            related: teasers(&page.related, settings, &calendar),
            translations: translations(page),
            markdown_url: has_markdown.then(|| format!("/{}.md", post.content.slug)),
            is_preview: false,
            preview_until: None,
        }
    }

    /// Seen through a link that works until then: what leads on from a post in public is left out.
    pub(in crate::web::site) fn preview(page: &PostPage, until: Timestamp) -> Self {
        let calendar = Calendar::new(&page.settings, &page.language);
        Self {
            is_preview: true,
            preview_until: calendar.date(until),
            markdown_url: None,
            ..Self::new(page)
        }
    }
}

/// The author's words about it, else the text's first ones.
pub(super) fn excerpt(page: &PostPage) -> &str {
    let own = page.post.content.excerpt.as_deref();
    own.unwrap_or(&page.rendition.excerpt)
}

fn summary(post: &Post) -> Summary {
    let content = &post.content;
    Summary {
        id: post.id,
        kind: post.kind,
        status: post.status,
        title: content.title.clone(),
        slug: content.slug.clone(),
        excerpt: content.excerpt.clone(),
        cover: content.cover.clone(),
        language: content.language.clone(),
        featured: content.featured,
        updated_at: post.updated_at,
        publish_at: post.publish_at,
        published_at: post.published_at,
    }
}

fn toc(page: &PostPage) -> Vec<TocView> {
    let entries = &page.rendition.toc;
    if entries.len() < MIN_TOC_ENTRIES || page.rendition.words < MIN_TOC_WORDS {
        return Vec::new();
    }
    let views = entries.iter().map(|entry| TocView {
        level: entry.level,
        id: entry.id.clone(),
        text: entry.text.clone(),
    });
    views.collect()
}

fn translations(page: &PostPage) -> Vec<TranslationView> {
    let view = |post: &Summary| {
        let language = post.language.as_ref().unwrap_or(&page.settings.language);
        TranslationView {
            language: language.as_str().to_owned(),
            name: texts::language_name(language.as_str()).to_owned(),
            url: format!("/{}", post.slug),
            title: post.title.as_str().to_owned(),
        }
    };
    page.translations.iter().map(view).collect()
}
