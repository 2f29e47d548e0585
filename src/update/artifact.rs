//! The bytes of a release: exactly as many as were announced, and exactly those.

use std::io::{self, Read, Write};

use sha2::{Digest as _, Sha256};

use super::manifest::Artifact;
use crate::domain::text::hex;

const CHUNK_BYTES: usize = 64 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    #[error("the program is cut off after {0} bytes; try again")]
    TooShort(u64),
    #[error("the program is longer than the {0} bytes that were announced")]
    TooLong(u64),
    #[error("the program is not the one that was announced: its hash is another")]
    WrongHash,
    #[error("the program cannot be kept: {0}")]
    Unwritable(#[source] io::Error),
    #[error("the program cannot be fetched: {0}")]
    Unreadable(#[source] io::Error),
}

/// Copies it, and fails unless every byte is right. Never takes more than was announced.
pub fn copy_checked(
    mut from: impl Read,
    mut to: impl Write,
    artifact: &Artifact,
) -> Result<(), ArtifactError> {
    let mut hash = Sha256::new();
    let mut count = 0;
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let read = from.read(&mut chunk).map_err(ArtifactError::Unreadable)?;
        if read == 0 {
            break;
        }
        count += read as u64;
        if count > artifact.bytes {
            return Err(ArtifactError::TooLong(artifact.bytes));
        }
        hash.update(&chunk[..read]);
        to.write_all(&chunk[..read])
            .map_err(ArtifactError::Unwritable)?;
    }
    if count < artifact.bytes {
        return Err(ArtifactError::TooShort(count));
    }
    if hex(&hash.finalize()) == artifact.sha256 {
        Ok(())
    } else {
        Err(ArtifactError::WrongHash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_announced_bytes_are_taken() {
        let artifact = Artifact {
            target: "any".to_owned(),
            path: "x".to_owned(),
            bytes: 5,
            sha256: hex(&Sha256::digest(b"right")),
        };
        let copied = |bytes: &[u8]| copy_checked(bytes, io::sink(), &artifact);
        assert!(copied(b"right").is_ok());
        assert!(matches!(copied(b"righ"), Err(ArtifactError::TooShort(4))));
        assert!(matches!(copied(b"rightly"), Err(ArtifactError::TooLong(5))));
        assert!(matches!(copied(b"wrong"), Err(ArtifactError::WrongHash)));
        let endless = copy_checked(io::repeat(b'r'), io::sink(), &artifact);
        assert!(matches!(endless, Err(ArtifactError::TooLong(5))));
    }
}
