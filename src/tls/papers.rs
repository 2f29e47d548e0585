//! What is kept from start to start: keys, certificates, accounts, orders. Sealed with a key that the
//! database does not hold, so that a copy of the database alone gives nobody our certificates.

use std::fmt;
use std::io;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use serde::Serialize;
use serde::de::DeserializeOwned;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
const KEY_FILE: &str = "secrets.key";
/// The name of a systemd credential that takes the key file's place.
const CREDENTIAL: &str = "inkstand.key";

/// Where papers lie. Blocks.
pub trait Vault: fmt::Debug + Send + Sync {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, VaultError>;
    fn write(&self, name: &str, sealed: &[u8]) -> Result<(), VaultError>;
    /// Takes the right to order certificates, or keeps it; says whether it is the holder's now.
    fn lease(&self, holder: &str, seconds: u32) -> Result<bool, VaultError>;
    fn release(&self, holder: &str) -> Result<(), VaultError>;
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct VaultError(pub String);

#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    #[error("the store does not keep certificates: {0}")]
    Vault(#[from] VaultError),
    #[error("“{0}” cannot be sealed")]
    Seal(String),
    #[error("“{0}” cannot be written: {1}")]
    Form(String, serde_json::Error),
    #[error("the key file {path} cannot be used: {source}")]
    KeyFile { path: String, source: io::Error },
    #[error("the system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
    #[error("work was broken off")]
    BrokenOff,
}

/// The seal.
#[derive(Clone)]
pub struct Seal(XChaCha20Poly1305);

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal")
    }
}

/// Where the key is.
fn place(data_dir: &Path) -> PathBuf {
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY");
    let credential = credentials.map(|folder| Path::new(&folder).join(CREDENTIAL));
    let credential = credential.filter(|path| path.is_file());
    credential.unwrap_or_else(|| data_dir.join(KEY_FILE))
}

impl Seal {
    /// Something was sealed here before.
    pub fn exists(data_dir: &Path) -> bool {
        place(data_dir).is_file()
    }

    /// The key of the service manager, else the one in the data directory, made when it is not there.
    pub fn find(data_dir: &Path) -> Result<Self, PaperError> {
        let path = place(data_dir);
        Self::read(&path).map_err(|source| PaperError::KeyFile {
            path: path.display().to_string(),
            source,
        })
    }

    fn read(path: &Path) -> io::Result<Self> {
        match std::fs::read(path) {
            Ok(key) => {
                let facts = std::fs::metadata(path)?;
                let others = facts.permissions().mode() & 0o077;
                // A credential belongs to the service manager, which sees to who reads it.
                if others != 0 && !path.ends_with(CREDENTIAL) {
                    std::fs::set_permissions(path, PermissionsExt::from_mode(0o600))?;
                }
                let short = || io::Error::other("it must hold exactly 32 bytes");
                let key = <[u8; KEY_BYTES]>::try_from(key).map_err(|_| short())?;
                Ok(Self(XChaCha20Poly1305::new(&key.into())))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Self::make(path)?;
                Self::read(path)
            }
            Err(error) => Err(error),
        }
    }

    /// All of it or nothing, and never over one that is there: two servers may start at once.
    fn make(path: &Path) -> io::Result<()> {
        let mut key = [0; KEY_BYTES];
        getrandom::fill(&mut key).map_err(io::Error::other)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let file = tempfile::Builder::new().make_in(folder, |path| {
            let mut options = std::fs::OpenOptions::new();
            options.write(true).create_new(true).mode(0o600).open(path)
        })?;
        io::Write::write_all(&mut file.as_file(), &key)?;
        file.as_file().sync_all()?;
        match file.persist_noclobber(path) {
            Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
            _ => std::fs::File::open(folder)?.sync_all(),
        }
    }

    fn seal(&self, name: &str, plain: &[u8]) -> Result<Vec<u8>, PaperError> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce)?;
        let payload = Payload {
            msg: plain,
            aad: name.as_bytes(),
        };
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| PaperError::Seal(name.to_owned()))?;
        Ok([&nonce[..], &sealed].concat())
    }

    fn open(&self, name: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES)?;
        let nonce = <[u8; NONCE_BYTES]>::try_from(nonce).ok()?;
        let payload = Payload {
            msg: sealed,
            aad: name.as_bytes(),
        };
        self.0.decrypt(&XNonce::from(nonce), payload).ok()
    }
}

/// Papers by name; clones share them.
#[derive(Debug, Clone)]
pub struct Papers {
    vault: Arc<dyn Vault>,
    seal: Seal,
}

impl Papers {
    pub fn new(vault: Arc<dyn Vault>, seal: Seal) -> Self {
        Self { vault, seal }
    }

    /// A paper that cannot be read is none: it is made anew rather than let stand in the way.
    pub(super) fn get_now<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, PaperError> {
        let Some(sealed) = self.vault.read(name)? else {
            return Ok(None);
        };
        let plain = self.seal.open(name, &sealed);
        let read = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
        if read.is_none() {
            let advice =
                "put back the secrets.key of the time it was written; until then it is made anew";
            tracing::error!(
                name,
                advice,
                "a paper was sealed with another key or is damaged"
            );
        }
        Ok(read)
    }

    pub(super) fn put_now(&self, name: &str, value: &impl Serialize) -> Result<(), PaperError> {
        let plain = serde_json::to_vec(value);
        let plain = plain.map_err(|error| PaperError::Form(name.to_owned(), error))?;
        Ok(self.vault.write(name, &self.seal.seal(name, &plain)?)?)
    }

    pub(super) async fn get<T>(&self, name: &str) -> Result<Option<T>, PaperError>
    where
        T: DeserializeOwned + Send + 'static,
    {
        let (papers, name) = (self.clone(), name.to_owned());
        aside(move || papers.get_now(&name)).await
    }

    pub(super) async fn put<T>(&self, name: &str, value: &T) -> Result<(), PaperError>
    where
        T: Serialize + Clone + Send + 'static,
    {
        let (papers, name, value) = (self.clone(), name.to_owned(), value.clone());
        aside(move || papers.put_now(&name, &value)).await
    }

    pub(super) async fn lease(&self, holder: &str, seconds: u32) -> Result<bool, PaperError> {
        let (vault, holder) = (Arc::clone(&self.vault), holder.to_owned());
        aside(move || Ok(vault.lease(&holder, seconds)?)).await
    }

    pub(super) async fn release(&self, holder: &str) -> Result<(), PaperError> {
        let (vault, holder) = (Arc::clone(&self.vault), holder.to_owned());
        aside(move || Ok(vault.release(&holder)?)).await
    }
}

async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PaperError> + Send + 'static,
) -> Result<T, PaperError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| PaperError::BrokenOff)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_is_the_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let first = Seal::find(folder.path()).unwrap();
        let file = folder.path().join(KEY_FILE);
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&file), 0o600);
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
        let again = Seal::find(folder.path()).unwrap();
        assert_eq!(mode(&file), 0o600);
        let sealed = first.seal("a", b"secret").unwrap();
        assert_eq!(again.open("a", &sealed).unwrap(), b"secret");
        assert_eq!(again.open("b", &sealed), None, "a paper keeps its name");
        let other = tempfile::tempdir().unwrap();
        assert_eq!(Seal::find(other.path()).unwrap().open("a", &sealed), None);
        std::fs::write(&file, "short").unwrap();
        assert!(Seal::find(folder.path()).is_err());
    }
}
