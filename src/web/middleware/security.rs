//! What browsers are told not to do with our answers. A handler that needs another policy for one
//! page sets the header itself, and it stays.

use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};

/// Scripts from here only. Pictures, films and frames may lead elsewhere, because authors put them
/// there; what their role does not allow was taken out when the text was rendered.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; img-src 'self' data: https:; media-src 'self' https:; frame-src https:; \
     style-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; \
     frame-ancestors 'none'",
);
const REFERRER: HeaderValue = HeaderValue::from_static("strict-origin-when-cross-origin");
const NO_SNIFFING: HeaderValue = HeaderValue::from_static("nosniff");
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");
const NO_PERMISSIONS: HeaderValue = HeaderValue::from_static(
    "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
);

/// Tells browsers to come encrypted from now on: to this very host alone, because nothing is known of
/// those below it.
pub(super) fn insist_on_encryption(headers: &mut HeaderMap, seconds: u32) {
    if let Ok(value) = HeaderValue::try_from(format!("max-age={seconds}")) {
        add_missing(headers, STRICT_TRANSPORT_SECURITY, value);
    }
}

pub(super) fn add(headers: &mut HeaderMap) {
    add_missing(headers, X_CONTENT_TYPE_OPTIONS, NO_SNIFFING);
    // Only what a browser shows as a document can run scripts or load anything.
    let is_document = headers.get(CONTENT_TYPE).is_some_and(|kind| {
        let kind = kind.as_bytes();
        [&b"text/html"[..], b"image/svg", b"application/xhtml"]
            .iter()
            .any(|start| kind.starts_with(start))
    });
    if is_document {
        add_missing(headers, CONTENT_SECURITY_POLICY, PAGE_POLICY);
        add_missing(headers, REFERRER_POLICY, REFERRER);
        add_missing(headers, PERMISSIONS, NO_PERMISSIONS);
    }
}

fn add_missing(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    if !headers.contains_key(&name) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_get_a_policy_unless_they_brought_their_own() {
        let mut headers = HeaderMap::new();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        add(&mut headers);
        assert_eq!(headers.get(CONTENT_SECURITY_POLICY), Some(&PAGE_POLICY));
        assert_eq!(headers.get(REFERRER_POLICY), Some(&REFERRER));

        let own = HeaderValue::from_static("default-src 'none'");
        headers.insert(CONTENT_SECURITY_POLICY, own.clone());
        add(&mut headers);
        assert_eq!(headers.get(CONTENT_SECURITY_POLICY), Some(&own));
    }

    #[test]
    fn what_is_not_a_document_is_only_not_to_be_guessed_at() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("image/png"));
        add(&mut headers);
        assert_eq!(headers.len(), 2);
        assert_eq!(headers.get(X_CONTENT_TYPE_OPTIONS), Some(&NO_SNIFFING));
    }
}
