//! The Host header: exactly one, and well formed. Whether it is *our* host is for the site to say.

use actix_web::dev::RequestHead;
use actix_web::http::Version;
use actix_web::http::header::{HOST, HeaderMap, HeaderValue};
use actix_web::http::uri::Authority;

use super::Refusal;

/// The longest host name there is, with room for brackets, a zone and a port.
const MAX_HOST_BYTES: usize = 300;

/// HTTP/2 says in the target what HTTP/1.1 says in a header; from here on it is the same.
pub(super) fn take_from_target(head: &mut RequestHead) {
    if head.version != Version::HTTP_2 || head.headers.contains_key(HOST) {
        return;
    }
    let authority = head.uri.authority().map(Authority::as_str);
    if let Some(host) = authority.and_then(|host| HeaderValue::from_str(host).ok()) {
        head.headers.insert(HOST, host);
    }
}

pub(super) fn check(headers: &HeaderMap) -> Result<(), Refusal> {
    let mut hosts = headers.get_all(HOST);
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Err(Refusal::HostMissing);
    };
    if is_well_formed(host.as_bytes()) {
        Ok(())
    } else {
        Err(Refusal::HostMalformed)
    }
}

fn is_well_formed(host: &[u8]) -> bool {
    if host.len() > MAX_HOST_BYTES {
        return false;
    }
    let (name, port) = if host.starts_with(b"[") {
        let Some(end) = host.iter().position(|byte| *byte == b']') else {
            return false;
        };
        let inner = &host[1..end];
        let sound = inner.contains(&b':')
            && inner
                .iter()
                .all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'));
        (if sound { inner } else { b"" }, &host[end + 1..])
    } else {
        let end = host
            .iter()
            .position(|byte| *byte == b':')
            .unwrap_or(host.len());
        let name = &host[..end];
        let sound = name
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
        (if sound { name } else { b"" }, &host[end..])
    };
    !name.is_empty() && is_port(port)
}

/// Nothing, or a colon and at most five digits (a colon alone is allowed).
fn is_port(port: &[u8]) -> bool {
    match port {
        [] => true,
        [b':', digits @ ..] => digits.len() <= 5 && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_with_and_without_ports() {
        for host in [
            "example.org",
            "Example.ORG:8080",
            "127.0.0.1",
            "[::1]:80",
            "xn--bcher-kva.example",
            "a_b:",
        ] {
            assert!(is_well_formed(host.as_bytes()), "{host}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for host in [
            "", ":80", "a b", "a/b", "user@a", "a:80:80", "a:http", "[::1", "[]", "[a.b]", "a,b",
            "a\"", "a:123456", "é",
        ] {
            assert!(!is_well_formed(host.as_bytes()), "{host}");
        }
        assert!(!is_well_formed(&[b'a'; MAX_HOST_BYTES + 1]));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(host in proptest::collection::vec(proptest::num::u8::ANY, 0..40)) {
            is_well_formed(&host);
        }
    }
}
