//! Uploaded files: what is known of them. The bytes are kept by `blobs`.

use crate::db::{ReadTx, Row, ToValue, WriteTx};
use crate::domain::id::{MediaId, PostId, UserId};
use crate::domain::media::{Family, Media};
use crate::domain::time::Timestamp;

use super::{StoreError, from_json, time, to_json};

const COLUMNS: &str = "id, path, digest, name, mime, bytes, width, height, alt, variants,
    uploaded_by, created_at, caption, colour, recipe";

fn from_row(row: &Row<'_>) -> Result<Media, StoreError> {
    let uploaded_by: Option<i64> = row.get(10)?;
    Ok(Media {
        id: MediaId::from_i64(row.get(0)?),
        path: row.get(1)?,
        digest: row.get(2)?,
        name: row.get(3)?,
        mime: row.get(4)?,
        bytes: row.get(5)?,
        width: row.get(6)?,
        height: row.get(7)?,
        alt: row.get(8)?,
        variants: from_json(row, 9)?,
        uploaded_by: uploaded_by.map(UserId::from_i64),
        created_at: time(row, 11)?,
        caption: row.get(12)?,
        colour: row.get(13)?,
        recipe: row.get(14)?,
    })
}

fn one(
    tx: &mut ReadTx<'_>,
    condition: &str,
    key: &dyn ToValue,
) -> Result<Option<Media>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM media WHERE {condition}");
    tx.query_opt(&sql, &[key], from_row)
}

pub fn by_id(tx: &mut ReadTx<'_>, id: MediaId) -> Result<Option<Media>, StoreError> {
    one(tx, "id = $1", &id.as_i64())
}

pub fn by_path(tx: &mut ReadTx<'_>, path: &str) -> Result<Option<Media>, StoreError> {
    one(tx, "path = $1", &path)
}

/// A file with the same bytes; the first, where several have them.
pub fn by_digest(tx: &mut ReadTx<'_>, digest: &[u8]) -> Result<Option<Media>, StoreError> {
    one(tx, "digest = $1 ORDER BY id LIMIT 1", &digest)
}

pub fn insert(tx: &mut WriteTx<'_>, media: &Media) -> Result<(), StoreError> {
    tx.execute(
        &format!(
            "INSERT INTO media ({COLUMNS}, words)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
        ),
        &[
            &media.id.as_i64(),
            &media.path,
            &media.digest,
            &media.name,
            &media.mime,
            &media.bytes,
            &media.width,
            &media.height,
            &media.alt,
            &to_json(&media.variants)?,
            &media.uploaded_by.map(UserId::as_i64),
            &Timestamp::as_micros(media.created_at),
            &media.caption,
            &media.colour,
            &media.recipe,
            &words_of(media),
        ],
    )?;
    Ok(())
}

/// What is looked in for a file.
fn words_of(media: &Media) -> String {
    let Media {
        name, alt, caption, ..
    } = media;
    format!("{name} {alt} {caption}").to_lowercase()
}

/// Files of a family whose name, description or caption holds the words, newest first.
pub fn search(
    tx: &mut ReadTx<'_>,
    words: &str,
    family: Option<Family>,
    limit: u32,
    offset: u32,
) -> Result<Vec<Media>, StoreError> {
    let holds = format!("%{}%", escaped(&words.to_lowercase()));
    let family = format!("{}%", family.map_or("", Family::prefix));
    tx.query(
        &format!(
            "SELECT {COLUMNS} FROM media /* scan: words in the middle have no index; newest first, it ends early */
             WHERE mime LIKE $1 AND words LIKE $2 ESCAPE '!'
             ORDER BY created_at DESC, id DESC LIMIT $3 OFFSET $4"
        ),
        &[&family, &holds, &limit, &offset],
        from_row,
    )
}

/// What is looked for in the library; without any of it, everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sought<'a> {
    /// In its name, description or caption.
    pub words: &'a str,
    pub family: Option<Family>,
    pub uploaded_by: Option<UserId>,
    /// Only what no post shows.
    pub unused: bool,
}

/// Files that came before `before`, newest first.
pub fn older(
    tx: &mut ReadTx<'_>,
    sought: Sought<'_>,
    before: MediaId,
    limit: u32,
) -> Result<Vec<Media>, StoreError> {
    let holds = format!("%{}%", escaped(&sought.words.to_lowercase()));
    let family = format!("{}%", sought.family.map_or("", Family::prefix));
    tx.query(
        &format!(
            "SELECT {COLUMNS} FROM media /* scan: words in the middle have no index; newest first, it ends early */
             WHERE id < $1 AND mime LIKE $2 AND words LIKE $3 ESCAPE '!'
                AND (uploaded_by = $4 OR $4 = 0)
                AND ($5 = 0 OR NOT EXISTS (SELECT 1 FROM media_uses u WHERE u.media_id = media.id))
             ORDER BY id DESC LIMIT $6"
        ),
        &[
            &before.as_i64(),
            &family,
            &holds,
            &sought.uploaded_by.map_or(0, UserId::as_i64),
            &i64::from(sought.unused),
            &limit,
        ],
        from_row,
    )
}

