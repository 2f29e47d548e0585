//! Carries a source's things to the verbs of `app`: many posts in one transaction, each file once,
//! addresses and people found first. A trial goes the same way and keeps nothing. Must not know what kind
//! of source it is.

mod beside;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use crate::app::moving;
use crate::app::posts::{self, Arrival, Arrived, Became, Draft, Standing};
use crate::app::{App, Error, media, tags};
use crate::domain::actor::Actor;
use crate::domain::id::PostId;
use crate::domain::post::{Cover, Kind};
use crate::domain::slug::Slug;
use crate::domain::text::WebAddress;

use super::item::{Entry, Head, Piece};
use super::notes::Note;
use super::report::{Counts, Report};
use super::{Source, Watch};

/// Posts written in one transaction: enough that the disk is waited for seldom, few enough that others who
/// write beside us do not wait long.
const BATCH_POSTS: usize = 200;
/// Numbers tried behind an address that is taken.
const MAX_SUFFIX: u32 = 1_000_000;
/// Raised when texts are rewritten in another way; what came before is taken over anew then.
const RULES: u32 = 1;
/// Pictures are decoded in processes of their own; more at once would only wait for each other.
const FILES_AT_ONCE: usize = 2;

/// How it is to be taken over.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    pub dry_run: bool,
    /// Whose the texts are whose authors are not here. `None`: the owner's.
    pub author: Option<Slug>,
}

/// Takes a site over, or says what would become of it.
pub fn carry(
    app: &App,
    actor: &Actor,
    source: &dyn Source,
    wishes: &Wishes,
    watch: &dyn Watch,
) -> Result<Report, Error> {
    let mut report = Report {
        source: source.what().to_owned(),
        dry_run: wishes.dry_run,
        ..Report::default()
    };
    report.notes(source.notes().iter().cloned());
    let facts = source.site();
    watch.begin(source.heads().len() + facts.uploads.len());
    let mut carrier = Carrier {
        app,
        actor,
        source,
        wishes,
        watch,
        report,
        writers: Writers::default(),
        addresses: HashMap::new(),
        own: BTreeSet::new(),
        files: HashMap::new(),
        arrived: vec![None; source.heads().len()],
    };
    carrier.people()?;
    carrier.uploads()?;
    carrier.labels()?;
    carrier.settings()?;
    carrier.plan()?;
    carrier.posts()?;
    carrier.translations()?;
    carrier.rules()?;
    carrier.report.sort();
    Ok(carrier.report)
}

struct Carrier<'a> {
    app: &'a App,
    actor: &'a Actor,
    source: &'a dyn Source,
    wishes: &'a Wishes,
    watch: &'a dyn Watch,
    report: Report,
    writers: Writers,
    /// Where each text will be, by its name there.
    addresses: HashMap<String, Slug>,
    /// Addresses that are given out here.
    own: BTreeSet<String>,
    /// Where each file is, by its name there; nothing where it could not be taken over.
    files: HashMap<String, Option<String>>,
    arrived: Vec<Option<(Became, PostId)>>,
}

/// Who may be named as an author, by everything they may be called.
#[derive(Default)]
struct Writers {
    by_name: HashMap<String, Slug>,
    /// Those who are here already.
    here: BTreeSet<Slug>,
    fallback: Option<Slug>,
}

