//! From what a program sent to the markdown of a post: plain words stay plain, HTML stays HTML, pictures
//! and what the entry is about come before them. Pure functions.

use std::fmt::Write as _;

use serde_json::Value;

use crate::app::Error;
use crate::domain::entry::{Properties, Writing};
use crate::domain::language::Language;
use crate::domain::text::WebAddress;
use crate::texts;

/// Properties that name what an entry is about, and what is said before their links.
const ABOUT: [(&str, &str); 4] = [
    ("in-reply-to", "entry_in_reply_to"),
    ("like-of", "entry_like_of"),
    ("repost-of", "entry_repost_of"),
    ("bookmark-of", "entry_bookmark_of"),
];
/// Properties that become part of the text.
pub(super) const OF_TEXT: [&str; 8] = [
    "content",
    "photo",
    "video",
    "audio",
    "in-reply-to",
    "like-of",
    "repost-of",
    "bookmark-of",
];
/// A title that is made of words ends at the end of a word before this.
const MADE_TITLE_CHARS: usize = 60;
/// Signs that mean something to markdown wherever they stand.
const SIGNS: &str = "\\`*_[]<>&|~$^";
/// Signs that mean something where a line begins.
const FIRST_SIGNS: &str = "#+-=:";

/// What the text is made in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ground<'a> {
    /// The site's address; its own files are named without it.
    pub(super) base_url: &'a str,
    pub(super) language: &'a Language,
    /// What a plain string means.
    pub(super) writing: Writing,
}

/// The whole text of a post.
pub(super) fn text(properties: &Properties, ground: Ground<'_>) -> Result<String, Error> {
    let mut parts = Vec::new();
    for (property, key) in ABOUT {
        for value in values(properties, property) {
            parts.push(about(property, key, value, ground)?);
        }
    }
    let mut photos = Vec::new();
    for value in values(properties, "photo") {
        let (url, alt) = file("photo", value, ground)?;
        photos.push(format!(
            "![{}](<{url}>)",
            escaped_line(&alt.replace('\n', " "))
        ));
    }
    if !photos.is_empty() {
        parts.push(photos.join("\n"));
    }
    for element in ["video", "audio"] {
        for value in values(properties, element) {
            let (url, alt) = file(element, value, ground)?;
            parts.push(player(element, &url, &alt));
        }
    }
    parts.extend(content(properties, ground.writing)?);
    Ok(parts.join("\n\n"))
}

/// The words alone, each value a paragraph or several.
pub(super) fn content(properties: &Properties, writing: Writing) -> Result<Vec<String>, Error> {
    let all = values(properties, "content").iter();
    let parts = all.map(|value| match value {
        Value::String(words) if writing == Writing::Markdown => Ok(words.clone()),
        Value::String(words) => Ok(plain(words)),
        Value::Object(forms) => {
            let form = |name: &str| forms.get(name).and_then(Value::as_str);
            if let Some(html) = form("html") {
                Ok(of_html(html))
            } else if let Some(markdown) = form("markdown") {
                Ok(markdown.to_owned())
            } else if let Some(words) = form("value").or(form("text")) {
                Ok(plain(words))
            } else {
                Err(wrong_content())
            }
        }
        _ => Err(wrong_content()),
    });
    let parts: Vec<String> = parts.collect::<Result<_, _>>()?;
    let not_empty = parts.into_iter().filter(|part| !part.trim().is_empty());
    Ok(not_empty.collect())
}

fn wrong_content() -> Error {
    Error::invalid(
        "content",
        "Send a string, or an object with html, markdown or value in it",
    )
}

pub(super) fn values<'a>(properties: &'a Properties, name: &str) -> &'a [Value] {
    properties.get(name).map_or(&[], Vec::as_slice)
}

/// Words that mean only themselves, as markdown: every sign of markdown's is taken its meaning, lines
/// and paragraphs stay, whole addresses become links.
pub(super) fn plain(words: &str) -> String {
    let words = words.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = words.trim_matches('\n').split('\n').collect();
    let mut markdown = String::with_capacity(words.len() + 16);
    for (number, line) in lines.iter().enumerate() {
        let line = line.trim_end();
        // Spaces before a line would make code of it.
        let indent = line.len() - line.trim_start().len();
        for letter in line[..indent].chars() {
            markdown.push_str(if letter == '\t' {
                "\u{a0}\u{a0}\u{a0}\u{a0}"
            } else {
                "\u{a0}"
            });
        }
        markdown.push_str(&escaped_line(&line[indent..]));
        let goes_on = !line.trim().is_empty()
            && lines
                .get(number + 1)
                .is_some_and(|next| !next.trim().is_empty());
        if goes_on {
            markdown.push('\\');
        }
        markdown.push('\n');
    }
    markdown.trim_end_matches('\n').to_owned()
}

fn escaped_line(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len() + 8);
    let mut is_first = true;
    for piece in line.split_inclusive(' ') {
        let word = piece.trim_end_matches(' ');
        match address(word) {
            Some((address, rest)) => {
                let _ = write!(escaped, "<{address}>");
                escape_into(&mut escaped, rest, false);
            }
            None => escape_into(&mut escaped, word, is_first),
        }
        escaped.push_str(&piece[word.len()..]);
        is_first = false;
    }
    escaped
}

