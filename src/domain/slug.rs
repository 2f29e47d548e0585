//! Slugs: the part of an address that names a post, a page or a tag.
//!
//! Latin, Cyrillic and Greek are written in ASCII, because that is what their readers expect in
//! an address; every other script keeps its letters. Must not know which slugs are taken: the
//! store asks [`Slug::with_suffix`] until one is free.

use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark, is_nfc};
use unicode_segmentation::UnicodeSegmentation;

use super::language::Language;

/// Long enough for any title, short enough that a percent-encoded one stays below the 2,000
/// bytes that browsers, proxies and mail programs agree on.
pub const MAX_SLUG_BYTES: usize = 180;

/// What is read of a title: a longer one says nothing more about its address.
const MAX_TITLE_CHARS: usize = 1_000;

/// Used when neither the title nor the fallback holds a letter or a number.
const LAST_RESORT: &str = "post";

const PROGRAM: &str = "it leads to a part of the program";
const SITE: &str = "it leads to a list, a feed or the search of the site";
const MACHINES: &str = "robots and monitoring look for it there";
const PEOPLE: &str = "readers or members will sign in or manage their account there";

/// First path segments that belong to the program, and why. Those with a dot cannot be slugs
/// anyway; they are listed so that this is the whole truth about the top of the address space.
pub const RESERVED_SLUGS: &[(&str, &str)] = &[
    (".well-known", MACHINES),
    ("account", PEOPLE),
    ("admin", PROGRAM),
    ("api", PROGRAM),
    ("archive", SITE),
    ("assets", PROGRAM),
    ("atom", SITE),
    ("author", SITE),
    ("authors", SITE),
    ("cards", PROGRAM),
    ("favicon.ico", MACHINES),
    ("feed", SITE),
    ("healthz", MACHINES),
    ("icons", PROGRAM),
    ("livez", MACHINES),
    ("llms", MACHINES),
    ("manifest", MACHINES),
    ("media", PROGRAM),
    ("metrics", MACHINES),
    ("page", SITE),
    ("preview", PROGRAM),
    ("readyz", MACHINES),
    ("robots", MACHINES),
    ("robots.txt", MACHINES),
    ("rss", SITE),
    ("search", SITE),
    ("setup", PROGRAM),
    ("sign-in", PEOPLE),
    ("sign-out", PEOPLE),
    ("sign-up", PEOPLE),
    ("sitemap", MACHINES),
    ("sitemap.xml", MACHINES),
    ("static", PROGRAM),
    ("subscribe", PEOPLE),
    ("tag", SITE),
    ("tags", SITE),
    ("unsubscribe", PEOPLE),
];

/// Lower-case letters and numbers in words joined by single hyphens, in NFC, not reserved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

impl Slug {
    /// Accepts what is already a slug; says what to write instead for everything else.
    pub fn parse(text: &str) -> Result<Self, InvalidSlug> {
        if text.is_empty() {
            return Err(InvalidSlug::Empty);
        }
        if text.len() > MAX_SLUG_BYTES {
            return Err(InvalidSlug::TooLong { bytes: text.len() });
        }
        if let Some(character) = text.chars().find(|&c| c != '-' && !belongs(c)) {
            let suggestion = Self::from_title(text, &Language::default(), LAST_RESORT).0;
            return Err(InvalidSlug::Character {
                character,
                suggestion,
            });
        }
        if text.split('-').any(starts_badly) {
            return Err(InvalidSlug::Words);
        }
        if !is_nfc(text) {
            return Err(InvalidSlug::NotComposed {
                suggestion: text.nfc().collect(),
            });
        }
        if let Some((_, reason)) = RESERVED_SLUGS.iter().find(|(name, _)| *name == text) {
            return Err(InvalidSlug::Reserved {
                slug: text.to_owned(),
                reason,
            });
        }
        Ok(Self(text.to_owned()))
    }

