//! What is asked in an address behind the `?`. Only what a resource knows is taken: a misspelt filter
//! must not look like one that lets everything through.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::web::Query;
use actix_web::{FromRequest, HttpRequest};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::form_urlencoded::{self, Serializer};

use crate::app;
use crate::web::error::Error;

use super::check::Check;
use super::paging::{self, PageWish};

/// What may be asked of one resource. Every parameter may be left out, so that each can be looked at
/// alone.
pub(in crate::web) trait Filters: DeserializeOwned + 'static {
    const FIELDS: &'static [&'static str];
}

/// Nothing may be asked.
#[derive(Debug, Default, Deserialize)]
pub(in crate::web) struct NoFilters {}

impl Filters for NoFilters {
    const FIELDS: &'static [&'static str] = &[];
}

/// What is asked of something that is no list.
#[derive(Debug)]
pub(in crate::web) struct Question<T>(pub(in crate::web) T);

impl<T: Filters> FromRequest for Question<T> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request.query_string(), &[]).map(|(filters, _)| Self(filters)))
    }
}

/// What is asked of a list, and which part of it is wanted.
#[derive(Debug)]
pub(in crate::web) struct Listing<T> {
    pub(in crate::web) filters: T,
    pub(in crate::web) page: PageWish,
}

impl<T: Filters> FromRequest for Listing<T> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let outcome = read(request.query_string(), paging::FIELDS);
        ready(outcome.map(|(filters, page)| Self { filters, page }))
    }
}

/// Reads a query; `paging` are the names that say which part of a list is wanted, where it is one.
fn read<T: Filters>(query: &str, paging: &'static [&'static str]) -> Result<(T, PageWish), Error> {
    let mut check = Check::default();
    let mut seen = Vec::new();
    let mut page = PageWish::default();
    let mut known = Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let mut fields = T::FIELDS.iter().chain(paging);
        let Some(&field) = fields.find(|field| **field == name) else {
            check.refuse("query", unknown(&name, T::FIELDS, paging));
            continue;
        };
        if seen.contains(&field) {
            check.refuse(field, "This stands twice in the address; keep one of them");
            continue;
        }
        seen.push(field);
        if paging.contains(&field) {
            check.take(field, page.take(field, &value));
            continue;
        }
        let alone = Serializer::new(String::new())
            .append_pair(field, &value)
            .finish();
        let alone = Query::<T>::from_query(&alone).map_err(|error| reason(&error));
        if check.take(field, alone).is_some() {
            known.append_pair(field, &value);
        }
    }
    check.done(())?;
    let filters = Query::<T>::from_query(&known.finish());
    let filters = filters.map_err(|error| app::Error::invalid("query", reason(&error)))?;
    Ok((filters.into_inner(), page))
}

fn unknown(name: &str, fields: &[&str], paging: &[&str]) -> String {
    let all: Vec<_> = fields.iter().chain(paging).copied().collect();
    if all.is_empty() {
        format!("There is no parameter “{name}” here, and no other either; leave it out")
    } else {
        format!(
            "There is no parameter “{name}” here; use {}",
            all.join(", ")
        )
    }
}

/// Without what the library puts before it.
fn reason(error: &actix_web::error::QueryPayloadError) -> String {
    match error {
        actix_web::error::QueryPayloadError::Deserialize(error) => error.to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;
    use crate::domain::post::Kind;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Sample {
        kind: Option<Kind>,
        featured: Option<bool>,
    }

    impl Filters for Sample {
        const FIELDS: &'static [&'static str] = &["kind", "featured"];
    }

    async fn asked(query: &str) -> Result<Listing<Sample>, String> {
        let request = TestRequest::with_uri(&format!("/x?{query}")).to_http_request();
        let listing = Listing::<Sample>::extract(&request).await;
        listing.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn what_is_known_is_read() {
        let listing = asked("featured=true&limit=7&kind=page").await.unwrap();
        assert_eq!(listing.filters.featured, Some(true));
        assert_eq!(listing.filters.kind, Some(Kind::Page));
        assert_eq!(listing.page.limit, 7);
        assert_eq!(asked("").await.unwrap().page.limit, paging::DEFAULT_LIMIT);
    }

    #[tokio::test]
    async fn what_is_not_is_named() {
        let said = asked("featurd=true&limit=x&kind=book").await.unwrap_err();
        for word in ["“featurd”", "limit: ", "kind: ", "book"] {
            assert!(said.contains(word), "{word} in {said}");
        }
        let said = asked("featured=true&featured=false").await.unwrap_err();
        assert!(said.contains("featured: This stands twice"), "{said}");
    }
}
