//! The finished pages one worker has at hand, by the address they were asked for. It belongs to one
//! thread, so looking something up takes no lock.
//!
//! A page is shared with the page cache; only its heads are the shelf's own. What is on the shelf is
//! counted in full all the same, because the cache may have let go of it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use actix_web::http::Method;
use bytes::Bytes;

use super::super::middleware::{Measures, RequestIds};
use super::super::respond;
use super::super::server::Insistence;
use super::ask::Ask;
use super::form::{Clock, Head, closing};
use super::{Edition, Source};
use crate::cache::{Encoding, Page};

/// What each of many workers may hold when an equal share of the room would be less.
const MIN_WORKER_BYTES: usize = 1024 * 1024;
/// What an entry weighs besides its page: the heads of its three forms and the table's own part.
const ENTRY_BYTES: usize = 4 * 1024;
/// Longer addresses take the long way.
const MAX_TARGET_BYTES: usize = 512;

pub(in crate::web) struct Shelf {
    source: Arc<dyn Source>,
    max_bytes: usize,
    /// Answers tell browsers to come encrypted, unless a proxy says that they did not.
    insistence: Insistence,
    ids: RequestIds,
    measures: Measures,
    holdings: RefCell<Holdings>,
}

struct Holdings {
    edition: Option<Edition>,
    pages: HashMap<Box<str>, Entry>,
    bytes: usize,
    clock: Clock,
    /// What the heads say of coming encrypted.
    insist_seconds: u32,
}

/// A page under one address of one host. Asked for under another host it takes the long way, which
/// knows whether that host is ours, and is then kept under that one.
struct Entry {
    host: Box<[u8]>,
    page: Arc<Page>,
    forms: [Option<Form>; 3],
}

/// A page in one encoding.
struct Form {
    full: Head,
    known: Option<Head>,
    body: Bytes,
    etag: Bytes,
}

impl Shelf {
    pub(in crate::web) fn new(
        source: Arc<dyn Source>,
        workers: usize,
        insistence: Insistence,
    ) -> Self {
        let room_bytes = source.room_bytes();
        let share_bytes = room_bytes / workers.max(1);
        Self {
            source,
            max_bytes: share_bytes.max(MIN_WORKER_BYTES.min(room_bytes)),
            ids: RequestIds::new(),
            measures: Measures::new(),
            holdings: RefCell::new(Holdings {
                edition: None,
                pages: HashMap::new(),
                bytes: 0,
                clock: Clock::new(),
                insist_seconds: insistence.seconds(),
            }),
            insistence,
        }
    }

    /// Keeps a page. When there is no room the shelf is emptied: what is asked for often is back at its
    /// next request, and remembering which that is would cost something at every one.
    pub(super) fn put(&self, target: &str, host: &[u8], edition: Edition, page: &Arc<Page>) {
        let weight = weight(target, page);
        if target.len() > MAX_TARGET_BYTES || weight > self.max_bytes {
            return;
        }
        let mut holdings = self.holdings.borrow_mut();
        if holdings.edition != Some(edition) {
            // An answer that took long may belong to an edition that is over.
            if self.source.newest() != edition {
                return;
            }
            holdings.clear();
            holdings.edition = Some(edition);
        }
        if let Some(entry) = holdings.pages.get(target)
            && Arc::ptr_eq(&entry.page, page)
            && *entry.host == *host
        {
            return;
        }
        holdings.remove(target);
        if holdings.bytes + weight > self.max_bytes {
            holdings.clear();
        }
        holdings.bytes += weight;
        let entry = Entry {
            host: host.into(),
            page: Arc::clone(page),
            forms: [None, None, None],
        };
        holdings.pages.insert(target.into(), entry);
    }

