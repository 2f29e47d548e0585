//! Videos and other frames, click-to-load: the page holds a frame whose whole content is a link, and
//! following that link inside the frame loads the real thing. No request leaves before the click, no
//! script is needed, and a feed reader that drops frames still shows the link in the caption.

use comrak::nodes::{Node, NodeHtmlBlock, NodeValue};

use super::labels::Labels;
use super::{Options, escaped};

/// Where frames for links in the text may lead: what a content security policy must name in
/// `frame-src` for them to load. Frames an author writes as HTML may lead elsewhere.
pub const EMBED_ORIGINS: [&str; 2] = [
    "https://www.youtube-nocookie.com",
    "https://player.vimeo.com",
];

/// Scripts run as the other site, never as ours; nothing opens on top of the page.
pub(super) const SANDBOX: &str = "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-presentation";
const ALLOW: &str = "fullscreen; encrypted-media; picture-in-picture";

const MAX_URL_BYTES: usize = 2_000;

/// Something to load on request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Embed {
    /// What the frame loads after the click.
    frame_url: String,
    /// What a reader without frames follows.
    page_url: String,
}

impl Embed {
    /// A video by the address people copy from their browser.
    pub(super) fn from_link(url: &str) -> Option<Self> {
        let url = parse(url)?;
        let host = url.host_str()?;
        let host = host
            .strip_prefix("www.")
            .or(host.strip_prefix("m."))
            .unwrap_or(host);
        let mut path = url.path_segments()?;
        let (first, second) = (path.next().unwrap_or_default(), path.next());
        match host {
            "youtu.be" => youtube(first),
            "youtube.com" | "youtube-nocookie.com" => match first {
                "watch" => youtube(&url.query_pairs().find(|(key, _)| key == "v")?.1),
                "embed" | "shorts" | "live" => youtube(second?),
                _ => None,
            },
            "vimeo.com" => vimeo(first),
            "player.vimeo.com" if first == "video" => vimeo(second?),
            _ => None,
        }
    }

    /// Whatever an author wanted to frame, over https only.
    pub(super) fn from_frame(src: &str) -> Option<Self> {
        if let Some(known) = Self::from_link(src) {
            return Some(known);
        }
        let url = parse(src)?;
        Some(Self {
            frame_url: url.to_string(),
            page_url: url.to_string(),
        })
    }

    pub(super) fn html(&self, labels: &Labels) -> String {
        let host = |url: &str| parse(url).and_then(|url| Some(url.host_str()?.to_owned()));
        let host = host(&self.page_url).unwrap_or_default();
        let host = host.strip_prefix("www.").unwrap_or(&host);
        let label = format!("{} {host}", labels.load_from);
        let inner = format!(
            "<a href=\"{}\">▶ {}</a>",
            escaped(&self.frame_url),
            escaped(&label)
        );
        format!(
            "<figure class=\"embed\"><iframe class=\"embed-frame\" title=\"{}\" srcdoc=\"{}\" \
             sandbox=\"{SANDBOX}\" allow=\"{ALLOW}\" loading=\"lazy\" \
             referrerpolicy=\"strict-origin-when-cross-origin\" width=\"560\" height=\"315\"></iframe>\
             <figcaption><a href=\"{}\" rel=\"external noopener\">{}</a></figcaption></figure>\n",
            escaped(&label),
            escaped(&inner),
            escaped(&self.page_url),
            escaped(host),
        )
    }
}

fn parse(url: &str) -> Option<url::Url> {
    let url = url.trim();
    if url.len() > MAX_URL_BYTES {
        return None;
    }
    let absolute = if url.starts_with("//") {
        format!("https:{url}")
    } else {
        url.to_owned()
    };
    let mut url = url::Url::parse(&absolute).ok()?;
    if url.scheme() == "http" {
        url.set_scheme("https").ok()?;
    }
    let is_plain = url.username().is_empty() && url.password().is_none();
    (url.scheme() == "https" && url.has_host() && is_plain).then_some(url)
}

fn is_id(id: &str, max_bytes: usize) -> bool {
    let sound = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=max_bytes).contains(&id.len()) && id.bytes().all(sound)
}

