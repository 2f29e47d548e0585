//! Jekyll's tags in a text: code, addresses and what is only a remark become markdown; what the site's
//! own templates make stays and is told. Knows no files.

use super::rewriting::{Rewriting, embed, fenced, is_alone};

const ADVICE: &str = "write in markdown or HTML what it made, or take it out";

/// Tags that are looked at for the end of one; further away it is taken for unclosed.
const MAX_TAGS_INSIDE: usize = 500;

/// A text with Jekyll's tags.
pub(super) fn jekyll(text: &str, work: &mut Rewriting<'_>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(begin) = next(text, at) {
        out.push_str(text.get(at..begin).unwrap_or_default());
        let rest = text.get(begin..).unwrap_or_default();
        let (close, is_tag) = if rest.starts_with("{%") {
            ("%}", true)
        } else {
            ("}}", false)
        };
        let Some(length) = rest.get(2..).and_then(|rest| rest.find(close)) else {
            out.push_str(rest);
            return out;
        };
        let end = begin + 2 + length + close.len();
        let inner = rest.get(2..2 + length).unwrap_or_default();
        let inner = inner.trim_matches('-').trim();
        let made = if is_tag {
            tag(text, begin, end, inner, work)
        } else {
            output(inner, work).map(|made| (made, end))
        };
        if let Some((made, after)) = made {
            out.push_str(&made);
            at = after;
        } else {
            let whole = text.get(begin..end).unwrap_or_default();
            work.left(text, begin, whole, ADVICE);
            out.push_str(whole);
            at = end;
        }
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

fn next(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let found = [rest.find("{%"), rest.find("{{")]
        .into_iter()
        .flatten()
        .min()?;
    Some(at + found)
}

fn tag(
    text: &str,
    begin: usize,
    end: usize,
    inner: &str,
    work: &mut Rewriting<'_>,
) -> Option<(String, usize)> {
    let name = inner.split_whitespace().next().unwrap_or_default();
    let given = inner.get(name.len()..).unwrap_or_default().trim();
    let alone = is_alone(text, begin, end);
    match name {
        "highlight" => {
            let (inside, after) = until(text, end, "endhighlight")?;
            let language = given.split_whitespace().next().unwrap_or_default();
            Some((fenced(language, inside), after))
        }
        "raw" => {
            let (inside, after) = until(text, end, "endraw")?;
            Some((inside.to_owned(), after))
        }
        "comment" => {
            let (_, after) = until(text, end, "endcomment")?;
            Some((String::new(), after))
        }
        "post_url" => {
            let place = work.place(&format!("_posts/{given}.md"))?;
            Some((place, end))
        }
        "link" => Some((
            work.place(&format!("/{}", given.trim_start_matches('/')))?,
            end,
        )),
        "gist" => {
            let id = given.split_whitespace().next()?;
            let letters =
                |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/');
            let url = format!("https://gist.github.com/{id}");
            id.bytes()
                .all(letters)
                .then(|| (embed(&url, "Gist", alone), end))
        }
        _ => None,
    }
}

/// What stands between here and the tag that ends it.
fn until<'a>(text: &'a str, from: usize, closing: &str) -> Option<(&'a str, usize)> {
    let mut at = from;
    for _ in 0..MAX_TAGS_INSIDE {
        let open = at + text.get(at..)?.find("{%")?;
        let length = text.get(open..)?.find("%}")?;
        let inner = text.get(open + 2..open + length)?;
        let end = open + length + 2;
        if inner.trim_matches('-').trim() == closing {
            return Some((text.get(from..open)?, end));
        }
        at = open + 2;
    }
    None
}

/// `{{ … }}`: the address of the site, or an address put together from it.
fn output(inner: &str, work: &mut Rewriting<'_>) -> Option<String> {
    let mut steps = inner.split('|').map(str::trim);
    let first = steps.next()?;
    let literal = |text: &str| -> Option<String> {
        let quote = text
            .chars()
            .next()
            .filter(|mark| matches!(mark, '"' | '\''))?;
        let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.contains(quote)).then(|| inner.to_owned())
    };
    let is_site = |text: &str| matches!(text, "site.baseurl" | "site.url" | "site.github.url");
    let mut value = if is_site(first) {
        String::new()
    } else {
        literal(first)?
    };
    for step in steps {
        let (filter, given) = step
            .split_once(':')
            .map_or((step, ""), |(filter, given)| (filter, given.trim()));
        match filter.trim() {
            "relative_url" | "absolute_url" | "escape" | "strip" => {}
            "prepend" if is_site(given) => {}
            "prepend" => value = format!("{}{value}", literal(given)?),
            "append" => value = format!("{value}{}", literal(given)?),
            _ => return None,
        }
    }
    // A whole address may be one of ours; a piece of one is looked at together with the rest.
    if value.starts_with('/') {
        return Some(work.address(&value));
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::super::item::Piece;
    use super::super::marks::Marks;
    use super::*;

    fn with(text: &str) -> (String, usize) {
        let resolve = |name: &str| match name {
            "_posts/2024-01-02-a.md" => Some(Piece::Post("a".to_owned(), String::new())),
            "/img/p.png" => Some(Piece::File("img/p.png".to_owned(), String::new())),
            _ => None,
        };
        let mut work = Rewriting {
            resolve: &resolve,
            marks: Marks::default(),
            notes: Vec::new(),
            file: "x.md",
            first_line: 1,
        };
        let text = jekyll(text, &mut work);
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
    fn tags_become_markdown() {
        for (text, expected) in [
            (
                "{% highlight ruby linenos %}\nputs 1\n{% endhighlight %}",
                "\n```ruby\nputs 1\n```\n",
            ),
            ("{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
            ("a{% comment %}b{% endcomment %}c", "ac"),
            ("[a]({% post_url 2024-01-02-a %})", "[a](POST:a)"),
            (
                "[a]({{ site.baseurl }}{% post_url 2024-01-02-a %})",
                "[a](POST:a)",
            ),
            ("![p]({{ site.baseurl }}/img/p.png)", "![p](/img/p.png)"),
            (
                "![p]({{ '/img/p.png' | relative_url }})",
                "![p](FILE:img/p.png)",
            ),
            (
                "![p]({{ \"p.png\" | prepend: \"/img/\" | prepend: site.baseurl }})",
                "![p](FILE:img/p.png)",
            ),
            ("{%- gist ada/12 -%}", "\nhttps://gist.github.com/ada/12\n"),
        ] {
            assert_eq!(with(text), (expected.to_owned(), 0), "{text}");
        }
    }

    #[test]
    fn templates_stay_and_are_told() {
        for text in [
            "{% include x.html %}",
            "{{ page.title }}",
            "{% post_url gone %}",
            "{% raw %}",
            "{{ 'a' | upcase }}",
        ] {
            assert_eq!(with(text), (text.to_owned(), 1), "{text}");
        }
        assert_eq!(with("{{ open").0, "{{ open");
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "(\\{%|%\\}|\\{\\{|\\}\\}|raw|endraw|highlight|site.url|[a-z'\"|: -äß\n]){0,25}") {
            let _ = with(&text);
        }
    }
}
