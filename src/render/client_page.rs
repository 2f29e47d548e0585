//! What the page of another's program says about it: its name and picture (`h-app`), and where it wants
//! browsers sent back to (`rel=redirect_uri`). Reads tags alone; runs and fetches nothing.

use super::html_pieces::{Piece, Pieces, Tag};

/// More than that no page of a program names.
const MAX_REDIRECTS: usize = 50;
const MAX_NAME_BYTES: usize = 1_000;

/// Elements without an end.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

/// Addresses are as they stand in the page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientPage {
    pub name: Option<String>,
    pub logo: Option<String>,
    pub redirect_uris: Vec<String>,
}

impl ClientPage {
    pub fn read(html: &str) -> Self {
        let mut page = Self::default();
        let mut app = App::default();
        let mut title = None;
        let mut is_title = false;
        for piece in Pieces::of(html) {
            match piece {
                Piece::Tag(tag) => {
                    if tag.name == "title" {
                        is_title = !tag.is_end && title.is_none();
                    }
                    page.take_link(&tag);
                    app.take_tag(&tag);
                }
                Piece::Text(text) => {
                    if is_title {
                        title = Some(text.to_owned());
                    }
                    app.take_text(text);
                }
                Piece::Comment | Piece::Stray => {}
            }
        }
        let usual = |name: String| {
            let words: Vec<_> = name.split_whitespace().collect();
            let name = words.join(" ");
            (!name.is_empty()).then_some(name)
        };
        let whole = app.whole.filter(|_| app.name.is_none());
        let named = app.name.or(whole).and_then(|name| usual(plain(&name)));
        page.name = named.or_else(|| title.and_then(|title| usual(plain(&title))));
        page.logo = app.logo;
        page
    }

    fn take_link(&mut self, tag: &Tag<'_>) {
        let is_link = matches!(tag.name.as_str(), "link" | "a") && !tag.is_end;
        let relations = tag.attribute("rel").unwrap_or_default();
        let is_redirect = relations
            .split_ascii_whitespace()
            .any(|relation| relation.eq_ignore_ascii_case("redirect_uri"));
        if let Some(href) = tag.attribute("href").filter(|_| is_link && is_redirect)
            && self.redirect_uris.len() < MAX_REDIRECTS
        {
            self.redirect_uris.push(plain(href));
        }
    }
}

/// The first `h-app` of a page, as far as it was read.
#[derive(Default)]
struct App {
    /// Elements open since it began; `None` before and after.
    depth: Option<usize>,
    has_ended: bool,
    /// How deep the element stands whose text is the name.
    name_depth: Option<usize>,
    name: Option<String>,
    /// Its whole text, which is its name where it says no other.
    whole: Option<String>,
    logo: Option<String>,
}

impl App {
    fn take_tag(&mut self, tag: &Tag<'_>) {
        let is_void = VOID.contains(&tag.name.as_str());
        let Some(depth) = self.depth else {
            let begins = has_class(tag, &["h-app", "h-x-app"]);
            if begins && !tag.is_end && !is_void && !self.has_ended {
                self.depth = Some(0);
                self.whole = Some(String::new());
            }
            return;
        };
        if tag.is_end {
            if self.name_depth == Some(depth) {
                self.name_depth = None;
            }
            self.depth = depth.checked_sub(1);
            self.has_ended = self.depth.is_none();
            return;
        }
        let own_depth = depth + 1;
        if has_class(tag, &["u-logo"]) && self.logo.is_none() {
            let address = tag.attribute("src").or(tag.attribute("href"));
            self.logo = address.map(plain);
        }
        if has_class(tag, &["p-name"]) && self.name.is_none() {
            if is_void {
                self.name = tag.attribute("alt").map(str::to_owned);
            } else {
                self.name = Some(String::new());
                self.name_depth = Some(own_depth);
            }
        }
        if !is_void {
            self.depth = Some(own_depth);
        }
    }

    fn take_text(&mut self, text: &str) {
        let append = |into: &mut Option<String>| {
            if let Some(into) = into.as_mut().filter(|into| into.len() < MAX_NAME_BYTES) {
                into.push_str(text);
            }
        };
        if self.depth.is_some() {
            append(&mut self.whole);
        }
        if self.name_depth.is_some() {
            append(&mut self.name);
        }
    }
}

fn has_class(tag: &Tag<'_>, wanted: &[&str]) -> bool {
    let classes = tag.attribute("class").unwrap_or_default();
    classes
        .split_ascii_whitespace()
        .any(|class| wanted.contains(&class))
}

/// The few entities that stand in names and addresses.
fn plain(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_says_what_it_is_called_and_where_it_lives() {
        let page = ClientPage::read(
            r#"<!doctype html><title>Home</title>
            <link rel="stylesheet" href="/x.css">
            <link rel="redirect_uri" href="/back?a=1&amp;b=2">
            <LINK REL='x redirect_uri' HREF=org.app:/back>
            <!-- <link rel="redirect_uri" href="/no"> -->
            <div class="h-app card"><p>By <b>us</b></p>
              <img class="u-logo" src="/logo.png"><a href="/" class="u-url p-name">The
              <i>Pen</i> &amp; Co</a></div> <p class="p-name">Other</p>"#,
        );
        let expected = ClientPage {
            name: Some("The Pen & Co".to_owned()),
            logo: Some("/logo.png".to_owned()),
            redirect_uris: vec!["/back?a=1&b=2".to_owned(), "org.app:/back".to_owned()],
        };
        assert_eq!(page, expected);
    }

    #[test]
    fn less_is_enough() {
        let named = |html: &str| ClientPage::read(html).name;
        assert_eq!(
            named("<a class=h-x-app href=/>Quill</a> more").as_deref(),
            Some("Quill")
        );
        let pictured = "<div class=h-app><img class='u-logo p-name' alt=Pen src=x></div>";
        assert_eq!(named(pictured).as_deref(), Some("Pen"));
        assert_eq!(named("<title> A  page </title>").as_deref(), Some("A page"));
        assert_eq!(ClientPage::read("no tags <"), ClientPage::default());
    }

    proptest::proptest! {
        #[test]
        fn no_page_makes_it_panic(html in "(<?/?[a-z]{0,6} ?(class|rel)?=?\"?(h-app|p-name|redirect_uri)?\"?>?){0,20}") {
            ClientPage::read(&html);
        }
    }
}
