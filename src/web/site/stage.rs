//! Where every page for readers is made: what site and page say of themselves and what the handler
//! found come together in a template, with the headers that belong to the page.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _};
use minijinja::{Value, context};
use percent_encoding::{CONTROLS, utf8_percent_encode};
use url::form_urlencoded;

use crate::app;
use crate::cache::Page;
use crate::domain::actor::Act;
use crate::domain::appearance::ThemeName;
use crate::domain::settings::Settings;
use crate::web::error::Error;
use crate::web::identity;
use crate::web::respond;
use crate::web::state::Site;

use super::policy::{self, Frames};
use super::view::{self, PageView, SiteView};
use super::{directory, elsewhere};

/// The question in an address that asks for another theme.
const THEME: &str = "theme";

/// How pages are made for one request.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    site: &'a Site,
    /// A theme that somebody who may choose it tries on.
    trial: Option<ThemeName>,
}

impl std::ops::Deref for Stage<'_> {
    type Target = Site;

    fn deref(&self) -> &Site {
        self.site
    }
}

impl<'a> Stage<'a> {
    /// For everybody.
    pub(super) fn new(site: &'a Site) -> Self {
        Self { site, trial: None }
    }

    /// The one place where a template of the theme is asked for. `found` is what the template is given
    /// beside `site` and `page`.
    pub(super) fn html(
        &self,
        settings: &Settings,
        template: &str,
        page: PageView,
        found: Value,
    ) -> Result<String, app::Error> {
        let settings = &*self.dressed(settings);
        let frame = context! {
            site => view::value(SiteView::new(self.site, settings, &page)),
            page => view::value(page),
            ..found
        };
        self.templates.render(template, frame)
    }

    /// The settings with the theme that is tried on.
    fn dressed<'s>(&self, settings: &'s Settings) -> Cow<'s, Settings> {
        match &self.trial {
            None => Cow::Borrowed(settings),
            Some(theme) => Cow::Owned(Settings {
                theme: theme.clone(),
                ..settings.clone()
            }),
        }
    }

    /// The finished page, as readers and their caches may keep it.
    pub(super) fn page(
        &self,
        settings: &Settings,
        template: &str,
        page: PageView,
        found: Value,
    ) -> Result<Page, app::Error> {
        self.page_of_text("", settings, template, page, found)
    }

    /// The same for a page that shows this text of a post.
    pub(super) fn page_of_text(
        &self,
        text: &str,
        settings: &Settings,
        template: &str,
        page: PageView,
        found: Value,
    ) -> Result<Page, app::Error> {
        let [head, foot] = page.code();
        let injected = [&settings.code_head, &settings.code_foot, head, foot];
        let frames = match self.trial {
            None => Frames::Nobody,
            Some(_) => Frames::Ourselves,
        };
        let policy = policy::of(&injected, text, frames);
        let html = self.html(settings, template, page, found)?;
        let made = Page::html(html).with_header("cache-control", view::FRESH);
        Ok(match policy {
            Some(policy) => made.with_header("content-security-policy", policy),
            None => made,
        })
    }
}

/// Answers with the page kept for `key`, or makes it; where there is none, with where else to look.
pub(super) async fn show(
    request: &HttpRequest,
    site: &Site,
    key: &str,
    make: impl FnOnce(&Stage<'_>) -> Result<Page, app::Error> + Send + 'static,
) -> Result<HttpResponse, Error> {
    match cached(request, site, key, make).await {
        Err(error) if error.status_code() == StatusCode::NOT_FOUND => {
            elsewhere::instead(request, site).await
        }
        answer => answer,
    }
}

/// The same for who knows better where else to look.
pub(super) async fn cached(
    request: &HttpRequest,
    site: &Site,
    key: &str,
    make: impl FnOnce(&Stage<'_>) -> Result<Page, app::Error> + Send + 'static,
) -> Result<HttpResponse, Error> {
    if let Some(theme) = trial(request, site).await? {
        return tried_on(request, site, theme, make).await;
    }
    let make = |site: &Site| make(&Stage::new(site));
    let mut answer = site.cached(request, key, make).await?;
    elsewhere::keep_query(request, site, &mut answer);
    Ok(answer)
}

/// Answers with a page that is made anew for each request, because there are too many to keep.
pub(super) async fn uncached(
    request: &HttpRequest,
    site: &Site,
    make: impl FnOnce(&Stage<'_>) -> Result<Page, app::Error> + Send + 'static,
) -> Result<HttpResponse, Error> {
    if let Some(theme) = trial(request, site).await? {
        return tried_on(request, site, theme, make).await;
    }
    let page = site.work(|site| make(&Stage::new(site))).await?;
    Ok(respond::page(request, &page.into()).await)
}

/// Which theme is to be tried on, if whoever asks may choose the site's. For all others there is no
/// such question, and it costs them nothing.
async fn trial(request: &HttpRequest, site: &Site) -> Result<Option<ThemeName>, app::Error> {
    let asked = form_urlencoded::parse(request.query_string().as_bytes())
        .filter(|(name, _)| name == THEME)
        .last();
    let Some(theme) = asked.and_then(|(_, theme)| ThemeName::parse(&theme).ok()) else {
        return Ok(None);
    };
    match identity::signed_in(site, request).await {
        Ok((actor, _)) => Ok(actor.may(Act::ManageSettings).then_some(theme)),
        Err(app::Error::Unauthenticated) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn tried_on(
    request: &HttpRequest,
    site: &Site,
    theme: ThemeName,
    make: impl FnOnce(&Stage<'_>) -> Result<Page, app::Error> + Send + 'static,
) -> Result<HttpResponse, Error> {
    let page = site.work(move |site| {
        let trial = Some(theme);
        make(&Stage { site, trial })
    });
    let page = page.await?;
    Ok(for_one(respond::page(request, &page.into()).await))
}

/// The number in an address of a later page of a list that begins at `first`. The first page has no
/// number: then, and where there is no such number, the address to go to instead, if there is one.
pub(super) fn page_number(text: &str, first: &str) -> Result<u32, Option<String>> {
    match directory::number_of(text) {
        Some(1) => Err(Some(first.to_owned())),
        Some(number) => Ok(number),
        None => Err(None),
    }
}

/// Answers an address that [`page_number`] did not like.
pub(super) async fn turn_back(
    request: &HttpRequest,
    site: &Site,
    first: Option<String>,
) -> Result<HttpResponse, Error> {
    let Some(first) = first else {
        return elsewhere::instead(request, site).await;
    };
    let mut answer = view::moved(&utf8_percent_encode(&first, CONTROLS).to_string(), true);
    elsewhere::keep_query(request, site, &mut answer);
    Ok(answer)
}

/// Takes an answer out of every cache: it was made for one reader.
pub(super) fn for_one(mut answer: HttpResponse) -> HttpResponse {
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(view::FOR_ONE));
    answer
}
