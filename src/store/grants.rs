//! What people allowed others' programs. The code that stands for it is known only by its hash, and
//! remembered for a while after it was used.

use crate::db::{ReadTx, Row, WriteTx};
use crate::domain::grant::Grant;
use crate::domain::id::{TokenId, UserId};
use crate::domain::time::Timestamp;
use crate::domain::token::Scope;

use super::{StoreError, from_json, time, time_opt, to_json};

fn from_row(row: &Row<'_>) -> Result<Grant, StoreError> {
    let scopes: Vec<String> = from_json(row, 4)?;
    let token: Option<i64> = row.get(9)?;
    Ok(Grant {
        user: UserId::from_i64(row.get(0)?),
        client: row.get(1)?,
        redirect_uri: row.get(2)?,
        challenge: row.get(3)?,
        scopes: scopes
            .iter()
            .filter_map(|word| Scope::parse(word))
            .collect(),
        token_days: row.get(5)?,
        created_at: time(row, 6)?,
        expires_at: time(row, 7)?,
        used_at: time_opt(row, 8)?,
        token: token.map(TokenId::from_i64),
    })
}

pub fn insert(tx: &mut WriteTx<'_>, grant: &Grant, code_hash: &[u8]) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO grants (code_hash, user_id, client_id, redirect_uri, challenge, scopes,
            token_days, created_at, expires_at, used_at, token_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            &code_hash,
            &grant.user.as_i64(),
            &grant.client,
            &grant.redirect_uri,
            &grant.challenge,
            &to_json(&grant.scopes)?,
            &grant.token_days,
            &grant.created_at.as_micros(),
            &grant.expires_at.as_micros(),
            &grant.used_at.map(Timestamp::as_micros),
            &grant.token.map(TokenId::as_i64),
        ],
    )?;
    Ok(())
}

/// What a code stands for, also when its time is over or it was used.
pub fn by_code_hash(tx: &mut ReadTx<'_>, code_hash: &[u8]) -> Result<Option<Grant>, StoreError> {
    tx.query_opt(
        "SELECT user_id, client_id, redirect_uri, challenge, scopes, token_days, created_at,
            expires_at, used_at, token_id
         FROM grants WHERE code_hash = $1",
        &[&code_hash],
        from_row,
    )
}

/// Notes that the code was used just now, and for which token.
pub fn spend(
    tx: &mut WriteTx<'_>,
    code_hash: &[u8],
    token: Option<TokenId>,
) -> Result<(), StoreError> {
    let now = tx.now().as_micros();
    let sql = "UPDATE grants SET used_at = $2, token_id = $3 WHERE code_hash = $1";
    match tx.execute(sql, &[&code_hash, &now, &token.map(TokenId::as_i64)])? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

/// Forgets codes whose time ended before this moment.
pub fn delete_ended(tx: &mut WriteTx<'_>, before: Timestamp) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM grants WHERE expires_at < $1",
        &[&before.as_micros()],
    )
}
