//! The request's target: a path, a complete address as proxies send it, or `*` for OPTIONS.

use actix_web::http::{Method, Uri};

use super::Refusal;
use crate::web::limits::Limits;

pub(super) fn check(method: &Method, uri: &Uri, limits: &Limits) -> Result<(), Refusal> {
    let path_bytes = uri
        .path_and_query()
        .map_or(0, |target| target.as_str().len());
    if path_bytes > limits.uri_bytes {
        return Err(Refusal::UriTooLong {
            limit_bytes: limits.uri_bytes,
        });
    }
    let known_scheme = matches!(uri.scheme_str(), None | Some("http" | "https"));
    let path_sound =
        uri.path().starts_with('/') || (uri.path() == "*" && method == Method::OPTIONS);
    if known_scheme && path_sound {
        Ok(())
    } else {
        Err(Refusal::TargetMalformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(method: &Method, uri: &str) -> Result<(), Refusal> {
        check(
            method,
            &uri.parse().unwrap(),
            &Limits {
                uri_bytes: 20,
                ..Limits::default()
            },
        )
    }

    #[test]
    fn paths_and_complete_addresses_are_fine() {
        for uri in ["/", "/a?b=c", "http://example.org/a", "https://example.org"] {
            assert_eq!(verdict(&Method::GET, uri), Ok(()), "{uri}");
        }
        assert_eq!(verdict(&Method::OPTIONS, "*"), Ok(()));
    }

    #[test]
    fn everything_else_is_not() {
        for uri in ["*", "example.org:80", "ftp://example.org/a"] {
            assert_eq!(
                verdict(&Method::GET, uri),
                Err(Refusal::TargetMalformed),
                "{uri}"
            );
        }
        let long = format!("/{}", "a".repeat(20));
        assert_eq!(
            verdict(&Method::GET, &long),
            Err(Refusal::UriTooLong { limit_bytes: 20 })
        );
    }
}
