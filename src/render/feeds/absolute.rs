//! Addresses in a text that is read away from its page: each is made whole. Works on rendered HTML,
//! which has been through the sanitiser.

use super::super::html_pieces::{Piece, Pieces};

const ADDRESSES: [&str; 4] = ["href", "src", "poster", "srcset"];

/// The HTML with every address whole. `base_url` is the site's, without a slash at its end; `page_url`
/// that of the text.
pub fn absolute(html: &str, base_url: &str, page_url: &str) -> String {
    let mut made = String::with_capacity(html.len() + html.len() / 8);
    let mut done = 0;
    let start = html.as_ptr().addr();
    for piece in Pieces::of(html) {
        let Piece::Tag(tag) = piece else { continue };
        for (name, value) in &tag.attributes {
            let Some(known) = ADDRESSES
                .iter()
                .find(|known| name.eq_ignore_ascii_case(known))
            else {
                continue;
            };
            let at = value.as_ptr().addr() - start;
            if at < done {
                continue;
            }
            made.push_str(&html[done..at]);
            if *known == "srcset" {
                let sources = value.split(", ");
                let whole = sources.map(|source| resolve(source, base_url, page_url));
                made.push_str(&whole.collect::<Vec<_>>().join(", "));
            } else {
                made.push_str(&resolve(value, base_url, page_url));
            }
            done = at + value.len();
        }
    }
    made.push_str(&html[done..]);
    made
}

fn resolve(address: &str, base_url: &str, page_url: &str) -> String {
    let has_scheme = address
        .split(['/', '?', '#'])
        .next()
        .is_some_and(|first| first.contains(':'));
    if has_scheme || address.starts_with("//") {
        return address.to_owned();
    }
    match address.chars().next() {
        None => page_url.to_owned(),
        Some('#' | '?') => format!("{page_url}{address}"),
        Some('/') => format!("{base_url}{address}"),
        Some(_) => format!("{base_url}/{address}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_becomes_whole() {
        let html = "<p><a href=\"#fn-1\">1</a> <a href='/about?x=1&amp;y'>a</a> <a href=\"mailto:a@b\">m</a>\
            <img src=\"/media/a.png\" srcset=\"/media/a-1.png 400w, https://x.test/b 800w\" alt=\"/no\">\
            <a href=\"other\">o</a> href=\"/text\"</p>";
        insta::assert_snapshot!(absolute(
            html,
            "https://blog.test",
            "https://blog.test/post"
        ));
    }
}
