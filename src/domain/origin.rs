//! Where a thing came from that was taken over from another site.

use super::id::{MediaId, PostId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The site it came from.
    pub source: String,
    /// What it was called there: a path, an address, a number.
    pub name: String,
    /// SHA-256 of what was read there.
    pub digest: Vec<u8>,
    /// What became of it; neither is there any more when that was deleted here.
    pub post: Option<PostId>,
    pub media: Option<MediaId>,
    /// SHA-256 of the post as it was written here then.
    pub written_digest: Option<Vec<u8>>,
}
