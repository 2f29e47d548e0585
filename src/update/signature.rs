//! Who vouches for what: Ed25519 signatures over the very bytes of a file, checked before anything in
//! it is read. A set of keys and how many of them must agree is a root; a root is replaced only by one
//! that enough of the old and enough of the new keys have signed.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::domain::text::hex;

pub const MAX_SIGNATURES_BYTES: usize = 64 * 1024;
const MAX_ROOT_BYTES: usize = 64 * 1024;
const KEY_ID_BYTES: usize = 8;

/// What a signature is about: one for a manifest says nothing of a root, whatever their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Manifest,
    Root,
}

impl Purpose {
    fn message(self, bytes: &[u8]) -> Vec<u8> {
        let prefix: &[u8] = match self {
            Self::Manifest => b"inkstand release manifest v1\n",
            Self::Root => b"inkstand root v1\n",
        };
        [prefix, bytes].concat()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("the signatures cannot be read: {0}")]
    Unreadable(String),
    #[error("{valid} of the keys that are trusted here have signed this, and {threshold} must")]
    BelowThreshold { valid: usize, threshold: usize },
    #[error("the set of keys cannot be read: {0}")]
    BadRoot(String),
    #[error("the set of keys has version {found}; after {known} comes {}", known + 1)]
    WrongRootVersion { known: u32, found: u32 },
    #[error("this is not a key: {0}")]
    BadKey(String),
}

pub struct SecretKey(SigningKey);

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

impl SecretKey {
    pub fn new() -> Result<Self, SignatureError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| SignatureError::BadKey(error.to_string()))?;
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    pub fn parse(text: &str) -> Result<Self, SignatureError> {
        Ok(Self(SigningKey::from_bytes(&thirty_two_bytes(text)?)))
    }

    /// For the file that keeps it; nothing else may see it.
    pub fn expose(&self) -> String {
        STANDARD.encode(self.0.to_bytes())
    }

    pub fn public(&self) -> String {
        STANDARD.encode(self.0.verifying_key().as_bytes())
    }
}

fn thirty_two_bytes(text: &str) -> Result<[u8; 32], SignatureError> {
    let bytes = STANDARD.decode(text.trim()).ok();
    let bytes = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    bytes.ok_or_else(|| SignatureError::BadKey("32 bytes in base64 are needed".to_owned()))
}

/// A public key as files have it.
pub fn public_key(text: &str) -> Result<VerifyingKey, SignatureError> {
    VerifyingKey::from_bytes(&thirty_two_bytes(text)?)
        .map_err(|error| SignatureError::BadKey(error.to_string()))
}

