//! Uploaded files: what the store knows of them. The bytes are in `blobs`.

use serde::{Deserialize, Serialize};

use super::id::{MediaId, UserId};
use super::time::Timestamp;

/// The same picture, scaled to a width.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    pub width: u32,
    pub path: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Media {
    pub id: MediaId,
    /// Below `/media/`; never changes once given.
    pub path: String,
    /// SHA-256 of the bytes.
    pub digest: Vec<u8>,
    /// What the file was called where it came from.
    pub name: String,
    pub mime: String,
    pub bytes: u64,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub alt: String,
    pub variants: Vec<Variant>,
    pub uploaded_by: Option<UserId>,
    pub created_at: Timestamp,
}
