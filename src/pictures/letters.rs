//! Text to points: fonts, shaping in every script, breaking into lines.

use std::path::PathBuf;
use std::sync::Arc;

use cosmic_text::{
    Align, Attrs, Buffer, Color, Family, FontSystem, Metrics, Shaping, SwashCache, Weight, Wrap,
    fontdb,
};

use unicode_segmentation::UnicodeSegmentation as _;

use super::canvas::{Canvas, Colour};

/// The families the program brings along.
pub(super) const SERIF: &str = "DejaVu Serif";
pub(super) const SANS: &str = "DejaVu Sans";
const ELLIPSIS: char = '…';
pub(super) const LINE_HEIGHT: f32 = 1.18;
/// Languages share letters that look different in each; the first of these that fits is used.
const LOCALE: &str = "en-US";

#[derive(Debug)]
pub(super) struct Letters {
    fonts: FontSystem,
}

/// How text is to be set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) family: &'static str,
    pub(super) size: f32,
    pub(super) width: f32,
    pub(super) right_to_left: bool,
}

impl Letters {
    pub(super) fn load(folders: &[PathBuf]) -> Self {
        let mut fonts = fontdb::Database::new();
        for font in [dejavu::serif::bold(), dejavu::sans::bold()] {
            fonts.load_font_source(fontdb::Source::Binary(Arc::new(font)));
        }
        for folder in folders {
            fonts.load_fonts_dir(folder);
        }
        fonts.load_system_fonts();
        fonts.set_serif_family(SERIF);
        fonts.set_sans_serif_family(SANS);
        Self {
            fonts: FontSystem::new_with_locale_and_db(LOCALE.to_owned(), fonts),
        }
    }

    /// Breaks text into lines.
    pub(super) fn set(&mut self, text: &str, style: Style) -> Buffer {
        let line_height = style.size * LINE_HEIGHT;
        let mut buffer = Buffer::new(&mut self.fonts, Metrics::new(style.size, line_height));
        buffer.set_size(Some(style.width), None);
        buffer.set_wrap(Wrap::WordOrGlyph);
        let attrs = Attrs::new()
            .family(Family::Name(style.family))
            .weight(Weight::BOLD);
        let side = if style.right_to_left {
            Align::Right
        } else {
            Align::Left
        };
        buffer.set_text(text, &attrs, Shaping::Advanced, Some(side));
        buffer.shape_until_scroll(&mut self.fonts, false);
        buffer
    }

    /// The text if it fills no more lines than these.
    pub(super) fn set_within(&mut self, text: &str, style: Style, lines: usize) -> Option<Buffer> {
        let block = self.set(text, style);
        (block.layout_runs().count() <= lines).then_some(block)
    }

    /// As many of the first words as there are lines for, and an ellipsis.
    pub(super) fn set_shortened(&mut self, text: &str, style: Style, lines: usize) -> Buffer {
        let ends: Vec<usize> = text
            .split_word_bound_indices()
            .filter(|(_, word)| !word.trim().is_empty())
            .map(|(start, word)| start + word.len())
            .collect();
        let shortened = |end: usize| format!("{}{ELLIPSIS}", &text[..end]);
        let fitting = ends.partition_point(|end| {
            let words = shortened(*end);
            self.set_within(&words, style, lines).is_some()
        });
        let end = fitting.checked_sub(1).map_or(0, |last| ends[last]);
        self.set(&shortened(end), style)
    }

    /// Of a hundred letters, how many some font has.
    pub(super) fn percent_known(block: &Buffer) -> usize {
        let glyphs = block.layout_runs().flat_map(|run| run.glyphs.iter());
        let (mut known, mut all) = (0, 0);
        for glyph in glyphs {
            all += 1;
            known += usize::from(glyph.glyph_id != 0);
        }
        (known * 100).checked_div(all).unwrap_or(100)
    }

    /// Draws the text with its upper left corner there. Letters that no font has are left out: an
    /// empty box says nothing to anybody.
    pub(super) fn draw(
        &mut self,
        canvas: &mut Canvas,
        block: &Buffer,
        at: (f32, f32),
        colour: Colour,
    ) {
        self.each_point(block, at, |x, y, cover| canvas.blend(x, y, colour, cover));
    }

    /// Left, top, right and bottom of what would be drawn at the origin; nothing where no font has any
    /// of the letters.
    pub(super) fn bounds(&mut self, block: &Buffer) -> Option<[i32; 4]> {
        let mut found: Option<[i32; 4]> = None;
        self.each_point(block, (0.0, 0.0), |x, y, cover| {
            if cover > 0 {
                let [left, top, right, bottom] = found.unwrap_or([x, y, x, y]);
                found = Some([left.min(x), top.min(y), right.max(x), bottom.max(y)]);
            }
        });
        found
    }

    fn each_point(
        &mut self,
        block: &Buffer,
        (left, top): (f32, f32),
        mut point: impl FnMut(i32, i32, u8),
    ) {
        let ink = Color::rgb(0, 0, 0);
        // Not kept: every letter in every size would add up.
        let mut drawn = SwashCache::new();
        for run in block.layout_runs() {
            for glyph in run.glyphs.iter().filter(|glyph| glyph.glyph_id != 0) {
                let placed = glyph.physical((left, top + run.line_y), 1.0);
                let key = placed.cache_key;
                drawn.with_pixels(&mut self.fonts, key, ink, |x, y, colour| {
                    point(placed.x + x, placed.y + y, colour.a());
                });
            }
        }
    }
}
