//! Sign-ins. The browser's secret is known only by its hash.

use crate::db::{ReadTx, Row, WriteTx};
use crate::domain::id::{SessionId, UserId};
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::domain::user::User;

use super::{StoreError, time, users};

const COLUMNS: &str = "s.id, s.user_id, s.created_at, s.seen_at, s.expires_at, s.address, s.agent,
    COALESCE(s.proved_at, s.created_at)";
const COLUMN_COUNT: usize = 8;

fn from_row(row: &Row<'_>) -> Result<Session, StoreError> {
    Ok(Session {
        id: SessionId::from_i64(row.get(0)?),
        user: UserId::from_i64(row.get(1)?),
        created_at: time(row, 2)?,
        seen_at: time(row, 3)?,
        expires_at: time(row, 4)?,
        address: row.get(5)?,
        agent: row.get(6)?,
        proved_at: time(row, 7)?,
    })
}

pub fn insert(
    tx: &mut WriteTx<'_>,
    session: &Session,
    secret_hash: &[u8],
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO sessions
            (id, user_id, secret_hash, created_at, seen_at, expires_at, address, agent,
             proved_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            &session.id.as_i64(),
            &session.user.as_i64(),
            &secret_hash,
            &session.created_at.as_micros(),
            &session.seen_at.as_micros(),
            &session.expires_at.as_micros(),
            &session.address,
            &session.agent,
            &session.proved_at.as_micros(),
        ],
    )?;
    Ok(())
}

/// The sign-in a secret belongs to, with its user: only while it lasts, and only for somebody who
/// is not suspended.
pub fn by_secret_hash(
    tx: &mut ReadTx<'_>,
    secret_hash: &[u8],
    now: Timestamp,
) -> Result<Option<(Session, User)>, StoreError> {
    tx.query_opt(
        &format!(
            "SELECT {COLUMNS}, {} FROM sessions s JOIN users u ON u.id = s.user_id
             WHERE s.secret_hash = $1 AND s.expires_at > $2 AND u.suspended = 0",
            users::COLUMNS
        ),
        &[&secret_hash, &now.as_micros()],
        |row| Ok((from_row(row)?, users::from_row_at(row, COLUMN_COUNT)?)),
    )
}

/// Notes that the session was used just now, and from where.
pub fn touch(tx: &mut WriteTx<'_>, id: SessionId, address: &str) -> Result<(), StoreError> {
    tx.quiet("that somebody is still here is no change of the site");
    let now = tx.now().as_micros();
    let sql = "UPDATE sessions SET seen_at = $2, address = $3 WHERE id = $1";
    match tx.execute(sql, &[&id.as_i64(), &now, &address])? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

/// Notes that whoever holds the session has just shown again who they are.
pub fn prove(tx: &mut WriteTx<'_>, id: SessionId) -> Result<(), StoreError> {
    let now = tx.now().as_micros();
    let sql = "UPDATE sessions SET proved_at = $2 WHERE id = $1";
    match tx.execute(sql, &[&id.as_i64(), &now])? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

/// A person's sign-ins, the last used first.
pub fn of_user(tx: &mut ReadTx<'_>, user: UserId) -> Result<Vec<Session>, StoreError> {
    tx.query(
        &format!(
            "SELECT {COLUMNS} FROM sessions s WHERE s.user_id = $1
             ORDER BY s.seen_at DESC, s.id DESC"
        ),
        &[&user.as_i64()],
        from_row,
    )
}

pub fn delete(tx: &mut WriteTx<'_>, id: SessionId) -> Result<(), StoreError> {
    match tx.execute("DELETE FROM sessions WHERE id = $1", &[&id.as_i64()])? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

/// Signs a person out everywhere; says from how many sign-ins.
pub fn delete_all_of_user(tx: &mut WriteTx<'_>, user: UserId) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM sessions WHERE user_id = $1", &[&user.as_i64()])
}

/// Clears away what has run out; says how many sessions that were.
pub fn delete_expired(tx: &mut WriteTx<'_>) -> Result<u64, StoreError> {
    tx.quiet("a session that has run out lets nobody in already");
    let now = tx.now().as_micros();
    tx.execute("DELETE FROM sessions WHERE expires_at <= $1", &[&now])
}
