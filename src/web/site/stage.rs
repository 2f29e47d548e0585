//! Where every page for readers is made: what site and page say of themselves and what the handler
//! found come together in a template, with the headers that belong to the page.

use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use minijinja::{Value, context};
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

use super::view::{self, PageView, SiteView};

/// The part of an address that asks for a theme.
const TRY_ON: &str = "theme";
/// Of a page that only its owner sees, in a frame of the appearance page.
const FRAMED_POLICY: &str = "default-src 'self'; img-src 'self' data: https:; object-src 'none'; \
     base-uri 'self'; form-action 'self'; frame-ancestors 'self'";

/// How pages are made for one request: for everybody, or in a theme that its owner tries on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stage<'a> {
    pub(super) site: &'a Site,
    /// Somebody who may change the theme looks: in this one, and at what is wrong with it.
    fitting: Option<&'a Fitting>,
}

/// A theme in the hands of somebody who may choose it.
#[derive(Debug, Clone)]
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
    /// For every reader.
    pub(super) fn of(site: &'a Site) -> Self {
        Self {
            site,
            fitting: None,
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
        let path = page.path().to_owned();
        let wished = self.fitting.and_then(|fitting| fitting.theme.as_ref());
        let name = wished.unwrap_or(&settings.theme);
        let page = view::value(page);
        let frame = |look: &Look| {
            context! {
                site => view::value(SiteView::new(self.site, settings, look, &path)),
                page => page.clone(),
                ..found.clone()
            }
        };
        let (look, missing) = self.themes.look(name, settings);
        let made = match missing {
            None => look.theme.render(template, frame(&look)).map_err(Arc::new),
            Some(_) if self.fitting.is_none() => {
                return render(&look, template, frame(&look));
            }
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
        page: PageView,
        found: Value,
    ) -> Result<Page, app::Error> {
        let html = self.html(settings, template, page, found)?;
        Ok(Page::html(html).with_header("cache-control", view::FRESH))
    }
}

fn render(look: &Look, template: &str, frame: Value) -> Result<String, app::Error> {
    let made = look.theme.render(template, frame);
    made.map_err(|fault| app::Error::internal(fault.to_string()))
}

/// Answers with the page kept for `key`, or makes it.
pub(super) async fn show(
    request: &HttpRequest,
    site: &Site,
    key: &str,
    make: impl FnOnce(&Stage<'_>) -> Result<Page, app::Error> + Send + 'static,
) -> Result<HttpResponse, Error> {
    let Some(fitting) = fitting(request, site).await? else {
        return site
            .cached(request, key, |site| make(&Stage::of(site)))
            .await;
    };
    let made = site.work(move |site| {
        make(&Stage {
            site,
            fitting: Some(&fitting),
        })
    });
    let answer = respond::page(request, &made.await?.into()).await;
    Ok(framed(for_one(answer)))
}

/// Whether this is somebody who may change the theme, and tries one on with `?theme=…` or wears one
/// with mistakes. Costs others nothing.
async fn fitting(request: &HttpRequest, site: &Site) -> Result<Option<Fitting>, app::Error> {
    let asked = form_urlencoded::parse(request.query_string().as_bytes())
        .find(|(name, _)| name == TRY_ON)
        .and_then(|(_, name)| ThemeName::parse(&name).ok());
    if asked.is_none() && !site.themes.is_faulty() {
        return Ok(None);
    }
    match identity::signed_in(site, request).await {
        Ok((actor, _)) if actor.may(Act::ManageSettings) => Ok(Some(Fitting { theme: asked })),
        Ok(_) | Err(app::Error::Unauthenticated) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The appearance page shows themes in frames, and may: it is a page of the same site.
fn framed(mut answer: HttpResponse) -> HttpResponse {
    let headers = answer.headers_mut();
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(FRAMED_POLICY),
    );
    answer
}

/// Takes an answer out of every cache: it was made for one reader.
pub(super) fn for_one(mut answer: HttpResponse) -> HttpResponse {
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(view::FOR_ONE));
    answer
}
