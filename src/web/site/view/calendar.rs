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
