//! Where a request comes from: the address of the connection, or what a proxy we trust says of it.

use std::net::IpAddr;

use actix_web::HttpRequest;

use crate::domain::network::Network;

const FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED_PROTO: &str = "x-forwarded-proto";

/// Each proxy appends the address it was asked from, so the list is read from its end: the first
/// address that is not a trusted proxy is the client. What stands before it anyone may have written.
pub(super) fn address(request: &HttpRequest, trusted: &[Network]) -> Option<IpAddr> {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let peer = request.peer_addr()?.ip().to_canonical();
    if !is_trusted(peer) {
        return Some(peer);
    }
    let lists: Vec<_> = request.headers().get_all(FORWARDED_FOR).collect();
    let mut client = peer;
    for list in lists.into_iter().rev() {
        for entry in list.to_str().unwrap_or_default().rsplit(',') {
            let Ok(address) = entry.trim().parse::<IpAddr>() else {
                return Some(client);
            };
            client = address.to_canonical();
            if !is_trusted(client) {
                return Some(client);
            }
        }
    }
    Some(client)
}

/// Whether a proxy we trust says that the request came to it encrypted; `None` where none says.
pub(super) fn came_encrypted(request: &HttpRequest, trusted: &[Network]) -> Option<bool> {
    let peer = request.peer_addr()?.ip().to_canonical();
    if !trusted.iter().any(|network| network.contains(peer)) {
        return None;
    }
    // The last one was written by the proxy that asked us.
    let said = request.headers().get_all(FORWARDED_PROTO).last()?;
    let said = said.to_str().ok()?.rsplit(',').next()?.trim();
    Some(said.eq_ignore_ascii_case("https"))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn asked(peer: &str, forwarded: &[&str]) -> String {
        let trusted = [Network::parse("10.0.0.0/8").unwrap()];
        let mut request = TestRequest::default().peer_addr(peer.parse().unwrap());
        for list in forwarded {
            request = request.append_header((FORWARDED_FOR, *list));
        }
        address(&request.to_http_request(), &trusted)
            .unwrap()
            .to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(asked("192.0.2.1:1", &["203.0.113.9"]), "192.0.2.1");
        assert_eq!(asked("10.0.0.1:1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(
            asked("[::ffff:10.0.0.1]:1", &["203.0.113.9"]),
            "203.0.113.9"
        );
        assert_eq!(asked("10.0.0.1:1", &[]), "10.0.0.1");
    }

    #[test]
    fn what_a_client_wrote_itself_is_not_believed() {
        assert_eq!(
            asked("10.0.0.1:1", &["1.2.3.4, 203.0.113.9, 10.0.0.2"]),
            "203.0.113.9"
        );
        assert_eq!(
            asked("10.0.0.1:1", &["1.2.3.4", "203.0.113.9"]),
            "203.0.113.9"
        );
        assert_eq!(asked("10.0.0.1:1", &["1.2.3.4, nonsense"]), "10.0.0.1");
    }

    #[test]
    fn only_a_trusted_proxy_knows_of_encryption() {
        let encrypted = |peer: &str, said: &[&str]| {
            let trusted = [Network::parse("10.0.0.0/8").unwrap()];
            let mut request = TestRequest::default().peer_addr(peer.parse().unwrap());
            for proto in said {
                request = request.append_header((FORWARDED_PROTO, *proto));
            }
            came_encrypted(&request.to_http_request(), &trusted)
        };
        assert_eq!(encrypted("10.0.0.1:1", &["https"]), Some(true));
        assert_eq!(encrypted("10.0.0.1:1", &["http"]), Some(false));
        assert_eq!(encrypted("10.0.0.1:1", &["https", "http"]), Some(false));
        assert_eq!(encrypted("10.0.0.1:1", &["https, http"]), Some(false));
        assert_eq!(encrypted("10.0.0.1:1", &[]), None);
        assert_eq!(encrypted("192.0.2.1:1", &["https"]), None);
    }
}
