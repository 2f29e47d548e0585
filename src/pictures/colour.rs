//! The colour there is most of in a picture.

use image::DynamicImage;

/// Points looked at along each side.
const SAMPLES: u32 = 64;
/// Colours with equal first bits count as one.
const BITS: u8 = 3;
const BINS: usize = 1 << (3 * BITS);
const MIN_ALPHA: u8 = 128;

/// Nothing where nearly everything can be seen through.
pub(super) fn dominant(picture: &DynamicImage) -> Option<[u8; 3]> {
    let small =
        picture.thumbnail_exact(picture.width().min(SAMPLES), picture.height().min(SAMPLES));
    let mut bins = vec![(0_u32, [0_u32; 3]); BINS];
    for point in small.to_rgba8().pixels() {
        let [channels @ .., alpha] = point.0;
        if alpha < MIN_ALPHA {
            continue;
        }
        let bin = channels.iter().fold(0, |bin, channel| {
            (bin << BITS) | usize::from(channel >> (8 - BITS))
        });
        let (count, sums) = &mut bins[bin];
        *count += 1;
        for (sum, channel) in sums.iter_mut().zip(channels) {
            *sum += u32::from(channel);
        }
    }
    let (count, sums) = bins.into_iter().max_by_key(|(count, _)| *count)?;
    let mean = |sum: u32| u8::try_from(sum.checked_div(count)?).ok();
    Some([mean(sums[0])?, mean(sums[1])?, mean(sums[2])?])
}

#[cfg(test)]
mod tests {
    use image::{Rgba, RgbaImage};

    use super::*;

    #[test]
    fn it_is_the_one_there_is_most_of() {
        let picture = RgbaImage::from_fn(90, 90, |x, _| match x {
            0..30 => Rgba([250, 0, 0, 255]),
            30..80 => Rgba([10, 20, 200, 255]),
            _ => Rgba([0, 255, 0, 0]),
        });
        assert_eq!(dominant(&picture.into()), Some([10, 20, 200]));
        let glass = RgbaImage::from_pixel(3, 3, Rgba([9, 9, 9, 9]));
        assert_eq!(dominant(&glass.into()), None);
    }
}
