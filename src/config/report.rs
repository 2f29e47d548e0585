//! What people read about the configuration: `config check`, `config show`, and the reference.

use std::fmt::Write as _;

use super::load::{Loaded, Origin, load};
use super::mistake::{Mistake, list};
use super::options::{ROWS, Row};
use super::{Config, Sources};

/// The column at which `show` says where a value comes from.
const ORIGIN_COLUMN: usize = 48;
/// How wide comments of a file are.
const COMMENT_COLUMNS: usize = 98;

/// One line when all is well; otherwise every mistake and how many there are.
pub fn check_report(sources: &Sources) -> Result<String, String> {
    let loaded = load(sources).map_err(|mistakes| refusal(&mistakes))?;
    let set = ROWS.iter().filter(|row| is_set(&loaded, row)).count();
    let file = match &sources.file {
        Some(file) => format!("from {}, the environment and flags", file.name),
        None => "from the environment and flags; there is no file".to_owned(),
    };
    let options = if set == 1 { "option is" } else { "options are" };
    Ok(format!(
        "The configuration is sound: {set} {options} set ({file}).\n"
    ))
}

/// Every option with its value and where that comes from, as a file that would say the same.
pub fn show(sources: &Sources) -> Result<String, String> {
    let loaded = load(sources).map_err(|mistakes| refusal(&mistakes))?;
    let mut text = String::new();
    let mut section = None;
    for row in ROWS {
        if row.section() != section {
            section = row.section();
            let _ = writeln!(text, "\n[{}]", section.unwrap_or_default());
        }
        let line = match (row.show)(&loaded.config) {
            Some(value) => format!("{} = {value}", row.name()),
            None => format!("# {} is not set", row.name()),
        };
        let origin = loaded.origins.get(row.key).unwrap_or(&Origin::Default);
        let _ = writeln!(text, "{line:ORIGIN_COLUMN$} # {origin}");
    }
    Ok(text)
}

fn is_set(loaded: &Loaded, row: &Row) -> bool {
    matches!(loaded.origins.get(row.key), Some(Origin::Place(_)))
}

fn refusal(mistakes: &[Mistake]) -> String {
    let count = match mistakes.len() {
        1 => "There is 1 mistake".to_owned(),
        many => format!("There are {many} mistakes"),
    };
    format!("{}\n{count} in the configuration.\n", list(mistakes))
}

const PREAMBLE: &str = "\
# Configuration

Inkstand runs without any. What you set is taken from four places, each stronger than the one before:

1. the default;
2. the file: the one named by `--config` or `INKSTAND_CONFIG`, otherwise `inkstand.toml` in the working
   directory, otherwise `/etc/inkstand/inkstand.toml`;
3. the environment: `INKSTAND_` and the option's name in capitals, with `_` for the dot. Lists have
   commas. A secret can also be kept in a file of its own, named by the variable with `_FILE` appended;
4. flags: `--set name=value`, and those that `inkstand serve --help` lists.

`inkstand config check` reports every mistake at once, with the line. `inkstand config show` prints
what would be used and where each value comes from, without secrets.

A file looks like this:

```toml
listen = [\"0.0.0.0:8080\"]

[site]
url = \"https://blog.example\"
```

This page is made from the table in `src/config/options.rs`; a test keeps the two equal.
";

const EXAMPLE_PREAMBLE: &str = "\
# The configuration of Inkstand. Nothing has to be set: each line that begins with “#” and a name shows
# the default. Take the “#” away to set it, then “inkstand config check” and “inkstand reload”.
#
# The environment (INKSTAND_…) is stronger than this file, flags are stronger than both. What may be a
# secret can be kept in a file of its own: INKSTAND_…_FILE names it.
";

/// A file with every option and its default, all of them commented out.
pub fn example() -> String {
    let defaults = Config::default();
    let mut text = EXAMPLE_PREAMBLE.to_owned();
    let mut section = None;
    for row in ROWS {
        if row.section() != section {
            section = row.section();
            let _ = writeln!(text, "\n[{}]", section.unwrap_or_default());
        }
        text.push('\n');
        for line in wrapped(row.help) {
            let _ = writeln!(text, "# {line}");
        }
        let _ = writeln!(text, "# Takes {}.", (row.describe)());
        let default = (row.show)(&defaults);
        let _ = match default {
            Some(value) => writeln!(text, "#{} = {value}", row.name()),
            None => writeln!(text, "#{} =", row.name()),
        };
    }
    text
}

/// Lines of a comment, none longer than it needs to be.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let full = lines.last().is_some_and(|line| {
            !line.is_empty() && line.chars().count() + 1 + word.chars().count() > COMMENT_COLUMNS
        });
        if full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// The text of `docs/configuration.md`.
pub fn reference() -> String {
    let defaults = Config::default();
    let mut text = PREAMBLE.to_owned();
    let mut section = None;
    text.push_str("\n## At the top of the file\n");
    for row in ROWS {
        if row.section() != section {
            section = row.section();
            let _ = writeln!(text, "\n## [{}]", section.unwrap_or_default());
        }
        let default = (row.show)(&defaults);
        let default = default.map_or_else(|| "not set".to_owned(), |value| format!("`{value}`"));
        let _ = write!(
            text,
            "\n### {}\n\n{}\n\n- Takes: {}\n- Default: {default}\n- Environment: `{}`",
            row.name(),
            row.help,
            (row.describe)(),
            row.environment_name(),
        );
        if row.secret {
            let _ = write!(text, " or `{}_FILE`", row.environment_name());
        }
        text.push('\n');
    }
    text
}
