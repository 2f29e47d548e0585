//! Lists part by part. A cursor is a place in a list written so that nobody takes it for a number to
//! count with; it stays right while things are added before it.

use actix_web::http::header::LINK;
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Serialize;
use url::form_urlencoded::{self, Serializer};
use utoipa::{IntoParams, ToSchema};

use crate::domain::place::{Place, Stretch};
use crate::web::error::Error;
use crate::web::state::Site;

use super::answer;

pub(in crate::web) const DEFAULT_LIMIT: u32 = 25;
pub(in crate::web) const MAX_LIMIT: u32 = 100;
/// The names of the parameters below.
pub(super) const FIELDS: &[&str] = &["limit", "cursor"];
const CURSOR_BYTES: usize = 16;
/// Two numbers in base64. The bits that are left over in the last letter mean nothing.
const CURSOR_LETTERS: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy)]
pub(in crate::web) struct PageWish {
    pub(in crate::web) limit: u32,
    pub(in crate::web) after: Place,
}

impl Default for PageWish {
    fn default() -> Self {
        Self {
            limit: DEFAULT_LIMIT,
            after: Place::START,
        }
    }
}

impl PageWish {
    /// Reads one of the parameters.
    pub(super) fn take(&mut self, field: &str, value: &str) -> Result<(), String> {
        if field == "cursor" {
            let place = read_cursor(value);
            self.after = place.ok_or("Take it from an answer's “next” as it is")?;
        } else {
            let limit = value.parse().ok();
            let limit = limit.filter(|limit| (1..=MAX_LIMIT).contains(limit));
            self.limit = limit.ok_or(format!("Write a number between 1 and {MAX_LIMIT}"))?;
        }
        Ok(())
    }
}

/// The parameters as they are described.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is there to be described")]
pub(in crate::web) struct PageQuestion {
    /// How many at most.
    #[param(value_type = u32, required = false, minimum = 1, maximum = 100, default = 25)]
    limit: Option<u32>,
    /// Where the next part begins: `next` of the answer before.
    #[param(value_type = String, required = false, pattern = "^[A-Za-z0-9_-]{22}$")]
    cursor: Option<String>,
}

/// A part of a list as it is sent.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Page<T> {
    pub(in crate::web) items: Vec<T>,
    /// The cursor of the next part; `null` behind the last.
    #[schema(required = true, pattern = "^[A-Za-z0-9_-]{22}$")]
    pub(in crate::web) next: Option<String>,
}

fn write_cursor(place: Place) -> String {
    let mut bytes = [0; CURSOR_BYTES];
    bytes[..8].copy_from_slice(&place.key.to_be_bytes());
    bytes[8..].copy_from_slice(&place.id.to_be_bytes());
    CURSOR_LETTERS.encode(bytes)
}

fn read_cursor(text: &str) -> Option<Place> {
    let bytes = CURSOR_LETTERS.decode(text).ok()?;
    let (key, id) = bytes.split_at_checked(CURSOR_BYTES / 2)?;
    Some(Place {
        key: i64::from_be_bytes(key.try_into().ok()?),
        id: i64::from_be_bytes(id.try_into().ok()?),
    })
}

/// Answers with a part of a list, and with where the next one and the first are.
pub(in crate::web) fn answer<T: Serialize>(
    site: &Site,
    request: &HttpRequest,
    stretch: Stretch<T>,
) -> Result<HttpResponse, Error> {
    answer_with(site, request, stretch, |page| page)
}

/// The same, with something to say about the whole.
pub(in crate::web) fn answer_with<T, P: Serialize>(
    site: &Site,
    request: &HttpRequest,
    stretch: Stretch<T>,
    dress: impl FnOnce(Page<T>) -> P,
) -> Result<HttpResponse, Error> {
    let page = Page {
        items: stretch.items,
        next: stretch.next.map(write_cursor),
    };
    let mut links = Vec::new();
    if let Some(cursor) = &page.next {
        let next = address(site, request, Some(cursor));
        links.push(format!("<{next}>; rel=\"next\""));
    }
    let first = address(site, request, None);
    links.push(format!("<{first}>; rel=\"first\""));
    let mut response = answer::thing(site, request, &dress(page), None)?;
    if let Ok(value) = links.join(", ").parse() {
        response.headers_mut().insert(LINK, value);
    }
    Ok(response)
}

/// The same question for another part of the list.
fn address(site: &Site, request: &HttpRequest, cursor: Option<&str>) -> String {
    let mut query = Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(request.query_string().as_bytes()) {
        if name != "cursor" {
            query.append_pair(&name, &value);
        }
    }
    if let Some(cursor) = cursor {
        query.append_pair("cursor", cursor);
    }
    let (path, query) = (request.path(), query.finish());
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{}{path}{mark}{query}", site.base_url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_come_back_as_they_went() {
        for place in [
            Place::START,
            Place::behind_id(7),
            Place {
                key: -1,
                id: i64::MIN,
            },
        ] {
            let text = write_cursor(place);
            assert_eq!((text.len(), read_cursor(&text)), (22, Some(place)));
        }
        for wrong in ["", "x", "AAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAA=="] {
            assert_eq!(read_cursor(wrong), None, "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_looks_like_a_cursor_is_one(text in "[A-Za-z0-9_-]{22}") {
            proptest::prop_assert!(read_cursor(&text).is_some());
        }
    }
}
