//! Who may import whom, and where the heavy crates live.

use super::{File, rust};

/// The import table of `docs/ARCHITECTURE.md`: a folder of `src` and what it may import of ours.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("config", &["domain"]),
    ("render", &["domain"]),
    ("db", &["domain"]),
    ("search", &["domain"]),
    ("cache", &["domain"]),
    ("blobs", &["domain"]),
    ("outbound", &["domain"]),
    ("pictures", &["domain"]),
    ("tls", &["domain"]),
    ("update", &["domain"]),
    ("telemetry", &["domain"]),
    ("texts", &["domain"]),
    ("launcher", &["domain"]),
    ("store", &["domain", "db"]),
    (
        "app",
        &[
            "domain", "render", "db", "store", "search", "blobs", "pictures", "texts", "outbound",
        ],
    ),
    (
        "jobs",
        &["domain", "app", "db", "store", "search", "outbound"],
    ),
    ("port", &["domain", "app"]),
    (
        "web",
        &[
            "domain",
            "app",
            "cache",
            "update",
            "tls",
            "telemetry",
            "texts",
        ],
    ),
    (
        "boot",
        &[
            "domain",
            "config",
            "render",
            "db",
            "search",
            "cache",
            "blobs",
            "outbound",
            "pictures",
            "tls",
            "update",
            "telemetry",
            "texts",
            "launcher",
            "store",
            "app",
            "jobs",
            "web",
        ],
    ),
    (
        "cli",
        &[
            "domain", "config", "boot", "app", "update", "launcher", "port",
        ],
    ),
];

/// A file of tests that imports what its folder may not, and why.
const TEST_IMPORTS: &[(&str, &str, &str)] = &[
    ("src/port/round_trip.rs", "blobs", "a whole site is made"),
    ("src/port/round_trip.rs", "db", "a whole site is made"),
    ("src/port/round_trip.rs", "pictures", "a whole site is made"),
    ("src/port/round_trip.rs", "search", "a whole site is made"),
];

/// A crate whose types would leak everywhere if it were let out, and the folder it lives in.
const HOMES: &[(&str, &str)] = &[
    ("actix_web", "web"),
    ("actix_http", "web"),
    ("actix_service", "web"),
    ("actix_multipart", "web"),
    ("minijinja", "web"),
    ("utoipa", "web"),
    ("rusqlite", "db"),
    ("postgres", "db"),
    ("tokio_postgres", "db"),
    ("tantivy", "search"),
    ("moka", "cache"),
    ("comrak", "render"),
    ("syntect", "render"),
    ("two_face", "render"),
    ("ammonia", "render"),
    ("pulldown_latex", "render"),
    ("quick_xml", "render"),
    ("cosmic_text", "pictures"),
    ("image", "pictures"),
    ("fast_image_resize", "pictures"),
    ("webp_rust", "pictures"),
    ("icu_datetime", "texts"),
    ("icu_plurals", "texts"),
    ("icu_decimal", "texts"),
    ("icu_locale_core", "texts"),
    ("jiff_icu", "texts"),
    ("rustls", "tls"),
    ("instant_acme", "tls"),
];

pub(crate) fn imports(files: &[File]) -> Vec<String> {
    let mut problems = Vec::new();
    for file in rust(files) {
        let Some(folder) = file.folder() else {
            continue;
        };
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == folder) else {
            problems.push(format!(
                "{}: src/{folder} is not in the import table; add it to docs/ARCHITECTURE.md and \
                 to MAY_IMPORT in tests/tidy/imports.rs",
                file.path
            ));
            continue;
        };
        for (line, imported) in imported_modules(file, files) {
            let excused = TEST_IMPORTS
                .iter()
                .any(|(path, module, _)| *path == file.path && *module == imported);
            if imported != folder && !allowed.contains(&imported.as_str()) && !excused {
                problems.push(format!(
                    "{}:{line}: {folder} must not import {imported}, only {allowed:?}; move what \
                     is shared into one of those, or hand it in from boot",
                    file.path
                ));
            }
        }
    }
    problems
}

/// Our top-level modules that a file names: `crate::x`, `inkstand::x`, `crate::{x, y::z}`, and
/// `super::super::x` where that climbs to the root.
fn imported_modules(file: &File, files: &[File]) -> Vec<(usize, String)> {
    let code = &file.parts.code;
    let mut found = Vec::new();
    for root in ["crate::", "inkstand::"] {
        for at in occurrences(code, root) {
            let modules = first_names(&code[at + root.len()..]);
            found.extend(
                modules
                    .into_iter()
                    .map(|module| (line_of(code, at), module)),
            );
        }
    }
    for at in occurrences(code, "super::") {
        let mut rest = &code[at..];
        let mut climbed = 0;
        while let Some(further) = rest.strip_prefix("super::") {
            rest = further;
            climbed += 1;
        }
        // In an inline module the first step stays in the file, so a name that the folder
        // has itself is taken for that.
        let folder = file.folder().unwrap_or_default();
        let is_own = |name: &str| {
            let own = [
                format!("src/{folder}/{name}.rs"),
                format!("src/{folder}/{name}/mod.rs"),
            ];
            files.iter().any(|other| own.contains(&other.path))
        };
        if climbed >= file.depth() {
            let names = first_names(rest).into_iter().filter(|name| {
                MAY_IMPORT.iter().any(|(module, _)| module == name) && !is_own(name)
            });
            found.extend(names.map(|name| (line_of(code, at), name)));
        }
    }
    found
}

/// Where `needle` stands as a path of its own, not as the tail of a longer one.
pub(crate) fn occurrences<'a>(code: &'a str, needle: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(needle)
        .map(|(at, _)| at)
        .filter(move |at| {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let before = &code[..*at];
            match before.strip_suffix("::") {
                Some(parent) => !parent.ends_with(is_word) && !parent.ends_with('>'),
                None => !before.ends_with(is_word),
            }
        })
}

/// `a` of `a::b`, or `a` and `c` of `{a::b, c}`.
fn first_names(code: &str) -> Vec<String> {
    let name_of = |text: &str| -> String {
        let name = text.trim_start().chars();
        name.take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let Some(group) = code.strip_prefix('{') else {
        return Vec::from([name_of(code)]);
    };
    let mut names = Vec::from([name_of(group)]);
    let mut depth = 1;
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => names.push(name_of(&group[at + 1..])),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names.retain(|name| !name.is_empty() && name != "self");
    names
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text[..at].matches('\n').count()
}

pub(crate) fn homes(files: &[File]) -> Vec<String> {
    let mut problems = Vec::new();
    for file in rust(files).filter(|file| file.path.starts_with("src/")) {
        for (heavy, home) in HOMES {
            if file.folder() == Some(home) {
                continue;
            }
            let code = &file.parts.code;
            let path = format!("{heavy}::");
            let whole = [format!("use {heavy};"), format!("use {heavy} as")];
            let in_path = occurrences(code, &path).next();
            let at = in_path.or_else(|| whole.iter().find_map(|text| code.find(text)));
            problems.extend(at.map(|at| {
                format!(
                    "{}:{}: {heavy} lives in src/{home}; wrap what is needed there in a type of \
                     ours",
                    file.path,
                    line_of(code, at)
                )
            }));
        }
    }
    problems
}
