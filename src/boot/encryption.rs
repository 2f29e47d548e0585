//! Encryption for a site: what the configuration says of it, and where its papers lie.

use std::sync::Arc;

use crate::app::{App, certificates};
use crate::config::Config;
use crate::domain::host::Host;
use crate::tls::{
    self, Asking, Files, Keeper, KeeperError, PaperError, Papers, Seal, Standing, Vault, VaultError,
};

impl Vault for App {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, VaultError> {
        certificates::read(self, name).map_err(|error| vault_error(&error))
    }

    fn write(&self, name: &str, sealed: &[u8]) -> Result<(), VaultError> {
        certificates::write(self, name, sealed).map_err(|error| vault_error(&error))
    }

    fn lease(&self, holder: &str, seconds: u32) -> Result<bool, VaultError> {
        certificates::lease(self, holder, seconds).map_err(|error| vault_error(&error))
    }

    fn release(&self, holder: &str) -> Result<(), VaultError> {
        certificates::release(self, holder).map_err(|error| vault_error(&error))
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
pub(super) fn standings(config: &Config, app: &App) -> Result<Vec<Standing>, PaperError> {
    let papers = Papers::new(Arc::new(app.clone()), Seal::find(&config.data_dir)?);
    tls::look(&papers, &config.tls.domains)
}

fn options(config: &Config) -> tls::Options {
    let given = &config.tls;
    let files = given.certificate.clone().zip(given.key.clone());
    tls::Options {
        hosts: given.domains.clone(),
        files: files.map(|(certificate, key)| Files { certificate, key }),
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

/// The name under which the server looks itself up.
pub(super) fn own_host(base_url: &str) -> Option<Host> {
    let (_, host) = base_url.split_once("://")?;
    let name = host.split('/').next()?;
    let name = name
        .rsplit_once(':')
        .filter(|(_, port)| port.parse::<u16>().is_ok());
    Host::parse(name.map_or(host, |(name, _)| name)).ok()
}
