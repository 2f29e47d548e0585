//! SQL is written in the store, in the files that are named for its nouns.

use super::{File, has_extension};

pub(crate) fn sql(files: &[File]) -> Vec<String> {
    const MAY_HOLD_SQL: [&str; 2] = ["src/db/", "src/store/"];
    let outside = |file: &&File| {
        file.path.starts_with("src/")
            && !MAY_HOLD_SQL.iter().any(|home| file.path.starts_with(home))
    };
    let mut problems = Vec::new();
    for file in files.iter().filter(outside) {
        if has_extension(&file.path, &["sql"]) {
            problems.push(format!(
                "{}: SQL files belong in src/store or src/db",
                file.path
            ));
        }
        let statements = file
            .parts
            .strings
            .iter()
            .filter(|(_, string)| looks_like_sql(string));
        problems.extend(statements.map(|(line, _)| {
            format!(
                "{}:{line}: SQL belongs in src/store, named for what it answers; call that",
                file.path
            )
        }));
    }
    problems
}

/// Both words, the first one at the start: English sentences have them too, but not so placed.
fn looks_like_sql(string: &str) -> bool {
    const STATEMENTS: [(&str, &str); 9] = [
        ("SELECT ", " FROM "),
        ("SELECT ", "("),
        ("INSERT ", "INTO "),
        ("UPDATE ", " SET "),
        ("DELETE ", "FROM "),
        ("CREATE ", " "),
        ("ALTER ", "TABLE "),
        ("PRAGMA ", ""),
        ("WITH ", " AS ("),
    ];
    let string = string.split_whitespace().collect::<Vec<_>>().join(" ") + " ";
    let lower_case = [
        ("select ", " from "),
        ("insert into ", " values"),
        ("delete from ", " where "),
    ];
    let mut all = STATEMENTS.iter().chain(&lower_case);
    all.any(|(first, second)| {
        string
            .strip_prefix(first)
            .is_some_and(|rest| format!(" {rest}").contains(second))
    })
}
