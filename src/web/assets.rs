//! Style sheets, scripts and pictures of the site and its admin pages, under addresses that hold a
//! hash of their content, so that browsers may keep them for good.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};

use crate::cache::Page;

static THEME: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets/themes/default/static");
static ADMIN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets/admin/static");
/// Where the same files lie below the folder of assets.
const FOLDERS: [&str; 2] = ["themes/default/static", "admin/static"];
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
    /// Read again at each look, while one works on them.
    folder: Option<PathBuf>,
}

impl Assets {
    /// The embedded files, and `made`: (name, content) pairs that the program makes itself. With a
    /// `folder` of assets, its files go before the embedded ones.
    pub fn new(
        made: impl IntoIterator<Item = (&'static str, String)>,
        folder: Option<PathBuf>,
    ) -> Self {
        let embedded = THEME.files().chain(ADMIN.files()).filter_map(|file| {
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
            pages.insert(address.clone(), Arc::new(page_of(&name, content)));
            urls.insert(name, format!("/assets/{address}"));
        }
        Self {
            shared: Arc::new(Tables {
                urls,
                pages,
                folder,
            }),
        }
    }

    /// Where the asset of this name is found.
    pub(super) fn url(&self, name: &str) -> Option<String> {
        match self.fresh(name) {
            Some(content) => Some(format!("/assets/{}", hashed_name(name, &content))),
            None => self.shared.urls.get(name).cloned(),
        }
    }

    pub(super) fn page(&self, address: &str) -> Option<Arc<Page>> {
        let name = name_of(address);
        match name.as_deref().and_then(|name| self.fresh(name)) {
            Some(content) => Some(Arc::new(page_of(address, content))),
            None => self.shared.pages.get(address).cloned(),
        }
    }

    fn fresh(&self, name: &str) -> Option<Vec<u8>> {
        let folder = self.shared.folder.as_ref()?;
        // Only names that are embedded, too: what a client asks for opens no other file.
        self.shared.urls.get(name)?;
        let mut places = FOLDERS.iter().map(|place| folder.join(place).join(name));
        places.find_map(|path| std::fs::read(path).ok())
    }
}

fn page_of(name: &str, content: Vec<u8>) -> Page {
    let kind = mime_guess::from_path(name).first_or_octet_stream();
    let kind = match kind.type_() {
        mime_guess::mime::TEXT => format!("{kind}; charset=utf-8"),
        _ => kind.to_string(),
    };
    Page::new(200, kind, content).with_header("cache-control", FOREVER)
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

/// `site.0a1b2c3d4e5f.css` becomes `site.css` again.
fn name_of(address: &str) -> Option<String> {
    let (rest, extension) = address.rsplit_once('.')?;
    let (stem, _hash) = rest.rsplit_once('.')?;
    Some(format!("{stem}.{extension}"))
}
