//! `inkstand selfcheck`: opens a data directory, brings its database up to date, and asks itself for a page,
//! a search and a write. An update runs it on a copy before anything is changed.

use crate::boot::{self, Appliance};
use crate::launcher::Sockets;

use super::output::say;
use super::{Common, Failure};

pub(super) fn run(common: Common) -> Result<(), Failure> {
    let config = common.load(Vec::new())?;
    let app = boot::open_app(&config, false)?;
    let appliance = Appliance::build(config, app, Sockets::default(), None)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async move {
        appliance.open().await?.probe().await?;
        say(format!("{} works here", crate::domain::VERSION))
    })
}
