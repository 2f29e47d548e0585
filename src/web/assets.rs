//! Style sheets, scripts and pictures of the site, under addresses that hold a hash of their
//! content, so that browsers may keep them for good.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};

use crate::cache::Page;

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets/themes/default/static");
const HASH_CHARS: usize = 12;
const FOREVER: &str = "public, max-age=31536000, immutable";

/// All assets by name and by address; clones share them.
#[derive(Debug, Clone)]
pub struct Assets {
    shared: Arc<Tables>,
}

#[derive(Debug)]
struct Tables {
    urls: HashMap<String, String>,
    pages: HashMap<String, Arc<Page>>,
}

impl Assets {
    /// The embedded files, and `made`: (name, content) pairs that the program makes itself.
    pub fn new(made: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let embedded = EMBEDDED.files().filter_map(|file| {
            let name = file.path().to_str()?;
            Some((name.to_owned(), file.contents().to_vec()))
        });
        let made = made
            .into_iter()
            .map(|(name, content)| (name.to_owned(), content.into_bytes()));
        let mut urls = HashMap::new();
        let mut pages = HashMap::new();
        for (name, content) in embedded.chain(made) {
            let address = hashed_name(&name, &content);
            let kind = mime_guess::from_path(&name).first_or_octet_stream();
            let kind = match kind.type_() {
                mime_guess::mime::TEXT => format!("{kind}; charset=utf-8"),
                _ => kind.to_string(),
            };
            let page = Page::new(200, kind, content).with_header("cache-control", FOREVER);
            urls.insert(name, format!("/assets/{address}"));
            pages.insert(address, Arc::new(page));
        }
        Self {
            shared: Arc::new(Tables { urls, pages }),
        }
    }

    /// Where the asset of this name is found.
    pub(super) fn url(&self, name: &str) -> Option<String> {
        self.shared.urls.get(name).cloned()
    }

    pub(super) fn page(&self, address: &str) -> Option<&Arc<Page>> {
        self.shared.pages.get(address)
    }
}

/// `site.css` becomes `site.0a1b2c3d4e5f.css`.
fn hashed_name(name: &str, content: &[u8]) -> String {
    let mut hash = String::new();
    for byte in Sha256::digest(content) {
        let _ = write!(hash, "{byte:02x}");
    }
    let hash = &hash[..HASH_CHARS];
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}.{hash}.{extension}"),
        None => format!("{name}.{hash}"),
    }
}