impl Carrier<'_> {
    /// Gives every text its address, before any text is written that links to another.
    fn plan(&mut self) -> Result<(), Error> {
        let before = moving::arrived_before(self.app, self.actor, self.source.name())?;
        let known: HashMap<String, Option<Slug>> = before.into_iter().collect();
        let new: Vec<&Head> = self
            .source
            .heads()
            .iter()
            .filter(|head| !known.contains_key(&head.name))
            .collect();
        self.own = known
            .values()
            .flatten()
            .map(|slug| slug.as_str().to_owned())
            .collect();
        self.addresses = known
            .into_iter()
            .filter_map(|(name, slug)| Some((name, slug?)))
            .collect();
        let wished: Vec<Slug> = new.iter().map(|head| head.slug.clone()).collect();
        let taken = moving::taken(self.app, self.actor, &wished)?;
        // The last number that was tried for each, so that ten thousand of one name take no longer.
        let mut numbers: HashMap<Slug, u32> = HashMap::new();
        for (head, is_taken) in new.into_iter().zip(taken) {
            let mut slug = head.slug.clone();
            let number = numbers.entry(head.slug.clone()).or_insert(1);
            let mut is_taken = is_taken && !head.is_exact;
            while is_taken || (!head.is_exact && self.own.contains(slug.as_str())) {
                *number += 1;
                if *number > MAX_SUFFIX {
                    break;
                }
                slug = head.slug.with_suffix(*number);
                is_taken = moving::taken(self.app, self.actor, std::slice::from_ref(&slug))?
                    .contains(&true);
            }
            if slug != head.slug {
                let what = format!("/{} belongs to another text; it is at /{slug}", head.slug);
                let note = Note::new(
                    &head.name,
                    what,
                    "change its address if another one is better",
                );
                self.report.note(note.about("slug"));
            }
            self.own.insert(slug.as_str().to_owned());
            self.addresses.insert(head.name.clone(), slug);
        }
        Ok(())
    }

    fn posts(&mut self) -> Result<(), Error> {
        let known = tags::list(self.app, self.actor)?;
        let mut tags: BTreeSet<String> = known.iter().map(|(tag, _)| tag.name.folded()).collect();
        let all: Vec<usize> = (0..self.source.heads().len()).collect();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        for batch in all.chunks(BATCH_POSTS) {
            let read = side_by_side(batch, cores, |at| self.source.entry(*at));
            let mut entries = Vec::with_capacity(batch.len());
            for (at, entry) in batch.iter().zip(read) {
                match entry {
                    Ok(entry) => entries.push((*at, entry)),
                    Err(note) => {
                        self.counts(*at).refused += 1;
                        self.report.note(note);
                    }
                }
            }
            self.files_of(&entries)?;
            let mut arrivals = Vec::with_capacity(entries.len());
            for (at, entry) in &mut entries {
                self.report.notes(std::mem::take(&mut entry.notes));
                for tag in &entry.tags {
                    if tags.insert(tag.folded()) && self.source.site().labels.is_empty() {
                        self.report.tags.made += 1;
                    }
                }
                arrivals.push(self.arrival(*at, entry)?);
            }
            let name = self.source.name();
            let arrived =
                posts::arrive(self.app, self.actor, name, &arrivals, self.wishes.dry_run)?;
            for ((at, _), arrived) in entries.iter().zip(arrived) {
                self.came(*at, arrived);
            }
            self.watch.done(batch.len());
        }
        Ok(())
    }

    fn counts(&mut self, at: usize) -> &mut Counts {
        match self.source.heads().get(at).map(|head| head.kind) {
            Some(Kind::Page) => &mut self.report.pages,
            _ => &mut self.report.posts,
        }
    }

    /// The address a piece stands for.
    fn address(&self, piece: &Piece) -> String {
        match piece {
            Piece::Text(text) => text.clone(),
            Piece::Post(name, rest) => match self.addresses.get(name) {
                Some(slug) => format!("/{slug}{rest}"),
                None => rest.clone(),
            },
            Piece::File(name, otherwise) => match self.files.get(name) {
                Some(Some(path)) => {
                    let part = otherwise.find('#').and_then(|at| otherwise.get(at..));
                    format!("{}{path}{}", media::PREFIX, part.unwrap_or_default())
                }
                _ => otherwise.clone(),
            },
        }
    }

    fn arrival(&mut self, at: usize, entry: &mut Entry) -> Result<Arrival, Error> {
        let heads = self.source.heads();
        let head = heads
            .get(at)
            .ok_or_else(|| Error::internal("a text has no head"))?;
        let digest = self.digest(head, entry)?;
        let markdown: String = entry.body.iter().map(|piece| self.address(piece)).collect();
        let cover = entry.cover.as_ref().and_then(|cover| {
            let url = WebAddress::parse(&self.address(&cover.at)).ok()?;
            Some(Cover {
                url,
                alt: cover.alt.clone(),
            })
        });
        let authors = self.authors(&head.name, &entry.authors);
        let draft = Draft {
            title: Some(entry.title.clone()),
            slug: None,
            markdown: Some(markdown),
            excerpt: Some(entry.excerpt.take()),
            cover: Some(cover),
            cover_alt: None,
            tags: Some(std::mem::take(&mut entry.tags)),
            language: Some(entry.language.take()),
            canonical_url: Some(entry.canonical_url.take()),
            meta_title: Some(entry.meta_title.take()),
            meta_description: Some(entry.meta_description.take()),
            code_head: entry.code_head.take().map(Some),
            code_foot: entry.code_foot.take().map(Some),
            featured: Some(entry.featured),
            authors,
            published_at: None,
        };
        let slug = self.addresses.get(&head.name).unwrap_or(&head.slug).clone();
        let mut old_paths = Vec::with_capacity(head.old_paths.len());
        for (path, permanent) in &head.old_paths {
            let name = path.trim_matches('/').to_lowercase();
            if name != slug.as_str() && self.own.contains(&name) {
                let what = format!("{path} does not lead here: another text is there");
                self.report.note(
                    Note::new(&head.name, what, "change the address of one of them")
                        .about("aliases"),
                );
            } else {
                old_paths.push((path.clone(), *permanent));
            }
        }
        Ok(Arrival {
            name: head.name.clone(),
            digest,
            kind: head.kind,
            slug,
            is_exact: head.is_exact,
            draft,
            standing: Standing {
                status: entry.status,
                trashed_from: entry.trashed_from,
                created_at: entry.created_at,
                updated_at: entry.updated_at,
                published_at: entry.published_at,
                publish_at: entry.publish_at,
            },
            old_paths,
        })
    }

    /// Of all that was read of a text, but for what may differ without a reason.
    fn digest(&self, head: &Head, entry: &mut Entry) -> Result<[u8; 32], Error> {
        let cover = entry.cover.iter().map(|cover| &cover.at);
        let files: Vec<Option<&String>> = entry
            .body
            .iter()
            .chain(cover)
            .filter_map(|piece| match piece {
                Piece::File(name, _) => Some(self.files.get(name).and_then(Option::as_ref)),
                _ => None,
            })
            .collect();
        let times = (entry.created_at, entry.updated_at, entry.published_at);
        if entry.is_dated_by_file {
            (entry.created_at, entry.updated_at, entry.published_at) = (None, None, None);
        }
        let said = serde_json::to_vec(&(RULES, head, &*entry, files)).map_err(Error::internal);
        (entry.created_at, entry.updated_at, entry.published_at) = times;
        Ok(Sha256::digest(said?).into())
    }

    /// Those of them who are here, or who stands in for them.
    fn authors(&mut self, file: &str, named: &[String]) -> Option<Vec<Slug>> {
        let mut found: Vec<Slug> = Vec::new();
        for name in named {
            match self.writers.by_name.get(&name.trim().to_lowercase()) {
                Some(slug) if found.contains(slug) => {}
                Some(slug) => found.push(slug.clone()),
                None => {
                    let what = format!(
                        "nobody here is called “{}”",
                        name.chars().take(60).collect::<String>()
                    );
                    let advice = "make them a user with that name before the import, or change the author after it";
                    self.report
                        .note(Note::new(file, what, advice).about("authors"));
                }
            }
        }
        if self.wishes.dry_run {
            // Those who would be made only now.
            found.retain(|slug| self.writers.here.contains(slug));
        }
        if found.is_empty() {
            found.extend(self.writers.fallback.clone());
        }
        (!found.is_empty()).then_some(found)
    }

    fn came(&mut self, at: usize, arrived: Arrived) {
        let Some(head) = self.source.heads().get(at) else {
            return;
        };
        let file = head.name.as_str();
        let counts = self.counts(at);
        let note = match arrived.became {
            Became::Made => {
                counts.made += 1;
                None
            }
            Became::Updated => {
                counts.updated += 1;
                None
            }
            Became::Unchanged => {
                counts.unchanged += 1;
                None
            }
            Became::ChangedHere => {
                counts.left_alone += 1;
                Some((
                    "it was changed there and here; it stays as it is here",
                    "put what is new there into it by hand",
                ))
            }
            Became::DeletedHere => {
                counts.left_alone += 1;
                Some((
                    "it was deleted here, and stays away",
                    "make it anew if you want it back",
                ))
            }
            Became::Occupied => {
                counts.left_alone += 1;
                Some((
                    "another text has its address",
                    "delete or rename that one, then import again",
                ))
            }
            Became::Refused => {
                counts.refused += 1;
                None
            }
        };
        self.report.redirects.made += arrived.redirects;
        if let Some((what, advice)) = note {
            self.report.note(Note::new(file, what, advice));
        }
        for remark in arrived.remarks {
            let note = Note::new(file, remark.message, "correct it and import again");
            self.report.note(if remark.field.is_empty() {
                note
            } else {
                note.about(remark.field)
            });
        }
        if let (Some(id), Some(place)) = (arrived.post, self.arrived.get_mut(at)) {
            *place = Some((arrived.became, id));
        }
    }

    /// Ties together what says the same in different languages.
    fn translations(&mut self) -> Result<(), Error> {
        if self.wishes.dry_run {
            return Ok(());
        }
        let mut groups: BTreeMap<&str, Vec<(usize, Became, PostId)>> = BTreeMap::new();
        for (at, (head, arrived)) in self.source.heads().iter().zip(&self.arrived).enumerate() {
            if let (Some(group), Some((became, id))) = (&head.translations, arrived)
                && !matches!(became, Became::Occupied | Became::Refused)
            {
                groups.entry(group).or_default().push((at, *became, *id));
            }
        }
        let mut notes = Vec::new();
        for members in groups.values() {
            let is_new = members
                .iter()
                .any(|(_, became, _)| matches!(became, Became::Made | Became::Updated));
            let Some(((_, _, first), others)) = members.split_first().filter(|_| is_new) else {
                continue;
            };
            for (at, _, id) in others {
                match posts::translate(self.app, self.actor, *id, Some(*first)) {
                    Ok(_) => {}
                    Err(Error::Invalid(wrong)) => {
                        let file = self.source.heads().get(*at).map_or("", |head| &head.name);
                        let what = wrong
                            .into_iter()
                            .map(|field| field.message)
                            .collect::<Vec<_>>()
                            .join("; ");
                        notes.push(Note::new(
                            file,
                            what,
                            "set its language, then tie them together by hand",
                        ));
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        self.report.notes(notes);
        Ok(())
    }
}

/// Does the same with each, some at a time, and gives the results in their order.
fn side_by_side<T: Sync, R: Send>(
    items: &[T],
    at_once: usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let places: Vec<Mutex<Option<R>>> = items.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..at_once.min(items.len()) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(item), Some(place)) = (items.get(at), places.get(at)) else {
                        return;
                    };
                    let result = work(item);
                    *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
                }
            });
        }
    });
    let results = places.into_iter().map(Mutex::into_inner);
    results
        .filter_map(|place| place.unwrap_or_else(PoisonError::into_inner))
        .collect()
}
