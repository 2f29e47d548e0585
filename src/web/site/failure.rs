//! The page for what went wrong, in the site's own dress. Made on a thread that serves, so it must
//! not ask the database anything.

use minijinja::context;

use crate::telemetry;
use crate::texts;
use crate::web::error::Problem;
use crate::web::state::Site;

use super::stage::Stage;
use super::view::{Kind, PageView};

/// `None` when even this page cannot be made; a plain one is sent then.
pub(in crate::web) fn page(site: &Site, problem: &Problem) -> Option<String> {
    let settings = site.settings_at_hand();
    let status = problem.status.as_u16();
    // What a problem says of itself helps more than a text for all of its kind.
    let (title, detail) = problem
        .is_plain()
        .then(|| texts::of(&settings.language).failure(status))
        .flatten()
        .unwrap_or_else(|| (problem.title.to_owned(), problem.detail.clone()));
    let page = PageView::new(site, &settings, Kind::Error, "")
        .titled(&settings, Some(&title))
        .described("")
        .hidden();
    // Faults of ours stand in the log under this number.
    let request = telemetry::request::current().filter(|_| status >= 500);
    let request = request.map(|request| request.to_string());
    let error = context! { status, title, detail, request };
    Stage::new(site)
        .html(&settings, "error.html", &page, &context! { error })
        .inspect_err(|error| tracing::error!(%error, "the error page could not be made"))
        .ok()
}
