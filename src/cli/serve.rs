//! `inkstand serve`: the site, until told to stop. Two processes: the launcher, which holds the sockets,
//! and the server, which does everything else and can be replaced.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use crate::app::sample;
use crate::boot::{self, Appliance, Dev};
use crate::config::{Config, Flag, LogFormat};
use crate::launcher::{self, Beginning, LaunchError, Link, News, Plan, Sockets, Start};

use super::output::mention;
use super::setup;
use super::versions::Versions;
use super::{Common, Failure};

/// Words for a server from its launcher.
const BENEATH: &str = "--beneath-launcher";
/// How often a server says that it is alive.
const BEAT: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch")]
pub(super) struct Serve {
    /// Where to listen, like 127.0.0.1:8080
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// The site's name, like blog.example.org: it is then served encrypted, with a certificate that is got
    /// by itself. Further names lead to the first
    #[arg(long, value_name = "NAME")]
    domain: Vec<String>,
    /// For working on Inkstand: templates from the source tree, sample posts, an admin whose
    /// password is printed
    #[arg(long)]
    dev: bool,
    /// Log the plan of every SQL statement once
    #[arg(long)]
    plans: bool,
    /// One process alone: it cannot be reloaded or updated while it serves
    #[arg(long)]
    single: bool,
    #[arg(long, hide = true, conflicts_with = "single")]
    beneath_launcher: bool,
    /// The program that was installed, from a launcher whose place this one takes
    #[arg(long, hide = true, conflicts_with = "beneath_launcher")]
    succeed: Option<PathBuf>,
}

impl Serve {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let listen = self.listen.clone();
        let listen = listen.map(|address| Flag::named("--listen", "listen", address));
        let domains = self.domain.iter();
        let domains = domains.map(|name| Flag::named("--domain", "tls.domains", name.clone()));
        let flags: Vec<Flag> = listen.into_iter().chain(domains).collect();
        let config = common.clone().load(flags.clone())?;
        boot::start_telemetry(&config, self.plans)?;
        if self.single {
            self.serve(&config, boot::bind(&config)?, None)
        } else if self.beneath_launcher {
            // Whoever is left without a launcher is nobody's server.
            nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL)?;
            let (link, mut start) = Link::take()?;
            let sockets = std::mem::take(&mut start.sockets);
            self.serve(&config, sockets, Some((Arc::new(link), start)))
        } else {
            launch(&config, self.succeed, move || {
                let again = common.clone().load(flags.clone());
                again.map_err(|failure| failure.message)
            })
        }
    }

    fn serve(
        &self,
        config: &Config,
        sockets: Sockets,
        link: Option<(Arc<Link>, Start)>,
    ) -> Result<(), Failure> {
        #[cfg(feature = "faults")]
        boot::fault::at_start();
        let app = boot::open_app(config, self.plans)?;
        tracing::info!(engine = app.db.engine_name(), data = %config.data_dir.display(), "the store is open");
        let dev = self.dev.then(|| Dev {
            assets: source_assets(),
        });
        if self.dev
            && let Some(password) = sample::fill(&app)?
        {
            mention(format!(
                "Admin: {}  password: {password}",
                sample::ADMIN_EMAIL
            ));
        }
        let claimable = app.clone();
        let appliance = Appliance::build(config.clone(), app, sockets, dev.as_ref())?;
        // A server that takes over from another has nothing to say that was not said.
        let is_first = link
            .as_ref()
            .is_none_or(|(_, start)| start.beginning == Beginning::First);
        if is_first {
            setup::at_start(&claimable, appliance.base_url())?;
        }
        // The workers have runtimes of their own; this one accepts, and runs the jobs.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let local = tokio::task::LocalSet::new();
        local.block_on(&runtime, async move {
            match link {
                None => {
                    announce(&appliance);
                    let open = appliance.open().await?;
                    Ok(open.run_until(asked_to_stop()?, false).await?)
                }
                Some((link, start)) => beneath(appliance, link, &start).await,
            }
        })
    }
}

/// Serves as the launcher says. It alone is asked to stop: a signal to the whole group reaches it, too.
async fn beneath(appliance: Appliance, link: Arc<Link>, start: &Start) -> Result<(), Failure> {
    let _ignored = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
        signal(SignalKind::hangup())?,
    );
    let open = appliance.open().await?;
    if let Err(error) = open.probe().await {
        // Where nobody serves, a server with a fault is better than none.
        match start.beginning {
            Beginning::Handover => return Err(error.into()),
            Beginning::First => tracing::error!(%error, "serving all the same"),
        }
    }
    link.say(&News::Ready(crate::domain::VERSION.to_owned()));
    let beating = Arc::clone(&link);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(BEAT).await;
            beating.say(&News::Beat);
        }
    });
    let stop = async move {
        // A thread of its own, because it waits for as long as the server lives.
        let (told, drain) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            link.wait_for_drain();
            let _ = told.send(());
        });
        let _ = drain.await;
        tracing::info!("finishing what is under way");
    };
    Ok(open.run_until(stop, start.is_on_trial).await?)
}

fn launch(
    config: &Config,
    succeeded: Option<PathBuf>,
    read: impl FnMut() -> Result<Config, String>,
) -> Result<(), Failure> {
    boot::make_data_dir(config)?;
    let mut words: Vec<_> = std::env::args_os().skip(1).collect();
    let takes_over = succeeded.is_some();
    if takes_over {
        // They come last; see `Versions::successor`.
        words.truncate(words.len().saturating_sub(2));
    }
    let mut arguments = words.clone();
    arguments.push(BENEATH.into());
    if config.log.format == LogFormat::Auto && std::io::IsTerminal::is_terminal(&std::io::stderr())
    {
        // The server writes into a pipe and cannot see who reads.
        arguments.extend(["--set", "log.format=text"].map(Into::into));
    }
    let options = launcher::Options {
        arguments,
        data_dir: config.data_dir.clone(),
        inherited: boot::inherited_sockets(),
        takes_over,
        keeper: Versions {
            installed: succeeded.map_or_else(std::env::current_exe, Ok)?,
            words,
            read,
        },
    };
    launcher::run(options).map_err(|error| match error {
        // The server has said why.
        LaunchError::NotReady { code } => Failure {
            message: String::new(),
            code: code.max(1),
        },
        error => error.into(),
    })
}

pub(super) fn plan(config: &Config) -> Plan {
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    Plan {
        listen: config.listen.clone(),
        redirect: config.tls.redirect_listen.clone(),
        is_encrypted: config.tls.is_on(),
        metrics: config.metrics.listen,
        ready_time: seconds(config.launcher.ready_seconds),
        trial_time: seconds(config.update.trial_seconds),
        drain_time: seconds(config.limits.drain_seconds),
    }
}

fn announce(appliance: &Appliance) {
    let scheme = appliance.scheme();
    for address in appliance.addresses() {
        mention(format!("Inkstand is at {scheme}://{address}/"));
    }
    for address in appliance.redirect_addresses() {
        mention(format!("Visitors are sent on from http://{address}/"));
    }
    if let Some(address) = appliance.metrics_address() {
        mention(format!("Metrics are at http://{address}/metrics"));
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
