//! A file as the editor and the pages of the library are told of it.

use serde::Serialize;

use crate::app::media::{self, PREFIX};
use crate::domain::media::{Family, Media};

/// For the editor.
#[derive(Debug, Serialize)]
pub(super) struct Item {
    id: String,
    url: String,
    name: String,
    mime: String,
    width: Option<u32>,
    height: Option<u32>,
    alt: String,
    markdown: String,
}

impl From<&Media> for Item {
    fn from(media: &Media) -> Self {
        Self {
            id: media.id.to_string(),
            url: url(&media.path),
            name: media.name.clone(),
            mime: media.mime.clone(),
            width: media.width,
            height: media.height,
            alt: media.alt.clone(),
            markdown: media::markdown(media),
        }
    }
}

/// For lists of files.
#[derive(Debug, Serialize)]
pub(super) struct Card {
    #[serde(flatten)]
    item: Item,
    /// A picture small enough for a list, if it is one.
    thumbnail: Option<String>,
}

/// What only the pages say.
#[derive(Debug, Serialize)]
pub(super) struct Details {
    pub(super) family: &'static str,
    pub(super) size: String,
    pub(super) colour: Option<String>,
    pub(super) caption: String,
}

impl From<&Media> for Card {
    fn from(media: &Media) -> Self {
        Self {
            item: media.into(),
            thumbnail: thumbnail(media),
        }
    }
}

impl From<&Media> for Details {
    fn from(media: &Media) -> Self {
        Self {
            family: word(media.family()),
            size: size(media.bytes),
            colour: media.colour.clone(),
            caption: media.caption.clone(),
        }
    }
}

pub(super) fn url(path: &str) -> String {
    format!("{PREFIX}{path}")
}

/// The smallest copy that is there; until one is, the picture itself.
fn thumbnail(media: &Media) -> Option<String> {
    let own = (media.family() == Family::Picture).then_some(&media.path);
    let copy = media.variants.iter().find(|copy| copy.is_thumbnail);
    copy.map(|copy| &copy.path).or(own).map(|path| url(path))
}

pub(super) const fn word(family: Family) -> &'static str {
    match family {
        Family::Picture => "Picture",
        Family::Sound => "Sound",
        Family::Film => "Film",
        Family::Document => "Document",
    }
}

/// As people say it.
pub(super) fn size(bytes: u64) -> String {
    const KB: u64 = 1_000;
    const MB: u64 = 1_000 * KB;
    match bytes {
        0..KB => format!("{bytes} bytes"),
        KB..MB => format!("{} kB", bytes / KB),
        _ => format!("{}.{} MB", bytes / MB, bytes % MB / (MB / 10)),
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_said_as_people_say_them() {
        for (bytes, said) in [
            (999, "999 bytes"),
            (15_900, "15 kB"),
            (1_000_000, "1.0 MB"),
            (2_990_000, "2.9 MB"),
            (1_073_741_824, "1073.7 MB"),
        ] {
            assert_eq!(size(bytes), said);
        }
    }
}