    /// The slug of a title in `language`. Never fails: a title without a letter or number takes
    /// the fallback, and a reserved word gets the fallback appended (`admin-post`).
    pub fn from_title(title: &str, language: &Language, fallback: &str) -> Self {
        let fallback = match fold(fallback, language) {
            folded if folded.is_empty() => LAST_RESORT.to_owned(),
            folded => folded,
        };
        let wanted = fold(title, language);
        let wanted = if wanted.is_empty() {
            &fallback
        } else {
            &wanted
        };
        Self::parse(wanted)
            .or_else(|_| Self::parse(&fold(&format!("{wanted}-{fallback}"), language)))
            .unwrap_or_else(|_| Self(format!("{LAST_RESORT}-2")))
    }

    /// This slug with `-number` appended, shortened where it would become too long.
    #[must_use]
    pub fn with_suffix(&self, number: u32) -> Self {
        let suffix = format!("-{number}");
        let stem = cut(&self.0, MAX_SLUG_BYTES - suffix.len());
        Self(format!("{stem}{suffix}"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A word is empty where a hyphen is doubled, leads or trails; a mark needs a letter to sit on.
fn starts_badly(word: &str) -> bool {
    word.chars().next().is_none_or(is_combining_mark)
}

/// Everything of a title that a slug can hold: not yet checked against the reserved words.
fn fold(title: &str, language: &Language) -> String {
    let mut slug = String::new();
    let mut gap = false;
    let composed = title.chars().take(MAX_TITLE_CHARS).nfc();
    for character in composed.flat_map(expand).flat_map(char::to_lowercase) {
        if is_swallowed(character) {
            continue;
        }
        let word_goes_on = !gap && !slug.is_empty();
        if is_romanised(character) {
            for letter in romanise(character, language).chars() {
                if letter.is_ascii_alphanumeric() {
                    push(&mut slug, &mut gap, letter.to_ascii_lowercase());
                }
                // ½ is spelled 1/2, and is not twelve.
                gap |= letter == '/';
            }
        } else if is_combining_mark(character) {
            if word_goes_on && belongs(character) {
                slug.push(character);
            }
        } else if belongs(character) {
            push(&mut slug, &mut gap, character);
        } else {
            gap = true;
        }
    }
    let slug: String = slug.nfc().collect();
    cut(&slug, MAX_SLUG_BYTES).to_owned()
}

fn push(slug: &mut String, gap: &mut bool, letter: char) {
    if *gap && !slug.is_empty() {
        slug.push('-');
    }
    *gap = false;
    slug.push(letter);
}

/// The longest beginning of at most `limit_bytes`: whole words where that loses less than half,
/// whole visible characters otherwise.
fn cut(slug: &str, limit_bytes: usize) -> &str {
    if slug.len() <= limit_bytes {
        return slug;
    }
    let whole_characters = slug
        .grapheme_indices(true)
        .map(|(start, grapheme)| start + grapheme.len())
        .take_while(|&end| end <= limit_bytes)
        .last();
    // A single "character" longer than the limit is a tower of marks: any boundary will do.
    let end = whole_characters.unwrap_or_else(|| slug.floor_char_boundary(limit_bytes));
    let (head, tail) = slug.split_at(end);
    if tail.starts_with('-') {
        return head.trim_end_matches('-');
    }
    match head.rfind('-') {
        Some(hyphen) if hyphen * 2 >= limit_bytes => &head[..hyphen],
        _ => head.trim_end_matches('-'),
    }
}

/// May a slug hold this character (other than the hyphen)? Marks count, where a script needs them.
fn belongs(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_lowercase() || character.is_ascii_digit();
    }
    (character.is_alphanumeric() || is_combining_mark(character))
        && character.to_lowercase().eq([character])
        && !is_invisible(character)
        && !is_decoration(character)
        && !is_compatibility_form(character)
}

/// Half-width kana and Arabic shapes are spelled out; they read the same and must be found alike.
fn expand(character: char) -> impl Iterator<Item = char> {
    let spelled_out = is_compatibility_form(character);
    let (plain, expanded) = if spelled_out {
        (None, Some(std::iter::once(character).nfkc()))
    } else {
        (Some(character), None)
    };
    plain.into_iter().chain(expanded.into_iter().flatten())
}

fn is_compatibility_form(character: char) -> bool {
    matches!(character, '\u{FB13}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' | '\u{FF61}'..='\u{FFDC}')
}

/// Letters that draw nothing: two addresses would look the same and lead to different places.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}'
    )
}

/// Accents and rings that go on top of anything. Those that make a letter are part of it in NFC.
fn is_decoration(character: char) -> bool {
    matches!(
        character,
        '\u{300}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
            | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}'
    )
}

