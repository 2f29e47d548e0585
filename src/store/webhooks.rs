//! Webhooks. There are few, so they are read together.

use crate::db::{ReadTx, Row, ToValue, WriteTx};
use crate::domain::destination::Destination;
use crate::domain::id::{UserId, WebhookId};
use crate::domain::webhook::{Event, SECRET_BYTES, SigningSecret, Webhook};

use super::{StoreError, from_json, parsed, time, to_json};

const COLUMNS: &str = "id, url, description, events, active, trouble, from_seq, version,
    created_by, created_at, updated_at";

fn from_row(row: &Row<'_>) -> Result<Webhook, StoreError> {
    // An event this release does not know is not sent by it.
    let events: Vec<String> = from_json(row, 3)?;
    let created_by: Option<i64> = row.get(8)?;
    Ok(Webhook {
        id: WebhookId::from_i64(row.get(0)?),
        url: parsed(row, 1, Destination::parse)?,
        description: row.get(2)?,
        events: events
            .iter()
            .filter_map(|word| Event::parse(word))
            .collect(),
        active: row.get(4)?,
        trouble: row.get(5)?,
        from_seq: row.get(6)?,
        version: row.get(7)?,
        created_by: created_by.map(UserId::from_i64),
        created_at: time(row, 9)?,
        updated_at: time(row, 10)?,
    })
}

fn list(
    tx: &mut ReadTx<'_>,
    rest: &str,
    params: &[&dyn ToValue],
) -> Result<Vec<Webhook>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM webhooks {rest}");
    tx.query(&sql, params, from_row)
}

/// All of them, the newest first.
pub fn all(tx: &mut ReadTx<'_>) -> Result<Vec<Webhook>, StoreError> {
    list(tx, "ORDER BY id DESC /* scan: there are few */", &[])
}

pub fn by_id(tx: &mut ReadTx<'_>, id: WebhookId) -> Result<Option<Webhook>, StoreError> {
    Ok(list(tx, "WHERE id = $1", &[&id.as_i64()])?.pop())
}

pub fn secret(tx: &mut ReadTx<'_>, id: WebhookId) -> Result<SigningSecret, StoreError> {
    let sql = "SELECT secret FROM webhooks WHERE id = $1";
    let bytes: Vec<u8> = tx.query_one(sql, &[&id.as_i64()], |row| row.get(0))?;
    let bytes = <[u8; SECRET_BYTES]>::try_from(bytes);
    let bytes = bytes.map_err(|_| StoreError::backend("a webhook's secret is damaged"))?;
    Ok(SigningSecret::from_bytes(bytes))
}

pub fn insert(
    tx: &mut WriteTx<'_>,
    webhook: &Webhook,
    secret: &SigningSecret,
) -> Result<(), StoreError> {
    tx.execute(
        &format!(
            "INSERT INTO webhooks ({COLUMNS}, secret)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        ),
        &[
            &webhook.id.as_i64(),
            &webhook.url.as_str(),
            &webhook.description,
            &to_json(&webhook.events)?,
            &webhook.active,
            &webhook.trouble,
            &webhook.from_seq,
            &webhook.version,
            &webhook.created_by.map(UserId::as_i64),
            &webhook.created_at.as_micros(),
            &webhook.updated_at.as_micros(),
            &&secret.as_bytes()[..],
        ],
    )?;
    Ok(())
}

/// Writes what may change: where it goes, what it wants, how it stands.
pub fn update(tx: &mut WriteTx<'_>, webhook: &Webhook) -> Result<(), StoreError> {
    let touched = tx.execute(
        "UPDATE webhooks
         SET url = $2, description = $3, events = $4, active = $5, trouble = $6, from_seq = $7,
             version = $8, updated_at = $9
         WHERE id = $1",
        &[
            &webhook.id.as_i64(),
            &webhook.url.as_str(),
            &webhook.description,
            &to_json(&webhook.events)?,
            &webhook.active,
            &webhook.trouble,
            &webhook.from_seq,
            &webhook.version,
            &webhook.updated_at.as_micros(),
        ],
    )?;
    found(touched)
}

pub fn set_secret(
    tx: &mut WriteTx<'_>,
    id: WebhookId,
    secret: &SigningSecret,
) -> Result<(), StoreError> {
    let sql = "UPDATE webhooks SET secret = $2 WHERE id = $1";
    let touched = tx.execute(sql, &[&id.as_i64(), &&secret.as_bytes()[..]])?;
    found(touched)
}

/// Removes it with its deliveries.
pub fn delete(tx: &mut WriteTx<'_>, id: WebhookId) -> Result<(), StoreError> {
    let touched = tx.execute("DELETE FROM webhooks WHERE id = $1", &[&id.as_i64()])?;
    found(touched)
}

fn found(touched: u64) -> Result<(), StoreError> {
    match touched {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}
