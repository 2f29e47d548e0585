//! The audit log: entries are added and, when old, forgotten; never changed.

use crate::db::{ReadTx, Row, ToValue, WriteTx};
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

/// What is looked for in the log.
#[derive(Debug, Clone, Copy)]
pub struct Sought<'a> {
    pub act: Option<&'a str>,
    pub user: Option<UserId>,
    pub since: Timestamp,
    /// Only what was done before this moment, or in it with a smaller id.
    pub before: (Timestamp, AuditId),
}

/// What was done last of what is looked for.
pub fn older(
    tx: &mut ReadTx<'_>,
    sought: Sought<'_>,
    limit: u32,
) -> Result<Vec<AuditEntry>, StoreError> {
    let (at, id) = (sought.before.0.as_micros(), sought.before.1.as_i64());
    let since = sought.since.as_micros();
    let walk: [&dyn ToValue; 4] = [&at, &id, &since, &limit];
    let user = sought.user.map_or(0, UserId::as_i64);
    let (whose, params) = match &sought.act {
        Some(act) => (
            "AND act = $5 AND (user_id = $6 OR $6 = 0)",
            [&walk[..], &[act, &user]].concat(),
        ),
        None if user != 0 => ("AND user_id = $5", [&walk[..], &[&user]].concat()),
        None => ("", walk.to_vec()),
    };
    tx.query(
        &format!(
            "SELECT {COLUMNS} FROM audit_log WHERE (at, id) < ($1, $2) AND at >= $3 {whose}
             ORDER BY at DESC, id DESC LIMIT $4"
        ),
        &params,
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
