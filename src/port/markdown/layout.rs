//! Which files of a folder are texts, and what their paths say of them: kind, language, date, what they
//! are called. One function a generator; pure but for asking which files there are.

use jiff::civil::Date;

use crate::domain::post::Kind;

use super::super::dates::split_name;
use super::super::folder::{base, parent};
use super::Generator;
use super::config::Config;

const MARKDOWN: &[&str] = &["md", "markdown", "mkd", "mdown"];
/// Folders of Jekyll's that hold what pages are made with.
const JEKYLL_INSIDE: &[&str] = &[
    "_layouts",
    "_includes",
    "_sass",
    "_data",
    "_site",
    "_plugins",
    "assets",
];
const README: &[&str] = &[
    "readme",
    "license",
    "changelog",
    "contributing",
    "code_of_conduct",
];

/// What a path says of a text.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says another thing of a path"
)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// What its address is made of: folders below the content, and its name without date, language, ending.
    pub(super) folders: Vec<String>,
    pub(super) stem: String,
    pub(super) date: Option<Date>,
    pub(super) language: Option<String>,
    /// The same in every language.
    pub(super) shared: String,
    /// `None`: what is in it decides.
    pub(super) kind: Option<Kind>,
    pub(super) is_draft: bool,
    /// The beginning of a section: a list of others.
    pub(super) is_section: bool,
    pub(super) collection: Option<String>,
    pub(super) is_html: bool,
    /// A text only if it has a head.
    pub(super) needs_head: bool,
}

/// What the path of a file says; nothing where it is no text.
pub(super) fn place(generator: Generator, config: &Config, path: &str) -> Option<Place> {
    match generator {
        Generator::Hugo => content(config, path, false),
        Generator::Zola => content(config, path, true),
        Generator::Jekyll => jekyll(config, path),
        Generator::Plain => plain(path),
    }
}

fn ending(path: &str) -> (&str, &str) {
    let name = base(path);
    name.rsplit_once('.').unwrap_or((name, ""))
}

fn is_markdown(ending: &str) -> bool {
    MARKDOWN
        .iter()
        .any(|known| ending.eq_ignore_ascii_case(known))
}

