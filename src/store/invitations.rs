//! Links by which people join. The secret in a link is known only by its hash.

use crate::db::{ReadTx, Row, WriteTx};
use crate::domain::id::{InvitationId, UserId};
use crate::domain::invitation::Invitation;
use crate::domain::time::Timestamp;
use crate::domain::user::Role;

use super::{StoreError, time, word};

const COLUMNS: &str = "id, role, note, created_by, created_at, expires_at";

fn from_row(row: &Row<'_>) -> Result<Invitation, StoreError> {
    let created_by: Option<i64> = row.get(3)?;
    Ok(Invitation {
        id: InvitationId::from_i64(row.get(0)?),
        role: word(row, 1, Role::parse)?,
        note: row.get(2)?,
        created_by: created_by.map(UserId::from_i64),
        created_at: time(row, 4)?,
        expires_at: time(row, 5)?,
    })
}

pub fn insert(
    tx: &mut WriteTx<'_>,
    invitation: &Invitation,
    secret_hash: &[u8],
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO invitations
            (id, role, note, secret_hash, created_by, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            &invitation.id.as_i64(),
            &invitation.role.as_str(),
            &invitation.note,
            &secret_hash,
            &invitation.created_by.map(UserId::as_i64),
            &invitation.created_at.as_micros(),
            &invitation.expires_at.as_micros(),
        ],
    )?;
    Ok(())
}

/// The invitation a link holds, while it lasts.
pub fn by_secret_hash(
    tx: &mut ReadTx<'_>,
    secret_hash: &[u8],
    now: Timestamp,
) -> Result<Option<Invitation>, StoreError> {
    tx.query_opt(
        &format!("SELECT {COLUMNS} FROM invitations WHERE secret_hash = $1 AND expires_at > $2"),
        &[&secret_hash, &now.as_micros()],
        from_row,
    )
}

/// Those that still let somebody in, the one that ends first at the top.
pub fn open(tx: &mut ReadTx<'_>, now: Timestamp) -> Result<Vec<Invitation>, StoreError> {
    tx.query(
        &format!("SELECT {COLUMNS} FROM invitations WHERE expires_at > $1 ORDER BY expires_at"),
        &[&now.as_micros()],
        from_row,
    )
}

pub fn delete(tx: &mut WriteTx<'_>, id: InvitationId) -> Result<(), StoreError> {
    match tx.execute("DELETE FROM invitations WHERE id = $1", &[&id.as_i64()])? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

pub fn delete_expired(tx: &mut WriteTx<'_>) -> Result<u64, StoreError> {
    let now = tx.now().as_micros();
    tx.execute("DELETE FROM invitations WHERE expires_at <= $1", &[&now])
}
