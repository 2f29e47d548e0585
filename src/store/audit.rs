//! The audit log: entries are added and, when old, forgotten; never changed.

use crate::db::{ReadTx, Row, WriteTx};
use crate::domain::audit::{AuditEntry, NewAuditEntry};
use crate::domain::change::Noun;
use crate::domain::id::{AuditId, UserId};
use crate::domain::time::Timestamp;

use super::{StoreError, time, word};

const COLUMNS: &str = "id, at, user_id, act, noun, noun_id, address, detail";

fn from_row(row: &Row<'_>) -> Result<AuditEntry, StoreError> {
    let user: Option<i64> = row.get(2)?;
    Ok(AuditEntry {
        id: AuditId::from_i64(row.get(0)?),
        at: time(row, 1)?,
        user: user.map(UserId::from_i64),
        act: row.get(3)?,
        noun: word(row, 4, Noun::parse)?,
        noun_id: row.get(5)?,
        address: row.get(6)?,
        detail: row.get(7)?,
    })
}

pub fn insert(tx: &mut WriteTx<'_>, entry: &NewAuditEntry<'_>) -> Result<(), StoreError> {
    let id = tx.new_id();
    let now = tx.now().as_micros();
    tx.execute(
        &format!("INSERT INTO audit_log ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"),
        &[
            &id,
            &now,
            &entry.user.map(UserId::as_i64),
            &entry.act,
            &entry.noun.as_str(),
            &entry.noun_id,
            &entry.address,
            &entry.detail,
        ],
    )?;
    Ok(())
}

/// What was done last, by anybody.
pub fn newest(tx: &mut ReadTx<'_>, limit: u32, offset: u32) -> Result<Vec<AuditEntry>, StoreError> {
    tx.query(
        &format!("SELECT {COLUMNS} FROM audit_log ORDER BY at DESC, id DESC LIMIT $1 OFFSET $2"),
        &[&limit, &offset],
        from_row,
    )
}

/// What one person did last.
pub fn of_user(
    tx: &mut ReadTx<'_>,
    user: UserId,
    limit: u32,
    offset: u32,
) -> Result<Vec<AuditEntry>, StoreError> {
    tx.query(
        &format!(
            "SELECT {COLUMNS} FROM audit_log WHERE user_id = $1
             ORDER BY at DESC, id DESC LIMIT $2 OFFSET $3"
        ),
        &[&user.as_i64(), &limit, &offset],
        from_row,
    )
}

/// What was done last of one kind, by anybody or by one person.
pub fn of_act(
    tx: &mut ReadTx<'_>,
    act: &str,
    user: Option<UserId>,
    limit: u32,
    offset: u32,
) -> Result<Vec<AuditEntry>, StoreError> {
    tx.query(
        &format!(
            "SELECT {COLUMNS} FROM audit_log WHERE act = $1 AND (user_id = $2 OR $2 = 0)
             ORDER BY at DESC, id DESC LIMIT $3 OFFSET $4"
        ),
        &[&act, &user.map_or(0, UserId::as_i64), &limit, &offset],
        from_row,
    )
}

/// Drops what was done before a moment; says how many entries that were.
pub fn forget(tx: &mut WriteTx<'_>, before: Timestamp) -> Result<u64, StoreError> {
    tx.quiet("old audit entries concern neither pages nor subscribers");
    tx.execute(
        "DELETE FROM audit_log WHERE at < $1",
        &[&before.as_micros()],
    )
}
