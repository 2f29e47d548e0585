//! Where every page for readers is made: what site and page say of themselves and what the handler
//! found come together in a template, with the headers that belong to the page.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _};
use minijinja::{Value, context};
use percent_encoding::{CONTROLS, utf8_percent_encode};

use crate::app;
use crate::cache::Page;
use crate::domain::settings::Settings;
use crate::web::error::Error;
use crate::web::state::Site;

use super::policy::{self, Frames};
use super::view::{self, PageView, SiteView};
use super::{directory, elsewhere};

/// How pages are made for one request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stage<'a> {
    site: &'a Site,
    /// Who may show the page in a frame.
    frames: Frames,
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
        Self {
            site,
            frames: Frames::Nobody,
        }
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
        let frame = context! {
            site => view::value(SiteView::new(self.site, settings, &page)),
            page => view::value(page),
            ..found
        };
        self.templates.render(template, frame)
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
        let policy = policy::of(&injected, text, self.frames);
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
    let make = |site: &Site| make(&Stage::new(site));
    let mut answer = site.cached(request, key, make).await?;
    elsewhere::keep_query(request, site, &mut answer);
    Ok(answer)
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
