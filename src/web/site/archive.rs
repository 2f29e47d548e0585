//! All posts by the time they were published: the years and months there are, and the posts of each.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use minijinja::context;

use crate::app::{self, reader};
use crate::domain::settings::Settings;
use crate::texts;
use crate::web::error::Error;
use crate::web::state::Site;

use super::directory::{month_of, year_of};
use super::stage::{self, Stage};
use super::view::{self, Calendar, Kind, PageView, PeriodView, Series};

const PATH: &str = "/archive";
const TEMPLATE: &str = "archive.html";

/// A year, or one of its months.
#[derive(Debug, Clone, Copy)]
struct Period {
    year: i16,
    month: Option<i8>,
}

pub(in crate::web) async fn all(
    request: HttpRequest,
    site: Data<Site>,
) -> Result<HttpResponse, Error> {
    let make = |stage: &Stage<'_>| {
        let found = reader::archive(&stage.app)?;
        let settings = &found.settings;
        let title = view::said(settings, "archive", &[]);
        let page = PageView::new(stage, settings, Kind::Archive, PATH)
            .titled(settings, Some(&title))
            .described("")
            .placed(stage, settings, &[(&title, PATH)]);
        let words = context! {
            years => view::years(&found),
            tags => view::counted_tags(&found),
        };
        stage.page(settings, TEMPLATE, &page, &words)
    };
    stage::show(&request, &site, PATH, make).await
}

pub(in crate::web) async fn year(
    request: HttpRequest,
    site: Data<Site>,
    year: Path<String>,
) -> Result<HttpResponse, Error> {
    of_period(&request, &site, &year, None, None).await
}

pub(in crate::web) async fn older_of_year(
    request: HttpRequest,
    site: Data<Site>,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Error> {
    of_period(&request, &site, &path.0, None, Some(&path.1)).await
}

pub(in crate::web) async fn month(
    request: HttpRequest,
    site: Data<Site>,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Error> {
    of_period(&request, &site, &path.0, Some(&path.1), None).await
}

pub(in crate::web) async fn older_of_month(
    request: HttpRequest,
    site: Data<Site>,
    path: Path<(String, String, String)>,
) -> Result<HttpResponse, Error> {
    of_period(&request, &site, &path.0, Some(&path.1), Some(&path.2)).await
}

async fn of_period(
    request: &HttpRequest,
    site: &Site,
    year: &str,
    month: Option<&str>,
    number: Option<&str>,
) -> Result<HttpResponse, Error> {
    let period = year_of(year).and_then(|year| match month {
        None => Some(Period { year, month: None }),
        Some(month) => month_of(month).map(|month| Period {
            year,
            month: Some(month),
        }),
    });
    let Some(period) = period else {
        return Err(app::Error::NotFound.into());
    };
    let number = number.map_or(Ok(1), |text| stage::page_number(text, &period.path()));
    match number {
        Ok(number) => show(request, site, period, number).await,
        Err(first) => stage::turn_back(request, site, first).await,
    }
}

impl Period {
    fn path(self) -> String {
        match self.month {
            None => format!("{PATH}/{:04}", self.year),
            Some(month) => format!("{PATH}/{:04}/{month:02}", self.year),
        }
    }

    fn text(self, settings: &Settings) -> String {
        match self.month {
            None => texts::year(&settings.language, self.year),
            Some(month) => texts::month(&settings.language, self.year, month),
        }
    }
}

async fn show(
    request: &HttpRequest,
    site: &Site,
    period: Period,
    number: u32,
) -> Result<HttpResponse, Error> {
    let key = format!("{}/page/{number}", period.path());
    let make = move |stage: &Stage<'_>| {
        let found = reader::period(&stage.app, period.year, period.month, number)?;
        let listing = &found.listing;
        let settings = &listing.settings;
        let text = period.text(settings);
        let series = Series::new(&period.path(), number, listing.has_older);
        let title = view::said(settings, "archive_of", &[("period", &text)]);
        let archive = view::said(settings, "archive", &[]);
        let year = Period {
            month: None,
            ..period
        };
        let (year_path, year_text) = (year.path(), year.text(settings));
        let path = period.path();
        let mut steps = vec![(&*archive, PATH), (&*year_text, &*year_path)];
        if period.month.is_some() {
            steps.push((&text, &path));
        }
        let page = PageView::of_series(stage, settings, Kind::Archive, &series)
            .titled(settings, Some(&title))
            .described("")
            .placed(stage, settings, &steps);
        let calendar = Calendar::new(settings, &settings.language);
        let words = context! {
            period => view::value(PeriodView { year: period.year, month: period.month, text: text.clone() }),
            posts => view::teasers(&listing.posts, settings, &calendar),
        };
        stage.page(settings, TEMPLATE, &page, &words)
    };
    stage::show(request, site, &key, make).await
}
