//! Bodies of JSON: read whole, and when one is not what it should be, the answer names the field.

use actix_web::dev::Payload;
use actix_web::error::{ErrorBadRequest, ErrorUnsupportedMediaType};
use actix_web::http::Method;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::{FutureExt as _, LocalBoxFuture};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::app;
use crate::web::error::Error;

/// The media type of partial changes.
const MERGE_PATCH: &str = "application/merge-patch+json";

/// What may be sent. Every field may be left out, so that each can be looked at alone.
pub(in crate::web) trait Form: DeserializeOwned + 'static {
    const FIELDS: &'static [&'static str];
    /// Nothing at all stands for a form with every field left out.
    const MAY_BE_EMPTY: bool;
}

#[derive(Debug)]
pub(in crate::web) struct Body<T>(pub(in crate::web) T);

impl<T: Form> FromRequest for Body<T> {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = is_json(request);
        let bytes = Bytes::from_request(request, payload);
        async move {
            let bytes = bytes.await?;
            if bytes.is_empty() && T::MAY_BE_EMPTY {
                return parse(b"{}").map(Self);
            }
            if !is_json {
                return Err(ErrorUnsupportedMediaType(
                    "Send JSON, with the header Content-Type: application/json (or, for partial changes, \
                     application/merge-patch+json)",
                ));
            }
            let is_nothing = T::MAY_BE_EMPTY && bytes.trim_ascii() == b"null";
            parse(if is_nothing { b"{}" } else { &bytes }).map(Self)
        }
        .boxed_local()
    }
}

/// JSON; and for partial changes a merge patch (RFC 7396), which is JSON too. A `json-patch` is a list of
/// steps and something else.
fn is_json(request: &HttpRequest) -> bool {
    let value = request.headers().get(CONTENT_TYPE);
    let value = value.and_then(|value| value.to_str().ok()).unwrap_or("");
    let essence = value.split(';').next().unwrap_or("").trim();
    let is = |name: &str| essence.eq_ignore_ascii_case(name);
    is("application/json") || (*request.method() == Method::PATCH && is(MERGE_PATCH))
}

/// Tells `null` from nothing, as merge patches do: a field left out stays as it is, `null` empties it.
/// For `#[serde(deserialize_with = "given")]` on an `Option<Option<T>>`.
pub(in crate::web) fn given<'de, D, T>(input: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(input).map(Some)
}

/// Refuses `null` where nothing can be emptied. For `#[serde(deserialize_with = "present")]` on an `Option<T>`.
pub(in crate::web) fn present<'de, D, T>(input: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(input).map(Some)
}

fn parse<T: Form>(bytes: &[u8]) -> Result<T, actix_web::Error> {
    // A list would be taken for the fields in their order, which nobody means.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        serde_json::from_slice::<IgnoredAny>(bytes).map_err(|error| broken(&error))?;
        let advice = "Send an object, like {\"title\": \"…\"}";
        return Err(Error::from(app::Error::invalid("body", advice)).into());
    }
    serde_json::from_slice(bytes).or_else(|error| {
        if !error.is_data() {
            return Err(broken(&error));
        }
        let mut fields: Map<String, Value> =
            serde_json::from_slice(bytes).map_err(|error| broken(&error))?;
        let has_whole = make_all_whole(fields.values_mut());
        match serde_json::from_value(Value::Object(fields.clone())) {
            Ok(form) if has_whole => Ok(form),
            _ => Err(blame::<T>(fields, &error)),
        }
    })
}

/// To JSON 30.0 is the whole number 30. Says whether there was one like that.
fn make_whole(value: &mut Value) -> bool {
    match value {
        Value::Number(number) => {
            let text = number.to_string();
            let whole = text.strip_suffix(".0");
            let whole = whole.and_then(|digits| digits.parse::<i64>().ok());
            if let Some(whole) = whole {
                *number = whole.into();
            }
            whole.is_some()
        }
        Value::Array(values) => make_all_whole(values.iter_mut()),
        Value::Object(fields) => make_all_whole(fields.values_mut()),
        _ => false,
    }
}

/// None is left out once one was found.
fn make_all_whole<'a>(values: impl Iterator<Item = &'a mut Value>) -> bool {
    values
        .filter_map(|value| make_whole(value).then_some(()))
        .count()
        > 0
}

fn broken(error: &serde_json::Error) -> actix_web::Error {
    ErrorBadRequest(format!("the body is not JSON: {error}"))
}

/// Says which fields cannot be taken as they are.
fn blame<T: Form>(mut fields: Map<String, Value>, error: &serde_json::Error) -> actix_web::Error {
    let mut wrong = Vec::new();
    for &field in T::FIELDS {
        let Some(value) = fields.remove(field) else {
            continue;
        };
        let alone = Map::from_iter([(field.to_owned(), value)]);
        if let Err(error) = serde_json::from_value::<T>(Value::Object(alone)) {
            let message = error.to_string();
            wrong.push(app::FieldError { field, message });
        }
    }
    if wrong.is_empty() {
        wrong.push(app::FieldError {
            field: "body",
            message: error.to_string(),
        });
    }
    Error::from(app::Error::Invalid(wrong)).into()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Sample {
        title: Option<String>,
        version: Option<i64>,
    }

    impl Form for Sample {
        const FIELDS: &'static [&'static str] = &["title", "version"];
        const MAY_BE_EMPTY: bool = false;
    }

    #[test]
    fn null_is_told_from_nothing() {
        #[derive(Debug, Default, Deserialize)]
        #[serde(default)]
        struct Patch {
            #[serde(deserialize_with = "given")]
            excerpt: Option<Option<String>>,
        }
        let read = |text: &str| serde_json::from_str::<Patch>(text).unwrap().excerpt;
        assert_eq!(read("{}"), None);
        assert_eq!(read(r#"{"excerpt": null}"#), Some(None));
        assert_eq!(read(r#"{"excerpt": "x"}"#), Some(Some("x".to_owned())));
    }

    fn blamed(body: &str) -> String {
        let error = parse::<Sample>(body.as_bytes()).unwrap_err();
        error.to_string()
    }

    #[test]
    fn what_is_right_is_read() {
        let sample: Sample = parse(br#"{"title": "A", "version": 3}"#).unwrap();
        assert_eq!(
            (sample.title.as_deref(), sample.version),
            (Some("A"), Some(3))
        );
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_point() {
        let sample: Sample = parse(br#"{"version": 30.0}"#).unwrap();
        assert_eq!(sample.version, Some(30));
        for other in ["30.5", "1e300", "null, \"titel\": 1.0"] {
            blamed(&format!("{{\"version\": {other}}}"));
        }
    }

    #[test]
    fn every_wrong_field_is_named() {
        let said = blamed(r#"{"title": 5, "version": "x"}"#);
        assert!(
            said.contains("title: invalid type") && said.contains("version: invalid type"),
            "{said}"
        );
        let said = blamed(r#"{"titel": "x"}"#);
        assert!(said.contains("unknown field `titel`"), "{said}");
        assert!(blamed("[1]").contains("Send an object"));
        assert!(blamed("\"x\"").contains("Send an object"));
    }

    #[test]
    fn what_is_no_json_is_told_so() {
        assert!(blamed("{").contains("not JSON"));
        assert!(blamed("").contains("not JSON"));
        let deep = format!("{{\"title\":{}", "[".repeat(100_000));
        assert!(blamed(&deep).contains("not JSON"));
    }
}
