//! The process that never changes: it holds the listening sockets, starts the server beside itself,
//! and replaces it without anybody being refused. A crash, a reload and an update are the same to it:
//! start a server, wait until it is ready, let the old one finish, see to its end.
//!
//! One thread, no runtime, no database; nothing that comes from the network is read here.

mod child;
mod control;
mod link;
mod listeners;
mod notify;
mod succession;
mod supervisor;

use std::ffi::OsString;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use control::Control;
use succession::Estate;
use supervisor::Launcher;

pub use control::ask;
pub use link::{Beginning, Link, News, Sockets, Start};
pub use listeners::bind;

/// What is to be run, read anew for each reload.
#[derive(Debug, Clone)]
pub struct Plan {
    pub listen: Vec<SocketAddr>,
    /// Where visitors in clear are sent on to where they are encrypted.
    pub redirect: Vec<SocketAddr>,
    /// The site is served encrypted.
    pub is_encrypted: bool,
    pub metrics: Option<SocketAddr>,
    /// For a new server to get ready.
    pub ready_time: Duration,
    /// For a new version to prove itself.
    pub trial_time: Duration,
    /// For an old one to answer what it has.
    pub drain_time: Duration,
}

#[derive(Debug)]
pub struct Options<K> {
    /// Words for the server.
    pub arguments: Vec<OsString>,
    pub data_dir: PathBuf,
    /// Sockets that were opened before us, by systemd.
    pub inherited: Vec<TcpListener>,
    /// Another launcher ran in this process until now, and has left what it had.
    pub takes_over: bool,
    pub keeper: K,
}

/// The program to be started now.
#[derive(Debug, Clone)]
pub struct Program {
    pub path: PathBuf,
    pub version: String,
    /// It is new, and has to prove itself.
    pub is_on_trial: bool,
}

/// Who knows what is to be run; asked before each start. Errors are for people.
pub trait Keeper {
    fn plan(&mut self) -> Result<Plan, String>;
    /// Counts the start of a version on trial before it happens.
    fn program(&mut self) -> Program;
    /// The version on trial has served long enough without a fault.
    fn proved(&mut self);
    /// Puts the version before in the place of the current one.
    fn roll_back(&mut self) -> Result<(), String>;
    /// The program of the version that serves, and the words to start it with in the launcher's own
    /// place; `None` where that has failed before.
    fn successor(&mut self) -> Option<(PathBuf, Vec<OsString>)>;
    /// This program holds in the launcher's place.
    fn settled(&mut self);
}

#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    #[error("{address} cannot be listened on: {source}; is something else using it?")]
    Listen {
        address: SocketAddr,
        source: io::Error,
    },
    #[error("{0}")]
    Plan(String),
    #[error("the server cannot be started: {0}")]
    Start(io::Error),
    #[error("the system refuses what the launcher needs: {0}")]
    System(#[from] io::Error),
    /// It has said why.
    #[error("the server has ended before it was ready")]
    NotReady { code: u8 },
}

impl From<Errno> for LaunchError {
    fn from(error: Errno) -> Self {
        Self::System(error.into())
    }
}

/// Runs the site until it is told to stop.
pub fn run(options: Options<impl Keeper>) -> Result<(), LaunchError> {
    let mut mask = SigSet::empty();
    for signal in [
        Signal::SIGTERM,
        Signal::SIGINT,
        Signal::SIGHUP,
        Signal::SIGCHLD,
    ] {
        mask.add(signal);
    }
    mask.thread_block()?;
    let signals = SignalFd::with_flags(&mask, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?;
    if options.takes_over {
        let estate = Estate::take()?;
        return Launcher::new(options, signals)?.take_over(estate)?.go_on();
    }
    let mut launcher = Launcher::new(options, signals)?;
    launcher.control = Control::open(&launcher.data_dir)
        .inspect_err(|error| tracing::warn!(%error, "commands cannot reach this launcher"))
        .ok();
    launcher.start()?;
    launcher.go_on()
}
