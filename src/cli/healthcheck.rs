//! `inkstand healthcheck`: asks a running site whether it is alive; for containers and scripts.

use std::time::Duration;

use clap::Args;

use crate::boot;

use super::{Common, Failure, misused};

const TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
pub(super) struct Healthcheck {
    /// Ask for readiness instead of life
    #[arg(long)]
    ready: bool,
}

impl Healthcheck {
    pub(super) fn run(self, common: Common) -> Result<(), Failure> {
        let config = common.load(Vec::new())?;
        let mut address = *config
            .listen
            .first()
            .ok_or_else(|| misused("inkstand: no address to listen on is configured"))?;
        if address.ip().is_unspecified() {
            address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
        }
        let path = if self.ready { "/readyz" } else { "/livez" };
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        let answer = if config.tls.is_on() {
            boot::ask_encrypted(&config, address, &request, TIMEOUT)?
        } else {
            boot::ask_plainly(address, &request, TIMEOUT)?
        };
        let status = answer.lines().next().unwrap_or_default();
        if status.starts_with("HTTP/1.1 200") {
            Ok(())
        } else {
            Err(Failure {
                message: format!("inkstand: {address} answers “{status}”"),
                code: super::FAILED,
            })
        }
    }
}
