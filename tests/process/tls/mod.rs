//! Encryption and certificates, against Pebble and against issuers that are out of order.

mod crashes;
mod faulty;
mod front;
mod issuing;
mod own;
mod pebble;
mod reader;

use std::net::{Ipv4Addr, SocketAddr};

use pebble::{Pebble, text};
use reader::Reader;

use crate::site::{Setup, eventually};

const NAME: &str = "blog.test";

/// A site called `blog.test` whose issuer is at this directory.
fn site_at(pebble: &Pebble, directory: &str) -> Setup {
    site_of(pebble, &[directory])
}

fn site_of(pebble: &Pebble, directories: &[&str]) -> Setup {
    let set = [
        format!("listen=127.0.0.1:{}", pebble.tls_port),
        format!("tls.redirect_listen=127.0.0.1:{}", pebble.http_port),
        format!("tls.issuers={}", directories.join(",")),
        format!("tls.issuer_root={}", text(&pebble.path("root.pem"))),
        "tls.staging=".to_owned(),
        "tls.retry_seconds=1".to_owned(),
    ];
    let mut setup = Setup::new().args(&["--domain", NAME]);
    for assignment in &set {
        setup = setup.args(&["--set", assignment]);
    }
    setup
}

/// A reader who believes what Pebble issues.
fn reader(pebble: &Pebble) -> Reader {
    let address: SocketAddr = (Ipv4Addr::LOCALHOST, pebble.tls_port).into();
    Reader::new(address, pebble.issued_roots())
}

/// Waits until the site is believed.
#[track_caller]
fn await_certificate(pebble: &Pebble) -> Reader {
    let reader = reader(pebble);
    eventually("the site has a certificate", || {
        reader
            .visit(NAME, "/")
            .ok()
            .filter(|visit| visit.status() == "200")
    });
    reader
}