fn youtube(id: &str) -> Option<Embed> {
    is_id(id, 20).then(|| Embed {
        frame_url: format!("{}/embed/{id}", EMBED_ORIGINS[0]),
        page_url: format!("https://www.youtube.com/watch?v={id}"),
    })
}

fn vimeo(id: &str) -> Option<Embed> {
    let is_number = id.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && is_id(id, 20)).then(|| Embed {
        frame_url: format!("{}/video/{id}?dnt=1", EMBED_ORIGINS[1]),
        page_url: format!("https://vimeo.com/{id}"),
    })
}

/// Whether the sanitiser may keep this frame content: one link over https and its text, nothing else.
pub(super) fn is_click_to_load(srcdoc: &str) -> bool {
    let Some((url, label)) = srcdoc
        .strip_prefix("<a href=\"")
        .and_then(|rest| rest.strip_suffix("</a>"))
        .and_then(|rest| rest.split_once("\">"))
    else {
        return false;
    };
    let is_inert = |text: &str| !text.contains(['<', '>', '"']);
    is_inert(url) && is_inert(label) && url.starts_with("https://")
}

/// A bare video link alone in a paragraph becomes the video, for authors who may embed.
pub(super) fn replace_lone_links(root: Node<'_>, options: &Options<'_>, labels: &Labels) {
    if !options.trusted_html {
        return;
    }
    for node in root.children() {
        let Some(embed) = lone_link(node).and_then(|url| Embed::from_link(&url)) else {
            continue;
        };
        while let Some(child) = node.first_child() {
            child.detach();
        }
        node.data_mut().value = NodeValue::HtmlBlock(NodeHtmlBlock {
            block_type: 6,
            literal: embed.html(labels),
        });
    }
}

fn lone_link(paragraph: Node<'_>) -> Option<String> {
    if !matches!(paragraph.data().value, NodeValue::Paragraph) {
        return None;
    }
    let only = paragraph.first_child()?;
    if only.next_sibling().is_some() {
        return None;
    }
    let data = only.data();
    let NodeValue::Link(link) = &data.value else {
        return None;
    };
    let text = only.first_child()?;
    let is_bare = matches!(&text.data().value, NodeValue::Text(text) if *text == link.url);
    is_bare.then(|| link.url.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn video_addresses_are_known_in_all_their_forms() {
        for url in [
            "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=3",
            "https://youtu.be/dQw4w9WgXcQ?si=x",
            "http://m.youtube.com/shorts/dQw4w9WgXcQ",
            "//www.youtube.com/embed/dQw4w9WgXcQ",
        ] {
            assert_eq!(Embed::from_link(url), youtube("dQw4w9WgXcQ"), "{url}");
        }
        assert_eq!(Embed::from_link("https://vimeo.com/12345"), vimeo("12345"));
    }

    #[test]
    fn other_addresses_are_not() {
        for url in [
            "https://youtube.com.evil.example/watch?v=x",
            "https://youtu.be/\"><script>",
            "javascript:alert(1)//youtube.com/watch?v=x",
            "https://www.youtube.com/@somebody",
            "https://vimeo.com/features",
        ] {
            assert_eq!(Embed::from_link(url), None, "{url}");
        }
        for src in [
            "javascript:alert(1)",
            "data:text/html,x",
            "/local",
            "https://a:b@c.example/",
        ] {
            assert_eq!(Embed::from_frame(src), None, "{src}");
        }
    }

    #[test]
    fn only_our_own_frame_content_is_kept() {
        assert!(is_click_to_load(
            "<a href=\"https://a.example/?b&amp;c\">▶ Load</a>"
        ));
        for srcdoc in [
            "<script>alert(1)</script>",
            "<a href=\"https://a.example/\"><script>x</script></a>",
            "<a href=\"javascript:alert(1)\">x</a>",
            "<a href=\"https://a\" onclick=\"x\">x</a>",
            "",
        ] {
            assert!(!is_click_to_load(srcdoc), "{srcdoc}");
        }
    }
}
