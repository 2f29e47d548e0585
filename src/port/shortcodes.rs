//! Shortcodes of Hugo (`{{< name … >}}`) and Zola (`{{ name(…) }}`) in a text: those that mean the same
//! on every site become markdown, the others stay and are told. Knows no files.

use super::rewriting::{Rewriting, arguments, embed, escaped, fenced, is_alone, picture, value};

const ADVICE: &str = "write in markdown or HTML what it made, or take it out";

/// A longer piece between brackets is none.
const MAX_CALL_BYTES: usize = 4 * 1024;
/// Pieces that are looked at for the end of one; further away it is taken for unclosed.
const MAX_CALLS_INSIDE: usize = 100;

/// One piece between brackets.
struct Call<'a> {
    name: &'a str,
    arguments: Vec<(String, String)>,
    begin: usize,
    end: usize,
    /// It closes a piece that was opened before.
    closes: bool,
}

/// A text with Hugo's shortcodes.
pub(super) fn hugo(text: &str, work: &mut Rewriting<'_>) -> String {
    replace(text, work, hugo_call, |name| format!("/{name}"))
}

/// A text with Zola's.
pub(super) fn zola(text: &str, work: &mut Rewriting<'_>) -> String {
    replace(text, work, zola_call, |_| "end".to_owned())
}

