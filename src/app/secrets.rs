//! Passwords and random secrets: how they are made, kept and checked.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::Error;
use crate::domain::password;

/// OWASP's floor for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SECRET_BYTES: usize = 32;

/// Password work that may wait at the gate; whoever comes later is asked to come again.
const MAX_WAITING: usize = 16;

/// Lets one password be worked on at a time, so that sign-ins take a bounded share of memory and
/// processor whatever knocks at the door.
#[derive(Debug, Default)]
pub struct PasswordGate {
    waiting: AtomicUsize,
    turn: Mutex<()>,
}

impl PasswordGate {
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> Result<T, Error> {
        struct Place<'a>(&'a AtomicUsize);
        impl Drop for Place<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::Relaxed);
            }
        }
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _place = Place(&self.waiting);
        if before >= MAX_WAITING {
            return Err(Error::RateLimited {
                retry_after_seconds: 2,
            });
        }
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(work())
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// `known` is what anybody knows of the person and the site: a password must be none of it.
pub fn hash_password(password: &str, known: &[&str]) -> Result<String, Error> {
    password::check(password, known).map_err(|weakness| Error::invalid("password", weakness))?;
    let hash = argon2()
        .hash_password(password.as_bytes())
        .map_err(|error| Error::internal(error.to_string()))?;
    Ok(hash.to_string())
}

/// Takes as long when there is no hash, so that an answer's time does not tell who has an account.
pub fn verify_password(password: &str, hash: Option<&str>) -> bool {
    if password.len() > password::MAX_BYTES {
        return false;
    }
    let Some(hash) = hash.and_then(|hash| argon2::PasswordHash::new(hash).ok()) else {
        let _ = argon2().hash_password(password.as_bytes());
        return false;
    };
    argon2().verify_password(password.as_bytes(), &hash).is_ok()
}

/// Bytes nobody can guess.
pub fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], Error> {
    let mut bytes = [0_u8; LENGTH];
    getrandom::fill(&mut bytes).map_err(|error| Error::internal(error.to_string()))?;
    Ok(bytes)
}

/// A secret nobody can guess, in letters that fit into an address.
pub fn new_secret() -> Result<String, Error> {
    Ok(URL_SAFE_NO_PAD.encode(random::<SECRET_BYTES>()?))
}

/// What the store keeps of a secret. The secret is random, so a plain hash is enough.
pub fn digest(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_its_hash_and_no_other() {
        let hash = hash_password("correct horse", &[]).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify_password("correct horse", Some(&hash)));
        assert!(!verify_password("correct hors", Some(&hash)));
        assert!(!verify_password("correct horse", None));
        assert!(!verify_password("correct horse", Some("damaged")));
    }

    #[test]
    fn short_passwords_are_refused() {
        assert!(matches!(
            hash_password("1234567", &[]),
            Err(Error::Invalid(_))
        ));
    }

    #[test]
    fn secrets_differ() {
        assert_ne!(new_secret().unwrap(), new_secret().unwrap());
    }
}
