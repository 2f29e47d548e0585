//! Tags. Which posts have one is written with the post; a tag's timeline is in `timeline`.

use crate::db::{ReadTx, Row, ToValue, WriteTx};
use crate::domain::id::{PostId, TagId};
use crate::domain::place::{Place, Stretch};
use crate::domain::slug::Slug;
use crate::domain::tag::Tag;
use crate::domain::text::{Name, WebAddress};

use super::{StoreError, parsed, parsed_opt, time};

const COLUMNS: &str = "t.id, t.slug, t.name, t.description, t.colour, t.cover_url, t.updated_at";
const COLUMN_COUNT: usize = 7;

fn from_row(row: &Row<'_>) -> Result<Tag, StoreError> {
    Ok(Tag {
        id: TagId::from_i64(row.get(0)?),
        slug: parsed(row, 1, Slug::parse)?,
        name: parsed(row, 2, Name::parse)?,
        description: row.get(3)?,
        colour: row.get(4)?,
        cover_url: parsed_opt(row, 5, WebAddress::parse)?,
        updated_at: time(row, 6)?,
    })
}

fn one(tx: &mut ReadTx<'_>, condition: &str, key: &dyn ToValue) -> Result<Option<Tag>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM tags t WHERE {condition}");
    tx.query_opt(&sql, &[key], from_row)
}

pub fn by_id(tx: &mut ReadTx<'_>, id: TagId) -> Result<Option<Tag>, StoreError> {
    one(tx, "t.id = $1", &id.as_i64())
}

pub fn by_slug(tx: &mut ReadTx<'_>, slug: &Slug) -> Result<Option<Tag>, StoreError> {
    one(tx, "t.slug = $1", &slug.as_str())
}

/// The tag of this name, whatever its letter case and compatibility forms.
pub fn by_name(tx: &mut ReadTx<'_>, name: &Name) -> Result<Option<Tag>, StoreError> {
    one(tx, "t.folded_name = $1", &name.folded())
}

/// A post's tags, in their order.
pub fn of_post(tx: &mut ReadTx<'_>, post: PostId) -> Result<Vec<Tag>, StoreError> {
    tx.query(
        &format!(
            "SELECT {COLUMNS} FROM post_tags x JOIN tags t ON t.id = x.tag_id
             WHERE x.post_id = $1 ORDER BY x.position"
        ),
        &[&post.as_i64()],
        from_row,
    )
}

/// Every tag with the number of posts its page lists, by name.
pub fn all(tx: &mut ReadTx<'_>) -> Result<Vec<(Tag, u64)>, StoreError> {
    let mut tags = tx.query(
        &format!(
            "SELECT {COLUMNS}, (SELECT count(*) FROM post_tags x
                WHERE x.tag_id = t.id AND x.listed_at IS NOT NULL)
             FROM tags t /* scan: all tags are wanted, and finished pages keep the answer */"
        ),
        &[],
        |row| Ok((from_row(row)?, row.get(COLUMN_COUNT)?)),
    )?;
    // Sorted here, because the two engines do not sort text alike.
    tags.sort_by_cached_key(|(tag, _)| tag.name.folded());
    Ok(tags)
}

/// A part of all tags, the newest first, each with the number of posts its page lists. With `listed`,
/// only those that readers know.
pub fn after(
    tx: &mut ReadTx<'_>,
    place: Place,
    limit: u32,
    listed: bool,
) -> Result<Stretch<(Tag, u64)>, StoreError> {
    let known = if listed {
        "AND EXISTS (SELECT 1 FROM post_tags y WHERE y.tag_id = t.id AND y.listed_at IS NOT NULL)"
    } else {
        ""
    };
    let found = tx.query(
        &format!(
            "SELECT {COLUMNS}, (SELECT count(*) FROM post_tags x
                WHERE x.tag_id = t.id AND x.listed_at IS NOT NULL)
             FROM tags t WHERE t.id < $1 {known} ORDER BY t.id DESC LIMIT $2"
        ),
        &[&place.id, &(limit.saturating_add(1))],
        |row| Ok((from_row(row)?, row.get(COLUMN_COUNT)?)),
    )?;
    Ok(Stretch::of(found, limit, |(tag, _)| {
        Place::behind_id(tag.id.as_i64())
    }))
}

/// Every post that has the tag, whether readers see it or not.
pub fn posts_with(tx: &mut ReadTx<'_>, id: TagId) -> Result<Vec<PostId>, StoreError> {
    tx.query(
        "SELECT post_id FROM post_tags WHERE tag_id = $1 ORDER BY post_id",
        &[&id.as_i64()],
        |row| row.get(0).map(PostId::from_i64),
    )
}

/// How many posts a tag's page lists.
pub fn listed_posts(tx: &mut ReadTx<'_>, id: TagId) -> Result<u64, StoreError> {
    tx.query_one(
        "SELECT count(*) FROM post_tags WHERE tag_id = $1 AND listed_at IS NOT NULL",
        &[&id.as_i64()],
        |row| row.get(0),
    )
}

/// How many tags have a page.
pub fn count_listed(tx: &mut ReadTx<'_>) -> Result<u64, StoreError> {
    tx.query_one(
        "SELECT count(DISTINCT tag_id) FROM post_tags WHERE listed_at IS NOT NULL
         /* scan: all tags are counted, and finished pages keep the answer */",
        &[],
        |row| row.get(0),
    )
}

/// Writes a tag that is not there yet.
pub fn insert(tx: &mut WriteTx<'_>, tag: &Tag) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO tags
            (id, slug, name, folded_name, description, colour, cover_url, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            &tag.id.as_i64(),
            &tag.slug.as_str(),
            &tag.name.as_str(),
            &tag.name.folded(),
            &tag.description,
            &tag.colour,
            &tag.cover_url.as_ref().map(WebAddress::as_str),
            &tag.updated_at.as_micros(),
        ],
    )?;
    Ok(())
}

/// Writes all of a tag that is there already.
pub fn update(tx: &mut WriteTx<'_>, tag: &Tag) -> Result<(), StoreError> {
    let touched = tx.execute(
        "UPDATE tags SET slug = $2, name = $3, folded_name = $4, description = $5, colour = $6,
            cover_url = $7, updated_at = $8
         WHERE id = $1",
        &[
            &tag.id.as_i64(),
            &tag.slug.as_str(),
            &tag.name.as_str(),
            &tag.name.folded(),
            &tag.description,
            &tag.colour,
            &tag.cover_url.as_ref().map(WebAddress::as_str),
            &tag.updated_at.as_micros(),
        ],
    )?;
    match touched {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

/// Removes a tag; posts lose it.
pub fn delete(tx: &mut WriteTx<'_>, id: TagId) -> Result<(), StoreError> {
    match tx.execute("DELETE FROM tags WHERE id = $1", &[&id.as_i64()])? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

/// Gives every post of `from` the tag `into` instead, and removes `from`.
pub fn merge(tx: &mut WriteTx<'_>, from: TagId, into: TagId) -> Result<(), StoreError> {
    if from == into {
        return Ok(());
    }
    if by_id(tx, into)?.is_none() {
        return Err(StoreError::NotFound);
    }
    // A post that has both keeps `into` where it stands; its `from` goes with the tag.
    tx.execute(
        "UPDATE post_tags SET tag_id = $2 WHERE tag_id = $1
         AND post_id NOT IN (SELECT post_id FROM post_tags WHERE tag_id = $2)",
        &[&from.as_i64(), &into.as_i64()],
    )?;
    delete(tx, from)
}
