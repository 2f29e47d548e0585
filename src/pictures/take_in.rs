//! Takes a picture in: it must be what it says, whole and of a bearable size. What is kept of it is the
//! picture alone, upright.

use image::metadata::Orientation;

use super::clean::{Clean, clean};
use super::decode::{self, Decoded, decode, is_decodable, too_large};
use super::format::Format;
use super::job::{Piece, Reply};
use super::worker::Pieces;
use super::{colour, encode};

pub(super) fn take_in(format: Format, picture: Vec<u8>) -> Result<Pieces, String> {
    let Clean { bytes, frames } = clean(format, &picture)
        .map_err(|damage| format!("This picture is damaged, save it once more: {damage}"))?;
    let Some(codec) = format.codec() else {
        return undecoded(format, bytes);
    };
    let orientation = decode::orientation(codec, &picture);
    drop(picture);
    let Decoded { mut drawn, profile } = decode(codec, &bytes)?;
    let mut kept = bytes;
    // Turning a picture means writing it anew, so that is done only where it has to be.
    if orientation != Orientation::NoTransforms && frames == 1 {
        drawn.apply_orientation(orientation);
        kept = encode::again(format, &drawn, profile, &kept)?;
    }
    let colour = colour::dominant(&drawn);
    Ok(one(format, (drawn.width(), drawn.height()), kept, colour))
}

/// What nothing here decodes is believed about its size.
fn undecoded(format: Format, bytes: Vec<u8>) -> Result<Pieces, String> {
    let size = imagesize::blob_size(&bytes)
        .map_err(|_| "This picture is damaged; save it once more".to_owned())?;
    let fitted = |points| u32::try_from(points).unwrap_or(u32::MAX);
    let (width, height) = (fitted(size.width), fitted(size.height));
    if !is_decodable(width, height) {
        return Err(too_large(width, height));
    }
    Ok(one(format, (width, height), bytes, None))
}

fn one(
    format: Format,
    (width, height): (u32, u32),
    bytes: Vec<u8>,
    colour: Option<[u8; 3]>,
) -> Pieces {
    let piece = Piece {
        width,
        height,
        mime: format.mime().to_owned(),
        bytes: bytes.len() as u64,
        is_thumbnail: false,
    };
    let pieces = vec![piece];
    (Reply { pieces, colour }, vec![bytes])
}
