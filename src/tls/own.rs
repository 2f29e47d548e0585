//! Certificate files of the owner's, read again when they change. A pair that does not fit together, as
//! it is for a moment while both are replaced, changes nothing.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::certificate::{Certificate, CertificateError};

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