/// So that what stands for anything stands for itself.
fn escaped(words: &str) -> String {
    let mut escaped = String::with_capacity(words.len());
    for letter in words.chars() {
        if matches!(letter, '!' | '%' | '_') {
            escaped.push('!');
        }
        escaped.push(letter);
    }
    escaped
}

/// Files after `after`, whatever they are, in the order in which they came.
pub fn after(tx: &mut ReadTx<'_>, after: MediaId, limit: u32) -> Result<Vec<Media>, StoreError> {
    tx.query(
        &format!("SELECT {COLUMNS} FROM media WHERE id > $1 ORDER BY id LIMIT $2"),
        &[&after.as_i64(), &limit],
        from_row,
    )
}

/// The file that has or had this address, or one of whose copies has it.
pub fn by_address(tx: &mut ReadTx<'_>, path: &str) -> Result<Option<Media>, StoreError> {
    if let Some(media) = by_path(tx, path)? {
        return Ok(Some(media));
    }
    one(
        tx,
        "id = (SELECT media_id FROM media_addresses WHERE path = $1)",
        &path,
    )
}

/// The oldest file whose copies were made by an older recipe, or not at all.
pub fn unprepared(tx: &mut ReadTx<'_>, recipe: u32) -> Result<Option<Media>, StoreError> {
    one(tx, "recipe < $1 ORDER BY recipe, id LIMIT 1", &recipe)
}

/// Writes a file anew. Its former addresses and those of its copies lead to it from then on.
pub fn update(tx: &mut WriteTx<'_>, media: &Media) -> Result<(), StoreError> {
    let before = by_id(tx, media.id)?.ok_or(StoreError::NotFound)?;
    tx.execute(
        "UPDATE media SET path = $2, digest = $3, name = $4, mime = $5, bytes = $6, width = $7,
            height = $8, alt = $9, variants = $10, caption = $11, colour = $12, recipe = $13, words = $14
         WHERE id = $1",
        &[
            &media.id.as_i64(),
            &media.path,
            &media.digest,
            &media.name,
            &media.mime,
            &media.bytes,
            &media.width,
            &media.height,
            &media.alt,
            &to_json(&media.variants)?,
            &media.caption,
            &media.colour,
            &media.recipe,
            &words_of(media),
        ],
    )?;
    tx.execute(
        "DELETE FROM media_addresses WHERE path = $1",
        &[&media.path],
    )?;
    let former = (before.path != media.path).then_some(&before.path);
    let copies = media.variants.iter().map(|copy| &copy.path);
    for path in former.into_iter().chain(copies) {
        tx.execute(
            "INSERT INTO media_addresses (path, media_id) VALUES ($1, $2)
             ON CONFLICT (path) DO UPDATE SET media_id = excluded.media_id",
            &[path, &media.id.as_i64()],
        )?;
    }
    Ok(())
}

pub fn delete(tx: &mut WriteTx<'_>, id: MediaId) -> Result<(), StoreError> {
    match tx.execute("DELETE FROM media WHERE id = $1", &[&id.as_i64()])? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

/// The other addresses that lead to a file: those it had before, and those of its copies.
pub fn other_addresses(tx: &mut ReadTx<'_>, id: MediaId) -> Result<Vec<String>, StoreError> {
    tx.query(
        "SELECT path FROM media_addresses WHERE media_id = $1
         ORDER BY path /* sort: a file has few addresses */",
        &[&id.as_i64()],
        |row| row.get(0),
    )
}

/// Makes a path that no file has lead to this one, too.
pub fn lead_to(tx: &mut WriteTx<'_>, path: &str, id: MediaId) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO media_addresses (path, media_id) VALUES ($1, $2) ON CONFLICT (path) DO NOTHING",
        &[&path, &id.as_i64()],
    )?;
    Ok(())
}

/// Writes down which files a post shows.
pub fn set_uses(tx: &mut WriteTx<'_>, post: PostId, media: &[MediaId]) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM media_uses WHERE post_id = $1",
        &[&post.as_i64()],
    )?;
    add_uses(tx, post, media)
}

/// Writes down that a post shows these files, too.
pub fn add_uses(tx: &mut WriteTx<'_>, post: PostId, media: &[MediaId]) -> Result<(), StoreError> {
    for id in media {
        tx.execute(
            "INSERT INTO media_uses (post_id, media_id) VALUES ($1, $2)
             ON CONFLICT (post_id, media_id) DO NOTHING",
            &[&post.as_i64(), &id.as_i64()],
        )?;
    }
    Ok(())
}

/// The posts that show a file, oldest first.
pub fn users(tx: &mut ReadTx<'_>, id: MediaId, limit: u32) -> Result<Vec<PostId>, StoreError> {
    tx.query(
        "SELECT post_id FROM media_uses WHERE media_id = $1 ORDER BY post_id LIMIT $2",
        &[&id.as_i64(), &limit],
        |row| Ok(PostId::from_i64(row.get(0)?)),
    )
}

/// How many posts show a file.
pub fn count_users(tx: &mut ReadTx<'_>, id: MediaId) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM media_uses WHERE media_id = $1";
    tx.query_one(sql, &[&id.as_i64()], |row| row.get(0))
}
