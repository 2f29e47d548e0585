//! The archive: which months have how many posts, and the posts of a year or month. Years and months are
//! those of the site's time zone.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp as Moment, ToSpan as _};

use crate::domain::id::PostId;
use crate::domain::settings::Settings;
use crate::domain::tag::Tag;
use crate::domain::time::Timestamp;
use crate::store;

use super::super::{App, Error};
use super::lists::{Listing, listing};

/// More months than this are not counted: two hundred years.
const MAX_MONTHS: usize = 2_400;

#[derive(Debug)]
pub struct Archive {
    pub settings: Settings,
    /// The newest first, as the months in them.
    pub years: Vec<ArchiveYear>,
    /// By name, with the number of posts.
    pub tags: Vec<(Tag, u64)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveYear {
    pub year: i16,
    pub count: u64,
    pub months: Vec<ArchiveMonth>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveMonth {
    pub month: i8,
    pub count: u64,
}

#[derive(Debug)]
pub struct PeriodPage {
    pub year: i16,
    /// `None`: the whole year.
    pub month: Option<i8>,
    pub listing: Listing,
}

/// What was published when, and about what.
pub fn archive(app: &App) -> Result<Archive, Error> {
    app.db.read(|tx| {
        let settings = store::settings::read(tx)?;
        let zone = zone(&settings);
        let mut years: Vec<ArchiveYear> = Vec::new();
        // From the newest post to the month it stands in, and on to the newest before that month: each
        // step is two short walks along the timeline, and empty months cost nothing.
        let mut until = Timestamp::from_micros(i64::MAX);
        for _ in 0..MAX_MONTHS {
            let newest = store::timeline::before(tx, until, PostId::from_i64(0))?;
            let Some(at) = newest.and_then(|post| post.published_at) else {
                break;
            };
            let Some((year, month)) = month_of(at, &zone) else {
                break;
            };
            let (from, end) = span(year, Some(month), &zone).ok_or(Error::NotFound)?;
            let count = store::timeline::count_between(tx, from, end)?;
            if years.last().is_none_or(|last| last.year != year) {
                years.push(ArchiveYear {
                    year,
                    count: 0,
                    months: Vec::new(),
                });
            }
            if let Some(last) = years.last_mut() {
                last.count += count;
                last.months.push(ArchiveMonth { month, count });
            }
            until = from;
        }
        let mut tags = store::tags::all(tx)?;
        tags.retain(|(_, count)| *count > 0);
        Ok(Archive {
            settings,
            years,
            tags,
        })
    })
}

/// The posts of a year, or of a month of it.
pub fn period(app: &App, year: i16, month: Option<i8>, page: u32) -> Result<PeriodPage, Error> {
    app.db.read(|tx| {
        let zone = zone(&store::settings::read(tx)?);
        let (from, until) = span(year, month, &zone).ok_or(Error::NotFound)?;
        let listing = listing(tx, page, |tx, limit, offset| {
            store::timeline::between(tx, from, until, limit, offset)
        })?;
        if listing.posts.is_empty() {
            return Err(Error::NotFound);
        }
        Ok(PeriodPage {
            year,
            month,
            listing,
        })
    })
}

fn zone(settings: &Settings) -> TimeZone {
    TimeZone::get(&settings.time_zone).unwrap_or(TimeZone::UTC)
}

fn month_of(at: Timestamp, zone: &TimeZone) -> Option<(i16, i8)> {
    let moment = Moment::from_microsecond(at.as_micros()).ok()?;
    let day = moment.to_zoned(zone.clone()).date();
    Some((day.year(), day.month()))
}

/// From when on and until when a year or month lasts, by the clocks of the time zone.
fn span(year: i16, month: Option<i8>, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
    let first = Date::new(year, month.unwrap_or(1), 1).ok()?;
    let next = match month {
        Some(_) => first.checked_add(1.month()).ok()?,
        None => first.checked_add(1.year()).ok()?,
    };
    let begin = |day: Date| -> Option<Timestamp> {
        let moment = day.to_zoned(zone.clone()).ok()?.timestamp();
        Some(Timestamp::from_micros(moment.as_microsecond()))
    };
    Some((begin(first)?, begin(next)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_by_the_clocks_of_the_place() {
        let lisbon = TimeZone::get("Europe/Lisbon").unwrap();
        // Summer time begins within March 2026, so the month is an hour short.
        let (from, until) = span(2026, Some(3), &lisbon).unwrap();
        let hours = (until.as_micros() - from.as_micros()) / 3_600_000_000;
        assert_eq!(hours, 31 * 24 - 1);
        let last = Timestamp::from_micros(until.as_micros() - 1);
        assert_eq!(month_of(last, &lisbon), Some((2026, 3)));
        assert_eq!(month_of(until, &lisbon), Some((2026, 4)));
    }

    #[test]
    fn what_is_no_month_has_no_span() {
        for (year, month) in [(2026, Some(0)), (2026, Some(13)), (9999, Some(12))] {
            assert_eq!(span(year, month, &TimeZone::UTC), None, "{year}");
        }
    }
}
