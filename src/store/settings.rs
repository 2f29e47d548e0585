//! The site's settings: a row a field, so that fields of a newer release survive an older one.

use std::collections::BTreeMap;

use crate::db::{ReadTx, WriteTx};
use crate::domain::settings::Settings;

use super::StoreError;

type Fields = BTreeMap<String, serde_json::Value>;

/// What is set, with defaults for the rest.
pub fn read(tx: &mut ReadTx<'_>) -> Result<Settings, StoreError> {
    let rows = tx.query(
        "SELECT name, value FROM settings /* scan: as many rows as settings */",
        &[],
        |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?)),
    )?;
    let fields: Fields = rows
        .into_iter()
        .filter_map(|(name, value)| Some((name, serde_json::from_str(&value).ok()?)))
        .collect();
    from_fields(&fields).map_err(|error| StoreError::Backend(error.into()))
}

fn from_fields(fields: &Fields) -> serde_json::Result<Settings> {
    serde_json::to_value(fields).and_then(serde_json::from_value)
}

/// Writes the fields that differ from what is there.
pub fn write(tx: &mut WriteTx<'_>, settings: &Settings) -> Result<(), StoreError> {
    let fields = |settings: &Settings| -> Result<Fields, StoreError> {
        serde_json::to_value(settings)
            .and_then(serde_json::from_value)
            .map_err(|error| StoreError::Backend(error.into()))
    };
    let before = fields(&read(tx)?)?;
    let now = tx.now().as_micros();
    for (name, value) in fields(settings)? {
        if before.get(&name) != Some(&value) {
            tx.execute(
                "INSERT INTO settings (name, value, updated_at) VALUES ($1, $2, $3)
                 ON CONFLICT (name) DO UPDATE
                 SET value = excluded.value, updated_at = excluded.updated_at",
                &[&name, &value.to_string(), &now],
            )?;
        }
    }
    Ok(())
}
