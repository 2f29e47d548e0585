//! Posts and pages: one at a time. Lists are in `timeline`.

use crate::db::{ReadTx, Row, WriteTx};
use crate::domain::id::{PostId, TagId, UserId};
use crate::domain::language::Language;
use crate::domain::post::{Content, Cover, Kind, Post, Status};
use crate::domain::slug::Slug;
use crate::domain::text::{Title, WebAddress};
use crate::domain::time::Timestamp;

use super::{StoreError, parsed, parsed_opt, time, time_opt, word};

const COLUMNS: &str = "id, kind, status, trashed_from, title, slug, markdown, excerpt, cover_url,
    cover_alt, language, canonical_url, meta_title, meta_description, code_head, code_foot,
    featured, version, created_at, updated_at, publish_at, published_at";

pub(super) fn cover(row: &Row<'_>, url: usize, alt: usize) -> Result<Option<Cover>, StoreError> {
    let Some(url) = parsed_opt(row, url, WebAddress::parse)? else {
        return Ok(None);
    };
    let alt: Option<String> = row.get(alt)?;
    Ok(Some(Cover {
        url,
        alt: alt.unwrap_or_default(),
    }))
}

fn from_row(row: &Row<'_>) -> Result<Post, StoreError> {
    let trashed_from: Option<String> = row.get(3)?;
    Ok(Post {
        id: PostId::from_i64(row.get(0)?),
        kind: word(row, 1, Kind::parse)?,
        status: word(row, 2, Status::parse)?,
        trashed_from: trashed_from.as_deref().and_then(Status::parse),
        content: Content {
            title: parsed(row, 4, Title::parse)?,
            slug: parsed(row, 5, Slug::parse)?,
            markdown: row.get(6)?,
            excerpt: row.get(7)?,
            cover: cover(row, 8, 9)?,
            tags: Vec::new(),
            authors: Vec::new(),
            language: parsed_opt(row, 10, Language::parse)?,
            canonical_url: parsed_opt(row, 11, WebAddress::parse)?,
            meta_title: row.get(12)?,
            meta_description: row.get(13)?,
            code_head: row.get(14)?,
            code_foot: row.get(15)?,
            featured: row.get(16)?,
        },
        version: row.get(17)?,
        created_at: time(row, 18)?,
        updated_at: time(row, 19)?,
        publish_at: time_opt(row, 20)?,
        published_at: time_opt(row, 21)?,
    })
}

fn one(
    tx: &mut ReadTx<'_>,
    condition: &str,
    key: &dyn crate::db::ToValue,
) -> Result<Option<Post>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM posts WHERE {condition}");
    let Some(mut post) = tx.query_opt(&sql, &[key], from_row)? else {
        return Ok(None);
    };
    post.content.tags = tx.query(
        "SELECT tag_id FROM post_tags WHERE post_id = $1 ORDER BY position",
        &[&post.id.as_i64()],
        |row| row.get(0).map(TagId::from_i64),
    )?;
    post.content.authors = tx.query(
        "SELECT user_id FROM post_authors WHERE post_id = $1 ORDER BY position",
        &[&post.id.as_i64()],
        |row| row.get(0).map(UserId::from_i64),
    )?;
    Ok(Some(post))
}

pub fn by_id(tx: &mut ReadTx<'_>, id: PostId) -> Result<Option<Post>, StoreError> {
    one(tx, "id = $1", &id.as_i64())
}

pub fn by_slug(tx: &mut ReadTx<'_>, slug: &Slug) -> Result<Option<Post>, StoreError> {
    one(tx, "slug = $1", &slug.as_str())
}

/// Whether the slug belongs to another post than `except`.
pub fn slug_is_taken(
    tx: &mut ReadTx<'_>,
    slug: &str,
    except: Option<PostId>,
) -> Result<bool, StoreError> {
    let owner = tx.query_opt("SELECT id FROM posts WHERE slug = $1", &[&slug], |row| {
        row.get(0).map(PostId::from_i64)
    })?;
    Ok(owner.is_some_and(|id| Some(id) != except))
}

