//! From points to bytes.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{DynamicImage, ImageEncoder, ImageFormat};
use webp_rust::{ImageBuffer, LosslessEncodingConfig, LossyEncodingConfig};

use super::clean;
use super::decode::decode;
use super::format::Format;

/// For a picture that has to be written anew: nobody sees a difference.
const AGAIN_JPEG_QUALITY: u8 = 92;
const AGAIN_WEBP_QUALITY: f32 = 92.0;
/// For smaller copies.
const COPY_QUALITY: f32 = 80.0;
/// The slower ones are no better (docs/adr/0012).
const METHOD: u8 = 2;
const LOSSLESS_EFFORT: u8 = 4;
/// What a copy may differ by, squared and on average. Twice as much is seen by nobody; what a fault in
/// the encoder makes differs by far more.
const MAX_MEAN_SQUARE: u64 = 400;

/// The picture in its own format again, turned upright. `before` is how it came.
pub(super) fn again(
    format: Format,
    picture: &DynamicImage,
    profile: Option<Vec<u8>>,
    before: &[u8],
) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let outcome = match format {
        Format::Jpeg => {
            let encoder = JpegEncoder::new_with_quality(&mut bytes, AGAIN_JPEG_QUALITY);
            let has_colours = picture.color().has_color();
            let picture = match has_colours {
                true => DynamicImage::from(picture.to_rgb8()),
                false => DynamicImage::from(picture.to_luma8()),
            };
            write(encoder, &picture, profile)
        }
        Format::WebP => {
            let is_lossy = before.get(12..16) == Some(b"VP8 ")
                || before.windows(4).take(4096).any(|name| name == b"VP8 ");
            let made = if is_lossy {
                webp_lossy(picture, AGAIN_WEBP_QUALITY)
            } else {
                webp_lossless(picture)
            };
            let made = made.ok_or("This picture cannot be turned upright; do it before")?;
            return Ok(with_profile(made, picture, profile));
        }
        Format::Png | Format::Gif | Format::Avif => {
            write(PngEncoder::new(&mut bytes), picture, profile)
        }
    };
    outcome.map_err(|error| format!("This picture cannot be turned upright: {error}"))?;
    Ok(bytes)
}

fn write(
    mut encoder: impl ImageEncoder,
    picture: &DynamicImage,
    profile: Option<Vec<u8>>,
) -> image::ImageResult<()> {
    if let Some(profile) = profile {
        // A format that has no room for it shows the colours a little differently.
        let _ = encoder.set_icc_profile(profile);
    }
    picture.write_with_encoder(encoder)
}

/// How a copy may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    Photograph,
    /// Lines and letters keep their edges, unless that takes far more room.
    Drawing,
}

/// A lossless copy may be so many times as large as the other one.
const EDGES_ARE_WORTH: usize = 2;

/// A copy as WebP; nothing where the encoder did not do well.
pub(super) fn copy(
    picture: &DynamicImage,
    manner: Manner,
    profile: Option<&[u8]>,
) -> Option<Vec<u8>> {
    let lossy = webp_lossy(picture, COPY_QUALITY);
    let made = match manner {
        Manner::Photograph => lossy,
        Manner::Drawing => {
            let exact = webp_lossless(picture);
            let is_worth_it = |exact: &Vec<u8>| {
                let most = lossy.as_ref().map(|lossy| lossy.len() * EDGES_ARE_WORTH);
                most.is_none_or(|most| exact.len() <= most)
            };
            exact.filter(is_worth_it).or(lossy)
        }
    };
    Some(with_profile(made?, picture, profile.map(<[u8]>::to_vec)))
}

fn with_profile(webp: Vec<u8>, picture: &DynamicImage, profile: Option<Vec<u8>>) -> Vec<u8> {
    match profile {
        Some(profile) => {
            let size = (picture.width(), picture.height());
            clean::webp_with_profile(&webp, size, &profile).unwrap_or(webp)
        }
        None => webp,
    }
}

fn webp_lossy(picture: &DynamicImage, quality: f32) -> Option<Vec<u8>> {
    let config = LossyEncodingConfig {
        quality,
        method: METHOD.into(),
        ..LossyEncodingConfig::default()
    };
    let made = webp_rust::encode_lossy_with_config(&buffer(picture), &config, None).ok()?;
    is_faithful(picture, &made).then_some(made)
}

fn webp_lossless(picture: &DynamicImage) -> Option<Vec<u8>> {
    let config = LosslessEncodingConfig {
        z_level: LOSSLESS_EFFORT,
    };
    let made = webp_rust::encode_lossless_with_config(&buffer(picture), &config, None).ok()?;
    is_faithful(picture, &made).then_some(made)
}

fn buffer(picture: &DynamicImage) -> ImageBuffer {
    ImageBuffer {
        width: picture.width() as usize,
        height: picture.height() as usize,
        rgba: picture.to_rgba8().into_raw(),
    }
}

/// Decoded by somebody else's decoder it is the same picture. Where nothing is seen, anything may be.
fn is_faithful(picture: &DynamicImage, made: &[u8]) -> bool {
    let Ok(decoded) = decode(ImageFormat::WebP, made) else {
        return false;
    };
    let (wanted, found) = (picture.to_rgba8(), decoded.drawn.to_rgba8());
    if wanted.dimensions() != found.dimensions() {
        return false;
    }
    let error = |wanted: &[u8; 4], found: &[u8; 4]| -> u64 {
        let opacity = u64::from(wanted[3]);
        let square = |a: u8, b: u8| u64::from(a.abs_diff(b)).pow(2);
        let colours = wanted[..3].iter().zip(&found[..3]);
        let colours: u64 = colours.map(|(a, b)| square(*a, *b)).sum();
        colours * opacity / 255 / 3 + square(wanted[3], found[3])
    };
    let points = wanted.pixels().zip(found.pixels());
    let sum: u64 = points.map(|(a, b)| error(&a.0, &b.0)).sum();
    let count = u64::from(wanted.width()) * u64::from(wanted.height());
    sum <= count * MAX_MEAN_SQUARE
}
