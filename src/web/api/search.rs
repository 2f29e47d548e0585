//! Search for programs and for results as one types.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;
use url::form_urlencoded;

use crate::app::reader;
use crate::web::error::Error;
use crate::web::state::Site;

#[derive(Debug, Default)]
struct Question {
    q: String,
    page: Option<u32>,
    /// The last word may be unfinished.
    as_you_type: bool,
}

impl Question {
    /// Read by hand, because any question has an answer: what is not known or not understood is left
    /// aside, and of two values the last one counts.
    fn read(query: &str) -> Self {
        let mut question = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "q" => question.q = value.into_owned(),
                "page" => question.page = value.parse().ok(),
                "as_you_type" => question.as_you_type = matches!(&*value, "true" | "1"),
                _ => {}
            }
        }
        question
    }
}

pub(in crate::web) async fn show(
    request: HttpRequest,
    site: Data<Site>,
) -> Result<HttpResponse, Error> {
    let question = Question::read(request.query_string());
    let found = site
        .work(move |site| {
            let page = question.page.unwrap_or(1);
            reader::search(&site.app, &question.q, page, question.as_you_type)
        })
        .await?;
    let hits: Vec<_> = found
        .hits
        .iter()
        .map(|hit| {
            let post = &hit.teaser.summary;
            json!({
                "id": post.id,
                "title": post.title,
                "url": format!("{}/{}", site.base_url, post.slug),
                "snippet_html": hit.snippet,
                "published_at": post.published_at,
            })
        })
        .collect();
    Ok(HttpResponse::Ok().json(json!({
        "hits": hits,
        "total": found.total,
        "suggestion": found.suggestion,
    })))
}