    /// Sends the answer with `send`, if there is one at hand. `last` says that the connection ends with
    /// it.
    pub(super) fn answer<T>(
        &self,
        ask: &Ask<'_>,
        arrived: Instant,
        last: bool,
        send: impl FnOnce(&[u8], &Bytes) -> T,
    ) -> Option<T> {
        let insist_seconds = self.insistence.seconds();
        if insist_seconds > 0 && ask.perhaps_clear {
            return None;
        }
        let newest = self.source.newest();
        let mut holdings = self.holdings.borrow_mut();
        if holdings.insist_seconds != insist_seconds {
            holdings.clear();
            holdings.insist_seconds = insist_seconds;
        }
        let Holdings {
            edition,
            pages,
            clock,
            ..
        } = &mut *holdings;
        if *edition != Some(newest) {
            return None;
        }
        let entry = pages.get_mut(ask.target)?;
        if *entry.host != *ask.host {
            return None;
        }
        let accepted = ask.accept_encoding.into_iter();
        let encoding = respond::negotiate(accepted, entry.page.worth_compressing())?;
        let form = entry.form(encoding, insist_seconds)?;
        let is_known = ask.if_none_match.is_some_and(|tags| {
            form.known.is_some() && respond::is_known(std::iter::once(tags), &form.etag)
        });
        let no_body = Bytes::new();
        let (head, body) = match &mut form.known {
            Some(known) if is_known => (known, &no_body),
            _ if ask.head_only => (&mut form.full, &no_body),
            _ => (&mut form.full, &form.body),
        };
        let status = head.status;
        self.source.page_found();
        let bytes = head.fill(self.ids.next(), clock.date(arrived));
        let outcome = if last {
            send(&closing(bytes), body)
        } else {
            send(bytes, body)
        };
        let method = if ask.head_only {
            Method::HEAD
        } else {
            Method::GET
        };
        self.measures.request_ended(&method, status, arrived);
        Some(outcome)
    }
}

impl Holdings {
    fn clear(&mut self) {
        self.pages.clear();
        self.bytes = 0;
    }

    fn remove(&mut self, target: &str) {
        if let Some(entry) = self.pages.remove(target) {
            self.bytes = self.bytes.saturating_sub(weight(target, &entry.page));
        }
    }
}

impl Entry {
    /// The page in this encoding; `None` as long as the long way has not made it.
    fn form(&mut self, encoding: Encoding, insist_seconds: u32) -> Option<&mut Form> {
        let slot = &mut self.forms[encoding as usize];
        if slot.is_none() {
            let body = self.page.body_at_hand(encoding)?;
            let known = respond::not_modified(&self.page, encoding);
            *slot = Some(Form {
                full: Head::of(respond::whole(&self.page, body), insist_seconds)?,
                known: (self.page.status() == 200)
                    .then(|| Head::of(known, insist_seconds))
                    .flatten(),
                body: body.bytes.clone(),
                etag: self.page.etag(encoding),
            });
        }
        slot.as_mut()
    }
}

