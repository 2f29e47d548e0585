//! What rendering costs: `cargo bench --bench render`.

use divan::Bencher;
use inkstand::domain::language::Language;
use inkstand::render::{Options, markdown};

fn main() {
    divan::main();
}

const SAMPLE: &str = include_str!("../assets/samples/everything.md");
const PARAGRAPH: &str = "The mail boat comes on *Thursdays*, if the wind allows it, and brings flour, \
    lamp oil and [your letters](https://example.org/letters). I read them in the order you wrote \
    them, one an evening, so that a month of news lasts a month.\n\n";

/// Prose of about `words` words, a heading every hundred.
fn prose(words: usize) -> String {
    let words_a_paragraph = PARAGRAPH.split_whitespace().count();
    (0..words / words_a_paragraph)
        .map(|n| match n % 3 {
            0 => format!("## Letter {n}\n\n{PARAGRAPH}"),
            _ => PARAGRAPH.to_owned(),
        })
        .collect()
}

fn render(bencher: Bencher<'_, '_>, text: &str) {
    let language = Language::default();
    let options = Options {
        language: &language,
        smart_punctuation: false,
        trusted_html: true,
        site_url: None,
        images: &(),
    };
    // The first call loads the syntaxes.
    markdown(SAMPLE, &options);
    bencher.bench_local(|| markdown(divan::black_box(text), &options));
}

#[divan::bench]
fn prose_of_2000_words(bencher: Bencher<'_, '_>) {
    render(bencher, &prose(2000));
}

#[divan::bench]
fn sample_with_code_and_formulas(bencher: Bencher<'_, '_>) {
    render(bencher, SAMPLE);
}

/// A megabyte of what parsers choke on.
#[divan::bench(args = ["[", "*a ", "> ", "`a ", "<b>", "![a](", "$x", "- ", "|a", "\\", "&amp;", "[^a]"])]
fn hostile_megabyte(bencher: Bencher<'_, '_>, shape: &str) {
    render(bencher, &shape.repeat(1_000_000 / shape.len()));
}
