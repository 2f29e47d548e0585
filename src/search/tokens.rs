//! The tokeniser: text to words, in every script. Words where spaces (or punctuation) part them; one-
//! and two-character grams where a script writes without spaces; each emoji for itself; and
//! identifiers (`foo_bar`, `v1.2`, `C++`) both whole and in parts.
//!
//! Must not know languages (stemming comes later), fields, or the index.

use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

use super::fold::{fold_accents, fold_case};

/// Longer words are cut here: nobody searches for them, and base64 blobs would fill the dictionary.
const MAX_WORD_CHARS: usize = 64;
/// Parts of an identifier that is also indexed whole.
const MAX_COMPOUND_PARTS: usize = 6;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    /// An identifier or hyphenated word as a whole; its parts follow as words.
    Compound,
    /// One character of a script without spaces.
    Single,
    /// Two neighbouring characters of a script without spaces.
    Pair,
    Emoji,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// Case-folded, accents kept; stemmers need them.
    pub cased: String,
    /// Fully folded: what is indexed and compared.
    pub exact: String,
    pub kind: Kind,
    /// Words count one each, characters without spaces one each, a break between runs nothing.
    pub position: usize,
    /// Bytes in the text that was given.
    pub start: usize,
    pub end: usize,
}

/// One folded character and the bytes it came from.
#[derive(Debug, Clone, Copy)]
struct Atom {
    c: char,
    class: Class,
    start: usize,
    end: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Word,
    Spaceless,
    Emoji,
    Break,
}

pub(super) fn tokenize(text: &str) -> Vec<Token> {
    let atoms = atoms(text);
    let mut tokens = Vec::with_capacity(atoms.len() / 5 + 1);
    let mut position = 0;
    let mut at = 0;
    while let Some(atom) = atoms.get(at) {
        match atom.class {
            Class::Break => at += 1,
            Class::Emoji => {
                tokens.push(token(&atoms[at..=at], Kind::Emoji, position));
                position += 1;
                at += 1;
            }
            Class::Spaceless => {
                let run = run_of(&atoms[at..], Class::Spaceless);
                grams(run, position, &mut tokens);
                position += run.len();
                at += run.len();
            }
            Class::Word => at += words(&atoms[at..], &mut position, &mut tokens),
        }
    }
    tokens
}

fn run_of(atoms: &[Atom], class: Class) -> &[Atom] {
    let length = atoms.iter().take_while(|atom| atom.class == class).count();
    &atoms[..length]
}

fn token(atoms: &[Atom], kind: Kind, position: usize) -> Token {
    let cased: String = atoms
        .iter()
        .map(|atom| atom.c)
        .take(MAX_WORD_CHARS)
        .collect();
    let exact = if kind == Kind::Word || kind == Kind::Compound {
        fold_accents(&cased)
    } else {
        cased.clone()
    };
    Token {
        cased,
        exact,
        kind,
        position,
        start: atoms.first().map_or(0, |atom| atom.start),
        end: atoms.last().map_or(0, |atom| atom.end),
    }
}

/// Singles and overlapping pairs, so that any substring of the run is found.
fn grams(run: &[Atom], position: usize, tokens: &mut Vec<Token>) {
    for at in 0..run.len() {
        tokens.push(token(&run[at..=at], Kind::Single, position + at));
        if at + 1 < run.len() {
            tokens.push(token(&run[at..at + 2], Kind::Pair, position + at));
        }
    }
}

/// Reads words joined by `_`, `.`, `-` or an apostrophe, emits the parts and, where it helps, the whole.
/// Returns how many atoms were read.
fn words(atoms: &[Atom], position: &mut usize, tokens: &mut Vec<Token>) -> usize {
    let mut parts: Vec<&[Atom]> = Vec::new();
    let mut joiners: Vec<char> = Vec::new();
    let mut at = 0;
    loop {
        let part = run_of(&atoms[at..], Class::Word);
        parts.push(part);
        at += part.len();
        let joined = atoms
            .get(at)
            .filter(|atom| is_joiner(atom.c))
            .and_then(|joiner| {
                let next = atoms.get(at + 1)?;
                (next.class == Class::Word).then_some(joiner.c)
            });
        match joined {
            Some(c) if parts.len() < MAX_COMPOUND_PARTS => {
                joiners.push(c);
                at += 1;
            }
            _ => break,
        }
    }
    let suffix = suffix_length(parts.last().copied().unwrap_or_default(), &atoms[at..]);
    if let Some(whole) = compound(&atoms[..at + suffix], &joiners, suffix, *position) {
        tokens.push(whole);
    }
    for (index, part) in parts.iter().enumerate() {
        let after_apostrophe = index > 0 && is_apostrophe(joiners[index - 1]);
        let part = token(part, Kind::Word, *position);
        let skipped = after_apostrophe && is_clitic(&part.exact);
        if !skipped && !part.exact.is_empty() {
            tokens.push(part);
            *position += 1;
        }
    }
    at + suffix
}

/// `foo_bar`, `v1.2`, `c++` stay as written; `e-mail` becomes `email`; `don't` has no whole.
fn compound(atoms: &[Atom], joiners: &[char], suffix: usize, position: usize) -> Option<Token> {
    let one_kind = |wanted: fn(char) -> bool| joiners.iter().all(|joiner| wanted(*joiner));
    let mut whole = token(atoms, Kind::Compound, position);
    if atoms.len() > MAX_WORD_CHARS || (joiners.is_empty() && suffix == 0) {
        return None;
    }
    if one_kind(|joiner| matches!(joiner, '_' | '.')) {
        return Some(whole);
    }
    if suffix == 0 && joiners.len() <= 2 && one_kind(is_hyphen) {
        whole.cased.retain(|c| !is_hyphen(c));
        whole.exact.retain(|c| !is_hyphen(c));
        return Some(whole);
    }
    None
}

