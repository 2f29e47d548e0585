//! What systemd is told, if it asked to be: ready, reloading, stopping, alive.

use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

#[derive(Debug, Default)]
pub(super) struct Notify {
    socket: Option<(UnixDatagram, SocketAddr)>,
    /// How often it wants to hear that we are alive.
    pub(super) watchdog: Option<Duration>,
}

impl Notify {
    /// As the environment says.
    pub(super) fn of_environment() -> Self {
        let text = |name| std::env::var(name).ok();
        let socket = text("NOTIFY_SOCKET").and_then(|path| {
            let address = match path.strip_prefix('@') {
                Some(name) => SocketAddr::from_abstract_name(name),
                None => SocketAddr::from_pathname(&path),
            };
            Some((UnixDatagram::unbound().ok()?, address.ok()?))
        });
        let ours = text("WATCHDOG_PID").is_none_or(|pid| pid == std::process::id().to_string());
        let micros = text("WATCHDOG_USEC").and_then(|micros| micros.parse().ok());
        let watchdog = micros.filter(|_| ours && socket.is_some());
        Self {
            // Half the time, so that one late word does no harm.
            watchdog: watchdog.map(|micros: u64| Duration::from_micros(micros / 2)),
            socket,
        }
    }

    fn say(&self, text: &str) {
        if let Some((socket, address)) = &self.socket {
            // Nobody there to hear it is no reason to stop serving.
            let _ = socket.send_to_addr(text.as_bytes(), address);
        }
    }

    pub(super) fn ready(&self, status: &str) {
        self.say(&format!("READY=1\nSTATUS={status}"));
    }

    pub(super) fn status(&self, status: &str) {
        self.say(&format!("STATUS={status}"));
    }

    pub(super) fn reloading(&self) {
        let now = clock_gettime(ClockId::CLOCK_MONOTONIC).map(Duration::from);
        let micros = now.unwrap_or_default().as_micros();
        self.say(&format!("RELOADING=1\nMONOTONIC_USEC={micros}"));
    }

    pub(super) fn stopping(&self) {
        self.say("STOPPING=1\nSTATUS=Finishing what is under way");
    }

    pub(super) fn alive(&self) {
        self.say("WATCHDOG=1");
    }
}