fn weight(target: &str, page: &Page) -> usize {
    ENTRY_BYTES + target.len() + page.size_bytes()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::super::ask::{Verdict, read};
    use super::*;

    const ROOM_BYTES: usize = 2_000_000;

    #[derive(Default)]
    struct Counting {
        generation: AtomicU64,
        found: AtomicU64,
    }

    impl Source for Counting {
        fn newest(&self) -> Edition {
            edition(self.generation.load(Ordering::Relaxed))
        }

        fn room_bytes(&self) -> usize {
            ROOM_BYTES
        }

        fn page_found(&self) {
            self.found.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn edition(generation: u64) -> Edition {
        Edition {
            generation,
            variant: 0,
        }
    }

    fn shelf() -> (Shelf, Arc<Counting>) {
        let source = Arc::new(Counting::default());
        (
            Shelf::new(Arc::<Counting>::clone(&source), 1, Insistence::Never),
            source,
        )
    }

    fn asked(shelf: &Shelf, head: &str) -> Option<(String, Bytes)> {
        let Verdict::Ask(ask, _) = read(head.as_bytes()) else {
            panic!("not ordinary: {head}");
        };
        shelf.answer(&ask, Instant::now(), false, |head, body| {
            (String::from_utf8(head.to_vec()).unwrap(), body.clone())
        })
    }

    fn page(text: &str) -> Arc<Page> {
        Arc::new(Page::html(text.to_owned()).with_header("cache-control", "max-age=60"))
    }

    const ASK: &str = "GET /a HTTP/1.1\r\nHost: blog.test\r\n\r\n";

    #[test]
    fn a_page_is_found_under_its_address_and_host_alone() {
        let (shelf, source) = shelf();
        assert!(asked(&shelf, ASK).is_none());
        shelf.put("/a", b"blog.test", edition(0), &page("hello"));
        let (head, body) = asked(&shelf, ASK).unwrap();
        assert_eq!(body, "hello");
        assert!(head.contains("\r\ncache-control: max-age=60\r\n"), "{head}");
        assert!(head.contains("\r\ncontent-security-policy: "), "{head}");
        assert!(asked(&shelf, &ASK.replace("/a", "/b")).is_none());
        assert!(asked(&shelf, &ASK.replace("blog.test", "evil.test")).is_none());
        assert_eq!(source.found.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn an_older_edition_is_never_shown() {
        let (shelf, source) = shelf();
        shelf.put("/a", b"blog.test", edition(0), &page("old"));
        source.generation.store(1, Ordering::Relaxed);
        assert!(asked(&shelf, ASK).is_none());
        shelf.put("/a", b"blog.test", edition(0), &page("late"));
        assert!(asked(&shelf, ASK).is_none());
        shelf.put("/b", b"blog.test", edition(1), &page("new"));
        assert!(asked(&shelf, ASK).is_none(), "the old page came back");
        shelf.put("/a", b"blog.test", edition(1), &page("new"));
        assert_eq!(asked(&shelf, ASK).unwrap().1, "new");
    }

    #[test]
    fn a_reader_who_has_it_is_told_so() {
        let (shelf, _) = shelf();
        let page = page("hello");
        shelf.put("/a", b"blog.test", edition(0), &page);
        let etag = String::from_utf8(page.etag(Encoding::Identity).to_vec()).unwrap();
        let again = ASK.replace("\r\n\r\n", &format!("\r\nIf-None-Match: {etag}\r\n\r\n"));
        let (head, body) = asked(&shelf, &again).unwrap();
        assert!(head.starts_with("HTTP/1.1 304 Not Modified\r\n"), "{head}");
        assert!(head.contains(&format!("\r\netag: {etag}\r\n")), "{head}");
        assert!(body.is_empty());
        let changed = again.replace(&etag, "\"other\"");
        assert!(
            asked(&shelf, &changed)
                .unwrap()
                .0
                .starts_with("HTTP/1.1 200 ")
        );
    }

    #[tokio::test]
    async fn packed_forms_are_sent_once_the_long_way_has_made_them() {
        let (shelf, _) = shelf();
        let page = page(&"words ".repeat(1_000));
        shelf.put("/a", b"blog.test", edition(0), &page);
        let packed = ASK.replace("\r\n\r\n", "\r\nAccept-Encoding: gzip\r\n\r\n");
        assert!(asked(&shelf, &packed).is_none());
        let length = page.body(Encoding::Gzip).await.bytes.len();
        let (head, body) = asked(&shelf, &packed).unwrap();
        assert_eq!(body.len(), length);
        assert!(head.contains("\r\ncontent-encoding: gzip\r\n"), "{head}");
        assert_eq!(asked(&shelf, ASK).unwrap().1.len(), 6_000);
    }

    #[test]
    fn a_page_insists_on_encryption_unless_the_reader_may_have_come_without() {
        let source = Arc::new(Counting::default());
        let shelf = Shelf::new(source, 1, Insistence::Always);
        shelf.put("/a", b"blog.test", edition(0), &page("hello"));
        let by = |proto: &str| {
            let line = format!("\r\nX-Forwarded-Proto: {proto}\r\n\r\n");
            asked(&shelf, &ASK.replace("\r\n\r\n", &line))
        };
        for (head, _) in [asked(&shelf, ASK), by("https")].map(Option::unwrap) {
            assert!(head.contains("\r\nstrict-transport-security: "), "{head}");
        }
        assert!(by("http").is_none());
        assert!(by("https, http").is_none());
    }

    #[test]
    fn it_stays_within_its_bytes() {
        let (shelf, _) = shelf();
        for number in 0..300 {
            let page = page(&"x".repeat(100_000));
            shelf.put(&format!("/{number}"), b"blog.test", edition(0), &page);
            let holdings = shelf.holdings.borrow();
            let held: usize = holdings
                .pages
                .iter()
                .map(|(target, entry)| weight(target, &entry.page))
                .sum();
            assert_eq!(held, holdings.bytes);
            assert!(held <= ROOM_BYTES && !holdings.pages.is_empty());
        }
        shelf.put(&"/long".repeat(200), b"blog.test", edition(0), &page("x"));
        assert!(
            !shelf
                .holdings
                .borrow()
                .pages
                .contains_key(&*"/long".repeat(200))
        );
    }
}
