//! `page`: what head and frame of a page are told. Each kind of page begins with [`PageView::new`] and
//! says what is special about it.

use serde::Serialize;

use super::site::FeedsView;
use super::structured::{self, Crumb};
use super::{Calendar, Series, direction, markup, post, text_of, whole};
use crate::app::pictures::{self, CARD_HEIGHT, CARD_WIDTH};
use crate::app::reader::PostPage;
use crate::domain::language::Language;
use crate::domain::post::{self as posts, Summary};
use crate::domain::settings::Settings;
use crate::domain::text::WebAddress;
use crate::texts::{self, Argument};
use crate::web::grants;
use crate::web::state::Site;

/// What search engines show if they cannot tell a reader's language.
const ANY_LANGUAGE: &str = "x-default";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::web::site) enum Kind {
    Home,
    Post,
    Page,
    Tag,
    Author,
    Archive,
    Search,
    Error,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct ImageView {
    pub(super) url: String,
    alt: String,
    pub(super) width: Option<u32>,
    pub(super) height: Option<u32>,
}

impl ImageView {
    fn of(site: &Site, address: &WebAddress, alt: &str) -> Self {
        Self {
            url: whole(&site.base_url, address.as_str()),
            alt: alt.to_owned(),
            width: None,
            height: None,
        }
    }

    /// A card with these words on it.
    fn drawn(site: &Site, path: &str, alt: &str) -> Self {
        Self {
            url: whole(&site.base_url, path),
            alt: alt.to_owned(),
            width: Some(CARD_WIDTH),
            height: Some(CARD_HEIGHT),
        }
    }
}

#[derive(Debug, Clone, Serialize)]
struct FeedView {
    title: String,
    r#type: &'static str,
    url: String,
}

/// What programs look for on the page of a person.
#[derive(Debug, Clone, Serialize)]
struct LinkView {
    rel: &'static str,
    url: String,
}

#[derive(Debug, Clone, Serialize)]
struct AlternateView {
    language: String,
    url: String,
}

#[derive(Debug, Serialize)]
pub(in crate::web::site) struct PageView {
    kind: Kind,
    title: String,
    full_title: String,
    description: String,
    language: String,
    direction: &'static str,
    pub(super) path: String,
    canonical: Option<String>,
    is_hidden: bool,
    image: Option<ImageView>,
    feeds: Vec<FeedView>,
    alternates: Vec<AlternateView>,
    links: Vec<LinkView>,
    structured_data: minijinja::Value,
    previous_url: Option<String>,
    next_url: Option<String>,
    number: u32,
    code_head: Option<minijinja::Value>,
    code_foot: Option<minijinja::Value>,
    published: Option<String>,
    updated: Option<String>,
}

impl PageView {
    /// A page at this path, in the site's language and with the site's title.
    pub(in crate::web::site) fn new(
        site: &Site,
        settings: &Settings,
        kind: Kind,
        path: &str,
    ) -> Self {
        let title = settings.title.as_str();
        let cover = settings.cover.as_ref();
        let cover = cover.map(|cover| ImageView::of(site, cover, ""));
        let card = || ImageView::drawn(site, &pictures::card_of_site(settings), title);
        Self {
            kind,
            title: title.to_owned(),
            full_title: title.to_owned(),
            description: settings.description.clone(),
            language: settings.language.as_str().to_owned(),
            direction: direction(settings.language.is_right_to_left()),
            path: path.to_owned(),
            canonical: Some(whole(&site.base_url, path)),
            is_hidden: false,
            image: Some(cover.unwrap_or_else(card)),
            feeds: feeds(title, &FeedsView::below("")),
            alternates: Vec::new(),
            links: Vec::new(),
            structured_data: minijinja::Value::UNDEFINED,
            previous_url: None,
            next_url: None,
            number: 1,
            code_head: None,
            code_foot: None,
            published: None,
            updated: None,
        }
    }

    pub(in crate::web::site) fn path(&self) -> &str {
        &self.path
    }

    /// One page of a list that goes on.
    pub(in crate::web::site) fn of_series(
        site: &Site,
        settings: &Settings,
        kind: Kind,
        series: &Series,
    ) -> Self {
        Self {
            previous_url: series.newer(),
            next_url: series.older(),
            number: series.number,
            ..Self::new(site, settings, kind, &series.path())
        }
        .titled(settings, None)
    }

    /// With a title of its own, before the site's.
    pub(in crate::web::site) fn titled(mut self, settings: &Settings, title: Option<&str>) -> Self {
        let number = (self.number > 1).then(|| {
            let n = [("n", Argument::Number(self.number.into()))];
            texts::of(&settings.language)
                .get("page_n", &n)
                .unwrap_or_default()
        });
        if let Some(title) = title {
            title.clone_into(&mut self.title);
        }
        let own = title.filter(|title| !title.is_empty());
        let parts = [own, number.as_deref(), Some(settings.title.as_str())];
        let parts: Vec<&str> = parts.into_iter().flatten().collect();
        self.full_title = parts.join(" · ");
        self
    }

    /// With a picture of its own, where there is one.
    pub(in crate::web::site) fn pictured(
        mut self,
        site: &Site,
        picture: Option<&WebAddress>,
    ) -> Self {
        if let Some(picture) = picture {
            self.image = Some(ImageView::of(site, picture, ""));
        }
        self
    }

    /// One of several, where their addresses are not a series of paths.
    pub(in crate::web::site) fn turned(
        mut self,
        number: u32,
        previous_url: Option<String>,
        next_url: Option<String>,
    ) -> Self {
        self.number = number;
        self.previous_url = previous_url;
        self.next_url = next_url;
        self
    }

    pub(in crate::web::site) fn described(mut self, description: &str) -> Self {
        description.clone_into(&mut self.description);
        self
    }

    /// Search engines are asked to leave it alone, and it has no address that counts.
    pub(in crate::web::site) fn hidden(mut self) -> Self {
        self.is_hidden = true;
        self.canonical = None;
        self.alternates.clear();
        self
    }

    /// With the feeds of this list, before those of the site.
    pub(in crate::web::site) fn with_feeds(mut self, title: &str, path: &str) -> Self {
        self.feeds
            .splice(0..0, feeds(title, &FeedsView::below(path)));
        self
    }

    /// A list's place in the site, for machines: the steps from the home page to it.
    pub(in crate::web::site) fn placed(
        mut self,
        site: &Site,
        settings: &Settings,
        steps: &[(&str, &str)],
    ) -> Self {
        let crumbs = steps.iter().map(|(name, path)| Crumb { name, path });
        let crumbs: Vec<Crumb<'_>> = crumbs.collect();
        self.structured_data = data(&structured::list(site, settings, &self, &crumbs));
        self
    }

    /// The page of somebody whom others' programs may sign in.
    pub(in crate::web::site) fn of_somebody(mut self, site: &Site) -> Self {
        let relations = grants::relations(site).into_iter();
        self.links = relations.map(|(rel, url)| LinkView { rel, url }).collect();
        self
    }

    pub(in crate::web::site) fn home(site: &Site, settings: &Settings, series: &Series) -> Self {
        let page = Self::of_series(site, settings, Kind::Home, series);
        let structured_data = data(&structured::home(site, settings));
        Self {
            structured_data,
            ..page
        }
    }

    pub(in crate::web::site) fn of_post(site: &Site, found: &PostPage) -> Self {
        let (post, settings) = (&found.post, &found.settings);
        let content = &post.content;
        let kind = match post.kind {
            posts::Kind::Post => Kind::Post,
            posts::Kind::Page => Kind::Page,
        };
        let path = format!("/{}", content.slug);
        let calendar = Calendar::new(settings, &found.language);
        let iso = |time| calendar.iso(time);
        let cover = content.cover.as_ref();
        let cover = cover.map(|cover| ImageView {
            width: found.cover_size.map(|(width, _)| width),
            height: found.cover_size.map(|(_, height)| height),
            ..ImageView::of(site, &cover.url, &cover.alt)
        });
        let card = || {
            let (title, language) = (content.title.as_str(), &found.language);
            let path = pictures::card_of_post(settings, post.id, title, language);
            ImageView::drawn(site, &path, title)
        };
        let description = content.meta_description.as_deref();
        let page = Self::new(site, settings, kind, &path)
            .in_language(&found.language)
            .titled(settings, Some(content.title.as_str()))
            .described(description.unwrap_or_else(|| post::excerpt(found)));
        let worn = |code: &Option<String>| {
            let code = code.as_deref().filter(|_| !settings.safe_mode);
            code.map(markup)
        };
        let mut page = Self {
            is_hidden: !post.status.is_listed(),
            // What is not public is on no card.
            image: cover.or_else(|| post.status.is_readable().then(card)),
            alternates: alternates(site, found),
            code_head: worn(&content.code_head),
            code_foot: worn(&content.code_foot),
            published: post.published_at.and_then(iso),
            updated: post.published_at.and(iso(post.updated_at)),
            ..page
        };
        if let Some(address) = text_of(content.canonical_url.as_ref()) {
            page.canonical = Some(whole(&site.base_url, &address));
        }
        if let Some(title) = &content.meta_title {
            page.full_title.clone_from(title);
        }
        page.structured_data = data(&structured::post(site, found, &page));
        page
    }

    fn in_language(mut self, language: &Language) -> Self {
        language.as_str().clone_into(&mut self.language);
        self.direction = direction(language.is_right_to_left());
        self
    }

    /// HTML that was put into this page alone: for its head and for its foot.
    pub(in crate::web::site) fn code(&self) -> [&str; 2] {
        let [head, foot] = [&self.code_head, &self.code_foot]
            .map(|code| code.as_ref().and_then(minijinja::Value::as_str));
        [head.unwrap_or_default(), foot.unwrap_or_default()]
    }

    pub(super) fn canonical(&self) -> Option<&str> {
        self.canonical.as_deref()
    }

    pub(super) fn title(&self) -> &str {
        &self.title
    }

    pub(super) fn description(&self) -> &str {
        &self.description
    }

    pub(super) fn image(&self) -> Option<&ImageView> {
        self.image.as_ref()
    }

    pub(super) fn times(&self) -> (Option<&str>, Option<&str>) {
        (self.published.as_deref(), self.updated.as_deref())
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }
}

/// JSON inside a script element: no character that could end it, so templates put it down as it is.
fn data(value: &serde_json::Value) -> minijinja::Value {
    let text = value
        .to_string()
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026");
    minijinja::Value::from_safe_string(text)
}

fn feeds(title: &str, feeds: &FeedsView) -> Vec<FeedView> {
    let kinds = [
        ("RSS", "application/rss+xml", &feeds.rss),
        ("Atom", "application/atom+xml", &feeds.atom),
        ("JSON", "application/feed+json", &feeds.json),
    ];
    let view = |(name, r#type, url): (&str, &'static str, &String)| FeedView {
        title: format!("{title} ({name})"),
        r#type,
        url: url.clone(),
    };
    kinds.map(view).into()
}

/// The post in every language it is to be had in, its own included, as machines want it.
fn alternates(site: &Site, found: &PostPage) -> Vec<AlternateView> {
    if found.translations.is_empty() {
        return Vec::new();
    }
    let own = &found.settings.language;
    let view = |language: &Language, slug: &str| AlternateView {
        language: language.as_str().to_owned(),
        url: whole(&site.base_url, &format!("/{slug}")),
    };
    let others = found.translations.iter().map(|post: &Summary| {
        let language = post.language.as_ref().unwrap_or(own);
        view(language, post.slug.as_str())
    });
    let this = view(&found.language, found.post.content.slug.as_str());
    let mut all: Vec<AlternateView> = std::iter::once(this).chain(others).collect();
    all.sort_by(|a, b| a.language.cmp(&b.language));
    let main = all.iter().find(|one| one.language == own.as_str());
    if let Some(main) = main.or(all.first()) {
        let any = AlternateView {
            language: ANY_LANGUAGE.to_owned(),
            url: main.url.clone(),
        };
        all.push(any);
    }
    all
}
