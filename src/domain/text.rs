//! Short texts that are valid by existing: titles, names, e-mail addresses, web addresses.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidText(String);

impl InvalidText {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// One line: control characters and runs of white space become one space, in NFC.
fn one_line(text: &str) -> String {
    let visible: String = text
        .nfc()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident: $parse:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            pub fn parse(text: &str) -> Result<Self, InvalidText> {
                let parse: fn(&str) -> Result<String, InvalidText> = $parse;
                parse(text).map(Self)
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidText;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }
    )+};
}

pub const MAX_TITLE_CHARS: usize = 300;
pub const MAX_NAME_CHARS: usize = 100;
pub const MAX_EMAIL_BYTES: usize = 254;
pub const MAX_URL_BYTES: usize = 2_000;

fn bounded(text: &str, what: &str, max_chars: usize) -> Result<String, InvalidText> {
    let line = one_line(text);
    let chars = line.chars().count();
    if chars > max_chars {
        return Err(InvalidText::new(format!(
            "{what} has {chars} characters; shorten it to {max_chars}"
        )));
    }
    Ok(line)
}

texts! {
    /// A title; a draft may still be without one.
    Title: |text| bounded(text, "The title", MAX_TITLE_CHARS);

    /// What a person or a tag is called.
    Name: |text| match bounded(text, "The name", MAX_NAME_CHARS)? {
        empty if empty.is_empty() => Err(InvalidText::new("A name is needed")),
        name => Ok(name),
    };

    /// An e-mail address, in lower case, because nobody has two that differ in case.
    Email: |text| {
        let email = one_line(text).to_lowercase();
        let sound = email.len() <= MAX_EMAIL_BYTES
            && !email.contains(' ')
            && email.split_once('@').is_some_and(|(local, domain)| {
                !local.is_empty() && !domain.contains('@') && !domain.is_empty()
                    && !domain.starts_with('.') && !domain.ends_with('.')
            });
        if sound {
            Ok(email)
        } else {
            Err(InvalidText::new("That is not an e-mail address; write one like ada@example.org"))
        }
    };

    /// An address on the web: `https://…`, `http://…`, or a path on this site beginning with `/`.
    WebAddress: |text| {
        let address = text.trim();
        if address.len() > MAX_URL_BYTES {
            return Err(InvalidText::new(format!("The address is longer than {MAX_URL_BYTES} bytes")));
        }
        if address.contains(char::is_control) {
            return Err(InvalidText::new("There is a line break or another control character in the address"));
        }
        let own_path = address.starts_with('/') && !address.starts_with("//") && !address.contains('\\');
        let absolute = url::Url::parse(address)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if own_path || absolute {
            Ok(address.to_owned())
        } else {
            Err(InvalidText::new("That is not a web address; write https://… or a path beginning with /"))
        }
    };
}

impl Title {
    /// No title yet.
    pub fn empty() -> Self {
        Self(String::new())
    }

    /// For titles written in this program.
    pub(super) fn known(text: &'static str) -> Self {
        Self(text.to_owned())
    }
}

impl Name {
    /// The form in which two names are the same: compatibility forms and case folded.
    pub fn folded(&self) -> String {
        self.0.nfkc().collect::<String>().to_lowercase()
    }
}

/// Bytes in small hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_one_line() {
        assert_eq!(Title::parse(" a\r\n b\u{0}c ").unwrap().as_str(), "a b c");
        assert!(Title::parse(&"x".repeat(301)).is_err());
    }

    #[test]
    fn emails_and_addresses_are_checked() {
        assert_eq!(
            Email::parse(" Ada@Example.ORG").unwrap().as_str(),
            "ada@example.org"
        );
        for bad in ["", "ada", "@x", "a@", "a@b@c", "a b@c"] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
        for good in ["https://example.org/x", "/x", "http://[::1]/"] {
            assert!(WebAddress::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "//evil",
            "x",
            "",
            "/\\evil",
            "data:,",
            "/a\0b",
            "https://example.org/a\nb",
        ] {
            assert!(WebAddress::parse(bad).is_err(), "{bad}");
        }
    }
}
