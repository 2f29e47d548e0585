//! The head of a markdown file, in YAML, TOML or JSON. Must not know what the fields mean.

use serde_json::{Map, Value};

use super::folder::MAX_HEAD_BYTES;

/// Levels of lists in lists; deeper ones mean nothing and cost much.
const MAX_DEPTH: usize = 32;
/// Values there may be in one head, after what is referred to has been put in.
const MAX_VALUES: usize = 20_000;

/// A file taken apart.
#[derive(Debug, Clone, Default)]
pub(super) struct Page {
    pub(super) fields: Map<String, Value>,
    /// Where the text begins, in bytes and in lines.
    pub(super) body_at: usize,
    pub(super) body_line: usize,
    /// There is a head, even an empty one.
    pub(super) has_head: bool,
}

/// Why a head cannot be read, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) line: Option<usize>,
    pub(super) what: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Yaml,
    Toml,
    Json,
}

/// Takes a file apart. One without a head is all text.
pub(super) fn split(text: &str) -> Result<Page, Fault> {
    let Some((language, head, body_at)) = find(text)? else {
        return Ok(Page {
            body_line: 1,
            ..Page::default()
        });
    };
    let Some(head) = text.get(head) else {
        return Ok(Page::default());
    };
    if head.len() > MAX_HEAD_BYTES {
        return Err(Fault {
            line: Some(1),
            what: format!("the head is longer than {MAX_HEAD_BYTES} bytes"),
        });
    }
    Ok(Page {
        fields: fields(language, head)?,
        body_at,
        body_line: 1 + text
            .get(..body_at)
            .unwrap_or_default()
            .matches('\n')
            .count(),
        has_head: true,
    })
}

type Found = Option<(Language, std::ops::Range<usize>, usize)>;

fn find(text: &str) -> Result<Found, Fault> {
    if text.starts_with('{') {
        // A text may begin with a bracket; a head is an object on lines of its own.
        let end = object_end(text);
        let Some(end) = end.filter(|end| {
            let rest = text.get(*end..).unwrap_or_default();
            rest.trim_start_matches([' ', '\t', '\r']).starts_with('\n') || rest.trim().is_empty()
        }) else {
            return Ok(None);
        };
        if serde_json::from_str::<serde::de::IgnoredAny>(text.get(..end).unwrap_or_default())
            .is_err()
        {
            return Ok(None);
        }
        return Ok(Some((Language::Json, 0..end, after_line(text, end))));
    }
    for (fence, language) in [("---", Language::Yaml), ("+++", Language::Toml)] {
        let Some(rest) = text.strip_prefix(fence) else {
            continue;
        };
        let first = rest.split('\n').next().unwrap_or_default();
        if !first.trim().is_empty() || first.len() == rest.len() {
            return Ok(None);
        }
        let begin = fence.len() + first.len() + 1;
        let mut at = begin;
        for line in text.get(begin..).unwrap_or_default().split_inclusive('\n') {
            let word = line.trim_end();
            if word == fence || (language == Language::Yaml && word == "...") {
                return Ok(Some((language, begin..at, at + line.len())));
            }
            at += line.len();
        }
        return match language {
            // A line to begin with, and no head at all.
            Language::Yaml if !text.get(begin..).unwrap_or_default().contains(':') => Ok(None),
            _ => Err(Fault {
                line: Some(1),
                what: format!("the head begins with {fence} and never ends"),
            }),
        };
    }
    Ok(None)
}

fn after_line(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.find('\n').map_or(text.len(), |end| at + end + 1)
}

/// Where the bracket closes that the text begins with.
fn object_end(text: &str) -> Option<usize> {
    let (mut depth, mut is_quoted, mut is_escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate().take(MAX_HEAD_BYTES + 1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b'{' | b'[' if !is_quoted => depth += 1,
            b'}' | b']' if !is_quoted => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// The fields of a head or of a file of settings.
pub(super) fn fields(language: Language, text: &str) -> Result<Map<String, Value>, Fault> {
    let value = match language {
        Language::Yaml => yaml(text)?,
        Language::Toml => toml_value(text)?,
        Language::Json => serde_json::from_str(text).map_err(|error| Fault {
            line: Some(error.line()),
            what: format!("the JSON is broken: {error}"),
        })?,
    };
    match value {
        Value::Object(fields) => Ok(fields),
        Value::Null => Ok(Map::new()),
        _ => Err(Fault {
            line: Some(2),
            what: "the head is no list of fields".to_owned(),
        }),
    }
}

fn yaml(text: &str) -> Result<Value, Fault> {
    if text.lines().all(|line| {
        let line = line.trim();
        line.is_empty() || line.starts_with('#')
    }) {
        return Ok(Value::Null);
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            max_nodes: MAX_VALUES,
            max_events: MAX_VALUES * 4,
            max_documents: 1,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: MAX_VALUES,
        },
        strict_booleans: true,
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::LastWins,
        non_finite_float_policy: serde_saphyr::options::NonFiniteFloatPolicy::AsString,
    };
    serde_saphyr::from_str_with_options::<Value>(text, options).map_err(|error| {
        let line = error
            .location()
            .map(|at| usize::try_from(at.line()).unwrap_or_default());
        let told = error.without_snippet().to_string();
        let told = told.lines().next().unwrap_or_default();
        // Its lines begin at the head.
        let told = told.split(" at line ").next().unwrap_or_default();
        Fault {
            // The fence is the first line of the file.
            line: line.filter(|line| *line > 0).map(|line| line + 1),
            what: format!("the YAML is broken: {told}"),
        }
    })
}

fn toml_value(text: &str) -> Result<Value, Fault> {
    let table = toml::from_str::<toml::Table>(text).map_err(|error| toml_fault(&error, text))?;
    Ok(from_toml(toml::Value::Table(table)))
}

fn toml_fault(error: &toml::de::Error, text: &str) -> Fault {
    let line = error.span().map(|span| {
        let before = text.get(..span.start).unwrap_or_default();
        before.matches('\n').count() + 2
    });
    Fault {
        line,
        what: format!("the TOML is broken: {}", error.message()),
    }
}

fn from_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => {
            serde_json::Number::from_f64(number).map_or(Value::Null, Value::Number)
        }
        toml::Value::Boolean(is) => Value::Bool(is),
        toml::Value::Datetime(at) => Value::String(at.to_string()),
        toml::Value::Array(values) => Value::Array(values.into_iter().map(from_toml).collect()),
        toml::Value::Table(table) => {
            let fields = table
                .into_iter()
                .map(|(name, value)| (name, from_toml(value)));
            Value::Object(fields.collect())
        }
    }
}

