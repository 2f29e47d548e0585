//! Uploaded files: taking them in, looking them up, describing, replacing and throwing them away.

use std::fs::File;
use std::io::{self, Write as _};

use crate::db::WriteTx;
use crate::domain::actor::{Act, Actor};
use crate::domain::audit::NewAuditEntry;
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::MediaId;
use crate::domain::media::{Family, Media};
use crate::domain::post::Post;
use crate::store;

use super::{App, Error, posts, require, webhooks};

mod copies;
mod intake;
mod library;

pub use crate::blobs::Draft;
pub use crate::store::media::Sought;
pub use copies::{is_any_unprepared, prepare_next};
pub use intake::{MAX_BYTES, TAKEN, room_for};
pub use library::{Wording, change, older};

/// Where files are, below the site's address.
pub const PREFIX: &str = "/media/";
pub const MAX_ALT_CHARS: usize = 1_000;
pub const MAX_CAPTION_CHARS: usize = 2_000;
pub const MAX_NAME_CHARS: usize = 200;
/// Posts named where a file is used; of more only the number is told.
const USERS_SHOWN: u32 = 50;
const RETRY_SECONDS: u64 = 3;

/// Room for a file that somebody wants to upload.
pub fn begin(app: &App, actor: &Actor) -> Result<Draft, Error> {
    require(actor, Act::UploadMedia)?;
    app.blobs.begin().map_err(unwritable)
}

/// Adds what has come of it.
pub fn fill(draft: &mut Draft, bytes: &[u8]) -> Result<(), Error> {
    draft.write_all(bytes).map_err(unwritable)
}

/// Takes the file in. Bytes that are here already are not kept twice: the first one is the answer.
pub fn add(app: &App, actor: &Actor, draft: Draft, name: &str, alt: &str) -> Result<Media, Error> {
    add_described(app, actor, draft, name, [alt, ""]).map(|(media, _)| media)
}

/// Looks whether a file could be taken in, and keeps nothing of it. Says where it would be or is, and
/// whether it would be new.
pub(super) fn examine(
    app: &App,
    actor: &Actor,
    draft: Draft,
    name: &str,
) -> Result<(String, bool), Error> {
    require(actor, Act::UploadMedia)?;
    let taken = intake::take_in(app, draft, name)?;
    let known = app
        .db
        .read(|tx| store::media::by_digest(tx, &taken.digest))?;
    Ok(match known {
        Some(known) => (known.path, false),
        None => (taken.path(), true),
    })
}

/// Like [`add`], with what there is to see and what stands under it; says whether the file is new here.
pub fn add_described(
    app: &App,
    actor: &Actor,
    draft: Draft,
    name: &str,
    [alt, caption]: [&str; 2],
) -> Result<(Media, bool), Error> {
    require(actor, Act::UploadMedia)?;
    let alt = words("alt", alt, MAX_ALT_CHARS)?;
    let caption = words("caption", caption, MAX_CAPTION_CHARS)?;
    let taken = intake::take_in(app, draft, name)?;
    let digest = taken.digest;
    if let Some(known) = app.db.read(|tx| store::media::by_digest(tx, &digest))? {
        return Ok((known, false));
    }
    // The file before its row: a row without a file would be a broken page.
    let file = taken.keep()?;
    app.db.write(|tx| {
        if let Some(known) = store::media::by_digest(tx, &digest)? {
            tx.quiet("somebody has just sent the same");
            return Ok((known, false));
        }
        let media = Media {
            id: MediaId::from_i64(tx.new_id()),
            path: file.path.clone(),
            digest: digest.to_vec(),
            name: name_of(name, &file.path),
            mime: file.mime.to_owned(),
            bytes: file.bytes,
            width: file.size.map(|(width, _)| width),
            height: file.size.map(|(_, height)| height),
            alt,
            caption,
            colour: file.colour.clone(),
            recipe: 0,
            variants: Vec::new(),
            uploaded_by: actor.user(),
            created_at: tx.now(),
        };
        store::media::insert(tx, &media)?;
        let id = media.id.as_i64();
        tx.record(Change::hidden(Noun::Media, id, Verb::Created));
        Ok((media, true))
    })
}

/// Puts other bytes in the place of a file. Texts that show it show them from then on: whoever asks for
/// the old address is sent to the new one.
pub fn replace(
    app: &App,
    actor: &Actor,
    id: MediaId,
    draft: Draft,
    name: &str,
) -> Result<Media, Error> {
    replace_if(app, actor, id, draft, name, |_| Ok(()))
}

