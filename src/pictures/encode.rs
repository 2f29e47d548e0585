//! From points to bytes.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{DynamicImage, ImageEncoder, ImageFormat, RgbaImage};
use webp_rust::{ImageBuffer, LosslessEncodingConfig, LossyEncodingConfig};

use super::clean;
use super::decode::decode;
use super::format::Format;

/// For a picture that has to be written anew: nobody sees a difference.
const AGAIN_JPEG_QUALITY: u8 = 92;
const AGAIN_WEBP_QUALITY: f32 = 92.0;
/// For smaller copies.
const COPY_QUALITY: f32 = 80.0;
const COPY_JPEG_QUALITY: u8 = 82;
/// Ways of working, the one that does best first; the slower ones are no better (docs/adr/0012).
const METHODS: [u8; 2] = [2, 0];
const LOSSLESS_EFFORT: u8 = 4;
const PATCH_SIDE: u32 = 16;
/// Of 255, in the mean of a patch.
const MAX_PATCH_DIFFERENCE: u32 = 10;

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
            let picture = if picture.color().has_color() {
                DynamicImage::from(picture.to_rgb8())
            } else {
                DynamicImage::from(picture.to_luma8())
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

/// A copy, and what it is written in; nothing where no encoder did well.
pub(super) fn copy(
    picture: &DynamicImage,
    manner: Manner,
    profile: Option<&[u8]>,
) -> Option<(Format, Vec<u8>)> {
    let profile = profile.map(<[u8]>::to_vec);
    let lossy = webp_lossy(picture, COPY_QUALITY);
    let exact = (manner == Manner::Drawing || lossy.is_none()).then(|| webp_lossless(picture));
    let webp = match (lossy, exact.flatten()) {
        (Some(lossy), Some(exact)) if exact.len() <= lossy.len() * EDGES_ARE_WORTH => Some(exact),
        (Some(lossy), _) => Some(lossy),
        (None, Some(exact)) if manner == Manner::Drawing => Some(exact),
        (None, exact) => match jpeg(picture, COPY_JPEG_QUALITY, profile.clone()) {
            Some(jpeg) if exact.as_ref().is_none_or(|exact| jpeg.len() < exact.len()) => {
                return Some((Format::Jpeg, jpeg));
            }
            _ => exact,
        },
    };
    Some((Format::WebP, with_profile(webp?, picture, profile)))
}

/// Nothing for pictures one can see through.
fn jpeg(picture: &DynamicImage, quality: u8, profile: Option<Vec<u8>>) -> Option<Vec<u8>> {
    if picture.color().has_alpha() {
        return None;
    }
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
    write(encoder, picture, profile).ok()?;
    Some(bytes)
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

/// The encoder is young: with some pictures it fails in one way of working and not in another.
fn webp_lossy(picture: &DynamicImage, quality: f32) -> Option<Vec<u8>> {
    METHODS.iter().find_map(|method| {
        let config = LossyEncodingConfig {
            quality,
            method: *method,
            ..LossyEncodingConfig::default()
        };
        let made = webp_rust::encode_lossy_with_config(&buffer(picture), &config, None).ok()?;
        is_faithful(picture, &made).then_some(made)
    })
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

/// Decoded by somebody else's decoder it is the same picture: every patch has the same colour on the
/// whole. What an encoder leaves out on purpose is finer than that.
fn is_faithful(picture: &DynamicImage, made: &[u8]) -> bool {
    let Ok(decoded) = decode(ImageFormat::WebP, made) else {
        return false;
    };
    let (wanted, found) = (picture.to_rgba8(), decoded.drawn.to_rgba8());
    wanted.dimensions() == found.dimensions()
        && patches(&wanted)
            .zip(patches(&found))
            .all(|(wanted, found)| {
                let channels = wanted.iter().zip(found);
                let mut apart = channels.map(|(wanted, found)| wanted.abs_diff(found));
                apart.all(|apart| apart <= MAX_PATCH_DIFFERENCE)
            })
}

/// The mean colour of each patch; where one can see through, as it is seen on black.
fn patches(picture: &RgbaImage) -> impl Iterator<Item = [u32; 4]> {
    let (width, height) = picture.dimensions();
    let across = width.div_ceil(PATCH_SIDE);
    let many = across * height.div_ceil(PATCH_SIDE);
    let mut sums = vec![([0_u32; 4], 0_u32); many as usize];
    for (x, y, point) in picture.enumerate_pixels() {
        let patch = y / PATCH_SIDE * across + x / PATCH_SIDE;
        let (sum, count) = &mut sums[patch as usize];
        let [r, g, b, alpha] = point.0.map(u32::from);
        let seen = [r, g, b].map(|channel| channel * alpha / 255);
        for (sum, channel) in sum.iter_mut().zip(seen.into_iter().chain([alpha])) {
            *sum += channel;
        }
        *count += 1;
    }
    sums.into_iter()
        .map(|(sum, count)| sum.map(|sum| sum / count.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(width: u32, height: u32, seed: u32, alpha: bool) -> DynamicImage {
        let mut state = seed;
        let picture = RgbaImage::from_fn(width, height, |x, y| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [a, b, c, _] = (state >> (seed % 6)).to_be_bytes();
            let see_through = if alpha && x > y { 90 } else { 255 };
            image::Rgba([
                a / 4 + (x % 200) as u8 / 2,
                b / 8 + (y % 200) as u8 / 2,
                c,
                see_through,
            ])
        });
        if alpha {
            picture.into()
        } else {
            DynamicImage::from(picture).into_rgb8().into()
        }
    }

    #[test]
    fn every_copy_is_the_picture_whatever_its_size() {
        for seed in 0..24 {
            let (width, height) = (16 + seed * 37 % 300, 16 + seed * 53 % 200);
            for alpha in [false, true] {
                let picture = noise(width, height, seed, alpha);
                let (format, bytes) = copy(&picture, Manner::Photograph, None).unwrap();
                let decoded = decode(format.codec().unwrap(), &bytes).unwrap().drawn;
                assert_eq!(
                    (
                        decoded.width(),
                        decoded.height(),
                        decoded.color().has_alpha()
                    ),
                    (width, height, alpha)
                );
            }
        }
    }

    #[test]
    fn a_spoilt_copy_is_found_out() {
        let picture = noise(64, 64, 3, false);
        let mut spoilt = picture.to_rgb8();
        for (x, y, point) in spoilt.enumerate_pixels_mut() {
            if x / 16 == 1 && y / 16 == 2 {
                point.0 = [128; 3];
            }
        }
        let made = webp_lossless(&picture).unwrap();
        assert!(is_faithful(&picture, &made));
        assert!(!is_faithful(&spoilt.into(), &made));
    }
}
