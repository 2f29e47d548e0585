//! Input made to hurt: nesting, endless delimiters, huge lines, many of anything. Each must come back,
//! on a stack no larger than a worker thread's, with output in proportion. How long it takes is printed,
//! not asserted; `docs/rendering.md` has the figures.

use std::time::Instant;

use super::super::Rendition;
use super::render;

/// What the web server's blocking threads have.
const STACK_BYTES: usize = 2 * 1024 * 1024;
/// Output may be longer than input by this factor, and then some for short input.
const MAX_GROWTH: usize = 64;

fn survive(name: &str, source: String) -> Rendition {
    let name = name.to_owned();
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
    let run = move || {
        let start = Instant::now();
        let rendition = render(&source, true);
        let (bytes, html_bytes) = (source.len(), rendition.html.len());
        println!(
            "{name}: {bytes} bytes in {:?}, {html_bytes} out",
            start.elapsed()
        );
        assert!(
            html_bytes <= 4_096 + bytes * MAX_GROWTH,
            "{name}: {html_bytes}"
        );
        rendition
    };
    thread.spawn(run).unwrap().join().unwrap()
}

/// `count` times the same, up to a megabyte.
fn many(unit: &str, count: usize) -> String {
    unit.repeat(count.min(1_000_000 / unit.len()))
}

/// What `make` says for each number, one after the other.
fn each(count: usize, make: impl Fn(usize) -> String) -> String {
    let mut all = String::new();
    for number in 0..count {
        all.push_str(&make(number));
    }
    all
}

macro_rules! cases {
    ($($name:ident: $source:expr;)+) => {$(
        #[test]
        fn $name() {
            survive(stringify!($name), $source);
        }
    )+};
}

cases! {
    deep_quotes: many(">", 100_000) + "x";
    deep_quotes_on_many_lines: many(&(">".repeat(1_000) + "x\n"), 1_000);
    deep_quotes_in_lists: many("> * ", 250_000) + "x";
    deep_quotes_spaced: many(" >\t", 300_000) + "x";
    deep_emphasis: many("*a **a ", 100_000) + &many(" a** a*", 100_000);
    deep_brackets: many("[", 100_000) + &many("]", 100_000);
    deep_links: many("[a](", 100_000);
    deep_images: many("![", 100_000) + &many("](x)", 100_000);
    deep_parentheses: format!("[a]({}{})", many("(", 100_000), many(")", 100_000));
    deep_lists: many("* ", 100_000) + "a";
    deep_numbered_lists: many("1. ", 100_000) + "a";
    deep_indented_lists: each(1_000, |depth| " ".repeat(depth * 2) + "* a\n");
    deep_alerts: many("> [!note]\n", 100_000);
    deep_definitions: each(400, |d| format!("{0}t\n\n{0}: d\n\n", "  ".repeat(d)));
    long_run_of_stars: many("*", 1_000_000);
    long_run_of_underscores: many("_a", 500_000);
    long_run_of_backticks: each(1_400, |n| "`".repeat(n) + " ");
    long_run_of_tildes: many("~~a", 300_000);
    long_run_of_dollars: many("$", 1_000_000);
    formulas: many("$x$ ", 250_000);
    long_run_of_quotes: many("\"a' ", 250_000);
    unclosed_autolinks: many("<a:", 300_000);
    unclosed_comments: many("a <!-- ", 140_000);
    unclosed_tags_in_a_block: format!("<div\n{}", many("<a", 500_000));
    unclosed_declarations_in_a_block: format!("<!A\n{}", many("<!", 500_000));
    unclosed_comments_in_a_block: format!("<!--{}", many("<!--", 250_000));
    unclosed_quote_in_a_block: format!("<div\n{} b=\">", many("<a ", 300_000));
    unclosed_instructions: many("a <? ", 200_000);
    unclosed_cdata: many("a <![CDATA[ ", 80_000);
    addresses: many("www.a.b ", 125_000);
    addresses_in_a_row: many("http://a.b/", 90_000);
    mail_addresses: many("a@b.c ", 160_000);
    entities: many("&amp;", 200_000);
    one_line_of_words: many("word ", 200_000);
    one_line_of_letters: "a".repeat(10_000_000);
    one_line_of_markup: "*a* ".repeat(2_500_000);
    wide_table: many("|a", 60_000) + "\n" + &many("|-", 60_000) + "\n" + &many("|b", 60_000);
    long_table: "|a|\n|-|\n".to_owned() + &many("|b|\n", 250_000);
    autocompleted_table: "|a".repeat(1_000) + "\n" + &"|-".repeat(1_000) + "\n" + &many("b\n", 50_000);
    footnotes: each(30_000, |n| format!("[^{n}]\n\n[^{n}]: x\n\n"));
    one_footnote_often: many("[^a] ", 200_000) + "\n\n[^a]: x";
    undefined_footnotes: many("[^", 300_000);
    references: each(40_000, |n| format!("[{n}]: /u\n")) + &many("[1] ", 100_000);
    long_reference: format!("[a]: /{}\n\n{}", "u".repeat(100_000), "[a] ".repeat(5_000));
    headings: many("# a\n", 250_000);
    equal_headings: many("# same heading\n\n", 60_000);
    tasks: many("- [x] a\n", 120_000);
    code_of_braces: format!("```json\n{}\n```", many("[", 60_000));
    code_on_many_lines_of_braces: format!("```json\n{}\n```", many("[{\n", 20_000));
    code_of_quotes: format!("```javascript\n{}\n```", many("`${", 20_000));
    code_of_spaces: format!("```markdown\n{}\n```", many("* _a ` [b](\n", 5_000));
    many_code_blocks: many("```rust\nfn a() {}\n```\n\n", 40_000);
    raw_divs: many("<div>", 200_000);
    raw_divs_apart: many("<div>\n\na\n\n", 90_000);
    raw_formatting: many("<b><i><p>", 100_000);
    raw_attributes: format!("<p {}>", many("a=1 ", 250_000));
    raw_attributes_in_text: format!("<div x='\n\n' {}", many("a ", 500_000));
    raw_table: "<table>\n\n".to_owned() + &many("a\n\n", 300_000);
    raw_table_of_tags: "<table>".to_owned() + &many("<i></i>", 140_000);
    raw_frames: many("<iframe src=https://a.example>\n\n", 30_000);
    raw_less_than: many("<", 1_000_000);
    raw_ends: many("</p>", 250_000);
    raw_anchors: many("<a href=x><table>", 60_000);
    tabs: many("\t", 1_000_000);
    line_ends: many("\n", 1_000_000);
    carriage_returns: many("\r", 1_000_000);
    zeroes: many("\0", 1_000_000);
    backslashes: many("\\", 1_000_000);
    thematic_breaks: many("***\n", 250_000);
    setext: many("a\n=\n", 250_000);
    marks: many("\u{301}", 500_000);
}
