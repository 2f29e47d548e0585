//! `site`: what every page is told of the site.

use serde::Serialize;

use super::{Kind, PageView, direction, markup, text_of};
use crate::app::pictures;
use crate::domain::appearance::{Colour, Link};
use crate::domain::settings::Settings;
use crate::web::state::Site;
use crate::web::themes::Look;

const SCRIPT: &str = "reader.js";
/// Names of hosts, and the word for their icon.
const ICONS: &[(&str, &str)] = &[
    ("github.com", "github"),
    ("gitlab.com", "gitlab"),
    ("codeberg.org", "codeberg"),
    ("bsky.app", "bluesky"),
    ("youtube.com", "youtube"),
    ("youtu.be", "youtube"),
    ("linkedin.com", "linkedin"),
    ("instagram.com", "instagram"),
    ("medium.com", "link"),
    ("tiktok.com", "link"),
    ("threads.net", "link"),
];
/// How addresses of feeds end.
const FEEDS: [&str; 4] = [".xml", "feed.json", "/feed", "/rss"];

#[derive(Debug, Serialize)]
pub(super) struct FeedsView {
    pub(super) rss: String,
    pub(super) atom: String,
    pub(super) json: String,
}

impl FeedsView {
    /// Of the list at this address; of the whole site with none.
    pub(super) fn below(path: &str) -> Self {
        Self {
            rss: format!("{path}/feed.xml"),
            atom: format!("{path}/atom.xml"),
            json: format!("{path}/feed.json"),
        }
    }
}

#[derive(Debug, Serialize)]
struct LinkView {
    label: String,
    url: String,
    is_current: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<&'static str>,
}

#[derive(Debug, Serialize)]
pub(in crate::web::site) struct SiteView {
    title: String,
    description: String,
    language: String,
    direction: &'static str,
    base_url: String,
    logo_url: Option<String>,
    icon_url: String,
    touch_icon_url: String,
    cover_url: Option<String>,
    accent: String,
    navigation: Vec<LinkView>,
    footer_links: Vec<LinkView>,
    social_links: Vec<LinkView>,
    stylesheet: String,
    script: Option<String>,
    feeds: FeedsView,
    code_head: minijinja::Value,
    code_foot: minijinja::Value,
    theme: String,
}

impl SiteView {
    pub(in crate::web::site) fn new(
        site: &Site,
        settings: &Settings,
        look: &Look,
        page: &PageView,
    ) -> Self {
        let path = page.path();
        // What tells readers that something is wrong depends on nothing else.
        let code = |code: &str| markup(if page.kind() == Kind::Error { "" } else { code });
        let [head, foot] = settings.worn_code();
        let links = |links: &[Link]| -> Vec<LinkView> {
            let view = |link| link_view(link, &site.base_url, path);
            links.iter().map(view).collect()
        };
        let icons = pictures::icons(settings);
        let accent = settings.accent.clone().unwrap_or_else(Colour::accent);
        Self {
            title: settings.title.as_str().to_owned(),
            description: settings.description.clone(),
            language: settings.language.as_str().to_owned(),
            direction: direction(settings.language.is_right_to_left()),
            base_url: site.base_url.clone(),
            icon_url: format!("{icons}/icon-192.png"),
            touch_icon_url: format!("{icons}/apple-touch-icon.png"),
            logo_url: text_of(settings.logo.as_ref()),
            cover_url: text_of(settings.cover.as_ref()),
            accent: accent.as_str().to_owned(),
            navigation: links(&settings.navigation),
            footer_links: links(&settings.footer_links),
            social_links: settings
                .social_links
                .iter()
                .map(|link| LinkView {
                    icon: Some(icon(link.url.as_str())),
                    ..link_view(link, &site.base_url, path)
                })
                .collect(),
            stylesheet: look.stylesheet.clone(),
            script: look.theme.url(SCRIPT).map(str::to_owned),
            feeds: FeedsView::below(""),
            code_head: code(head),
            code_foot: code(foot),
            theme: look.theme.name().to_string(),
        }
    }
}

fn link_view(link: &Link, base_url: &str, path: &str) -> LinkView {
    let url = link.url.as_str();
    let own = url.strip_prefix(base_url).unwrap_or(url);
    let own = if own.is_empty() { "/" } else { own };
    LinkView {
        label: link.label.as_str().to_owned(),
        is_current: own == path,
        url: url.to_owned(),
        icon: None,
    }
}

/// The picture beside a link to elsewhere; a guess from the address alone.
fn icon(address: &str) -> &'static str {
    let address = address.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = match address.split_once("://") {
        Some((_, rest)) => rest.split_once('/').unwrap_or((rest, "")),
        None => ("", address),
    };
    let host = host.to_ascii_lowercase();
    let known = ICONS.iter().find(|(known, _)| {
        host.strip_suffix(known)
            .is_some_and(|before| before.is_empty() || before.ends_with('.'))
    });
    match known {
        Some((_, icon)) => icon,
        // What people on such a server are called.
        None if path.starts_with('@') => "mastodon",
        None if FEEDS.iter().any(|end| path.ends_with(end)) => "rss",
        None => "link",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn icons_are_guessed_from_addresses() {
        for (address, expected) in [
            ("https://social.example/@ada", "mastodon"),
            ("https://github.com/ada", "github"),
            ("https://gist.github.com/ada", "github"),
            ("https://evilgithub.com/ada", "link"),
            ("https://www.tiktok.com/@ada", "link"),
            ("/feed.xml", "rss"),
            ("/contact", "link"),
            ("https://example.org/atom.xml?x", "rss"),
            ("https://example.org", "link"),
        ] {
            assert_eq!(icon(address), expected, "{address}");
        }
    }
}
