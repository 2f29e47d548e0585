//! The last gate: every page goes through an HTML parser and an allow-list, whoever wrote it and
//! whatever produced it. Must not be told what is "already safe"; nothing is.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::Builder;

use super::allowed::{
    CLASS_PREFIXES, CLASSES, MATH_ATTRIBUTES, MATH_TAGS, MORE_MATH_TAGS, REL, SCHEMES,
    STYLE_PROPERTIES, TAGS, TRUSTED_TAGS, tag_attributes, trusted_attributes,
};
use super::embeds;

static EVERYBODY: LazyLock<Builder<'static>> = LazyLock::new(|| policy(false));
static TRUSTED: LazyLock<Builder<'static>> = LazyLock::new(|| policy(true));

/// Whether anybody's HTML may use this element. Frames are not HTML anybody may use: they are made.
pub(super) fn is_article_tag(name: &str) -> bool {
    TAGS.contains(&name) || (TRUSTED_TAGS.contains(&name) && name != "iframe")
}

pub(super) fn clean(html: &str, trusted: bool) -> String {
    let policy: &Builder<'static> = if trusted { &TRUSTED } else { &EVERYBODY };
    policy.clean(html).to_string()
}

fn policy(trusted: bool) -> Builder<'static> {
    let mut tags: HashSet<&str> = TAGS.into();
    tags.extend(MATH_TAGS);
    tags.extend(MORE_MATH_TAGS);
    let mut attributes = tag_attributes();
    for tag in MATH_TAGS.iter().chain(&MORE_MATH_TAGS) {
        attributes.insert(tag, MATH_ATTRIBUTES.into());
    }
    let mut generic: HashSet<&str> = ["class", "dir", "id", "lang", "title"].into();
    let mut policy = Builder::empty();
    if trusted {
        tags.extend(TRUSTED_TAGS);
        attributes.extend(trusted_attributes());
        generic.extend(["role", "style"]);
        policy.filter_style_properties(STYLE_PROPERTIES.into());
    }
    policy
        .tags(tags)
        .tag_attributes(attributes)
        .tag_attribute_values(HashMap::from([
            (
                "img",
                HashMap::from([("decoding", ["async"].into()), ("loading", ["lazy"].into())]),
            ),
            ("pre", HashMap::from([("tabindex", ["0"].into())])),
        ]))
        // Whatever input somebody writes, it is a checkbox. One value only: several would be added in
        // an order that changes from process to process.
        .set_tag_attribute_values(HashMap::from([(
            "input",
            HashMap::from([("type", "checkbox")]),
        )]))
        .generic_attributes(generic)
        .generic_attribute_prefixes(["aria-", "data-footnote"].into())
        .clean_content_tags(["script", "style"].into())
        .url_schemes(SCHEMES.into())
        .link_rel(None)
        .attribute_filter(move |_, attribute, value| filter(attribute, value, trusted));
    policy
}

/// What allow-lists of names cannot say.
fn filter<'v>(attribute: &str, value: &'v str, trusted: bool) -> Option<Cow<'v, str>> {
    match attribute {
        "class" if trusted => Some(Cow::Borrowed(value)),
        "class" => keep_tokens(value, |class| {
            CLASSES.contains(&class)
                || CLASS_PREFIXES
                    .iter()
                    .any(|prefix| class.starts_with(prefix))
        }),
        "rel" => keep_tokens(value, |rel| REL.contains(&rel)),
        "style" => is_calm_style(value).then_some(Cow::Borrowed(value)),
        "target" => (value == "_blank").then_some(Cow::Borrowed(value)),
        "srcset" => value
            .split(',')
            .filter_map(|candidate| candidate.split_whitespace().next())
            .all(is_web_address)
            .then_some(Cow::Borrowed(value)),
        // A frame holds what we wrote into it, in the sandbox we gave it, or nothing.
        "srcdoc" => embeds::is_click_to_load(value).then_some(Cow::Borrowed(value)),
        "sandbox" => Some(Cow::Borrowed(embeds::SANDBOX)),
        "cite" | "poster" | "src" => is_web_address(value).then_some(Cow::Borrowed(value)),
        _ => Some(Cow::Borrowed(value)),
    }
}

/// Only arithmetic and colours may look like a call: no `url()`, no `expression()`, no escapes.
fn is_calm_style(value: &str) -> bool {
    const FUNCTIONS: [&str; 9] = [
        "calc", "clamp", "hsl", "hsla", "max", "min", "minmax", "rgb", "rgba",
    ];
    let mut calls = value.split('(').peekable();
    while let Some(before) = calls.next() {
        let is_call = calls.peek().is_some();
        let name = before
            .rsplit(|letter: char| !letter.is_ascii_alphanumeric())
            .next();
        if is_call && !name.is_some_and(|name| FUNCTIONS.contains(&name)) {
            return false;
        }
    }
    !value.contains('\\')
}

fn keep_tokens(value: &str, keep: impl Fn(&str) -> bool) -> Option<Cow<'_, str>> {
    if value.split_ascii_whitespace().all(&keep) {
        return (!value.trim().is_empty()).then_some(Cow::Borrowed(value));
    }
    let kept: Vec<&str> = value
        .split_ascii_whitespace()
        .filter(|token| keep(token))
        .collect();
    (!kept.is_empty()).then(|| Cow::Owned(kept.join(" ")))
}

/// An address over http or https, or one on this site.
fn is_web_address(value: &str) -> bool {
    match url::Url::parse(value) {
        Ok(url) => matches!(url.scheme(), "http" | "https"),
        Err(url::ParseError::RelativeUrlWithoutBase) => true,
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_of_the_site_cannot_be_borrowed() {
        assert_eq!(
            clean("<p class='hl-k login footnotes'>x", false),
            "<p class=\"hl-k footnotes\">x</p>"
        );
        assert_eq!(clean("<p class='login'>x", false), "<p>x</p>");
        assert_eq!(
            clean("<p class='login'>x", true),
            "<p class=\"login\">x</p>"
        );
    }

    #[test]
    fn frames_never_load_by_themselves() {
        for trusted in [false, true] {
            let html = clean("<iframe src='https://a.example'></iframe>", trusted);
            assert!(!html.contains("a.example"), "{html}");
            let html = clean(
                "<iframe srcdoc='&lt;script>1&lt;/script>'></iframe>",
                trusted,
            );
            assert!(!html.contains("script"), "{html}");
        }
    }

    #[test]
    fn inputs_are_checkboxes() {
        assert_eq!(
            clean("<input type=password name=p>", false)
                .matches("checkbox")
                .count(),
            1
        );
    }

    #[test]
    fn images_come_only_from_the_web() {
        let html = clean(
            "<img src=data:image/png;base64,x srcset='javascript:x 1x' loading=eager>",
            true,
        );
        assert_eq!(html, "<img>");
    }
}
