//! Moments as an operator types them: whole, or as the clock at the site's place shows them.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::app::{App, settings};
use crate::domain::time::Timestamp;

use super::{Failure, misused};

/// “2026-12-24T18:00:00Z”, “2026-12-24T18:00+01:00”, or in the site's time zone “2026-12-24 18:00” and
/// “2026-12-24”.
pub(super) fn parse(app: &App, words: &str) -> Result<Timestamp, Failure> {
    let zone = settings::read(app)?.time_zone;
    let zone = TimeZone::get(&zone).unwrap_or(TimeZone::UTC);
    at(words.trim(), &zone).ok_or_else(|| {
        misused(format!(
            "inkstand: “{words}” is no time; write it like 2026-12-24T18:00:00Z, or like “2026-12-24 18:00” in \
             the site's time zone"
        ))
    })
}

fn at(words: &str, zone: &TimeZone) -> Option<Timestamp> {
    let whole = words.parse::<jiff::Timestamp>().ok();
    let found = whole.or_else(|| {
        let local = words.parse::<DateTime>().ok()?;
        let zoned = local.to_zoned(zone.clone()).ok()?;
        Some(zoned.timestamp())
    });
    found.map(|found| Timestamp::from_micros(found.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_whole_or_of_the_sites_place() {
        let zone = TimeZone::get("Europe/Lisbon").unwrap();
        let summer = |words: &str| at(words, &zone).map(Timestamp::as_seconds);
        let noon_utc = summer("2026-07-01T12:00:00Z");
        assert!(noon_utc.is_some());
        assert_eq!(summer("2026-07-01T14:00:00+02:00"), noon_utc);
        assert_eq!(
            summer("2026-07-01 13:00"),
            noon_utc,
            "Lisbon is an hour ahead"
        );
        assert_eq!(
            summer("2026-07-01"),
            noon_utc.map(|noon| noon - 13 * 3600),
            "the day begins at midnight there"
        );
        for nonsense in ["", "soon", "2026-13-01", "12:00"] {
            assert_eq!(summer(nonsense), None, "{nonsense}");
        }
    }
}
