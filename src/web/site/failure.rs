//! The page for what went wrong, in the site's own dress. Made on a thread that serves, so it must
//! not ask the database anything.

use minijinja::context;

use crate::web::error::Problem;
use crate::web::state::Site;

use super::view::{self, SiteView};

/// `None` when even this page cannot be made; a plain one is sent then.
pub(in crate::web) fn page(site: &Site, problem: &Problem) -> Option<String> {
    let settings = site.settings_at_hand();
    let (title, detail) = crate::texts::of(&settings.language)
        .failure(problem.status.as_u16())
        .unwrap_or_else(|| (problem.title.to_owned(), problem.detail.clone()));
    let made = site.templates.render(
        "error.html",
        context! {
            site => view::value(SiteView::new(site, &settings)),
            status => problem.status.as_u16(),
            title => title,
            detail => detail,
        },
    );
    made.inspect_err(|error| tracing::error!(%error, "the error page could not be made"))
        .ok()
}
