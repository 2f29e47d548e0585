//! A text as a picture that cameras read.

use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

use crate::app;

const SIDE_PIXELS: u32 = 200;

pub(super) fn svg(text: &str) -> Result<String, app::Error> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M);
    let picture = code
        .map_err(app::Error::internal)?
        .render::<svg::Color<'_>>()
        .min_dimensions(SIDE_PIXELS, SIDE_PIXELS)
        .build();
    // Without the line that only a file of its own has.
    let start = picture.find("<svg").unwrap_or_default();
    Ok(picture.split_at(start).1.to_owned())
}
