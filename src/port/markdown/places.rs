//! Where the names and addresses in a text lead: to another text of the site, to a file in its folder, or
//! to nothing of it. Must not know the syntax they stand in.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;

use super::super::folder::{Folder, base, parent, resolve};
use super::super::item::Piece;
use super::super::permalinks::usual;
use super::Generator;
use super::config::Config;

/// Which text is where.
#[derive(Debug, Default)]
pub(super) struct Places {
    paths: HashMap<String, String>,
    addresses: HashMap<String, String>,
    /// By the name of the file alone; nothing where several have it.
    names: HashMap<String, Option<String>>,
}

impl Places {
    pub(super) fn add(&mut self, path: &str, addresses: impl IntoIterator<Item = String>) {
        let name = path.to_owned();
        self.paths.insert(name.clone(), name.clone());
        for address in addresses {
            // The first one keeps what several claim.
            self.addresses
                .entry(usual(&address))
                .or_insert_with(|| name.clone());
        }
        let stem = base(path)
            .rsplit_once('.')
            .map_or(base(path), |(stem, _)| stem);
        self.names
            .entry(stem.to_lowercase())
            .and_modify(|known| *known = None)
            .or_insert(Some(name));
    }

    fn text(&self, path: &str) -> Option<&String> {
        let tries = [
            path.to_owned(),
            format!("{path}.md"),
            format!("{path}/index.md"),
            format!("{path}/_index.md"),
        ];
        tries.iter().find_map(|path| self.paths.get(path))
    }
}

/// A text that is looked from.
pub(super) struct From<'a> {
    pub(super) path: &'a str,
    pub(super) address: Option<&'a str>,
}

/// What looking needs to know of the site.
pub(super) struct Map<'a> {
    pub(super) generator: Generator,
    pub(super) config: &'a Config,
    pub(super) folder: &'a Folder,
    pub(super) places: &'a Places,
}

impl Map<'_> {
    /// Where it leads, if to something of this site.
    pub(super) fn find(&self, from: &From<'_>, target: &str) -> Option<Piece> {
        let target = target.trim();
        let end = target.find(['?', '#']).unwrap_or(target.len());
        let (path, rest) = target.split_at_checked(end)?;
        let path = self.of_this_site(path)?;
        let path = percent_decode_str(path).decode_utf8().ok()?.into_owned();
        if path.is_empty() || path.contains('\0') {
            return None;
        }
        let found = if let Some(content) = path.strip_prefix("@/") {
            self.in_content(content)
        } else if path.starts_with('/') {
            self.absolute(&path)
        } else {
            self.relative(from, &path)
        };
        Some(match found? {
            Found::Text(name) => Piece::Post(name, rest.to_owned()),
            Found::File(name) => Piece::File(name, target.to_owned()),
        })
    }

    /// The path of an address without the site's own; nothing for those of others.
    fn of_this_site<'b>(&self, path: &'b str) -> Option<&'b str> {
        if let Some(base) = &self.config.base_url
            && let Some(rest) = path.strip_prefix(base.as_str())
            && (rest.is_empty() || rest.starts_with('/'))
        {
            return Some(if rest.is_empty() { "/" } else { rest });
        }
        if path.starts_with("//") {
            return None;
        }
        let scheme = path.split(['/', '?', '#']).next().unwrap_or_default();
        (!scheme.contains(':')).then_some(path)
    }

    fn in_content(&self, path: &str) -> Option<Found> {
        let path = resolve(self.config.content.trim_matches('/'), path)?;
        self.exactly(&path)
    }

    fn exactly(&self, path: &str) -> Option<Found> {
        if let Some(name) = self.places.text(path) {
            return Some(Found::Text(name.clone()));
        }
        self.folder.has(path).then(|| Found::File(path.to_owned()))
    }

    fn absolute(&self, path: &str) -> Option<Found> {
        let base_path = self.config.base_path.as_str();
        let below = match path.strip_prefix(base_path) {
            Some(rest) if !base_path.is_empty() && rest.starts_with('/') => rest,
            _ => path,
        };
        let whole = format!("{base_path}{path}");
        for path in [path, below, &whole] {
            if let Some(name) = self.places.addresses.get(&usual(path)) {
                return Some(Found::Text(name.clone()));
            }
        }
        let content = self.config.content.trim_matches('/');
        let roots: &[&str] = match self.generator {
            Generator::Hugo => &["static", "assets", content],
            Generator::Zola => &["static", content],
            Generator::Jekyll | Generator::Plain => &["", "static", "public"],
        };
        roots
            .iter()
            .find_map(|root| self.exactly(&resolve(root, below)?))
    }

    fn relative(&self, from: &From<'_>, path: &str) -> Option<Found> {
        let here = resolve(parent(from.path), path);
        if let Some(found) = here.and_then(|path| self.exactly(&path)) {
            return Some(found);
        }
        if let Some(address) = from.address {
            // As a browser would look from the page.
            let folder = if address.ends_with('/') {
                address
            } else {
                parent(address)
            };
            let absolute = resolve(folder, path).map(|path| format!("/{path}"));
            if let Some(found) = absolute.and_then(|path| self.absolute(&path)) {
                return Some(found);
            }
        }
        if let Some(found) = resolve("", path).and_then(|path| self.absolute(&format!("/{path}"))) {
            return Some(found);
        }
        // References may name a text by its file alone.
        let (stem, ending) = base(path).rsplit_once('.')?;
        if !matches!(ending, "md" | "markdown") {
            return None;
        }
        let name = self.places.names.get(&stem.to_lowercase())?.clone()?;
        Some(Found::Text(name))
    }
}

