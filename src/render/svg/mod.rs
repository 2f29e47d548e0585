//! Drawings people upload, made harmless: an SVG is a document that may hold scripts, fetch things and
//! grow without end. What is kept is put together anew from what is known to draw.
//!
//! Must not know who sent it or where it is kept.

mod allowed;
mod growth;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use self::growth::Growth;
use super::escape_into;

const MIB: usize = 1024 * 1024;
pub const MAX_SVG_BYTES: usize = 2 * MIB;
const MAX_DEPTH: usize = 100;
const MAX_ELEMENTS: usize = 50_000;
/// Where a drawing does not say how large it is, browsers take this.
const USUAL_SIZE: (f64, f64) = (300.0, 150.0);
const MAX_SIDE: f64 = 32_768.0;
const NAMESPACES: &str =
    " xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"";
const ROOT: &str = "svg";
const STYLE: &str = "style";
const USE: &str = "use";

#[derive(Debug, thiserror::Error)]
pub enum SvgError {
    #[error("it is larger than {} MiB", MAX_SVG_BYTES / MIB)]
    Large,
    #[error("it is no well-formed XML ({0})")]
    Malformed(String),
    #[error("it declares entities; save it as plain SVG")]
    Entities,
    #[error("its first element is not “svg”; save it as plain SVG")]
    NoDrawing,
    #[error("it has too many parts, or parts in each other; make it simpler")]
    Grows,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    pub text: String,
    pub width: u32,
    pub height: u32,
}

/// Whether a file begins like a drawing.
pub fn looks_like_svg(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let begins = ["<svg", "<?xml", "<!--", "<!DOCTYPE svg"];
    begins.iter().any(|begin| text.starts_with(begin)) && text.contains("<svg")
}

/// The drawing without anything that runs, fetches or grows.
pub fn sanitise(source: &str) -> Result<Drawing, SvgError> {
    if source.len() > MAX_SVG_BYTES {
        return Err(SvgError::Large);
    }
    let mut reader = Reader::from_str(source.trim_start_matches('\u{feff}'));
    let mut made = Making::default();
    loop {
        match reader.read_event().map_err(malformed)? {
            Event::Start(element) => made.open(&element)?,
            Event::Empty(element) => {
                made.open(&element)?;
                made.close();
            }
            Event::End(_) => made.close(),
            Event::Text(text) => made.text(&text.xml10_content()),
            Event::CData(text) => made.text(&text.xml10_content()),
            Event::GeneralRef(name) => {
                let letter = name.resolve_char_ref().map_err(malformed)?;
                let letter = letter.or_else(|| predefined(&name.xml10_content()));
                let letter = letter.ok_or(SvgError::Entities)?;
                made.text(letter.encode_utf8(&mut [0; 4]));
            }
            Event::DocType(text) if text.xml10_content().contains('[') => {
                return Err(SvgError::Entities);
            }
            Event::DocType(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => return made.end(),
        }
    }
}

fn malformed(error: impl std::fmt::Display) -> SvgError {
    SvgError::Malformed(error.to_string())
}

fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

/// The drawing as far as it has been read.
#[derive(Debug, Default)]
struct Making {
    text: String,
    /// Names of the open elements that are kept.
    open: Vec<String>,
    /// How deep inside an element that is left out.
    left_out: usize,
    elements: usize,
    /// What a style sheet says so far.
    style: String,
    size: Option<(f64, f64)>,
    growth: Growth,
}

impl Making {
    fn open(&mut self, element: &BytesStart<'_>) -> Result<(), SvgError> {
        self.elements += 1;
        if self.elements > MAX_ELEMENTS || self.open.len() + self.left_out > MAX_DEPTH {
            return Err(SvgError::Grows);
        }
        let name = element.name().0;
        let is_first = self.size.is_none();
        if is_first && name != ROOT {
            return Err(SvgError::NoDrawing);
        }
        if self.left_out > 0 || !allowed::is_element(name) || (self.open.is_empty() && !is_first) {
            self.left_out += 1;
            return Ok(());
        }
        let attributes = attributes(element)?;
        let value = |wanted: &str| {
            let found = attributes.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.as_str())
        };
        if is_first {
            self.size = Some(size(value("width"), value("height"), value("viewBox")));
        }
        self.growth.open(value("id"));
        if name == USE
            && let Some(target) = value("href").or(value("xlink:href"))
        {
            self.growth.reference(target.trim_start_matches('#'));
        }
        self.text.push('<');
        self.text.push_str(name);
        if is_first {
            self.text.push_str(NAMESPACES);
        }
        for (name, value) in &attributes {
            self.text.push(' ');
            self.text.push_str(name);
            self.text.push_str("=\"");
            escape_into(&mut self.text, value);
            self.text.push('"');
        }
        self.text.push('>');
        self.open.push(name.to_owned());
        Ok(())
    }

    fn close(&mut self) {
        if self.left_out > 0 {
            self.left_out -= 1;
            return;
        }
        let Some(name) = self.open.pop() else {
            return;
        };
        if name == STYLE {
            let style = std::mem::take(&mut self.style);
            if allowed::is_style(&style) {
                escape_into(&mut self.text, &style);
            }
        }
        self.growth.close();
        self.text.push_str("</");
        self.text.push_str(&name);
        self.text.push('>');
    }

    fn text(&mut self, text: &str) {
        if self.left_out > 0 {
            return;
        }
        match self.open.last().map(String::as_str) {
            Some(STYLE) => self.style.push_str(text),
            Some(_) => escape_into(&mut self.text, text),
            None => {}
        }
    }

    fn end(self) -> Result<Drawing, SvgError> {
        let (width, height) = self.size.ok_or(SvgError::NoDrawing)?;
        if !self.open.is_empty() {
            return Err(malformed("it ends too early"));
        }
        if !self.growth.is_bearable() {
            return Err(SvgError::Grows);
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between one and some thousands"
        )]
        let side = |length: f64| length.clamp(1.0, MAX_SIDE).round() as u32;
        Ok(Drawing {
            text: self.text,
            width: side(width),
            height: side(height),
        })
    }
}

