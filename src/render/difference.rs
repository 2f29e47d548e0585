//! What became of a text, word by word, for people to read.

use std::time::Duration;

use similar::{ChangeTag, TextDiff};

use super::escape_into;

/// After this, what differs is told more roughly.
const TIME: Duration = Duration::from_millis(200);
/// What stayed is shown this far around what did not.
const CONTEXT_CHARS: usize = 160;

/// The new text with what was added in `<ins>` and what went in `<del>`; long pieces that stayed are cut
/// short. Safe HTML, whatever the texts hold.
pub fn difference(old: &str, new: &str) -> String {
    let diff = TextDiff::configure()
        .timeout(TIME)
        .diff_unicode_words(old, new);
    let mut runs: Vec<(ChangeTag, String)> = Vec::new();
    for change in diff.iter_all_changes() {
        match runs.last_mut() {
            Some((tag, text)) if *tag == change.tag() => text.push_str(change.value()),
            _ => runs.push((change.tag(), change.value().to_owned())),
        }
    }
    let mut html = String::with_capacity(new.len());
    let last = runs.len().saturating_sub(1);
    for (place, (tag, text)) in runs.iter().enumerate() {
        let element = match tag {
            ChangeTag::Equal => {
                cut_short(&mut html, text, place > 0, place < last);
                continue;
            }
            ChangeTag::Insert => "ins",
            ChangeTag::Delete => "del",
        };
        for part in ["<", element, ">"] {
            html.push_str(part);
        }
        escape_into(&mut html, text);
        for part in ["</", element, ">"] {
            html.push_str(part);
        }
    }
    html
}

/// What stayed, with a mark where the middle or an end of it was left out.
fn cut_short(html: &mut String, text: &str, after_change: bool, before_change: bool) {
    let chars = text.chars().count();
    let head = if after_change { CONTEXT_CHARS } else { 0 };
    let tail = if before_change { CONTEXT_CHARS } else { 0 };
    // A mark for a few words would hide more than it spares.
    if chars <= head + tail + CONTEXT_CHARS {
        return escape_into(html, text);
    }
    let byte_of = |at: usize| text.char_indices().nth(at).map_or(text.len(), |(at, _)| at);
    escape_into(html, &text[..byte_of(head)]);
    html.push_str(" <span class=\"left-out\">[…]</span> ");
    escape_into(html, &text[byte_of(chars - tail)..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_came_and_went_are_marked() {
        assert_eq!(
            difference("one two <b>three</b>", "one 2 <b>three</b> four"),
            "one <del>two</del><ins>2</ins> &lt;b&gt;three&lt;/b&gt;<ins> four</ins>"
        );
        assert_eq!(difference("same", "same"), "same");
    }

    #[test]
    fn long_pieces_that_stayed_are_cut() {
        let long = "wörter ".repeat(400);
        let html = difference(&format!("a {long}"), &format!("b {long}"));
        assert!(html.starts_with("<del>a</del><ins>b</ins> wörter"));
        assert!(html.contains("[…]") && html.len() < 400, "{html}");
    }
}