/// The same, where `agree` agrees to what would go.
pub fn replace_if(
    app: &App,
    actor: &Actor,
    id: MediaId,
    draft: Draft,
    name: &str,
    agree: impl Fn(&Media) -> Result<(), Error>,
) -> Result<Media, Error> {
    let before = app.db.read(|tx| store::media::by_id(tx, id))?;
    let before = before.ok_or(Error::NotFound)?;
    require(actor, Act::ChangeMedia(&before))?;
    agree(&before)?;
    let taken = intake::take_in(app, draft, name)?;
    if taken.digest[..] == before.digest[..] {
        return Ok(before);
    }
    if Family::of_mime(taken.mime) != before.family() {
        return Err(Error::invalid(
            "file",
            "Only a file of the same sort can take its place: a picture that of a picture",
        ));
    }
    let digest = taken.digest;
    let file = taken.keep()?;
    let (before, after) = app.db.write(|tx| {
        if store::media::by_digest(tx, &digest)?.is_some() {
            return Err(Error::Conflict(
                "these bytes are in the library already; use that file instead".to_owned(),
            ));
        }
        let before = store::media::by_id(tx, id)?.ok_or(Error::NotFound)?;
        agree(&before)?;
        let after = Media {
            path: file.path.clone(),
            digest: digest.to_vec(),
            name: name_of(name, &file.path),
            mime: file.mime.to_owned(),
            bytes: file.bytes,
            width: file.size.map(|(width, _)| width),
            height: file.size.map(|(_, height)| height),
            colour: file.colour.clone(),
            recipe: 0,
            variants: Vec::new(),
            ..before.clone()
        };
        store::media::update(tx, &after)?;
        audit(tx, actor, "media.replace", &before)?;
        tx.record(Change::visible(Noun::Media, id.as_i64(), Verb::Updated));
        Ok((before, after))
    })?;
    throw_away(app, paths(&before));
    Ok(after)
}

/// Says what there is to see, and what stands under it.
pub fn describe(
    app: &App,
    actor: &Actor,
    id: MediaId,
    alt: &str,
    caption: &str,
) -> Result<Media, Error> {
    change(app, actor, id, |_| {
        Ok(Wording {
            name: None,
            alt: Some(alt.to_owned()),
            caption: Some(caption.to_owned()),
        })
    })
}

/// What is looked for in the library.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    pub words: &'a str,
    pub family: Option<Family>,
}

/// Files, newest first.
pub fn list(
    app: &App,
    actor: &Actor,
    wanted: Wanted<'_>,
    limit: u32,
    offset: u32,
) -> Result<Vec<Media>, Error> {
    require(actor, Act::SeeMedia)?;
    let Wanted { words, family } = wanted;
    Ok(app
        .db
        .read(|tx| store::media::search(tx, words.trim(), family, limit, offset))?)
}

/// A file and the posts that show it.
#[derive(Debug)]
pub struct Shown {
    pub media: Media,
    pub used_in: Vec<Post>,
    pub uses: u64,
}

pub fn show(app: &App, actor: &Actor, id: MediaId) -> Result<Shown, Error> {
    require(actor, Act::SeeMedia)?;
    app.db.read(|tx| {
        let media = store::media::by_id(tx, id)?.ok_or(Error::NotFound)?;
        let mut used_in = Vec::new();
        for post in store::media::users(tx, id, USERS_SHOWN)? {
            // Others' drafts are not named to those who may not see them.
            let post = store::posts::by_id(tx, post)?;
            used_in.extend(post.filter(|post| posts::may_see(actor, post).is_ok()));
        }
        Ok(Shown {
            uses: store::media::count_users(tx, id)?,
            media,
            used_in,
        })
    })
}

/// In how many posts each of these is shown.
pub fn uses(app: &App, media: &[Media]) -> Result<Vec<u64>, Error> {
    Ok(app.db.read(|tx| {
        let counts = media
            .iter()
            .map(|media| store::media::count_users(tx, media.id));
        counts.collect::<Result<_, _>>()
    })?)
}

/// Throws a file away. Texts that show it are left as they are.
pub fn remove(app: &App, actor: &Actor, id: MediaId) -> Result<(), Error> {
    remove_if(app, actor, id, |_| Ok(()))
}