/// Left out without ending the word: `don’t` is `dont`, a soft hyphen is not a hyphen.
fn is_swallowed(character: char) -> bool {
    matches!(
        character,
        '\'' | '‘' | '’' | 'ʼ' | 'ʹ' | '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}'
    ) || is_invisible(character)
        || is_decoration(character)
}

/// Latin, Greek, Cyrillic, and the letters and numbers that only dress up plain ones.
fn is_romanised(character: char) -> bool {
    character.is_alphanumeric()
        && matches!(
            character,
            '\u{AA}'..='\u{52F}' | '\u{1C80}'..='\u{1C8F}' | '\u{1D00}'..='\u{1DBF}'
                | '\u{1E00}'..='\u{1FFF}' | '\u{2070}'..='\u{209F}' | '\u{2100}'..='\u{218F}'
                | '\u{2460}'..='\u{24FF}' | '\u{2C60}'..='\u{2C7F}' | '\u{2DE0}'..='\u{2DFF}'
                | '\u{A640}'..='\u{A69F}' | '\u{A720}'..='\u{A7FF}' | '\u{AB30}'..='\u{AB6F}'
                | '\u{FB00}'..='\u{FB06}' | '\u{FF10}'..='\u{FF5A}' | '\u{1D400}'..='\u{1D7FF}'
        )
}

/// How a lower-case letter is spelled in ASCII by people who write `language`.
fn romanise(letter: char, language: &Language) -> &'static str {
    let by_language = match (language.primary(), letter) {
        ("de", 'ä') | ("da" | "nb" | "nn" | "no", 'æ') => Some("ae"),
        ("de", 'ö') | ("da" | "nb" | "nn" | "no", 'ø') => Some("oe"),
        ("de", 'ü') => Some("ue"),
        ("da" | "nb" | "nn" | "no", 'å') => Some("aa"),
        ("bg", 'щ') => Some("sht"),
        ("bg", 'ъ') => Some("a"),
        ("uk", 'г') => Some("h"),
        ("uk", 'и') => Some("y"),
        ("uk", 'є') => Some("ie"),
        ("uk", 'х') => Some("kh"),
        _ => None,
    };
    let everywhere = || match letter {
        'χ' => Some("ch"),
        'η' | 'ή' => Some("i"),
        'υ' | 'ύ' | 'й' => Some("y"),
        'х' => Some("kh"),
        'щ' => Some("shch"),
        'ъ' | 'ь' => Some(""),
        'ё' => Some("yo"),
        'ю' => Some("yu"),
        'я' => Some("ya"),
        'є' => Some("ye"),
        'ї' => Some("yi"),
        _ => deunicode::deunicode_char(letter),
    };
    by_language.or_else(everywhere).unwrap_or_default()
}

