//! Deliveries to webhooks: what is to be sent, when, and how it went.

use crate::db::{ReadTx, Row, ToValue, WriteTx};
use crate::domain::id::{DeliveryId, WebhookId};
use crate::domain::time::Timestamp;
use crate::domain::webhook::{Delivery, Event};

use super::{StoreError, time, time_opt, word};

const COLUMNS: &str = "id, webhook_id, event, payload, attempts, created_at, queued_at, next_at,
    tried_at, status, error, duration_millis, delivered_at";
const WHY_QUIET: &str = "what other programs were told is no change of the site";

fn from_row(row: &Row<'_>) -> Result<Delivery, StoreError> {
    Ok(Delivery {
        id: DeliveryId::from_i64(row.get(0)?),
        webhook: WebhookId::from_i64(row.get(1)?),
        event: word(row, 2, Event::parse)?,
        payload: row.get(3)?,
        attempts: row.get(4)?,
        created_at: time(row, 5)?,
        queued_at: time(row, 6)?,
        next_at: time_opt(row, 7)?,
        tried_at: time_opt(row, 8)?,
        status: row.get(9)?,
        error: row.get(10)?,
        duration_millis: row.get(11)?,
        delivered_at: time_opt(row, 12)?,
    })
}

fn list(
    tx: &mut ReadTx<'_>,
    rest: &str,
    params: &[&dyn ToValue],
) -> Result<Vec<Delivery>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM webhook_deliveries {rest}");
    tx.query(&sql, params, from_row)
}

pub fn by_id(tx: &mut ReadTx<'_>, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
    Ok(list(tx, "WHERE id = $1", &[&id.as_i64()])?.pop())
}

/// Those of a webhook that are older than `before`, the newest first.
pub fn of_webhook(
    tx: &mut ReadTx<'_>,
    webhook: WebhookId,
    before: Option<DeliveryId>,
    limit: u32,
) -> Result<Vec<Delivery>, StoreError> {
    let before = before.map_or(i64::MAX, DeliveryId::as_i64);
    list(
        tx,
        "WHERE webhook_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        &[&webhook.as_i64(), &before, &limit],
    )
}

/// The one of a webhook that is to be sent next, and when.
pub fn next_of_webhook(
    tx: &mut ReadTx<'_>,
    webhook: WebhookId,
) -> Result<Option<(DeliveryId, Timestamp)>, StoreError> {
    tx.query_opt(
        "SELECT id, next_at FROM webhook_deliveries
         WHERE webhook_id = $1 AND next_at IS NOT NULL ORDER BY next_at LIMIT 1",
        &[&webhook.as_i64()],
        |row| Ok((DeliveryId::from_i64(row.get(0)?), time(row, 1)?)),
    )
}

/// How many are still to be sent.
pub fn count_waiting(tx: &mut ReadTx<'_>, webhook: WebhookId) -> Result<u64, StoreError> {
    tx.query_one(
        "SELECT COUNT(*) FROM webhook_deliveries WHERE webhook_id = $1 AND next_at IS NOT NULL",
        &[&webhook.as_i64()],
        |row| row.get(0),
    )
}

pub fn insert(tx: &mut WriteTx<'_>, delivery: &Delivery) -> Result<(), StoreError> {
    tx.execute(
        &format!(
            "INSERT INTO webhook_deliveries ({COLUMNS})
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
        ),
        &[
            &delivery.id.as_i64(),
            &delivery.webhook.as_i64(),
            &delivery.event.as_str(),
            &delivery.payload,
            &delivery.attempts,
            &delivery.created_at.as_micros(),
            &delivery.queued_at.as_micros(),
            &delivery.next_at.map(Timestamp::as_micros),
            &delivery.tried_at.map(Timestamp::as_micros),
            &delivery.status,
            &delivery.error,
            &delivery.duration_millis,
            &delivery.delivered_at.map(Timestamp::as_micros),
        ],
    )?;
    Ok(())
}

/// Writes how it stands: everything but what it says. `false`: it was removed meanwhile.
pub fn update(tx: &mut WriteTx<'_>, delivery: &Delivery) -> Result<bool, StoreError> {
    tx.quiet(WHY_QUIET);
    let touched = tx.execute(
        "UPDATE webhook_deliveries
         SET attempts = $2, queued_at = $3, next_at = $4, tried_at = $5, status = $6, error = $7,
             duration_millis = $8, delivered_at = $9
         WHERE id = $1",
        &[
            &delivery.id.as_i64(),
            &delivery.attempts,
            &delivery.queued_at.as_micros(),
            &delivery.next_at.map(Timestamp::as_micros),
            &delivery.tried_at.map(Timestamp::as_micros),
            &delivery.status,
            &delivery.error,
            &delivery.duration_millis,
            &delivery.delivered_at.map(Timestamp::as_micros),
        ],
    )?;
    Ok(touched > 0)
}

/// Ends what still waits; says why. How many that were.
pub fn give_up(tx: &mut WriteTx<'_>, webhook: WebhookId, why: &str) -> Result<u64, StoreError> {
    tx.quiet(WHY_QUIET);
    tx.execute(
        "UPDATE webhook_deliveries SET next_at = NULL, error = $2
         WHERE webhook_id = $1 AND next_at IS NOT NULL",
        &[&webhook.as_i64(), &why],
    )
}

/// Of a webhook's deliveries that are over, drops those made before a moment, and those beyond the
/// newest `keep`; says how many.
pub fn forget(
    tx: &mut WriteTx<'_>,
    webhook: WebhookId,
    before: Timestamp,
    keep: u32,
) -> Result<u64, StoreError> {
    tx.quiet(WHY_QUIET);
    let oldest_kept = tx.query_opt(
        "SELECT id FROM webhook_deliveries WHERE webhook_id = $1
         ORDER BY id DESC LIMIT 1 OFFSET $2",
        &[&webhook.as_i64(), &keep],
        |row| row.get::<i64>(0),
    )?;
    tx.execute(
        "DELETE FROM webhook_deliveries
         WHERE webhook_id = $1 AND next_at IS NULL AND (created_at < $2 OR id <= $3)",
        &[
            &webhook.as_i64(),
            &before.as_micros(),
            &oldest_kept.unwrap_or_default(),
        ],
    )
}
