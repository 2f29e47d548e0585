//! Style sheets, scripts and pictures of the site and its admin pages, under addresses that hold a
//! hash of their content, so that browsers may keep them for good.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, PoisonError, RwLock};

use sha2::{Digest, Sha256};

use crate::cache::Page;
use crate::domain::text::hex;

const HASH_CHARS: usize = 12;
const FOREVER: &str = "public, max-age=31536000, immutable";
/// Room for what own themes bring and for style sheets with the owner's choices. What was replaced
/// stays for a while, because pages that name it may still be under somebody's eyes.
const MAX_KEPT_BYTES: usize = 32 * 1024 * 1024;

/// All assets by address; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Assets {
    shared: Arc<RwLock<Table>>,
}

#[derive(Debug, Default)]
struct Table {
    pages: HashMap<String, Arc<Page>>,
    /// What may go again, the oldest first, with its size.
    passing: VecDeque<(String, usize)>,
    passing_bytes: usize,
}

impl Assets {
    /// Adds what stays for as long as the program runs; gives its address.
    pub(super) fn add(&self, name: &str, content: Vec<u8>) -> String {
        let address = hashed_name(name, &content);
        let mut table = self.shared.write().unwrap_or_else(PoisonError::into_inner);
        table
            .pages
            .entry(address.clone())
            .or_insert_with(|| Arc::new(page_of(name, content)));
        url(&address)
    }

    /// Adds what may go again when there is too much of it; gives its address.
    pub(super) fn keep(&self, name: &str, content: Vec<u8>) -> String {
        let address = hashed_name(name, &content);
        let mut table = self.shared.write().unwrap_or_else(PoisonError::into_inner);
        if !table.pages.contains_key(&address) {
            table.passing_bytes += content.len();
            table.passing.push_back((address.clone(), content.len()));
            let page = Arc::new(page_of(name, content));
            table.pages.insert(address.clone(), page);
        }
        while table.passing_bytes > MAX_KEPT_BYTES && table.passing.len() > 1 {
            if let Some((oldest, size)) = table.passing.pop_front() {
                table.passing_bytes -= size;
                table.pages.remove(&oldest);
            }
        }
        url(&address)
    }

    pub(in crate::web) fn page(&self, address: &str) -> Option<Arc<Page>> {
        let table = self.shared.read().unwrap_or_else(PoisonError::into_inner);
        table.pages.get(address).cloned()
    }
}

fn url(address: &str) -> String {
    format!("/assets/{address}")
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
    let hash = hex(&Sha256::digest(content));
    let hash = &hash[..HASH_CHARS];
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}.{hash}.{extension}"),
        None => format!("{name}.{hash}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_of_what_may_go_goes_first() {
        let assets = Assets::default();
        let stays = assets.add("a.css", vec![b'x'; 10]);
        let large = |letter: u8| assets.keep("b.css", vec![letter; MAX_KEPT_BYTES / 2]);
        let (one, two, three) = (large(b'1'), large(b'2'), large(b'3'));
        let is_there = |url: &str| assets.page(url.strip_prefix("/assets/").unwrap()).is_some();
        assert!(is_there(&stays) && is_there(&two) && is_there(&three));
        assert!(!is_there(&one));
        assert!(stays.starts_with("/assets/a.") && stays.contains(".css"));
    }
}
