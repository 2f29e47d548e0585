//! Search for programs and for results as one types.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use serde::Deserialize;
use serde_json::json;

use crate::app::reader;
use crate::web::error::Error;
use crate::web::state::Site;

#[derive(Deserialize)]
pub(in crate::web) struct Question {
    #[serde(default)]
    q: String,
    #[serde(default)]
    page: Option<u32>,
    /// The last word may be unfinished.
    #[serde(default)]
    as_you_type: bool,
}

pub(in crate::web) async fn show(
    site: Data<Site>,
    question: Query<Question>,
) -> Result<HttpResponse, Error> {
    let question = question.into_inner();
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
