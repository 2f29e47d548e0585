//! Dates and numbers as the readers of a language write them, whether or not there are texts in that
//! language. Data that is missing gives English, and at the very worst the ISO form: a date is never
//! worth an error page.

use icu_datetime::fieldsets::enums::CompositeFieldSet;
use icu_datetime::fieldsets::{Y, YM, YMD};
use icu_datetime::input::Date;
use icu_datetime::pattern::DateTimeNames;
use icu_datetime::preferences::CalendarAlgorithm;
use icu_datetime::provider::Baked;
use icu_datetime::scaffold::{
    AllAnyCalendarFormattingDataMarkers, AllAnyCalendarPatternDataMarkers, DateDataMarkers,
    DateTimeMarkers, DateTimeNamesMarker, GetField, TimeMarkers, ZoneMarkers,
};
use icu_datetime::{DateTimeFormatter, DateTimeFormatterPreferences};
use icu_decimal::DecimalFormatter;
use icu_decimal::options::{DecimalFormatterOptions, GroupingStrategy};
use jiff_icu::ConvertFrom as _;

use crate::domain::language::Language;

use super::locale;

/// `21. November 2026`; in the calendar that is usual with the language.
pub fn date(language: &Language, moment: &jiff::Zoned) -> String {
    let day = Date::convert_from(moment.date());
    let text = |preferences| {
        Some(
            formatter(preferences, YMD::long())?
                .format(&day)
                .to_string(),
        )
    };
    text(locale::of(language).into())
        .filter(|text| has_words(text))
        .or_else(|| text(locale::english().into()))
        .unwrap_or_else(|| moment.date().to_string())
}

/// `November 2026`. The archive is ordered by months of the Gregorian calendar.
pub fn month(language: &Language, year: i16, month: i8) -> String {
    let iso = || format!("{year:04}-{month:02}");
    let Ok(first) = jiff::civil::Date::new(year, month, 1) else {
        return iso();
    };
    let first = Date::convert_from(first);
    let text = |preferences| {
        Some(
            formatter(preferences, YM::long())?
                .format(&first)
                .to_string(),
        )
    };
    text(of_the_archive(language))
        .filter(|text| has_words(text))
        .or_else(|| text(locale::english().into()))
        .unwrap_or_else(iso)
}

/// A year of the archive: `2026`, `2026年`, `٢٠٢٦`.
pub fn year(language: &Language, year: i16) -> String {
    let Ok(first) = jiff::civil::Date::new(year, 1, 1) else {
        return year.to_string();
    };
    let first = Date::convert_from(first);
    formatter(of_the_archive(language), Y::long()).map_or_else(
        || year.to_string(),
        |formatter| formatter.format(&first).to_string(),
    )
}

/// For some languages (Portuguese is one) a formatter does not bring the digits it needs, and says so
/// only when it writes; so they are handed to it.
fn formatter<F>(
    preferences: DateTimeFormatterPreferences,
    fields: F,
) -> Option<DateTimeFormatter<F>>
where
    F: DateTimeMarkers + DateTimeNamesMarker + GetField<CompositeFieldSet> + Copy,
    F::D: DateDataMarkers,
    F::T: TimeMarkers,
    F::Z: ZoneMarkers,
    Baked: AllAnyCalendarFormattingDataMarkers<F> + AllAnyCalendarPatternDataMarkers<F>,
{
    let formatter = DateTimeFormatter::try_new(preferences, fields).ok()?;
    let mut names = DateTimeNames::from_formatter(preferences, formatter);
    names.as_mut().include_decimal_formatter().ok()?;
    names.try_into_formatter(fields).ok()
}

/// Of a language that CLDR does not know, months are called `M05`: English serves its readers better.
fn has_words(text: &str) -> bool {
    let nameless = |part: &str| part.starts_with(|letter: char| letter.is_ascii_digit());
    !text.split('M').skip(1).any(nameless)
}

/// What a year and its months are counted in. The Buddhist calendar has the months of the Gregorian one,
/// and Thai readers expect its years; other calendars would cut months in two.
fn of_the_archive(language: &Language) -> DateTimeFormatterPreferences {
    let mut preferences = DateTimeFormatterPreferences::from(locale::of(language));
    if language.primary() != "th" {
        preferences.calendar_algorithm = Some(CalendarAlgorithm::Gregory);
    }
    preferences
}

/// `2026`, `12,345`, `١٢٬٣٤٥`. Groups begin at five digits: a number of four may be a year.
pub fn number(language: &Language, number: i64) -> String {
    let mut options = DecimalFormatterOptions::default();
    options.grouping_strategy = Some(GroupingStrategy::Min2);
    DecimalFormatter::try_new(locale::of(language).into(), options).map_or_else(
        |_| number.to_string(),
        |formatter| formatter.format(&number.into()).to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(tag: &str) -> Language {
        Language::parse(tag).unwrap()
    }

    fn day() -> jiff::Zoned {
        "2026-05-03T23:30:00+02[Europe/Berlin]".parse().unwrap()
    }

    #[test]
    fn each_language_writes_dates_and_numbers_its_own_way() {
        let tags = [
            "en", "en-GB", "de", "fr", "es", "pt", "pt-PT", "it", "nl", "ja", "ar", "ar-EG",
            "ar-MA", "pl", "hi", "th", "fa", "zh-Hant", "tlh",
        ];
        let line = |tag| {
            let language = language(tag);
            format!(
                "{tag}: {} | {} | {} | {} {}",
                date(&language, &day()),
                month(&language, 2026, 5),
                year(&language, 2026),
                number(&language, 2026),
                number(&language, 1_234_567),
            )
        };
        insta::assert_snapshot!(tags.map(line).join("\n"));
    }

    #[test]
    fn no_tag_and_no_month_is_an_accident() {
        let odd = [
            "de-u-ca-buddhist",
            "de-u-nu-thai",
            "ar-u-ca-islamic",
            "en-x",
            "aa-aa-aa",
            "zz",
            "und",
            "art-lojban",
            "ja-u-ca-japanese",
            "de-1996",
            "abcdefgh-1-2-3",
            "he-u-ca-hebrew",
        ];
        for tag in odd {
            let language = language(tag);
            for (y, m) in [
                (2026, 5),
                (0, 0),
                (-9999, 1),
                (9999, 12),
                (i16::MAX, i8::MIN),
            ] {
                assert!(!month(&language, y, m).is_empty(), "{tag}");
                assert!(!year(&language, y).is_empty(), "{tag}");
            }
            for moment in [
                day(),
                jiff::Timestamp::MIN.to_zoned(jiff::tz::TimeZone::UTC),
            ] {
                assert!(!date(&language, &moment).is_empty(), "{tag}");
            }
            assert!(!number(&language, i64::MIN).is_empty(), "{tag}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_language_has_dates(tag in "[a-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}") {
            if let Ok(language) = Language::parse(&tag) {
                assert!(!date(&language, &day()).is_empty());
                assert!(!month(&language, 2026, 5).is_empty());
                assert!(!number(&language, 7).is_empty());
            }
        }
    }
}
