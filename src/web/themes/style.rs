//! The one style sheet of a page: that of rendered text, of the theme, and the owner's choices on top.

use std::collections::hash_map::DefaultHasher;
use std::fmt::Write as _;
use std::hash::{Hash as _, Hasher as _};

use crate::domain::appearance::{Colour, FontStack};
use crate::domain::settings::Settings;

use super::Theme;

const READER_STYLESHEET: &str = "reader.css";
/// Papers about as dark, and as light, as a theme's may be: an accent that can be read on these can be
/// read on others.
const LIGHT_PAPER: [u8; 3] = [0xf4, 0xf1, 0xea];
const DARK_PAPER: [u8; 3] = [0x1e, 0x20, 0x25];
/// What WCAG asks of text (AA).
const CONTRAST: f32 = 4.5;
const STEPS: u8 = 40;

/// The owner's choices as CSS.
pub(super) fn choices(settings: &Settings) -> String {
    let mut css = String::new();
    let mut set = |name: &str, value: &str| {
        // Writing to a string cannot fail.
        let _ = write!(css, "--{name}:{value};");
    };
    if let Some(accent) = &settings.accent {
        let light = readable(accent, LIGHT_PAPER, [0; 3]);
        let dark = readable(accent, DARK_PAPER, [255; 3]);
        set("accent", &format!("light-dark({light},{dark})"));
    }
    if let Some(fonts) = stack(settings.font_text) {
        set("font-text", fonts);
    }
    if let Some(fonts) = stack(settings.font_headings) {
        set("font-headings", fonts);
    }
    let mut all = String::new();
    if !css.is_empty() {
        // Stronger than a theme's own `:root`, wherever that stands.
        let _ = writeln!(all, ":root:root{{{css}}}");
    }
    all.push_str(settings.worn_css());
    all
}

pub(super) fn hash(choices: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    choices.hash(&mut hasher);
    hasher.finish()
}

pub(super) fn bundle<'a>(
    made: impl Iterator<Item = &'a str>,
    theme: &'a Theme,
    choices: &'a str,
) -> String {
    let mut sheet = String::new();
    let reader = theme.file(READER_STYLESHEET);
    for part in made.chain(reader).chain([theme.stylesheet(), choices]) {
        sheet.push_str(part);
        if !part.ends_with('\n') {
            sheet.push('\n');
        }
    }
    sheet
}

/// Letters that systems have, by their character; `None` leaves it to the theme.
fn stack(fonts: FontStack) -> Option<&'static str> {
    Some(match fonts {
        FontStack::Theme => return None,
        FontStack::System => "system-ui,sans-serif",
        FontStack::Transitional => {
            "Charter,\"Bitstream Charter\",\"Sitka Text\",Cambria,\"Noto Serif\",serif"
        }
        FontStack::OldStyle => {
            "\"Iowan Old Style\",\"Palatino Linotype\",\"URW Palladio L\",P052,serif"
        }
        FontStack::Humanist => {
            "Seravek,\"Gill Sans Nova\",Ubuntu,Calibri,\"DejaVu Sans\",source-sans-pro,sans-serif"
        }
        FontStack::Geometric => {
            "Avenir,Montserrat,Corbel,\"URW Gothic\",source-sans-pro,sans-serif"
        }
        FontStack::Grotesque => {
            "Inter,Roboto,\"Helvetica Neue\",\"Arial Nova\",\"Nimbus Sans\",Arial,sans-serif"
        }
        FontStack::Slab => {
            "Rockwell,\"Rockwell Nova\",\"Roboto Slab\",\"DejaVu Serif\",\"Sitka Small\",serif"
        }
        FontStack::Antique => {
            "Superclarendon,\"Bookman Old Style\",\"URW Bookman\",\"URW Bookman L\",\"Georgia Pro\",Georgia,serif"
        }
        FontStack::Rounded => {
            "ui-rounded,\"Hiragino Maru Gothic ProN\",Quicksand,Comfortaa,Manjari,\"Arial Rounded MT Bold\",Calibri,sans-serif"
        }
        FontStack::Monospace => {
            "ui-monospace,\"Cascadia Code\",\"Source Code Pro\",Menlo,Consolas,\"DejaVu Sans Mono\",monospace"
        }
    })
}

/// The colour, moved towards `end` until it can be read on `paper`.
fn readable(colour: &Colour, paper: [u8; 3], end: [u8; 3]) -> String {
    let from = colour.channels();
    let mixed = |step: u8| -> [u8; 3] {
        std::array::from_fn(|index| {
            let (a, b) = (u16::from(from[index]), u16::from(end[index]));
            let (step, steps) = (u16::from(step), u16::from(STEPS));
            u8::try_from((a * (steps - step) + b * step) / steps).unwrap_or(u8::MAX)
        })
    };
    let found = (0..=STEPS)
        .map(mixed)
        .find(|mix| contrast(*mix, paper) >= CONTRAST)
        .unwrap_or(end);
    let [red, green, blue] = found;
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// The ratio WCAG 2 defines, from 1 to 21.
fn contrast(one: [u8; 3], other: [u8; 3]) -> f32 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: [u8; 3]) -> f32 {
    let linear = colour.map(|channel| {
        let part = f32::from(channel) / 255.0;
        if part <= 0.040_45 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channels(hex: &str) -> [u8; 3] {
        Colour::parse(hex).unwrap().channels()
    }

    proptest::proptest! {
        #[test]
        fn any_accent_can_be_read_in_light_and_dark(red: u8, green: u8, blue: u8) {
            let accent = Colour::parse(&format!("#{red:02x}{green:02x}{blue:02x}")).unwrap();
            let light = readable(&accent, LIGHT_PAPER, [0; 3]);
            let dark = readable(&accent, DARK_PAPER, [255; 3]);
            proptest::prop_assert!(contrast(channels(&light), LIGHT_PAPER) >= CONTRAST);
            proptest::prop_assert!(contrast(channels(&dark), DARK_PAPER) >= CONTRAST);
        }
    }

    #[test]
    fn a_sound_accent_stays_as_it_is() {
        let settings = Settings {
            accent: Some(Colour::parse("#8a3324").unwrap()),
            font_text: FontStack::Slab,
            custom_css: "p { color: red }".to_owned(),
            ..Settings::default()
        };
        let css = choices(&settings);
        assert!(
            css.starts_with(":root:root{--accent:light-dark(#8a3324,#"),
            "{css}"
        );
        assert!(css.contains("--font-text:Rockwell"));
        assert!(css.ends_with("p { color: red }"));
        assert_eq!(choices(&Settings::default()), "");
    }
}
