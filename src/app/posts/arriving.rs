//! Posts that come from another site with all that was known of them there: their dates, where they
//! stood, the addresses readers knew. Many at a time, because a site has thousands. A child of `posts`,
//! whose checks and writing it shares; knows no file formats.

mod ahead;
mod old_paths;

use sha2::{Digest as _, Sha256};

use crate::db::WriteTx;
use crate::domain::actor::{Act, Actor};
use crate::domain::audit::NewAuditEntry;
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::{PostId, RevisionId};
use crate::domain::language::Language;
use crate::domain::origin::Origin;
use crate::domain::post::{Content, Kind, Post, Revision, Status, StoredRendition};
use crate::domain::settings::Settings;
use crate::domain::slug::Slug;
use crate::domain::text::Title;
use crate::domain::time::Timestamp;
use crate::store::{self, StoreError};

use ahead::render_ahead;
use old_paths::{Led, lead_here};

use super::super::{App, Error, FieldError, require};
use super::{Brief, Draft, apply, free_slug, keep_revision, past, sharing, take_address};

/// Further addresses of one post are not taken over.
const MAX_OLD_PATHS: usize = 100;

/// Where a post stood, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub status: Status,
    pub trashed_from: Option<Status>,
    pub created_at: Option<Timestamp>,
    pub updated_at: Option<Timestamp>,
    pub published_at: Option<Timestamp>,
    pub publish_at: Option<Timestamp>,
}

/// A post on its way in.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// What it was called where it came from.
    pub name: String,
    /// SHA-256 of what was read there.
    pub digest: [u8; 32],
    pub kind: Kind,
    pub slug: Slug,
    /// Another slug will not do: a post that has it is taken for this one if it says the same.
    pub is_exact: bool,
    pub draft: Draft,
    pub standing: Standing,
    /// Addresses on this site that are to lead to it, and whether for good.
    pub old_paths: Vec<(String, bool)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    Made,
    Updated,
    Unchanged,
    /// It was changed there, but here, too; it stays as it is here.
    ChangedHere,
    /// It was deleted here; it stays away.
    DeletedHere,
    /// Another post has its address.
    Occupied,
    /// A rule is against it; the remarks say which.
    Refused,
}

/// What became of an arrival.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    pub became: Became,
    pub post: Option<PostId>,
    /// Old addresses that lead to it now.
    pub redirects: usize,
    pub remarks: Vec<FieldError>,
}

impl Arrived {
    fn plainly(became: Became, post: Option<PostId>) -> Self {
        Self {
            became,
            post,
            redirects: 0,
            remarks: Vec::new(),
        }
    }
}

/// Takes posts over, all in one transaction; if a rule is against one of them, each in its own. A trial
/// does the same and keeps nothing of it.
pub fn arrive(
    app: &App,
    actor: &Actor,
    source: &str,
    arrivals: &[Arrival],
    is_trial: bool,
) -> Result<Vec<Arrived>, Error> {
    require(actor, Act::CreatePost)?;
    require(actor, Act::ManageRedirects)?;
    let made = render_ahead(app, source, arrivals)?;
    let pairs: Vec<_> = arrivals.iter().zip(&made).collect();
    match take(app, actor, source, &pairs, is_trial) {
        Err(error) if !is_about_one(&error) => Err(error),
        Ok(arrived) => Ok(arrived),
        Err(_) => {
            let mut all = Vec::with_capacity(arrivals.len());
            for pair in pairs {
                all.extend(match take(app, actor, source, &[pair], is_trial) {
                    Ok(arrived) => arrived,
                    Err(error) if is_about_one(&error) => vec![refused(error)],
                    Err(error) => return Err(error),
                });
            }
            Ok(all)
        }
    }
}

/// Whether others may fare better than the one that failed so.
fn is_about_one(error: &Error) -> bool {
    matches!(
        error,
        Error::Invalid(_) | Error::Conflict(_) | Error::NotFound | Error::Forbidden
    )
}

fn refused(error: Error) -> Arrived {
    let remarks = match error {
        Error::Invalid(wrong) => wrong,
        other => vec![FieldError {
            field: "",
            message: other.to_string(),
        }],
    };
    Arrived {
        remarks,
        ..Arrived::plainly(Became::Refused, None)
    }
}

