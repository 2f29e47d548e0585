//! Answers to requests that may be sent again, by the key their sender gave them.

use crate::db::{ReadTx, WriteTx};
use crate::domain::id::UserId;
use crate::domain::time::Timestamp;

use super::{StoreError, from_json, time, to_json};

const WHY_QUIET: &str = "that a request was answered is no change of the site";

/// What somebody was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What is known of a request with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Method and address.
    pub request: String,
    pub body_digest: Option<Vec<u8>>,
    /// `None` while it is under way, or if it was cut off.
    pub answer: Option<Answer>,
    pub began_at: Timestamp,
}

/// Notes that a request has begun; `false` if there is one with this key.
pub fn begin(
    tx: &mut WriteTx<'_>,
    user: UserId,
    key: &str,
    request: &str,
) -> Result<bool, StoreError> {
    tx.quiet(WHY_QUIET);
    let now = tx.now().as_micros();
    let begun = tx.execute(
        "INSERT INTO kept_answers (user_id, idempotency_key, request, created_at)
         VALUES ($1, $2, $3, $4) ON CONFLICT (user_id, idempotency_key) DO NOTHING",
        &[&user.as_i64(), &key, &request, &now],
    )?;
    Ok(begun > 0)
}

pub fn find(tx: &mut ReadTx<'_>, user: UserId, key: &str) -> Result<Option<Request>, StoreError> {
    tx.query_opt(
        "SELECT request, body_digest, status, headers, body, created_at FROM kept_answers
         WHERE user_id = $1 AND idempotency_key = $2",
        &[&user.as_i64(), &key],
        |row| {
            let status: Option<i64> = row.get(2)?;
            let body: Option<Vec<u8>> = row.get(4)?;
            let headers = from_json(row, 3)?;
            let answer = status.map(|status| Answer {
                status: u16::try_from(status).unwrap_or_default(),
                headers,
                body: body.unwrap_or_default(),
            });
            Ok(Request {
                request: row.get(0)?,
                body_digest: row.get(1)?,
                answer,
                began_at: time(row, 5)?,
            })
        },
    )
}

/// Keeps the answer to a request that has begun.
pub fn keep(
    tx: &mut WriteTx<'_>,
    user: UserId,
    key: &str,
    body_digest: &[u8],
    answer: &Answer,
) -> Result<(), StoreError> {
    tx.quiet(WHY_QUIET);
    let kept = tx.execute(
        "UPDATE kept_answers SET body_digest = $3, status = $4, headers = $5, body = $6
         WHERE user_id = $1 AND idempotency_key = $2",
        &[
            &user.as_i64(),
            &key,
            &body_digest,
            &i64::from(answer.status),
            &to_json(&answer.headers)?,
            &answer.body.as_slice(),
        ],
    )?;
    match kept {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

/// Takes a key back, so that it can be used again.
pub fn delete(tx: &mut WriteTx<'_>, user: UserId, key: &str) -> Result<(), StoreError> {
    tx.quiet(WHY_QUIET);
    let sql = "DELETE FROM kept_answers WHERE user_id = $1 AND idempotency_key = $2";
    tx.execute(sql, &[&user.as_i64(), &key])?;
    Ok(())
}

/// Forgets requests that began before a moment; says how many there were.
pub fn delete_before(tx: &mut WriteTx<'_>, moment: Timestamp) -> Result<u64, StoreError> {
    tx.quiet(WHY_QUIET);
    let sql = "DELETE FROM kept_answers WHERE created_at < $1";
    tx.execute(sql, &[&moment.as_micros()])
}

/// When the request began that so many newer ones follow.
pub fn newest_but(tx: &mut ReadTx<'_>, newer: u32) -> Result<Option<Timestamp>, StoreError> {
    tx.query_opt(
        "SELECT created_at FROM kept_answers ORDER BY created_at DESC LIMIT 1 OFFSET $1",
        &[&newer],
        |row| time(row, 0),
    )
}
