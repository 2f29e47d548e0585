//! Folding: brings spellings that mean the same to one form, so that `É`, `é` (composed or not), `Ｅ́`
//! and `e` meet. Exists because every language types accents, widths and cases its own way.
//!
//! Must not know fields, queries or languages: what depends on a language is stemming.

use unicode_normalization::UnicodeNormalization;

/// Compatibility forms and case folded, accents kept: what stemmers want to see.
pub(super) fn fold_case(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkc()
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'ς' { 'σ' } else { ascii_digit(c) })
        .nfkc()
        .collect()
}

/// Accents and vowel points dropped too: what words are compared by. Takes case-folded text.
pub(super) fn fold_accents(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    for c in text.nfd().filter(|c| !is_dropped(*c)) {
        match simple_form(c) {
            Some(replacement) => plain.push_str(replacement),
            None => plain.push(c),
        }
    }
    plain.nfc().collect()
}

/// Both foldings at once.
pub fn fold(text: &str) -> String {
    fold_accents(&fold_case(text))
}

/// Marks a reader may leave out when typing: accents, Hebrew points, Arabic vowels and tatweel. Marks that
/// make another letter (Thai and Indic vowels, kana voicing) stay.
const fn is_dropped(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}'
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}'
        | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}'
        | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e4}' | '\u{6e7}' | '\u{6e8}' | '\u{6ea}'..='\u{6ed}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// Letters that Unicode does not take apart but people do.
const fn simple_form(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ħ' => "h",
        'ı' => "i",
        'ŧ' => "t",
        'ə' => "a",
        // Arabic and Persian letters that are written for one another
        'ى' | 'ی' => "ي",
        'ة' => "ه",
        'ٱ' => "ا",
        'ک' => "ك",
        _ => return None,
    })
}

/// Decimal digits of other scripts as 0 to 9, so that ٢٠٢٥ finds 2025.
const fn ascii_digit(c: char) -> char {
    const ZEROS: [u32; 12] = [
        0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xe50, 0xed0, 0x1040,
    ];
    let code = c as u32;
    let mut at = 0;
    while at < ZEROS.len() {
        if code >= ZEROS[at] && code < ZEROS[at] + 10 {
            #[expect(clippy::cast_possible_truncation, reason = "a difference below ten")]
            return (b'0' + (code - ZEROS[at]) as u8) as char;
        }
        at += 1;
    }
    c
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_word_meet() {
        for (left, right) in [
            ("Café", "cafe\u{301}"),
            ("STRASSE", "Straße"),
            ("Ｗｉｄｅ", "wide"),
            ("ﬁn", "FIN"),
            ("ΟΔΟΣ", "οδός"),
            ("İstanbul", "istanbul"),
            ("Łódź", "lodz"),
            ("مُحَمَّد", "محمد"),
            ("أحمد", "احمد"),
            ("שָׁלוֹם", "שלום"),
            ("ｶﾞｷﾞ", "ガギ"),
            ("٢٠٢٥", "2025"),
        ] {
            assert_eq!(fold(left), fold(right), "{left} and {right}");
        }
    }

    #[test]
    fn marks_that_make_another_letter_stay() {
        for (left, right) in [("が", "か"), ("ที่", "ทา"), ("कि", "क")] {
            assert_ne!(fold(left), fold(right), "{left} and {right}");
        }
    }
}
