//! The card that stands for a page where somebody shares it: the title, large, and whose it is.

use super::canvas::{Canvas, Colour};
use super::letters::{LINE_HEIGHT, Letters, SANS, SERIF, Style};

/// What social networks and messengers show without cutting.
pub const CARD_WIDTH: u32 = 1200;
pub const CARD_HEIGHT: u32 = 630;

const PAPER: Colour = [252, 250, 246];
const INK: Colour = [28, 25, 22];
const QUIET: Colour = [104, 97, 89];
const MARGIN: u32 = 90;
const BAND: u32 = 18;
const TITLE_TOP: f32 = 96.0;
const TITLE_ROOM: f32 = 390.0;
/// The largest at which the title fits is taken.
const TITLE_SIZES: [f32; 6] = [96.0, 84.0, 72.0, 62.0, 54.0, 48.0];
const FOOT_SIZE: f32 = 32.0;
const FOOT_TOP: f32 = 528.0;
/// With fewer letters drawn than this, a title cannot be read.
const READABLE_PERCENT: usize = 80;
/// Longer texts say no more on a card, and cost time.
const MAX_CHARS: usize = 300;

#[derive(Debug, Clone, Copy)]
pub struct Card<'a> {
    pub title: &'a str,
    /// Whose page it is; empty where the title says it.
    pub from: &'a str,
    pub accent: [u8; 3],
    pub right_to_left: bool,
}

pub(super) fn draw(card: &Card<'_>, letters: &mut Letters) -> Canvas {
    let mut canvas = Canvas::new(CARD_WIDTH, CARD_HEIGHT, PAPER);
    // Where the eye begins to read.
    let band_left = if card.right_to_left {
        CARD_WIDTH - BAND
    } else {
        0
    };
    canvas.fill((band_left, 0), (BAND, CARD_HEIGHT), card.accent);
    #[expect(clippy::cast_precision_loss, reason = "a few hundred points")]
    let (left, width) = (MARGIN as f32, (CARD_WIDTH - 2 * MARGIN) as f32);
    let style = |family, size| Style {
        family,
        size,
        width,
        right_to_left: card.right_to_left,
    };

    let title: String = card.title.chars().take(MAX_CHARS).collect();
    let fitting = TITLE_SIZES
        .into_iter()
        .find_map(|size| letters.set_within(&title, style(SERIF, size), lines_at(size)));
    let block = fitting.unwrap_or_else(|| {
        let size = TITLE_SIZES[TITLE_SIZES.len() - 1];
        letters.set_shortened(&title, style(SERIF, size), lines_at(size))
    });
    if Letters::percent_known(&block) >= READABLE_PERCENT {
        letters.draw(&mut canvas, &block, (left, TITLE_TOP), INK);
    } else {
        // Half a title is worse than none.
        canvas.disc(
            (CARD_WIDTH / 2, CARD_HEIGHT / 2),
            CARD_HEIGHT / 5,
            card.accent,
        );
    }

    let from: String = card.from.chars().take(MAX_CHARS).collect();
    let foot = style(SANS, FOOT_SIZE);
    let fitting = letters.set_within(&from, foot, 1);
    let block = fitting.unwrap_or_else(|| letters.set_shortened(&from, foot, 1));
    letters.draw(&mut canvas, &block, (left, FOOT_TOP), QUIET);
    canvas
}

/// The lines there is room for.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from one to seven"
)]
fn lines_at(size: f32) -> usize {
    (TITLE_ROOM / (size * LINE_HEIGHT)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(title: &str, right_to_left: bool) -> image::RgbaImage {
        let card = Card {
            title,
            from: "A blog",
            accent: [138, 51, 36],
            right_to_left,
        };
        draw(&card, &mut Letters::load(&[])).into_image()
    }

    /// Points with ink, by the column of a twelfth and the row of a seventh.
    fn inked(picture: &image::RgbaImage) -> Vec<(u32, u32)> {
        let dark = picture
            .enumerate_pixels()
            .filter(|(_, _, point)| point.0[0] < 60);
        let mut cells: Vec<_> = dark.map(|(x, y, _)| (x / 100, y / 90)).collect();
        cells.sort_unstable();
        cells.dedup();
        cells
    }

    #[test]
    fn short_titles_are_large_and_long_ones_end_inside() {
        let short = drawn("Hello", false);
        assert_eq!(short.dimensions(), (CARD_WIDTH, CARD_HEIGHT));
        let cells = inked(&short);
        assert!(cells.contains(&(1, 1)), "{cells:?}");
        assert!(cells.iter().all(|(x, y)| *x < 5 && *y <= 2), "{cells:?}");
        let long = inked(&drawn(&"words and more words ".repeat(60), false));
        assert!(
            long.iter().all(|(x, y)| (0..=11).contains(x) && *y <= 5),
            "{long:?}"
        );
        assert!(long.len() > 30);
    }

    #[test]
    fn arabic_begins_at_the_right() {
        let cells = inked(&drawn("مرحبا", true));
        assert!(!cells.is_empty());
        assert!(cells.iter().all(|(x, _)| *x >= 6), "{cells:?}");
        let picture = drawn("مرحبا", true);
        assert_eq!(picture.get_pixel(CARD_WIDTH - 1, 0).0[..3], [138, 51, 36]);
        assert_eq!(picture.get_pixel(0, 0).0[..3], PAPER);
    }

    #[test]
    fn letters_that_no_font_has_are_left_out() {
        // Unassigned in Unicode, so nothing can have it.
        let known = inked(&drawn("Ten letters", false));
        assert_eq!(inked(&drawn("Ten letters\u{2FE0}", false)), known);
        let drop = drawn("\u{2FE0}\u{2FE0}", false);
        assert!(inked(&drop).is_empty());
        let middle = drop.get_pixel(CARD_WIDTH / 2, CARD_HEIGHT / 2);
        assert_eq!(middle.0[..3], [138, 51, 36]);
        drawn("", false);
        drawn(
            "\u{202E}\u{0}\u{FFFF}\n\n\t\u{1F469}\u{200D}\u{1F680}",
            false,
        );
    }
}
