//! Others' programs, as they are known to whoever lets them in: by an address on the web, and by where
//! they want the browser sent back to. Says which addresses may be either; fetches nothing.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::text::InvalidText;

const MAX_CLIENT_BYTES: usize = 500;
const MAX_REDIRECT_BYTES: usize = 2_000;
/// What a browser would run, or would show as if it were ours.
const NEVER_REDIRECTED_TO: [&str; 8] = [
    "javascript",
    "data",
    "vbscript",
    "file",
    "blob",
    "about",
    "filesystem",
    "view-source",
];

/// The address of a program (`client_id`), in its usual form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClientId(Url);

impl ClientId {
    /// By the rules of `IndieAuth`'s chapter “Client Identifier”.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let wrong = |why: &str| {
            let message = format!("client_id {why}; it is an address like https://app.example/");
            Err(InvalidText::new(message))
        };
        if text.len() > MAX_CLIENT_BYTES {
            return wrong("is too long");
        }
        let Ok(url) = Url::parse(text) else {
            return wrong("is no web address");
        };
        if !matches!(url.scheme(), "http" | "https") {
            return wrong("is no web address");
        }
        if has_dot_segments(text) {
            return wrong("has . or .. in its path");
        }
        if url.fragment().is_some() {
            return wrong("has a fragment");
        }
        if has_credentials(&url) {
            return wrong("has a user name in it");
        }
        match url.host() {
            Some(Host::Domain(name)) if !name.is_empty() => Ok(Self(url)),
            Some(Host::Ipv4(Ipv4Addr::LOCALHOST) | Host::Ipv6(Ipv6Addr::LOCALHOST)) => {
                Ok(Self(url))
            }
            _ => wrong("names no host"),
        }
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// It runs on the computer of whoever asks, so there is nothing to be fetched.
    pub fn is_local(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                name == "localhost" || name.ends_with(".localhost")
            }
            _ => true,
        }
    }

    /// An address as it stands on the program's page, made whole.
    pub fn resolve(&self, reference: &str) -> Option<String> {
        self.0.join(reference.trim()).ok().map(String::from)
    }
}

impl std::fmt::Display for ClientId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a program wants the browser sent back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectUri {
    text: String,
    url: Url,
}

impl RedirectUri {
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let wrong = |why: &str| Err(InvalidText::new(format!("redirect_uri {why}")));
        if text.len() > MAX_REDIRECT_BYTES {
            return wrong("is too long");
        }
        // Browsers leave such characters out, and the rest may be another address.
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return wrong("has characters that are not allowed in an address");
        }
        let Ok(url) = Url::parse(text) else {
            return wrong("is no whole address");
        };
        if NEVER_REDIRECTED_TO.contains(&url.scheme()) {
            return wrong("leads to no place a browser may be sent to");
        }
        if url.fragment().is_some() {
            return wrong("has a fragment");
        }
        if has_credentials(&url) {
            return wrong("has a user name in it");
        }
        Ok(Self {
            text: text.to_owned(),
            url,
        })
    }

    /// As it was sent: the two times it is sent are compared letter by letter.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn scheme(&self) -> &str {
        self.url.scheme()
    }

    /// The host, or the scheme of a program that has none.
    pub fn place(&self) -> &str {
        self.url.host_str().unwrap_or_else(|| self.url.scheme())
    }

    /// Scheme, host and port are the program's own.
    pub fn belongs_to(&self, client: &ClientId) -> bool {
        let place = |url: &Url| {
            let host = url.host_str().map(str::to_owned);
            (url.scheme().to_owned(), host, url.port_or_known_default())
        };
        self.url.has_host() && place(&self.url) == place(&client.0)
    }

    /// The program names it itself.
    pub fn is_among(&self, published: &[String]) -> bool {
        let is_this = |one: &String| *one == self.text || *one == self.url.as_str();
        published.iter().any(is_this)
    }

    /// With more in its query.
    pub fn with(&self, pairs: &[(&str, &str)]) -> String {
        let mut url = self.url.clone();
        url.query_pairs_mut().extend_pairs(pairs);
        url.into()
    }
}

fn has_credentials(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// Looked for in the text itself: parsing takes them away.
fn has_dot_segments(text: &str) -> bool {
    let path = text.split(['?', '#']).next().unwrap_or_default();
    path.split(['/', '\\']).any(|segment| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".."
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_have_addresses_of_a_certain_form() {
        for (text, usual) in [
            ("https://app.example", "https://app.example/"),
            ("https://APP.example/Id?x=1", "https://app.example/Id?x=1"),
            ("http://localhost:8080/", "http://localhost:8080/"),
            ("http://127.0.0.1:7/", "http://127.0.0.1:7/"),
            ("http://[::1]/", "http://[::1]/"),
        ] {
            assert_eq!(ClientId::parse(text).unwrap().as_str(), usual);
        }
        for bad in [
            "app.example",
            "mailto:a@app.example",
            "javascript:alert(1)",
            "https://app.example/a/../b",
            "https://app.example/a/%2e%2E/b",
            "https://app.example/./",
            "https://app.example/#me",
            "https://user:pass@app.example/",
            "https://172.28.92.51/",
            "https://[2001:db8::1]/",
            "https://127.0.0.2/",
            &format!("https://app.example/{}", "x".repeat(500)),
        ] {
            assert!(ClientId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_runs_here_is_not_fetched() {
        let is_local = |text: &str| ClientId::parse(text).unwrap().is_local();
        for local in [
            "http://localhost/",
            "http://a.localhost/",
            "http://[::1]:9/",
        ] {
            assert!(is_local(local), "{local}");
        }
        assert!(!is_local("https://localhost.example/"));
    }

    #[test]
    fn browsers_are_sent_to_harmless_places_only() {
        for good in [
            "https://app.example/back?x=1",
            "http://localhost:1/",
            "org.example.app:/back",
            "my-app://back",
        ] {
            assert!(RedirectUri::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "java\tscript:alert(1)",
            "data:text/html,x",
            "/back",
            "https://app.example/#x",
            "https://app.example@evil.example/",
            "https://app.example/ü",
            "",
        ] {
            assert!(RedirectUri::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_place_belongs_to_a_program_by_scheme_host_and_port() {
        let client = ClientId::parse("https://app.example/id").unwrap();
        let belongs = |text: &str| RedirectUri::parse(text).unwrap().belongs_to(&client);
        assert!(belongs("https://app.example/back"));
        assert!(belongs("https://APP.example:443/back"));
        for foreign in [
            "http://app.example/back",
            "https://app.example:8443/",
            "https://evil.example/app.example",
            "https://app.example.evil.example/",
            "app.example:/back",
        ] {
            assert!(!belongs(foreign), "{foreign}");
        }
        let there = RedirectUri::parse("org.app:/back").unwrap();
        assert!(there.is_among(&["org.app:/back".to_owned()]));
        assert!(!there.is_among(&["org.app:/back/".to_owned()]));
    }

    #[test]
    fn answers_are_added_to_what_is_there() {
        let there = RedirectUri::parse("https://app.example/back?x=1").unwrap();
        assert_eq!(
            there.with(&[("code", "a b"), ("state", "&")]),
            "https://app.example/back?x=1&code=a+b&state=%26"
        );
        let native = RedirectUri::parse("org.app:/back").unwrap();
        assert_eq!(native.with(&[("code", "c")]), "org.app:/back?code=c");
    }
}
