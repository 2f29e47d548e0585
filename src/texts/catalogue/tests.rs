//! Every language says everything, with the same arguments and the plurals its readers expect.

use std::collections::BTreeSet;

use super::*;

fn language(tag: &str) -> Language {
    Language::parse(tag).unwrap()
}

fn catalogues() -> Vec<Catalogue> {
    let read = |(tag, toml): &(&str, &str)| {
        Catalogue::read(tag, toml).unwrap_or_else(|error| panic!("{tag}.toml: {error}"))
    };
    FILES.iter().map(read).collect()
}

fn forms(entry: &Entry) -> Vec<(&'static str, &str)> {
    match entry {
        Entry::Plain(text) => vec![("text", text)],
        Entry::Counted(forms) => [
            ("zero", &forms.zero),
            ("one", &forms.one),
            ("two", &forms.two),
            ("few", &forms.few),
            ("many", &forms.many),
        ]
        .into_iter()
        .filter_map(|(name, text)| Some((name, text.as_deref()?)))
        .chain([("other", &*forms.other)])
        .collect(),
    }
}

fn places(text: &str) -> BTreeSet<&str> {
    pieces(text)
        .filter_map(|piece| match piece {
            Piece::Place(name) => Some(name),
            Piece::Words(_) => None,
        })
        .collect()
}

#[test]
fn every_language_has_every_text_and_no_other() {
    let all = catalogues();
    let english: Vec<&String> = all[0].entries.keys().collect();
    for texts in &all {
        let own: Vec<&String> = texts.entries.keys().collect();
        assert_eq!(own, english, "{}", texts.language);
    }
}

#[test]
fn a_text_has_the_same_arguments_in_every_language() {
    let all = catalogues();
    for texts in &all {
        for (key, entry) in &texts.entries {
            let english: BTreeSet<&str> = forms(&all[0].entries[key])
                .into_iter()
                .flat_map(|(_, text)| places(text))
                .collect();
            for (form, text) in forms(entry) {
                let mut own = places(text);
                // “One post” may do without the figure; what holds for many numbers may not.
                if matches!(form, "zero" | "one" | "two") && english.contains(COUNT) {
                    own.insert(COUNT);
                }
                assert_eq!(own, english, "{} {key} {form}: {text}", texts.language);
            }
        }
    }
}

#[test]
fn plurals_are_those_of_the_language() {
    for texts in catalogues() {
        let rules = PluralRules::try_new_cardinal(locale::of(&texts.language).into()).unwrap();
        let categories: BTreeSet<String> = rules
            .categories()
            .map(|category| format!("{category:?}").to_lowercase())
            .collect();
        for (key, entry) in &texts.entries {
            if let Entry::Counted(_) = entry {
                let own = forms(entry).into_iter().map(|(name, _)| name.to_owned());
                let own: BTreeSet<String> = own.collect();
                assert_eq!(own, categories, "{} {key}", texts.language);
            }
        }
    }
}

#[test]
fn texts_are_plain_and_trimmed() {
    for texts in catalogues() {
        for (key, entry) in &texts.entries {
            for (_, text) in forms(entry) {
                let whole = !text.is_empty() && text.trim() == text && !text.contains("  ");
                assert!(whole, "{} {key}: “{text}”", texts.language);
                assert!(
                    !text.contains(['<', '>', '&']),
                    "{} {key}: {text}",
                    texts.language
                );
            }
        }
    }
}

#[test]
fn arguments_stand_where_they_belong() {
    let english = of(&language("en"));
    let period = [("period", Argument::Text("a {n} <b>".into()))];
    let said = english.get("archive_of", &period).unwrap();
    assert_eq!(said, "Archive: a {n} <b>");
    let count = |n| english.get("posts_count", &[("n", Argument::Number(n))]);
    assert_eq!(count(1).unwrap(), "1 post");
    assert_eq!(count(0).unwrap(), "0 posts");
    assert_eq!(count(12_345).unwrap(), "12,345 posts");
}

#[test]
fn what_is_missing_is_said() {
    let english = of(&language("en"));
    let told = |key, arguments: &[_]| english.get(key, arguments).unwrap_err().to_string();
    insta::assert_snapshot!(
        [
            told("serach", &[]),
            told("archive_of", &[("preiod", Argument::Number(1))]),
            told("posts_count", &[]),
            told("posts_count", &[("n", Argument::Text("many".into()))]),
        ]
        .join("\n")
    );
}

#[test]
fn the_nearest_language_answers() {
    for (asked, given) in [
        ("en", "en"),
        ("en-GB", "en"),
        ("pt-BR", "pt"),
        ("ar-EG", "ar"),
        ("tlh", "en"),
        ("eng-x", "en"),
    ] {
        assert_eq!(of(&language(asked)).language().as_str(), given, "{asked}");
    }
}

