//! API tokens. The secret is known only by its hash.

use crate::db::{ReadTx, Row, WriteTx};
use crate::domain::id::{TokenId, UserId};
use crate::domain::time::Timestamp;
use crate::domain::token::{Scope, Token};
use crate::domain::user::User;

use super::{StoreError, from_json, time, time_opt, to_json, users};

const COLUMNS: &str = "t.id, t.user_id, t.name, t.scopes, t.created_at, t.expires_at, t.used_at,
    t.client_id";
const COLUMN_COUNT: usize = 8;

fn from_row(row: &Row<'_>) -> Result<Token, StoreError> {
    // A scope this release does not know allows nothing here.
    let scopes: Vec<String> = from_json(row, 3)?;
    Ok(Token {
        id: TokenId::from_i64(row.get(0)?),
        user: UserId::from_i64(row.get(1)?),
        name: row.get(2)?,
        scopes: scopes
            .iter()
            .filter_map(|word| Scope::parse(word))
            .collect(),
        created_at: time(row, 4)?,
        expires_at: time_opt(row, 5)?,
        used_at: time_opt(row, 6)?,
        client: row.get(7)?,
    })
}

pub fn insert(tx: &mut WriteTx<'_>, token: &Token, secret_hash: &[u8]) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO tokens
            (id, user_id, name, secret_hash, scopes, created_at, expires_at, used_at, client_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            &token.id.as_i64(),
            &token.user.as_i64(),
            &token.name,
            &secret_hash,
            &to_json(&token.scopes)?,
            &token.created_at.as_micros(),
            &token.expires_at.map(Timestamp::as_micros),
            &token.used_at.map(Timestamp::as_micros),
            &token.client,
        ],
    )?;
    Ok(())
}

/// The token a secret belongs to, with its user: only while it is valid, and only for somebody who
/// is not suspended.
pub fn by_secret_hash(
    tx: &mut ReadTx<'_>,
    secret_hash: &[u8],
    now: Timestamp,
) -> Result<Option<(Token, User)>, StoreError> {
    tx.query_opt(
        &format!(
            "SELECT {COLUMNS}, {} FROM tokens t JOIN users u ON u.id = t.user_id
             WHERE t.secret_hash = $1 AND (t.expires_at IS NULL OR t.expires_at > $2)
                AND u.suspended = 0",
            users::COLUMNS
        ),
        &[&secret_hash, &now.as_micros()],
        |row| Ok((from_row(row)?, users::from_row_at(row, COLUMN_COUNT)?)),
    )
}

/// Notes that the token was used just now.
pub fn touch(tx: &mut WriteTx<'_>, id: TokenId) -> Result<(), StoreError> {
    tx.quiet("that a token was used is no change of the site");
    let now = tx.now().as_micros();
    let sql = "UPDATE tokens SET used_at = $2 WHERE id = $1";
    match tx.execute(sql, &[&id.as_i64(), &now])? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

/// A person's tokens, the newest first.
pub fn of_user(tx: &mut ReadTx<'_>, user: UserId) -> Result<Vec<Token>, StoreError> {
    tx.query(
        &format!("SELECT {COLUMNS} FROM tokens t WHERE t.user_id = $1 ORDER BY t.id DESC"),
        &[&user.as_i64()],
        from_row,
    )
}

/// A person's tokens made before `before`, the newest first.
pub fn older_of_user(
    tx: &mut ReadTx<'_>,
    user: UserId,
    before: TokenId,
    limit: u32,
) -> Result<Vec<Token>, StoreError> {
    tx.query(
        &format!(
            "SELECT {COLUMNS} FROM tokens t WHERE t.user_id = $1 AND t.id < $2
             ORDER BY t.id DESC LIMIT $3"
        ),
        &[&user.as_i64(), &before.as_i64(), &limit],
        from_row,
    )
}

pub fn by_id(tx: &mut ReadTx<'_>, id: TokenId) -> Result<Option<Token>, StoreError> {
    tx.query_opt(
        &format!("SELECT {COLUMNS} FROM tokens t WHERE t.id = $1"),
        &[&id.as_i64()],
        from_row,
    )
}

pub fn delete(tx: &mut WriteTx<'_>, id: TokenId) -> Result<(), StoreError> {
    match tx.execute("DELETE FROM tokens WHERE id = $1", &[&id.as_i64()])? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}
