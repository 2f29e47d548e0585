//! Moved addresses. One that leads to a post names the post, not its address, so it follows every
//! later move in one step and can never go in circles.

use crate::db::{ReadTx, Row, ToValue, WriteTx};
use crate::domain::id::{PostId, RedirectId};
use crate::domain::redirect::{Redirect, Target};
use crate::domain::text::WebAddress;

use super::{StoreError, parsed, time};

const COLUMNS: &str = "id, from_path, to_post, to_url, permanent, created_at";

fn from_row(row: &Row<'_>) -> Result<Redirect, StoreError> {
    let to = match row.get::<Option<i64>>(2)? {
        Some(post) => Target::Post(PostId::from_i64(post)),
        None => Target::Address(parsed(row, 3, WebAddress::parse)?),
    };
    Ok(Redirect {
        id: RedirectId::from_i64(row.get(0)?),
        from: row.get(1)?,
        to,
        permanent: row.get(4)?,
        created_at: time(row, 5)?,
    })
}

fn list(
    tx: &mut ReadTx<'_>,
    rest: &str,
    params: &[&dyn ToValue],
) -> Result<Vec<Redirect>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM redirects {rest}");
    tx.query(&sql, params, from_row)
}

pub fn by_id(tx: &mut ReadTx<'_>, id: RedirectId) -> Result<Option<Redirect>, StoreError> {
    Ok(list(tx, "WHERE id = $1", &[&id.as_i64()])?.pop())
}

pub fn by_path(tx: &mut ReadTx<'_>, path: &str) -> Result<Option<Redirect>, StoreError> {
    Ok(list(tx, "WHERE from_path = $1", &[&path])?.pop())
}

/// What leads to a post, the newest first.
pub fn of_post(tx: &mut ReadTx<'_>, post: PostId) -> Result<Vec<Redirect>, StoreError> {
    list(tx, "WHERE to_post = $1 ORDER BY id DESC", &[&post.as_i64()])
}

/// All of them, the newest first.
pub fn page(tx: &mut ReadTx<'_>, limit: u32, offset: u32) -> Result<Vec<Redirect>, StoreError> {
    list(
        tx,
        "ORDER BY id DESC LIMIT $1 OFFSET $2",
        &[&limit, &offset],
    )
}

/// Those made before `before`, the newest first.
pub fn older(
    tx: &mut ReadTx<'_>,
    before: RedirectId,
    limit: u32,
) -> Result<Vec<Redirect>, StoreError> {
    list(
        tx,
        "WHERE id < $1 ORDER BY id DESC LIMIT $2",
        &[&before.as_i64(), &limit],
    )
}

/// Writes one anew; a conflict when another one leads from its path.
pub fn update(tx: &mut WriteTx<'_>, redirect: &Redirect) -> Result<(), StoreError> {
    let (post, address) = columns(&redirect.to);
    let touched = tx.execute(
        "UPDATE redirects SET from_path = $2, to_post = $3, to_url = $4, permanent = $5
         WHERE id = $1",
        &[
            &redirect.id.as_i64(),
            &redirect.from,
            &post,
            &address,
            &redirect.permanent,
        ],
    )?;
    match touched {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

fn columns(to: &Target) -> (Option<i64>, Option<&str>) {
    match to {
        Target::Post(post) => (Some(post.as_i64()), None),
        Target::Address(address) => (None, Some(address.as_str())),
    }
}

/// Makes `from` lead to `to`, whatever it led to before.
pub fn put(
    tx: &mut WriteTx<'_>,
    from: &str,
    to: &Target,
    permanent: bool,
) -> Result<RedirectId, StoreError> {
    let (post, address) = columns(to);
    let new_id = tx.new_id();
    let now = tx.now().as_micros();
    tx.query_one(
        &format!(
            "INSERT INTO redirects ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (from_path) DO UPDATE
             SET to_post = excluded.to_post, to_url = excluded.to_url,
                permanent = excluded.permanent
             RETURNING id"
        ),
        &[&new_id, &from, &post, &address, &permanent, &now],
        |row| row.get(0).map(RedirectId::from_i64),
    )
}

pub fn delete(tx: &mut WriteTx<'_>, id: RedirectId) -> Result<(), StoreError> {
    match tx.execute("DELETE FROM redirects WHERE id = $1", &[&id.as_i64()])? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

/// Frees a path, because something lives there again; says whether a redirect stood on it.
pub fn delete_from(tx: &mut WriteTx<'_>, path: &str) -> Result<bool, StoreError> {
    Ok(tx.execute("DELETE FROM redirects WHERE from_path = $1", &[&path])? > 0)
}
