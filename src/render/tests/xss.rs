//! Hostile input, judged by an HTML parser and not by searching for words: whatever goes in, what comes
//! out must hold no element, attribute or address that can run a script, load by itself, or leave the
//! article. The corpus is `tests/fixtures/xss.txt`.

use scraper::{Html, Node};

use super::super::{Options, embeds, sanitise, sanitise_html};
use super::render;
use crate::domain::language::Language;

const CORPUS: &str = include_str!("../../../tests/fixtures/xss.txt");

fn corpus() -> Vec<String> {
    let lines = CORPUS
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("# H"));
    let lines = lines.filter(|line| !line.starts_with("# Each"));
    lines
        .map(|line| {
            line.replace("\\n", "\n")
                .replace("\\t", "\t")
                .replace("\\0", "\0")
                .replace("\\x0c", "\u{c}")
                .replace("\\x01", "\u{1}")
        })
        .collect()
}

const NEVER: [&str; 32] = [
    "script",
    "style",
    "object",
    "embed",
    "applet",
    "link",
    "meta",
    "base",
    "form",
    "button",
    "textarea",
    "select",
    "template",
    "noscript",
    "svg",
    "frame",
    "frameset",
    "portal",
    "plaintext",
    "xmp",
    "noembed",
    "noframes",
    "title",
    "dialog",
    "area",
    "map",
    "param",
    "keygen",
    "marquee",
    "annotation-xml",
    "mglyph",
    "maction",
];

const ADDRESSES: [&str; 13] = [
    "href",
    "src",
    "xlink:href",
    "action",
    "formaction",
    "poster",
    "cite",
    "data",
    "background",
    "ping",
    "srcset",
    "longdesc",
    "manifest",
];

/// What is wrong with a page, in words.
fn faults(html: &str, trusted: bool) -> Vec<String> {
    let page = Html::parse_document(&format!(
        "<!DOCTYPE html><html><body><main>{html}</main></body></html>"
    ));
    let mut faults = Vec::new();
    for node in page.tree.nodes() {
        match node.value() {
            Node::Comment(_) | Node::ProcessingInstruction(_) => faults.push("comment".to_owned()),
            Node::Element(element) => {
                let name = element.name();
                if NEVER.contains(&name) || (name == "iframe" && !trusted) {
                    faults.push(format!("<{name}>"));
                }
                if name == "input" && element.attr("type") != Some("checkbox") {
                    faults.push("<input>".to_owned());
                }
                for (attribute, value) in element.attrs() {
                    attribute_faults(attribute, value, &mut faults);
                }
                if name == "iframe"
                    && element.attr("srcdoc").is_some()
                    && element.attr("sandbox") != Some(embeds::SANDBOX)
                {
                    faults.push("iframe without sandbox".to_owned());
                }
            }
            _ => {}
        }
    }
    faults
}

fn attribute_faults(name: &str, value: &str, faults: &mut Vec<String>) {
    let lower = value.to_ascii_lowercase();
    let bad = if name.starts_with("on") || ["name", "is", "http-equiv", "autofocus"].contains(&name)
    {
        true
    } else if name == "srcset" {
        value
            .split(',')
            .any(|candidate| !is_harmless(candidate.trim()))
    } else if ADDRESSES.contains(&name) {
        !is_harmless(value)
    } else if name == "style" {
        [
            "url(",
            "expression",
            "import",
            "position",
            "behavior",
            "binding",
            "\\",
        ]
        .iter()
        .any(|word| lower.contains(word))
    } else if name == "srcdoc" {
        !self::faults(value, false).is_empty()
    } else if name == "target" {
        value != "_blank"
    } else {
        false
    };
    if bad {
        faults.push(format!("{name}={value:?}"));
    }
}

/// As a browser reads an address: without control characters and blanks around and line ends within.
fn is_harmless(url: &str) -> bool {
    let read: String = url
        .trim_matches(|letter: char| letter <= ' ')
        .chars()
        .filter(|letter| !matches!(letter, '\t' | '\n' | '\r'))
        .collect();
    let Some((scheme, _)) = read.split_once(':') else {
        return true;
    };
    let is_scheme = scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter));
    !is_scheme || ["http", "https", "mailto", "ftp"].contains(&scheme.to_ascii_lowercase().as_str())
}

fn check(source: &str) {
    let language = Language::default();
    for trusted in [false, true] {
        let options = Options {
            language: &language,
            smart_punctuation: false,
            trusted_html: trusted,
            site_url: None,
            images: &(),
        };
        for html in [
            render(source, trusted).html,
            sanitise_html(source, &options),
        ] {
            let faults = faults(&html, trusted);
            assert!(
                faults.is_empty(),
                "{source:?}\n gave {html:?}\n with {faults:?}"
            );
            let again = sanitise::clean(&html, trusted);
            assert_eq!(again, html, "not stable: {source:?}");
        }
    }
}

#[test]
fn the_judge_knows_a_bad_page() {
    for html in [
        "<script>x</script>",
        "<p onclick=x>",
        "<a href=' java\nscript:x'>",
        "<img srcset='x 1x, javascript:y 2x'>",
        "<svg></svg>",
        "<iframe src=x></iframe>",
        "<p style='background:url(x)'>",
        "<input>",
    ] {
        assert!(!faults(html, false).is_empty(), "{html}");
    }
    assert!(faults("<p class=x><a href='/y:z'>a</a>", false).is_empty());
}

#[test]
fn nothing_of_the_corpus_survives() {
    let corpus = corpus();
    assert!(corpus.len() > 200, "{}", corpus.len());
    for source in &corpus {
        check(source);
    }
}

/// Hostile pieces inside of everything that holds text.
#[test]
fn nothing_of_the_corpus_survives_inside_of_other_markup() {
    for piece in corpus() {
        for (before, after) in [
            ("<div title=\"", "\">"),
            ("<b>", "</b>"),
            ("> ", "\n"),
            ("- a\n\n  ", "\n"),
            ("[", "](x)"),
            ("| a |\n|-|\n| ", " |"),
            ("<table><td>", "</table>"),
            ("a[^1]\n\n[^1]: ", "\n"),
        ] {
            check(&format!("{before}{piece}{after}"));
        }
    }
}

proptest::proptest! {
    /// Tags, quotes and addresses in any order.
    #[test]
    fn no_mixture_survives(source in "(<|>|/|\"|'|=| |\n|&|;|`|\\[|\\]|\\(|\\)|!|#|\\$|-|<!--|-->|script|img|src|href|style|iframe|svg|math|mtext|table|td|p|a|b|title|onerror|javascript:|https://a\\.b|srcdoc|x){1,40}") {
        check(&source);
    }

    #[test]
    fn any_text_renders(source in "\\PC{0,200}", trusted in proptest::bool::ANY) {
        let _ = render(&source, trusted);
    }
}
