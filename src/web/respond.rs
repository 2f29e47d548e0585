//! From a finished page to an answer: which encoding, and whether the browser has it already.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderName,
    HeaderValue, IF_NONE_MATCH, VARY,
};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;

use super::error::Error;
use crate::app;
use crate::cache::{Body, Encoding, Page};

/// The handler of every address nobody else answers to.
pub async fn nothing_here() -> Result<HttpResponse, Error> {
    Err(app::Error::NotFound.into())
}

/// Answers with the page: compressed as the client likes it best, or with 304 when it has it.
pub async fn page(request: &HttpRequest, page: &Arc<Page>) -> HttpResponse {
    let headers = request.headers();
    let accepted = headers.get_all(ACCEPT_ENCODING).map(HeaderValue::as_bytes);
    let Some(encoding) = negotiate(accepted, page.worth_compressing()) else {
        return HttpResponse::new(StatusCode::NOT_ACCEPTABLE);
    };
    let known = headers.get_all(IF_NONE_MATCH).map(HeaderValue::as_bytes);
    if page.status() == 200 && is_known(known, &page.etag(encoding)) {
        return not_modified(page, encoding);
    }
    whole(page, page.body(encoding).await)
}

/// The page with its body.
pub(super) fn whole(page: &Page, body: &Body) -> HttpResponse {
    let status = StatusCode::from_u16(page.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::with_body(status, body.bytes.clone()).map_into_boxed_body();
    let to = response.headers_mut();
    add(to, CONTENT_TYPE, page.content_type());
    add(to, ETAG, &body.etag);
    to.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(name) = body.encoding.name() {
        to.insert(CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    for (name, value) in page.headers() {
        add(to, HeaderName::from_static(name), value);
    }
    response
}

/// Says "you have it" with the headers a cache needs to go on using what it has.
pub(super) fn not_modified(page: &Page, encoding: Encoding) -> HttpResponse {
    let mut response = HttpResponse::new(StatusCode::NOT_MODIFIED);
    let to = response.headers_mut();
    add(to, ETAG, &page.etag(encoding));
    to.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(policy) = page.header("cache-control") {
        add(to, CACHE_CONTROL, policy);
    }
    response
}

/// Values come from our own code; one with a line break in it is left out rather than sent.
fn add(headers: &mut HeaderMap, name: HeaderName, value: &Bytes) {
    if let Ok(value) = HeaderValue::from_maybe_shared(value.clone()) {
        headers.append(name, value);
    }
}

/// The best encoding both sides know: what the client weighs highest, then the smallest. `None` when
/// the client refuses every one of them. `accepted` are the values of `Accept-Encoding`.
pub(super) fn negotiate<'a>(
    accepted: impl Iterator<Item = &'a [u8]>,
    worth_compressing: bool,
) -> Option<Encoding> {
    let mut accepted = accepted.peekable();
    if accepted.peek().is_none() {
        return Some(Encoding::Identity);
    }
    let wishes = Wishes::read(accepted);
    let mut candidates = [
        (wishes.brotli(), Encoding::Brotli),
        (wishes.gzip(), Encoding::Gzip),
        (wishes.identity(), Encoding::Identity),
    ];
    if !worth_compressing && wishes.identity() > 0 {
        return Some(Encoding::Identity);
    }
    // Stable, so that among equals the order above stands.
    candidates.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    let (weight, encoding) = candidates[0];
    (weight > 0).then_some(encoding)
}

/// What a client said about the encodings we have, in thousandths; `None` is "nothing".
#[derive(Debug, Default)]
struct Wishes {
    brotli: Option<u16>,
    gzip: Option<u16>,
    identity: Option<u16>,
    any: Option<u16>,
}

impl Wishes {
    fn read<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut wishes = Self::default();
        for line in lines {
            for wish in line.split(|byte| *byte == b',') {
                let mut parts = wish.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
                let coding = parts.next().unwrap_or_default();
                let weight = parts.find_map(weight_of).unwrap_or(1000);
                let slot = match coding {
                    b"*" => &mut wishes.any,
                    _ if coding.eq_ignore_ascii_case(b"br") => &mut wishes.brotli,
                    _ if coding.eq_ignore_ascii_case(b"gzip") => &mut wishes.gzip,
                    _ if coding.eq_ignore_ascii_case(b"x-gzip") => &mut wishes.gzip,
                    _ if coding.eq_ignore_ascii_case(b"identity") => &mut wishes.identity,
                    _ => continue,
                };
                *slot = Some(weight);
            }
        }
        wishes
    }

    fn brotli(&self) -> u16 {
        self.brotli.or(self.any).unwrap_or(0)
    }

    fn gzip(&self) -> u16 {
        self.gzip.or(self.any).unwrap_or(0)
    }

    /// Plain is always welcome unless refused, but less so than anything named.
    fn identity(&self) -> u16 {
        let refused_with_the_rest = (self.any == Some(0)).then_some(0);
        self.identity.or(refused_with_the_rest).unwrap_or(1)
    }
}

/// `q=0.75` as 750. What is not a weight weighs nothing in either direction.
fn weight_of(parameter: &[u8]) -> Option<u16> {
    let (name, value) = parameter.split_at_checked(2)?;
    if !name.eq_ignore_ascii_case(b"q=") {
        return None;
    }
    let number: f32 = std::str::from_utf8(value).ok()?.trim().parse().ok()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 0..=1000 before; not-a-number becomes 0"
    )]
    let thousandths = (number.clamp(0.0, 1.0) * 1000.0).round() as u16;
    Some(thousandths)
}

