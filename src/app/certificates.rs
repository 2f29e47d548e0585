//! Keeping certificates and what belongs to them, and the lease for ordering them. The site itself does
//! this, not people, so no actor is asked for.

use crate::store;

use super::{App, Error};

const LEASE: &str = "certificates";

pub fn read(app: &App, name: &str) -> Result<Option<Vec<u8>>, Error> {
    Ok(app.db.read(|tx| store::certificates::read(tx, name))?)
}

pub fn write(app: &App, name: &str, sealed: &[u8]) -> Result<(), Error> {
    Ok(app
        .db
        .write(|tx| store::certificates::write(tx, name, sealed))?)
}

/// Takes the lease or keeps it; says whether it is the holder's now.
pub fn lease(app: &App, holder: &str, seconds: u32) -> Result<bool, Error> {
    let taken = app
        .db
        .write(|tx| store::leases::try_take(tx, LEASE, holder, seconds));
    Ok(taken?)
}

pub fn release(app: &App, holder: &str) -> Result<(), Error> {
    app.db
        .write(|tx| store::leases::release(tx, LEASE, holder))?;
    Ok(())
}
