//! Pages elsewhere that use the API from within a browser (CORS). Browsers ask beforehand, and show a
//! page an answer only if it says that the page may see it. Never with cookies: who is signed in here
//! has nothing to do with what a page elsewhere does.

use actix_web::HttpResponse;
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
    HeaderMap, HeaderValue, ORIGIN, VARY,
};

use crate::domain::web_origin::Origins;

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
/// What a page may send besides what browsers always allow.
const SENT: HeaderValue = HeaderValue::from_static(
    "authorization, content-type, idempotency-key, if-match, if-none-match",
);
/// What a page may read besides what browsers always show.
const SHOWN: HeaderValue = HeaderValue::from_static(
    "etag, idempotency-replayed, link, location, ratelimit, ratelimit-policy, retry-after, x-request-id",
);
/// How long a browser need not ask again.
const MAX_AGE_SECONDS: HeaderValue = HeaderValue::from_static("3600");
const ANYBODY: HeaderValue = HeaderValue::from_static("*");
const BY_ORIGIN: HeaderValue = HeaderValue::from_static("origin");

/// What a page is told that has asked.
#[derive(Debug)]
pub(super) struct Leave {
    /// `None`: nothing, so its browser keeps the answer from it.
    origin: Option<HeaderValue>,
    depends_on_origin: bool,
}

impl Leave {
    pub(super) fn of(origins: &Origins, headers: &HeaderMap) -> Self {
        let asking = headers.get(ORIGIN);
        let origin = match (origins, asking) {
            (Origins::Any, Some(_)) => Some(ANYBODY),
            (Origins::These(_), Some(value)) => {
                let known = value.to_str().is_ok_and(|origin| origins.contain(origin));
                known.then(|| value.clone())
            }
            (_, None) => None,
        };
        Self {
            origin,
            depends_on_origin: matches!(origins, Origins::These(_)) && !origins.is_empty(),
        }
    }

    /// Lets the page see an answer. Caches keep one answer for each page, where answers differ.
    pub(super) fn add(&self, headers: &mut HeaderMap) {
        if self.depends_on_origin {
            let others = headers.get(VARY).and_then(|value| value.to_str().ok());
            let all = others.map(|others| HeaderValue::try_from(format!("{others}, origin")));
            headers.insert(VARY, all.and_then(Result::ok).unwrap_or(BY_ORIGIN));
        }
        if let Some(origin) = &self.origin {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, SHOWN);
        }
    }

    /// The answer to a browser that asks beforehand; `None` if it does not, or if nothing is allowed.
    pub(super) fn answer(&self, request: &ServiceRequest) -> Option<HttpResponse> {
        let asks = *request.method() == Method::OPTIONS
            && request
                .headers()
                .contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        let origin = self.origin.as_ref().filter(|_| asks)?;
        let mut answer = HttpResponse::NoContent();
        answer.insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone()));
        answer.insert_header((ACCESS_CONTROL_ALLOW_METHODS, METHODS));
        answer.insert_header((ACCESS_CONTROL_ALLOW_HEADERS, SENT));
        answer.insert_header((ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS));
        if self.depends_on_origin {
            answer.insert_header((VARY, BY_ORIGIN));
        }
        Some(answer.finish())
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;
    use crate::domain::web_origin::WebOrigin;

    fn these() -> Origins {
        Origins::These(vec![WebOrigin::parse("https://reader.example").unwrap()])
    }

    fn asked(origins: &Origins, origin: Option<&str>) -> (HeaderMap, bool) {
        let mut request = TestRequest::with_uri("/api/v1/posts").method(Method::OPTIONS);
        if let Some(origin) = origin {
            request = request
                .insert_header((ORIGIN, origin))
                .insert_header((ACCESS_CONTROL_REQUEST_METHOD, "PATCH"));
        }
        let request = request.to_srv_request();
        let leave = Leave::of(origins, request.headers());
        let mut headers = HeaderMap::new();
        leave.add(&mut headers);
        (headers, leave.answer(&request).is_some())
    }

    #[test]
    fn without_a_setting_nothing_is_said() {
        let (headers, answered) = asked(&Origins::default(), Some("https://reader.example"));
        assert!(headers.is_empty() && !answered);
    }

    #[test]
    fn only_the_pages_named_are_told_and_caches_know_it() {
        let (headers, answered) = asked(&these(), Some("https://reader.example"));
        assert!(answered);
        let said = headers.get(ACCESS_CONTROL_ALLOW_ORIGIN).unwrap();
        assert_eq!(said, "https://reader.example");
        assert_eq!(headers.get(VARY).unwrap(), "origin");
        assert!(!headers.contains_key("access-control-allow-credentials"));
        for other in [Some("https://other.example"), Some("null"), None] {
            let (headers, answered) = asked(&these(), other);
            assert!(!answered && !headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
            assert_eq!(headers.get(VARY).unwrap(), "origin", "{other:?}");
        }
    }

    #[test]
    fn where_all_may_answers_do_not_differ() {
        let (headers, answered) = asked(&Origins::Any, Some("null"));
        assert!(answered && !headers.contains_key(VARY));
        assert_eq!(headers.get(ACCESS_CONTROL_ALLOW_ORIGIN).unwrap(), "*");
    }
}
