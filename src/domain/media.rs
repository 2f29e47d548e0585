//! Uploaded files: what the store knows of them. The bytes are in `blobs`.

use serde::{Deserialize, Serialize};

use super::id::{MediaId, UserId};
use super::time::Timestamp;

/// A smaller copy of a picture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Variant {
    pub width: u32,
    pub height: u32,
    /// Below `/media/`, like the file's own.
    pub path: String,
    pub mime: String,
    pub bytes: u64,
    /// For lists of files, not for pages.
    pub is_thumbnail: bool,
}

/// What the library tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Picture,
    Sound,
    Film,
    Document,
}

impl Family {
    pub const ALL: &[Self] = &[Self::Picture, Self::Sound, Self::Film, Self::Document];

    /// How the names of its kinds begin.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Picture => "image/",
            Self::Sound => "audio/",
            Self::Film => "video/",
            Self::Document => "application/",
        }
    }

    pub fn of_mime(mime: &str) -> Self {
        let found = Self::ALL
            .iter()
            .find(|family| mime.starts_with(family.prefix()));
        found.copied().unwrap_or(Self::Document)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Media {
    pub id: MediaId,
    /// Below `/media/`. It has a hash of the bytes in it, so that other bytes have another one.
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
    /// What stands under it.
    pub caption: String,
    /// The colour there is most of, as #rrggbb.
    pub colour: Option<String>,
    /// By which recipe `variants` were made; 0 where that is still to be done.
    pub recipe: u32,
    pub variants: Vec<Variant>,
    pub uploaded_by: Option<UserId>,
    pub created_at: Timestamp,
}

impl Media {
    pub fn family(&self) -> Family {
        Family::of_mime(&self.mime)
    }
}