impl std::fmt::Display for Slug {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Slug {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Slug {
    type Err = InvalidSlug;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Slug {
    type Error = InvalidSlug;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSlug {
    #[error("the address is empty; write at least one letter or number")]
    Empty,
    #[error("the address has {bytes} bytes; shorten it to {MAX_SLUG_BYTES}")]
    TooLong { bytes: usize },
    #[error(
        "{character:?} cannot stand in an address, only lower-case letters, numbers and hyphens; \
         write “{suggestion}”"
    )]
    Character { character: char, suggestion: String },
    #[error("each hyphen in an address must stand alone between two letters or numbers")]
    Words,
    #[error("the address has accents apart from their letters; write “{suggestion}”")]
    NotComposed { suggestion: String },
    #[error("“{slug}” cannot be used as an address because {reason}; add a word to it")]
    Reserved { slug: String, reason: &'static str },
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn language(tag: &str) -> Language {
        Language::parse(tag).unwrap()
    }

    fn slug_of(title: &str, tag: &str) -> String {
        Slug::from_title(title, &language(tag), "post").0
    }

    #[test]
    fn titles_in_alphabets_that_are_romanised() {
        for (tag, title, slug) in [
            ("en", "Hello, World!", "hello-world"),
            ("en", "  It's  a_dog’s life — 100% ", "its-a-dogs-life-100"),
            ("en", "C++ & Rust", "c-rust"),
            ("en", "Crème Brûlée", "creme-brulee"),
            ("en", "Cre\u{300}me (decomposed)", "creme-decomposed"),
            ("de", "Über große Bären", "ueber-grosse-baeren"),
            ("sv", "Över ån", "over-an"),
            ("da", "Rødgrød på Ærø", "roedgroed-paa-aeroe"),
            ("tr", "İstanbul'da Işık", "istanbulda-isik"),
            ("pl", "Zażółć gęślą jaźń", "zazolc-gesla-jazn"),
            ("vi", "Tiếng Việt", "tieng-viet"),
            (
                "ru",
                "Привет, мир: щука и подъезд",
                "privet-mir-shchuka-i-podezd",
            ),
            ("uk", "Київ і гроші", "kyyiv-i-hroshi"),
            ("bg", "Площад България", "ploshtad-balgariya"),
            ("el", "Καλημέρα Χριστίνα", "kalimera-christina"),
            ("en", "Ｆｕｌｌ ｗｉｄｔｈ １２", "full-width-12"),
            ("en", "E = mc² and ½", "e-mc2-and-1-2"),
        ] {
            assert_eq!(slug_of(title, tag), slug, "{title}");
        }
    }

    #[test]
    fn other_scripts_keep_their_letters_and_marks() {
        for (tag, title, slug) in [
            ("zh", "你好，世界！2026", "你好-世界-2026"),
            ("ja", "こんにちは、カタカナ", "こんにちは-カタカナ"),
            ("ja", "ﾊﾟﾝﾀﾞ", "パンダ"),
            ("ko", "안녕 세상", "안녕-세상"),
            ("ar", "مرحبا بالعالم", "مرحبا-بالعالم"),
            ("he", "שלום עולם", "שלום-עולם"),
            ("th", "ภาษาไทยน้ำใจ", "ภาษาไทยน้ำใจ"),
            ("hi", "हिन्दी में लेख", "हिन्दी-में-लेख"),
            ("hy", "ԲԱՐԵՎ", "բարեվ"),
            ("en", "Rust で 書く", "rust-で-書く"),
        ] {
            assert_eq!(slug_of(title, tag), slug, "{title}");
            assert!(Slug::parse(slug).is_ok(), "{slug}");
        }
    }

    #[test]
    fn a_title_without_letters_takes_the_fallback() {
        for title in ["", "   ", "!!!", "👩‍👩‍👧 🎉", "\u{301}\u{301}", "\u{3164}"] {
            assert_eq!(slug_of(title, "en"), "post", "{title:?}");
        }
        assert_eq!(Slug::from_title("?", &language("en"), "?").as_str(), "post");
        assert_eq!(slug_of("1️⃣", "en"), "1");
    }

    #[test]
    fn reserved_words_are_refused_and_avoided() {
        assert_eq!(slug_of("Admin", "en"), "admin-post");
        assert_eq!(slug_of("Sign in", "en"), "sign-in-post");
        for (name, _) in RESERVED_SLUGS {
            assert!(Slug::parse(name).is_err(), "{name}");
        }
        let error = Slug::parse("feed").unwrap_err().to_string();
        assert!(
            error.contains("“feed”") && error.contains("add a word"),
            "{error}"
        );
        // Even a fallback that is reserved, or makes a reserved word, comes out sound.
        assert_eq!(
            Slug::from_title("", &language("en"), "api").as_str(),
            "api-api"
        );
        assert_eq!(
            Slug::from_title("sign", &language("en"), "in").as_str(),
            "sign"
        );
    }

    #[test]
    fn what_is_not_a_slug_is_refused_with_advice() {
        for text in [
            "",
            "-",
            "-a",
            "a-",
            "a--b",
            "A",
            "a b",
            "a/b",
            "a.b",
            "ä\u{308}\u{300}",
            "e\u{301}",
            "a\u{200d}b",
            "日\u{fe00}",
            "中-\u{94d}",
            "\u{e33}\u{fe0f}",
        ] {
            assert!(Slug::parse(text).is_err(), "{text:?}");
        }
        let error = Slug::parse("Hello World").unwrap_err().to_string();
        assert!(error.contains("“hello-world”"), "{error}");
        assert!(Slug::parse(&"a".repeat(MAX_SLUG_BYTES)).is_ok());
        assert!(Slug::parse(&"a".repeat(MAX_SLUG_BYTES + 1)).is_err());
    }

    #[test]
    fn long_titles_end_at_a_word_or_a_whole_character() {
        let words = slug_of(&"consideration ".repeat(40), "en");
        assert!(
            words.len() <= MAX_SLUG_BYTES && words.ends_with("-consideration"),
            "{words}"
        );
        let characters = slug_of(&"汉".repeat(400), "zh");
        assert_eq!(characters.chars().count(), MAX_SLUG_BYTES / 3);
        let marked = slug_of(&"हि".repeat(400), "hi");
        assert!(
            marked.ends_with('\u{93f}'),
            "a letter lost its vowel sign: {marked}"
        );
    }

    #[test]
    fn a_suffix_fits_and_stays_valid() {
        let slug = Slug::parse("hello").unwrap();
        assert_eq!(slug.with_suffix(2).as_str(), "hello-2");
        let longest = Slug::parse(&"a".repeat(MAX_SLUG_BYTES)).unwrap();
        let next = longest.with_suffix(u32::MAX);
        assert_eq!(next.as_str().len(), MAX_SLUG_BYTES);
        assert!(Slug::parse(next.as_str()).is_ok());
    }

    #[test]
    fn it_is_checked_when_it_comes_from_outside() {
        assert_eq!(
            serde_json::from_str::<Slug>("\"a-b\"").unwrap().as_str(),
            "a-b"
        );
        assert!(serde_json::from_str::<Slug>("\"A b\"").is_err());
    }

    proptest! {
        #[test]
        fn from_title_is_always_valid_and_stable(
            title in ".{0,300}",
            fallback in ".{0,20}",
            tag in prop::sample::select(vec!["en", "de", "uk", "bg", "da", "ja"]),
        ) {
            let language = language(tag);
            let slug = Slug::from_title(&title, &language, &fallback);
            prop_assert_eq!(Slug::parse(slug.as_str()), Ok(slug.clone()));
            prop_assert_eq!(Slug::from_title(slug.as_str(), &language, &fallback), slug.clone());
            let next = slug.with_suffix(17);
            prop_assert_eq!(Slug::parse(next.as_str()), Ok(next));
        }

        #[test]
        fn parse_never_panics(text in any::<String>()) {
            let _ = Slug::parse(&text);
        }
    }
}
