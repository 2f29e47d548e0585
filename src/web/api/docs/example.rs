//! An example of each operation, to be pasted into a shell: `$SITE` is the site's address, `$TOKEN` a
//! token, and what stands between braces in a path becomes a variable as well.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::kind::resolve;

/// How deep examples go into what refers to itself.
const MAX_DEPTH: usize = 4;
/// Fields of an object that are shown where none is required.
const MAX_FIELDS: usize = 3;

pub(super) fn curl(description: &Value, path: &str, method: &str, operation: &Value) -> String {
    let mut text = String::from("curl");
    if method != "get" {
        // Writing to a string cannot fail.
        let _ = write!(text, " -X {}", method.to_ascii_uppercase());
    }
    let _ = write!(text, " \"$SITE{}\"", filled(path));
    let ways = operation["security"].as_array();
    if ways.is_some_and(|ways| !ways.is_empty()) {
        text.push_str(" \\\n  -H \"Authorization: Bearer $TOKEN\"");
    }
    let content = operation["requestBody"]["content"].as_object();
    if let Some((media_type, content)) = content.and_then(|content| content.iter().next()) {
        text.push_str(&sent(description, media_type, content));
    }
    text
}

fn filled(path: &str) -> String {
    let parts = path.split(['{', '}']).enumerate();
    parts
        .map(|(number, part)| match number % 2 {
            0 => part.to_owned(),
            _ => format!("${}", part.to_ascii_uppercase()),
        })
        .collect()
}

fn sent(description: &Value, media_type: &str, content: &Value) -> String {
    if media_type.starts_with("multipart/") {
        return " \\\n  -F file=@picture.jpg".to_owned();
    }
    if media_type == "application/x-www-form-urlencoded" {
        let body = sample(description, &content["schema"], 0);
        let fields = body.as_object().into_iter().flatten();
        let word = |value: &Value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        };
        let words: Vec<String> = fields
            .map(|(name, value)| quoted(&format!("{name}={}", word(value))))
            .collect();
        let fields = words.iter().map(|word| [" \\\n  --data-urlencode ", word]);
        return fields.flatten().collect();
    }
    if !media_type.ends_with("json") {
        let kind = if media_type.contains('*') {
            "image/jpeg"
        } else {
            media_type
        };
        return format!(" \\\n  -H 'Content-Type: {kind}' \\\n  --data-binary @picture.jpg");
    }
    let given = [
        &content["example"],
        &resolve(description, &content["schema"])["example"],
    ];
    let body = given
        .into_iter()
        .find(|example| !example.is_null())
        .cloned();
    let body = body.unwrap_or_else(|| sample(description, &content["schema"], 0));
    format!(
        " \\\n  -H 'Content-Type: {media_type}' \\\n  -d {}",
        quoted(&body.to_string())
    )
}

/// A word for the shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Something of the kind.
fn sample(description: &Value, schema: &Value, depth: usize) -> Value {
    let schema = resolve(description, schema);
    for given in ["example", "default", "const"] {
        if !schema[given].is_null() {
            return schema[given].clone();
        }
    }
    if let Some(first) = schema["enum"]
        .as_array()
        .and_then(|members| members.first())
    {
        return first.clone();
    }
    if depth > MAX_DEPTH {
        return Value::Null;
    }
    for parts in ["oneOf", "anyOf"] {
        let choices = schema[parts].as_array().into_iter().flatten();
        let mut real = choices.filter(|choice| choice["type"] != "null");
        if let Some(choice) = real.next() {
            return sample(description, choice, depth + 1);
        }
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().find(|kind| **kind != "null"),
        kind => Some(kind),
    };
    match kind.and_then(Value::as_str) {
        Some("string") => match schema["format"].as_str() {
            Some("date-time") => json!("2027-01-31T08:00:00Z"),
            Some("uri" | "iri") => json!("https://example.org/"),
            Some("email") => json!("ada@example.org"),
            _ => json!("…"),
        },
        Some("integer" | "number") => json!(schema["minimum"].as_i64().unwrap_or(1).max(1)),
        Some("boolean") => json!(true),
        Some("array") => json!([sample(description, &schema["items"], depth + 1)]),
        _ => Value::Object(object(description, schema, depth)),
    }
}

fn object(description: &Value, schema: &Value, depth: usize) -> Map<String, Value> {
    let mut made = Map::new();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        made.extend(object(description, resolve(description, part), depth + 1));
    }
    let required = schema["required"].as_array();
    let is_required =
        |name: &str| required.is_some_and(|required| required.iter().any(|needed| needed == name));
    let properties = schema["properties"].as_object().into_iter().flatten();
    let mut optional = 0;
    for (name, property) in properties {
        if !is_required(name) {
            optional += 1;
            if required.is_some_and(|required| !required.is_empty()) || optional > MAX_FIELDS {
                continue;
            }
        }
        made.insert(name.clone(), sample(description, property, depth + 1));
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_can_be_pasted_into_a_shell() {
        let operation = json!({
            "security": [{ "token": [] }],
            "requestBody": { "content": { "application/merge-patch+json": {
                "schema": { "type": "object", "required": ["title"], "properties": {
                    "title": { "type": "string", "example": "It's here" },
                    "tags": { "type": "array", "items": { "type": "string" } },
                } },
            } } },
        });
        assert_eq!(
            curl(&Value::Null, "/api/v1/posts/{id}", "patch", &operation),
            "curl -X PATCH \"$SITE/api/v1/posts/$ID\" \\\n  -H \"Authorization: Bearer $TOKEN\" \\\n  \
             -H 'Content-Type: application/merge-patch+json' \\\n  -d '{\"title\":\"It'\\''s here\"}'"
        );
        let open = json!({ "security": [] });
        assert_eq!(
            curl(&Value::Null, "/api/v1/site", "get", &open),
            "curl \"$SITE/api/v1/site\""
        );
    }

    #[test]
    fn what_refers_to_itself_has_an_end() {
        let description = json!({ "components": { "schemas": { "Node": {
            "type": "object", "properties": { "next": { "$ref": "#/components/schemas/Node" } },
        } } } });
        let schema = json!({ "$ref": "#/components/schemas/Node" });
        assert!(sample(&description, &schema, 0).to_string().len() < 100);
    }
}
