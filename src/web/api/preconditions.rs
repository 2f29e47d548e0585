//! Against lost updates: an answer says which state it shows (`ETag`), and who changes something may say
//! which state they had before them (`If-Match`).
//!
//! A tag is what the thing counts its changes by, then a hash of the very bytes: `"7-3.a5Jx…"`. Whether
//! somebody has it already is asked of the whole tag; whether it has been changed, of the part before the
//! dot, because a post is not another one when one of its tags gets another name.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderValue, IF_MATCH, IF_NONE_MATCH};
use actix_web::{FromRequest, HttpRequest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use utoipa::IntoParams;

use crate::app;
use crate::web::error::Error;
use crate::web::respond;

/// 96 bits of a hash: two states never share a tag by accident.
const HASH_BYTES: usize = 12;

/// What says which state of a thing one has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::web) struct Tag(String);

impl Tag {
    /// `version` is what changes with each change of the thing, where there is such a number.
    pub(in crate::web) fn of(version: Option<&str>, body: &[u8]) -> Self {
        let hash = Sha256::digest(body);
        let hash = URL_SAFE_NO_PAD.encode(&hash[..HASH_BYTES]);
        Self(match version {
            Some(version) => format!("\"{version}.{hash}\""),
            None => format!("\"{hash}\""),
        })
    }

    pub(in crate::web) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `If-None-Match` names it.
    pub(in crate::web) fn is_known_to(&self, request: &HttpRequest) -> bool {
        let known = request.headers().get_all(IF_NONE_MATCH);
        respond::is_known(known.map(HeaderValue::as_bytes), self.0.as_bytes())
    }
}

/// What `If-Match` says: which states a change may be made to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::web) enum IfMatch {
    /// Nothing was said, or `*`.
    Any,
    /// The tags without their quotes. Weak ones cannot be meant and are left out.
    Only(Vec<String>),
}

impl IfMatch {
    fn of(request: &HttpRequest) -> Self {
        let mut only = Vec::new();
        let mut is_said = false;
        for line in request.headers().get_all(IF_MATCH) {
            let line = String::from_utf8_lossy(line.as_bytes());
            if line.trim() == "*" {
                return Self::Any;
            }
            is_said = true;
            only.extend(tags(&line));
        }
        if is_said { Self::Only(only) } else { Self::Any }
    }

    /// Refuses a change to another state than the one with this tag: for things that count no versions.
    pub(in crate::web) fn require(&self, now: &Tag) -> Result<(), app::Error> {
        let now = now.as_str().trim_matches('"');
        match self {
            Self::Only(tags) if !tags.iter().any(|tag| tag == now) => Err(app::Error::overtaken()),
            _ => Ok(()),
        }
    }

    /// Refuses a change to another state than this one: for things that have a version in words.
    pub(in crate::web) fn require_version(&self, now: &str) -> Result<(), app::Error> {
        match self.versions() {
            Some(named) if !named.contains(&now) => Err(app::Error::overtaken()),
            _ => Ok(()),
        }
    }

    /// The versions that were named; `None` where none was.
    pub(in crate::web) fn versions(&self) -> Option<Vec<&str>> {
        match self {
            Self::Any => None,
            Self::Only(tags) => Some(tags.iter().map(|tag| version_of(tag)).collect()),
        }
    }
}

fn version_of(tag: &str) -> &str {
    tag.split_once('.').map_or("", |(version, _)| version)
}

/// The strong tags of a list, without quotes.
fn tags(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut parts = line.split('"');
    while let (Some(before), Some(tag)) = (parts.next(), parts.next()) {
        if !before.trim_end().ends_with("W/") {
            found.push(tag.to_owned());
        }
    }
    found
}

impl FromRequest for IfMatch {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

/// The header of changes as it is described.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it is there to be described")]
pub(in crate::web) struct IfMatchHeader {
    /// The `ETag` of the state the change was made to. If it has been changed since, nothing is done and the
    /// answer is 412. Without it the change goes through.
    #[param(rename = "If-Match", value_type = String, required = false)]
    if_match: Option<String>,
}

/// The header of reading as it is described.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it is there to be described")]
pub(in crate::web) struct IfNoneMatchHeader {
    /// The `ETag` of what one has already. If that is still all there is to say, the answer is 304.
    #[param(rename = "If-None-Match", value_type = String, required = false)]
    if_none_match: Option<String>,
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn said(value: &str) -> IfMatch {
        let request = TestRequest::default().insert_header((IF_MATCH, value));
        IfMatch::of(&request.to_http_request())
    }

    #[test]
    fn changes_are_asked_for_by_version() {
        let tag = Tag::of(Some("7-3"), b"{}");
        assert_eq!(said(tag.as_str()).versions(), Some(vec!["7-3"]));
        let two = said("\"7-1.x\", W/\"7-2.y\",\"7-3.z\"");
        assert_eq!(two.versions(), Some(vec!["7-1", "7-3"]));
        assert_eq!(said("*"), IfMatch::Any);
        assert_eq!(said("nonsense").versions(), Some(vec![]));
        let none = IfMatch::of(&TestRequest::default().to_http_request());
        assert_eq!(none.versions(), None);
    }

    #[test]
    fn what_counts_nothing_is_compared_whole() {
        let tag = Tag::of(None, b"{}");
        assert!(said(tag.as_str()).require(&tag).is_ok());
        assert!(said("\"other\"").require(&tag).is_err());
        assert!(IfMatch::Any.require(&tag).is_ok());
    }
}
