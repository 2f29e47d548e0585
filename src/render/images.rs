//! Images: what the media library knows about them goes into the tag, so that pages do not jump while
//! loading and small screens fetch small files. Must not know where media are kept.

use std::fmt::Write as _;

use super::{escape_into, escaped};

/// How wide the text column is at most, for the browser's choice among variants.
const SIZES: &str = "(min-width: 45rem) 45rem, 100vw";

/// Wider than any copy, and too large a file for what it shows more.
const MAX_OWN_WIDTH: u32 = 1_920;

/// Asked for every image of a document.
pub trait Images {
    fn find(&self, url: &str) -> Option<ImageFacts>;
}

/// For text without a media library: nothing is known.
impl Images for () {
    fn find(&self, _url: &str) -> Option<ImageFacts> {
        None
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageFacts {
    /// Where it is now, which may be elsewhere than the text says.
    pub url: String,
    pub width: u32,
    pub height: u32,
    /// Width in points and address of each copy, narrowest first; none is wider than the picture.
    pub variants: Vec<(u32, String)>,
}

impl ImageFacts {
    /// The attributes these facts allow, each with a leading space.
    pub(super) fn attributes(&self) -> String {
        let mut out = format!(" width=\"{}\" height=\"{}\"", self.width, self.height);
        if self.variants.is_empty() {
            return out;
        }
        // The picture itself is one to choose where no copy is as wide, unless it is far too wide.
        let widest = self.variants.iter().map(|(width, _)| *width).max();
        let own = widest.is_some_and(|widest| widest < self.width && self.width <= MAX_OWN_WIDTH);
        let own = own.then(|| (self.width, self.url.clone()));
        out.push_str(" srcset=\"");
        for (index, (width, url)) in self.variants.iter().chain(&own).enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            // A space or a comma in the address would end it.
            let url = url.replace(' ', "%20").replace(',', "%2C");
            let _ = write!(out, "{comma}{} {width}w", escaped(&url));
        }
        let _ = write!(out, "\" sizes=\"{SIZES}\"");
        out
    }
}

/// An image of the text, ready for the sanitiser.
pub(super) fn tag(src: &str, alt: &str, title: Option<&str>, images: &dyn Images) -> String {
    let facts = images.find(src);
    let src = facts.as_ref().map_or(src, |facts| &facts.url);
    let mut out = String::from("<img src=\"");
    escape_into(&mut out, src);
    out.push_str("\" alt=\"");
    escape_into(&mut out, alt);
    out.push('"');
    if let Some(title) = title {
        let _ = write!(out, " title=\"{}\"", escaped(title));
    }
    if let Some(facts) = facts {
        out.push_str(&facts.attributes());
    }
    out.push_str(" loading=\"lazy\" decoding=\"async\">");
    out
}
