//! The kinds of pictures that are known.

use image::ImageFormat;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Jpeg,
    Png,
    Gif,
    WebP,
    /// Taken as it is: there is no decoder for it without a C library.
    Avif,
}

impl Format {
    pub fn of_mime(mime: &str) -> Option<Self> {
        let all = [Self::Jpeg, Self::Png, Self::Gif, Self::WebP, Self::Avif];
        all.into_iter().find(|format| format.mime() == mime)
    }

    pub const fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
            Self::Avif => "image/avif",
        }
    }

    /// What decodes it, if anything does.
    pub(super) const fn codec(self) -> Option<ImageFormat> {
        match self {
            Self::Jpeg => Some(ImageFormat::Jpeg),
            Self::Png => Some(ImageFormat::Png),
            Self::Gif => Some(ImageFormat::Gif),
            Self::WebP => Some(ImageFormat::WebP),
            Self::Avif => None,
        }
    }
}
