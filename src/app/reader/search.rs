//! The answers of a search. The index says which posts; what is shown of them is read again.

use crate::db::ReadTx;
use crate::domain::id::PostId;
use crate::domain::settings::Settings;
use crate::search::Request;
use crate::store;

use super::super::{App, Error, settings};
use super::lists::{Teaser, teaser};

pub const RESULTS_PER_PAGE: u32 = 10;
pub const MAX_RESULT_PAGE: u32 = 50;
/// Deeper nobody looks.
pub const MAX_RESULTS: u32 = MAX_RESULT_PAGE * RESULTS_PER_PAGE;

#[derive(Debug)]
pub struct SearchHit {
    pub teaser: Teaser,
    /// HTML: escaped text with `<mark>` around what was found.
    pub snippet: String,
}

#[derive(Debug)]
pub struct SearchPage {
    pub settings: Settings,
    pub query: String,
    pub hits: Vec<SearchHit>,
    pub total: usize,
    pub page: u32,
    pub suggestion: Option<String>,
}

/// Answers a search. What was found is read again, so nothing shows that is not published now.
pub fn search(app: &App, query: &str, page: u32, as_you_type: bool) -> Result<SearchPage, Error> {
    let page = page.clamp(1, MAX_RESULT_PAGE);
    let offset = (page - 1) * RESULTS_PER_PAGE;
    let found = search_part(app, query, RESULTS_PER_PAGE, offset, as_you_type)?;
    Ok(SearchPage { page, ..found })
}

/// The same, for those who turn no pages: so many results from a place on, of which there are at most
/// [`MAX_RESULTS`].
pub fn search_part(
    app: &App,
    query: &str,
    limit: u32,
    offset: u32,
    as_you_type: bool,
) -> Result<SearchPage, Error> {
    let settings = settings::read(app)?;
    let limit = limit.min(MAX_RESULTS.saturating_sub(offset));
    let hits = app.index.search(&Request {
        query,
        language: Some(&settings.language),
        prefix: as_you_type,
        limit: limit as usize,
        offset: offset.min(MAX_RESULTS) as usize,
        now: app.db.clock().now(),
    });
    let found = app.db.read(|tx| {
        hits.posts
            .iter()
            .filter_map(|id| hit(tx, app, &settings, query, *id).transpose())
            .collect::<Result<Vec<_>, Error>>()
    })?;
    let vanished = hits.posts.len() - found.len();
    Ok(SearchPage {
        settings,
        query: query.to_owned(),
        hits: found,
        total: hits.total.saturating_sub(vanished),
        page: 1 + offset / RESULTS_PER_PAGE,
        suggestion: hits.suggestion,
    })
}

fn hit(
    tx: &mut ReadTx<'_>,
    app: &App,
    settings: &Settings,
    query: &str,
    id: PostId,
) -> Result<Option<SearchHit>, Error> {
    let Some(summary) = store::timeline::among(tx, &[id])?.into_iter().next() else {
        return Ok(None);
    };
    let plain = store::renditions::plain(tx, id)?.unwrap_or_default();
    Ok(Some(SearchHit {
        snippet: app.index.snippet(query, &plain),
        teaser: teaser(tx, settings, summary)?,
    }))
}
