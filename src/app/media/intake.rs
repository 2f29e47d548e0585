//! From bytes somebody sent to a file that may be kept: what kind it is, that it is sound, and without
//! what is nobody's business.

use std::io::{self, Read as _, Write as _};

use deunicode::deunicode;

use crate::blobs::Draft;
use crate::domain::text::hex;
use crate::pictures::workshop::Trouble;
use crate::pictures::{self, Format};
use crate::render::svg;

use super::super::{App, Error};
use super::{RETRY_SECONDS, unwritable};

pub const MAX_BYTES: u64 = 1024 * 1024 * 1024;
const MAX_NAME_CHARS: usize = 60;
/// Enough to tell what kind of file it is.
const HEAD_BYTES: u64 = 8 * 1024;
/// Two files with as many equal first bits of their hashes are the same.
const NAME_HASH_BYTES: usize = 10;
const SVG: Kind = Kind::new("image/svg+xml", "svg");
const MIB: u64 = 1024 * 1024;

#[derive(Debug, Clone, Copy)]
struct Kind {
    mime: &'static str,
    ending: &'static str,
}

impl Kind {
    const fn new(mime: &'static str, ending: &'static str) -> Self {
        Self { mime, ending }
    }

    fn is_picture(self) -> bool {
        self.mime.starts_with("image/")
    }
}

/// What is taken, by what the bytes look like. Nothing a browser could run is among them; drawings are
/// told by their text.
const KINDS: &[(&str, Kind)] = &[
    ("image/jpeg", Kind::new("image/jpeg", "jpg")),
    ("image/png", Kind::new("image/png", "png")),
    ("image/gif", Kind::new("image/gif", "gif")),
    ("image/webp", Kind::new("image/webp", "webp")),
    ("image/avif", Kind::new("image/avif", "avif")),
    ("application/pdf", Kind::new("application/pdf", "pdf")),
    ("audio/mpeg", Kind::new("audio/mpeg", "mp3")),
    ("audio/m4a", Kind::new("audio/mp4", "m4a")),
    ("audio/ogg", Kind::new("audio/ogg", "ogg")),
    ("audio/x-flac", Kind::new("audio/flac", "flac")),
    ("audio/x-wav", Kind::new("audio/wav", "wav")),
    ("video/mp4", Kind::new("video/mp4", "mp4")),
    ("video/webm", Kind::new("video/webm", "webm")),
];

/// The kinds, in words.
pub const TAKEN: &str = "a JPEG, PNG, GIF, WebP, AVIF or SVG picture, a PDF, or sound and film as MP3, M4A, OGG, \
     FLAC, WAV, MP4 or WebM";

/// A file that may be kept.
pub(super) struct Taken {
    draft: Draft,
    name: String,
    ending: &'static str,
    size: Option<(u32, u32)>,
    colour: Option<String>,
    pub(super) mime: &'static str,
    pub(super) digest: [u8; 32],
}

/// A file that is kept.
pub(super) struct Kept {
    pub(super) path: String,
    pub(super) mime: &'static str,
    pub(super) bytes: u64,
    pub(super) size: Option<(u32, u32)>,
    pub(super) colour: Option<String>,
}

impl Taken {
    /// Where it would be kept.
    pub(super) fn path(&self) -> String {
        path(&self.digest, &self.name, self.ending)
    }

    pub(super) fn keep(self) -> Result<Kept, Error> {
        let path = self.path();
        let bytes = self.draft.bytes();
        self.draft.keep(&path).map_err(unwritable)?;
        Ok(Kept {
            path,
            mime: self.mime,
            bytes,
            size: self.size,
            colour: self.colour,
        })
    }
}

/// Where bytes are kept: other bytes have another folder.
pub(super) fn path(digest: &[u8; 32], name: &str, ending: &str) -> String {
    let folder = hex(&digest[..NAME_HASH_BYTES]);
    format!("{folder}/{}.{ending}", plain_name(name))
}

/// How the name of a file of this kind ends.
pub(super) fn ending_of(mime: &str) -> &'static str {
    let known = KINDS.iter().find(|(_, kind)| kind.mime == mime);
    known.map_or("bin", |(_, kind)| kind.ending)
}

/// How many bytes a file may have, to be asked once its first ones are there. What is not taken is
/// refused then, before the rest has come.
pub fn room_for(draft: &mut Draft, picture_bytes: u64) -> Result<u64, Error> {
    let kind = kind(draft)?;
    Ok(if kind.is_picture() {
        picture_bytes.min(pictures::worker::MAX_PICTURE_BYTES)
    } else {
        MAX_BYTES
    })
}

