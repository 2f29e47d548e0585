//! What a release says of itself. Exists only once enough of the trusted keys have vouched for its bytes.

use serde::{Deserialize, Serialize};

use super::signature::{Purpose, Root, SignatureError, Signatures};
use super::version::Version;

const MAX_MANIFEST_BYTES: usize = 256 * 1024;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Rises with every manifest of a channel, so that an old one cannot be shown again.
    pub counter: u64,
    pub version: Version,
    pub channel: String,
    pub expires_at: jiff::Timestamp,
    pub artifacts: Vec<Artifact>,
    pub schema: Schema,
    /// Older versions must update to another one first.
    #[serde(default)]
    pub minimum_from: Option<Version>,
    /// Of a hundred sites, how many take it by themselves.
    pub rollout_percent: u8,
    /// Versions that have turned out bad.
    #[serde(default)]
    pub halted: Vec<Version>,
    /// What is new, in markdown.
    #[serde(default)]
    pub notes: String,
}

/// The program for one kind of machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    pub target: String,
    /// Where it is, below the release directory.
    pub path: String,
    pub bytes: u64,
    pub sha256: String,
}

/// The databases a version can work on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    pub oldest: u32,
    pub newest: u32,
}

#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    #[error("the release manifest is longer than {} bytes", MAX_MANIFEST_BYTES)]
    TooLong,
    #[error("the release is not vouched for: {0}")]
    Signature(#[from] SignatureError),
    #[error("the release manifest cannot be read: {0}; a newer version may be needed to read it")]
    Unreadable(#[from] serde_json::Error),
    #[error("the release manifest names the file “{0}”, which is no plain path")]
    BadPath(String),
}

impl Manifest {
    /// Looks at the signatures first, and at the manifest only then.
    pub fn read(bytes: &[u8], signatures: &[u8], root: &Root) -> Result<Self, ManifestError> {
        if bytes.len() > MAX_MANIFEST_BYTES {
            return Err(ManifestError::TooLong);
        }
        let signatures = Signatures::parse(signatures)?;
        root.vouches(Purpose::Manifest, bytes, &signatures)?;
        let manifest: Self = serde_json::from_slice(bytes)?;
        for artifact in &manifest.artifacts {
            let mut parts = artifact.path.split('/');
            let is_plain = |part: &str| {
                let known = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
                !part.is_empty() && !part.starts_with('.') && part.chars().all(known)
            };
            if !parts.all(is_plain) {
                return Err(ManifestError::BadPath(artifact.path.clone()));
            }
        }
        Ok(manifest)
    }

    pub fn artifact(&self, target: &str) -> Option<&Artifact> {
        self.artifacts
            .iter()
            .find(|artifact| artifact.target == target)
    }
}

#[cfg(test)]
mod tests {
    use super::super::signature::SecretKey;
    use super::*;

    fn read(text: &[u8]) -> Result<Manifest, ManifestError> {
        let key = SecretKey::new().unwrap();
        let root = Root::text(1, 1, vec![key.public()]).unwrap();
        let mut signatures = Signatures::default();
        signatures.sign(Purpose::Manifest, text, &key);
        let root = Root::trusted(root.as_bytes()).unwrap();
        Manifest::read(text, signatures.to_json().as_bytes(), &root)
    }

    #[test]
    fn what_is_signed_is_still_looked_at() {
        let long = vec![b' '; MAX_MANIFEST_BYTES + 1];
        assert!(matches!(read(&long), Err(ManifestError::TooLong)));
        assert!(matches!(read(b"{}"), Err(ManifestError::Unreadable(_))));
        for path in ["/etc/passwd", "../x", "a/../b", "a//b", "", "a b", ".x"] {
            let text = format!(
                r#"{{"counter":1,"version":"1.0.0","channel":"stable","rollout_percent":100,
                "expires_at":"2030-01-01T00:00:00Z","schema":{{"oldest":0,"newest":1}},
                "artifacts":[{{"target":"x","path":"{path}","bytes":1,"sha256":""}}]}}"#
            );
            assert!(
                matches!(read(text.as_bytes()), Err(ManifestError::BadPath(_))),
                "{path}"
            );
        }
    }
}
