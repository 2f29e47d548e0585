//! Pictures: those the server draws itself (a card with a title for whoever shares a page, the site's
//! icons), and those people send, which are looked into in a process of their own. Must not know where
//! the words come from, who asks, or where pictures are kept.

mod canvas;
mod card;
mod clean;
mod colour;
mod decode;
mod encode;
mod format;
mod icon;
mod job;
mod letters;
mod scale;
mod take_in;
pub mod worker;
pub mod workshop;

use std::io::{self, Cursor, Read, Seek};
use std::path::PathBuf;
use std::sync::Mutex;

use image::{ImageFormat, ImageReader, Limits, RgbaImage};

use canvas::Canvas;
use letters::Letters;

pub use card::{CARD_HEIGHT, CARD_WIDTH, Card};
pub use decode::{is_decodable, too_large};
pub use format::Format;
pub use icon::{Icon, Mark};
pub use job::{Piece, Reply};

/// What a foreign picture may need to be decoded.
const MAX_SIDE: u32 = 8_192;
const MAX_DECODING_BYTES: u64 = 128 * 1024 * 1024;

/// Raised whenever the same words would give another picture, so that it has another address.
pub const VERSION: u32 = 1;

#[derive(Debug, thiserror::Error)]
#[error("a picture cannot be made: {0}")]
pub struct PictureError(#[from] image::ImageError);

/// Draws. Fonts are looked up when the first picture is wanted, because many sites never need one.
#[derive(Debug)]
pub struct Painter {
    font_folders: Vec<PathBuf>,
    letters: Mutex<Option<Letters>>,
}

impl Painter {
    /// Fonts in these folders are used besides those the program brings along and the system has.
    pub fn new(font_folders: Vec<PathBuf>) -> Self {
        Self {
            font_folders,
            letters: Mutex::default(),
        }
    }

    /// The card as PNG.
    pub fn card(&self, card: &Card<'_>) -> Result<Vec<u8>, PictureError> {
        let drawn = self.with_letters(|letters| card::draw(card, letters));
        encode(&drawn.into_image(), ImageFormat::Png)
    }

    /// The icon as PNG, or as ICO for those who ask for one.
    pub fn icon(&self, mark: &Mark<'_>, icon: Icon) -> Result<Vec<u8>, PictureError> {
        let drawn = self.with_letters(|letters| icon::draw(mark, icon, letters));
        encode(&drawn, icon.format())
    }

    fn with_letters<T>(&self, draw: impl FnOnce(&mut Letters) -> T) -> T {
        // What a panic left behind is as good as new: letters are only looked up.
        let mut letters = self
            .letters
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        draw(letters.get_or_insert_with(|| Letters::load(&self.font_folders)))
    }
}

/// A picture that somebody uploaded; nothing where it is damaged or would take too much room.
pub fn decode(file: impl Read + Seek) -> Option<RgbaImage> {
    let mut reader = ImageReader::new(io::BufReader::new(file))
        .with_guessed_format()
        .ok()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODING_BYTES);
    reader.limits(limits);
    Some(reader.decode().ok()?.into_rgba8())
}

fn encode(picture: &RgbaImage, format: ImageFormat) -> Result<Vec<u8>, PictureError> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format)?;
    Ok(bytes.into_inner())
}
