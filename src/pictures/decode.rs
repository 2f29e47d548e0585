//! From a picture's bytes to its points. Only to be called in a process of its own.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};

const MIB: u64 = 1024 * 1024;
/// A phone's fifty million points fit, four times four thousand and ninety-six squared do not.
pub(super) const MAX_POINTS: u64 = 64_000_000;
pub(super) const MAX_SIDE: u32 = 32_768;
/// Of the points alone; sixteen bits in four channels of the largest picture fit.
const MAX_DECODING_BYTES: u64 = 640 * MIB;

#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) drawn: DynamicImage,
    pub(super) profile: Option<Vec<u8>>,
}

/// How the picture has to be turned to stand upright.
pub(super) fn orientation(codec: ImageFormat, bytes: &[u8]) -> Orientation {
    let decoder = reader(codec, bytes).into_decoder();
    let orientation = decoder.and_then(|mut decoder| decoder.orientation());
    orientation.unwrap_or(Orientation::NoTransforms)
}

pub(super) fn decode(codec: ImageFormat, bytes: &[u8]) -> Result<Decoded, String> {
    let unreadable = |error| format!("This picture is damaged, save it once more: {error}");
    let mut decoder = reader(codec, bytes).into_decoder().map_err(unreadable)?;
    let (width, height) = decoder.dimensions();
    if !is_decodable(width, height) {
        return Err(too_large(width, height));
    }
    let profile = decoder.icc_profile().ok().flatten();
    let drawn = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    Ok(Decoded {
        drawn,
        profile: profile.filter(|profile| is_of_rgb(profile)),
    })
}

pub fn is_decodable(width: u32, height: u32) -> bool {
    let points = u64::from(width) * u64::from(height);
    points > 0 && points <= MAX_POINTS && width.max(height) <= MAX_SIDE
}

pub fn too_large(width: u32, height: u32) -> String {
    let most = MAX_POINTS / 1_000_000;
    format!(
        "A picture of {width} by {height} points is too large; make it smaller than {most} million points"
    )
}

fn reader(codec: ImageFormat, bytes: &[u8]) -> ImageReader<Cursor<&[u8]>> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODING_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), codec);
    reader.limits(limits);
    reader
}

/// Decoders hand out RGB or grey; a profile for printers' colours would be wrong for that.
fn is_of_rgb(profile: &[u8]) -> bool {
    const COLOUR_SPACE: std::ops::Range<usize> = 16..20;
    profile.get(COLOUR_SPACE) == Some(b"RGB ")
}
