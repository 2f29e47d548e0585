//! The SQL, one file per noun, written once for both engines. A function takes a transaction and
//! answers one question or makes one change; which changes belong together is decided in `app`.
//!
//! The shared subset: `$1` parameters, `ON CONFLICT … DO UPDATE`, `RETURNING`, ids made by the
//! transaction, times as microseconds, JSON as text. Every query that readers wait for must walk an
//! index; one that may look at a whole table says `/* scan: why */` in its text.

pub mod answers;
pub mod audit;
pub mod certificates;
pub mod changes;
#[cfg(test)]
mod conformance;
pub mod deliveries;
pub mod departed;
pub mod entries;
pub mod followers;
pub mod grants;
pub mod invitations;
pub mod leases;
pub mod media;
pub mod missing;
pub mod origins;
pub mod passkeys;
pub mod pending;
pub mod posts;
pub mod previews;
pub mod redirects;
pub mod renditions;
pub mod revisions;
pub mod second_factors;
pub mod selection;
pub mod sessions;
pub mod settings;
pub mod tags;
pub mod timeline;
pub mod tokens;
pub mod translations;
pub mod users;
pub mod webhooks;

pub use crate::db::StoreError;

use crate::db::Row;

/// Reads a column that holds one of our own types as text. What is stored was valid when written,
/// so a failure is damage, not input.
fn parsed<T, E: std::fmt::Display>(
    row: &Row<'_>,
    index: usize,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, StoreError> {
    let text: String = row.get(index)?;
    parse(&text).map_err(|error| StoreError::Backend(format!("stored “{text}”: {error}").into()))
}

fn parsed_opt<T, E: std::fmt::Display>(
    row: &Row<'_>,
    index: usize,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, StoreError> {
    match row.get::<Option<String>>(index)? {
        None => Ok(None),
        Some(_) => parsed(row, index, parse).map(Some),
    }
}

/// Reads a column that holds one of a fixed set of words.
fn word<T>(
    row: &Row<'_>,
    index: usize,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, StoreError> {
    parsed(row, index, |text| parse(text).ok_or("not a known word"))
}

fn time(row: &Row<'_>, index: usize) -> Result<crate::domain::time::Timestamp, StoreError> {
    row.get(index)
        .map(crate::domain::time::Timestamp::from_micros)
}

fn time_opt(
    row: &Row<'_>,
    index: usize,
) -> Result<Option<crate::domain::time::Timestamp>, StoreError> {
    let micros: Option<i64> = row.get(index)?;
    Ok(micros.map(crate::domain::time::Timestamp::from_micros))
}

/// JSON columns: written and read as text.
fn to_json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Backend(error.into()))
}

fn from_json<T: serde::de::DeserializeOwned>(row: &Row<'_>, index: usize) -> Result<T, StoreError> {
    parsed(row, index, |text| serde_json::from_str(text))
}
