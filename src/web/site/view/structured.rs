//! What machines are told of a page in the words of schema.org, as JSON-LD. Says nothing that the page
//! itself does not show.

use serde_json::{Value, json};

use super::people::PersonView;
use super::{Kind, PageView, text_of, whole};
use crate::app::reader::PostPage;
use crate::domain::settings::Settings;
use crate::domain::text::WebAddress;
use crate::web::state::Site;

/// A step on the way from the home page to a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Crumb<'a> {
    pub(super) name: &'a str,
    pub(super) path: &'a str,
}

/// The site, and where its posts are searched.
pub(super) fn home(site: &Site, settings: &Settings) -> Value {
    let base = &site.base_url;
    let mut known = json!({
        "@context": "https://schema.org",
        "@type": "WebSite",
        "name": settings.title.as_str(),
        "url": format!("{base}/"),
        "inLanguage": settings.language.as_str(),
        "publisher": publisher(site, settings),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {
                "@type": "EntryPoint",
                "urlTemplate": format!("{base}/search?q={{search_term_string}}"),
            },
            "query-input": "required name=search_term_string",
        },
    });
    put(&mut known, "description", filled(&settings.description));
    known
}

/// A list of posts: of a tag, an author, a time.
pub(super) fn list(
    site: &Site,
    settings: &Settings,
    page: &PageView,
    crumbs: &[Crumb<'_>],
) -> Value {
    let kind = match page.kind() {
        Kind::Author => "ProfilePage",
        _ => "CollectionPage",
    };
    let mut known = json!({
        "@type": kind,
        "name": page.title(),
        "url": page.canonical(),
        "inLanguage": settings.language.as_str(),
        "isPartOf": { "@type": "WebSite", "name": settings.title.as_str(), "url": format!("{}/", site.base_url) },
    });
    put(&mut known, "description", filled(page.description()));
    if page.kind() == Kind::Author {
        let person = json!({ "@type": "Person", "name": page.title(), "url": page.canonical() });
        put(&mut known, "mainEntity", Some(person));
    }
    graph(&[known, breadcrumbs(site, settings, crumbs)])
}

pub(super) fn post(site: &Site, found: &PostPage, page: &PageView) -> Value {
    let settings = &found.settings;
    let content = &found.post.content;
    let is_post = page.kind() == Kind::Post;
    let address = whole(&site.base_url, &page.path);
    let (published, updated) = page.times();
    let people = found.authors.iter().map(|user| {
        let person = PersonView::from(user);
        let mut known = json!({
            "@type": "Person",
            "name": person.name,
            "url": whole(&site.base_url, &person.url),
        });
        put(&mut known, "sameAs", person.website.map(Value::from));
        known
    });
    let mut known = json!({
        "@type": if is_post { "BlogPosting" } else { "WebPage" },
        if is_post { "headline" } else { "name" }: content.title.as_str(),
        "url": address,
        "mainEntityOfPage": page.canonical().unwrap_or(&address),
        "inLanguage": found.language.as_str(),
        "author": people.collect::<Vec<_>>(),
        "publisher": publisher(site, settings),
    });
    put(&mut known, "description", filled(page.description()));
    put(&mut known, "datePublished", published.map(Value::from));
    put(&mut known, "dateModified", updated.map(Value::from));
    put(
        &mut known,
        "image",
        page.image().map(|image| {
            let mut known = json!({ "@type": "ImageObject", "url": image.url });
            put(&mut known, "width", image.width.map(Value::from));
            put(&mut known, "height", image.height.map(Value::from));
            known
        }),
    );
    if is_post {
        put(&mut known, "wordCount", Some(found.rendition.words.into()));
        let tags = found.tags.iter().map(|tag| tag.name.as_str());
        let tags = tags.collect::<Vec<_>>();
        put(
            &mut known,
            "keywords",
            (!tags.is_empty()).then(|| tags.into()),
        );
    }
    // The way to a post leads through what it is mostly about.
    let tag = found.tags.first().filter(|_| is_post);
    let tag_path = tag
        .map(|tag| format!("/tag/{}", tag.slug))
        .unwrap_or_default();
    let mut crumbs = Vec::new();
    if let Some(tag) = tag {
        crumbs.push(Crumb {
            name: tag.name.as_str(),
            path: &tag_path,
        });
    }
    crumbs.push(Crumb {
        name: content.title.as_str(),
        path: &page.path,
    });
    graph(&[known, breadcrumbs(site, settings, &crumbs)])
}

fn publisher(site: &Site, settings: &Settings) -> Value {
    let mut known = json!({
        "@type": "Organization",
        "name": settings.title.as_str(),
        "url": format!("{}/", site.base_url),
    });
    let logo = text_of(settings.logo.as_ref() as Option<&WebAddress>);
    put(
        &mut known,
        "logo",
        logo.map(|logo| whole(&site.base_url, &logo).into()),
    );
    known
}

fn breadcrumbs(site: &Site, settings: &Settings, crumbs: &[Crumb<'_>]) -> Value {
    let home = Crumb {
        name: settings.title.as_str(),
        path: "/",
    };
    let steps = std::iter::once(&home).chain(crumbs).zip(1..);
    let items = steps.map(|(crumb, position)| {
        json!({
            "@type": "ListItem",
            "position": position,
            "name": crumb.name,
            "item": whole(&site.base_url, crumb.path),
        })
    });
    json!({ "@type": "BreadcrumbList", "itemListElement": items.collect::<Vec<_>>() })
}

fn graph(things: &[Value; 2]) -> Value {
    json!({ "@context": "https://schema.org", "@graph": things })
}

fn filled(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| text.into())
}

/// Adds what is known; nothing is said of what is not.
fn put(known: &mut Value, name: &str, value: Option<Value>) {
    if let (Some(value), Some(fields)) = (value, known.as_object_mut()) {
        fields.insert(name.to_owned(), value);
    }
}
