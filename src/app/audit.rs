//! Reading the record of sensitive acts, and letting go of what is old.

use crate::db::ReadTx;
use crate::domain::actor::{Act, Actor};
use crate::domain::audit::AuditEntry;
use crate::domain::id::{AuditId, UserId};
use crate::domain::place::{Place, Stretch};
use crate::domain::time::Timestamp;
use crate::store;
use crate::store::audit::Sought;

use super::{App, Error, require};

const SECONDS_A_DAY: i64 = 24 * 3600;

/// What is asked for; without either, everything.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub user: Option<UserId>,
    pub act: Option<String>,
}

/// What was done, the last first.
pub fn list(
    app: &App,
    actor: &Actor,
    filter: &Filter,
    limit: u32,
    offset: u32,
) -> Result<Vec<AuditEntry>, Error> {
    require(actor, Act::SeeAuditLog)?;
    let read = |tx: &mut ReadTx<'_>| match (&filter.act, filter.user) {
        (Some(act), user) => store::audit::of_act(tx, act, user, limit, offset),
        (None, Some(user)) => store::audit::of_user(tx, user, limit, offset),
        (None, None) => store::audit::newest(tx, limit, offset),
    };
    Ok(app.db.read(read)?)
}

/// What of the log is asked for over the API.
#[derive(Debug, Clone, Default)]
pub struct Period {
    pub filter: Filter,
    /// From this moment on.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub before: Option<Timestamp>,
}

/// What was done in a time, the last first.
pub fn older(
    app: &App,
    actor: &Actor,
    period: &Period,
    after: Place,
    limit: u32,
) -> Result<Stretch<AuditEntry>, Error> {
    require(actor, Act::SeeAuditLog)?;
    let end = Timestamp::from_micros(after.key);
    let before = match period.before {
        Some(before) if before <= end => (before, AuditId::from_i64(i64::MIN)),
        _ => (end, AuditId::from_i64(after.id)),
    };
    let sought = Sought {
        act: period.filter.act.as_deref(),
        user: period.filter.user,
        since: period.since.unwrap_or(Timestamp::from_micros(i64::MIN)),
        before,
    };
    let found = app
        .db
        .read(|tx| store::audit::older(tx, sought, limit + 1))?;
    let place = |entry: &AuditEntry| Place::behind(entry.at, entry.id.as_i64());
    Ok(Stretch::of(found, limit, place))
}

/// Drops what was done more than `keep_days` ago; says how many entries that were.
pub fn forget(app: &App, keep_days: u32) -> Result<u64, Error> {
    let before = app.db.clock().now();
    let before = before.plus_seconds(-i64::from(keep_days) * SECONDS_A_DAY);
    Ok(app.db.write(|tx| store::audit::forget(tx, before))?)
}
