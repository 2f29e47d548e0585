//! Fields of front matter, whatever shape people give them. Knows no generator.

use serde_json::{Map, Value};

/// Words in one field that are looked at; more are a mistake.
const MAX_WORDS: usize = 500;

/// The fields of one head; remembers which were asked for, so that the rest can be told.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    map: &'a Map<String, Value>,
    asked: std::cell::RefCell<std::collections::BTreeSet<String>>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(map: &'a Map<String, Value>) -> Self {
        Self {
            map,
            asked: std::cell::RefCell::default(),
        }
    }

    /// The field at a path like `cover.image`, whatever the case of its letters.
    pub(super) fn get(&self, path: &str) -> Option<&'a Value> {
        let mut parts = path.split('.');
        let first = parts.next()?;
        let (name, mut value) = find(self.map, first)?;
        let mut seen = name.to_owned();
        for part in parts {
            let (name, inner) = find(value.as_object()?, part)?;
            seen = format!("{seen}.{name}");
            value = inner;
        }
        self.asked.borrow_mut().insert(seen);
        (!value.is_null()).then_some(value)
    }

    /// The first of these fields that holds a text or number.
    pub(super) fn text(&self, paths: &[&str]) -> Option<String> {
        let mut found = None;
        for path in paths {
            // All are asked for, so that none is told as not understood.
            let text = self.get(path).and_then(as_text);
            found = found.or(text.filter(|text| !text.trim().is_empty()));
        }
        found
    }

    /// The first of these that is a truth value, or the word for one.
    pub(super) fn truth(&self, paths: &[&str]) -> Option<bool> {
        paths.iter().find_map(|path| match self.get(path)? {
            Value::Bool(is) => Some(*is),
            Value::String(word) => match word.to_lowercase().as_str() {
                "true" | "yes" | "on" => Some(true),
                "false" | "no" | "off" => Some(false),
                _ => None,
            },
            Value::Number(number) => Some(number.as_i64() != Some(0)),
            _ => None,
        })
    }

    /// The words of all of these: a list, a single one, or several with commas between them.
    pub(super) fn words(&self, paths: &[&str]) -> Vec<String> {
        let mut words = Vec::new();
        for path in paths {
            let Some(value) = self.get(path) else {
                continue;
            };
            collect(value, &mut words);
        }
        words.truncate(MAX_WORDS);
        words
    }

    /// Fields nobody asked for, also those within one that was asked into.
    pub(super) fn unknown(&self) -> Vec<String> {
        let asked = self.asked.borrow();
        let mut unknown = Vec::new();
        for (name, value) in self.map {
            let is_known = asked.contains(name);
            let is_entered = asked
                .iter()
                .any(|seen| seen.starts_with(&format!("{name}.")));
            match value {
                Value::Object(inner) if !is_known && !inner.is_empty() => {
                    let names = inner.keys().map(|inner| format!("{name}.{inner}"));
                    unknown.extend(names.filter(|path| !asked.contains(path)));
                }
                _ if is_known || is_entered => {}
                _ => unknown.push(name.clone()),
            }
        }
        unknown
    }
}

fn find<'a>(map: &'a Map<String, Value>, name: &str) -> Option<(&'a str, &'a Value)> {
    let exact = map.get_key_value(name);
    let found = exact.or_else(|| {
        map.iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
    });
    found.map(|(known, value)| (known.as_str(), value))
}

/// A text, or what is written as one.
pub(super) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is) => Some(is.to_string()),
        _ => None,
    }
}

fn collect(value: &Value, words: &mut Vec<String>) {
    let mut push = |word: &str| {
        let word = word.trim();
        if !word.is_empty() && !words.iter().any(|known| known == word) {
            words.push(word.to_owned());
        }
    };
    match value {
        Value::String(text) => text.split(',').for_each(push),
        Value::Array(values) => {
            for value in values {
                match value {
                    Value::Object(fields) => {
                        // An author with a name and more.
                        let name = ["name", "title", "slug"]
                            .iter()
                            .find_map(|key| fields.get(*key));
                        push(&name.and_then(as_text).unwrap_or_default());
                    }
                    value => push(&as_text(value).unwrap_or_default()),
                }
            }
        }
        Value::Object(fields) => {
            push(&fields.get("name").and_then(as_text).unwrap_or_default());
        }
        value => push(&as_text(value).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }

    #[test]
    fn shapes_do_not_matter() {
        let map = map(serde_json::json!({
            "Tags": "a, b,a", "author": {"name": "Ada", "email": "x"}, "authors": ["Bob", {"name": "Eve"}],
            "draft": "yes", "title": 42, "cover": {"image": "x.png", "odd": 1}, "weight": 3
        }));
        let fields = Fields::new(&map);
        assert_eq!(fields.words(&["tags"]), ["a", "b"]);
        assert_eq!(fields.words(&["author", "authors"]), ["Ada", "Bob", "Eve"]);
        assert_eq!(fields.truth(&["draft"]), Some(true));
        assert_eq!(fields.text(&["title"]).as_deref(), Some("42"));
        assert_eq!(
            fields.text(&["image", "cover.image"]).as_deref(),
            Some("x.png")
        );
        assert_eq!(fields.unknown(), ["cover.odd", "weight"]);
    }
}