/// The `++` of `c++`, the `#` of `c#`.
fn suffix_length(word: &[Atom], rest: &[Atom]) -> usize {
    let c = |at: usize| rest.get(at).map(|atom| atom.c);
    let ends = |at: usize| rest.get(at).is_none_or(|atom| atom.class != Class::Word);
    if c(0) == Some('+') && c(1) == Some('+') && ends(2) {
        2
    } else {
        usize::from(word.len() == 1 && c(0) == Some('#') && ends(1))
    }
}

const fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | 'ʼ')
}

const fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '‐' | '‑')
}

const fn is_joiner(c: char) -> bool {
    matches!(c, '_' | '.') || is_apostrophe(c) || is_hyphen(c)
}

/// English endings after an apostrophe carry no meaning to search for.
fn is_clitic(part: &str) -> bool {
    matches!(part, "s" | "t" | "d" | "m" | "ll" | "re" | "ve")
}

fn atoms(text: &str) -> Vec<Atom> {
    let mut atoms = Vec::with_capacity(text.len());
    if text.is_ascii() {
        for (start, byte) in text.bytes().enumerate() {
            let c = char::from(byte.to_ascii_lowercase());
            atoms.push(Atom {
                c,
                class: class(c),
                start,
                end: start + 1,
            });
        }
        return atoms;
    }
    for (start, grapheme) in text.grapheme_indices(true) {
        let end = start + grapheme.len();
        if is_flag(grapheme) {
            atoms.push(Atom {
                c: flag(grapheme),
                class: Class::Emoji,
                start,
                end,
            });
            continue;
        }
        let folded = fold_case(grapheme);
        for c in folded.chars().filter(|c| !is_ignored(*c)) {
            atoms.push(Atom {
                c,
                class: class(c),
                start,
                end,
            });
        }
    }
    atoms
}

fn is_flag(grapheme: &str) -> bool {
    grapheme.chars().filter(|c| is_regional(*c)).count() == 2
}

/// A private-use character for each of the 26 × 26 flags.
fn flag(grapheme: &str) -> char {
    let code = grapheme
        .chars()
        .filter(|c| is_regional(*c))
        .fold(0, |code, c| code * 26 + (u32::from(c) - 0x1f1e6));
    char::from_u32(0xf_0000 + code).unwrap_or('\u{f0000}')
}

const fn is_regional(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

/// Joiners, variation selectors and skin tones: they change how a character looks, not what it says.
const fn is_ignored(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn class(c: char) -> Class {
    if c.is_ascii() {
        return if c.is_ascii_alphanumeric() {
            Class::Word
        } else {
            Class::Break
        };
    }
    if is_spaceless(c) {
        Class::Spaceless
    } else if matches!(c, '\u{2300}'..='\u{23ff}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
    {
        Class::Emoji
    } else if c.is_alphanumeric() || is_combining_mark(c) {
        Class::Word
    } else {
        Class::Break
    }
}

/// Scripts that do not put spaces between words, and Hangul, whose particles cling to words.
const fn is_spaceless(c: char) -> bool {
    matches!(c,
        '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{309a}' | '\u{309d}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}'
        | '\u{30fc}'..='\u{30ff}' | '\u{3105}'..='\u{312f}' | '\u{31a0}'..='\u{31bf}' | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}'
        | '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{e01}'..='\u{e3a}' | '\u{e40}'..='\u{e4e}' | '\u{e81}'..='\u{ebd}' | '\u{ec0}'..='\u{ece}' | '\u{edc}'..='\u{edf}'
        | '\u{1780}'..='\u{17d3}' | '\u{17d7}' | '\u{17dc}' | '\u{17dd}'
        | '\u{1000}'..='\u{103f}' | '\u{1050}'..='\u{108f}' | '\u{109a}'..='\u{109f}' | '\u{aa60}'..='\u{aa7f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> String {
        let tokens = tokenize(text);
        tokens
            .iter()
            .map(|token| format!("{}@{}", token.exact, token.position))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn every_script_gives_tokens() {
        let samples = [
            "The quick, brown Fox's den: don't panic!",
            "snake_case v1.2 C++ and C# e-mail example.com 3.14",
            "Łódź naïve ﬁnance ＷＩＤＥ",
            "東京タワーへ行く。Web開発",
            "ภาษาไทย",
            "서울에서",
            "السَّلام عليكم",
            "שָׁלוֹם",
            "हिन्दी में",
            "👩🏽‍💻 ❤️ 🇩🇪🇯🇵 done",
        ];
        let shown: Vec<String> = samples
            .iter()
            .map(|text| format!("{text}\n    {}", exact(text)))
            .collect();
        insta::assert_snapshot!(shown.join("\n"));
    }

    #[test]
    fn offsets_point_into_the_given_text() {
        let text = "Cafe\u{301} ｶﾞ 🇩🇪 x";
        let shown: Vec<&str> = tokenize(text)
            .iter()
            .map(|token| &text[token.start..token.end])
            .collect();
        assert_eq!(shown, ["Cafe\u{301}", "ｶﾞ", "🇩🇪", "x"]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_gives_tokens_within_it(text in "\\PC{0,80}|[a-z_.'+#-]{0,40}") {
            let mut position = 0;
            for token in tokenize(&text) {
                proptest::prop_assert!(text.get(token.start..token.end).is_some());
                proptest::prop_assert!(!token.exact.is_empty() || token.kind == Kind::Compound || token.kind == Kind::Word);
                proptest::prop_assert!(token.position >= position);
                position = token.position;
            }
        }
    }
}
