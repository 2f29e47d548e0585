//! What the interface says to readers, in their language: texts with plurals, dates, numbers, names of
//! languages. The texts are in `assets/i18n`, a file a language; a language without a file gets
//! English texts, but its own dates. Must not know templates, pages or settings.

mod catalogue;
mod dates;
mod locale;
mod names;

pub use catalogue::{Argument, Catalogue, Missing, of};
pub use dates::{date, month, number, year};
pub use names::language_name;
