//! Search results, without any script.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use minijinja::context;
use url::form_urlencoded;

use crate::app::reader;
use crate::web::error::Error;
use crate::web::respond;
use crate::web::state::Site;

use super::view::{self, SiteView, TeaserView};

pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
) -> Result<HttpResponse, Error> {
    // Read by hand, because any question has an answer: of two values the last one counts.
    let (mut q, mut page) = (String::new(), 1);
    for (name, value) in form_urlencoded::parse(request.query_string().as_bytes()) {
        match &*name {
            "q" => q = value.into_owned(),
            "page" => page = value.parse().unwrap_or(1),
            _ => {}
        }
    }
    let made = site.work(move |site| {
        let found = reader::search(&site.app, &q, page, false)?;
        let hits: Vec<_> = found
            .hits
            .iter()
            .map(|hit| {
                let teaser = view::value(TeaserView::new(&hit.teaser, &found.settings));
                context! { teaser, snippet => hit.snippet.as_str() }
            })
            .collect();
        let shown = usize::try_from(found.page * reader::RESULTS_PER_PAGE).unwrap_or(usize::MAX);
        let has_more = found.total > shown && found.page < reader::MAX_RESULT_PAGE;
        let html = site.templates.render(
            "search.html",
            context! {
                site => view::value(SiteView::new(site, &found.settings)),
                query => found.query,
                hits,
                total => found.total,
                suggestion => found.suggestion,
                next => has_more.then_some(found.page + 1),
                previous => (found.page > 1).then(|| found.page - 1),
            },
        )?;
        Ok(view::page(html))
    });
    let page = std::sync::Arc::new(made.await?);
    Ok(respond::page(&request, &page).await)
}
