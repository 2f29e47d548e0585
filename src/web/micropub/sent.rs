//! What a Micropub program sends: JSON, a form, or a form with files, read into one kind of order.

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, Payload};
use futures_util::StreamExt as _;
use serde_json::{Map, Value, json};

use crate::app;
use crate::app::micropub::Changes;
use crate::domain::actor::Actor;
use crate::domain::entry::Properties;
use crate::web::identity;
use crate::web::state::Site;

use super::files;

/// An entry without its files.
pub(super) const MAX_WORDS_BYTES: usize = 4 * 1024 * 1024;

/// So much more is read for a refusal.
const MAX_UNWANTED_BYTES: usize = 16 * 1024 * 1024;

#[derive(Debug, PartialEq)]
pub(super) enum Order {
    Create(Properties),
    Update(Changes),
    Delete,
    Undelete,
}

#[derive(Debug, PartialEq)]
pub(super) struct Sent {
    pub(super) order: Order,
    /// Which post is meant, unless it is new.
    pub(super) url: String,
}

/// Why something sent cannot be obeyed.
#[derive(Debug)]
pub(super) enum Broken {
    Form(String),
    App(app::Error),
}

impl From<app::Error> for Broken {
    fn from(error: app::Error) -> Self {
        Self::App(error)
    }
}

fn broken<T>(why: impl Into<String>) -> Result<T, Broken> {
    Err(Broken::Form(why.into()))
}

pub(super) enum Stop {
    Broken(Broken),
    /// Nothing more will come.
    Connection(actix_web::Error),
}

impl<E: Into<Broken>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}

/// What was sent, and by whom.
pub(super) async fn read(
    site: &Site,
    request: &HttpRequest,
    body: Payload,
) -> Result<(Sent, Actor), Stop> {
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match &*kind {
        "application/json" => {
            let (actor, _) = identity::token_holder(site, request, None).await?;
            Ok((json_sent(&whole(body).await?)?, actor))
        }
        "multipart/form-data" => {
            let (form, actor) = files::read(site, request, body).await?;
            Ok((form.sent()?, actor))
        }
        "application/x-www-form-urlencoded" | "" => {
            let bytes = whole(body).await?;
            let mut form = Form::default();
            for (name, text) in url::form_urlencoded::parse(&bytes) {
                form.add(&name, Value::String(text.into_owned()));
            }
            let (actor, _) = identity::token_holder(site, request, form.token.as_deref()).await?;
            Ok((form.sent()?, actor))
        }
        _ => Err(Broken::Form(
            "Send application/json, application/x-www-form-urlencoded or multipart/form-data"
                .to_owned(),
        )
        .into()),
    }
}

async fn whole(mut body: Payload) -> Result<Bytes, Stop> {
    let mut bytes = Vec::new();
    let mut unwanted_bytes = 0;
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|error| Stop::Connection(error.into()))?;
        if bytes.len() + piece.len() <= MAX_WORDS_BYTES {
            bytes.extend_from_slice(&piece);
            continue;
        }
        // Who sends too much hears of it when it is sent.
        unwanted_bytes += piece.len();
        if unwanted_bytes > MAX_UNWANTED_BYTES {
            break;
        }
    }
    if unwanted_bytes > 0 {
        return Err(too_long().into());
    }
    Ok(bytes.into())
}

pub(super) fn too_long() -> app::Error {
    let most = MAX_WORDS_BYTES / 1024 / 1024;
    app::Error::TooLarge(format!(
        "an entry may have at most {most} MiB besides its files"
    ))
}

/// A form, field by field.
#[derive(Debug, Default)]
pub(super) struct Form {
    pub(super) token: Option<String>,
    action: Option<String>,
    url: Option<String>,
    kind: Option<String>,
    properties: Properties,
    /// What there is to see on the photos, in their order.
    photo_alts: Vec<String>,
}

