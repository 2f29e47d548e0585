//! Which passwords are taken. Long ones, mainly; not those that everybody tries first.

/// Passwords that are tried first, in small letters: those of eight characters and more among the most
/// frequent in leaks, from zxcvbn's list (© Dropbox and contributors, MIT licence).
const COMMON: &str = include_str!("../../assets/passwords/common.txt");
pub const MIN_CHARS: usize = 8;
/// Longer ones only cost time.
pub const MAX_BYTES: usize = 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weakness {
    #[error("Use at least {MIN_CHARS} characters; a few words in a row are easy to remember")]
    Short,
    #[error("That password is too long")]
    Long,
    #[error("This is one of the passwords that are tried first; choose another")]
    Common,
    #[error(
        "Your name, your e-mail address and the site’s name are tried first; choose something else"
    )]
    Personal,
}

/// `known` is what anybody knows of the person and the site: names and addresses.
pub fn check(password: &str, known: &[&str]) -> Result<(), Weakness> {
    if password.chars().count() < MIN_CHARS {
        return Err(Weakness::Short);
    }
    if password.len() > MAX_BYTES {
        return Err(Weakness::Long);
    }
    let folded = password.to_lowercase();
    let mut letters = folded.chars();
    let first = letters.next();
    let is_one_letter = letters.all(|letter| Some(letter) == first);
    if is_one_letter || COMMON.lines().any(|common| common == folded) {
        return Err(Weakness::Common);
    }
    let plain = only_letters(&folded);
    let is_known = known.iter().any(|text| {
        let local = text.split('@').next().unwrap_or_default();
        [text, local]
            .iter()
            .any(|text| only_letters(&text.to_lowercase()) == plain)
    });
    if is_known {
        return Err(Weakness::Personal);
    }
    Ok(())
}

fn only_letters(text: &str) -> String {
    text.chars()
        .filter(|letter| letter.is_alphanumeric())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_first_is_refused_and_told_why() {
        let known = [
            "ada.lovelace@example.org",
            "Ada Lovelace",
            "The Engine Room",
        ];
        for (password, expected) in [
            ("1234567", Err(Weakness::Short)),
            ("七文字のことば", Err(Weakness::Short)),
            ("Password", Err(Weakness::Common)),
            ("Trustno1", Err(Weakness::Common)),
            ("zzzzzzzzzz", Err(Weakness::Common)),
            ("ada.lovelace@example.org", Err(Weakness::Personal)),
            ("AdaLovelace", Err(Weakness::Personal)),
            ("the engine-room", Err(Weakness::Personal)),
            ("the engine runs on steam", Ok(())),
            ("八文字ほどのことば", Ok(())),
        ] {
            assert_eq!(check(password, &known), expected, "{password}");
        }
        assert_eq!(check(&"ab".repeat(MAX_BYTES), &[]), Err(Weakness::Long));
    }

    #[test]
    fn the_list_is_as_it_is_compared() {
        assert!(COMMON.lines().count() >= 1_000);
        for common in COMMON.lines() {
            assert_eq!(common, common.to_lowercase());
            assert!(common.chars().count() >= MIN_CHARS, "{common}");
        }
    }
}
