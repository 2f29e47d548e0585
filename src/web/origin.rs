//! Whether a request that changes something comes from one of our own pages. Browsers send cookies
//! along with whatever another site makes them send, so a cookie alone proves nobody's will.

use actix_web::http::Method;
use actix_web::http::header::{HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN, REFERER};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Methods that change nothing, whoever makes a browser send them.
pub(super) fn is_harmless(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// The first of `Sec-Fetch-Site`, `Origin` and `Referer` that is there decides; no page can forge
/// them. Where none is there, nothing speaks for the request. `base_url` is the site's public
/// address: behind a proxy `Host` may be another.
pub(super) fn is_own(headers: &HeaderMap, base_url: &str) -> bool {
    if let Some(relation) = only(headers, &FETCH_SITE) {
        return relation == b"same-origin";
    }
    let Some(said) = only(headers, &ORIGIN).or_else(|| only(headers, &REFERER)) else {
        return false;
    };
    let Some((scheme, authority)) = std::str::from_utf8(said).ok().and_then(split) else {
        return false;
    };
    let host = headers.get(HOST).map(HeaderValue::as_bytes);
    let is_here = host.is_some_and(|host| host.eq_ignore_ascii_case(authority.as_bytes()));
    match split(base_url) {
        // A page that came in clear may have been written by anyone on the way.
        Some(("https", ours)) => {
            scheme == "https" && (is_here || authority.eq_ignore_ascii_case(ours))
        }
        Some((_, ours)) => is_here || authority.eq_ignore_ascii_case(ours),
        None => is_here,
    }
}

/// The header's value; a doubled header counts as one that says nothing true.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name);
    let value = values.next()?;
    Some(match values.next() {
        None => value.as_bytes(),
        Some(_) => b"",
    })
}

/// Scheme and authority of an address: `https` and `example.org:8443`.
fn split(address: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let sound = matches!(scheme, "http" | "https") && !authority.is_empty();
    sound.then_some((scheme, authority))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn own(base_url: &str, headers: &[(&str, &str)]) -> bool {
        let mut request = TestRequest::default().insert_header(("host", "blog.test"));
        for header in headers {
            request = request.append_header(*header);
        }
        is_own(request.to_http_request().headers(), base_url)
    }

    #[test]
    fn our_own_pages_are_known() {
        for headers in [
            &[("sec-fetch-site", "same-origin")][..],
            &[("sec-fetch-site", "same-origin"), ("origin", "null")],
            &[("origin", "http://blog.test")],
            &[("origin", "http://BLOG.test")],
            &[("origin", "https://public.test")],
            &[("referer", "http://blog.test/admin/new?x=http://evil.test")],
        ] {
            assert!(own("http://public.test", headers), "{headers:?}");
        }
        assert!(own("https://blog.test", &[("origin", "https://blog.test")]));
    }

    #[test]
    fn others_and_the_silent_are_not() {
        for headers in [
            &[][..],
            &[("sec-fetch-site", "cross-site")],
            &[
                ("sec-fetch-site", "same-site"),
                ("origin", "http://blog.test"),
            ],
            &[("sec-fetch-site", "none")],
            &[
                ("sec-fetch-site", "same-origin"),
                ("sec-fetch-site", "same-origin"),
            ],
            &[("origin", "null"), ("referer", "http://blog.test/")],
            &[("origin", "http://evil.test")],
            &[("origin", "http://blog.test.evil.test")],
            &[("origin", "http://blog.test:81")],
            &[("origin", "http://evil@blog.test")],
            &[("referer", "http://evil.test/http://blog.test/")],
            &[("referer", "http://evil.test?blog.test")],
            &[("referer", "blog.test")],
        ] {
            assert!(!own("http://public.test", headers), "{headers:?}");
        }
        assert!(!own("https://blog.test", &[("origin", "http://blog.test")]));
    }
}