fn folders(path: &str) -> Vec<String> {
    let parts = path.split('/').filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

/// Hugo's and Zola's: everything below one folder.
fn content(config: &Config, path: &str, is_zola: bool) -> Option<Place> {
    let by_folder = config.languages.iter().find_map(|(code, folder)| {
        let folder = folder.as_deref()?.trim_matches('/');
        Some((code.clone(), path.strip_prefix(folder)?.strip_prefix('/')?))
    });
    let (mut language, below) = match by_folder {
        Some((code, below)) => (Some(code), below),
        None => (
            None,
            path.strip_prefix(config.content.trim_matches('/'))?
                .strip_prefix('/')?,
        ),
    };
    let (name, ending) = ending(below);
    let is_html = !is_zola && ending.eq_ignore_ascii_case("html");
    if !is_markdown(ending) && !is_html {
        return None;
    }
    let mut stem = name;
    if let Some((before, code)) = name.rsplit_once('.')
        && (config.languages.contains_key(code) || config.language.as_deref() == Some(code))
    {
        stem = before;
        language = Some(code.to_owned());
    }
    let folder = parent(below);
    let shared = format!("{folder}/{stem}");
    let is_section = stem == "_index";
    let is_bundle = stem == "index" || is_section;
    let (folder, stem) = if is_bundle {
        (parent(folder), base(folder))
    } else {
        (folder, stem)
    };
    let named = split_name(stem);
    // Hugo leaves the date in the address unless it is told otherwise.
    let bare = match named {
        Some((_, rest)) if is_zola && !rest.is_empty() => rest,
        _ => stem,
    };
    let is_at_top = parent(below).is_empty() || (is_bundle && folder.is_empty() && is_section);
    Some(Place {
        folders: folders(folder),
        stem: bare.to_owned(),
        date: named.map(|(date, _)| date),
        language,
        shared,
        kind: (is_at_top || is_section).then_some(Kind::Page),
        is_draft: false,
        is_section,
        collection: None,
        is_html,
        needs_head: is_html,
    })
}

fn jekyll(config: &Config, path: &str) -> Option<Place> {
    let (name, ending) = ending(path);
    let is_html = matches!(ending.to_ascii_lowercase().as_str(), "html" | "htm");
    if !is_markdown(ending) && !is_html {
        return None;
    }
    let parts: Vec<&str> = path.split('/').collect();
    let place = |folders: Vec<String>, stem: &str, kind| Place {
        folders,
        stem: stem.to_owned(),
        date: None,
        language: None,
        shared: path.to_owned(),
        kind,
        is_draft: false,
        is_section: false,
        collection: None,
        is_html,
        needs_head: false,
    };
    for (at, part) in parts.iter().enumerate().take(parts.len() - 1) {
        let above = folders(&parts.get(..at).unwrap_or_default().join("/"));
        match *part {
            "_posts" => {
                // Without a date in its name it is no post to Jekyll either.
                let (date, stem) = split_name(name)?;
                return Some(Place {
                    date: Some(date),
                    ..place(above, stem, Some(Kind::Post))
                });
            }
            "_drafts" => {
                let (date, stem) = match split_name(name) {
                    Some((date, stem)) => (Some(date), stem),
                    None => (None, name),
                };
                return Some(Place {
                    date,
                    is_draft: true,
                    ..place(above, stem, Some(Kind::Post))
                });
            }
            part if JEKYLL_INSIDE.contains(&part) => return None,
            part if part.starts_with('_') => {
                let collection = part
                    .strip_prefix('_')
                    .filter(|name| config.collections.contains_key(*name))?;
                let below = parts
                    .get(at + 1..parts.len() - 1)
                    .unwrap_or_default()
                    .join("/");
                return Some(Place {
                    collection: Some(collection.to_owned()),
                    needs_head: true,
                    ..place(folders(&below), name, None)
                });
            }
            _ => {}
        }
    }
    // Lists and what stands for a missing page are the theme's.
    if matches!(name, "index" | "404" | "feed" | "search" | "sitemap") {
        return None;
    }
    Some(Place {
        needs_head: true,
        ..place(folders(parent(path)), name, Some(Kind::Page))
    })
}

fn plain(path: &str) -> Option<Place> {
    let (name, ending) = ending(path);
    if !is_markdown(ending) {
        return None;
    }
    let folder = parent(path);
    let is_readme = README.iter().any(|known| name.eq_ignore_ascii_case(known));
    if is_readme && folder.is_empty() {
        return None;
    }
    let is_bundle = matches!(name, "index" | "README" | "readme") && !folder.is_empty();
    let (folder, name) = if is_bundle {
        (parent(folder), base(folder))
    } else {
        (folder, name)
    };
    let named = split_name(name);
    let stem = match named {
        Some((_, rest)) if !rest.is_empty() => rest,
        _ => name,
    };
    let is_page = path
        .split('/')
        .any(|part| part.eq_ignore_ascii_case("pages"));
    Some(Place {
        folders: folders(folder),
        stem: stem.to_owned(),
        date: named.map(|(date, _)| date),
        language: None,
        shared: path.to_owned(),
        kind: Some(if is_page { Kind::Page } else { Kind::Post }),
        is_draft: path
            .split('/')
            .any(|part| part.eq_ignore_ascii_case("drafts")),
        is_section: false,
        collection: None,
        is_html: false,
        needs_head: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config {
            content: "content".to_owned(),
            language: Some("en".to_owned()),
            languages: [
                ("de".to_owned(), None),
                ("fr".to_owned(), Some("inhalt/fr".to_owned())),
            ]
            .into(),
            collections: [("recipes".to_owned(), None)].into(),
            ..Config::default()
        }
    }

    fn told(generator: Generator, path: &str) -> Option<String> {
        let place = place(generator, &config(), path)?;
        let kind = place.kind.map_or("?", Kind::as_str);
        let language = place.language.unwrap_or_default();
        let date = place.date.map(|date| date.to_string()).unwrap_or_default();
        Some(format!(
            "{kind} {}/{} {language} {date}",
            place.folders.join("/"),
            place.stem
        ))
    }

    #[test]
    fn paths_say_what_a_text_is() {
        for (generator, path, expected) in [
            (Generator::Hugo, "content/posts/a.md", Some("? posts/a  ")),
            (
                Generator::Hugo,
                "content/posts/b/index.de.md",
                Some("? posts/b de "),
            ),
            (
                Generator::Hugo,
                "content/posts/2024-01-02-c.md",
                Some("? posts/2024-01-02-c  2024-01-02"),
            ),
            (Generator::Hugo, "content/about.md", Some("page /about  ")),
            (
                Generator::Hugo,
                "content/posts/_index.md",
                Some("page /posts  "),
            ),
            (
                Generator::Hugo,
                "inhalt/fr/posts/a.md",
                Some("? posts/a fr "),
            ),
            (Generator::Hugo, "content/posts/a.png", None),
            (Generator::Hugo, "layouts/a.md", None),
            (
                Generator::Zola,
                "content/blog/2024-01-02_c.md",
                Some("? blog/c  2024-01-02"),
            ),
            (
                Generator::Jekyll,
                "cats/_posts/2024-01-02-x.markdown",
                Some("post cats/x  2024-01-02"),
            ),
            (Generator::Jekyll, "_posts/undated.md", None),
            (Generator::Jekyll, "_drafts/x.md", Some("post /x  ")),
            (Generator::Jekyll, "_recipes/soup.md", Some("? /soup  ")),
            (Generator::Jekyll, "_other/x.md", None),
            (Generator::Jekyll, "_includes/x.html", None),
            (Generator::Jekyll, "index.html", None),
            (Generator::Jekyll, "about.md", Some("page /about  ")),
            (
                Generator::Plain,
                "2024-01-02 Title.md",
                Some("post /Title  2024-01-02"),
            ),
            (Generator::Plain, "README.md", None),
            (Generator::Plain, "pages/a.md", Some("page pages/a  ")),
        ] {
            assert_eq!(told(generator, path).as_deref(), expected, "{path}");
        }
    }
}
