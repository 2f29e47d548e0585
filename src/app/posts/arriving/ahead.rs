//! Renders posts that arrive before they are written. A child of `arriving`; writes nothing.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::domain::post::{Content, StoredRendition};
use crate::domain::text::Title;
use crate::store;

use super::super::super::{App, Error};
use super::super::{Brief, authors, without_zero_bytes};
use super::Arrival;

/// Renders what will have to be rendered before the one transaction that may write is held for it, on
/// every core.
pub(super) fn render_ahead(
    app: &App,
    source: &str,
    arrivals: &[Arrival],
) -> Result<Vec<Option<StoredRendition>>, Error> {
    let briefs = app.db.read(|tx| -> Result<Vec<_>, Error> {
        let settings = store::settings::read(tx)?;
        let owner = store::users::owner(tx)?.map(|owner| owner.id);
        let mut briefs = Vec::with_capacity(arrivals.len());
        for arrival in arrivals {
            let origin = store::origins::find(tx, source, &arrival.name)?;
            if origin.is_some_and(|origin| origin.digest == arrival.digest) {
                briefs.push(None);
                continue;
            }
            let markdown = arrival.draft.markdown.as_deref().unwrap_or_default();
            let markdown = without_zero_bytes(markdown);
            let mut content = Content::new(Title::empty(), arrival.slug.clone(), markdown);
            content.authors = match &arrival.draft.authors {
                // Whoever is not here is told of when the post is written.
                Some(slugs) => authors(tx, slugs).unwrap_or_default(),
                None => owner.into_iter().collect(),
            };
            content.language = arrival.draft.language.clone().flatten();
            content.cover = arrival.draft.cover.clone().flatten();
            let brief = Brief::of(tx, &content, &settings)?;
            briefs.push(Some((brief, content)));
        }
        Ok(briefs)
    })?;
    let places = briefs.iter().map(|_| Mutex::new(None)).collect::<Vec<_>>();
    let next = AtomicUsize::new(0);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores.min(briefs.len()) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(brief), Some(place)) = (briefs.get(at), places.get(at)) else {
                        return;
                    };
                    // Where this fails it is done again, and the failure told, in the transaction.
                    let rendition = brief
                        .as_ref()
                        .and_then(|(brief, content)| brief.rendition(content).ok());
                    *place.lock().unwrap_or_else(PoisonError::into_inner) = rendition;
                }
            });
        }
    });
    let rendered = places.into_iter().map(Mutex::into_inner);
    Ok(rendered
        .map(|place| place.unwrap_or_else(PoisonError::into_inner))
        .collect())
}
