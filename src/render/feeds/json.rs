//! JSON Feed 1.1.

use serde_json::{Value, json as value};

use super::{Entry, Feed, iso};

pub fn json(feed: &Feed) -> String {
    let mut made = value!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page_url,
        "feed_url": feed.own_url,
        "language": feed.language,
        "items": feed.entries.iter().map(item).collect::<Vec<_>>(),
    });
    if !feed.description.is_empty() {
        made["description"] = value!(feed.description);
    }
    if let Some(icon) = &feed.icon_url {
        made["icon"] = value!(icon);
    }
    if let Some(hub) = &feed.hub_url {
        made["hubs"] = value!([{ "type": "WebSub", "url": hub }]);
    }
    made.to_string()
}

fn item(entry: &Entry) -> Value {
    let authors = entry.authors.iter();
    let authors = authors.map(|author| value!({ "name": author.name, "url": author.url }));
    let mut made = value!({
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "content_html": entry.html,
        "date_published": iso(entry.published),
        "date_modified": iso(entry.updated),
        "language": entry.language,
        "authors": authors.collect::<Vec<_>>(),
        "tags": entry.tags,
    });
    if !entry.summary.is_empty() {
        made["summary"] = value!(entry.summary);
    }
    if let Some(image) = &entry.image_url {
        made["image"] = value!(image);
    }
    made
}