fn escape_into(escaped: &mut String, word: &str, is_first: bool) {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    for (at, letter) in word.char_indices() {
        let means_something = SIGNS.contains(letter)
            || (is_first && at == 0 && FIRST_SIGNS.contains(letter))
            || (is_first && at > 0 && at == digits && matches!(letter, '.' | ')'));
        if means_something {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
}

/// A whole address at the start of a word, without what ends the sentence.
fn address(word: &str) -> Option<(&str, &str)> {
    if !word.starts_with("https://") && !word.starts_with("http://") {
        return None;
    }
    let end = word
        .trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '"', '\'', '”', '’'])
        .len();
    let (address, rest) = word.split_at(end);
    let is_sound = url::Url::parse(address).is_ok_and(|url| url.has_host());
    let is_plain = !address.contains(['<', '>', '\\']) && !address.chars().any(char::is_control);
    (is_sound && is_plain).then_some((address, rest))
}

/// HTML that no line of it lets markdown in again: a blank line would.
fn of_html(html: &str) -> String {
    let html = html.replace("\r\n", "\n").replace('\r', "\n");
    let mut kept = String::with_capacity(html.len() + 16);
    for line in html.trim().lines() {
        // Nothing, written so that the line is not empty.
        kept.push_str(if line.trim().is_empty() {
            "<!-- -->"
        } else {
            line
        });
        kept.push('\n');
    }
    format!("<div>\n{kept}</div>")
}

fn about(
    property: &'static str,
    key: &str,
    value: &Value,
    ground: Ground<'_>,
) -> Result<String, Error> {
    let url = address_of(property, value)?;
    let shown = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    let shown = escaped_line(shown.trim_end_matches('/'));
    let said = texts::of(ground.language).get(key, &[]).unwrap_or_default();
    Ok(format!("{} [{shown}](<{url}>)", escaped_line(&said)))
}

/// An address, of a string or of something that has one.
pub(super) fn address_of(property: &'static str, value: &Value) -> Result<String, Error> {
    let text = match value {
        Value::String(text) => Some(text.as_str()),
        Value::Object(one) => {
            let own = one
                .get("value")
                .or_else(|| one.get("properties")?.get("url")?.get(0));
            own.and_then(Value::as_str)
        }
        _ => None,
    };
    let text = text.ok_or_else(|| Error::invalid(property, "Send a web address"))?;
    sound(property, text)
}

fn sound(property: &'static str, text: &str) -> Result<String, Error> {
    let address = WebAddress::parse(text).map_err(|error| Error::invalid(property, error))?;
    // Signs that would end it where it stands.
    let mut plain = String::new();
    for letter in address.as_str().chars() {
        match letter {
            '<' => plain.push_str("%3C"),
            '>' => plain.push_str("%3E"),
            '"' => plain.push_str("%22"),
            '\\' => plain.push_str("%5C"),
            letter if letter.is_control() || letter.is_whitespace() => plain.push_str("%20"),
            letter => plain.push(letter),
        }
    }
    Ok(plain)
}

/// A file's address and what there is to see.
pub(super) fn file(
    property: &'static str,
    value: &Value,
    ground: Ground<'_>,
) -> Result<(String, String), Error> {
    let url = address_of(property, value)?;
    let alt = value.get("alt").and_then(Value::as_str).unwrap_or_default();
    let own = url.strip_prefix(ground.base_url);
    let own = own.filter(|path| path.starts_with('/') && !path.starts_with("//"));
    Ok((own.unwrap_or(&url).to_owned(), alt.to_owned()))
}

/// Who may not write HTML has the link in it.
fn player(element: &str, url: &str, alt: &str) -> String {
    let mut shown = String::new();
    for letter in (if alt.is_empty() { url } else { alt }).chars() {
        match letter {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            letter if letter.is_control() => shown.push(' '),
            letter => shown.push(letter),
        }
    }
    let url = url.replace('&', "&amp;");
    format!(
        "<{element} controls preload=\"metadata\" src=\"{url}\">\n<a href=\"{url}\">{shown}</a>\n</{element}>"
    )
}

