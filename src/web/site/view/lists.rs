//! `tag`, `author`, `period`, `years`: what lists are lists of.

use serde::Serialize;

use super::people::{NameView, PersonView};
use super::site::FeedsView;
use super::{text_of, value};
use crate::app::reader::Archive;
use crate::domain::settings::Settings;
use crate::domain::tag::Tag;
use crate::domain::user::User;
use crate::texts::{self, Argument};

#[derive(Debug, Serialize)]
pub(in crate::web::site) struct TagView {
    name: String,
    description: String,
    colour: Option<String>,
    cover_url: Option<String>,
    count: u64,
    feeds: FeedsView,
}

impl TagView {
    pub(in crate::web::site) fn new(tag: &Tag, count: u64) -> Self {
        Self {
            name: tag.name.as_str().to_owned(),
            description: tag.description.clone(),
            colour: tag.colour.clone(),
            cover_url: text_of(tag.cover_url.as_ref()),
            count,
            feeds: FeedsView::below(&NameView::from(tag).url),
        }
    }
}

#[derive(Debug, Serialize)]
pub(in crate::web::site) struct AuthorView {
    #[serde(flatten)]
    person: PersonView,
    count: u64,
    feeds: FeedsView,
}

impl AuthorView {
    pub(in crate::web::site) fn new(user: &User, count: u64) -> Self {
        let person = PersonView::from(user);
        Self {
            feeds: FeedsView::below(&person.url),
            person,
            count,
        }
    }
}

#[derive(Debug, Serialize)]
pub(in crate::web::site) struct PeriodView {
    pub(in crate::web::site) year: i16,
    pub(in crate::web::site) month: Option<i8>,
    pub(in crate::web::site) text: String,
}

#[derive(Debug, Serialize)]
struct YearView {
    year: i16,
    url: String,
    count: u64,
    months: Vec<MonthView>,
}

#[derive(Debug, Serialize)]
struct MonthView {
    url: String,
    text: String,
    count: u64,
}

#[derive(Debug, Serialize)]
struct CountedView {
    #[serde(flatten)]
    name: NameView,
    count: u64,
}

/// The years in which something was published.
pub(in crate::web::site) fn years(archive: &Archive) -> Vec<minijinja::Value> {
    let language = &archive.settings.language;
    let years = archive.years.iter().map(|year| {
        let months = year.months.iter().map(|month| MonthView {
            url: format!("/archive/{:04}/{:02}", year.year, month.month),
            text: texts::month(language, year.year, month.month),
            count: month.count,
        });
        value(YearView {
            year: year.year,
            url: format!("/archive/{:04}", year.year),
            count: year.count,
            months: months.collect(),
        })
    });
    years.collect()
}

pub(in crate::web::site) fn counted_tags(archive: &Archive) -> Vec<minijinja::Value> {
    let tags = archive.tags.iter().map(|(tag, count)| {
        value(CountedView {
            name: tag.into(),
            count: *count,
        })
    });
    tags.collect()
}

/// A text of the interface in the site's language.
pub(in crate::web::site) fn said(
    settings: &Settings,
    key: &str,
    arguments: &[(&str, &str)],
) -> String {
    let arguments: Vec<_> = arguments
        .iter()
        .map(|(name, text)| (*name, Argument::Text((*text).into())))
        .collect();
    texts::of(&settings.language)
        .get(key, &arguments)
        .unwrap_or_default()
}
