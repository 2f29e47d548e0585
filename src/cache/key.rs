//! What a finished page is filed under: site generation, variant, path and query.
//!
//! A look-up borrows its path from the request, so a hit allocates nothing for its key.

use std::hash::{Hash, Hasher};

use moka::Equivalent;

/// The key of a look-up, borrowed from the request.
///
/// `generation` rises with every change to the site, so pages of older generations can no longer
/// be asked for. `variant` tells apart what one address shows to different readers (theme, language);
/// what belongs to one person alone must never be cached at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageKey<'a> {
    pub generation: u64,
    pub variant: u32,
    pub path_and_query: &'a str,
}

/// The same key as the cache keeps it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct StoredKey {
    generation: u64,
    variant: u32,
    path_and_query: Box<str>,
}

impl StoredKey {
    fn borrowed(&self) -> PageKey<'_> {
        PageKey {
            generation: self.generation,
            variant: self.variant,
            path_and_query: &self.path_and_query,
        }
    }

    pub(super) fn size_bytes(&self) -> usize {
        size_of::<Self>() + self.path_and_query.len()
    }
}

impl PageKey<'_> {
    pub(super) fn to_stored(self) -> StoredKey {
        StoredKey {
            generation: self.generation,
            variant: self.variant,
            path_and_query: self.path_and_query.into(),
        }
    }
}

impl Hash for PageKey<'_> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_u64(self.generation);
        hasher.write_u32(self.variant);
        self.path_and_query.hash(hasher);
    }
}

// Both forms must hash alike, or a stored page would never be found.
impl Hash for StoredKey {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.borrowed().hash(hasher);
    }
}

impl Equivalent<StoredKey> for PageKey<'_> {
    fn equivalent(&self, stored: &StoredKey) -> bool {
        *self == stored.borrowed()
    }
}
