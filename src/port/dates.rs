//! Moments as people write them in front matter and file names.

use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;

use crate::domain::time::Timestamp;

/// With the zone in it, most common first.
const ZONED: &[&str] = &[
    "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%d %H:%M:%S%z",
    "%Y-%m-%d %H:%M %z",
    "%Y-%m-%dT%H:%M:%S%z",
    "%a, %d %b %Y %H:%M:%S %z",
];
/// In the site's own zone.
const LOCAL: &[&str] = &["%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M"];
const DAYS: &[&str] = &["%Y/%m/%d", "%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d.%m.%Y"];
/// Longer texts are no dates.
const MAX_DATE_BYTES: usize = 64;

/// The moment a text names; without a zone of its own it is meant in `zone`.
pub(super) fn parse(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    if text.len() > MAX_DATE_BYTES {
        return None;
    }
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return stamp(moment);
    }
    if let Some(moment) = ZONED.iter().find_map(|form| {
        let parsed = BrokenDownTime::parse(form, text).ok()?;
        parsed.to_timestamp().ok()
    }) {
        return stamp(moment);
    }
    let named = text
        .strip_suffix(" UTC")
        .or_else(|| text.strip_suffix(" GMT"));
    let zone = if named.is_some() {
        &TimeZone::UTC
    } else {
        zone
    };
    let text = named.unwrap_or(text);
    let local = text.parse::<DateTime>().ok();
    let local = local.or_else(|| {
        LOCAL
            .iter()
            .find_map(|form| DateTime::strptime(form, text).ok())
    });
    let local = local.or_else(|| {
        let day = DAYS
            .iter()
            .find_map(|form| Date::strptime(form, text).ok())?;
        Some(day.to_datetime(jiff::civil::Time::midnight()))
    });
    stamp(local?.to_zoned(zone.clone()).ok()?.timestamp())
}

fn stamp(moment: jiff::Timestamp) -> Option<Timestamp> {
    // Years that no page can show are slips of the pen.
    let year = moment.to_zoned(TimeZone::UTC).year();
    (1..=9_000)
        .contains(&year)
        .then(|| Timestamp::from_micros(moment.as_microsecond()))
}

/// As it is written into front matter.
pub(super) fn written(at: Timestamp) -> String {
    match jiff::Timestamp::from_microsecond(at.as_micros()) {
        Ok(moment) => moment.to_string(),
        Err(_) => String::new(),
    }
}

/// `2024-01-31-a-title`: its date and the rest.
pub(super) fn split_name(stem: &str) -> Option<(Date, &str)> {
    let (day, rest) = stem.split_at_checked(10)?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let parts = [day.get(..4)?, day.get(5..7)?, day.get(8..)?];
    let separators = [day.get(4..5)?, day.get(7..8)?];
    if !parts.iter().all(|part| digits(part))
        || separators.iter().any(|mark| !matches!(*mark, "-" | "_"))
    {
        return None;
    }
    let rest = rest
        .strip_prefix(['-', '_', ' '])
        .or(rest.is_empty().then_some(rest))?;
    let [year, month, day] = parts;
    let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    Some((date, rest))
}

/// The beginning of a day.
pub(super) fn midnight(date: Date, zone: &TimeZone) -> Option<Timestamp> {
    stamp(date.to_zoned(zone.clone()).ok()?.timestamp())
}

/// The day something happened, for addresses made of it.
pub(super) fn day_of(at: Timestamp, zone: &TimeZone) -> Option<DateTime> {
    let moment = jiff::Timestamp::from_microsecond(at.as_micros()).ok()?;
    Some(moment.to_zoned(zone.clone()).datetime())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_ways_are_understood() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let written = |text: &str| parse(text, &berlin).map(written);
        for (text, moment) in [
            ("2024-01-02T03:04:05Z", "2024-01-02T03:04:05Z"),
            ("2024-01-02T03:04:05.25+01:00", "2024-01-02T02:04:05.25Z"),
            ("2024-01-02 03:04:05 +0200", "2024-01-02T01:04:05Z"),
            ("2024-07-02", "2024-07-01T22:00:00Z"),
            ("2024-01-02 03:04", "2024-01-02T02:04:00Z"),
            ("2024-01-02 03:04:05", "2024-01-02T02:04:05Z"),
            ("2024-01-02T03:04", "2024-01-02T02:04:00Z"),
            ("2024-01-02 03:04:05 UTC", "2024-01-02T03:04:05Z"),
            ("January 2, 2024", "2024-01-01T23:00:00Z"),
            ("2024/01/02", "2024-01-01T23:00:00Z"),
        ] {
            assert_eq!(written(text).as_deref(), Some(moment), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "2024-13-01",
            "2024-02-30",
            "99999-01-01",
            "{{ now }}",
        ] {
            assert_eq!(written(text), None, "{text}");
        }
    }

    #[test]
    fn names_begin_with_dates() {
        let split = |name| split_name(name).map(|(date, rest)| (date.to_string(), rest));
        assert_eq!(
            split("2024-01-31-a-b"),
            Some(("2024-01-31".to_owned(), "a-b"))
        );
        assert_eq!(split("2024-01-31"), Some(("2024-01-31".to_owned(), "")));
        assert_eq!(split("2024_01_31_a"), Some(("2024-01-31".to_owned(), "a")));
        for none in [
            "2024-02-30-x",
            "2024-01-31x",
            "a",
            "20240131",
            "ääää-ää-ää",
            "2024-1-3-x",
        ] {
            assert_eq!(split(none), None, "{none}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,40}") {
            let _ = parse(&text, &TimeZone::UTC);
            let _ = split_name(&text);
        }

        #[test]
        fn what_is_written_is_read(micros in -60_000_000_000_000_000_i64..200_000_000_000_000_000) {
            let at = Timestamp::from_micros(micros);
            assert_eq!(parse(&written(at), &TimeZone::UTC), Some(at));
        }
    }
}
