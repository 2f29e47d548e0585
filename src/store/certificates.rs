//! Certificates and what belongs to them, as sealed papers by name. What they say is not known here.

use crate::db::{ReadTx, WriteTx};

use super::StoreError;

const WHY_QUIET: &str = "the papers of the connection are no change of the site";

pub fn read(tx: &mut ReadTx<'_>, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT sealed FROM papers WHERE name = $1";
    tx.query_opt(sql, &[&name], |row| row.get(0))
}

pub fn write(tx: &mut WriteTx<'_>, name: &str, sealed: &[u8]) -> Result<(), StoreError> {
    tx.quiet(WHY_QUIET);
    let now = tx.now().as_micros();
    tx.execute(
        "INSERT INTO papers (name, sealed, updated_at) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE
         SET sealed = excluded.sealed, updated_at = excluded.updated_at",
        &[&name, &sealed, &now],
    )?;
    Ok(())
}