/// The harmless ones, with their values decoded.
fn attributes(element: &BytesStart<'_>) -> Result<Vec<(String, String)>, SvgError> {
    let mut kept = Vec::new();
    for attribute in element.attributes() {
        let attribute = attribute.map_err(malformed)?;
        let name = attribute.key.0;
        if !allowed::is_attribute(name) {
            continue;
        }
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|_| SvgError::Entities)?;
        if allowed::is_value(element.name().0, name, &value) {
            kept.push((name.to_owned(), value.into_owned()));
        }
    }
    Ok(kept)
}

/// In points, from what the drawing says of itself.
fn size(width: Option<&str>, height: Option<&str>, view_box: Option<&str>) -> (f64, f64) {
    let numbers = view_box.unwrap_or_default();
    let numbers: Vec<f64> = numbers
        .split([' ', ','])
        .filter_map(|number| number.parse().ok())
        .collect();
    let viewed = match *numbers.as_slice() {
        [_, _, width, height] if width > 0.0 && height > 0.0 => Some((width, height)),
        _ => None,
    };
    let (usual_width, usual_height) = viewed.unwrap_or(USUAL_SIZE);
    match (width.and_then(points), height.and_then(points)) {
        (Some(width), Some(height)) => (width, height),
        (Some(width), None) => (width, width * usual_height / usual_width),
        (None, Some(height)) => (height * usual_width / usual_height, height),
        (None, None) => (usual_width, usual_height),
    }
}

/// A length; shares of a page that is not known count for nothing.
fn points(length: &str) -> Option<f64> {
    let length = length.trim();
    let unit_at = length.find(|letter: char| letter.is_ascii_alphabetic() || letter == '%');
    let (number, unit) = length.split_at(unit_at.unwrap_or(length.len()));
    let scale = match unit {
        "" | "px" => 1.0,
        "pt" => 4.0 / 3.0,
        "pc" => 16.0,
        "mm" => 96.0 / 25.4,
        "cm" => 96.0 / 2.54,
        "in" => 96.0,
        _ => return None,
    };
    let points = number.trim().parse::<f64>().ok()? * scale;
    (points.is_finite() && points > 0.0).then_some(points)
}

#[cfg(test)]
mod tests;
