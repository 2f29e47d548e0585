//! Words of a fixed set, as the description tells them.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Object, ObjectBuilder, OneOfBuilder, Schema, Type};

use crate::domain::post::{Kind, Status};

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
