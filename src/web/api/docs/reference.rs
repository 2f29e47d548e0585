//! What the page shows, taken from the description: groups of operations, what they take and answer, the
//! things they speak of, and the codes of problems.

use serde::Serialize;
use serde_json::Value;

use crate::web::problems::Code;

use super::example;
use super::kind::{Kind, resolve};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

#[derive(Debug, Serialize)]
pub(super) struct Reference {
    title: String,
    text: Vec<Paragraph>,
    groups: Vec<Group>,
    schemas: Vec<Schema>,
    problems: Vec<Problem>,
}

#[derive(Debug, Serialize)]
struct Group {
    name: String,
    text: Vec<Paragraph>,
    operations: Vec<Operation>,
}

#[derive(Debug, Serialize)]
struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    text: Vec<Paragraph>,
    access: &'static str,
    parameters: Vec<Field>,
    bodies: Vec<Body>,
    answers: Vec<Answer>,
    /// The statuses of refusals that are the same everywhere.
    refusals: Vec<String>,
    example: String,
}

/// A form in which something is sent.
#[derive(Debug, Serialize)]
struct Body {
    media_type: String,
    kind: Kind,
}

#[derive(Debug, Serialize)]
struct Answer {
    status: String,
    text: Vec<Paragraph>,
    bodies: Vec<Body>,
    headers: Vec<Field>,
}

#[derive(Debug, Serialize)]
struct Schema {
    name: String,
    text: Vec<Paragraph>,
    /// For one that is no object.
    kind: Option<Kind>,
    fields: Vec<Field>,
}

#[derive(Debug, Serialize)]
struct Field {
    name: String,
    /// `path`, `query` or `header`.
    place: Option<String>,
    is_required: bool,
    kind: Kind,
    text: Vec<Paragraph>,
}

#[derive(Debug, Serialize)]
struct Problem {
    code: &'static str,
    status: u16,
    text: &'static str,
}

type Paragraph = Vec<Piece>;

/// Words, or what stands in the text as it is written in a program.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Piece {
    is_code: bool,
    text: String,
}

impl Reference {
    pub(super) fn of(description: &Value) -> Self {
        let info = &description["info"];
        let problems = Code::ALL.iter().map(|code| Problem {
            code: code.as_str(),
            status: code.status(),
            text: code.meaning(),
        });
        Self {
            title: text(&info["title"]),
            text: paragraphs(&info["description"]),
            groups: groups(description),
            schemas: schemas(description),
            problems: problems.collect(),
        }
    }
}

fn groups(description: &Value) -> Vec<Group> {
    let tags = description["tags"].as_array().into_iter().flatten();
    let mut groups: Vec<Group> = tags
        .map(|tag| Group {
            name: text(&tag["name"]),
            text: paragraphs(&tag["description"]),
            operations: Vec::new(),
        })
        .collect();
    let paths = description["paths"].as_object().into_iter().flatten();
    for (path, item) in paths {
        for method in METHODS {
            let Some(operation) = item.get(method) else {
                continue;
            };
            let tag = text(&operation["tags"][0]);
            let made = operation_of(description, path, method, operation);
            match groups.iter_mut().find(|group| group.name == tag) {
                Some(group) => group.operations.push(made),
                None => groups.push(Group {
                    name: tag,
                    text: Vec::new(),
                    operations: vec![made],
                }),
            }
        }
    }
    groups.retain(|group| !group.operations.is_empty());
    groups
}

fn operation_of(description: &Value, path: &str, method: &str, operation: &Value) -> Operation {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let answers = operation["responses"].as_object().into_iter().flatten();
    let (refusals, answers): (Vec<_>, Vec<_>) =
        answers.partition(|(_, answer)| answer.get("$ref").is_some());
    Operation {
        id: text(&operation["operationId"]),
        method: method.to_ascii_uppercase(),
        path: path.to_owned(),
        summary: text(&operation["summary"]),
        text: paragraphs(&operation["description"]),
        access: access(operation),
        parameters: parameters
            .map(|parameter| field(resolve(description, parameter), ""))
            .collect(),
        bodies: bodies(&operation["requestBody"]),
        answers: answers
            .into_iter()
            .map(|(status, answer)| answer_of(status, answer))
            .collect(),
        refusals: refusals
            .into_iter()
            .map(|(status, _)| word_of(status))
            .collect(),
        example: example::curl(description, path, method, operation),
    }
}

/// Whether a token is needed.
fn access(operation: &Value) -> &'static str {
    let ways = operation["security"].as_array();
    let needs_none = |way: &Value| way.as_object().is_some_and(serde_json::Map::is_empty);
    match ways {
        None => "For anyone.",
        Some(ways) if ways.is_empty() => "For anyone.",
        Some(ways) if ways.iter().any(needs_none) => {
            "For anyone, unless the site’s owner has switched that off; a token shows more."
        }
        Some(_) => "With a token.",
    }
}

