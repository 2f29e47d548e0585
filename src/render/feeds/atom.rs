//! Atom 1.0 (RFC 4287).

use super::xml::{Result, Xml};
use super::{Entry, Feed, iso};

pub fn atom(feed: &Feed) -> std::io::Result<String> {
    let mut xml = Xml::begin()?;
    let root = [
        ("xmlns", "http://www.w3.org/2005/Atom"),
        ("xml:lang", feed.language.as_str()),
    ];
    xml.open("feed", &root)?;
    xml.text("id", &[], &feed.page_url)?;
    xml.text("title", &[], &feed.title)?;
    if !feed.description.is_empty() {
        xml.text("subtitle", &[], &feed.description)?;
    }
    xml.text("updated", &[], &iso(feed.updated))?;
    xml.empty(
        "link",
        &[
            ("rel", "self"),
            ("type", "application/atom+xml"),
            ("href", &feed.own_url),
        ],
    )?;
    let page = [
        ("rel", "alternate"),
        ("type", "text/html"),
        ("href", feed.page_url.as_str()),
    ];
    xml.empty("link", &page)?;
    if let Some(hub) = &feed.hub_url {
        xml.empty("link", &[("rel", "hub"), ("href", hub)])?;
    }
    if let Some(icon) = &feed.icon_url {
        xml.text("icon", &[], icon)?;
    }
    xml.text("generator", &[], "Inkstand")?;
    for entry in &feed.entries {
        write_entry(&mut xml, entry)?;
    }
    xml.close("feed")?;
    Ok(xml.end())
}

fn write_entry(xml: &mut Xml, entry: &Entry) -> Result {
    xml.open("entry", &[("xml:lang", &entry.language)])?;
    xml.text("id", &[], &entry.id)?;
    xml.text("title", &[], &entry.title)?;
    xml.text("published", &[], &iso(entry.published))?;
    xml.text("updated", &[], &iso(entry.updated))?;
    let page = [
        ("rel", "alternate"),
        ("type", "text/html"),
        ("href", entry.url.as_str()),
    ];
    xml.empty("link", &page)?;
    for author in &entry.authors {
        xml.open("author", &[])?;
        xml.text("name", &[], &author.name)?;
        xml.text("uri", &[], &author.url)?;
        xml.close("author")?;
    }
    for tag in &entry.tags {
        xml.empty("category", &[("term", tag)])?;
    }
    if !entry.summary.is_empty() {
        xml.text("summary", &[], &entry.summary)?;
    }
    xml.text("content", &[("type", "html")], &entry.html)?;
    xml.close("entry")
}
