//! Search results, without any script.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use minijinja::context;
use url::form_urlencoded;

use crate::app::reader::{self, SearchPage};
use crate::web::error::Error;
use crate::web::state::Site;

use super::stage::{self, Stage};
use super::view::{self, Calendar, Kind, PageView, TeaserView};

const PATH: &str = "/search";

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
    let make = move |stage: &Stage<'_>| {
        let found = reader::search(&stage.app, &q, page, false)?;
        let settings = &found.settings;
        let calendar = Calendar::new(settings, &settings.language);
        let hits: Vec<_> = found
            .hits
            .iter()
            .map(|hit| {
                let post = view::value(TeaserView::new(&hit.teaser, settings, &calendar));
                context! { post, snippet => view::markup(&hit.snippet) }
            })
            .collect();
        let words = context! {
            query => found.query.as_str(),
            hits,
            total => found.total,
            suggestion => found.suggestion.as_deref(),
        };
        stage.page(settings, "search.html", &page_view(stage, &found), &words)
    };
    stage::uncached(&request, &site, make).await
}

fn page_view(site: &Site, found: &SearchPage) -> PageView {
    let settings = &found.settings;
    let shown = usize::try_from(found.page * reader::RESULTS_PER_PAGE).unwrap_or(usize::MAX);
    let has_more = found.total > shown && found.page < reader::MAX_RESULT_PAGE;
    let address = |page: u32| {
        let mut words = form_urlencoded::Serializer::new(String::new());
        words.append_pair("q", &found.query);
        if page > 1 {
            words.append_pair("page", &page.to_string());
        }
        format!("{PATH}?{}", words.finish())
    };
    let title = match found.query.trim() {
        "" => view::said(settings, "search", &[]),
        query => view::said(settings, "results_for", &[("query", query)]),
    };
    let before = (found.page > 1).then(|| address(found.page - 1));
    PageView::new(site, settings, Kind::Search, PATH)
        .turned(
            found.page,
            before,
            has_more.then(|| address(found.page + 1)),
        )
        .titled(settings, Some(&title))
        .described("")
        .hidden()
}
