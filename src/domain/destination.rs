//! An address of somebody else's that people give us, to be asked by the server: where a webhook goes, where
//! the page of a client is. Whether the server may go there is seen when the name is looked up
//! (`outbound`), because only then it is known where it leads.

use serde::{Deserialize, Serialize};
use url::{Host, Url};

pub const MAX_DESTINATION_BYTES: usize = 2048;
/// What the usual form adds to an address without a path: its slash.
const SLASH_BYTES: usize = 1;

/// `http` or `https`, a host, and nothing that names somebody or a place within the page.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Destination(Url);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDestination {
    #[error("That is no address on the web; write one like https://example.org/hook")]
    NoAddress,
    #[error("Only http and https are spoken here; write an address that begins with https://")]
    Scheme,
    #[error("Leave the name and password before the @ out of the address")]
    Userinfo,
    #[error("Leave the part from the # on out of the address; servers never see it")]
    Fragment,
    #[error("The address is longer than {MAX_DESTINATION_BYTES} bytes")]
    TooLong,
}

impl Destination {
    pub fn parse(text: &str) -> Result<Self, InvalidDestination> {
        if text.len() > MAX_DESTINATION_BYTES + SLASH_BYTES {
            return Err(InvalidDestination::TooLong);
        }
        let url = Url::parse(text.trim()).map_err(|_| InvalidDestination::NoAddress)?;
        Self::try_from(url)
    }

    /// Where a redirect from here leads.
    pub fn join(&self, location: &str) -> Result<Self, InvalidDestination> {
        let mut url = self
            .0
            .join(location)
            .map_err(|_| InvalidDestination::NoAddress)?;
        url.set_fragment(None);
        Self::try_from(url)
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub fn is_encrypted(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The host, without brackets around an address.
    pub fn host(&self) -> String {
        match self.0.host() {
            Some(Host::Ipv6(address)) => address.to_string(),
            Some(other) => other.to_string(),
            None => String::new(),
        }
    }

    /// The address where the host is one and no name.
    pub fn address(&self) -> Option<std::net::IpAddr> {
        match self.0.host()? {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
        }
    }
}

impl TryFrom<Url> for Destination {
    type Error = InvalidDestination;

    fn try_from(url: Url) -> Result<Self, InvalidDestination> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(InvalidDestination::Scheme);
        }
        if url.host().is_none() {
            return Err(InvalidDestination::NoAddress);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidDestination::Userinfo);
        }
        if url.fragment().is_some() {
            return Err(InvalidDestination::Fragment);
        }
        // Other scripts grow when they are written for machines.
        if url.as_str().len() > MAX_DESTINATION_BYTES + SLASH_BYTES {
            return Err(InvalidDestination::TooLong);
        }
        Ok(Self(url))
    }
}

impl std::fmt::Display for Destination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for Destination {
    type Error = InvalidDestination;

    fn try_from(text: String) -> Result<Self, InvalidDestination> {
        Self::parse(&text)
    }
}

impl From<Destination> for String {
    fn from(destination: Destination) -> Self {
        destination.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_a_server_can_ask_exist() {
        for (text, expected) in [
            ("https://Example.org", "https://example.org/"),
            (
                " http://bücher.example:8080/a?b=c ",
                "http://xn--bcher-kva.example:8080/a?b=c",
            ),
            ("https://[2001:db8::1]/", "https://[2001:db8::1]/"),
            // Every way to write an address that systems understand is the same address.
            ("http://2130706433/", "http://127.0.0.1/"),
            ("http://0x7f.1/", "http://127.0.0.1/"),
        ] {
            assert_eq!(Destination::parse(text).unwrap().as_str(), expected);
        }
        for (text, why) in [
            ("", InvalidDestination::NoAddress),
            ("/hook", InvalidDestination::NoAddress),
            ("https://", InvalidDestination::NoAddress),
            ("ftp://example.org/", InvalidDestination::Scheme),
            ("file:///etc/passwd", InvalidDestination::Scheme),
            ("javascript:alert(1)", InvalidDestination::Scheme),
            ("https://ada@example.org/", InvalidDestination::Userinfo),
            ("https://:pass@example.org/", InvalidDestination::Userinfo),
            ("https://example.org/#top", InvalidDestination::Fragment),
        ] {
            assert_eq!(Destination::parse(text).unwrap_err(), why, "{text}");
        }
        let long = format!("https://example.org/{}", "x".repeat(MAX_DESTINATION_BYTES));
        assert_eq!(
            Destination::parse(&long).unwrap_err(),
            InvalidDestination::TooLong
        );
    }

    #[test]
    fn a_redirect_leads_to_one_too() {
        let from = Destination::parse("https://example.org/a/b").unwrap();
        assert_eq!(
            from.join("../c#top").unwrap().as_str(),
            "https://example.org/c"
        );
        assert_eq!(
            from.join("gopher://example.org/").unwrap_err(),
            InvalidDestination::Scheme
        );
        let host = |text: &str| Destination::parse(text).unwrap().host();
        assert_eq!(host("https://[::1]:99/"), "::1");
        assert_eq!(host("https://example.org/"), "example.org");
    }
}
