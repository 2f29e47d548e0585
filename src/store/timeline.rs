//! Lists of posts: the site's timeline, a tag's, the writer's desk, and what stands before and
//! after a post. Each is a walk along one index.

use crate::db::{ReadTx, Row, ToValue};
use crate::domain::id::{PostId, TagId, UserId};
use crate::domain::language::Language;
use crate::domain::post::{Kind, Status, Summary};
use crate::domain::slug::Slug;
use crate::domain::text::Title;
use crate::domain::time::Timestamp;

use super::posts::cover;
use super::{StoreError, parsed, parsed_opt, time, time_opt, word};

const COLUMNS: &str = "p.id, p.kind, p.status, p.title, p.slug, p.excerpt, p.cover_url,
    p.cover_alt, p.language, p.featured, p.updated_at, p.publish_at, p.published_at";

fn from_row(row: &Row<'_>) -> Result<Summary, StoreError> {
    Ok(Summary {
        id: PostId::from_i64(row.get(0)?),
        kind: word(row, 1, Kind::parse)?,
        status: word(row, 2, Status::parse)?,
        title: parsed(row, 3, Title::parse)?,
        slug: parsed(row, 4, Slug::parse)?,
        excerpt: row.get(5)?,
        cover: cover(row, 6, 7)?,
        language: parsed_opt(row, 8, Language::parse)?,
        featured: row.get(9)?,
        updated_at: time(row, 10)?,
        publish_at: time_opt(row, 11)?,
        published_at: time_opt(row, 12)?,
    })
}

pub(super) fn list(
    tx: &mut ReadTx<'_>,
    rest: &str,
    params: &[&dyn ToValue],
) -> Result<Vec<Summary>, StoreError> {
    tx.query(&format!("SELECT {COLUMNS} FROM {rest}"), params, from_row)
}

/// Published posts, newest first.
pub fn published(tx: &mut ReadTx<'_>, limit: u32, offset: u32) -> Result<Vec<Summary>, StoreError> {
    list(
        tx,
        "posts p WHERE p.kind = 'post' AND p.status = 'published'
         ORDER BY p.published_at DESC, p.id DESC LIMIT $1 OFFSET $2",
        &[&limit, &offset],
    )
}

/// Published posts with a tag, newest first.
pub fn tagged(
    tx: &mut ReadTx<'_>,
    tag: TagId,
    limit: u32,
    offset: u32,
) -> Result<Vec<Summary>, StoreError> {
    list(
        tx,
        "post_tags t JOIN posts p ON p.id = t.post_id
         WHERE t.tag_id = $1 AND t.listed_at IS NOT NULL
         ORDER BY t.listed_at DESC, t.post_id DESC LIMIT $2 OFFSET $3",
        &[&tag.as_i64(), &limit, &offset],
    )
}

/// Published posts of an author, newest first.
pub fn by_author(
    tx: &mut ReadTx<'_>,
    author: UserId,
    limit: u32,
    offset: u32,
) -> Result<Vec<Summary>, StoreError> {
    list(
        tx,
        "post_authors a JOIN posts p ON p.id = a.post_id
         WHERE a.user_id = $1 AND a.listed_at IS NOT NULL
         ORDER BY a.listed_at DESC, a.post_id DESC LIMIT $2 OFFSET $3",
        &[&author.as_i64(), &limit, &offset],
    )
}

/// Published posts from a moment on and before another, newest first.
pub fn between(
    tx: &mut ReadTx<'_>,
    from: Timestamp,
    until: Timestamp,
    limit: u32,
    offset: u32,
) -> Result<Vec<Summary>, StoreError> {
    list(
        tx,
        "posts p WHERE p.kind = 'post' AND p.status = 'published'
         AND p.published_at >= $1 AND p.published_at < $2
         ORDER BY p.published_at DESC, p.id DESC LIMIT $3 OFFSET $4",
        &[&from.as_micros(), &until.as_micros(), &limit, &offset],
    )
}

/// How many posts `between` has.
pub fn count_between(
    tx: &mut ReadTx<'_>,
    from: Timestamp,
    until: Timestamp,
) -> Result<u64, StoreError> {
    tx.query_one(
        "SELECT count(*) FROM posts p WHERE p.kind = 'post' AND p.status = 'published'
         AND p.published_at >= $1 AND p.published_at < $2",
        &[&from.as_micros(), &until.as_micros()],
        |row| row.get(0),
    )
}

/// How many posts or pages are published.
pub fn count_published(tx: &mut ReadTx<'_>, kind: Kind) -> Result<u64, StoreError> {
    tx.query_one(
        "SELECT count(*) FROM posts p WHERE p.kind = $1 AND p.status = 'published'",
        &[&kind.as_str()],
        |row| row.get(0),
    )
}

