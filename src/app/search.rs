//! Keeps the search index in step with the store. Called again and again by a job; each call
//! continues where the index itself says it stands.

use std::collections::BTreeSet;

use crate::db::ReadTx;
use crate::domain::actor::{Act, Actor};
use crate::domain::change::{Change, Entry, Noun, Verb};
use crate::domain::id::{PostId, TagId, UserId};
use crate::domain::post::Post;
use crate::search::{Document, Writer};
use crate::store;

use super::reader::rendition_of;
use super::{App, Error, require};

/// Entries of the change feed taken in one step.
const BATCH_ENTRIES: u32 = 500;
/// Posts read in one transaction while the index is rebuilt.
const BATCH_POSTS: u32 = 200;

/// Brings the index up to date; says how many posts were written to it.
pub fn follow(app: &App, writer: &mut Writer) -> Result<usize, Error> {
    let newest = app.db.read(store::changes::newest)?;
    let oldest = app.db.read(store::changes::oldest)?;
    match app.index.cursor() {
        // The feed may have been cut behind an index that was away for long, or the index may
        // come from a database that was restored since.
        Some(cursor) if cursor <= newest && oldest.is_none_or(|oldest| oldest <= cursor + 1) => {
            catch_up(app, writer, cursor)
        }
        _ => rebuild(app, writer, &mut |_| ()),
    }
}

/// Has whoever writes the index write it anew, in this process or another. Says how far the index has got
/// when that is done.
pub fn ask_for_rebuild(app: &App, actor: &Actor) -> Result<u64, Error> {
    require(actor, Act::ManageSettings)?;
    app.db.write(|tx| {
        tx.record(Change::hidden(Noun::Index, 0, Verb::Updated));
        Ok::<_, Error>(())
    })?;
    Ok(app.db.read(store::changes::newest)?)
}

/// How many changes the index does not know yet; `None` while it is written anew.
pub fn behind(app: &App) -> Result<Option<u64>, Error> {
    let newest = app.db.read(store::changes::newest)?;
    let cursor = app.index.cursor();
    Ok(cursor.map(|cursor| newest.saturating_sub(cursor)))
}

/// How many posts and pages readers can find.
pub fn listed(app: &App) -> Result<u64, Error> {
    let mut count = 0;
    let mut after = PostId::from_i64(0);
    loop {
        let ids = app
            .db
            .read(|tx| store::timeline::listed_ids_after(tx, after, BATCH_POSTS))?;
        let Some(last) = ids.last() else {
            return Ok(count);
        };
        after = *last;
        count += ids.len() as u64;
    }
}

/// Writes the index anew from the store. `told` hears how many posts are in it so far.
pub fn rebuild(
    app: &App,
    writer: &mut Writer,
    told: &mut dyn FnMut(usize),
) -> Result<usize, Error> {
    // Changes made while this runs come after this number and are caught up with later.
    let cursor = app.db.read(store::changes::newest)?;
    tracing::info!(cursor, "writing the search index anew");
    writer.clear();
    let mut written = 0;
    let mut after = PostId::from_i64(0);
    loop {
        let (documents, last) = app.db.read(|tx| {
            let ids = store::timeline::listed_ids_after(tx, after, BATCH_POSTS)?;
            let mut documents = Vec::with_capacity(ids.len());
            for id in &ids {
                documents.extend(document(tx, *id)?);
            }
            Ok::<_, Error>((documents, ids.last().copied()))
        })?;
        let Some(last) = last else { break };
        after = last;
        for document in &documents {
            writer.put(document).map_err(Error::internal)?;
        }
        written += documents.len();
        told(written);
    }
    writer.commit(cursor).map_err(Error::internal)?;
    tracing::info!(posts = written, "the search index is written");
    Ok(written)
}

fn catch_up(app: &App, writer: &mut Writer, mut cursor: u64) -> Result<usize, Error> {
    let mut written = 0;
    loop {
        let entries = app
            .db
            .read(|tx| store::changes::after(tx, cursor, BATCH_ENTRIES))?;
        let Some(last) = entries.last() else {
            return Ok(written);
        };
        if entries.iter().any(|entry| entry.change.noun == Noun::Index) {
            return Ok(written + rebuild(app, writer, &mut |_| ())?);
        }
        let newest = last.seq;
        let mut touched = BTreeSet::new();
        for entry in &entries {
            touched.extend(posts_behind(app, entry)?);
        }
        for id in &touched {
            match app.db.read(|tx| document(tx, *id))? {
                Some(document) => writer.put(&document).map_err(Error::internal)?,
                None => writer.remove(*id).map_err(Error::internal)?,
            }
        }
        written += touched.len();
        writer.commit(newest).map_err(Error::internal)?;
        cursor = newest;
    }
}

/// The posts whose documents a change may have made out of date.
fn posts_behind(app: &App, entry: &Entry) -> Result<Vec<PostId>, Error> {
    let change = entry.change;
    Ok(match change.noun {
        Noun::Post => vec![PostId::from_i64(change.id)],
        Noun::Tag => app
            .db
            .read(|tx| store::tags::posts_with(tx, TagId::from_i64(change.id)))?,
        Noun::User => app
            .db
            .read(|tx| store::users::posts_by(tx, UserId::from_i64(change.id)))?,
        _ => Vec::new(),
    })
}

/// What the index is told about a post; `None` if readers may not find it.
fn document(tx: &mut ReadTx<'_>, id: PostId) -> Result<Option<Document>, Error> {
    let Some(post) = store::posts::by_id(tx, id)?.filter(|post| post.status.is_listed()) else {
        return Ok(None);
    };
    let settings = store::settings::read(tx)?;
    let rendition = rendition_of(tx, &post, &settings)?;
    let tags = store::tags::of_post(tx, id)?;
    let authors = store::users::of_post(tx, id)?;
    let Post {
        content,
        published_at,
        created_at,
        ..
    } = post;
    Ok(Some(Document {
        id,
        title: content.title.into(),
        headings: rendition.headings,
        body: rendition.text,
        tags: tags
            .into_iter()
            .map(|tag| (tag.slug.as_str().to_owned(), tag.name.into()))
            .collect(),
        authors: authors
            .into_iter()
            .map(|user| (user.slug.as_str().to_owned(), user.name.into()))
            .collect(),
        language: content.language.unwrap_or(settings.language),
        published_at: published_at.unwrap_or(created_at),
    }))
}
