//! Writing, publishing and putting away posts and pages.

use crate::db::{ReadTx, WriteTx};
use crate::domain::actor::{Act, Actor};
use crate::domain::audit::NewAuditEntry;
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::{PostId, RevisionId, UserId};
use crate::domain::language::Language;
use crate::domain::post::{
    Content, Cover, Kind, MAX_AUTHORS, MAX_MARKDOWN_BYTES, MAX_TAGS, Post, Revision, Status,
};
use crate::domain::redirect::Target;
use crate::domain::slug::Slug;
use crate::domain::text::{Name, Title, WebAddress};
use crate::domain::time::Timestamp;
use crate::store;

use super::rendering::{self, Brief};
use super::{App, Error, require};

mod arriving;
mod desk;
mod editing;
mod guarded;
mod history;
mod reading;
mod sharing;
mod standing;

pub use arriving::{Arrival, Arrived, Became, Standing, arrive};
pub use desk::{Wish, desk, find};
pub(super) use editing::lay_in;
pub use editing::{
    Choices, Editing, Intent, Rights, Seen, Written, choices, edit, rights_on_new, write,
};
pub use guarded::{
    Meant, State, Step, compose, drop_pending, remove, revise, revise_pending, step,
};
pub use history::{
    Altered, Past, PastWhole, bring_back, compare, difference, difference_since, history,
    past_part, past_state, revision, revisions,
};
pub use reading::{Filter, Which, Whole, list, read, require_kind, translations_seen};
pub use sharing::{
    DEFAULT_PREVIEW_HOURS, MAX_PREVIEW_HOURS, PreviewLink, share, translate, translations, unshare,
};
pub use standing::{Release, delete, publish, publish_due, restore, trash, unpublish};
pub(super) use standing::{release_in, restore_in, trash_in, unpublish_in};

/// Saves by the same person within this time share a revision, so that autosave makes no noise.
const REVISION_INTERVAL_SECONDS: i64 = 10 * 60;
pub const REVISIONS_KEPT: u32 = 200;
/// Suffixes tried for a taken slug before the title is asked to change.
const MAX_SLUG_SUFFIX: u32 = 10_000;

/// What somebody wrote, before it is checked against what is there. `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    pub title: Option<Title>,
    /// `None` on a new post: made from the title.
    pub slug: Option<Slug>,
    pub markdown: Option<String>,
    pub excerpt: Option<Option<String>>,
    pub cover: Option<Option<Cover>>,
    /// Other words for the cover that is there.
    pub cover_alt: Option<String>,
    pub tags: Option<Vec<Name>>,
    pub language: Option<Option<Language>>,
    pub canonical_url: Option<Option<WebAddress>>,
    pub meta_title: Option<Option<String>>,
    pub meta_description: Option<Option<String>>,
    pub code_head: Option<Option<String>>,
    pub code_foot: Option<Option<String>>,
    pub featured: Option<bool>,
    /// Those who wrote it, by their names in addresses.
    pub authors: Option<Vec<Slug>>,
    /// When it was published, or will have been once it is.
    pub published_at: Option<Timestamp>,
}

/// Makes a draft.
pub fn create(app: &App, actor: &Actor, kind: Kind, draft: Draft) -> Result<Post, Error> {
    require(actor, Act::CreatePost)?;
    app.db.write(|tx| create_in(tx, actor, kind, draft))
}

/// Makes a post and puts it before readers, in one step.
pub fn create_released(
    app: &App,
    actor: &Actor,
    kind: Kind,
    draft: Draft,
    release: Release,
) -> Result<Post, Error> {
    require(actor, Act::CreatePost)?;
    app.db.write(|tx| {
        let post = create_in(tx, actor, kind, draft)?;
        release_in(tx, actor, &post, release)
    })
}

pub(super) fn create_in(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    kind: Kind,
    draft: Draft,
) -> Result<Post, Error> {
    let now = tx.now();
    let language = site_language(tx)?;
    let title = draft.title.clone().unwrap_or_else(Title::empty);
    let wished = draft.slug.clone().unwrap_or_else(|| {
        let fallback = format!("{kind}-{}", now.as_seconds());
        Slug::from_title(title.as_str(), draft_language(&draft, &language), &fallback)
    });
    let mut content = Content::new(title, free_slug(tx, &wished, None)?, String::new());
    let author = match actor.user() {
        Some(user) => Some(user),
        None => store::users::owner(tx)?.map(|owner| owner.id),
    };
    content.authors = author.into_iter().collect();
    let published_at = past(tx, draft.published_at)?;
    apply(tx, actor, &mut content, draft, &language)?;
    let post = Post {
        id: PostId::from_i64(tx.new_id()),
        kind,
        status: Status::Draft,
        trashed_from: None,
        content,
        version: 1,
        created_at: now,
        updated_at: now,
        publish_at: None,
        published_at,
    };
    store::posts::insert(tx, &post)?;
    keep_rendition(tx, &post)?;
    keep_revision(tx, actor, &post)?;
    tx.record(Change::hidden(Noun::Post, post.id.as_i64(), Verb::Created));
    Ok(post)
}

