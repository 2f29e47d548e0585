//! A post as lists show it.

use serde::Serialize;

use super::calendar::DateView;
use super::people::{NameView, PersonView};
use super::{Calendar, direction};
use crate::app::reader::Teaser;
use crate::domain::post::{Cover, Summary};
use crate::domain::settings::Settings;
use crate::domain::tag::Tag;
use crate::domain::user::User;

#[derive(Debug, Serialize)]
pub(super) struct CoverView {
    url: String,
    alt: String,
    pub(super) width: Option<u32>,
    pub(super) height: Option<u32>,
}

impl From<&Cover> for CoverView {
    fn from(cover: &Cover) -> Self {
        Self {
            url: cover.url.as_str().to_owned(),
            alt: cover.alt.clone(),
            width: None,
            height: None,
        }
    }
}

#[derive(Debug, Serialize)]
pub(in crate::web::site) struct TeaserView {
    pub(super) url: String,
    pub(super) title: String,
    pub(super) excerpt: String,
    published: Option<DateView>,
    reading_minutes: u32,
    /// Only where it is not the site's.
    language: Option<String>,
    direction: Option<&'static str>,
    pub(super) cover: Option<CoverView>,
    is_featured: bool,
    authors: Vec<PersonView>,
    tags: Vec<NameView>,
}

impl TeaserView {
    pub(in crate::web::site) fn new(
        teaser: &Teaser,
        settings: &Settings,
        calendar: &Calendar<'_>,
    ) -> Self {
        Self::of(
            &teaser.summary,
            (&teaser.excerpt, teaser.reading_minutes),
            (&teaser.authors, &teaser.tags),
            settings,
            calendar,
        )
    }

    pub(super) fn of(
        post: &Summary,
        (excerpt, reading_minutes): (&str, u32),
        (authors, tags): (&[User], &[Tag]),
        settings: &Settings,
        calendar: &Calendar<'_>,
    ) -> Self {
        let language = post.language.as_ref();
        let language = language.filter(|language| **language != settings.language);
        Self {
            url: format!("/{}", post.slug),
            title: post.title.as_str().to_owned(),
            excerpt: excerpt.to_owned(),
            published: post.published_at.and_then(|time| calendar.date(time)),
            reading_minutes,
            language: language.map(|language| language.as_str().to_owned()),
            direction: language.map(|language| direction(language.is_right_to_left())),
            cover: post.cover.as_ref().map(CoverView::from),
            is_featured: post.featured,
            authors: authors.iter().map(PersonView::from).collect(),
            tags: tags.iter().map(NameView::from).collect(),
        }
    }
}

/// A list of posts, as templates take it.
pub(in crate::web::site) fn teasers(
    posts: &[Teaser],
    settings: &Settings,
    calendar: &Calendar<'_>,
) -> Vec<minijinja::Value> {
    let view = |post| super::value(TeaserView::new(post, settings, calendar));
    posts.iter().map(view).collect()
}
