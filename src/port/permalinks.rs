//! The address a generator gave a text, by its rules. Pure: what the rules are made of is handed in.

use jiff::civil::DateTime;
use percent_encoding::percent_decode_str;

/// What an address is made of.
#[derive(Debug, Default, Clone)]
pub(super) struct Parts<'a> {
    /// The folders above it, outermost first.
    pub(super) folders: Vec<&'a str>,
    /// The name of its file, without date and ending.
    pub(super) stem: &'a str,
    /// What the text says its last part is.
    pub(super) slug: Option<&'a str>,
    pub(super) title: Option<&'a str>,
    pub(super) categories: Vec<String>,
    pub(super) date: Option<DateTime>,
    pub(super) collection: Option<&'a str>,
    /// Before everything, where the language has a part of the site of its own.
    pub(super) language: Option<&'a str>,
}

/// How Jekyll's patterns are called for short.
const JEKYLL_STYLES: &[(&str, &str)] = &[
    ("date", "/:categories/:year/:month/:day/:title.html"),
    ("pretty", "/:categories/:year/:month/:day/:title/"),
    ("ordinal", "/:categories/:year/:y_day/:title.html"),
    (
        "weekdate",
        "/:categories/:year/W:week/:short_day/:title.html",
    ),
    ("none", "/:categories/:title.html"),
];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Hugo's address: of a pattern for its section, or of its folders.
pub(super) fn hugo(pattern: Option<&str>, parts: &Parts<'_>, ugly: bool) -> Option<String> {
    let pattern = pattern.unwrap_or("/:sections/:slugorfilename/");
    let sections = parts
        .folders
        .iter()
        .map(|folder| hugo_part(folder))
        .collect::<Vec<_>>();
    let stem = hugo_part(parts.stem);
    let slug = parts.slug.map(hugo_part);
    let title = parts.title.map(hugo_part);
    let path = fill(pattern, |token| {
        Some(match token {
            "sections" => sections.join("/"),
            "section" => sections.first().cloned().unwrap_or_default(),
            "slug" => slug.clone().or_else(|| title.clone())?,
            "title" => title.clone()?,
            "slugorfilename" | "slugorcontentbasename" => {
                slug.clone().unwrap_or_else(|| stem.clone())
            }
            "filename" | "contentbasename" => stem.clone(),
            token => dated(token, parts.date?)?,
        })
    })?;
    let path = tidy(&path);
    let path = match parts.language {
        Some(language) => format!("/{language}{path}"),
        None => path,
    };
    Some(match path.strip_suffix('/') {
        Some(bare) if ugly && !bare.is_empty() => format!("{bare}.html"),
        _ => path,
    })
}

/// Jekyll's, for a post or something of a collection.
pub(super) fn jekyll(pattern: &str, parts: &Parts<'_>) -> Option<String> {
    let known = JEKYLL_STYLES.iter().find(|(name, _)| *name == pattern);
    let pattern = known.map_or(pattern, |(_, pattern)| pattern);
    let stem = parts.slug.unwrap_or(parts.stem);
    let path = fill(pattern, |token| {
        Some(match token {
            "categories" => parts.categories.join("/"),
            "title" | "slug" | "name" | "basename" => stem.to_owned(),
            "collection" => parts.collection?.to_owned(),
            "path" => {
                let mut all = parts.folders.clone();
                all.push(parts.stem);
                all.join("/")
            }
            "output_ext" => ".html".to_owned(),
            "i_month" => parts.date?.month().to_string(),
            "i_day" => parts.date?.day().to_string(),
            "short_year" => format!("{:02}", parts.date?.year() % 100),
            "y_day" => format!("{:03}", parts.date?.day_of_year()),
            token => dated(token, parts.date?)?,
        })
    })?;
    Some(tidy(&path))
}

/// Zola's: its folders and its name, in plain letters.
pub(super) fn zola(parts: &Parts<'_>) -> String {
    let mut path = String::from("/");
    let folders = parts.folders.iter().copied();
    let last = parts.slug.unwrap_or(parts.stem);
    for part in parts.language.into_iter().chain(folders).chain([last]) {
        path.push_str(&plain(part));
        path.push('/');
    }
    tidy(&path)
}

fn dated(token: &str, date: DateTime) -> Option<String> {
    Some(match token {
        "year" => format!("{:04}", date.year()),
        "month" => format!("{:02}", date.month()),
        "monthname" => {
            let at = usize::try_from(date.month()).ok()?.checked_sub(1)?;
            (*MONTHS.get(at)?).to_owned()
        }
        "day" => format!("{:02}", date.day()),
        "yearday" => date.day_of_year().to_string(),
        "hour" => format!("{:02}", date.hour()),
        "minute" => format!("{:02}", date.minute()),
        "second" => format!("{:02}", date.second()),
        _ => return None,
    })
}

