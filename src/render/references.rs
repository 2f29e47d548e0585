//! What a rendered text refers to: links, pictures, files, and places in itself. Works on HTML that has been
//! through the sanitiser. Must not know where anything leads.

use std::collections::HashSet;

use super::html_pieces::{Piece, Pieces};

/// Texts with more are looked at so far.
const MAX_REFERENCES: usize = 10_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Link,
    Picture {
        /// It says what there is to see.
        is_described: bool,
    },
    /// Sound, film, or another form of a picture.
    File,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    pub manner: Manner,
    pub address: String,
}

/// What a text refers to, in its order, and the places in it that can be referred to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct References {
    pub all: Vec<Reference>,
    pub places: HashSet<String>,
}

pub fn references(html: &str) -> References {
    let mut found = References::default();
    for piece in Pieces::of(html) {
        let Piece::Tag(tag) = piece else { continue };
        if tag.is_end || found.all.len() >= MAX_REFERENCES {
            continue;
        }
        if let Some(id) = tag.attribute("id") {
            found.places.insert(plain(id));
        }
        let (name, manner) = match tag.name.as_str() {
            "a" => ("href", Manner::Link),
            "img" => {
                let alt = tag.attribute("alt").unwrap_or_default();
                let is_described = !alt.trim().is_empty();
                ("src", Manner::Picture { is_described })
            }
            "audio" | "video" | "source" => ("src", Manner::File),
            _ => continue,
        };
        if let Some(address) = tag.attribute(name) {
            let address = plain(address);
            found.all.push(Reference { manner, address });
        }
    }
    found
}

/// An attribute's value as it is meant: the sanitiser writes only these.
fn plain(value: &str) -> String {
    let value = value.replace("&quot;", "\"").replace("&#39;", "'");
    let value = value.replace("&lt;", "<").replace("&gt;", ">");
    value.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_pictures_and_places_are_found() {
        let html = "<h2 id=\"one\">One</h2><p><a href=\"/a?b=1&amp;c\">x</a> <img src=\"/media/1.png\" alt=\"\"> \
                    <img src=\"/media/2.png\" alt=\"A dog\"></p><!-- <a href=\"/no\"> --><video src=\"/v.mp4\"></video>";
        let found = references(html);
        let told: Vec<_> = found
            .all
            .iter()
            .map(|at| (at.manner, at.address.as_str()))
            .collect();
        let picture = |is_described| Manner::Picture { is_described };
        assert_eq!(
            told,
            [
                (Manner::Link, "/a?b=1&c"),
                (picture(false), "/media/1.png"),
                (picture(true), "/media/2.png"),
                (Manner::File, "/v.mp4"),
            ]
        );
        assert!(found.places.contains("one"));
    }
}
