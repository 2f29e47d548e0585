//! What may stand in a place, in words: "text, 1 to 200 characters", "list of Tag", "number or null".

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

/// Members of an enumeration that are listed.
const MAX_MEMBERS: usize = 12;

/// Words around the name of a thing that is described elsewhere on the page, if there is one.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Kind {
    before: String,
    name: Option<String>,
    after: String,
}

impl Kind {
    fn words(text: impl Into<String>) -> Self {
        Self {
            before: text.into(),
            ..Self::default()
        }
    }

    pub(super) fn of(schema: &Value) -> Self {
        if let Some(reference) = schema["$ref"].as_str() {
            return Self {
                name: reference.rsplit('/').next().map(str::to_owned),
                ..Self::default()
            };
        }
        for choice in ["oneOf", "anyOf"] {
            if let Some(choices) = schema[choice].as_array() {
                return Self::one_of(choices);
            }
        }
        if let Some([only]) = schema["allOf"].as_array().map(Vec::as_slice) {
            return Self::of(only);
        }
        if let Some(members) = schema["enum"].as_array() {
            return Self::words(listed(members));
        }
        match &schema["type"] {
            Value::String(kind) => Self::plain(kind, schema),
            Value::Array(kinds) => {
                let mut kinds = kinds.iter().filter_map(Value::as_str);
                let first = kinds.find(|kind| *kind != "null").unwrap_or("null");
                let mut kind = Self::plain(first, schema);
                kind.after.push_str(" or null");
                kind
            }
            _ => Self::words("anything"),
        }
    }

    fn one_of(choices: &[Value]) -> Self {
        let is_null = |choice: &&Value| choice["type"] == "null";
        let mut others = choices.iter().filter(|choice| !is_null(choice));
        let (first, more) = (others.next(), others.next());
        let mut kind = match (first, more) {
            (Some(only), None) => Self::of(only),
            _ => Self::words("one of several"),
        };
        if choices.iter().any(|choice| is_null(&choice)) {
            kind.after.push_str(" or null");
        }
        kind
    }

    fn plain(kind: &str, schema: &Value) -> Self {
        let format = schema["format"].as_str();
        match (kind, format) {
            ("array", _) => {
                let mut items = Self::of(&schema["items"]);
                items.before.insert_str(0, "list of ");
                if let Some(most) = schema["maxItems"].as_u64() {
                    let _ = write!(items.after, ", at most {most}");
                }
                items
            }
            ("string", Some("date-time")) => Self::words("time (RFC 3339)"),
            ("string", Some("uri" | "iri")) => Self::words(format!("address{}", length(schema))),
            ("string", Some("binary")) => Self::words("bytes"),
            ("string", Some("email")) => Self::words(format!("e-mail address{}", length(schema))),
            ("string", _) => Self::words(format!("text{}", length(schema))),
            ("integer", _) => Self::words(format!("whole number{}", range(schema))),
            ("number", _) => Self::words(format!("number{}", range(schema))),
            ("boolean", _) => Self::words("true or false"),
            ("object", _) => Self::words("object"),
            (other, _) => Self::words(other),
        }
    }
}

fn listed(members: &[Value]) -> String {
    let mut words: Vec<String> = members
        .iter()
        .take(MAX_MEMBERS)
        .map(|member| {
            member
                .as_str()
                .map_or_else(|| member.to_string(), str::to_owned)
        })
        .collect();
    if members.len() > MAX_MEMBERS {
        words.push("…".to_owned());
    }
    match words.as_slice() {
        [only] => only.clone(),
        _ => format!("one of {}", words.join(", ")),
    }
}

fn length(schema: &Value) -> String {
    let (least, most) = (schema["minLength"].as_u64(), schema["maxLength"].as_u64());
    match (least.filter(|least| *least > 0), most) {
        (Some(least), Some(most)) => format!(", {least} to {most} characters"),
        (None, Some(most)) => format!(", at most {most} characters"),
        (Some(_), None) => ", not empty".to_owned(),
        (None, None) => String::new(),
    }
}

fn range(schema: &Value) -> String {
    match (schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
        (Some(least), Some(most)) => format!(", {least} to {most}"),
        (Some(least), None) => format!(", {least} or more"),
        (None, Some(most)) => format!(", at most {most}"),
        (None, None) => String::new(),
    }
}

/// What a reference leads to, or the value itself.
pub(super) fn resolve<'a>(description: &'a Value, value: &'a Value) -> &'a Value {
    let pointer = value["$ref"].as_str().and_then(|to| to.strip_prefix('#'));
    pointer
        .and_then(|pointer| description.pointer(pointer))
        .unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(schema: &Value) -> String {
        let Kind {
            before,
            name,
            after,
        } = Kind::of(schema);
        format!("{before}{}{after}", name.unwrap_or_default())
    }

    #[test]
    fn kinds_are_told_in_words() {
        for (schema, expected) in [
            (json!({ "type": "string" }), "text"),
            (
                json!({ "type": "string", "minLength": 1, "maxLength": 9 }),
                "text, 1 to 9 characters",
            ),
            (
                json!({ "type": ["string", "null"], "format": "date-time" }),
                "time (RFC 3339) or null",
            ),
            (
                json!({ "type": "integer", "minimum": 1, "maximum": 100 }),
                "whole number, 1 to 100",
            ),
            (json!({ "$ref": "#/components/schemas/Post" }), "Post"),
            (
                json!({ "type": "array", "items": { "$ref": "#/components/schemas/Tag" }, "maxItems": 5 }),
                "list of Tag, at most 5",
            ),
            (
                json!({ "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Cover" }] }),
                "Cover or null",
            ),
            (
                json!({ "type": "string", "enum": ["post", "page"] }),
                "one of post, page",
            ),
            (json!({}), "anything"),
        ] {
            assert_eq!(said(&schema), expected);
        }
    }
}