fn answer_of(status: &str, answer: &Value) -> Answer {
    let headers = answer["headers"].as_object().into_iter().flatten();
    Answer {
        status: word_of(status),
        text: paragraphs(&answer["description"]),
        bodies: bodies(answer),
        headers: headers.map(|(name, header)| field(header, name)).collect(),
    }
}

fn word_of(status: &str) -> String {
    match status {
        "default" => "others".to_owned(),
        status => status.to_owned(),
    }
}

fn bodies(holder: &Value) -> Vec<Body> {
    let content = holder["content"].as_object().into_iter().flatten();
    content
        .map(|(media_type, content)| Body {
            media_type: media_type.clone(),
            kind: Kind::of(&content["schema"]),
        })
        .collect()
}

fn schemas(description: &Value) -> Vec<Schema> {
    let all = description["components"]["schemas"].as_object();
    all.into_iter()
        .flatten()
        .map(|(name, schema)| {
            let fields = fields(description, schema);
            Schema {
                name: name.clone(),
                text: paragraphs(&schema["description"]),
                kind: fields.is_empty().then(|| Kind::of(schema)),
                fields,
            }
        })
        .collect()
}

/// The fields of an object, also of one that is put together from others.
fn fields(description: &Value, schema: &Value) -> Vec<Field> {
    let required: Vec<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let own = schema["properties"].as_object().into_iter().flatten();
    let own = own.map(|(name, property)| Field {
        is_required: required.contains(&name.as_str()),
        place: None,
        kind: Kind::of(property),
        text: paragraphs(&property["description"]),
        name: name.clone(),
    });
    let parts = schema["allOf"].as_array().into_iter().flatten();
    let of_parts = parts.flat_map(|part| fields(description, resolve(description, part)));
    of_parts.chain(own).collect()
}

/// A parameter, or a header whose name is known from elsewhere.
fn field(parameter: &Value, name: &str) -> Field {
    let own_name = text(&parameter["name"]);
    Field {
        name: if own_name.is_empty() {
            name.to_owned()
        } else {
            own_name
        },
        place: parameter["in"].as_str().map(str::to_owned),
        is_required: parameter["required"].as_bool().unwrap_or(false),
        kind: Kind::of(&parameter["schema"]),
        text: paragraphs(&parameter["description"]),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Paragraphs are parted by empty lines, and what a program reads stands between backticks.
fn paragraphs(value: &Value) -> Vec<Paragraph> {
    let text = value.as_str().unwrap_or_default();
    text.split("\n\n")
        .filter(|paragraph| !paragraph.trim().is_empty())
        .map(|paragraph| {
            let pieces = paragraph.trim().split('`').enumerate();
            pieces
                .filter(|(_, text)| !text.is_empty())
                .map(|(number, text)| Piece {
                    is_code: number % 2 == 1,
                    text: text.to_owned(),
                })
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_taken_apart() {
        let found = paragraphs(&json!("Send `If-Match`.\n\nOr not."));
        let piece = |is_code, text: &str| Piece {
            is_code,
            text: text.to_owned(),
        };
        assert_eq!(
            found,
            [
                vec![
                    piece(false, "Send "),
                    piece(true, "If-Match"),
                    piece(false, ".")
                ],
                vec![piece(false, "Or not.")]
            ]
        );
    }

    #[test]
    fn what_is_put_together_shows_all_its_fields() {
        let description = json!({ "components": { "schemas": {
            "Base": { "properties": { "id": { "type": "integer" } }, "required": ["id"] },
        } } });
        let whole = json!({
            "allOf": [{ "$ref": "#/components/schemas/Base" }],
            "properties": { "title": { "type": "string" } },
        });
        let found = fields(&description, &whole);
        let names: Vec<_> = found
            .iter()
            .map(|field| (field.name.as_str(), field.is_required))
            .collect();
        assert_eq!(names, [("id", true), ("title", false)]);
    }

    #[test]
    fn every_operation_of_the_description_is_shown() {
        let description = serde_json::to_value(super::super::openapi::document()).unwrap();
        let reference = Reference::of(&description);
        let shown: usize = reference
            .groups
            .iter()
            .map(|group| group.operations.len())
            .sum();
        let paths = description["paths"].as_object().unwrap();
        let there: usize = paths
            .values()
            .map(|item| {
                METHODS
                    .iter()
                    .filter(|method| item.get(method).is_some())
                    .count()
            })
            .sum();
        assert_eq!(shown, there);
        assert!(shown > 0);
    }
}
