//! Certificate files of the owner's, read again when they change. A pair that does not fit together, as
//! it is for a moment while both are replaced, changes nothing.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::certificate::{Certificate, CertificateError};
use super::standing::Standing;
use crate::domain::host::Host;
use crate::domain::time::Timestamp;

#[derive(Debug, Clone)]
pub struct Files {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum FilesError {
    #[error("{} cannot be read: {source}; give it to the user that runs Inkstand", .path.display())]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{} and its key cannot be used: {source}", .path.display())]
    Unfit {
        path: PathBuf,
        source: CertificateError,
    },
}

/// How it stands with the owner's files; an error says why they cannot be used at all. Blocks.
pub fn look_at(files: &Files, hosts: &[Host], now: Timestamp) -> Result<Standing, String> {
    let certificate = Watched::new(files.clone()).read();
    let certificate = certificate.map_err(|error| error.to_string())?;
    let facts = &certificate.facts;
    let missing = hosts.iter().find(|host| !facts.is_shown_for(host));
    let name = hosts.first().map(ToString::to_string).unwrap_or_default();
    let mut standing = Standing::of(name, Some(&certificate), now);
    if facts.not_before > now {
        standing.is_good = false;
        standing.problem = Some("It is not valid yet; see whether the clock is right".to_owned());
    } else if let Some(host) = missing {
        let names = facts.names.join(", ");
        standing.problem = Some(format!("It is for {names}, not for {host}"));
    }
    Ok(standing)
}

/// When a file was changed last, and how long it is.
type Mark = Option<(SystemTime, u64)>;

#[derive(Debug)]
pub(super) struct Watched {
    files: Files,
    seen: Option<[Mark; 2]>,
}

impl Watched {
    pub(super) fn new(files: Files) -> Self {
        Self { files, seen: None }
    }

    /// What they hold, if that may have changed since the last look.
    pub(super) fn look(&mut self) -> Option<Result<Certificate, FilesError>> {
        let marks = [mark(&self.files.certificate), mark(&self.files.key)];
        if self.seen == Some(marks) {
            return None;
        }
        self.seen = Some(marks);
        Some(self.read())
    }

    fn read(&self) -> Result<Certificate, FilesError> {
        let text = |path: &Path| {
            let read = std::fs::read_to_string(path);
            read.map_err(|source| FilesError::Read {
                path: path.to_owned(),
                source,
            })
        };
        let (chain, key) = (text(&self.files.certificate)?, text(&self.files.key)?);
        let certificate = Certificate::from_pem(&chain, &key);
        certificate.map_err(|source| FilesError::Unfit {
            path: self.files.certificate.clone(),
            source,
        })
    }
}

fn mark(path: &Path) -> Mark {
    let facts = std::fs::metadata(path).ok()?;
    Some((facts.modified().ok()?, facts.len()))
}