pub(super) fn take_in(app: &App, mut draft: Draft, name: &str) -> Result<Taken, Error> {
    let kind = kind(&mut draft)?;
    let (draft, size, colour) = if kind.mime == SVG.mime {
        let (draft, size) = drawing(app, draft)?;
        (draft, Some(size), None)
    } else if let Some(format) = Format::of_mime(kind.mime) {
        let (draft, size, colour) = picture(app, draft, format)?;
        (draft, Some(size), colour)
    } else {
        (draft, None, None)
    };
    Ok(Taken {
        digest: draft.digest(),
        draft,
        name: name.to_owned(),
        ending: kind.ending,
        mime: kind.mime,
        size,
        colour,
    })
}

fn kind(draft: &mut Draft) -> Result<Kind, Error> {
    let mut head = Vec::new();
    let reader = draft.reader().map_err(unwritable)?;
    reader
        .take(HEAD_BYTES)
        .read_to_end(&mut head)
        .map_err(unwritable)?;
    let looks = infer::get(&head).map_or("", |kind| kind.mime_type());
    let known = KINDS.iter().find(|(known, _)| *known == looks);
    match known {
        Some((_, kind)) => Ok(*kind),
        None if svg::looks_like_svg(&head) => Ok(SVG),
        None => Err(Error::WrongKind(format!(
            "this is none of the files that can be shown here: send {TAKEN}"
        ))),
    }
}

type Size = (u32, u32);

/// The drawing without what runs or fetches.
fn drawing(app: &App, mut draft: Draft) -> Result<(Draft, Size), Error> {
    let mut source = Vec::new();
    let reader = draft.reader().map_err(unwritable)?;
    reader
        .take(svg::MAX_SVG_BYTES as u64 + 1)
        .read_to_end(&mut source)
        .map_err(unwritable)?;
    let refused = |why: &dyn std::fmt::Display| {
        Error::invalid("file", format!("This drawing cannot be shown here: {why}"))
    };
    let source = String::from_utf8(source).map_err(|_| refused(&"it is not written in UTF-8"))?;
    let drawing = svg::sanitise(&source).map_err(|error| refused(&error))?;
    let mut clean = app.blobs.begin().map_err(unwritable)?;
    clean
        .write_all(drawing.text.as_bytes())
        .map_err(unwritable)?;
    Ok((clean, (drawing.width, drawing.height)))
}

/// The picture without anything but the picture, from a process of its own.
fn picture(
    app: &App,
    mut draft: Draft,
    format: Format,
) -> Result<(Draft, Size, Option<String>), Error> {
    let most = pictures::worker::MAX_PICTURE_BYTES;
    if draft.bytes() > most {
        let most_mib = most / MIB;
        let why = format!("a picture may have at most {most_mib} MiB; save it smaller");
        return Err(Error::TooLarge(why));
    }
    check_size(&mut draft)?;
    let source = draft.reopen().map_err(unwritable)?;
    let mut made = app.workshop.take_in(format, source).map_err(refused)?;
    let nothing = || Error::internal("no picture came back");
    let piece = made.reply.pieces.first().cloned().ok_or_else(nothing)?;
    let mut clean = app.blobs.begin().map_err(unwritable)?;
    let copied = io::copy(&mut made.next_piece(piece.bytes), &mut clean).map_err(unwritable)?;
    if copied != piece.bytes {
        return Err(nothing());
    }
    let colour = made
        .reply
        .colour
        .map(|channels| format!("#{}", hex(&channels)));
    Ok((clean, (piece.width, piece.height), colour))
}

/// From the head of a picture, before anybody makes room for its points.
fn check_size(draft: &mut Draft) -> Result<(), Error> {
    let reader = draft.reader().map_err(unwritable)?;
    let size = imagesize::reader_size(io::BufReader::new(reader))
        .map_err(|_| Error::invalid("file", "This picture is damaged; save it once more"))?;
    let fitted = |points| u32::try_from(points).unwrap_or(u32::MAX);
    let (width, height) = (fitted(size.width), fitted(size.height));
    if pictures::is_decodable(width, height) {
        Ok(())
    } else {
        Err(Error::invalid("file", pictures::too_large(width, height)))
    }
}

pub(super) fn refused(trouble: Trouble) -> Error {
    match trouble {
        Trouble::Refused(why) => Error::invalid("file", why),
        Trouble::Busy => Error::RateLimited {
            retry_after_seconds: RETRY_SECONDS,
        },
        Trouble::Broken(error) => unwritable(error),
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
