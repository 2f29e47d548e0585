//! Further names of the site: whoever comes by one is sent to the name the site is known by.

use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use actix_web::dev::RequestHead;
use actix_web::http::header::{HOST, LOCATION};
use actix_web::http::uri::PathAndQuery;

/// Names that lead elsewhere.
#[derive(Debug, Clone)]
pub struct Aliases {
    /// As they stand in a URL, without a port.
    pub names: Vec<String>,
    /// Where they lead, without a slash at its end.
    pub base_url: String,
}

impl Aliases {
    pub(super) fn lead(&self, head: &RequestHead) -> Option<HttpResponse<BoxBody>> {
        let host = head.headers.get(HOST)?.to_str().ok()?;
        let end = match host.rfind(':') {
            Some(colon) if !host[colon..].contains(']') => colon,
            _ => host.len(),
        };
        let is_alias = |name: &String| name.eq_ignore_ascii_case(&host[..end]);
        if !self.names.iter().any(is_alias) {
            return None;
        }
        let target = head.uri.path_and_query().map_or("/", PathAndQuery::as_str);
        let address = format!("{}{target}", self.base_url);
        let response = HttpResponse::PermanentRedirect()
            .insert_header((LOCATION, address))
            .finish();
        Some(response)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_further_names_lead_elsewhere() {
        let aliases = Aliases {
            names: vec!["www.a.test".to_owned(), "[2001:db8::1]".to_owned()],
            base_url: "https://a.test".to_owned(),
        };
        let lead = |host: &str| {
            let request = TestRequest::with_uri("/x?y=1").insert_header(("host", host));
            let response = aliases.lead(request.to_http_request().head())?;
            Some(response.headers().get(LOCATION)?.to_str().ok()?.to_owned())
        };
        for host in [
            "www.a.test",
            "WWW.a.test:443",
            "[2001:db8::1]",
            "[2001:db8::1]:443",
        ] {
            assert_eq!(
                lead(host).as_deref(),
                Some("https://a.test/x?y=1"),
                "{host}"
            );
        }
        for host in ["a.test", "a.test:443", "www.a.test.evil", ""] {
            assert_eq!(lead(host), None, "{host}");
        }
    }
}
