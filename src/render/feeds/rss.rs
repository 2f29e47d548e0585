//! RSS 2.0, with the extensions every reader knows: Atom's link to itself, Dublin Core's names, and
//! whole texts.

use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;

use crate::domain::time::Timestamp;

use super::xml::{Result, Xml};
use super::{Entry, Feed, moment};

pub fn rss(feed: &Feed) -> std::io::Result<String> {
    let mut xml = Xml::begin()?;
    let root = [
        ("version", "2.0"),
        ("xmlns:atom", "http://www.w3.org/2005/Atom"),
        ("xmlns:content", "http://purl.org/rss/1.0/modules/content/"),
        ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
        ("xmlns:media", "http://search.yahoo.com/mrss/"),
    ];
    xml.open("rss", &root)?;
    xml.open("channel", &[])?;
    xml.text("title", &[], &feed.title)?;
    xml.text("link", &[], &feed.page_url)?;
    // Must be there; a site without a description is described by its title.
    let description = if feed.description.is_empty() {
        &feed.title
    } else {
        &feed.description
    };
    xml.text("description", &[], description)?;
    xml.text("language", &[], &feed.language)?;
    xml.text("lastBuildDate", &[], &date(feed.updated))?;
    xml.text("generator", &[], "Inkstand")?;
    let own = [
        ("rel", "self"),
        ("type", "application/rss+xml"),
        ("href", feed.own_url.as_str()),
    ];
    xml.empty("atom:link", &own)?;
    if let Some(hub) = &feed.hub_url {
        xml.empty("atom:link", &[("rel", "hub"), ("href", hub)])?;
    }
    for entry in &feed.entries {
        write_item(&mut xml, entry)?;
    }
    xml.close("channel")?;
    xml.close("rss")?;
    Ok(xml.end())
}

fn write_item(xml: &mut Xml, entry: &Entry) -> Result {
    xml.open("item", &[])?;
    xml.text("title", &[], &entry.title)?;
    xml.text("link", &[], &entry.url)?;
    xml.text("guid", &[("isPermaLink", "false")], &entry.id)?;
    xml.text("pubDate", &[], &date(entry.published))?;
    for author in &entry.authors {
        xml.text("dc:creator", &[], &author.name)?;
    }
    for tag in &entry.tags {
        xml.text("category", &[], tag)?;
    }
    if !entry.summary.is_empty() {
        xml.text("description", &[], &entry.summary)?;
    }
    xml.text("content:encoded", &[], &entry.html)?;
    if let Some(image) = &entry.image_url {
        xml.empty("media:content", &[("url", image), ("medium", "image")])?;
    }
    xml.close("item")
}

/// `Fri, 01 May 2026 09:00:00 +0000`
fn date(time: Timestamp) -> String {
    let zoned = moment(time).to_zoned(TimeZone::UTC);
    rfc2822::to_string(&zoned).unwrap_or_default()
}