/// Writes a post that is not there yet.
pub fn insert(tx: &mut WriteTx<'_>, post: &Post) -> Result<(), StoreError> {
    let content = &post.content;
    let cover = content.cover.as_ref();
    tx.execute(
        &format!(
            "INSERT INTO posts ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
             $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)"
        ),
        &[
            &post.id.as_i64(),
            &post.kind.as_str(),
            &post.status.as_str(),
            &post.trashed_from.map(Status::as_str),
            &content.title.as_str(),
            &content.slug.as_str(),
            &content.markdown,
            &content.excerpt,
            &cover.map(|cover| cover.url.as_str()),
            &cover.map(|cover| cover.alt.as_str()),
            &content.language.as_ref().map(Language::as_str),
            &content.canonical_url.as_ref().map(WebAddress::as_str),
            &content.meta_title,
            &content.meta_description,
            &content.code_head,
            &content.code_foot,
            &content.featured,
            &post.version,
            &post.created_at.as_micros(),
            &post.updated_at.as_micros(),
            &post.publish_at.map(Timestamp::as_micros),
            &post.published_at.map(Timestamp::as_micros),
        ],
    )?;
    write_links(tx, post)
}

/// Writes all of a post that is there already.
pub fn update(tx: &mut WriteTx<'_>, post: &Post) -> Result<(), StoreError> {
    let content = &post.content;
    let cover = content.cover.as_ref();
    let touched = tx.execute(
        "UPDATE posts SET status = $2, trashed_from = $3, title = $4, slug = $5, markdown = $6,
            excerpt = $7, cover_url = $8, cover_alt = $9, language = $10, canonical_url = $11,
            meta_title = $12, meta_description = $13, code_head = $14, code_foot = $15,
            featured = $16, version = $17, updated_at = $18, publish_at = $19, published_at = $20,
            kind = $21
         WHERE id = $1",
        &[
            &post.id.as_i64(),
            &post.status.as_str(),
            &post.trashed_from.map(Status::as_str),
            &content.title.as_str(),
            &content.slug.as_str(),
            &content.markdown,
            &content.excerpt,
            &cover.map(|cover| cover.url.as_str()),
            &cover.map(|cover| cover.alt.as_str()),
            &content.language.as_ref().map(Language::as_str),
            &content.canonical_url.as_ref().map(WebAddress::as_str),
            &content.meta_title,
            &content.meta_description,
            &content.code_head,
            &content.code_foot,
            &content.featured,
            &post.version,
            &post.updated_at.as_micros(),
            &post.publish_at.map(Timestamp::as_micros),
            &post.published_at.map(Timestamp::as_micros),
            &post.kind.as_str(),
        ],
    )?;
    if touched == 0 {
        return Err(StoreError::NotFound);
    }
    write_links(tx, post)
}

/// Tags and authors, and with each where the post stands in its timeline.
fn write_links(tx: &mut WriteTx<'_>, post: &Post) -> Result<(), StoreError> {
    let id = post.id.as_i64();
    let is_on_timeline = post.status.is_listed() && post.kind == Kind::Post;
    let listed_at = post
        .published_at
        .filter(|_| is_on_timeline)
        .map(Timestamp::as_micros);
    tx.execute("DELETE FROM post_tags WHERE post_id = $1", &[&id])?;
    for (position, tag) in (0_i64..).zip(&post.content.tags) {
        tx.execute(
            "INSERT INTO post_tags (post_id, position, tag_id, listed_at) VALUES ($1, $2, $3, $4)",
            &[&id, &position, &tag.as_i64(), &listed_at],
        )?;
    }
    tx.execute("DELETE FROM post_authors WHERE post_id = $1", &[&id])?;
    for (position, author) in (0_i64..).zip(&post.content.authors) {
        tx.execute(
            "INSERT INTO post_authors (post_id, position, user_id, listed_at)
             VALUES ($1, $2, $3, $4)",
            &[&id, &position, &author.as_i64(), &listed_at],
        )?;
    }
    Ok(())
}

/// Removes a post for good, with its revisions, links and redirects.
pub fn delete(tx: &mut WriteTx<'_>, id: PostId) -> Result<(), StoreError> {
    match tx.execute("DELETE FROM posts WHERE id = $1", &[&id.as_i64()])? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

/// Scheduled posts whose time has come, the longest overdue first.
pub fn due(tx: &mut ReadTx<'_>, now: Timestamp, limit: u32) -> Result<Vec<PostId>, StoreError> {
    tx.query(
        "SELECT id FROM posts WHERE status = 'scheduled' AND publish_at <= $1
         ORDER BY publish_at LIMIT $2",
        &[&now.as_micros(), &limit],
        |row| row.get(0).map(PostId::from_i64),
    )
}
