//! Signed releases: what a release is, who vouches for it, whether this site takes it, and where the
//! versions of the program are kept. Must not know how programs are run.

mod artifact;
mod judge;
mod manifest;
mod signature;
mod slots;
mod source;
mod version;

pub use artifact::{ArtifactError, copy_checked};
pub use judge::{Refusal, Situation, judge};
pub use manifest::{Artifact, Manifest, ManifestError, Schema};
pub use signature::{
    MAX_SIGNATURES_BYTES, Purpose, Root, SecretKey, SignatureError, Signatures, public_key,
};
pub use slots::{Choice, SlotError, Slots, Succession, Trial};
pub use source::{Source, SourceError};
pub use version::Version;

/// The kind of machine this program was built for, as release manifests name it.
pub fn target() -> String {
    format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS)
}
