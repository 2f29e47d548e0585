//! What is told of a post: whole at its address, in short in lists.

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::posts::Whole;
use crate::app::reader::Teaser;
use crate::domain::post::{Content, Cover, Kind, Post, Status};
use crate::domain::slug::Slug;
use crate::domain::tag::Tag;
use crate::domain::user::User;
use crate::web::state::Site;

use super::super::answer;
use super::super::moment::Moment;
use super::super::words;

/// A picture that stands for the post.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Cover)]
pub(in crate::web) struct CoverView {
    /// Where it is: an address on the web, or a path of this site.
    url: String,
    /// What it shows, for those who do not see it.
    alt: String,
}

impl From<&Cover> for CoverView {
    fn from(cover: &Cover) -> Self {
        Self {
            url: cover.url.to_string(),
            alt: cover.alt.clone(),
        }
    }
}

/// A tag, where a post names it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct TagReference {
    id: i64,
    name: String,
    slug: String,
    #[schema(format = "uri")]
    url: String,
}

impl TagReference {
    pub(in crate::web) fn of(site: &Site, tag: &Tag) -> Self {
        Self {
            id: tag.id.as_i64(),
            name: tag.name.to_string(),
            slug: tag.slug.to_string(),
            url: answer::address(&site.base_url, format_args!("/tag/{}", tag.slug)),
        }
    }

    pub(in crate::web) fn all(site: &Site, tags: &[Tag]) -> Vec<Self> {
        tags.iter().map(|tag| Self::of(site, tag)).collect()
    }
}

/// Somebody who writes here, where something of theirs names them.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct AuthorReference {
    id: i64,
    name: String,
    slug: String,
    #[schema(format = "uri")]
    url: String,
}

impl AuthorReference {
    pub(in crate::web) fn of(site: &Site, user: &User) -> Self {
        Self {
            id: user.id.as_i64(),
            name: user.name.to_string(),
            slug: user.slug.to_string(),
            url: answer::address(&site.base_url, format_args!("/author/{}", user.slug)),
        }
    }

    pub(in crate::web) fn all(site: &Site, users: &[User]) -> Vec<Self> {
        users.iter().map(|user| Self::of(site, user)).collect()
    }
}

/// A heading of the text.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Heading {
    /// 2 for `##`, and so on.
    level: u8,
    /// What leads to it behind the `#` of an address.
    id: String,
    text: String,
}

/// Edits that readers do not see yet.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct PendingEdits {
    /// Rises with each saved change of them.
    version: i64,
    updated_at: Moment,
    /// The post was changed after they had begun.
    is_overtaken: bool,
}

/// A post or a page with all there is to say about it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Post)]
pub(in crate::web) struct PostView {
    id: i64,
    #[schema(schema_with = words::kind)]
    kind: Kind,
    #[schema(schema_with = words::status)]
    status: Status,
    /// Rises with each saved change.
    version: i64,
    /// Empty where a draft has none yet.
    title: String,
    /// Its name in addresses.
    slug: String,
    /// Where readers find it, once they may.
    #[schema(format = "uri")]
    url: String,
    /// What its author wrote.
    markdown: String,
    /// The text as readers get it: safe HTML.
    html: String,
    /// What its author wrote to stand for it in lists.
    #[schema(required = true)]
    excerpt: Option<String>,
    /// What stands for it in lists: the excerpt, or the first words of the text.
    summary: String,
    /// The headings of the text, in their order.
    toc: Vec<Heading>,
    words: u32,
    reading_minutes: u32,
    #[schema(required = true)]
    cover: Option<CoverView>,
    tags: Vec<TagReference>,
    authors: Vec<AuthorReference>,
    /// What it is written in; `null`: the site's language.
    #[schema(required = true)]
    language: Option<String>,
    /// Where it was first, if not here.
    #[schema(required = true)]
    canonical_url: Option<String>,
    #[schema(required = true)]
    meta_title: Option<String>,
    #[schema(required = true)]
    meta_description: Option<String>,
    /// What its page has in its head besides the usual.
    #[schema(required = true)]
    code_head: Option<String>,
    /// What its page has at its foot besides the usual.
    #[schema(required = true)]
    code_foot: Option<String>,
    featured: bool,
    created_at: Moment,
    updated_at: Moment,
    /// When a scheduled post is due.
    #[schema(required = true)]
    publish_at: Option<Moment>,
    #[schema(required = true)]
    published_at: Option<Moment>,
    /// Where a post in the trash was before.
    #[schema(schema_with = words::maybe_status, required = true)]
    trashed_from: Option<Status>,
    /// Edits that wait to be published; told to those who may see them. What they say is shown with
    /// `?draft=true`.
    #[schema(required = true)]
    pending_edits: Option<PendingEdits>,
}

