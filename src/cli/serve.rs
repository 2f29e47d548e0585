//! `inkstand serve`: the site, until told to stop.

use std::path::Path;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use crate::app::sample;
use crate::boot::{self, Appliance, Dev};
use crate::config::Flag;

use super::{Common, Failure};

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Where to listen, like 127.0.0.1:8080
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// For working on Inkstand: templates from the source tree, sample posts, an admin whose
    /// password is printed
    #[arg(long)]
    dev: bool,
    /// Log the plan of every SQL statement once
    #[arg(long)]
    plans: bool,
}

impl Serve {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let listen = self
            .listen
            .map(|address| Flag::named("--listen", "listen", address));
        let config = common.load(listen.into_iter().collect())?;
        boot::start_telemetry(&config, self.plans)?;
        let app = boot::open_app(&config, self.plans)?;
        tracing::info!(engine = app.db.engine_name(), data = %config.data_dir.display(), "the store is open");
        let dev = self.dev.then(|| Dev {
            assets: source_assets(),
        });
        if self.dev
            && let Some(password) = sample::fill(&app)?
        {
            println!("Admin: {}  password: {password}", sample::ADMIN_EMAIL);
        }
        let appliance = Appliance::build(config, app, dev.as_ref())?;
        for address in appliance.addresses() {
            println!("Inkstand is at http://{address}/");
        }
        if let Some(address) = appliance.metrics_address() {
            println!("Metrics are at http://{address}/metrics");
        }
        // The workers have runtimes of their own; this one accepts, and runs the jobs.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let local = tokio::task::LocalSet::new();
        local.block_on(&runtime, async move {
            let stop = asked_to_stop()?;
            Ok(appliance.run_until(stop).await?)
        })
    }
}

/// The assets of the source tree this binary was built in, if it is still there.
fn source_assets() -> Option<std::path::PathBuf> {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    assets.is_dir().then_some(assets)
}

/// Resolves at SIGTERM or SIGINT.
fn asked_to_stop() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("told to stop; finishing what is under way");
    })
}
