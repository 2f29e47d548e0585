//! Smaller copies of pictures, made when nobody waits. May be killed anywhere and begun again: copies
//! have their hash in their path, so that the same ones come to the same place.

use std::io;

use crate::domain::change::{Change, Noun, Verb};
use crate::domain::media::{Media, Variant};
use crate::pictures::Format;
use crate::pictures::workshop::{Made, Trouble};
use crate::store;

use super::super::{App, Error, rendering};
use super::{intake, unwritable};

/// Raised when copies are to be made in another way; all are made anew then.
const RECIPE: u32 = 1;

/// Whether there is a file whose copies are still to be made.
pub fn is_any_unprepared(app: &App) -> Result<bool, Error> {
    let found = app.db.read(|tx| store::media::unprepared(tx, RECIPE))?;
    Ok(found.is_some())
}

/// Makes the copies of one file that has none, and renders the texts again that show it. Says whether
/// there was one.
pub fn prepare_next(app: &App) -> Result<bool, Error> {
    let found = app.db.read(|tx| store::media::unprepared(tx, RECIPE))?;
    let Some(media) = found else {
        return Ok(false);
    };
    let variants = match Format::of_mime(&media.mime) {
        Some(format) => copies(app, &media, format)?,
        None => Vec::new(),
    };
    let id = media.id;
    let is_seen = !variants.is_empty();
    let is_told = app.db.write(|tx| {
        let change = if is_seen {
            Change::visible
        } else {
            Change::hidden
        };
        tx.record(change(Noun::Media, id.as_i64(), Verb::Prepared));
        match store::media::by_id(tx, id)? {
            Some(now) if now.path == media.path => {
                let prepared = Media {
                    variants: variants.clone(),
                    recipe: RECIPE,
                    ..now
                };
                store::media::update(tx, &prepared)?;
                Ok(true)
            }
            // Replaced or thrown away meanwhile.
            _ => Ok::<_, Error>(false),
        }
    })?;
    if !is_told {
        super::throw_away(app, variants.iter().map(|copy| &copy.path));
    } else if is_seen {
        rendering::renew_users(app, id)?;
    }
    Ok(true)
}

fn copies(app: &App, media: &Media, format: Format) -> Result<Vec<Variant>, Error> {
    let Some(source) = app.blobs.read(&media.path).map_err(Error::internal)? else {
        return Ok(Vec::new());
    };
    match app.workshop.scale(format, source) {
        Ok(made) => keep(app, media, made),
        // It was decoded once; without copies it is only slower to load.
        Err(Trouble::Refused(why)) => {
            tracing::warn!(
                path = media.path,
                why,
                "no smaller copies of a picture could be made"
            );
            Ok(Vec::new())
        }
        Err(trouble) => Err(intake::refused(trouble)),
    }
}

fn keep(app: &App, media: &Media, mut made: Made) -> Result<Vec<Variant>, Error> {
    let file = media.path.rsplit('/').next().unwrap_or_default();
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let mut variants = Vec::new();
    for piece in std::mem::take(&mut made.reply.pieces) {
        let mut draft = app.blobs.begin().map_err(unwritable)?;
        let copied = io::copy(&mut made.next_piece(piece.bytes), &mut draft);
        if copied.map_err(unwritable)? != piece.bytes {
            return Err(Error::internal("a copy of a picture did not come whole"));
        }
        let ending = intake::ending_of(&piece.mime);
        let name = format!("{stem}-{}.{ending}", piece.width);
        let path = intake::path(&draft.digest(), &name, ending);
        draft.keep(&path).map_err(unwritable)?;
        variants.push(Variant {
            width: piece.width,
            height: piece.height,
            path,
            mime: piece.mime,
            bytes: piece.bytes,
            is_thumbnail: piece.is_thumbnail,
        });
    }
    Ok(variants)
}