/// How many published posts an author has.
pub fn count_by_author(tx: &mut ReadTx<'_>, author: UserId) -> Result<u64, StoreError> {
    tx.query_one(
        "SELECT count(*) FROM post_authors WHERE user_id = $1 AND listed_at IS NOT NULL",
        &[&author.as_i64()],
        |row| row.get(0),
    )
}

/// How many published posts have a tag.
pub fn count_tagged(tx: &mut ReadTx<'_>, tag: TagId) -> Result<u64, StoreError> {
    tx.query_one(
        "SELECT count(*) FROM post_tags WHERE tag_id = $1 AND listed_at IS NOT NULL",
        &[&tag.as_i64()],
        |row| row.get(0),
    )
}

/// Published posts among these, in no particular order: what search found, read again, so that
/// nothing shows that is no longer there.
pub fn among(tx: &mut ReadTx<'_>, ids: &[PostId]) -> Result<Vec<Summary>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(list(
            tx,
            "posts p WHERE p.id = $1 AND p.status = 'published'",
            &[&id.as_i64()],
        )?);
    }
    Ok(found)
}

/// The next older published post.
pub fn before(
    tx: &mut ReadTx<'_>,
    published_at: Timestamp,
    id: PostId,
) -> Result<Option<Summary>, StoreError> {
    neighbour(tx, ("<", "DESC"), published_at, id)
}

/// The next newer published post.
pub fn after(
    tx: &mut ReadTx<'_>,
    published_at: Timestamp,
    id: PostId,
) -> Result<Option<Summary>, StoreError> {
    neighbour(tx, (">", "ASC"), published_at, id)
}

fn neighbour(
    tx: &mut ReadTx<'_>,
    (beyond, order): (&str, &str),
    published_at: Timestamp,
    id: PostId,
) -> Result<Option<Summary>, StoreError> {
    let rest = format!(
        "posts p WHERE p.kind = 'post' AND p.status = 'published'
         AND (p.published_at, p.id) {beyond} ($1, $2)
         ORDER BY p.published_at {order}, p.id {order} LIMIT 1"
    );
    let found = list(tx, &rest, &[&published_at.as_micros(), &id.as_i64()])?;
    Ok(found.into_iter().next())
}

/// The writer's desk: posts of a kind and status, last edited first; all authors' or one's own.
pub fn desk(
    tx: &mut ReadTx<'_>,
    kind: Kind,
    status: Status,
    author: Option<UserId>,
    limit: u32,
    offset: u32,
) -> Result<Vec<Summary>, StoreError> {
    let (kind, status) = (kind.as_str(), status.as_str());
    match author {
        None => list(
            tx,
            "posts p WHERE p.kind = $1 AND p.status = $2
             ORDER BY p.updated_at DESC, p.id DESC LIMIT $3 OFFSET $4",
            &[&kind, &status, &limit, &offset],
        ),
        Some(author) => list(
            tx,
            "posts p JOIN post_authors a ON a.post_id = p.id AND a.user_id = $1
             WHERE p.kind = $2 AND p.status = $3
             ORDER BY p.updated_at DESC, p.id DESC LIMIT $4 OFFSET $5",
            &[&author.as_i64(), &kind, &status, &limit, &offset],
        ),
    }
}

/// All readable posts' ids after `after`, for rebuilding what is derived from them.
pub fn listed_ids_after(
    tx: &mut ReadTx<'_>,
    after: PostId,
    limit: u32,
) -> Result<Vec<PostId>, StoreError> {
    tx.query(
        "SELECT id FROM posts WHERE id > $1 AND status = 'published' ORDER BY id LIMIT $2",
        &[&after.as_i64(), &limit],
        |row| row.get(0).map(PostId::from_i64),
    )
}

/// The names of public posts and pages after `after`, each with the time of its last change.
pub fn addresses_after(
    tx: &mut ReadTx<'_>,
    after: PostId,
    limit: u32,
) -> Result<Vec<(Slug, Timestamp)>, StoreError> {
    tx.query(
        "SELECT slug, updated_at FROM posts
         WHERE id > $1 AND status = 'published' ORDER BY id LIMIT $2",
        &[&after.as_i64(), &limit],
        |row| Ok((parsed(row, 0, Slug::parse)?, time(row, 1)?)),
    )
}

/// Every post's id after `after`, whatever its state.
pub fn ids_after(
    tx: &mut ReadTx<'_>,
    after: PostId,
    limit: u32,
) -> Result<Vec<PostId>, StoreError> {
    tx.query(
        "SELECT id FROM posts WHERE id > $1 ORDER BY id LIMIT $2",
        &[&after.as_i64(), &limit],
        |row| row.get(0).map(PostId::from_i64),
    )
}