/// A draft that says the same as a post; of another language, it becomes a translation of it.
pub fn copy(
    app: &App,
    actor: &Actor,
    id: PostId,
    language: Option<&Language>,
) -> Result<Post, Error> {
    require(actor, Act::CreatePost)?;
    let copy = app.db.write(|tx| {
        let post = for_editing(tx, actor, id)?;
        let mut content = post.content.clone();
        if language.is_none() {
            let title = format!("{} (copy)", content.title);
            content.title = Title::parse(&title).unwrap_or(content.title);
        }
        let draft = Draft {
            title: Some(content.title),
            markdown: Some(content.markdown),
            excerpt: Some(content.excerpt),
            cover: Some(content.cover),
            language: Some(language.cloned().or(content.language)),
            meta_title: Some(content.meta_title),
            meta_description: Some(content.meta_description),
            ..Draft::default()
        };
        let copy = create_in(tx, actor, post.kind, draft)?;
        let with_tags = Content {
            tags: content.tags,
            ..copy.content.clone()
        };
        save(tx, actor, copy, with_tags, None)
    })?;
    if language.is_some() {
        translate(app, actor, copy.id, Some(id))?;
    }
    Ok(copy)
}

/// Changes a post at once, for readers too if they can see it. `version` is the one the change was
/// made to; if the post has moved on since, nothing is written.
pub fn update(
    app: &App,
    actor: &Actor,
    id: PostId,
    version: Option<i64>,
    draft: Draft,
) -> Result<Post, Error> {
    app.db.write(|tx| {
        let post = for_editing(tx, actor, id)?;
        same_version(version, post.version)?;
        let mut content = post.content.clone();
        let language = site_language(tx)?;
        if let Some(slug) = &draft.slug {
            content.slug = free_slug(tx, slug, Some(id))?;
        }
        let date = draft.published_at;
        apply(tx, actor, &mut content, draft, &language)?;
        save(tx, actor, post, content, date)
    })
}

/// A post as its editors see it.
pub fn show(app: &App, actor: &Actor, id: PostId) -> Result<Post, Error> {
    let post = app
        .db
        .read(|tx| store::posts::by_id(tx, id))?
        .ok_or(Error::NotFound)?;
    may_see(actor, &post)?;
    Ok(post)
}

/// Others' drafts do not exist for those who may not see them.
pub(super) fn may_see(actor: &Actor, post: &Post) -> Result<(), Error> {
    let own = actor.may(Act::SeeOwn) && actor.user().is_some_and(|user| post.is_by(user));
    if own || post.status.is_readable() || actor.may(Act::SeeEverything) {
        Ok(())
    } else {
        Err(Error::NotFound)
    }
}

fn for_editing(tx: &mut WriteTx<'_>, actor: &Actor, id: PostId) -> Result<Post, Error> {
    let post = store::posts::by_id(tx, id)?.ok_or(Error::NotFound)?;
    may_see(actor, &post)?;
    require(actor, Act::EditPost(&post))?;
    Ok(post)
}

fn same_version(expected: Option<i64>, found: i64) -> Result<(), Error> {
    match expected {
        Some(expected) if expected != found => Err(Error::Conflict(format!(
            "it was changed meanwhile (version {found}, yours began from {expected}); read it \
             again and put your change on top"
        ))),
        _ => Ok(()),
    }
}

fn site_language(tx: &mut WriteTx<'_>) -> Result<Language, Error> {
    Ok(store::settings::read(tx)?.language)
}

fn draft_language<'a>(draft: &'a Draft, site: &'a Language) -> &'a Language {
    draft
        .language
        .as_ref()
        .and_then(Option::as_ref)
        .unwrap_or(site)
}