fn replace(
    text: &str,
    work: &mut Rewriting<'_>,
    next: fn(&str, usize) -> Option<Next<'_>>,
    closing: fn(&str) -> String,
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = next(text, at) {
        match found {
            Next::Literal { begin, end, inner } => {
                out.push_str(text.get(at..begin).unwrap_or_default());
                out.push_str(&inner);
                at = end;
            }
            Next::Call(call) => {
                out.push_str(text.get(at..call.begin).unwrap_or_default());
                let (made, end) = one(text, &call, work, next, closing);
                out.push_str(&made);
                at = end;
            }
        }
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// What stands for a call, and where to go on.
fn one(
    text: &str,
    call: &Call<'_>,
    work: &mut Rewriting<'_>,
    next: fn(&str, usize) -> Option<Next<'_>>,
    closing: fn(&str) -> String,
) -> (String, usize) {
    let whole = text.get(call.begin..call.end).unwrap_or_default();
    let alone = is_alone(text, call.begin, call.end);
    let name = call.name.to_ascii_lowercase();
    if matches!(name.as_str(), "highlight" | "code" | "details") && !call.closes {
        let wanted = closing(call.name);
        if let Some((inner_end, end)) = close_of(text, call.end, &wanted, next) {
            let inner = text.get(call.end..inner_end).unwrap_or_default();
            if name != "details" {
                let language = value(&call.arguments, &["lang", "language"], 0).unwrap_or_default();
                return (fenced(language, inner), end);
            }
            let summary = value(&call.arguments, &["summary"], 0).unwrap_or("Details");
            let summary = summary.replace('&', "&amp;").replace('<', "&lt;");
            let inner = inner.trim();
            let made = format!("<details><summary>{summary}</summary>\n\n{inner}\n\n</details>");
            return (made, end);
        }
    }
    if !call.closes
        && let Some(made) = made_of(&name, &call.arguments, alone, work)
    {
        return (made, call.end);
    }
    work.left(text, call.begin, whole, ADVICE);
    (whole.to_owned(), call.end)
}

fn made_of(
    name: &str,
    given: &[(String, String)],
    alone: bool,
    work: &mut Rewriting<'_>,
) -> Option<String> {
    let named = |names: &[&str]| value(given, names, usize::MAX);
    match name {
        "figure" | "image" | "img" => {
            let source = value(given, &["src", "path", "url"], 0)?;
            let target = work.address(source);
            let alt = named(&["alt"])
                .or(named(&["caption"]))
                .or(named(&["title"]));
            let title = named(&["caption"])
                .or(named(&["title"]))
                .unwrap_or_default();
            let shown = picture(&target, alt.unwrap_or_default(), title);
            Some(match named(&["link", "href"]) {
                Some(link) => format!("[{shown}]({})", work.address(link)),
                None => shown,
            })
        }
        "ref" | "relref" => {
            let path = value(given, &["path"], 0)?;
            work.place(path)
        }
        "youtube" => {
            let id = value(given, &["id"], 0)?;
            is_id(id).then(|| {
                embed(
                    &format!("https://www.youtube.com/watch?v={id}"),
                    "YouTube",
                    alone,
                )
            })
        }
        "vimeo" => {
            let id = value(given, &["id"], 0)?;
            is_id(id).then(|| embed(&format!("https://vimeo.com/{id}"), "Vimeo", alone))
        }
        "gist" => {
            if let Some(url) =
                named(&["url"]).filter(|url| url.starts_with("https://gist.github.com/"))
            {
                return Some(embed(url, "Gist", alone));
            }
            let (user, id) = (value(given, &["user"], 0)?, value(given, &["id"], 1)?);
            let url = format!("https://gist.github.com/{user}/{id}");
            (is_id(user) && is_id(id)).then(|| embed(&url, "Gist", alone))
        }
        "tweet" | "x" | "twitter" => {
            let (user, id) = (named(&["user"])?, named(&["id"])?);
            let url = format!("https://twitter.com/{user}/status/{id}");
            (is_id(user) && is_id(id)).then(|| embed(&url, "Tweet", alone))
        }
        "link" => {
            let target = named(&["href", "url"])?;
            let label = named(&["text", "title"]).unwrap_or(target);
            Some(format!("[{}]({})", escaped(label), work.address(target)))
        }
        _ => None,
    }
}

fn is_id(text: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    text.len() <= 100 && text.bytes().all(letters)
}

enum Next<'a> {
    Call(Call<'a>),
    /// Brackets that were meant to be seen.
    Literal {
        begin: usize,
        end: usize,
        inner: String,
    },
}

/// So much of a text as a piece between brackets may take.
fn near(text: &str) -> &str {
    text.get(..text.floor_char_boundary(MAX_CALL_BYTES))
        .unwrap_or_default()
}

fn hugo_call(text: &str, from: usize) -> Option<Next<'_>> {
    let mut at = from;
    loop {
        let begin = at + text.get(at..)?.find("{{")?;
        let rest = text.get(begin..)?;
        for (open, close) in [("{{<", ">}}"), ("{{%", "%}}")] {
            let Some(inner) = rest.strip_prefix(open) else {
                continue;
            };
            let Some(length) = near(inner).find(close) else {
                continue;
            };
            let end = begin + open.len() + length + close.len();
            let inner = inner.get(..length)?.trim();
            if let Some(quoted) = inner
                .strip_prefix("/*")
                .and_then(|inner| inner.strip_suffix("*/"))
            {
                let inner = format!("{open}{quoted}{close}");
                return Some(Next::Literal { begin, end, inner });
            }
            let inner = inner.strip_suffix('/').unwrap_or(inner).trim();
            let (inner, closes) = match inner.strip_prefix('/') {
                Some(inner) => (inner.trim(), true),
                None => (inner, false),
            };
            let name = inner.split_whitespace().next().unwrap_or_default();
            let given = inner.get(name.len()..).unwrap_or_default();
            return Some(Next::Call(Call {
                name,
                arguments: arguments(given),
                begin,
                end,
                closes,
            }));
        }
        at = begin + 2;
    }
}

fn zola_call(text: &str, from: usize) -> Option<Next<'_>> {
    let mut at = from;
    loop {
        let begin = at + text.get(at..)?.find('{')?;
        let rest = text.get(begin..)?;
        for (open, close) in [("{{", "}}"), ("{%", "%}")] {
            let Some(inner) = rest.strip_prefix(open) else {
                continue;
            };
            let Some(length) = near(inner).find(close) else {
                continue;
            };
            let end = begin + open.len() + length + close.len();
            let inner = inner.get(..length)?.trim();
            if let Some(quoted) = inner
                .strip_prefix("/*")
                .and_then(|inner| inner.strip_suffix("*/"))
            {
                let inner = format!("{open}{quoted}{close}");
                return Some(Next::Literal { begin, end, inner });
            }
            if open == "{%" && inner == "end" {
                return Some(Next::Call(Call {
                    name: "end",
                    arguments: Vec::new(),
                    begin,
                    end,
                    closes: true,
                }));
            }
            let Some((name, given)) = inner.split_once('(') else {
                continue;
            };
            let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
            let Some(given) = given
                .strip_suffix(')')
                .filter(|_| name.chars().all(is_name))
            else {
                continue;
            };
            return Some(Next::Call(Call {
                name,
                arguments: arguments(given),
                begin,
                end,
                closes: false,
            }));
        }
        at = begin + 1;
    }
}

