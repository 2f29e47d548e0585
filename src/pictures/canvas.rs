//! A sheet of points to draw on.

use image::{Rgba, RgbaImage};

pub(super) type Colour = [u8; 3];

#[derive(Debug)]
pub(super) struct Canvas {
    points: RgbaImage,
}

impl Canvas {
    pub(super) fn new(width: u32, height: u32, [r, g, b]: Colour) -> Self {
        Self {
            points: RgbaImage::from_pixel(width, height, Rgba([r, g, b, 255])),
        }
    }

    pub(super) fn fill(
        &mut self,
        (left, top): (u32, u32),
        (width, height): (u32, u32),
        of: Colour,
    ) {
        for y in top..(top + height).min(self.points.height()) {
            for x in left..(left + width).min(self.points.width()) {
                self.points
                    .put_pixel(x, y, Rgba([of[0], of[1], of[2], 255]));
            }
        }
    }

    pub(super) fn disc(&mut self, (x, y): (u32, u32), radius: u32, of: Colour) {
        for (column, row, point) in self.points.enumerate_pixels_mut() {
            let (dx, dy) = (column.abs_diff(x), row.abs_diff(y));
            if dx * dx + dy * dy <= radius * radius {
                *point = Rgba([of[0], of[1], of[2], 255]);
            }
        }
    }

    /// Lays colour over a point, as thick as `cover` says. Points outside are left out.
    pub(super) fn blend(&mut self, x: i32, y: i32, colour: Colour, cover: u8) {
        let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else {
            return;
        };
        if let Some(point) = self.points.get_pixel_mut_checked(x, y) {
            for (channel, new) in point.0.iter_mut().zip(colour) {
                *channel = mixed(*channel, new, cover);
            }
        }
    }

    pub(super) fn into_image(self) -> RgbaImage {
        self.points
    }
}

/// `new` over `old`, in 255 steps.
pub(super) fn mixed(old: u8, new: u8, cover: u8) -> u8 {
    let cover = u16::from(cover);
    let sum = u16::from(old) * (255 - cover) + u16::from(new) * cover;
    u8::try_from((sum + 127) / 255).unwrap_or(u8::MAX)
}

/// How bright a colour seems, from 0 to 255.
pub(super) fn brightness([r, g, b]: Colour) -> u32 {
    (u32::from(r) * 299 + u32::from(g) * 587 + u32::from(b) * 114) / 1000
}
