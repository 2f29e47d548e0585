//! Words of a fixed set and texts of a fixed form, as the description tells them.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Object, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};

use crate::domain::language::MAX_TAG_BYTES;
use crate::domain::post::{Kind, Status};
use crate::domain::text::{MAX_EMAIL_BYTES, MAX_URL_BYTES};

/// The beginning of an address on the web, or a path of this site.
const ADDRESS: &str = "(https?://[^\\s/].*|/([^/\\\\].*)?)";
const LANGUAGE: &str = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$";
const EMAIL: &str = "^[^\\s@]+@[^\\s@.]([^\\s@]*[^\\s@.])?$";
/// A path of this site.
const PATH: &str = "^/";

const ABOUT_ADDRESS: &str = "An address on the web, or a path of this site beginning with `/`.";
const ABOUT_LANGUAGE: &str =
    "A language tag, such as `en` or `pt-BR`. `null`: the site's language.";
const ABOUT_PATH: &str = "A path of this site, like `/old-name`, or `/old/*` for everything below.";
const ABOUT_EMAIL: &str = "Also what one signs in with.";

fn text(about: &str, pattern: impl Into<String>, max_length: usize) -> ObjectBuilder {
    ObjectBuilder::new()
        .description(Some(about))
        .schema_type(Type::String)
        .pattern(Some(pattern))
        .max_length(Some(max_length))
}

fn or_null(text: ObjectBuilder) -> Object {
    let either = SchemaType::from_iter([Type::String, Type::Null]);
    text.schema_type(either).build()
}

pub(super) fn address() -> Object {
    text(ABOUT_ADDRESS, format!("^{ADDRESS}$"), MAX_URL_BYTES).build()
}

pub(super) fn maybe_address() -> Object {
    or_null(text(ABOUT_ADDRESS, format!("^{ADDRESS}$"), MAX_URL_BYTES))
}

/// The same, where an empty text stands for nothing as well.
pub(super) fn address_or_empty() -> Object {
    or_null(text(ABOUT_ADDRESS, format!("^{ADDRESS}?$"), MAX_URL_BYTES))
}

pub(super) fn path() -> Object {
    text(ABOUT_PATH, PATH, MAX_URL_BYTES).build()
}

pub(super) fn maybe_language() -> Object {
    or_null(text(ABOUT_LANGUAGE, LANGUAGE, MAX_TAG_BYTES))
}

pub(super) fn email() -> Object {
    text(ABOUT_EMAIL, EMAIL, MAX_EMAIL_BYTES).build()
}

fn one_of(words: impl IntoIterator<Item = &'static str>) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words))
        .build()
}

pub(super) fn kind() -> Object {
    one_of(Kind::ALL.iter().map(|kind| kind.as_str()))
}

/// A status, or nothing.
pub(super) fn maybe_status() -> RefOr<Schema> {
    let nothing = ObjectBuilder::new().schema_type(Type::Null);
    let either = OneOfBuilder::new().item(nothing).item(status());
    Schema::from(either.build()).into()
}

pub(super) fn status() -> Object {
    one_of(Status::ALL.iter().map(|status| status.as_str()))
}

/// Where a post may be put.
pub(super) fn release() -> Object {
    let places = [
        Status::Published,
        Status::Scheduled,
        Status::Unlisted,
        Status::Private,
    ];
    one_of(places.map(Status::as_str))
}

/// Where a new post may begin.
pub(super) fn first_status() -> Object {
    let places = Status::ALL
        .iter()
        .filter(|status| **status != Status::Trashed);
    one_of(places.map(|status| status.as_str()))
}

/// Where posts of a list may stand.
pub(super) fn standing() -> Object {
    let all = Status::ALL.iter().map(|status| status.as_str());
    one_of(all.chain([ANY]))
}

/// Wherever posts stand, except in the trash.
pub(super) const ANY: &str = "any";