/// The slug itself, or with the first number behind it that makes it nobody else's.
pub(super) fn free_slug(
    tx: &mut WriteTx<'_>,
    wished: &Slug,
    owner: Option<PostId>,
) -> Result<Slug, Error> {
    let mut slug = wished.clone();
    let mut number = 1;
    while store::posts::slug_is_taken(tx, slug.as_str(), owner)? {
        number += 1;
        if number > MAX_SLUG_SUFFIX {
            return Err(Error::invalid(
                "slug",
                "Too many posts have this address; choose another",
            ));
        }
        slug = wished.with_suffix(number);
    }
    Ok(slug)
}

/// Lays a draft's fields over the content, each checked.
pub(super) fn apply(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    content: &mut Content,
    draft: Draft,
    site_language: &Language,
) -> Result<(), Error> {
    let injects = draft.code_head.is_some() || draft.code_foot.is_some();
    if injects {
        require(actor, Act::InjectCode)?;
    }
    if let Some(markdown) = draft.markdown {
        if markdown.len() > MAX_MARKDOWN_BYTES {
            return Err(Error::invalid(
                "markdown",
                format!("The text is longer than {MAX_MARKDOWN_BYTES} bytes; split it"),
            ));
        }
        content.markdown = without_zero_bytes(&markdown);
    }
    if let Some(names) = draft.tags {
        if names.len() > MAX_TAGS {
            return Err(Error::invalid(
                "tags",
                format!("Use at most {MAX_TAGS} tags"),
            ));
        }
        let language = content.language.clone();
        content.tags = super::tags::ensure(tx, &names, language.as_ref().unwrap_or(site_language))?;
    }
    content.title = draft.title.unwrap_or_else(|| content.title.clone());
    let set = |field: &mut Option<String>, value: Option<Option<String>>| {
        if let Some(value) = value {
            let value = value.map(|text| without_zero_bytes(&text));
            *field = value.filter(|text| !text.trim().is_empty());
        }
    };
    set(&mut content.excerpt, draft.excerpt);
    set(&mut content.meta_title, draft.meta_title);
    set(&mut content.meta_description, draft.meta_description);
    set(&mut content.code_head, draft.code_head);
    set(&mut content.code_foot, draft.code_foot);
    content.cover = draft.cover.unwrap_or_else(|| content.cover.take());
    if let Some(alt) = draft.cover_alt {
        let cover = content.cover.as_mut();
        let nothing = || Error::invalid("cover", "There is no cover yet; say its url, too");
        cover.ok_or_else(nothing)?.alt = without_zero_bytes(&alt);
    }
    content.language = draft.language.unwrap_or_else(|| content.language.take());
    content.canonical_url = draft
        .canonical_url
        .unwrap_or_else(|| content.canonical_url.take());
    content.featured = draft.featured.unwrap_or(content.featured);
    if let Some(slugs) = draft.authors {
        let authors = authors(tx, &slugs)?;
        if authors != content.authors {
            require(actor, Act::ChooseAuthors)?;
            content.authors = authors;
        }
    }
    Ok(())
}

fn authors(tx: &mut ReadTx<'_>, slugs: &[Slug]) -> Result<Vec<UserId>, Error> {
    let mut authors = Vec::with_capacity(slugs.len());
    for slug in slugs {
        let user = store::users::by_slug(tx, slug)?;
        let user = user
            .ok_or_else(|| Error::invalid("authors", format!("Nobody here is called “{slug}”")))?;
        if !authors.contains(&user.id) {
            authors.push(user.id);
        }
    }
    if authors.is_empty() || authors.len() > MAX_AUTHORS {
        return Err(Error::invalid(
            "authors",
            format!("Name between one and {MAX_AUTHORS} authors"),
        ));
    }
    Ok(authors)
}

/// A date of publication lies behind us; what lies ahead is a schedule.
fn past(tx: &WriteTx<'_>, date: Option<Timestamp>) -> Result<Option<Timestamp>, Error> {
    match date {
        Some(date) if date > tx.now() => Err(Error::invalid(
            "date",
            "This date is still to come; schedule the post for it instead",
        )),
        date => Ok(date),
    }
}

/// Neither engine keeps a zero byte in text, and none is ever meant.
fn without_zero_bytes(text: &str) -> String {
    text.replace('\0', "")
}