/// Where the piece ends that was opened before `from`: its inside, and all of it.
fn close_of(
    text: &str,
    from: usize,
    wanted: &str,
    next: fn(&str, usize) -> Option<Next<'_>>,
) -> Option<(usize, usize)> {
    let mut at = from;
    for _ in 0..MAX_CALLS_INSIDE {
        match next(text, at)? {
            Next::Literal { end, .. } => at = end,
            Next::Call(call) => {
                if call.closes && wanted.trim_start_matches('/') == call.name {
                    return Some((call.begin, call.end));
                }
                at = call.end;
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::item::Piece;
    use super::super::marks::Marks;
    use super::*;

    fn with(text: &str, rewrite: fn(&str, &mut Rewriting<'_>) -> String) -> (String, usize) {
        let resolve = |name: &str| match name {
            "a.md" => Some(Piece::Post("a".to_owned(), String::new())),
            "p.png" => Some(Piece::File("p.png".to_owned(), String::new())),
            _ => None,
        };
        let mut work = Rewriting {
            resolve: &resolve,
            marks: Marks::default(),
            notes: Vec::new(),
            file: "x.md",
            first_line: 1,
        };
        let text = rewrite(text, &mut work);
        let pieces = work
            .marks
            .pieces(&text)
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(text) => text,
                Piece::Post(name, rest) => format!("POST:{name}{rest}"),
                Piece::File(name, _) => format!("FILE:{name}"),
            });
        (pieces.collect(), work.notes.len())
    }

    #[test]
    fn hugo_shortcodes_become_markdown() {
        for (text, expected) in [
            (
                "{{< figure src=\"p.png\" alt=\"A\" caption=\"C\" >}}",
                "![A](FILE:p.png \"C\")",
            ),
            (
                "{{< figure src=p.png link=\"a.md\" />}}",
                "[![](FILE:p.png)](POST:a)",
            ),
            ("[x]({{< relref \"a.md\" >}})", "[x](POST:a)"),
            ("{{% ref a.md %}}", "POST:a"),
            (
                "{{< youtube w7Ft2ymGmfc >}}",
                "\nhttps://www.youtube.com/watch?v=w7Ft2ymGmfc\n",
            ),
            (
                "see {{< youtube id=\"x\" >}}",
                "see [YouTube](https://www.youtube.com/watch?v=x)",
            ),
            ("{{< gist ada 12 >}}", "\nhttps://gist.github.com/ada/12\n"),
            (
                "{{< highlight go \"linenos=table\" >}}\nx := 1\n{{< /highlight >}}",
                "\n```go\nx := 1\n```\n",
            ),
            ("{{</* figure src=\"x\" */>}}", "{{< figure src=\"x\" >}}"),
            (
                "{{< details summary=\"A\" >}}b{{< /details >}}",
                "<details><summary>A</summary>\n\nb\n\n</details>",
            ),
        ] {
            assert_eq!(with(text, hugo), (expected.to_owned(), 0), "{text}");
        }
    }

    #[test]
    fn what_is_not_known_stays_and_is_told() {
        for text in [
            "{{< map 1 >}}",
            "a {{% note %}}b{{% /note %}}",
            "{{< relref \"gone.md\" >}}",
            "{{< youtube \"a b\" >}}",
        ] {
            let (kept, notes) = with(text, hugo);
            assert_eq!(kept, text);
            assert!(notes > 0, "{text}");
        }
        for text in ["{{< open", "{{ .Title }}", "{{", "{{<>}}"] {
            assert_eq!(with(text, hugo).0, text);
        }
    }

    #[test]
    fn zola_shortcodes_become_markdown() {
        for (text, expected) in [
            (
                "{{ youtube(id=\"x\") }}",
                "\nhttps://www.youtube.com/watch?v=x\n",
            ),
            (
                "{{ gist(url=\"https://gist.github.com/a/1\") }}",
                "\nhttps://gist.github.com/a/1\n",
            ),
            ("{{ figure(src=\"p.png\", alt=\"A\") }}", "![A](FILE:p.png)"),
            ("{{/* youtube(id=\"x\") */}}", "{{ youtube(id=\"x\") }}"),
        ] {
            assert_eq!(with(text, zola), (expected.to_owned(), 0), "{text}");
        }
        assert_eq!(with("{% quote(author=\"A\") %}b{% end %}", zola).1, 2);
        assert_eq!(
            with("{{ config.title }}", zola),
            ("{{ config.title }}".to_owned(), 0)
        );
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "(\\{\\{<|>\\}\\}|\\{%|%\\}|\\{\\{|\\}\\}|/\\*|\\*/|highlight|end|[a-z(\"= )/ä\n]){0,25}") {
            let _ = with(&text, hugo);
            let _ = with(&text, zola);
        }
    }
}
