//! Finished pages, so that a page asked for a thousand times is made once.
//!
//! Keys carry the site's generation, so there is nothing to invalidate: a publication raises the
//! generation and every older page can no longer be asked for. Must not know how pages are made.

mod compress;
mod key;
mod page;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use moka::future::Cache;

pub use key::PageKey;
use key::StoredKey;
pub use page::{Body, Encoding, Page};

/// Enough for some thousand articles in all encodings, and small beside the rest of the program.
pub const DEFAULT_CAPACITY_BYTES: u64 = 12 * 1024 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    pub hits: u64,
    pub misses: u64,
    pub entries: u64,
    pub bytes: u64,
}

#[derive(Debug)]
pub struct PageCache {
    pages: Cache<StoredKey, Arc<Page>>,
    generation: AtomicU64,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl PageCache {
    pub fn new(capacity_bytes: u64) -> Self {
        let weigh = |key: &StoredKey, page: &Arc<Page>| {
            u32::try_from(key.size_bytes() + page.size_bytes()).unwrap_or(u32::MAX)
        };
        Self {
            pages: Cache::builder()
                .name("pages")
                .max_capacity(capacity_bytes)
                .weigher(weigh)
                .build(),
            generation: AtomicU64::new(0),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    /// The page under this key, made by `render` when it is not there. Of many who ask at once for a
    /// page that is not there, one makes it and the others wait for it. Errors are told to all
    /// who waited and are not kept, so the next to ask tries again.
    pub async fn get_or_render<E, F, R>(
        &self,
        key: PageKey<'_>,
        render: F,
    ) -> Result<Arc<Page>, Arc<E>>
    where
        F: FnOnce() -> R,
        R: Future<Output = Result<Page, E>>,
        E: Send + Sync + 'static,
    {
        if let Some(page) = self.pages.get(&key).await {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Ok(page);
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        self.advance(key.generation);
        // Moka polls the future where it is, on this task: it need not be `Send`.
        let made = async move { render().await.map(Arc::new) };
        self.pages.try_get_with(key.to_stored(), made).await
    }

    pub fn capacity_bytes(&self) -> u64 {
        self.pages.policy().max_capacity().unwrap_or(u64::MAX)
    }

    /// Counts a page that was found without asking here, by somebody who keeps some at hand.
    pub fn count_hit(&self) {
        self.hits.fetch_add(1, Ordering::Relaxed);
    }

    /// Frees the pages of earlier generations, which can no longer be asked for. Calling it with
    /// a generation already seen does nothing; a miss of a new generation calls it too.
    pub fn advance(&self, generation: u64) {
        if self.generation.fetch_max(generation, Ordering::Relaxed) < generation {
            self.pages.invalidate_all();
        }
    }

    /// Figures for the metrics. Entries and bytes lag a little behind.
    pub fn stats(&self) -> Stats {
        Stats {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            entries: self.pages.entry_count(),
            bytes: self.pages.weighted_size(),
        }
    }

    /// Does now what the cache would do by and by: evict what does not fit and what is outdated.
    pub async fn settle(&self) {
        self.pages.run_pending_tasks().await;
    }
}

impl Default for PageCache {
    fn default() -> Self {
        Self::new(DEFAULT_CAPACITY_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    fn key(generation: u64, path_and_query: &str) -> PageKey<'_> {
        PageKey {
            generation,
            variant: 0,
            path_and_query,
        }
    }

    async fn hello(cache: &PageCache, key: PageKey<'_>, text: &'static str) -> Arc<Page> {
        let made = cache
            .get_or_render(key, async || Ok::<_, String>(Page::html(text)))
            .await;
        made.unwrap()
    }

    #[tokio::test]
    async fn a_page_is_made_once_and_then_found() {
        let cache = PageCache::default();
        let first = hello(&cache, key(1, "/a?b"), "one").await;
        let second = hello(&cache, key(1, "/a?b"), "two").await;
        assert!(Arc::ptr_eq(&first, &second));
        let stats = cache.stats();
        assert_eq!((stats.hits, stats.misses), (1, 1));
    }

    #[tokio::test]
    async fn generation_variant_path_and_query_all_tell_pages_apart() {
        let cache = PageCache::default();
        let page = |key, text| hello(&cache, key, text);
        page(key(1, "/"), "base").await;
        let others = [
            (key(2, "/"), "generation"),
            (key(2, "/?"), "query"),
            (
                PageKey {
                    variant: 1,
                    ..key(2, "/")
                },
                "variant",
            ),
        ];
        for (key, text) in others {
            assert_eq!(page(key, text).await.identity().bytes, text);
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_storm_on_a_cold_page_makes_it_once() {
        let cache = Arc::new(PageCache::default());
        let renders = Arc::new(AtomicUsize::new(0));
        let askers: Vec<_> = (0..64)
            .map(|_| {
                let (cache, renders) = (Arc::clone(&cache), Arc::clone(&renders));
                tokio::spawn(async move {
                    let render = || async {
                        renders.fetch_add(1, Ordering::SeqCst);
                        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
                        Ok::<_, String>(Page::html("slow"))
                    };
                    cache
                        .get_or_render(key(1, "/storm"), render)
                        .await
                        .unwrap()
                        .status()
                })
            })
            .collect();
        for asker in askers {
            assert_eq!(asker.await.unwrap(), 200);
        }
        assert_eq!(renders.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn errors_are_told_and_not_kept() {
        let cache = PageCache::default();
        let failed = cache
            .get_or_render(key(1, "/"), async || Err::<Page, _>("no"))
            .await;
        assert_eq!(*failed.unwrap_err(), "no");
        assert_eq!(
            hello(&cache, key(1, "/"), "yes").await.identity().bytes,
            "yes"
        );
    }

    #[tokio::test]
    async fn it_stays_within_its_bytes() {
        let cache = PageCache::new(100_000);
        for n in 0..200 {
            let path = format!("/{n}");
            let page = async || Ok::<_, String>(Page::html(vec![b'x'; 4_000]));
            cache.get_or_render(key(1, &path), page).await.unwrap();
        }
        cache.settle().await;
        let stats = cache.stats();
        assert!(stats.bytes <= 100_000 && stats.entries > 5, "{stats:?}");
    }

    #[tokio::test]
    async fn a_new_generation_frees_the_old_pages() {
        let cache = PageCache::default();
        hello(&cache, key(1, "/a"), "a").await;
        hello(&cache, key(1, "/b"), "b").await;
        hello(&cache, key(2, "/c"), "c").await;
        cache.settle().await;
        assert!(cache.stats().entries <= 1);
    }
}
