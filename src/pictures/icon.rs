//! The site's icons, from its logo or from the first letter of its name.

use image::imageops::{self, FilterType};
use image::{ImageFormat, Rgba, RgbaImage};

use super::Canvas;
use super::canvas::{Colour, brightness, mixed};
use super::letters::{Letters, SERIF, Style};

const WHITE: Colour = [255, 255, 255];
const INK: Colour = [28, 25, 22];
/// Drawn large and made smaller, so that edges are smooth.
const DRAWN: u32 = 1024;
const CORNER: u32 = 200;
const LETTER_SIZE: f32 = 700.0;
/// On brighter colours a dark letter is read more easily.
const BRIGHT: u32 = 160;
/// Of the side, for pictures that a phone may cut into a circle.
const SAFE_PERCENT: u32 = 62;
/// Longer than this and a logo is a word, which nobody could read as an icon.
const MAX_STRETCH: u32 = 2;

/// What the icons are made from.
#[derive(Debug)]
pub enum Mark<'a> {
    Logo(RgbaImage),
    /// The first letter of this on the colour.
    Name {
        name: &'a str,
        accent: [u8; 3],
    },
}

impl Mark<'_> {
    /// Wide and tall logos do not make icons.
    pub fn is_logo(picture: &RgbaImage) -> bool {
        let (width, height) = picture.dimensions();
        width > 0 && height > 0 && width.max(height) <= width.min(height) * MAX_STRETCH
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// What browsers ask for unasked.
    Favicon,
    /// For tabs and lists, with nothing where there is nothing.
    Plain { side: u32 },
    /// For home screens that put a shape of their own around it: filled to the edges.
    Filled { side: u32 },
}

impl Icon {
    pub(super) fn format(self) -> ImageFormat {
        match self {
            Self::Favicon => ImageFormat::Ico,
            Self::Plain { .. } | Self::Filled { .. } => ImageFormat::Png,
        }
    }
}

pub(super) fn draw(mark: &Mark<'_>, icon: Icon, letters: &mut Letters) -> RgbaImage {
    let (side, is_filled) = match icon {
        Icon::Favicon => (48, false),
        Icon::Plain { side } => (side, false),
        Icon::Filled { side } => (side, true),
    };
    match mark {
        Mark::Logo(logo) => fitted(logo, side, is_filled),
        Mark::Name { name, accent } => {
            let drawn = letter(name, *accent, is_filled, letters);
            imageops::resize(&drawn, side, side, FilterType::Triangle)
        }
    }
}

fn fitted(logo: &RgbaImage, side: u32, is_filled: bool) -> RgbaImage {
    let (room, ground) = if is_filled {
        (side * SAFE_PERCENT / 100, Rgba([255, 255, 255, 255]))
    } else {
        (side, Rgba([0, 0, 0, 0]))
    };
    let (width, height) = logo.dimensions();
    let longer = width.max(height).max(1);
    let scaled = |length: u32| (length * room / longer).max(1);
    let (width, height) = (scaled(width), scaled(height));
    let small = imageops::resize(logo, width, height, FilterType::Lanczos3);
    let mut sheet = RgbaImage::from_pixel(side, side, ground);
    let (left, top) = ((side - width) / 2, (side - height) / 2);
    imageops::overlay(&mut sheet, &small, left.into(), top.into());
    sheet
}

fn letter(name: &str, accent: Colour, is_filled: bool, letters: &mut Letters) -> RgbaImage {
    let colour = if brightness(accent) > BRIGHT {
        INK
    } else {
        WHITE
    };
    let first = name.chars().find(|letter| letter.is_alphanumeric());
    let text: String = first.into_iter().flat_map(char::to_uppercase).collect();
    let share = if is_filled { 0.8 } else { 1.0 };
    #[expect(clippy::cast_precision_loss, reason = "a thousand points")]
    let style = Style {
        family: SERIF,
        size: LETTER_SIZE * share,
        width: (2 * DRAWN) as f32,
        right_to_left: false,
    };
    let mut canvas = Canvas::new(DRAWN, DRAWN, accent);
    let block = letters.set(&text, style);
    match letters.bounds(&block) {
        Some([left, top, right, bottom]) => {
            #[expect(clippy::cast_precision_loss, reason = "a thousand points")]
            let centred =
                |from: i32, to: i32| (DRAWN as f32 - (to - from) as f32) / 2.0 - from as f32;
            let at = (centred(left, right), centred(top, bottom));
            letters.draw(&mut canvas, &block, at, colour);
        }
        // A drop of ink, for names without a letter that could be drawn.
        None => canvas.disc((DRAWN / 2, DRAWN / 2), DRAWN / 4, colour),
    }
    let mut drawn = canvas.into_image();
    if !is_filled {
        round_corners(&mut drawn);
    }
    drawn
}

fn round_corners(drawn: &mut RgbaImage) {
    for (x, y, point) in drawn.enumerate_pixels_mut() {
        // How far into the corner's square, from its inner edge.
        let into = |at: u32| CORNER.saturating_sub(at.min(DRAWN - 1 - at));
        let (dx, dy) = (into(x), into(y));
        if dx * dx + dy * dy > CORNER * CORNER {
            point.0[3] = mixed(point.0[3], 0, u8::MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, icon: Icon) -> RgbaImage {
        let accent = [138, 51, 36];
        draw(&Mark::Name { name, accent }, icon, &mut Letters::load(&[]))
    }

    #[test]
    fn a_name_gives_its_letter_in_the_middle() {
        for name in ["ink", "…", "日", ""] {
            let icon = named(name, Icon::Plain { side: 64 });
            assert_eq!(icon.dimensions(), (64, 64));
            assert_eq!(icon.get_pixel(0, 0).0[3], 0, "round corners");
            let light: Vec<_> = icon
                .enumerate_pixels()
                .filter(|(_, _, point)| point.0[3] == 255 && point.0[1] > 200)
                .map(|(x, _, _)| x)
                .collect();
            assert!(!light.is_empty(), "{name}");
            let (first, last) = (light.iter().min().unwrap(), light.iter().max().unwrap());
            assert!(
                (first + last).abs_diff(63) <= 2,
                "{name}: {first} to {last}"
            );
        }
        let filled = named("Ink", Icon::Filled { side: 180 });
        assert_eq!(filled.get_pixel(0, 0).0, [138, 51, 36, 255]);
    }

    #[test]
    fn a_logo_is_fitted_and_words_are_none() {
        let logo = RgbaImage::from_pixel(200, 100, Rgba([0, 0, 255, 255]));
        assert!(Mark::is_logo(&logo));
        assert!(!Mark::is_logo(&RgbaImage::new(500, 100)));
        let letters = &mut Letters::load(&[]);
        let icon = draw(&Mark::Logo(logo), Icon::Plain { side: 32 }, letters);
        assert_eq!(icon.get_pixel(16, 2).0[3], 0);
        assert_eq!(icon.get_pixel(16, 16).0, [0, 0, 255, 255]);
    }
}
