//! Uploaded files: what is known of them. The bytes are kept by `blobs`.

use crate::db::{ReadTx, Row, ToValue, WriteTx};
use crate::domain::id::{MediaId, UserId};
use crate::domain::media::{Media, Variant};
use crate::domain::time::Timestamp;

use super::{StoreError, from_json, time, to_json};

const COLUMNS: &str = "id, path, digest, name, mime, bytes, width, height, alt, variants,
    uploaded_by, created_at";

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

/// What was uploaded last.
pub fn newest(tx: &mut ReadTx<'_>, limit: u32, offset: u32) -> Result<Vec<Media>, StoreError> {
    tx.query(
        &format!(
            "SELECT {COLUMNS} FROM media ORDER BY created_at DESC, id DESC LIMIT $1 OFFSET $2"
        ),
        &[&limit, &offset],
        from_row,
    )
}

pub fn insert(tx: &mut WriteTx<'_>, media: &Media) -> Result<(), StoreError> {
    tx.execute(
        &format!(
            "INSERT INTO media ({COLUMNS})
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
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
        ],
    )?;
    Ok(())
}

/// Describes a picture for those who do not see it.
pub fn set_alt(tx: &mut WriteTx<'_>, id: MediaId, alt: &str) -> Result<(), StoreError> {
    set(tx, "alt", id, alt)
}

/// Notes the scaled copies once they are made.
pub fn set_variants(
    tx: &mut WriteTx<'_>,
    id: MediaId,
    variants: &[Variant],
) -> Result<(), StoreError> {
    set(tx, "variants", id, &to_json(&variants)?)
}

fn set(tx: &mut WriteTx<'_>, column: &str, id: MediaId, value: &str) -> Result<(), StoreError> {
    let sql = format!("UPDATE media SET {column} = $2 WHERE id = $1");
    match tx.execute(&sql, &[&id.as_i64(), &value])? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

pub fn delete(tx: &mut WriteTx<'_>, id: MediaId) -> Result<(), StoreError> {
    match tx.execute("DELETE FROM media WHERE id = $1", &[&id.as_i64()])? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}
