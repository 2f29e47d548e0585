//! Images: what the media library knows about them goes into the tag, so that pages do not jump while
//! loading and small screens fetch small files. Must not know where media are kept.

use std::fmt::Write as _;

use super::{escape_into, escaped};

/// How wide the text column is at most, for the browser's choice among variants.
const SIZES: &str = "(min-width: 45rem) 45rem, 100vw";

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
    pub width: u32,
    pub height: u32,
    /// Width in pixels and address of each smaller (or equal) version.
    pub variants: Vec<(u32, String)>,
}

impl ImageFacts {
    /// The attributes these facts allow, each with a leading space.
    pub(super) fn attributes(&self) -> String {
        let mut out = format!(" width=\"{}\" height=\"{}\"", self.width, self.height);
        if self.variants.is_empty() {
            return out;
        }
        out.push_str(" srcset=\"");
        for (index, (width, url)) in self.variants.iter().enumerate() {
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
    let mut out = String::from("<img src=\"");
    escape_into(&mut out, src);
    out.push_str("\" alt=\"");
    escape_into(&mut out, alt);
    out.push('"');
    if let Some(title) = title {
        let _ = write!(out, " title=\"{}\"", escaped(title));
    }
    if let Some(facts) = images.find(src) {
        out.push_str(&facts.attributes());
    }
    out.push_str(" loading=\"lazy\" decoding=\"async\">");
    out
}
