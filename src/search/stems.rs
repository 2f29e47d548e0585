//! Stems: `running` and `runs` to `run`, by the language of the text. A word is stemmed with its accents
//! (that is what the algorithms expect) and folded afterwards; where the unaccented spelling would
//! come to another stem, both are kept, so that `resumes` finds `résumés`.
//!
//! Must not know fields or queries.

use std::collections::HashMap;

use tantivy::tokenizer::{Language as Algorithm, RawTokenizer, Stemmer, TextAnalyzer};

use super::fold::fold_accents;

/// Remembered words; enough for the everyday vocabulary of a few languages, about 5 MB.
const MAX_REMEMBERED: usize = 50_000;

/// Stemmers for the languages asked for, with a memory of what they said.
pub(super) struct Stems {
    stemmers: HashMap<String, TextAnalyzer>,
    remembered: HashMap<(String, String), Vec<String>>,
}

impl std::fmt::Debug for Stems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stems")
            .field("remembered", &self.remembered.len())
            .finish_non_exhaustive()
    }
}

impl Stems {
    pub(super) fn new() -> Self {
        Self {
            stemmers: HashMap::new(),
            remembered: HashMap::new(),
        }
    }

    /// One stem, or two where accents matter; the folded word itself where the language has no stemmer.
    pub(super) fn of(&mut self, cased: &str, language: &str) -> Vec<String> {
        let Some(algorithm) = algorithm(language) else {
            return vec![fold_accents(cased)];
        };
        let key = (language.to_owned(), cased.to_owned());
        if let Some(stems) = self.remembered.get(&key) {
            return stems.clone();
        }
        let stemmer = self.stemmers.entry(language.to_owned()).or_insert_with(|| {
            TextAnalyzer::builder(RawTokenizer::default())
                .filter(Stemmer::new(algorithm))
                .build()
        });
        let folded = fold_accents(cased);
        let mut stems = vec![fold_accents(&stem(stemmer, cased))];
        if folded != cased {
            let of_folded = fold_accents(&stem(stemmer, &folded));
            if of_folded != stems[0] {
                stems.push(of_folded);
            }
        }
        stems.retain(|stem| !stem.is_empty());
        if self.remembered.len() >= MAX_REMEMBERED {
            self.remembered.clear();
        }
        self.remembered.insert(key, stems.clone());
        stems
    }
}

fn stem(stemmer: &mut TextAnalyzer, word: &str) -> String {
    let mut stream = stemmer.token_stream(word);
    if stream.advance() {
        stream.token().text.clone()
    } else {
        String::new()
    }
}

pub(super) fn has_stemmer(primary: &str) -> bool {
    algorithm(primary).is_some()
}

/// Whether a stemmer of this language has anything to say about a word, going by its script.
pub(super) fn may_be_in(primary: &str, word: &str) -> bool {
    let Some(first) = word.chars().find(|c| c.is_alphabetic()) else {
        return false;
    };
    match primary {
        "ar" => matches!(first, '\u{600}'..='\u{6ff}'),
        "el" => matches!(first, '\u{370}'..='\u{3ff}'),
        "ru" => matches!(first, '\u{400}'..='\u{4ff}'),
        "ta" => matches!(first, '\u{b80}'..='\u{bff}'),
        _ => has_stemmer(primary) && first < '\u{370}',
    }
}

fn algorithm(primary: &str) -> Option<Algorithm> {
    Some(match primary {
        "ar" => Algorithm::Arabic,
        "da" => Algorithm::Danish,
        "de" => Algorithm::German,
        "el" => Algorithm::Greek,
        "en" => Algorithm::English,
        "es" => Algorithm::Spanish,
        "fi" => Algorithm::Finnish,
        "fr" => Algorithm::French,
        "hu" => Algorithm::Hungarian,
        "it" => Algorithm::Italian,
        "nb" | "nn" | "no" => Algorithm::Norwegian,
        "nl" => Algorithm::Dutch,
        "pt" => Algorithm::Portuguese,
        "ro" => Algorithm::Romanian,
        "ru" => Algorithm::Russian,
        "sv" => Algorithm::Swedish,
        "ta" => Algorithm::Tamil,
        "tr" => Algorithm::Turkish,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_share_a_stem() {
        let mut stems = Stems::new();
        for (language, left, right) in [
            ("en", "running", "runs"),
            ("de", "häuser", "hauser"),
            ("fr", "résumés", "resumes"),
            ("ru", "книгами", "книга"),
            ("es", "canciones", "canción"),
        ] {
            let (left, right) = (stems.of(left, language), stems.of(right, language));
            assert!(
                left.iter().any(|stem| right.contains(stem)),
                "{language}: {left:?} {right:?}"
            );
        }
        assert_eq!(stems.of("שלום", "he"), ["שלום"]);
    }
}