enum Found {
    Text(String),
    File(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_texts_and_files() {
        let folder = tempfile::tempdir().unwrap();
        for path in [
            "content/posts/a.md",
            "content/posts/b/index.md",
            "content/posts/b/p q.png",
            "static/img/s.png",
        ] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        let folder = Folder::open(folder.path()).unwrap();
        let config = Config {
            content: "content".to_owned(),
            base_url: Some("https://ada.example/blog".to_owned()),
            base_path: "/blog".to_owned(),
            ..Config::default()
        };
        let mut places = Places::default();
        places.add("content/posts/a.md", ["/posts/a/".to_owned()]);
        places.add("content/posts/b/index.md", ["/posts/b/".to_owned()]);
        let map = Map {
            generator: Generator::Hugo,
            config: &config,
            folder: &folder,
            places: &places,
        };
        let from = From {
            path: "content/posts/b/index.md",
            address: Some("/posts/b/"),
        };
        let told = |target: &str| match map.find(&from, target) {
            Some(Piece::Post(name, rest)) => format!("{name}{rest}"),
            Some(Piece::File(name, _)) => name,
            _ => String::new(),
        };
        for (target, expected) in [
            ("../a.md", "content/posts/a.md"),
            ("../a/#x", "content/posts/a.md#x"),
            ("/posts/a", "content/posts/a.md"),
            ("/blog/posts/A/?q#x", "content/posts/a.md?q#x"),
            ("https://ada.example/blog/posts/a/", "content/posts/a.md"),
            ("@/posts/a.md", "content/posts/a.md"),
            ("a.md", "content/posts/a.md"),
            ("posts/a.md", "content/posts/a.md"),
            ("p%20q.png", "content/posts/b/p q.png"),
            ("/posts/b/p q.png", "content/posts/b/p q.png"),
            ("/img/s.png", "static/img/s.png"),
            ("img/s.png", "static/img/s.png"),
            ("https://other.example/posts/a/", ""),
            ("//ada.example/x", ""),
            ("mailto:a@b", ""),
            ("#x", ""),
            ("../../../../../etc/passwd", ""),
            ("gone.md", ""),
            ("%00", ""),
            ("%ff", ""),
        ] {
            assert_eq!(told(target), expected, "{target}");
        }
    }
}
