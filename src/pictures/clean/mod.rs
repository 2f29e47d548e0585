//! Takes out of a picture's file what is not the picture: where it was taken and with what, words of
//! programs, thumbnails, and whatever was put behind its end. The pixels' own bytes are left as they are.
//!
//! Walks the file's structure and decodes nothing. What is not known is left out; a structure that does
//! not hold is refused.

mod avif;
mod gif;
mod jpeg;
mod png;
mod webp;

use super::format::Format;

pub(super) use webp::webp_with_profile;

/// What browsers would have to draw to play an animation once; more is a way to hang them.
const MAX_ANIMATION_POINTS: u64 = 4_000_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Damage {
    #[error("it ends too early")]
    Short,
    #[error("its parts do not fit together")]
    Torn,
    #[error("its animation is too long; make a film of it, or fewer or smaller frames")]
    Long,
}

/// A file that holds the picture and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clean {
    pub(super) bytes: Vec<u8>,
    pub(super) frames: u32,
}

impl Clean {
    fn still(bytes: Vec<u8>) -> Self {
        Self { bytes, frames: 1 }
    }

    fn animated(bytes: Vec<u8>, frames: u32, width: u32, height: u32) -> Result<Self, Damage> {
        let points = u64::from(frames) * u64::from(width) * u64::from(height);
        if frames > 1 && points > MAX_ANIMATION_POINTS {
            return Err(Damage::Long);
        }
        Ok(Self { bytes, frames })
    }
}

pub(super) fn clean(format: Format, bytes: &[u8]) -> Result<Clean, Damage> {
    match format {
        Format::Jpeg => jpeg::clean(bytes).map(Clean::still),
        Format::Png => png::clean(bytes),
        Format::Gif => gif::clean(bytes),
        Format::WebP => webp::clean(bytes),
        Format::Avif => avif::clean(bytes).map(Clean::still),
    }
}

/// Reads a file from its beginning to its end, and never past it.
#[derive(Debug, Clone, Copy)]
struct Walk<'a> {
    rest: &'a [u8],
}

impl<'a> Walk<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Damage> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Damage::Short)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Damage> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Damage::Short)?;
        self.rest = rest;
        Ok(*taken)
    }

    fn byte(&mut self) -> Result<u8, Damage> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// The same bytes, as a file has to have them there.
    fn expect(&mut self, wanted: &[u8]) -> Result<(), Damage> {
        if self.take(wanted.len())? == wanted {
            Ok(())
        } else {
            Err(Damage::Torn)
        }
    }

    fn big_16(&mut self) -> Result<u16, Damage> {
        self.array().map(u16::from_be_bytes)
    }

    fn big_32(&mut self) -> Result<u32, Damage> {
        self.array().map(u32::from_be_bytes)
    }

    fn little_16(&mut self) -> Result<u16, Damage> {
        self.array().map(u16::from_le_bytes)
    }

    fn little_32(&mut self) -> Result<u32, Damage> {
        self.array().map(u32::from_le_bytes)
    }

    /// A length that a file says; on no machine of ours more than fits.
    fn length_32(&mut self, read: fn(&mut Self) -> Result<u32, Damage>) -> Result<usize, Damage> {
        usize::try_from(read(self)?).map_err(|_| Damage::Torn)
    }
}

#[cfg(test)]
mod tests;
