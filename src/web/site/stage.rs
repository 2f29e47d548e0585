//! Where every page for readers is made: what site and page say of themselves and what the handler
//! found come together in a template, with the headers that belong to the page.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use minijinja::{Value, context};

use crate::app;
use crate::cache::Page;
use crate::domain::settings::Settings;
use crate::web::error::Error;
use crate::web::state::Site;

use super::view::{self, PageView, SiteView};

/// How pages are made for one request: for everybody, or in a theme that its owner tries on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stage<'a> {
    pub(super) site: &'a Site,
}

impl std::ops::Deref for Stage<'_> {
    type Target = Site;

    fn deref(&self) -> &Site {
        self.site
    }
}

impl Stage<'_> {
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
            site => view::value(SiteView::new(self.site, settings, page.path())),
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
        let html = self.html(settings, template, page, found)?;
        Ok(Page::html(html).with_header("cache-control", view::FRESH))
    }
}

/// Answers with the page kept for `key`, or makes it.
pub(super) async fn show(
    request: &HttpRequest,
    site: &Site,
    key: &str,
    make: impl FnOnce(&Stage<'_>) -> Result<Page, app::Error> + Send + 'static,
) -> Result<HttpResponse, Error> {
    site.cached(request, key, |site| make(&Stage { site }))
        .await
}

/// Takes an answer out of every cache: it was made for one reader.
pub(super) fn for_one(mut answer: HttpResponse) -> HttpResponse {
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(view::FOR_ONE));
    answer
}
