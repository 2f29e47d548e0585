//! The listening addresses: free for the next start, or held by the site itself.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use nix::errno::Errno;

use crate::launcher;

use super::reach::{self, Reached};
use super::{Said, Scene, failure, ok, warning};

const ASKING: Duration = Duration::from_secs(5);

pub(super) fn look(scene: &Scene) -> Vec<Said> {
    let config = &scene.config;
    let site = config.listen.iter().map(|address| (*address, "the site"));
    let redirect = config.tls.redirect_listen.iter();
    let redirect = redirect.map(|address| (*address, "sending visitors on to https"));
    let metrics = config
        .metrics
        .listen
        .iter()
        .map(|address| (*address, "metrics"));
    let all = site.chain(redirect).chain(metrics);
    let all = all.map(|(address, what)| one(scene, address, what));
    all.collect()
}

fn one(scene: &Scene, address: SocketAddr, what: &str) -> Said {
    match launcher::bind(address) {
        Ok(_) if address.port() == 0 => ok(format!("Any free port serves {what}")),
        Ok(_) if scene.is_running() => warning(
            format!(
                "{address} is free, although the site runs: it listens somewhere else for {what}"
            ),
            "Say “inkstand reload”, or give this command the options the site was started with",
        ),
        Ok(_) => ok(format!("{address} is free for {what}")),
        Err(error) => refused(scene, address, what, &error),
    }
}

fn refused(scene: &Scene, address: SocketAddr, what: &str, error: &io::Error) -> Said {
    let port = address.port();
    match error.kind() {
        io::ErrorKind::AddrInUse if scene.is_running() => {
            match reach::at(&scene.config, address, ASKING) {
                Reached::Inkstand => ok(format!("{address} is the site's own, for {what}")),
                // Only the site's own addresses are sure to answer so.
                _ if what != "the site" => {
                    ok(format!("{address} is in use, as it is to be, for {what}"))
                }
                Reached::Other(answer) => failure(
                    format!("Something else answers at {address}: {answer}"),
                    format!(
                        "See who it is (ss -ltnp 'sport = :{port}'), and end it or choose another address"
                    ),
                ),
                Reached::Nothing(why) => failure(
                    format!("The site runs and does not answer at {address}: {why}"),
                    "Look at “inkstand status” and the log; “inkstand reload” puts a new server in its place",
                ),
            }
        }
        io::ErrorKind::AddrInUse => failure(
            format!("Something else listens at {address}, which is for {what}"),
            format!(
                "See who it is (ss -ltnp 'sport = :{port}'), and end it or choose another address"
            ),
        ),
        io::ErrorKind::PermissionDenied => failure(
            format!("This user may not listen at {address}, which is for {what}"),
            "Ports below 1024 need a right: AmbientCapabilities=CAP_NET_BIND_SERVICE in the service, or setcap \
             cap_net_bind_service=+ep on the program",
        ),
        _ if error.raw_os_error() == Some(Errno::EADDRNOTAVAIL as i32) => failure(
            format!("{address} is no address of this machine"),
            "Listen at one of those that “ip address” shows, or at [::] for all",
        ),
        _ => failure(
            format!("{address} cannot be listened at: {error}"),
            "Choose another address for the option “listen”",
        ),
    }
}
