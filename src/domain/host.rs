//! A name or an address a site is reached by, and that a certificate is for.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Host {
    /// In small letters, other scripts in their ASCII form.
    Name(String),
    Address(IpAddr),
}

impl Host {
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Ok(address) = text.trim_matches(['[', ']']).parse() {
            return Ok(Self::Address(address));
        }
        match url::Host::parse(text) {
            Ok(url::Host::Domain(name)) if is_name(&name) => Ok(Self::Name(name)),
            Ok(url::Host::Ipv4(address)) => Ok(Self::Address(address.into())),
            _ => Err(format!(
                "“{text}” is neither a domain name like blog.example.org nor an IP address"
            )),
        }
    }

    /// As it stands in a URL.
    pub fn in_url(&self) -> String {
        match self {
            Self::Address(IpAddr::V6(address)) => format!("[{address}]"),
            other => other.to_string(),
        }
    }
}

fn is_name(name: &str) -> bool {
    let is_label = |label: &str| {
        let sound = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        !label.is_empty() && label.len() <= 63 && label.bytes().all(sound)
    };
    name.len() <= 253 && name.split('.').all(is_label)
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(address) => address.fmt(f),
        }
    }
}

impl From<Host> for String {
    fn from(host: Host) -> Self {
        host.to_string()
    }
}

impl TryFrom<String> for Host {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_comparable_and_addresses_known() {
        for (text, expected) in [
            ("Blog.Example.org", "blog.example.org"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("192.0.2.7", "192.0.2.7"),
            ("[2001:db8::1]", "2001:db8::1"),
        ] {
            assert_eq!(Host::parse(text).unwrap().to_string(), expected);
        }
        assert_eq!(
            Host::parse("2001:db8::1").unwrap().in_url(),
            "[2001:db8::1]"
        );
        for text in [
            "",
            "*.example.org",
            "https://a.b",
            "a b",
            "a..b",
            "a.b:80",
            "a.b.",
        ] {
            assert!(Host::parse(text).is_err(), "{text}");
        }
    }
}
