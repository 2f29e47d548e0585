//! Passkeys: the public halves of keys that people have on their devices.

use crate::db::{ReadTx, Row, WriteTx};
use crate::domain::id::{PasskeyId, UserId};
use crate::domain::passkey::Passkey;
use crate::domain::time::Timestamp;
use crate::domain::user::User;

use super::{StoreError, time, time_opt, users};

const COLUMNS: &str = "k.id, k.user_id, k.credential, k.handle, k.public_key, k.sign_count, k.name,
    k.created_at, k.used_at";
const COLUMN_COUNT: usize = 9;

fn from_row(row: &Row<'_>) -> Result<Passkey, StoreError> {
    Ok(Passkey {
        id: PasskeyId::from_i64(row.get(0)?),
        user: UserId::from_i64(row.get(1)?),
        credential: row.get(2)?,
        handle: row.get(3)?,
        public_key: row.get(4)?,
        sign_count: row.get(5)?,
        name: row.get(6)?,
        created_at: time(row, 7)?,
        used_at: time_opt(row, 8)?,
    })
}

pub fn insert(tx: &mut WriteTx<'_>, passkey: &Passkey) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO passkeys
            (id, user_id, credential, handle, public_key, sign_count, name, created_at, used_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            &passkey.id.as_i64(),
            &passkey.user.as_i64(),
            &passkey.credential,
            &passkey.handle,
            &passkey.public_key,
            &passkey.sign_count,
            &passkey.name,
            &passkey.created_at.as_micros(),
            &passkey.used_at.map(Timestamp::as_micros),
        ],
    )?;
    Ok(())
}

/// The key a device calls so, with whose it is; for nobody who is suspended.
pub fn by_credential(
    tx: &mut ReadTx<'_>,
    credential: &[u8],
) -> Result<Option<(Passkey, User)>, StoreError> {
    tx.query_opt(
        &format!(
            "SELECT {COLUMNS}, {} FROM passkeys k JOIN users u ON u.id = k.user_id
             WHERE k.credential = $1 AND u.suspended = 0",
            users::COLUMNS
        ),
        &[&credential],
        |row| Ok((from_row(row)?, users::from_row_at(row, COLUMN_COUNT)?)),
    )
}

/// A person's passkeys, the oldest first.
pub fn of_user(tx: &mut ReadTx<'_>, user: UserId) -> Result<Vec<Passkey>, StoreError> {
    tx.query(
        &format!("SELECT {COLUMNS} FROM passkeys k WHERE k.user_id = $1 ORDER BY k.id"),
        &[&user.as_i64()],
        from_row,
    )
}

/// Notes that the key was used just now, and how often the device says it was.
pub fn touch(tx: &mut WriteTx<'_>, id: PasskeyId, sign_count: u32) -> Result<(), StoreError> {
    let now = tx.now().as_micros();
    let sql = "UPDATE passkeys SET used_at = $2, sign_count = $3 WHERE id = $1";
    match tx.execute(sql, &[&id.as_i64(), &now, &sign_count])? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

pub fn delete(tx: &mut WriteTx<'_>, id: PasskeyId) -> Result<(), StoreError> {
    match tx.execute("DELETE FROM passkeys WHERE id = $1", &[&id.as_i64()])? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

/// Takes all keys of a person away; says how many there were.
pub fn delete_all_of_user(tx: &mut WriteTx<'_>, user: UserId) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM passkeys WHERE user_id = $1", &[&user.as_i64()])
}
