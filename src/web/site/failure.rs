//! The page for what went wrong, in the site's own dress.

use minijinja::context;

use crate::app::settings;
use crate::web::error::Problem;
use crate::web::state::Site;

use super::view::{self, SiteView};

/// `None` when even this page cannot be made; a plain one is sent then.
pub(in crate::web) fn page(site: &Site, problem: &Problem) -> Option<String> {
    let settings = settings::read(&site.app).unwrap_or_default();
    let made = site.templates.render(
        "error.html",
        context! {
            site => view::value(SiteView::new(site, &settings)),
            status => problem.status.as_u16(),
            title => problem.title,
            detail => problem.detail.as_str(),
        },
    );
    made.inspect_err(|error| tracing::error!(%error, "the error page could not be made"))
        .ok()
}
