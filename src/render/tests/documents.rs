//! Representative documents, as snapshots: the HTML, and what is said about it.

use std::fmt::Write as _;

use super::super::{ImageFacts, Images, Options, Rendition, content_css, markdown, sanitise_html};
use super::{render, render_in};
use crate::domain::language::Language;

fn show(rendition: &Rendition) -> String {
    let mut out = format!(
        "words {} minutes {}\nexcerpt: {}\nheadings: {:?}\n",
        rendition.words, rendition.reading_minutes, rendition.excerpt, rendition.headings
    );
    for entry in &rendition.toc {
        let _ = writeln!(out, "toc {} #{} {}", entry.level, entry.id, entry.text);
    }
    let _ = write!(
        out,
        "--- html\n{}--- text\n{}\n",
        rendition.html, rendition.text
    );
    out
}

macro_rules! document {
    ($name:ident) => {
        include_str!(concat!(
            "../../../tests/fixtures/documents/",
            stringify!($name),
            ".md"
        ))
    };
}

#[test]
fn everything_at_once() {
    insta::assert_snapshot!(show(&render(document!(everything), false)));
}

#[test]
fn german_with_smart_punctuation() {
    insta::assert_snapshot!(show(&render_in("de", document!(german), false)));
}

#[test]
fn chinese() {
    insta::assert_snapshot!(show(&render_in("zh-Hans", document!(chinese), false)));
}

#[test]
fn arabic() {
    insta::assert_snapshot!(show(&render_in("ar", document!(arabic), false)));
}

#[test]
fn raw_html_of_an_author() {
    insta::assert_snapshot!(show(&render(document!(raw_html), false)));
}

#[test]
fn raw_html_of_an_editor() {
    insta::assert_snapshot!(show(&render(document!(raw_html), true)));
}

struct Library;

impl Images for Library {
    fn find(&self, url: &str) -> Option<ImageFacts> {
        url.starts_with("/media/").then(|| ImageFacts {
            url: url.to_owned(),
            width: 1600,
            height: 900,
            variants: vec![
                (400, "/media/a-400.webp".into()),
                (800, "/media/a, 800.webp".into()),
            ],
        })
    }
}

#[test]
fn images_with_known_sizes() {
    let language = Language::default();
    let options = Options {
        language: &language,
        smart_punctuation: false,
        trusted_html: false,
        site_url: None,
        images: &Library,
    };
    let source = "![A *cat*](/media/a.jpg \"The caption\")\n\n[![Linked](/media/b.jpg)](/big)\n\n\
        Inline ![x](/media/c.jpg \"Title\") and ![unknown](other.png).\n\n<img src=\"/media/d.jpg\" alt=\"raw\">\n\n\
        <img src=/media/e.jpg alt=sized width=10>\n\n- ![in a list](/media/f.jpg)\n";
    insta::assert_snapshot!(markdown(source, &options).html);
}

#[test]
fn several_images_and_nothing_else_are_a_gallery() {
    let two = render("![a](/a.jpg)\n[![b](/b.jpg)](/big)", false).html;
    assert!(two.starts_with("<p class=\"gallery\"><img "), "{two}");
    for other in [
        "![a](/a.jpg)",
        "![a](/a.jpg) and ![b](/b.jpg)",
        "![a](/a.jpg) [words](/b)",
    ] {
        assert!(!render(other, false).html.contains("gallery"), "{other}");
    }
}

#[test]
fn empty_and_blank_documents() {
    for source in ["", " \n\n\t\n", "<!-- nothing -->"] {
        assert_eq!(
            render(source, false),
            Rendition {
                html: render(source, false).html,
                ..Rendition::default()
            }
        );
    }
}

#[test]
fn the_marker_decides_the_excerpt_and_vanishes() {
    let with_block = render("# T\n\nBefore *it*.\n\n<!-- MORE -->\n\nAfter.", false);
    assert_eq!(with_block.excerpt, "Before it.");
    assert!(!with_block.html.contains("--"), "{}", with_block.html);
    assert_eq!(render("Before <!--more--> after.", false).excerpt, "Before");
}

#[test]
fn the_same_source_gives_the_same_bytes() {
    let source = document!(everything);
    assert_eq!(render(source, true), render(source, true));
}

#[test]
fn html_without_markdown_is_sanitised_by_the_same_rules() {
    let language = Language::default();
    let options = Options {
        language: &language,
        smart_punctuation: false,
        trusted_html: false,
        site_url: None,
        images: &(),
    };
    assert_eq!(
        sanitise_html("<p onclick=x>*a*<script>b</script>", &options),
        "<p>*a*&lt;script&gt;b&lt;/script&gt;</p>"
    );
}

/// Every class in the output has a rule somewhere, or is a hook on purpose.
#[test]
fn the_stylesheet_covers_alignment_and_code() {
    for class in [
        "align-center",
        "pre.code",
        "embed-frame",
        "contains-task-list",
    ] {
        assert!(content_css().contains(class), "{class}");
    }
}
