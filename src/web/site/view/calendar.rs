//! Dates for machines and for people: in the site's time zone, in the words of the page's language.

use jiff::Zoned;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::domain::language::Language;
use crate::domain::settings::Settings;
use crate::domain::time::Timestamp;
use crate::texts;

#[derive(Debug, Clone, Serialize)]
pub(in crate::web::site) struct DateView {
    pub(super) iso: String,
    text: String,
}

#[derive(Debug)]
pub(in crate::web::site) struct Calendar<'a> {
    pub(super) language: &'a Language,
    zone: TimeZone,
}

impl<'a> Calendar<'a> {
    pub(in crate::web::site) fn new(settings: &Settings, language: &'a Language) -> Self {
        Self {
            language,
            zone: TimeZone::get(&settings.time_zone).unwrap_or(TimeZone::UTC),
        }
    }

    fn local(&self, time: Timestamp) -> Option<Zoned> {
        let moment = jiff::Timestamp::from_microsecond(time.as_micros()).ok()?;
        Some(moment.to_zoned(self.zone.clone()))
    }

    pub(in crate::web::site) fn date(&self, time: Timestamp) -> Option<DateView> {
        let moment = self.local(time)?;
        Some(DateView {
            iso: iso(&moment),
            text: texts::date(self.language, &moment),
        })
    }

    pub(super) fn iso(&self, time: Timestamp) -> Option<String> {
        self.local(time).map(|moment| iso(&moment))
    }

    pub(super) fn is_later_day(&self, first: Timestamp, second: Timestamp) -> bool {
        let day = |time| self.local(time).map(|moment| moment.date());
        day(first) < day(second)
    }
}

fn iso(moment: &Zoned) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_site() {
        let at = |text: &str| {
            let moment: jiff::Timestamp = text.parse().unwrap();
            Timestamp::from_micros(moment.as_microsecond())
        };
        let (evening, night) = (at("2026-05-03T21:59:59Z"), at("2026-05-03T22:00:00Z"));
        let language = Language::parse("de").unwrap();
        let mut settings = Settings::default();
        assert!(!Calendar::new(&settings, &language).is_later_day(evening, night));
        "Europe/Berlin".clone_into(&mut settings.time_zone);
        let berlin = Calendar::new(&settings, &language);
        assert!(berlin.is_later_day(evening, night));
        assert!(!berlin.is_later_day(night, evening));
        let date = berlin.date(night).unwrap();
        assert_eq!(
            (date.iso.as_str(), date.text.as_str()),
            ("2026-05-04T00:00:00+02:00", "4. Mai 2026")
        );
        "Nowhere/At_All".clone_into(&mut settings.time_zone);
        let somewhere = Calendar::new(&settings, &language);
        assert_eq!(somewhere.iso(night).unwrap(), "2026-05-03T22:00:00+00:00");
    }
}
