//! How long a text is. Scripts that write without spaces are counted by letter, as their readers do.
//! Must not know markup: it is handed prose.

/// Reading speeds per minute, rounded from published averages for silent reading of prose.
const WORDS_PER_MINUTE: u64 = 230;
const IDEOGRAPHS_PER_MINUTE: u64 = 500;
const UNSPACED_LETTERS_PER_MINUTE: u64 = 900;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Count {
    spaced_words: u64,
    ideographs: u64,
    unspaced_letters: u64,
}

impl Count {
    pub(super) fn words(self) -> u32 {
        let all = self.spaced_words + self.ideographs + self.unspaced_letters;
        u32::try_from(all).unwrap_or(u32::MAX)
    }

    /// Rounded up, so that any text takes a minute; none takes none.
    pub(super) fn minutes(self) -> u32 {
        let seconds = self.spaced_words * 60 / WORDS_PER_MINUTE
            + self.ideographs * 60 / IDEOGRAPHS_PER_MINUTE
            + self.unspaced_letters * 60 / UNSPACED_LETTERS_PER_MINUTE;
        if self.words() == 0 {
            return 0;
        }
        u32::try_from(seconds.div_ceil(60).max(1)).unwrap_or(u32::MAX)
    }
}

/// Counts a run between spaces as one word (`don't`, `well-known`, `3.14`), Chinese and Japanese
/// letters one by one, and Thai, Lao, Khmer and Burmese base letters one by one.
pub(super) fn count(prose: &str) -> Count {
    let mut count = Count::default();
    let mut inside_word = false;
    for letter in prose.chars() {
        match Kind::of(letter) {
            Kind::Ideograph => {
                count.ideographs += 1;
                inside_word = false;
            }
            Kind::Unspaced => {
                count.unspaced_letters += 1;
                inside_word = false;
            }
            Kind::Space => inside_word = false,
            Kind::Spaced if !inside_word => {
                count.spaced_words += 1;
                inside_word = true;
            }
            Kind::Spaced | Kind::Other => {}
        }
    }
    count
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A letter or digit of a script that puts spaces between words.
    Spaced,
    /// A Chinese or Japanese letter.
    Ideograph,
    /// A base letter of a South-East Asian script without spaces.
    Unspaced,
    Space,
    /// Punctuation and marks: neither start nor end a word.
    Other,
}

impl Kind {
    pub(super) fn of(letter: char) -> Self {
        match letter {
            '\u{3041}'..='\u{3096}'
            | '\u{30a1}'..='\u{30fa}'
            | '\u{31f0}'..='\u{31ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{ff66}'..='\u{ff9d}'
            | '\u{20000}'..='\u{323af}'
            | '々'
            | '〇' => Self::Ideograph,
            '\u{0e31}' | '\u{0e34}'..='\u{0e3a}' | '\u{0e47}'..='\u{0e4e}' => Self::Other,
            '\u{0e01}'..='\u{0e46}' | '\u{0e81}'..='\u{0eb0}' | '\u{0ec0}'..='\u{0ec6}' => {
                Self::Unspaced
            }
            '\u{1000}'..='\u{102a}' | '\u{1780}'..='\u{17b3}' => Self::Unspaced,
            // The marks and full stops of East Asia end words as spaces do.
            '\u{3000}'..='\u{303f}' | '\u{ff01}'..='\u{ff0f}' => Self::Space,
            _ if letter.is_whitespace() => Self::Space,
            '—' | '–' => Self::Space,
            _ if letter.is_alphanumeric() => Self::Spaced,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> u32 {
        count(text).words()
    }

    #[test]
    fn spaced_scripts_count_runs() {
        assert_eq!(words("It isn't well-known: 3.14 … and – dash—word"), 7);
        assert_eq!(words("Привет, мир! مرحبا بالعالم 안녕하세요 세계"), 6);
        assert_eq!(words("  \n -- ... "), 0);
    }

    #[test]
    fn chinese_japanese_and_thai_count_letters() {
        assert_eq!(words("我爱北京，天安门。"), 7);
        assert_eq!(words("日本語のテスト"), 7);
        assert_eq!(words("用Rust写"), 3);
        assert_eq!(words("สวัสดี"), 4);
    }

    #[test]
    fn reading_time_rounds_up_and_follows_the_script() {
        assert_eq!(count("").minutes(), 0);
        assert_eq!(count("one").minutes(), 1);
        assert_eq!(count(&"word ".repeat(460)).minutes(), 2);
        assert_eq!(count(&"字".repeat(1_100)).minutes(), 3);
    }
}
