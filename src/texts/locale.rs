//! From a language tag to a locale that the data of CLDR can be asked for. Tags come from people, so
//! whatever cannot be read becomes something near that can.

use icu_locale_core::Locale;

use crate::domain::language::Language;

/// The whole tag, else its first part, else English: a tag such as `de-x` is well-formed for us and
/// not for CLDR.
pub(super) fn of(language: &Language) -> Locale {
    [language.as_str(), language.primary()]
        .into_iter()
        .find_map(|tag| Locale::try_from_str(tag).ok())
        .unwrap_or_else(english)
}

pub(super) const fn english() -> Locale {
    icu_locale_core::locale!("en")
}
