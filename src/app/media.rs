//! Uploaded files: taking them in, looking them up, throwing them away.

use std::fs::File;
use std::io::{BufReader, Read as _};

use deunicode::deunicode;

use crate::blobs::Draft;
use crate::domain::actor::{Act, Actor};
use crate::domain::audit::NewAuditEntry;
use crate::domain::change::{Change, Noun, Verb};
use crate::domain::id::MediaId;
use crate::domain::media::Media;
use crate::domain::text::hex;
use crate::store;

use super::{App, Error, require};

/// Where files are, below the site's address.
pub const PREFIX: &str = "/media/";
pub const MAX_BYTES: u64 = 1024 * 1024 * 1024;
/// A hundred million; more would take a browser half a gigabyte to show.
const MAX_PIXELS: u64 = 100_000_000;
const MAX_NAME_CHARS: usize = 60;
/// Enough to tell what kind of file it is.
const HEAD_BYTES: u64 = 8 * 1024;
/// Two files with as many equal first bits of their hashes are the same.
const NAME_HASH_BYTES: usize = 10;
/// What is taken: what the bytes look like, what browsers call it, and how its name ends. Nothing a
/// browser could run is among them.
const KINDS: &[(&str, &str, &str)] = &[
    ("image/jpeg", "image/jpeg", "jpg"),
    ("image/png", "image/png", "png"),
    ("image/gif", "image/gif", "gif"),
    ("image/webp", "image/webp", "webp"),
    ("image/avif", "image/avif", "avif"),
    ("application/pdf", "application/pdf", "pdf"),
    ("audio/mpeg", "audio/mpeg", "mp3"),
    ("audio/m4a", "audio/mp4", "m4a"),
    ("audio/ogg", "audio/ogg", "ogg"),
    ("audio/x-flac", "audio/flac", "flac"),
    ("audio/x-wav", "audio/wav", "wav"),
    ("video/mp4", "video/mp4", "mp4"),
    ("video/webm", "video/webm", "webm"),
];

/// Room for a file that somebody wants to upload.
pub fn begin(app: &App, actor: &Actor) -> Result<Draft, Error> {
    require(actor, Act::UploadMedia)?;
    app.blobs.begin().map_err(unwritable)
}

/// Takes the file in. Bytes that are here already are not kept twice: the first one is the answer.
pub fn add(
    app: &App,
    actor: &Actor,
    mut draft: Draft,
    name: &str,
    alt: &str,
) -> Result<Media, Error> {
    require(actor, Act::UploadMedia)?;
    let (mime, ending) = kind(&mut draft)?;
    let is_picture = mime.starts_with("image/");
    let size = is_picture.then(|| dimensions(&mut draft)).transpose()?;
    let digest = draft.digest();
    if let Some(known) = app.db.read(|tx| store::media::by_digest(tx, &digest))? {
        return Ok(known);
    }
    let folder = hex(&digest[..NAME_HASH_BYTES]);
    let path = format!("{folder}/{}.{ending}", plain_name(name));
    let bytes = draft.bytes();
    // The file before its row: a row without a file would be a broken page.
    draft.keep(&path).map_err(unwritable)?;
    app.db.write(|tx| {
        if let Some(known) = store::media::by_digest(tx, &digest)? {
            return Ok(known);
        }
        let media = Media {
            id: MediaId::from_i64(tx.new_id()),
            path: path.clone(),
            digest: digest.to_vec(),
            name: name.chars().filter(|c| !c.is_control()).take(200).collect(),
            mime: mime.to_owned(),
            bytes,
            width: size.map(|(width, _)| width),
            height: size.map(|(_, height)| height),
            alt: alt.to_owned(),
            variants: Vec::new(),
            uploaded_by: actor.user(),
            created_at: tx.now(),
        };
        store::media::insert(tx, &media)?;
        tx.record(Change::hidden(
            Noun::Media,
            media.id.as_i64(),
            Verb::Created,
        ));
        Ok(media)
    })
}

/// Files, newest first.
pub fn list(app: &App, actor: &Actor, limit: u32, offset: u32) -> Result<Vec<Media>, Error> {
    require(actor, Act::UploadMedia)?;
    Ok(app.db.read(|tx| store::media::newest(tx, limit, offset))?)
}