/// The same, where `agree` agrees to what would go.
pub fn remove_if(
    app: &App,
    actor: &Actor,
    id: MediaId,
    agree: impl FnOnce(&Media) -> Result<(), Error>,
) -> Result<(), Error> {
    let media = app.db.write(|tx| {
        let media = store::media::by_id(tx, id)?.ok_or(Error::NotFound)?;
        require(actor, Act::ChangeMedia(&media))?;
        agree(&media)?;
        webhooks::media_departs(tx, &media)?;
        store::media::delete(tx, id)?;
        audit(tx, actor, "media.delete", &media)?;
        tx.record(Change::visible(Noun::Media, id.as_i64(), Verb::Deleted));
        Ok::<_, Error>(media)
    })?;
    throw_away(app, paths(&media));
    Ok(())
}

/// A file's own path and those of its copies.
fn paths(media: &Media) -> impl Iterator<Item = &String> {
    let copies = media.variants.iter().map(|copy| &copy.path);
    std::iter::once(&media.path).chain(copies)
}

fn throw_away<'a>(app: &App, paths: impl Iterator<Item = &'a String>) {
    for path in paths {
        // Nobody can ask for it any more; a file that stays costs room and nothing else.
        if let Err(error) = app.blobs.remove(path) {
            tracing::warn!(path, %error, "a deleted file could not be removed");
        }
    }
}

/// What is at an address below [`PREFIX`].
#[derive(Debug)]
pub enum Found {
    Here(Stored),
    /// Other bytes have taken its place, at this path.
    Moved(String),
}

#[derive(Debug)]
pub struct Stored {
    pub file: File,
    pub mime: String,
    pub bytes: u64,
    /// Names these bytes: equal tags mean equal bytes.
    pub tag: String,
    pub created_at: crate::domain::time::Timestamp,
}

/// A file or a copy of one with its bytes, for whoever knows its address.
pub fn open(app: &App, path: &str) -> Result<Found, Error> {
    let media = app.db.read(|tx| store::media::by_address(tx, path))?;
    let media = media.ok_or(Error::NotFound)?;
    let copy = media.variants.iter().find(|copy| copy.path == path);
    let (mime, bytes) = match copy {
        Some(copy) => (&copy.mime, copy.bytes),
        None if media.path == path => (&media.mime, media.bytes),
        None => return Ok(Found::Moved(media.path)),
    };
    let Some(file) = app.blobs.read(path).map_err(Error::internal)? else {
        tracing::warn!(path, "an uploaded file is missing on disk");
        return Err(Error::NotFound);
    };
    Ok(Found::Here(Stored {
        file,
        mime: mime.clone(),
        bytes,
        // The folder is a hash of the bytes.
        tag: path.split('/').next().unwrap_or_default().to_owned(),
        created_at: media.created_at,
    }))
}

/// What is written into a text to show a file.
pub fn markdown(media: &Media) -> String {
    let mark = if media.family() == Family::Picture {
        "!"
    } else {
        ""
    };
    let words = match media.family() {
        Family::Picture => &media.alt,
        _ => &media.name,
    };
    let words = words.replace('\\', "\\\\").replace('[', "\\[");
    let words = words.replace(']', "\\]").replace(['\n', '\r'], " ");
    format!("{mark}[{words}]({PREFIX}{})", media.path)
}

/// What a file is called that came as `name`; where that is nothing, what it is called here.
fn name_of(name: &str, path: &str) -> String {
    Some(shown_name(name))
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| shown_name(path))
}

/// What the file was called where it came from, without what no name has.
fn shown_name(name: &str) -> String {
    let file = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = file.chars().filter(|letter| !letter.is_control());
    name.take(MAX_NAME_CHARS).collect()
}

fn words(field: &'static str, text: &str, max_chars: usize) -> Result<String, Error> {
    let text = text.replace('\0', "");
    let text = text.trim();
    if text.chars().count() > max_chars {
        let why = format!("Use at most {max_chars} letters");
        return Err(Error::invalid(field, why));
    }
    Ok(text.to_owned())
}

fn audit(tx: &mut WriteTx<'_>, actor: &Actor, act: &str, media: &Media) -> Result<(), Error> {
    let entry = NewAuditEntry {
        user: actor.user(),
        act,
        noun: Noun::Media,
        noun_id: Some(media.id.as_i64()),
        address: &actor.address,
        detail: &media.path,
    };
    Ok(store::audit::insert(tx, &entry)?)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of `map_err`")]
fn unwritable(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::NoRoom(
            "there is no room left on the disk, and nothing was kept; make some, then upload it again"
                .to_owned(),
        ),
        _ => Error::Unavailable(format!("The file cannot be kept: {error}")),
    }
}