/// True when `If-None-Match` names the tag (compared weakly, as reading allows) or any.
pub(super) fn is_known<'a>(mut lists: impl Iterator<Item = &'a [u8]>, etag: &[u8]) -> bool {
    lists.any(|list| {
        let list = list.trim_ascii();
        list == b"*" || tags(list).any(|tag| tag == etag)
    })
}

/// The quoted tags of a list, without their weakness marks. Tags may contain commas.
fn tags(mut list: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let start = list.iter().position(|byte| *byte == b'"')?;
        let length = list[start + 1..].iter().position(|byte| *byte == b'"')? + 2;
        let (tag, rest) = list[start..].split_at(length);
        list = rest;
        Some(tag)
    })
}

#[cfg(test)]
mod tests {
    use actix_web::body::MessageBody as _;
    use actix_web::test::TestRequest;

    use super::*;

    fn negotiated(accept: &str, worth: bool) -> Option<Encoding> {
        negotiate(std::iter::once(accept.as_bytes()), worth)
    }

    #[test]
    fn the_best_encoding_both_know_is_chosen() {
        use Encoding::{Brotli, Gzip, Identity};
        let cases = [
            ("gzip, deflate, br, zstd", Some(Brotli)),
            ("gzip", Some(Gzip)),
            ("x-gzip", Some(Gzip)),
            ("GZip;Q=1", Some(Gzip)),
            ("br;q=0.5, gzip;q=0.8", Some(Gzip)),
            ("br;q=0, gzip", Some(Gzip)),
            ("*", Some(Brotli)),
            ("*;q=0.1, br;q=0", Some(Gzip)),
            ("", Some(Identity)),
            ("zstd", Some(Identity)),
            ("identity", Some(Identity)),
            ("identity, gzip;q=0.5", Some(Identity)),
            ("identity;q=0", None),
            ("*;q=0", None),
            ("identity;q=0, gzip", Some(Gzip)),
            ("gzip;q=banana", Some(Gzip)),
            ("gzip;q=nan", Some(Identity)),
            (",,;;,=", Some(Identity)),
        ];
        for (accept, expected) in cases {
            assert_eq!(negotiated(accept, true), expected, "{accept}");
        }
        assert_eq!(negotiated("gzip, br", false), Some(Identity));
        assert_eq!(negotiated("gzip, identity;q=0", false), Some(Gzip));
        assert_eq!(negotiate(std::iter::empty(), true), Some(Identity));
    }

    #[test]
    fn lists_of_tags_are_read_whole() {
        let known = |value: &str| is_known(std::iter::once(value.as_bytes()), b"\"a-br\"");
        for yes in [
            "\"a-br\"",
            "W/\"a-br\"",
            "\"x\", \"a-br\"",
            "\"x,y\",W/\"a-br\"",
            "*",
            " * ",
        ] {
            assert!(known(yes), "{yes}");
        }
        for no in ["\"a\"", "a-br", "\"a-br", "", "\"*\"", "W/"] {
            assert!(!known(no), "{no}");
        }
    }

    #[tokio::test]
    async fn a_page_is_sent_once_and_then_confirmed() {
        let made = Arc::new(Page::html("x".repeat(5_000)).with_header("cache-control", "no-cache"));
        let first = TestRequest::default()
            .insert_header((ACCEPT_ENCODING, "br"))
            .to_http_request();
        let answer = page(&first, &made).await;
        assert_eq!(answer.headers().get(CONTENT_ENCODING).unwrap(), "br");
        assert_eq!(answer.headers().get(VARY).unwrap(), "accept-encoding");
        let etag = answer.headers().get(ETAG).unwrap().clone();
        assert!(etag.to_str().unwrap().ends_with("-br\""));

        let again = TestRequest::default()
            .insert_header((ACCEPT_ENCODING, "br"))
            .insert_header((IF_NONE_MATCH, etag.clone()))
            .to_http_request();
        let answer = page(&again, &made).await;
        assert_eq!(answer.status(), 304);
        assert_eq!(answer.headers().get(ETAG), Some(&etag));
        assert_eq!(answer.headers().get(CACHE_CONTROL).unwrap(), "no-cache");
        assert_eq!(answer.into_body().try_into_bytes().unwrap().len(), 0);

        let plain = TestRequest::default()
            .insert_header((IF_NONE_MATCH, etag))
            .to_http_request();
        assert_eq!(
            page(&plain, &made).await.status(),
            200,
            "another encoding is another thing"
        );
    }

    proptest::proptest! {
        #[test]
        fn no_header_makes_it_panic(value in "[ -~]{0,60}") {
            negotiate(std::iter::once(value.as_bytes()), true);
            is_known(std::iter::once(value.as_bytes()), b"\"a\"");
        }
    }
}