#[test]
fn failures_are_told_in_the_language() {
    let told = |tag, status| of(&language(tag)).failure(status);
    assert_eq!(told("de", 404).unwrap().0, "Hier ist nichts");
    assert_eq!(told("en", 418), None);
}

#[test]
fn braces_that_are_no_place_stay() {
    let all: Vec<Piece<'_>> = pieces("a {b}{ c").collect();
    assert_eq!(
        all,
        [Piece::Words("a "), Piece::Place("b"), Piece::Words("{ c")]
    );
}

#[test]
fn plurals_are_chosen_as_the_language_counts() {
    let said = |tag: &str| {
        let texts = of(&language(tag));
        let count = |n| {
            texts
                .get("posts_count", &[("n", Argument::Number(n))])
                .unwrap()
        };
        let counts = [0, 1, 2, 3, 11, 100, 1_000_000].map(count);
        format!("{tag}: {}", counts.join(" | "))
    };
    insta::assert_snapshot!(["en", "de", "fr", "ja", "ar"].map(said).join("\n"));
}

#[test]
fn punctuation_is_the_languages_own() {
    for texts in catalogues() {
        let tag = texts.language.as_str();
        for (key, entry) in &texts.entries {
            // Operators of the search are typed with straight quotes and Latin marks in any language.
            if key == "search_help" {
                continue;
            }
            for (_, text) in forms(entry) {
                let foreign: &[char] = match tag {
                    "ar" => &['"', '\'', ',', ';', '?', '“', '”'],
                    "ja" => &['"', '\'', ',', ';', '?', '!', '.', ':', '“', '”'],
                    "fr" | "es" | "it" => &['"', '\'', '“', '”', '„'],
                    _ => &['"', '\''],
                };
                assert!(!text.contains(foreign), "{tag} {key}: {text}");
                if tag == "fr" {
                    assert_eq!(tight(text), "", "{key}: {text}");
                }
            }
        }
    }
}

/// French marks that lack their space, or have one that can break.
fn tight(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let pairs = letters.windows(2);
    let wrong = pairs.filter(|pair| match (pair[0], pair[1]) {
        (before, ';' | '!' | '?' | '»') => before != '\u{202f}',
        ('«', after) => after != '\u{202f}',
        (before, ':') => before != '\u{a0}',
        _ => false,
    });
    wrong.flatten().collect()
}

/// All files below a folder of the source tree whose names end so.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path.display().to_string(), text));
            }
        }
    }
    found
}

/// The keys a template asks for: what follows `t(` in quotes.
fn asked_for(template: &str) -> Vec<&str> {
    let calls = template.match_indices("t(").filter(|(at, _)| {
        let before = template[..*at].chars().next_back();
        !before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
    });
    calls
        .filter_map(|(at, _)| {
            let rest = template[at + 2..].trim_start();
            let quote = rest
                .chars()
                .next()
                .filter(|mark| matches!(mark, '\'' | '"'))?;
            rest[1..].split_once(quote).map(|(key, _)| key)
        })
        .collect()
}

#[test]
fn calls_in_a_template_are_found() {
    let template =
        "{{ t('a') }} {{ asset('b') }} {% if x %}{{ t( \"c\", n=1)|upper }} {{ fit('d') }}";
    assert_eq!(asked_for(template), ["a", "c"]);
}

#[test]
fn templates_ask_only_for_texts_there_are() {
    let english = &catalogues()[0].entries;
    let templates = files("assets", ".html");
    assert!(!templates.is_empty());
    for (path, template) in &templates {
        for key in asked_for(template) {
            assert!(
                english.contains_key(key),
                "{path} asks for the text “{key}”"
            );
        }
    }
}

/// Found by a status, so their names are nowhere written out.
const BY_STATUS: &str = "error_";

#[test]
fn every_text_is_said_somewhere() {
    let mut said: Vec<String> = Vec::new();
    for (_, template) in files("assets", ".html") {
        said.extend(asked_for(&template).into_iter().map(str::to_owned));
    }
    let sources: Vec<_> = files("src", ".rs")
        .into_iter()
        .filter(|(path, source)| !path.contains("/src/texts/") && source.contains("texts::"))
        .collect();
    let all = catalogues();
    let unused: Vec<&String> = all[0]
        .entries
        .keys()
        .filter(|key| !key.starts_with(BY_STATUS) && !said.contains(key))
        .filter(|key| {
            let named = format!("\"{key}\"");
            !sources.iter().any(|(_, source)| source.contains(&named))
        })
        .collect();
    assert!(
        unused.is_empty(),
        "nobody says {unused:?}; use or delete them"
    );
}
