//! Smaller copies of a picture, for small screens and for lists.

use std::borrow::Cow;

use fast_image_resize::{PixelType, ResizeOptions, Resizer, images::Image};
use image::{DynamicImage, RgbImage, RgbaImage};

use super::clean::{Clean, clean};
use super::decode::{Decoded, decode};
use super::encode::{self, Manner};
use super::format::Format;
use super::job::{Piece, Reply};
use super::worker::Pieces;

/// The widths a page asks for.
const WIDTHS: [u32; 4] = [480, 960, 1440, 1920];
/// A list shows a picture within a square of this.
const THUMBNAIL_SIDE: u32 = 320;
/// Files as small as this are sent as quickly as any copy of them.
const SMALL_BYTES: usize = 8 * 1024;

pub(super) fn scale(format: Format, picture: &[u8]) -> Result<Pieces, String> {
    let Some(codec) = format.codec() else {
        return Ok(Pieces::default());
    };
    if picture.len() <= SMALL_BYTES {
        return Ok(Pieces::default());
    }
    let Clean { bytes, frames } = clean(format, picture).map_err(|damage| damage.to_string())?;
    let Decoded { drawn, profile } = decode(codec, &bytes)?;
    let drawn = in_eight_bits(drawn);
    let manner = match format {
        Format::Jpeg => Manner::Photograph,
        _ => Manner::Drawing,
    };
    let mut made = Pieces::default();
    let mut keep = |copy: &DynamicImage, is_thumbnail| {
        let written = encode::copy(copy, manner, profile.as_deref());
        // One that is no smaller than the picture itself helps nobody.
        if let Some((format, bytes)) = written.filter(|(_, bytes)| bytes.len() < picture.len()) {
            let (Reply { pieces, .. }, all) = &mut made;
            pieces.push(Piece {
                width: copy.width(),
                height: copy.height(),
                mime: format.mime().to_owned(),
                bytes: bytes.len() as u64,
                is_thumbnail,
            });
            all.push(bytes);
        }
    };
    let mut larger = Cow::Borrowed(&drawn);
    // What moves would stand still in a copy; only lists show that.
    if frames == 1 {
        for width in widths(drawn.width(), format).into_iter().rev() {
            let height =
                (u64::from(drawn.height()) * u64::from(width)).div_ceil(u64::from(drawn.width()));
            let height = u32::try_from(height)
                .unwrap_or(u32::MAX)
                .min(drawn.height());
            larger = Cow::Owned(resized(&larger, width, height)?);
            keep(&larger, false);
        }
    }
    let longer = drawn.width().max(drawn.height());
    let side = |side: u32| (side * THUMBNAIL_SIDE / longer).max(1);
    if longer > THUMBNAIL_SIDE {
        let small = resized(&larger, side(drawn.width()), side(drawn.height()))?;
        keep(&small, true);
    }
    made.0.pieces.reverse();
    made.1.reverse();
    Ok(made)
}

/// Never wider than the picture; its own width too, where another format may be smaller.
fn widths(own: u32, format: Format) -> Vec<u32> {
    let mut widths: Vec<u32> = WIDTHS.into_iter().filter(|width| *width < own).collect();
    let is_widest = WIDTHS.last().is_some_and(|widest| own <= *widest);
    if is_widest && format != Format::WebP {
        widths.push(own);
    }
    widths
}

fn in_eight_bits(picture: DynamicImage) -> DynamicImage {
    if picture.color().has_alpha() {
        let picture = picture.into_rgba8();
        let is_solid = picture.pixels().all(|point| point.0[3] == u8::MAX);
        let picture = DynamicImage::from(picture);
        return if is_solid {
            picture.into_rgb8().into()
        } else {
            picture
        };
    }
    picture.into_rgb8().into()
}

fn resized(picture: &DynamicImage, width: u32, height: u32) -> Result<DynamicImage, String> {
    if (width, height) == (picture.width(), picture.height()) {
        return Ok(picture.clone());
    }
    let kind = if picture.color().has_alpha() {
        PixelType::U8x4
    } else {
        PixelType::U8x3
    };
    let mut small = Image::new(width, height, kind);
    Resizer::new()
        .resize(picture, &mut small, &ResizeOptions::new())
        .map_err(|error| error.to_string())?;
    let points = small.into_vec();
    let made = match kind {
        PixelType::U8x4 => RgbaImage::from_raw(width, height, points).map(DynamicImage::from),
        _ => RgbImage::from_raw(width, height, points).map(DynamicImage::from),
    };
    made.ok_or_else(|| "the points do not fill the picture".to_owned())
}