/// The line a field stands on, as far as that can be told from the text alone.
pub(super) fn line_of(text: &str, field: &str) -> Option<usize> {
    let is_it = |line: &str| {
        let line = line.trim_start().trim_start_matches('"');
        let rest = line
            .strip_prefix(field)
            .map(|rest| rest.trim_start_matches('"').trim_start());
        rest.is_some_and(|rest| rest.starts_with([':', '=']))
    };
    let at = text.lines().take(2_000).position(is_it)?;
    Some(at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Value, &str) {
        let page = split(text).unwrap();
        (Value::Object(page.fields), &text[page.body_at..])
    }

    #[test]
    fn three_languages_say_the_same() {
        let expected = serde_json::json!({"title": "A: b", "tags": ["x", "y"], "draft": true});
        for text in [
            "---\ntitle: \"A: b\"\ntags:\n  - x\n  - y\ndraft: true\n---\nbody\n",
            "---\r\ntitle: 'A: b'\r\ntags: [x, y]\r\ndraft: true\r\n---\r\nbody\n",
            "+++\ntitle = \"A: b\"\ntags = [\"x\", \"y\"]\ndraft = true\n+++\nbody\n",
            "{\n\"title\": \"A: b\", \"tags\": [\"x\", \"y\"], \"draft\": true\n}\nbody\n",
            "--- \ntitle: \"A: b\"\ntags: [x, y]\ndraft: true\n...\nbody\n",
        ] {
            assert_eq!(read(text), (expected.clone(), "body\n"), "{text}");
        }
    }

    #[test]
    fn dates_stay_texts() {
        let yaml = "---\ndate: 2024-01-02\nat: 2024-01-02T03:04:05Z\n---\n";
        let toml = "+++\ndate = 2024-01-02\nat = 2024-01-02T03:04:05Z\n+++\n";
        let expected = serde_json::json!({"date": "2024-01-02", "at": "2024-01-02T03:04:05Z"});
        assert_eq!(read(yaml).0, expected);
        assert_eq!(read(toml).0, expected);
    }

    #[test]
    fn a_text_without_a_head_is_all_text() {
        for text in [
            "",
            "# Hi\n",
            "---\nno head\n",
            "----\nx: y\n---\n",
            "{ not json }\n",
            "{{< x >}}\n",
            "--- x\n",
        ] {
            let page = split(text).unwrap();
            assert!(!page.has_head && page.body_at == 0, "{text}");
        }
        assert_eq!(read("---\n---\nx").1, "x");
        assert_eq!(read("---\n# only a remark\n---\nx").1, "x");
    }

    #[test]
    fn faults_say_where() {
        let fault = |text: &str| split(text).unwrap_err();
        assert_eq!(
            fault("---\na: 1\nb: [1\nc: 2\n---\n")
                .line
                .map(|line| line >= 3),
            Some(true)
        );
        assert_eq!(fault("+++\na = 1\nb = \n+++\n").line, Some(3));
        assert_eq!(fault("+++\na = 1\n").line, Some(1));
        assert_eq!(fault("---\na: 1\n").line, Some(1));
        assert!(
            fault("---\n- a\n- b\n---\n")
                .what
                .contains("no list of fields")
        );
    }

    #[test]
    fn bombs_do_not_go_off() {
        let mut bomb = String::from("---\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let before = format!("*a{}", level - 1);
            let all = vec![before; 10].join(", ");
            let line = format!("a{level}: &a{level} [{all}]\n");
            bomb.push_str(&line);
        }
        bomb.push_str("---\n");
        assert!(split(&bomb).unwrap_err().what.contains("YAML"));
        let deep = format!("---\na: {}{}\n---\n", "[".repeat(5_000), "]".repeat(5_000));
        assert!(split(&deep).is_err());
        let deep = format!("{{\"a\":{}{}}}\n", "[".repeat(5_000), "]".repeat(5_000));
        let _ = split(&deep);
        let deep = format!("+++\na = {}{}\n+++\n", "[".repeat(5_000), "]".repeat(5_000));
        assert!(split(&deep).is_err());
        let long = format!("---\na: {}\n---\n", "x".repeat(1024 * 1024));
        assert!(split(&long).unwrap_err().what.contains("longer than"));
    }

    #[test]
    fn fields_are_found_in_their_lines() {
        let text = "---\ntitle: x\n  weight : 3\n\"odd\": 1\n---\n";
        assert_eq!(line_of(text, "weight"), Some(3));
        assert_eq!(line_of(text, "odd"), Some(4));
        assert_eq!(line_of(text, "tit"), None);
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "(---|\\+\\+\\+|\\{)?\n?[ -~\n\u{0}äß]{0,80}(---|\\+\\+\\+|\\})?\n?.{0,10}") {
            let _ = split(&text);
        }
    }
}
