//! Encryption for a site: what the configuration says of it, and where its papers lie.

use std::sync::Arc;

use metrics::gauge;

use super::{BootError, open_app};
use crate::app::{App, certificates as verbs};
use crate::config::Config;
use crate::domain::host::Host;
use crate::telemetry::catalogue;
use crate::telemetry::metrics::Metrics;
use crate::tls::{
    self, Asking, Files, Keeper, KeeperError, Overview, Papers, Seal, Standing, Vault, VaultError,
};
use crate::web::server::Aliases;

impl Vault for App {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, VaultError> {
        verbs::read(self, name).map_err(|error| vault_error(&error))
    }

    fn write(&self, name: &str, sealed: &[u8]) -> Result<(), VaultError> {
        verbs::write(self, name, sealed).map_err(|error| vault_error(&error))
    }

    fn lease(&self, holder: &str, seconds: u32) -> Result<bool, VaultError> {
        verbs::lease(self, holder, seconds).map_err(|error| vault_error(&error))
    }

    fn release(&self, holder: &str) -> Result<(), VaultError> {
        verbs::release(self, holder).map_err(|error| vault_error(&error))
    }
}

fn vault_error(error: &dyn std::error::Error) -> VaultError {
    let cause = error.source().map(|cause| format!(": {cause}"));
    VaultError(format!("{error}{}", cause.unwrap_or_default()))
}

/// `None`: somebody in front encrypts, or nobody.
pub(super) fn keeper(config: &Config, app: &App) -> Result<Option<Keeper>, KeeperError> {
    if !config.tls.is_on() {
        return Ok(None);
    }
    let papers = Papers::new(Arc::new(app.clone()), Seal::find(&config.data_dir)?);
    Keeper::open(options(config), papers).map(Some)
}

/// How it stands with the certificates, as the store knows it; for commands beside a running site.
pub fn certificates(config: &Config) -> Result<Vec<Standing>, BootError> {
    if !Seal::exists(&config.data_dir) {
        return Ok(Vec::new());
    }
    let app = open_app(config, false)?;
    let seal = Seal::find(&config.data_dir).map_err(KeeperError::from)?;
    let papers = Papers::new(Arc::new(app), seal);
    Ok(tls::look(&papers).map_err(KeeperError::from)?)
}

/// What is measured is looked up when somebody reads it.
pub(super) fn measure(metrics: &Metrics, overview: Overview) {
    metrics.on_read(move || {
        for standing in overview.standings() {
            let host = standing.host;
            if let Some(days) = standing.days_left {
                // No certificate lives long enough to be miscounted.
                let days = i32::try_from(days).unwrap_or(i32::MAX);
                gauge!(catalogue::TLS_DAYS_LEFT, "host" => host.clone()).set(days);
            }
            let is_well = if standing.problem.is_some() { 0.0 } else { 1.0 };
            gauge!(catalogue::TLS_LAST_RESULT, "host" => host).set(is_well);
        }
    });
}

/// Names after the first lead to it.
pub(super) fn aliases(config: &Config) -> Option<Aliases> {
    let (_, further) = config.tls.domains.split_first()?;
    Some(Aliases {
        names: further.iter().map(Host::in_url).collect(),
        base_url: config.base_url().to_string(),
    })
}

/// The names certificates are for, the one the site is known by first.
pub(super) fn hosts(config: &Config) -> Vec<Host> {
    match &config.tls.domains[..] {
        [] => first_host(config).into_iter().collect(),
        domains => domains.to_vec(),
    }
}

/// The owner's own certificate, if there is one.
pub(super) fn files(config: &Config) -> Option<Files> {
    let given = &config.tls;
    let files = given.certificate.clone().zip(given.key.clone());
    files.map(|(certificate, key)| Files { certificate, key })
}

fn options(config: &Config) -> tls::Options {
    let given = &config.tls;
    tls::Options {
        hosts: hosts(config),
        files: files(config),
        insist_seconds: given.hsts_seconds,
        issuers: given.issuers.clone(),
        staging: given.staging.clone(),
        issuer_root: given.issuer_root.clone(),
        asking: Asking {
            contact: given.contact.clone(),
            external_account: given
                .external_account
                .as_ref()
                .map(|key| key.expose().to_owned()),
            profile: given.profile.clone(),
            preferred_chain: given.preferred_chain.clone(),
        },
        retry_seconds: given.retry_seconds,
        hook: given.hook.clone(),
    }
}

/// The name the site is known by, for which there always is some certificate.
pub(super) fn first_host(config: &Config) -> Option<Host> {
    let base_url = config.base_url();
    config
        .tls
        .domains
        .first()
        .cloned()
        .or_else(|| host_in(base_url.as_str()))
}

fn host_in(base_url: &str) -> Option<Host> {
    let (_, rest) = base_url.split_once("://")?;
    let authority = rest.split('/').next()?;
    let name = match authority.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => name,
        _ => authority,
    };
    Host::parse(name).ok()
}
