//! Where a page in a browser comes from, as the browser says it: scheme, host and port, and nothing else.

use std::fmt;

/// The origin of web pages, written as browsers send it in `Origin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebOrigin(String);

impl WebOrigin {
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = url::Url::parse(text)
            .map_err(|_| format!("“{text}” is not an origin, with its https:// and a host"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("“{text}” starts with neither https:// nor http://"));
        }
        let origin = url.origin().ascii_serialization();
        // A path, a question or a name would promise a distinction that browsers do not make.
        if url.as_str().trim_end_matches('/') != origin {
            return Err(format!(
                "“{text}” has more than a scheme, a host and a port; write “{origin}”"
            ));
        }
        Ok(Self(origin))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WebOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whose pages are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origins {
    Any,
    These(Vec<WebOrigin>),
}

impl Default for Origins {
    fn default() -> Self {
        Self::These(Vec::new())
    }
}

impl Origins {
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::These(origins) if origins.is_empty())
    }

    /// Whether pages are meant that come from what a browser says in `Origin`.
    pub fn contain(&self, origin: &str) -> bool {
        match self {
            Self::Any => true,
            Self::These(origins) => origins.iter().any(|known| known.0 == origin),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_as_browsers_send_them() {
        for (text, expected) in [
            ("https://Reader.Example", "https://reader.example"),
            ("https://reader.example/", "https://reader.example"),
            ("https://reader.example:443", "https://reader.example"),
            ("http://localhost:5173", "http://localhost:5173"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
        ] {
            assert_eq!(WebOrigin::parse(text).unwrap().as_str(), expected);
        }
        for text in [
            "",
            "*",
            "null",
            "reader.example",
            "file:///tmp",
            "https://a.example/app",
            "https://a.example?x",
            "https://me@a.example",
        ] {
            assert!(WebOrigin::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_the_same_origin_is_meant() {
        let origins = Origins::These(vec![WebOrigin::parse("https://a.example").unwrap()]);
        assert!(origins.contain("https://a.example"));
        for other in [
            "http://a.example",
            "https://a.example:444",
            "https://a.example.evil",
            "null",
            "",
        ] {
            assert!(!origins.contain(other), "{other}");
        }
        assert!(Origins::default().is_empty());
    }
}