impl Form {
    pub(super) fn add(&mut self, name: &str, value: Value) {
        let text = || value.as_str().unwrap_or_default().to_owned();
        match name {
            "access_token" => self.token = Some(text()),
            "action" => self.action = Some(text()),
            "h" => self.kind = Some(text()),
            "url" => self.url = Some(text()),
            "mp-photo-alt" | "mp-photo-alt[]" => self.photo_alts.push(text()),
            _ => {
                let (property, value) =
                    match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
                        // `content[html]`: one form of a value.
                        Some((property, form)) if !form.is_empty() && !is_number(form) => {
                            (property, json!({ form: value }))
                        }
                        Some((property, _)) => (property, value),
                        None => (name, value),
                    };
                self.properties
                    .entry(property.to_owned())
                    .or_default()
                    .push(value);
            }
        }
    }

    pub(super) fn sent(mut self) -> Result<Sent, Broken> {
        let url = self.url.unwrap_or_default();
        let order = match self.action.as_deref() {
            None | Some("create") => {
                if self.kind.is_some_and(|kind| kind != "entry") {
                    return broken("Only h=entry is known here");
                }
                let photos = self.properties.get_mut("photo").into_iter().flatten();
                for (photo, alt) in photos.zip(self.photo_alts) {
                    if photo.is_string() && !alt.is_empty() {
                        *photo = json!({ "value": photo, "alt": alt });
                    }
                }
                // An empty field says nothing.
                self.properties.retain(|_, values| {
                    values.retain(|value| value.as_str() != Some(""));
                    !values.is_empty()
                });
                Order::Create(not_nothing(self.properties)?)
            }
            Some("delete") => Order::Delete,
            Some("undelete") => Order::Undelete,
            Some("update") => return broken("Send updates as JSON"),
            Some(_) => return broken("action is none of create, update, delete, undelete"),
        };
        named(order, url)
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn not_nothing(properties: Properties) -> Result<Properties, Broken> {
    if properties.is_empty() {
        return broken("There is nothing in it; send content, name or a photo");
    }
    Ok(properties)
}

fn named(order: Order, url: String) -> Result<Sent, Broken> {
    if url.is_empty() && !matches!(order, Order::Create(_)) {
        return broken("url is missing: which post is meant?");
    }
    Ok(Sent { order, url })
}

fn json_sent(bytes: &[u8]) -> Result<Sent, Broken> {
    let parsed: Result<Map<String, Value>, _> = serde_json::from_slice(bytes);
    let mut body = match parsed {
        Ok(body) => body,
        Err(error) => return broken(format!("The body is no JSON object: {error}")),
    };
    let action = match body.remove("action") {
        None => None,
        Some(Value::String(action)) => Some(action),
        Some(_) => return broken("action is no string"),
    };
    let url = match body.remove("url") {
        None => String::new(),
        Some(Value::String(url)) => url,
        Some(_) => return broken("url is no string"),
    };
    let order = match action.as_deref() {
        None | Some("create") => {
            if body.get("type") != Some(&json!(["h-entry"])) {
                return broken("Only an entry is known here: send \"type\": [\"h-entry\"]");
            }
            let properties = lists("properties", body.remove("properties"))?;
            Order::Create(not_nothing(properties)?)
        }
        Some("update") => Order::Update(changes(&mut body)?),
        Some("delete") => Order::Delete,
        Some("undelete") => Order::Undelete,
        Some(_) => return broken("action is none of create, update, delete, undelete"),
    };
    named(order, url)
}

fn changes(body: &mut Map<String, Value>) -> Result<Changes, Broken> {
    let mut changes = Changes {
        replace: lists("replace", body.remove("replace"))?,
        add: lists("add", body.remove("add"))?,
        ..Changes::default()
    };
    match body.remove("delete") {
        Some(Value::Array(names)) => {
            for name in names {
                match name {
                    Value::String(name) => changes.delete.push(name),
                    _ => return broken("delete names properties, or has lists of values"),
                }
            }
        }
        values => changes.delete_values = lists("delete", values)?,
    }
    if changes == Changes::default() {
        return broken("There is nothing to change; send replace, add or delete");
    }
    Ok(changes)
}

/// Properties, each with a list of values.
fn lists(what: &str, value: Option<Value>) -> Result<Properties, Broken> {
    let members = match value {
        None => return Ok(Properties::new()),
        Some(Value::Object(members)) => members,
        Some(_) => return broken(format!("{what} is no object")),
    };
    let mut properties = Properties::new();
    for (name, values) in members {
        match values {
            Value::Array(values) => {
                properties.insert(name, values);
            }
            _ => return broken(format!("{what}: {name} is no list; put its value into one")),
        }
    }
    Ok(properties)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn properties(value: Value) -> Properties {
        serde_json::from_value(value).unwrap()
    }

    fn form(text: &str) -> Result<Sent, Broken> {
        let mut form = Form::default();
        for (name, text) in url::form_urlencoded::parse(text.as_bytes()) {
            form.add(&name, Value::String(text.into_owned()));
        }
        form.sent()
    }

    #[test]
    fn forms_are_read() {
        let sent = form(
            "h=entry&content[html]=<b>&category[]=a&category[]=b&category=c&photo[0]=p&photo[1]=q\
             &mp-photo-alt[]=&mp-photo-alt[]=Q&name=&access_token=x",
        );
        let expected = properties(json!({
            "content": [{ "html": "<b>" }],
            "category": ["a", "b", "c"],
            "photo": ["p", { "value": "q", "alt": "Q" }],
        }));
        assert_eq!(sent.unwrap().order, Order::Create(expected));
        let sent = form("action=delete&url=https://x/").unwrap();
        assert_eq!((sent.order, &*sent.url), (Order::Delete, "https://x/"));
        for bad in [
            "",
            "h=card&name=x",
            "action=delete",
            "action=update&url=x",
            "action=fly",
        ] {
            assert!(form(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn json_is_read_strictly() {
        let read = |value: Value| json_sent(value.to_string().as_bytes());
        let sent = read(json!({
            "action": "update", "url": "u", "replace": { "content": ["x"] }, "delete": ["category"]
        }));
        let changes = Changes {
            replace: properties(json!({ "content": ["x"] })),
            delete: vec!["category".to_owned()],
            ..Changes::default()
        };
        assert_eq!(sent.unwrap().order, Order::Update(changes));
        for bad in [
            json!([]),
            json!({ "type": ["h-event"], "properties": { "name": ["x"] } }),
            json!({ "type": ["h-entry"], "properties": { "name": "x" } }),
            json!({ "type": ["h-entry"], "properties": {} }),
            json!({ "action": "update", "url": "u", "replace": "This is not valid" }),
            json!({ "action": "update", "url": "u", "replace": { "content": "x" } }),
            json!({ "action": "update", "url": "u", "delete": [7] }),
            json!({ "action": "update", "url": "u" }),
            json!({ "action": "update", "replace": { "content": ["x"] } }),
            json!({ "action": 7 }),
        ] {
            assert!(matches!(read(bad.clone()), Err(Broken::Form(_))), "{bad}");
        }
    }
}