/// How a transaction ends that is not to be kept.
enum Halt {
    Trial(Vec<Arrived>),
    Failed(Error),
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

type Pair<'a> = (&'a Arrival, &'a Option<StoredRendition>);

fn take(
    app: &App,
    actor: &Actor,
    source: &str,
    pairs: &[Pair<'_>],
    is_trial: bool,
) -> Result<Vec<Arrived>, Error> {
    let outcome = app.db.write(|tx| {
        tx.quiet("everything may be here already");
        let settings = store::settings::read(tx)?;
        let desk = Desk {
            actor,
            source,
            settings: &settings,
        };
        let mut all = Vec::with_capacity(pairs.len());
        for (arrival, made) in pairs {
            let arrived = desk.one(tx, arrival, made.as_ref());
            all.push(arrived.map_err(Halt::Failed)?);
        }
        desk.note(tx, &all).map_err(Halt::Failed)?;
        if is_trial {
            Err(Halt::Trial(all))
        } else {
            Ok(all)
        }
    });
    match outcome {
        Ok(all) | Err(Halt::Trial(all)) => Ok(all),
        Err(Halt::Failed(error)) => Err(error),
    }
}

/// What all arrivals of a transaction share.
struct Desk<'a> {
    actor: &'a Actor,
    source: &'a str,
    settings: &'a Settings,
}

impl Desk<'_> {
    fn one(
        &self,
        tx: &mut WriteTx<'_>,
        arrival: &Arrival,
        made: Option<&StoredRendition>,
    ) -> Result<Arrived, Error> {
        let Some(origin) = store::origins::find(tx, self.source, &arrival.name)? else {
            return self.first(tx, arrival, made);
        };
        let before = match origin.post {
            Some(id) => store::posts::by_id(tx, id)?,
            None => None,
        };
        let Some(before) = before else {
            return Ok(Arrived::plainly(Became::DeletedHere, None));
        };
        let id = Some(before.id);
        if origin.digest == arrival.digest {
            return Ok(Arrived::plainly(Became::Unchanged, id));
        }
        let is_as_written = origin.written_digest == Some(digest_of(&before)?);
        if !is_as_written || store::pending::get(tx, before.id)?.is_some() {
            return Ok(Arrived::plainly(Became::ChangedHere, id));
        }
        self.renew(tx, arrival, made, &before)
    }

    /// One that was never here.
    fn first(
        &self,
        tx: &mut WriteTx<'_>,
        arrival: &Arrival,
        made: Option<&StoredRendition>,
    ) -> Result<Arrived, Error> {
        if arrival.is_exact
            && let Some(twin) = store::posts::by_slug(tx, &arrival.slug)?
        {
            return self.meet(tx, arrival, &twin);
        }
        let slug = free_slug(tx, &arrival.slug, None)?;
        let now = tx.now();
        let mut content = Content::new(Title::empty(), slug, String::new());
        let owner = store::users::owner(tx)?;
        content.authors = owner.map(|owner| owner.id).into_iter().collect();
        let site_language = &self.settings.language;
        apply(
            tx,
            self.actor,
            &mut content,
            arrival.draft.clone(),
            site_language,
        )?;
        let created_at = arrival.standing.created_at.filter(|at| *at <= now);
        let post = Post {
            id: PostId::from_i64(tx.new_id()),
            kind: arrival.kind,
            status: Status::Draft,
            trashed_from: None,
            content,
            version: 1,
            created_at: created_at.unwrap_or(now),
            updated_at: now,
            publish_at: None,
            published_at: None,
        };
        let post = self.stand(tx, post, &arrival.standing)?;
        store::posts::insert(tx, &post)?;
        self.keep_rendition(tx, &post, made)?;
        let revision = Revision {
            id: RevisionId::from_i64(tx.new_id()),
            post: post.id,
            edited_by: self.actor.user(),
            at: now,
            version: post.version,
            content: post.content.clone(),
        };
        store::revisions::insert(tx, &revision)?;
        self.settle(tx, arrival, &post, Became::Made)
    }

    /// A post that came from elsewhere has the address; is it this one?
    fn meet(&self, tx: &mut WriteTx<'_>, arrival: &Arrival, twin: &Post) -> Result<Arrived, Error> {
        let mut content = Content::new(Title::empty(), twin.content.slug.clone(), String::new());
        content.authors.clone_from(&twin.content.authors);
        let site_language: &Language = &self.settings.language;
        apply(
            tx,
            self.actor,
            &mut content,
            arrival.draft.clone(),
            site_language,
        )?;
        let says_the_same = content == twin.content && arrival.kind == twin.kind;
        if !says_the_same || arrival.standing.status != twin.status {
            return Ok(Arrived::plainly(Became::Occupied, Some(twin.id)));
        }
        self.remember(tx, arrival, twin)?;
        Ok(Arrived::plainly(Became::Unchanged, Some(twin.id)))
    }

    /// One that was changed where it came from. Its address stays.
    fn renew(
        &self,
        tx: &mut WriteTx<'_>,
        arrival: &Arrival,
        made: Option<&StoredRendition>,
        before: &Post,
    ) -> Result<Arrived, Error> {
        require(self.actor, Act::EditPost(before))?;
        let mut content = Content::new(Title::empty(), before.content.slug.clone(), String::new());
        content.authors.clone_from(&before.content.authors);
        let site_language = &self.settings.language;
        apply(
            tx,
            self.actor,
            &mut content,
            arrival.draft.clone(),
            site_language,
        )?;
        let was_readable = before.status.is_readable();
        let is_other_language = content.language != before.content.language;
        let post = Post {
            kind: arrival.kind,
            content,
            version: before.version + 1,
            ..before.clone()
        };
        let post = self.stand(tx, post, &arrival.standing)?;
        if is_other_language {
            sharing::refuse_second_of_language(tx, &post)?;
        }
        store::posts::update(tx, &post)?;
        self.keep_rendition(tx, &post, made)?;
        keep_revision(tx, self.actor, &post)?;
        let mut arrived = self.settle(tx, arrival, &post, Became::Updated)?;
        if was_readable && !post.status.is_readable() {
            let id = post.id.as_i64();
            tx.record(Change::visible(Noun::Post, id, Verb::Unpublished));
        }
        arrived.post = Some(post.id);
        Ok(arrived)
    }

