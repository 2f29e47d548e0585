//! Which addresses of the site lead somewhere, and in which form: small letters, single slashes, none
//! at the end. Must not know how pages are made; it only asks whether there is one.

use std::num::NonZeroU32;

use unicode_normalization::UnicodeNormalization as _;

use crate::app::{App, Error, reader};

/// Addresses that are always there, besides the home page.
const FIXED: &[&str] = &[
    "admin",
    "apple-touch-icon.png",
    "archive",
    "atom.xml",
    "favicon.ico",
    "feed.json",
    "feed.xml",
    "llms.txt",
    "manifest.webmanifest",
    "robots.txt",
    "search",
    "sign-in",
    "sitemap.xml",
];
/// What each list has its own of.
const FEEDS: &[&str] = &["feed.xml", "atom.xml", "feed.json"];
const MARKDOWN: &str = ".md";

/// How this path is written here; `None` if it is so already.
pub(super) fn usual_form(path: &str) -> Option<String> {
    let lower: String = path.to_lowercase().nfc().collect();
    let parts: Vec<&str> = lower.split('/').filter(|part| !part.is_empty()).collect();
    let usual = format!("/{}", parts.join("/"));
    (usual != path).then_some(usual)
}

/// Is there a page at this path, or was there one?
pub(super) fn has(app: &App, path: &str) -> Result<bool, Error> {
    if path.contains('\0') {
        return Ok(false);
    }
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let found = match parts.as_slice() {
        [""] => return Ok(true),
        [one] if FIXED.contains(one) => return Ok(true),
        [slug] => {
            let slug = slug.strip_suffix(MARKDOWN).unwrap_or(slug);
            reader::at_slug(app, None, slug).map(drop)
        }
        _ => return has_list(app, &parts),
    };
    known(found)
}

fn has_list(app: &App, parts: &[&str]) -> Result<bool, Error> {
    let (list, number) = match parts {
        [list @ .., "page", number] => match number_of(number) {
            Some(number) => (list, number),
            None => return Ok(false),
        },
        [list @ .., feed] if list.len() == 2 && FEEDS.contains(feed) => (list, 1),
        list => (list, 1),
    };
    let found = match *list {
        [] => reader::timeline(app, number).map(drop),
        ["tag", slug] => reader::tag(app, slug, number).map(drop),
        ["author", slug] => reader::author(app, slug, number).map(drop),
        ["archive", year] => match year_of(year) {
            Some(year) => reader::period(app, year, None, number).map(drop),
            None => return Ok(false),
        },
        ["archive", year, month] => match (year_of(year), month_of(month)) {
            (Some(year), Some(month)) => reader::period(app, year, Some(month), number).map(drop),
            _ => return Ok(false),
        },
        _ => return Ok(false),
    };
    known(found)
}

fn known(found: Result<(), Error>) -> Result<bool, Error> {
    match found {
        Ok(()) => Ok(true),
        Err(Error::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The number of a page, written as we write it.
pub(super) fn number_of(text: &str) -> Option<u32> {
    let number: NonZeroU32 = text.parse().ok()?;
    (number.to_string() == text).then(|| number.get())
}

/// Four digits.
pub(super) fn year_of(text: &str) -> Option<i16> {
    let is_year = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_year.then(|| text.parse().ok())?
}

/// Two digits.
pub(super) fn month_of(text: &str) -> Option<i8> {
    let is_month = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    let month = is_month.then(|| text.parse().ok())??;
    (1..=12).contains(&month).then_some(month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_way_to_write_an_address() {
        for (path, usual) in [
            ("/About/", Some("/about")),
            ("//evil.example", Some("/evil.example")),
            ("/tag//Rust///page/2/", Some("/tag/rust/page/2")),
            ("/ÜBER", Some("/über")),
            ("/u\u{308}ber", Some("/über")),
            ("//", Some("/")),
            ("/", None),
            ("/about", None),
            ("/tag/rust", None),
        ] {
            assert_eq!(usual_form(path).as_deref(), usual, "{path}");
        }
    }

    #[test]
    fn numbers_are_written_in_one_way() {
        assert_eq!(number_of("2"), Some(2));
        assert_eq!((year_of("2026"), month_of("05")), (Some(2026), Some(5)));
        for no in ["", "0", "02", "+2", "x", "99999999999"] {
            assert_eq!(number_of(no), None, "{no}");
        }
        for no in ["5", "13", "00", "+5", "١٢"] {
            assert_eq!(month_of(no), None, "{no}");
        }
        assert_eq!((year_of("26"), year_of("+026")), (None, None));
    }

    proptest::proptest! {
        #[test]
        fn the_usual_form_is_final_and_on_this_site(path in "/[/a-zA-Z.ß\\\\%-]{0,20}") {
            if let Some(usual) = usual_form(&path) {
                assert!(usual.starts_with('/') && !usual.starts_with("//"));
                assert_eq!(usual_form(&usual), None);
            }
        }
    }
}