impl PostView {
    pub(in crate::web) fn of(site: &Site, whole: &Whole) -> Self {
        let (post, rendition) = (&whole.post, &whole.rendition);
        // Taken apart, so that nothing can be added to a post and be forgotten here.
        let Content {
            title,
            slug,
            markdown,
            excerpt,
            cover,
            tags: _,
            authors: _,
            language,
            canonical_url,
            meta_title,
            meta_description,
            code_head,
            code_foot,
            featured,
        } = &whole.content;
        let toc = rendition.toc.iter().map(|entry| Heading {
            level: entry.level,
            id: entry.id.clone(),
            text: entry.text.clone(),
        });
        let pending = whole.pending.as_ref();
        Self {
            id: post.id.as_i64(),
            kind: post.kind,
            status: post.status,
            version: post.version,
            title: title.to_string(),
            slug: slug.to_string(),
            url: address(site, slug),
            markdown: markdown.clone(),
            html: rendition.html.clone(),
            summary: excerpt.as_ref().unwrap_or(&rendition.excerpt).clone(),
            excerpt: excerpt.clone(),
            toc: toc.collect(),
            words: rendition.words,
            reading_minutes: rendition.reading_minutes,
            cover: cover.as_ref().map(CoverView::from),
            tags: TagReference::all(site, &whole.tags),
            authors: AuthorReference::all(site, &whole.authors),
            language: language.as_ref().map(ToString::to_string),
            canonical_url: canonical_url.as_ref().map(ToString::to_string),
            meta_title: meta_title.clone(),
            meta_description: meta_description.clone(),
            code_head: code_head.clone(),
            code_foot: code_foot.clone(),
            featured: *featured,
            created_at: post.created_at.into(),
            updated_at: post.updated_at.into(),
            publish_at: post.publish_at.map(Moment),
            published_at: post.published_at.map(Moment),
            trashed_from: post.trashed_from,
            pending_edits: pending.map(|pending| PendingEdits {
                version: pending.version,
                updated_at: pending.updated_at.into(),
                is_overtaken: whole.is_overtaken(),
            }),
        }
    }
}

/// What counts the changes of a post: `7-3` for the third state of number 7; where the edits that wait are
/// shown, with the state of those behind it.
pub(super) fn version_of(whole: &Whole) -> String {
    let post = &whole.post;
    match whole.pending.as_ref().filter(|_| whole.shows_pending) {
        Some(pending) => format!("{}-{}-{}", post.id, post.version, pending.version),
        None => format!("{}-{}", post.id, post.version),
    }
}

pub(super) fn address(site: &Site, slug: &Slug) -> String {
    answer::address(&site.base_url, format_args!("/{slug}"))
}

/// A post or a page in a list; its text is at its own address.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct PostSummary {
    id: i64,
    #[schema(schema_with = words::kind)]
    kind: Kind,
    #[schema(schema_with = words::status)]
    status: Status,
    title: String,
    slug: String,
    #[schema(format = "uri")]
    url: String,
    /// The excerpt, or the first words of the text.
    summary: String,
    reading_minutes: u32,
    #[schema(required = true)]
    cover: Option<CoverView>,
    tags: Vec<TagReference>,
    authors: Vec<AuthorReference>,
    #[schema(required = true)]
    language: Option<String>,
    featured: bool,
    updated_at: Moment,
    #[schema(required = true)]
    publish_at: Option<Moment>,
    #[schema(required = true)]
    published_at: Option<Moment>,
}

impl PostSummary {
    pub(in crate::web) fn of(site: &Site, teaser: &Teaser) -> Self {
        let post = &teaser.summary;
        Self {
            id: post.id.as_i64(),
            kind: post.kind,
            status: post.status,
            title: post.title.to_string(),
            slug: post.slug.to_string(),
            url: address(site, &post.slug),
            summary: teaser.excerpt.clone(),
            reading_minutes: teaser.reading_minutes,
            cover: post.cover.as_ref().map(CoverView::from),
            tags: TagReference::all(site, &teaser.tags),
            authors: AuthorReference::all(site, &teaser.authors),
            language: post.language.as_ref().map(ToString::to_string),
            featured: post.featured,
            updated_at: post.updated_at.into(),
            publish_at: post.publish_at.map(Moment),
            published_at: post.published_at.map(Moment),
        }
    }
}

/// The same post in another language.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Translation {
    id: i64,
    /// `null`: the site's language.
    #[schema(required = true)]
    language: Option<String>,
    title: String,
    slug: String,
    #[schema(format = "uri")]
    url: String,
    #[schema(schema_with = words::status)]
    status: Status,
}

impl Translation {
    pub(in crate::web) fn of(site: &Site, post: &Post) -> Self {
        let content = &post.content;
        Self {
            id: post.id.as_i64(),
            language: content.language.as_ref().map(ToString::to_string),
            title: content.title.to_string(),
            slug: content.slug.to_string(),
            url: address(site, &content.slug),
            status: post.status,
        }
    }
}