/// A title for what came without one, of the first words there are.
pub(super) fn title(words: &str) -> Option<String> {
    let line = words.lines().map(str::trim).find(|line| !line.is_empty())?;
    let chars = line.chars().count();
    if chars <= MADE_TITLE_CHARS {
        return Some(line.to_owned());
    }
    let mut cut: String = line.chars().take(MADE_TITLE_CHARS).collect();
    // Scripts without spaces are cut anywhere.
    if let Some(end) = cut
        .rfind(char::is_whitespace)
        .filter(|end| *end > MADE_TITLE_CHARS / 2)
    {
        cut.truncate(end);
    }
    let cut = cut.trim_end_matches(|sign: char| sign.is_whitespace() || ",;:–-".contains(sign));
    Some(format!("{cut}…"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use scraper::Html;
    use serde_json::json;

    use super::*;
    use crate::render::{self, Options};

    fn html(markdown: &str) -> String {
        let options = Options {
            language: &Language::default(),
            smart_punctuation: false,
            trusted_html: true,
            site_url: None,
            images: &(),
        };
        render::markdown(markdown, &options).html
    }

    fn shown(markdown: &str) -> String {
        Html::parse_fragment(&html(markdown))
            .root_element()
            .text()
            .collect()
    }

    fn ground(writing: Writing) -> Ground<'static> {
        static ENGLISH: std::sync::LazyLock<Language> = std::sync::LazyLock::new(Language::default);
        Ground {
            base_url: "https://blog.example",
            language: &ENGLISH,
            writing,
        }
    }

    fn properties(value: Value) -> Properties {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn plain_words_stay_as_they_are() {
        for words in [
            "1. May",
            "# no heading",
            "* _not_ a **list** `code` $x$ ~~y~~",
            "- a\n- b",
            "Tom & Jerry &amp; <b>x</b> <script>alert(1)</script>",
            "a | b\n--|--\nc | d",
            "term\n: detail",
            "Title\n===",
            "[x](javascript:alert(1)) [^1] ![y](z)",
            "a\\b \\* c^2",
            "> quote",
            "12) twelve",
            "    four spaces\n\ttab",
            "```\ncode\n```",
        ] {
            let seen = shown(&plain(words));
            let words: Vec<&str> = words.split_whitespace().collect();
            let seen: Vec<&str> = seen.split_whitespace().collect();
            assert_eq!(seen, words);
        }
    }

    #[test]
    fn lines_and_paragraphs_stay_and_addresses_are_links() {
        let made = html(&plain(
            "one\r\ntwo\n\nthree https://example.org/a_b?c=d&e=f_g.",
        ));
        assert_eq!(
            made,
            "<p>one<br>\ntwo</p>\n<p>three <a href=\"https://example.org/a_b?c=d&amp;e=f_g\" \
             rel=\"external noopener\">https://example.org/a_b?c=d&amp;e=f_g</a>.</p>\n"
        );
    }

    #[test]
    fn html_is_html_to_its_end() {
        let made = html(&of_html(
            "<p>a *b*</p>\n\n    <p>c</p>\r\n\r\n<pre>d\n\ne</pre>",
        ));
        assert!(made.contains("<p>a *b*</p>"), "{made}");
        assert!(
            made.contains("<p>c</p>") && !made.contains("<code"),
            "{made}"
        );
        assert!(made.contains("<pre>d\n\ne</pre>"), "{made}");
    }

    #[test]
    fn a_text_has_what_it_is_about_then_pictures_then_words() {
        let sent = properties(json!({
            "in-reply-to": ["https://example.org/a_b/"],
            "photo": [
                "https://blog.example/media/1/x.png",
                { "value": "https://example.org/<y>.png", "alt": "A [sunset]" },
            ],
            "video": ["/media/2/v.mp4"],
            "content": ["*so*"],
        }));
        assert_eq!(
            text(&sent, ground(Writing::Plain)).unwrap(),
            "In reply to [example.org/a\\_b](<https://example.org/a_b/>)\n\n\
             ![](</media/1/x.png>)\n![A \\[sunset\\]](<https://example.org/%3Cy%3E.png>)\n\n\
             <video controls preload=\"metadata\" src=\"/media/2/v.mp4\">\n\
             <a href=\"/media/2/v.mp4\">/media/2/v.mp4</a>\n</video>\n\n\\*so\\*"
        );
        let written = properties(json!({ "content": ["*so*", { "html": "<b>x</b>" }] }));
        assert_eq!(
            text(&written, ground(Writing::Markdown)).unwrap(),
            "*so*\n\n<div>\n<b>x</b>\n</div>"
        );
        for wrong in [
            json!({ "photo": ["javascript:alert(1)"] }),
            json!({ "photo": [7] }),
            json!({ "content": [{ "bold": "x" }] }),
            json!({ "like-of": ["x"] }),
        ] {
            let outcome = text(&properties(wrong.clone()), ground(Writing::Plain));
            assert!(matches!(outcome, Err(Error::Invalid(_))), "{wrong}");
        }
    }

    #[test]
    fn titles_are_made_of_first_words() {
        assert_eq!(title(" \n Short one \nmore").as_deref(), Some("Short one"));
        assert_eq!(title("  \n "), None);
        let long = "word ".repeat(30);
        let made = title(&long).unwrap();
        assert!(made.ends_with("word…") && made.chars().count() <= MADE_TITLE_CHARS + 1);
        assert_eq!(
            title(&"字".repeat(100)).unwrap().chars().count(),
            MADE_TITLE_CHARS + 1
        );
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_what_is_read(
            words in "[ -~äß\u{3000}]{0,40}(\n[ -~]{0,40}){0,4}"
        ) {
            let seen: String = shown(&plain(&words));
            let squeeze = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(squeeze(&seen), squeeze(&words));
        }
    }
}
