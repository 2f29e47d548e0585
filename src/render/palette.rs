//! The colours of highlighted code, as a stylesheet. The roles they belong to are told in `highlight`.

use std::fmt::Write as _;

/// The colours for both appearances: the reader's system decides, unless an element above says
/// `data-theme="light"` or `"dark"`. Every colour has a contrast of at least 4.5:1 on its background.
pub fn highlight_css() -> String {
    let mut css = String::new();
    let _ = writeln!(
        css,
        ":root,[data-theme=light]{{{}}}",
        palette(|colour| colour.1)
    );
    let dark = palette(|colour| colour.2);
    let _ = writeln!(
        css,
        "@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}"
    );
    let _ = writeln!(css, "[data-theme=dark]{{{dark}}}");
    css.push_str("pre.code{background:var(--hl-background);color:var(--hl-text)}\n");
    for (class, _, _) in COLOURS.iter().filter(|colour| colour.0.len() == 1) {
        let extra = match *class {
            "h" | "b" => ";font-weight:bold",
            "c" | "m" => ";font-style:italic",
            "x" => ";text-decoration:underline wavy",
            _ => "",
        };
        let _ = writeln!(css, ".hl-{class}{{color:var(--hl-{class}){extra}}}");
    }
    css
}

/// Role, colour on light, colour on dark.
pub(super) const COLOURS: [(&str, &str, &str); 19] = [
    ("background", "#f6f7f9", "#15191f"),
    ("text", "#1f2430", "#e3e7ee"),
    ("c", "#5b6472", "#98a3b3"),
    ("e", "#a03c00", "#ffb27a"),
    ("s", "#0a6338", "#8fdca4"),
    ("n", "#874300", "#f3bb77"),
    ("o", "#874300", "#f3bb77"),
    ("k", "#951a68", "#ff94cb"),
    ("p", "#4a5160", "#b6bfcc"),
    ("f", "#1c4ea0", "#8fbcff"),
    ("g", "#0b5e6b", "#78d7e3"),
    ("a", "#6b4a00", "#e5cd7d"),
    ("h", "#1c4ea0", "#8fbcff"),
    ("t", "#63359c", "#ccb0ff"),
    ("v", "#4d4a2a", "#dcd8ad"),
    ("i", "#0a6338", "#8fdca4"),
    ("d", "#a82218", "#ff9d94"),
    ("b", "#1f2430", "#e3e7ee"),
    ("x", "#a82218", "#ff9d94"),
];

fn palette(pick: fn(&(&'static str, &'static str, &'static str)) -> &'static str) -> String {
    let mut css = String::new();
    for colour in &COLOURS {
        let _ = write!(css, "--hl-{}:{};", colour.0, pick(colour));
    }
    css
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stylesheet_knows_both_appearances() {
        insta::assert_snapshot!(highlight_css());
    }

    /// Relative luminance as WCAG defines it.
    fn luminance(colour: &str) -> f64 {
        let part = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    #[test]
    fn every_colour_can_be_read() {
        let contrast = |a: f64, b: f64| (a.max(b) + 0.05) / (a.min(b) + 0.05);
        for (role, light, dark) in &COLOURS[1..] {
            for (colour, background) in [(light, COLOURS[0].1), (dark, COLOURS[0].2)] {
                let contrast = contrast(luminance(colour), luminance(background));
                assert!(contrast >= 4.5, "{role} {colour} {contrast}");
            }
        }
    }
}