/// Writes new content over a post, with its rendition, a revision, and a redirect from where
/// readers knew it.
pub(super) fn save(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    before: Post,
    content: Content,
    date: Option<Timestamp>,
) -> Result<Post, Error> {
    // Forms know whole seconds.
    let is_same = |date: &Timestamp| {
        let before = before.published_at.map(Timestamp::as_seconds);
        before == Some(date.as_seconds())
    };
    let published_at = past(tx, date.filter(|date| !is_same(date)))?.or(before.published_at);
    if content == before.content && published_at == before.published_at {
        tx.quiet("nothing was changed");
        return Ok(before);
    }
    let post = Post {
        version: before.version + 1,
        updated_at: tx.now(),
        published_at,
        content,
        ..before.clone()
    };
    if post.content.slug != before.content.slug && before.published_at.is_some() {
        let old = format!("/{}", before.content.slug);
        store::redirects::put(tx, &old, &Target::Post(post.id), true)?;
    }
    if post.content.title.as_str().is_empty()
        && !matches!(post.status, Status::Draft | Status::Trashed)
    {
        return Err(Error::invalid(
            "title",
            "Only a draft may be without a title",
        ));
    }
    if post.content.language != before.content.language {
        sharing::refuse_second_of_language(tx, &post)?;
    }
    take_address(tx, &post)?;
    store::posts::update(tx, &post)?;
    keep_rendition(tx, &post)?;
    keep_revision(tx, actor, &post)?;
    let change = if post.status.is_readable() {
        Change::visible
    } else {
        Change::hidden
    };
    tx.record(change(Noun::Post, post.id.as_i64(), Verb::Updated));
    Ok(post)
}

/// What readers find at an address wins over a redirect from it, and is remembered as what they found. A
/// draft takes nothing away.
fn take_address(tx: &mut WriteTx<'_>, post: &Post) -> Result<(), Error> {
    if post.status.is_readable() {
        store::redirects::delete_from(tx, &format!("/{}", post.content.slug))?;
        store::departed::note_shown(tx, post.id, &post.content.slug)?;
    }
    Ok(())
}

/// Writes a post's new status.
fn move_to(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    before: &Post,
    mut post: Post,
    verb: Verb,
) -> Result<Post, Error> {
    post.version += 1;
    post.updated_at = tx.now();
    take_address(tx, &post)?;
    store::posts::update(tx, &post)?;
    audit(tx, actor, &format!("post.{}", post.status), &post)?;
    let (was_readable, is_readable) = (before.status.is_readable(), post.status.is_readable());
    // What it is for readers, whatever was asked for.
    let verb = match (was_readable, is_readable) {
        (true, false) => Verb::Unpublished,
        (true, true) if before.status == post.status => Verb::Updated,
        _ => verb,
    };
    let change = if was_readable || is_readable {
        Change::visible
    } else {
        Change::hidden
    };
    tx.record(change(Noun::Post, post.id.as_i64(), verb));
    Ok(post)
}

fn keep_rendition(tx: &mut WriteTx<'_>, post: &Post) -> Result<(), Error> {
    let settings = store::settings::read(tx)?;
    let brief = Brief::of(tx, &post.content, &settings)?;
    let rendition = brief.rendition(&post.content)?;
    brief.keep(tx, post.id, &rendition)?;
    // Edits that wait show their pictures soon.
    if let Some(pending) = store::pending::get(tx, post.id)? {
        rendering::add_uses(tx, post.id, &pending.content)?;
    }
    Ok(())
}

/// Adds a revision, or renews the last one when the same person saved a moment ago.
fn keep_revision(tx: &mut WriteTx<'_>, actor: &Actor, post: &Post) -> Result<(), Error> {
    let last = store::revisions::of_post(tx, post.id, 1)?
        .into_iter()
        .next();
    let mut revision = Revision {
        id: RevisionId::from_i64(tx.new_id()),
        post: post.id,
        edited_by: actor.user(),
        at: tx.now(),
        version: post.version,
        content: post.content.clone(),
    };
    let continues = last.filter(|last| {
        last.edited_by == revision.edited_by
            && !post.status.is_readable()
            && last.at.plus_seconds(REVISION_INTERVAL_SECONDS) > revision.at
    });
    if let Some(last) = continues {
        // It keeps its time, so that the interval ends however often somebody saves.
        revision.at = last.at;
        store::revisions::delete(tx, last.id)?;
    }
    store::revisions::insert(tx, &revision)?;
    Ok(store::revisions::thin_out(tx, post.id, REVISIONS_KEPT)?)
}

fn audit(tx: &mut WriteTx<'_>, actor: &Actor, act: &str, post: &Post) -> Result<(), Error> {
    Ok(store::audit::insert(
        tx,
        &NewAuditEntry {
            user: actor.user(),
            act,
            noun: Noun::Post,
            noun_id: Some(post.id.as_i64()),
            address: &actor.address,
            detail: post.content.title.as_str(),
        },
    )?)
}
