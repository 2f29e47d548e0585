//! What templates are given: plain words and addresses, no domain types. `docs/themes.md` is the
//! contract; what is promised there is filled in here, and nothing else.

mod calendar;
mod lists;
mod page;
mod people;
mod post;
mod series;
mod site;
mod structured;
mod teaser;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use percent_encoding::{CONTROLS, utf8_percent_encode};
use serde::Serialize;

use crate::cache::Page;
use crate::domain::text::WebAddress;

pub(super) use calendar::Calendar;
pub(super) use lists::{AuthorView, PeriodView, TagView, counted_tags, said, years};
pub(super) use page::{Kind, PageView};
pub(super) use post::PostView;
pub(super) use series::Series;
pub(super) use site::SiteView;
pub(super) use teaser::{TeaserView, teasers};

/// Asked for each time, by every cache: addresses come back, and whoever remembered a move would be led
/// in a circle then.
const ASKED_FOR: &str = "public, max-age=0, must-revalidate";
/// A page for one reader stays out of every cache.
pub(super) const FOR_ONE: &str = "private, no-store";

/// Templates take their own kind of value.
pub(super) fn value(view: impl Serialize) -> minijinja::Value {
    minijinja::Value::from(minijinja::value::Serde(view))
}

/// HTML that is safe already; templates put it down as it is.
pub(super) fn markup(html: &str) -> minijinja::Value {
    minijinja::Value::from_safe_string(html.to_owned())
}

pub(super) fn moved(to: &str, permanent: bool) -> HttpResponse {
    let mut answer = if permanent {
        HttpResponse::MovedPermanently()
    } else {
        HttpResponse::Found()
    };
    answer
        .insert_header((LOCATION, to))
        .insert_header((CACHE_CONTROL, ASKED_FOR))
        .finish()
}

/// The same as a page that can be kept.
pub(super) fn moved_page(to: String, permanent: bool) -> Page {
    let status = if permanent { 301 } else { 302 };
    Page::new(status, "text/plain; charset=utf-8", "Moved\n")
        .with_header("location", to)
        .with_header("cache-control", ASKED_FOR)
}

/// The address as it is known everywhere: with the site's own where it is a path, in ASCII.
fn whole(base_url: &str, address: &str) -> String {
    let encoded = utf8_percent_encode(address, CONTROLS);
    if address.starts_with('/') {
        format!("{base_url}{encoded}")
    } else {
        encoded.to_string()
    }
}

fn text_of(address: Option<&WebAddress>) -> Option<String> {
    address.map(|address| address.as_str().to_owned())
}

fn direction(right_to_left: bool) -> &'static str {
    if right_to_left { "rtl" } else { "ltr" }
}
