//! The content security policy of one page, where it is not everybody's: pages into which somebody
//! put code, and pages that are shown in a frame of our own.

use super::inline::Inline;

/// Who may show the page in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frames {
    Nobody,
    /// The page where the owner chooses a theme.
    Ourselves,
}

/// `injected`: the HTML that the owner or an admin put in; `text`: what was rendered of the post.
/// `None`: the policy that all pages have will do.
pub(super) fn of(injected: &[&str], text: &str, frames: Frames) -> Option<String> {
    let mut inline = Inline::default();
    for html in injected {
        inline.read(html);
    }
    inline.read_styled(text);
    let has_code = injected.iter().any(|html| !html.trim().is_empty());
    if !has_code && inline.is_empty() && frames == Frames::Nobody {
        return None;
    }
    let (scripts, styles) = (inline.script_sources(), inline.style_sources());
    // Code that was put in may load what it needs, from anywhere that is encrypted.
    let sources = if has_code {
        format!(
            "default-src 'self' https: data:; connect-src 'self' https: wss:; \
             script-src 'self' https:{scripts}; style-src 'self' https:{styles}; \
             form-action 'self' https:"
        )
    } else {
        format!(
            "default-src 'self'; img-src 'self' data: https:; media-src 'self' https:; \
             frame-src https:; style-src 'self'{styles}; form-action 'self'"
        )
    };
    let ancestors = match frames {
        Frames::Nobody => "'none'",
        Frames::Ourselves => "'self'",
    };
    Some(format!(
        "{sources}; object-src 'none'; base-uri 'self'; frame-ancestors {ancestors}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_without_code_need_none_of_their_own() {
        assert_eq!(of(&["", " \n"], "<p>text</p>", Frames::Nobody), None);
    }

    #[test]
    fn what_is_put_in_may_run_and_nothing_else() {
        let cases = [
            of(&["<script>a()</script>"], "", Frames::Nobody),
            of(&["<link rel=preload>", ""], "", Frames::Nobody),
            of(&[""], "<p style=\"color: red\">a</p>", Frames::Nobody),
            of(&[""], "", Frames::Ourselves),
        ];
        let lines: Vec<String> = cases.into_iter().map(Option::unwrap).collect();
        assert!(lines.iter().all(|line| !line.contains("unsafe-inline")));
        insta::assert_snapshot!(lines.join("\n"));
    }
}