    /// Puts a post where it stood, as far as the rules of this site go.
    fn stand(
        &self,
        tx: &mut WriteTx<'_>,
        mut post: Post,
        standing: &Standing,
    ) -> Result<Post, Error> {
        let now = tx.now();
        let mut status = standing.status;
        let mut published_at = past(tx, standing.published_at)?;
        let mut publish_at = None;
        if status == Status::Scheduled {
            match standing.publish_at {
                Some(at) if at > now => publish_at = Some(at),
                due => {
                    status = Status::Published;
                    published_at = published_at.or(due);
                }
            }
        }
        if status.is_readable() {
            published_at = published_at.or(Some(now));
        }
        if !matches!(status, Status::Draft | Status::Trashed) {
            require(self.actor, Act::PublishPost(&post))?;
            if post.content.title.as_str().is_empty() {
                let why = "Only a draft may be without a title";
                return Err(Error::invalid("title", why));
            }
        }
        post.trashed_from = match status {
            Status::Trashed => Some(standing.trashed_from.unwrap_or(Status::Draft)),
            _ => None,
        };
        post.status = status;
        post.published_at = published_at;
        post.publish_at = publish_at;
        let updated_at = standing.updated_at.filter(|at| *at <= now);
        post.updated_at = updated_at.or(published_at).unwrap_or(now);
        Ok(post)
    }

    fn keep_rendition(
        &self,
        tx: &mut WriteTx<'_>,
        post: &Post,
        made: Option<&StoredRendition>,
    ) -> Result<(), Error> {
        let brief = Brief::of(tx, &post.content, self.settings)?;
        let ahead = made.filter(|made| made.stamp == brief.stamp());
        match ahead {
            Some(rendition) => Ok(brief.keep(tx, post.id, rendition)?),
            None => Ok(brief.keep(tx, post.id, &brief.rendition(&post.content)?)?),
        }
    }

    /// Everything but the post itself: its old addresses, where it came from, who hears of it.
    fn settle(
        &self,
        tx: &mut WriteTx<'_>,
        arrival: &Arrival,
        post: &Post,
        became: Became,
    ) -> Result<Arrived, Error> {
        take_address(tx, post)?;
        let mut arrived = Arrived::plainly(became, Some(post.id));
        for (path, permanent) in arrival.old_paths.iter().take(MAX_OLD_PATHS) {
            match lead_here(tx, post, path, *permanent)? {
                Led::Here => {}
                Led::Now => arrived.redirects += 1,
                Led::Not(why) => arrived.remarks.push(FieldError {
                    field: "aliases",
                    message: format!("{path} does not lead here: {why}"),
                }),
            }
        }
        if arrival.old_paths.len() > MAX_OLD_PATHS {
            arrived.remarks.push(FieldError {
                field: "aliases",
                message: format!("only the first {MAX_OLD_PATHS} old addresses were taken over"),
            });
        }
        self.remember(tx, arrival, post)?;
        let verb = match became {
            Became::Made => Verb::Created,
            _ => Verb::Updated,
        };
        let id = post.id.as_i64();
        tx.record(if post.status.is_readable() {
            Change::visible(Noun::Post, id, verb)
        } else {
            Change::hidden(Noun::Post, id, verb)
        });
        Ok(arrived)
    }

    fn remember(&self, tx: &mut WriteTx<'_>, arrival: &Arrival, post: &Post) -> Result<(), Error> {
        let origin = Origin {
            source: self.source.to_owned(),
            name: arrival.name.clone(),
            digest: arrival.digest.to_vec(),
            post: Some(post.id),
            media: None,
            written_digest: Some(digest_of(post)?),
        };
        Ok(store::origins::put(tx, &origin)?)
    }

    /// One line in the record of acts for all of them.
    fn note(&self, tx: &mut WriteTx<'_>, all: &[Arrived]) -> Result<(), Error> {
        let count = |became: Became| all.iter().filter(|one| one.became == became).count();
        let (made, updated) = (count(Became::Made), count(Became::Updated));
        if made + updated == 0 {
            return Ok(());
        }
        let detail = format!("{made} made, {updated} updated, from {}", self.source);
        let entry = NewAuditEntry {
            user: self.actor.user(),
            act: "post.import",
            noun: Noun::Post,
            noun_id: None,
            address: &self.actor.address,
            detail: &detail,
        };
        Ok(store::audit::insert(tx, &entry)?)
    }
}

/// Of all that somebody may have changed here since. That a schedule has come true is no change.
fn digest_of(post: &Post) -> Result<Vec<u8>, Error> {
    let status = match post.status {
        Status::Scheduled => Status::Published,
        other => other,
    };
    let said = serde_json::to_vec(&(post.kind, status, &post.content)).map_err(Error::internal)?;
    Ok(Sha256::digest(&said).to_vec())
}
