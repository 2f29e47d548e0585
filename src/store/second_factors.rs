//! Second factors: the secrets that codes are made of, and recovery codes, known by their hash.

use crate::db::{ReadTx, WriteTx};
use crate::domain::id::UserId;
use crate::domain::second_factor::SecondFactor;
use crate::domain::time::Timestamp;

use super::{StoreError, time_opt};

pub fn of_user(tx: &mut ReadTx<'_>, user: UserId) -> Result<Option<SecondFactor>, StoreError> {
    tx.query_opt(
        "SELECT secret, confirmed_at, last_step FROM second_factors WHERE user_id = $1",
        &[&user.as_i64()],
        |row| {
            Ok(SecondFactor {
                user,
                secret: row.get(0)?,
                confirmed_at: time_opt(row, 1)?,
                last_step: row.get(2)?,
            })
        },
    )
}

/// Keeps it in the place of the one before.
pub fn put(tx: &mut WriteTx<'_>, factor: &SecondFactor) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO second_factors (user_id, secret, confirmed_at, last_step)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id) DO UPDATE
         SET secret = excluded.secret, confirmed_at = excluded.confirmed_at,
            last_step = excluded.last_step",
        &[
            &factor.user.as_i64(),
            &factor.secret,
            &factor.confirmed_at.map(Timestamp::as_micros),
            &factor.last_step,
        ],
    )?;
    Ok(())
}

/// Takes it away, with its recovery codes; says whether there was one.
pub fn delete(tx: &mut WriteTx<'_>, user: UserId) -> Result<bool, StoreError> {
    let user = user.as_i64();
    tx.execute("DELETE FROM recovery_codes WHERE user_id = $1", &[&user])?;
    Ok(tx.execute("DELETE FROM second_factors WHERE user_id = $1", &[&user])? > 0)
}

/// Puts these recovery codes in the place of those before.
pub fn put_codes(tx: &mut WriteTx<'_>, user: UserId, hashes: &[Vec<u8>]) -> Result<(), StoreError> {
    let user = user.as_i64();
    tx.execute("DELETE FROM recovery_codes WHERE user_id = $1", &[&user])?;
    for hash in hashes {
        tx.execute(
            "INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, $2)",
            &[&user, hash],
        )?;
    }
    Ok(())
}

/// How many recovery codes are left.
pub fn codes_left(tx: &mut ReadTx<'_>, user: UserId) -> Result<u64, StoreError> {
    let sql = "SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1";
    tx.query_one(sql, &[&user.as_i64()], |row| row.get(0))
}

/// Spends a recovery code; says whether it was one.
pub fn use_code(tx: &mut WriteTx<'_>, user: UserId, hash: &[u8]) -> Result<bool, StoreError> {
    let sql = "DELETE FROM recovery_codes WHERE user_id = $1 AND code_hash = $2";
    Ok(tx.execute(sql, &[&user.as_i64(), &hash])? > 0)
}
