//! Scripts that import each other. In its file a script names its neighbour `"./menu.js"`; it is served
//! with the neighbour's hashed address in that place, so a page never mixes two versions of them.

use std::collections::HashMap;

const EXTENSION: &str = ".js";
const NEIGHBOUR: &str = "\"./";

/// Adds all files, each under the address `add` gives it, and tells the addresses. Of scripts that import
/// each other in a circle, one import stays as it was written.
pub(super) fn add_all(
    files: &HashMap<String, Vec<u8>>,
    add: impl Fn(&str, Vec<u8>) -> String,
) -> HashMap<String, String> {
    let mut adding = Adding {
        files,
        add,
        urls: HashMap::new(),
        open: Vec::new(),
    };
    let mut names: Vec<_> = files.keys().collect();
    names.sort();
    for name in names {
        adding.url_of(name);
    }
    adding.urls
}

struct Adding<'a, F> {
    files: &'a HashMap<String, Vec<u8>>,
    add: F,
    urls: HashMap<String, String>,
    /// Whose neighbours are being added.
    open: Vec<String>,
}

impl<F: Fn(&str, Vec<u8>) -> String> Adding<'_, F> {
    fn url_of(&mut self, name: &str) -> Option<String> {
        if let Some(url) = self.urls.get(name) {
            return Some(url.clone());
        }
        let content = self.files.get(name)?;
        if self.open.iter().any(|open| open == name) {
            return None;
        }
        self.open.push(name.to_owned());
        let content = match std::str::from_utf8(content) {
            Ok(text) if name.ends_with(EXTENSION) => self.linked(name, text).into_bytes(),
            _ => content.clone(),
        };
        self.open.pop();
        let url = (self.add)(name, content);
        self.urls.insert(name.to_owned(), url.clone());
        Some(url)
    }

    /// A script's text with the addresses of its neighbours.
    fn linked(&mut self, name: &str, text: &str) -> String {
        let folder = name.rfind('/').map_or("", |slash| &name[..=slash]);
        let mut linked = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(NEIGHBOUR) {
            let (before, named) = rest.split_at(at);
            linked.push_str(before);
            let file = &named[NEIGHBOUR.len()..];
            let file = file.split('"').next().unwrap_or_default();
            let url = file
                .ends_with(EXTENSION)
                .then(|| self.url_of(&format!("{folder}{file}")))
                .flatten();
            if let Some(url) = url {
                linked.push('"');
                linked.push_str(&url);
                rest = &named[NEIGHBOUR.len() + file.len()..];
            } else {
                linked.push_str(NEIGHBOUR);
                rest = &named[NEIGHBOUR.len()..];
            }
        }
        linked + rest
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn served(files: &[(&str, &str)]) -> HashMap<String, String> {
        let files = files
            .iter()
            .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
        let served = RefCell::new(HashMap::new());
        add_all(&files.collect(), |name, content| {
            let text = String::from_utf8_lossy(&content).into_owned();
            let url = format!("/assets/{name}?{}", text.len());
            served.borrow_mut().insert(name.to_owned(), text);
            url
        });
        served.into_inner()
    }

    #[test]
    fn a_script_is_served_with_its_neighbours_addresses() {
        let served = served(&[
            (
                "editor/a.js",
                "import { b } from \"./b.js\";\nimport(\"./c.js\");",
            ),
            ("editor/b.js", "import \"./c.js\";"),
            (
                "editor/c.js",
                "\"./no.js\" + \"./c.css\" + './b.js' + \"./b",
            ),
            ("b.js", "elsewhere"),
            ("c.css", "\"./b.js\""),
        ]);
        assert_eq!(
            served["editor/c.js"],
            "\"./no.js\" + \"./c.css\" + './b.js' + \"./b"
        );
        assert_eq!(served["editor/b.js"], "import \"/assets/editor/c.js?39\";");
        assert_eq!(
            served["editor/a.js"],
            "import { b } from \"/assets/editor/b.js?32\";\nimport(\"/assets/editor/c.js?39\");"
        );
        assert_eq!(served["c.css"], "\"./b.js\"");
    }

    #[test]
    fn a_circle_ends() {
        let served = served(&[
            ("a.js", "import \"./b.js\";"),
            ("b.js", "import \"./a.js\";"),
        ]);
        assert_eq!(served["b.js"], "import \"./a.js\";");
        assert!(served["a.js"].contains("/assets/b.js"));
    }
}