/// Throws a file away. Texts that show it are left as they are.
pub fn remove(app: &App, actor: &Actor, id: MediaId) -> Result<(), Error> {
    let media = app.db.write(|tx| {
        let media = store::media::by_id(tx, id)?.ok_or(Error::NotFound)?;
        require(actor, Act::DeleteMedia(&media))?;
        store::media::delete(tx, id)?;
        let entry = NewAuditEntry {
            user: actor.user(),
            act: "media.delete",
            noun: Noun::Media,
            noun_id: Some(id.as_i64()),
            address: &actor.address,
            detail: &media.path,
        };
        store::audit::insert(tx, &entry)?;
        tx.record(Change::visible(Noun::Media, id.as_i64(), Verb::Deleted));
        Ok::<_, Error>(media)
    })?;
    // Nobody can ask for it any more; a file that stays costs room and nothing else.
    if let Err(error) = app.blobs.remove(&media.path) {
        tracing::warn!(path = media.path, %error, "a deleted file could not be removed");
    }
    Ok(())
}

/// A file with its bytes, for whoever knows its address.
pub fn open(app: &App, path: &str) -> Result<(Media, File), Error> {
    let media = app.db.read(|tx| store::media::by_path(tx, path))?;
    let media = media.ok_or(Error::NotFound)?;
    let Some(file) = app.blobs.read(&media.path).map_err(Error::internal)? else {
        tracing::warn!(path, "an uploaded file is missing on disk");
        return Err(Error::NotFound);
    };
    Ok((media, file))
}

fn kind(draft: &mut Draft) -> Result<(&'static str, &'static str), Error> {
    let mut head = Vec::new();
    let reader = draft.reader().map_err(unwritable)?;
    reader
        .take(HEAD_BYTES)
        .read_to_end(&mut head)
        .map_err(unwritable)?;
    let looks = infer::get(&head).map_or("", |kind| kind.mime_type());
    let known = KINDS.iter().find(|(known, _, _)| *known == looks);
    known.map(|(_, mime, ending)| (*mime, *ending)).ok_or_else(|| {
        Error::invalid(
            "file",
            "This is none of the files that can be shown here: send a JPEG, PNG, GIF, WebP or AVIF picture, \
             a PDF, or sound and film as MP3, M4A, OGG, FLAC, WAV, MP4 or WebM",
        )
    })
}

/// Width and height, from the head of a picture.
fn dimensions(draft: &mut Draft) -> Result<(u32, u32), Error> {
    let reader = draft.reader().map_err(unwritable)?;
    let size = imagesize::reader_size(BufReader::new(reader))
        .map_err(|_| Error::invalid("file", "This picture is damaged; save it once more"))?;
    let (width, height) = (u32::try_from(size.width), u32::try_from(size.height));
    match (width, height) {
        (Ok(width @ 1..), Ok(height @ 1..))
            if u64::from(width) * u64::from(height) <= MAX_PIXELS =>
        {
            Ok((width, height))
        }
        _ => Err(Error::invalid(
            "file",
            format!(
                "A picture of {} by {} points is too large; make it smaller",
                size.width, size.height
            ),
        )),
    }
}

/// The name without its ending, in letters that no address has to encode.
fn plain_name(name: &str) -> String {
    let file = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let plain: String = deunicode(stem).to_ascii_lowercase();
    let words = plain.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let plain: String = words.join("-").chars().take(MAX_NAME_CHARS).collect();
    match plain.trim_end_matches('-') {
        "" => "file".to_owned(),
        plain => plain.to_owned(),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of `map_err`")]
fn unwritable(error: std::io::Error) -> Error {
    Error::Unavailable(format!("The file cannot be kept: {error}"))
}

#[cfg(test)]
mod tests {
    use super::plain_name;

    #[test]
    fn names_become_plain_ones() {
        for (name, plain) in [
            ("Straße am Meer.JPG", "strasse-am-meer"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Pictures\\a  b.png", "a-b"),
            ("…", "file"),
            (".png", "file"),
            ("東京.webp", "dong-jing"),
        ] {
            assert_eq!(plain_name(name), plain, "{name}");
        }
        assert_eq!(plain_name(&"x".repeat(500)).len(), 60);
    }
}