fn id_of(key: &VerifyingKey) -> String {
    hex(&Sha256::digest(key.as_bytes())[..KEY_ID_BYTES])
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Signatures(Vec<Entry>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    key: String,
    signature: String,
}

impl Signatures {
    pub fn parse(bytes: &[u8]) -> Result<Self, SignatureError> {
        if bytes.len() > MAX_SIGNATURES_BYTES {
            return Err(SignatureError::Unreadable("they are too long".to_owned()));
        }
        serde_json::from_slice(bytes).map_err(|error| SignatureError::Unreadable(error.to_string()))
    }

    /// Adds one by this key, in the place of an earlier one.
    pub fn sign(&mut self, purpose: Purpose, bytes: &[u8], key: &SecretKey) {
        let id = id_of(&key.0.verifying_key());
        let signature = key.0.sign(&purpose.message(bytes));
        self.0.retain(|entry| entry.key != id);
        self.0.push(Entry {
            key: id,
            signature: STANDARD.encode(signature.to_bytes()),
        });
    }

    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// How many different ones of the keys have signed these bytes.
    fn count(&self, purpose: Purpose, bytes: &[u8], keys: &[VerifyingKey]) -> usize {
        let message = purpose.message(bytes);
        let voted: HashSet<&[u8; 32]> = keys
            .iter()
            .filter(|key| {
                let id = id_of(key);
                let mut entries = self.0.iter().filter(|entry| entry.key == id);
                entries.any(|entry| {
                    let signature = STANDARD.decode(&entry.signature).ok();
                    let signature = signature.and_then(|bytes| Signature::from_slice(&bytes).ok());
                    signature.is_some_and(|given| key.verify_strict(&message, &given).is_ok())
                })
            })
            .map(VerifyingKey::as_bytes)
            .collect();
        voted.len()
    }
}

#[derive(Debug, Clone)]
pub struct Root {
    pub version: u32,
    keys: Vec<VerifyingKey>,
    threshold: usize,
}

#[derive(Debug, Serialize, Deserialize)]
struct RootFile {
    version: u32,
    threshold: usize,
    keys: Vec<String>,
}

impl Root {
    /// A root that is trusted because of where it comes from: the program itself, the owner's
    /// configuration, or our own disk.
    pub fn trusted(bytes: &[u8]) -> Result<Self, SignatureError> {
        if bytes.len() > MAX_ROOT_BYTES {
            return Err(SignatureError::BadRoot("it is too long".to_owned()));
        }
        let file: RootFile = serde_json::from_slice(bytes)
            .map_err(|error| SignatureError::BadRoot(error.to_string()))?;
        let keys = file.keys.iter().map(|key| public_key(key));
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        let different: HashSet<_> = keys.iter().map(VerifyingKey::as_bytes).collect();
        if different.len() != keys.len() {
            return Err(SignatureError::BadRoot(
                "a key stands in it twice".to_owned(),
            ));
        }
        if !(1..=keys.len()).contains(&file.threshold) {
            let why = format!("{} of {} keys cannot agree", file.threshold, keys.len());
            return Err(SignatureError::BadRoot(why));
        }
        Ok(Self {
            version: file.version,
            keys,
            threshold: file.threshold,
        })
    }

    /// The text of a root with these keys.
    pub fn text(
        version: u32,
        threshold: usize,
        keys: Vec<String>,
    ) -> Result<String, SignatureError> {
        let file = RootFile {
            version,
            threshold,
            keys,
        };
        let text = serde_json::to_string_pretty(&file).unwrap_or_default();
        Self::trusted(text.as_bytes()).map(|_| text)
    }

    pub fn vouches(
        &self,
        purpose: Purpose,
        bytes: &[u8],
        signatures: &Signatures,
    ) -> Result<(), SignatureError> {
        let valid = signatures.count(purpose, bytes, &self.keys);
        if valid >= self.threshold {
            Ok(())
        } else {
            let threshold = self.threshold;
            Err(SignatureError::BelowThreshold { valid, threshold })
        }
    }

    /// The root that takes this one's place, if enough of both keys want it.
    pub fn successor(&self, bytes: &[u8], signatures: &Signatures) -> Result<Self, SignatureError> {
        self.vouches(Purpose::Root, bytes, signatures)?;
        let next = Self::trusted(bytes)?;
        next.vouches(Purpose::Root, bytes, signatures)?;
        if next.version == self.version + 1 {
            Ok(next)
        } else {
            Err(SignatureError::WrongRootVersion {
                known: self.version,
                found: next.version,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys<const N: usize>() -> [SecretKey; N] {
        std::array::from_fn(|_| SecretKey::new().unwrap())
    }

    fn root(version: u32, threshold: usize, keys: &[&SecretKey]) -> (String, Root) {
        let public = keys.iter().map(|key| key.public()).collect();
        let text = Root::text(version, threshold, public).unwrap();
        let root = Root::trusted(text.as_bytes()).unwrap();
        (text, root)
    }

    fn signed(purpose: Purpose, text: &str, keys: &[&SecretKey]) -> Signatures {
        let mut signatures = Signatures::default();
        for key in keys {
            signatures.sign(purpose, text.as_bytes(), key);
        }
        Signatures::parse(signatures.to_json().as_bytes()).unwrap()
    }

    #[test]
    fn as_many_as_must_agree_have_to() {
        let [a, b, c, stranger] = keys();
        let (_, root) = root(1, 2, &[&a, &b, &c]);
        let counted = |keys: &[&SecretKey]| {
            root.vouches(
                Purpose::Manifest,
                b"text",
                &signed(Purpose::Manifest, "text", keys),
            )
        };
        assert!(counted(&[&a, &c]).is_ok());
        let below = |valid| {
            Err(SignatureError::BelowThreshold {
                valid,
                threshold: 2,
            })
        };
        assert_eq!(counted(&[&a]), below(1));
        assert_eq!(counted(&[&a, &a]), below(1));
        assert_eq!(counted(&[&a, &stranger]), below(1));
        assert_eq!(counted(&[]), below(0));
        let mut twice = signed(Purpose::Manifest, "text", &[&a]);
        twice.0.push(twice.0[0].clone());
        assert_eq!(root.vouches(Purpose::Manifest, b"text", &twice), below(1));
        let other = signed(Purpose::Root, "text", &[&a, &b]);
        assert_eq!(root.vouches(Purpose::Manifest, b"text", &other), below(0));
    }

    #[test]
    fn keys_are_replaced_by_old_and_new_together() {
        let [a, b, c, d] = keys();
        let (_, first) = root(1, 2, &[&a, &b]);
        let (text, _) = root(2, 2, &[&b, &c]);
        let by = |keys: &[&SecretKey]| signed(Purpose::Root, &text, keys);
        let second = first
            .successor(text.as_bytes(), &by(&[&a, &b, &c]))
            .unwrap();
        assert!(
            first.successor(text.as_bytes(), &by(&[&a, &b])).is_err(),
            "the new ones"
        );
        assert!(
            first.successor(text.as_bytes(), &by(&[&b, &c])).is_err(),
            "the old ones"
        );
        let (text, _) = root(3, 1, &[&d]);
        let by = signed(Purpose::Root, &text, &[&b, &c, &d]);
        assert_eq!(second.successor(text.as_bytes(), &by).unwrap().version, 3);
        let skipped = first.successor(
            text.as_bytes(),
            &signed(Purpose::Root, &text, &[&a, &b, &d]),
        );
        let wrong = SignatureError::WrongRootVersion { known: 1, found: 3 };
        assert_eq!(skipped.unwrap_err(), wrong);
    }

    #[test]
    fn sets_of_keys_that_make_no_sense_are_refused() {
        let [a] = keys();
        let key = a.public();
        assert!(Root::text(1, 0, vec![key.clone()]).is_err());
        assert!(Root::text(1, 2, vec![key.clone()]).is_err());
        assert!(Root::text(1, 2, vec![key.clone(), key]).is_err());
        assert!(Root::text(1, 1, vec!["short".to_owned()]).is_err());
        assert!(Root::trusted(b"{").is_err());
        assert!(Signatures::parse(&vec![b' '; MAX_SIGNATURES_BYTES + 1]).is_err());
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(64))]
        #[test]
        fn no_bit_can_be_changed(at in 0_usize..40, bit in 0_u8..8) {
            let [key] = keys();
            let (_, root) = root(1, 1, &[&key]);
            let text = "a manifest of exactly forty characters..";
            let signatures = signed(Purpose::Manifest, text, &[&key]);
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] ^= 1 << bit;
            assert!(root.vouches(Purpose::Manifest, text.as_bytes(), &signatures).is_ok());
            assert!(root.vouches(Purpose::Manifest, &bytes, &signatures).is_err());
            let mut raw = STANDARD.decode(&signatures.0[0].signature).unwrap();
            raw[at] ^= 1 << bit;
            let forged = Signatures(vec![Entry { signature: STANDARD.encode(raw), ..signatures.0[0].clone() }]);
            assert!(root.vouches(Purpose::Manifest, text.as_bytes(), &forged).is_err());
        }
    }
}
