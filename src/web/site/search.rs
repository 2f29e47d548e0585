//! Search results, without any script.

use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use minijinja::context;
use serde::Deserialize;

use crate::app::reader;
use crate::web::error::Error;
use crate::web::respond;
use crate::web::state::Site;

use super::view::{self, SiteView, TeaserView};

#[derive(Deserialize)]
pub(in crate::web) struct Question {
    #[serde(default)]
    q: String,
    #[serde(default)]
    page: Option<String>,
}

pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
    question: Query<Question>,
) -> Result<HttpResponse, Error> {
    let Question { q, page } = question.into_inner();
    let page = page.and_then(|page| page.parse().ok()).unwrap_or(1);
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
