//! Where every page for readers is made: what site and page say of themselves and what the handler
//! found come together in a template, with the headers that belong to the page.

use std::sync::Arc;

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
use crate::web::state::Site;
use crate::web::themes::Look;
use crate::web::{admin, identity, respond};

use super::policy::{self, Frames};
use super::view::{self, PageView, SiteView};
use super::{directory, elsewhere};

/// The question in an address that asks for another theme.
const THEME: &str = "theme";

/// How pages are made for one request.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    site: &'a Site,
    /// Somebody looks who may change the theme.
    fitting: Option<Fitting>,
}

/// A theme in the hands of somebody who may choose it. That one is told of its mistakes, and may see it
/// in a frame of the page where it is chosen.
#[derive(Debug)]
struct Fitting {
    /// `None`: the one the site wears.
    theme: Option<ThemeName>,
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
            fitting: None,
        }
    }

    /// For somebody who writes and looks at the page in a frame beside it.
    pub(super) fn for_writer(site: &'a Site) -> Self {
        Self {
            site,
            fitting: Some(Fitting { theme: None }),
        }
    }

    /// The one place where a template of the theme is asked for. `found` is what the template is given
    /// beside `site` and `page`.
    pub(super) fn html(
        &self,
        settings: &Settings,
        template: &str,
        page: &PageView,
        found: &Value,
    ) -> Result<String, app::Error> {
        let wished = self
            .fitting
            .as_ref()
            .and_then(|fitting| fitting.theme.as_ref());
        let name = wished.unwrap_or(&settings.theme);
        let frame = |look: &Look| {
            context! {
                site => view::value(SiteView::new(self.site, settings, look, page)),
                page => view::value(page),
                ..found.clone()
            }
        };
        let (look, missing) = self.themes.look(name, settings);
        let made = match missing {
            None => look.theme.render(template, frame(&look)).map_err(Arc::new),
            Some(_) if self.fitting.is_none() => return render(&look, template, frame(&look)),
            Some(fault) => Err(fault),
        };
        match made {
            Ok(html) => Ok(html),
            Err(fault) if self.fitting.is_some() => admin::fault_page(self.site, settings, &fault),
            Err(fault) => {
                self.themes.note(name, &fault);
                match self.themes.without_mistake(&look, settings) {
                    Some(look) => render(&look, template, frame(&look)),
                    None => Err(app::Error::internal(fault.to_string())),
                }
            }
        }
    }

    /// The finished page, as readers and their caches may keep it.
    pub(super) fn page(
        &self,
        settings: &Settings,
        template: &str,
        page: &PageView,
        found: &Value,
    ) -> Result<Page, app::Error> {
        self.page_of_text("", settings, template, page, found)
    }

    /// The same for a page that shows this text of a post.
    pub(super) fn page_of_text(
        &self,
        text: &str,
        settings: &Settings,
        template: &str,
        page: &PageView,
        found: &Value,
    ) -> Result<Page, app::Error> {
        let ([site_head, site_foot], [head, foot]) = (settings.worn_code(), page.code());
        let injected = [site_head, site_foot, head, foot];
        let frames = match self.fitting {
            None => Frames::Nobody,
            Some(_) => Frames::Ourselves,
        };
        let policy = policy::of(&injected, text, frames);
        let html = self.html(settings, template, page, found)?;
        let made = Page::html(html).with_header("cache-control", self.fresh());
        Ok(match policy {
            Some(policy) => made.with_header("content-security-policy", policy),
            None => made,
        })
    }
}

fn render(look: &Look, template: &str, frame: Value) -> Result<String, app::Error> {
    let made = look.theme.render(template, frame);
    made.map_err(|fault| app::Error::internal(fault.to_string()))
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
    if let Some(fitting) = fitting(request, site).await? {
        return tried_on(request, site, fitting, make).await;
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
    if let Some(fitting) = fitting(request, site).await? {
        return tried_on(request, site, fitting, make).await;
    }
    let page = site.work(|site| make(&Stage::new(site))).await?;
    Ok(respond::page(request, &page.into()).await)
}

/// Whether somebody asks who may change the theme, and tries one on or wears one with mistakes. Costs
/// others nothing.
async fn fitting(request: &HttpRequest, site: &Site) -> Result<Option<Fitting>, app::Error> {
    let asked = form_urlencoded::parse(request.query_string().as_bytes())
        .filter(|(name, _)| name == THEME)
        .last();
    let theme = asked.and_then(|(_, theme)| ThemeName::parse(&theme).ok());
    if theme.is_none() && !site.themes.is_faulty() {
        return Ok(None);
    }
    match identity::signed_in(site, request).await {
        Ok((actor, _)) => Ok(actor.may(Act::ManageSettings).then_some(Fitting { theme })),
        Err(app::Error::Unauthenticated) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn tried_on(
    request: &HttpRequest,
    site: &Site,
    fitting: Fitting,
    make: impl FnOnce(&Stage<'_>) -> Result<Page, app::Error> + Send + 'static,
) -> Result<HttpResponse, Error> {
    let page = site.work(move |site| {
        let fitting = Some(fitting);
        make(&Stage { site, fitting })
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
