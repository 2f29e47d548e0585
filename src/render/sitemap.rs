//! Sitemaps: the addresses of a site for search engines. A pure function of them.

use std::io;

use crate::domain::time::Timestamp;

use super::feeds::{Xml, iso};

const NAMESPACE: (&str, &str) = ("xmlns", "http://www.sitemaps.org/schemas/sitemap/0.9");

#[derive(Debug, Clone)]
pub struct Place {
    /// Whole, in ASCII.
    pub url: String,
    pub changed: Option<Timestamp>,
}

pub fn places(places: &[Place]) -> io::Result<String> {
    let mut xml = Xml::begin()?;
    xml.open("urlset", &[NAMESPACE])?;
    for place in places {
        xml.open("url", &[])?;
        xml.text("loc", &[], &place.url)?;
        if let Some(changed) = place.changed {
            xml.text("lastmod", &[], &iso(changed))?;
        }
        xml.close("url")?;
    }
    xml.close("urlset")?;
    Ok(xml.end())
}

/// Where the parts of a long list are.
pub fn index(parts: &[String]) -> io::Result<String> {
    let mut xml = Xml::begin()?;
    xml.open("sitemapindex", &[NAMESPACE])?;
    for part in parts {
        xml.open("sitemap", &[])?;
        xml.text("loc", &[], part)?;
        xml.close("sitemap")?;
    }
    xml.close("sitemapindex")?;
    Ok(xml.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_escaped() {
        let place = Place {
            url: "https://blog.test/a?b&c".to_owned(),
            changed: Some(Timestamp::from_micros(1_777_626_000_000_000)),
        };
        insta::assert_snapshot!(places(&[place]).unwrap());
    }
}