/// Puts values in the place of `:tokens`; nothing where one is not known.
fn fill(pattern: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once(':') {
        out.push_str(before);
        let end = after
            .find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
            .unwrap_or(after.len());
        out.push_str(&value(after.get(..end)?)?);
        rest = after.get(end..)?;
    }
    out.push_str(rest);
    Some(out)
}

/// One slash at a time, and one at the beginning.
pub(super) fn tidy(path: &str) -> String {
    let ends = path.ends_with('/');
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let path = format!("/{}", parts.join("/"));
    if ends && path.len() > 1 {
        format!("{path}/")
    } else {
        path
    }
}

/// As Hugo writes a name into an address.
fn hugo_part(text: &str) -> String {
    let mut out = String::new();
    for letter in text.trim().to_lowercase().chars() {
        if letter.is_alphanumeric() || matches!(letter, '.' | '_' | '#' | '+' | '~' | '-' | '/') {
            out.push(letter);
        } else if letter.is_whitespace() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out
}

/// As Zola does.
fn plain(text: &str) -> String {
    let plain = deunicode::deunicode(text).to_lowercase();
    let words = plain.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

/// The form in which two addresses of a site are the same.
pub(super) fn usual(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = percent_decode_str(path).decode_utf8_lossy().to_lowercase();
    let path = path.strip_suffix("index.html").unwrap_or(&path);
    let path = tidy(path);
    path.trim_end_matches('/').to_owned()
}

/// The last part of an address, without an ending: what a text is called in it.
pub(super) fn last_part(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    let path = path.strip_suffix("/index.html").unwrap_or(path);
    let last = path.rsplit('/').next().unwrap_or_default();
    let bare = last
        .strip_suffix(".html")
        .or_else(|| last.strip_suffix(".htm"));
    bare.unwrap_or(last)
}

/// An address as readers may have written it: with and without the slash at its end.
pub(super) fn forms(path: &str) -> Vec<String> {
    let decoded = percent_decode_str(path).decode_utf8_lossy().into_owned();
    let path = tidy(&decoded);
    match path.strip_suffix('/') {
        Some("") | None => vec![path],
        Some(bare) => vec![path.clone(), bare.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts() -> Parts<'static> {
        Parts {
            folders: vec!["Posts", "Über uns"],
            stem: "My First Post",
            date: Some(jiff::civil::date(2024, 3, 9).at(7, 5, 0, 0)),
            categories: vec!["a".to_owned(), "b".to_owned()],
            title: Some("What's new?"),
            ..Parts::default()
        }
    }

    #[test]
    fn hugo_makes_addresses() {
        let address = |pattern| hugo(pattern, &parts(), false);
        assert_eq!(
            address(None).as_deref(),
            Some("/posts/über-uns/my-first-post/")
        );
        assert_eq!(
            address(Some("/:year/:month/:slug/")).as_deref(),
            Some("/2024/03/whats-new/")
        );
        assert_eq!(
            address(Some("/:section/:filename")).as_deref(),
            Some("/posts/my-first-post")
        );
        assert_eq!(address(Some("/:odd/")), None);
        let slug = Parts {
            slug: Some("s"),
            language: Some("de"),
            folders: vec![],
            ..parts()
        };
        assert_eq!(hugo(None, &slug, false).as_deref(), Some("/de/s/"));
        assert_eq!(hugo(None, &slug, true).as_deref(), Some("/de/s.html"));
    }

    #[test]
    fn jekyll_makes_addresses() {
        let stem = Parts {
            stem: "my-post",
            ..parts()
        };
        for (pattern, address) in [
            ("date", "/a/b/2024/03/09/my-post.html"),
            ("pretty", "/a/b/2024/03/09/my-post/"),
            ("none", "/a/b/my-post.html"),
            ("ordinal", "/a/b/2024/069/my-post.html"),
            (
                "/blog/:year/:i_month/:title:output_ext",
                "/blog/2024/3/my-post.html",
            ),
        ] {
            assert_eq!(jekyll(pattern, &stem).as_deref(), Some(address));
        }
    }

    #[test]
    fn zola_makes_addresses() {
        assert_eq!(zola(&parts()), "/posts/uber-uns/my-first-post/");
    }

    #[test]
    fn forms_meet() {
        assert_eq!(usual("/A%20b/index.html?x#y"), "/a b");
        assert_eq!(usual("//a//b/"), "/a/b");
        assert_eq!(last_part("/a/b.html"), "b");
        assert_eq!(last_part("/a/b/"), "b");
        assert_eq!(forms("/a/b/"), ["/a/b/", "/a/b"]);
        assert_eq!(forms("a.html"), ["/a.html"]);
        assert_eq!(forms("/"), ["/"]);
    }
}
