//! Who wrote it, and what it is about: names with addresses.

use serde::Serialize;

use super::text_of;
use crate::domain::tag::Tag;
use crate::domain::user::User;

/// Letters of a name that stand for its bearer's picture.
const MAX_INITIALS: usize = 2;

#[derive(Debug, Clone, Serialize)]
pub(super) struct NameView {
    pub(super) name: String,
    pub(super) url: String,
}

impl From<&Tag> for NameView {
    fn from(tag: &Tag) -> Self {
        Self {
            name: tag.name.as_str().to_owned(),
            url: format!("/tag/{}", tag.slug),
        }
    }
}

/// A person as readers may know them; an e-mail address has no place here.
#[derive(Debug, Clone, Serialize)]
pub(in crate::web::site) struct PersonView {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) bio: String,
    pub(super) website: Option<String>,
    initials: String,
}

impl From<&User> for PersonView {
    fn from(user: &User) -> Self {
        Self {
            name: user.name.as_str().to_owned(),
            url: format!("/author/{}", user.slug),
            bio: user.bio.clone(),
            website: text_of(user.website.as_ref()),
            initials: initials(user.name.as_str()),
        }
    }
}

fn initials(name: &str) -> String {
    let words: Vec<&str> = name
        .split(|c: char| c.is_whitespace() || c == '-')
        .filter(|word| word.starts_with(char::is_alphanumeric))
        .collect();
    let ends = match words.as_slice() {
        [] => vec![name],
        [only] => vec![*only],
        [first, .., last] => vec![*first, *last],
    };
    let letters = ends.iter().filter_map(|word| word.chars().next());
    letters
        .take(MAX_INITIALS)
        .flat_map(char::to_uppercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_the_first_and_the_last_name() {
        for (name, expected) in [
            ("Ada Lovelace", "AL"),
            ("ada", "A"),
            ("Anna Maria von Trapp", "AT"),
            ("Jean-Luc", "JL"),
            ("王小明", "王"),
            ("\u{1f43c}", "\u{1f43c}"),
            ("ßtraße (x)", "SS"),
        ] {
            assert_eq!(initials(name), expected, "{name}");
        }
    }
}
