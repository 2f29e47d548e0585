//! What a command says of what came of it: words and tables for people, JSON for scripts. Everything that
//! is printed goes through here, because whoever reads may stop reading (`inkstand post list | head`): that
//! is no failure, and must not break off what a command is doing.
//!
//! Must not know what is said. How far long work is, `progress` tells.

use std::fmt::{Display, Write as _};
use std::io;

use clap::Args;
use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;

use crate::domain::time::Timestamp;

use super::Failure;

/// Between the columns of a table.
const GAP: &str = "  ";

/// For whom a command speaks.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(super) struct Form {
    /// Say it as JSON, for scripts
    #[arg(long)]
    pub(super) json: bool,
}

impl Form {
    /// Prints `value` as JSON, or what `words` makes for people.
    pub(super) fn tell(
        self,
        value: &impl Serialize,
        words: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        if self.json {
            say(serde_json::to_string(value)?)
        } else {
            say(words())
        }
    }

    /// Prints things one after the other: `{"items": […]}`, or a line each.
    pub(super) fn list<T: Serialize>(
        self,
        items: &[T],
        words: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        self.tell(&Listed { items }, words)
    }
}

#[derive(Serialize)]
struct Listed<'a, T> {
    items: &'a [T],
}

/// Prints to standard output, with an end of line where there is none; nothing for an empty text.
pub(super) fn say(text: impl Display) -> Result<(), Failure> {
    Ok(write_to(&mut io::stdout().lock(), &text.to_string())?)
}

/// A word on the way. It cannot be said: no reason to break off what is being done.
pub(super) fn mention(text: impl Display) {
    let _ = say(text);
}

/// The same to standard error, where nobody looks for answers.
pub(super) fn remark(text: impl Display) {
    // Whoever closed that wants to hear nothing.
    let _ = write_to(&mut io::stderr().lock(), &text.to_string());
}

fn write_to(out: &mut impl io::Write, text: &str) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let end = if text.ends_with('\n') { "" } else { "\n" };
    let written = out
        .write_all(text.as_bytes())
        .and_then(|()| out.write_all(end.as_bytes()))
        .and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Columns that stand under each other. The last one is not filled up, so the longest belongs there.
#[derive(Debug)]
pub(super) struct Table {
    heads: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    /// Columns of numbers.
    right: Vec<usize>,
}

impl Table {
    pub(super) fn new(heads: &[&'static str]) -> Self {
        Self {
            heads: heads.to_vec(),
            rows: Vec::new(),
            right: Vec::new(),
        }
    }

    /// The numbers of a column stand at its right.
    pub(super) fn right(mut self, column: usize) -> Self {
        self.right.push(column);
        self
    }

    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        // Nothing that somebody wrote may steer the terminal.
        let cells = cells.into_iter().map(|cell| one_line(&cell));
        self.rows.push(cells.collect());
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.rows.is_empty() {
            return Ok(());
        }
        let heads: Vec<String> = self.heads.iter().map(|head| (*head).to_owned()).collect();
        let all = || std::iter::once(&heads).chain(&self.rows);
        let width = |column: usize| {
            let cells = all().filter_map(|row| row.get(column));
            cells.map(|cell| cell.width()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..self.heads.len()).map(width).collect();
        for row in all() {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                let width = widths.get(column).copied().unwrap_or_default();
                let space = " ".repeat(width.saturating_sub(cell.width()));
                if self.right.contains(&column) {
                    write!(line, "{space}{cell}{GAP}")?;
                } else {
                    write!(line, "{cell}{space}{GAP}")?;
                }
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// A text without what moves the cursor or ends a line.
pub(super) fn one_line(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(plain).collect()
}

/// A moment as scripts and people read it: RFC 3339, whole seconds, UTC.
pub(super) fn moment(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_second(at.as_seconds()).unwrap_or_default();
    at.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other_whatever_the_script() {
        let mut table = Table::new(&["ID", "WORDS", "TITLE"]).right(1);
        table.row(["1".to_owned(), "20".to_owned(), "犬と猫".to_owned()]);
        table.row([
            "犬".to_owned(),
            "3".to_owned(),
            "\u{1b}[31mred\n".to_owned(),
        ]);
        let lines: Vec<String> = table.to_string().lines().map(str::to_owned).collect();
        assert_eq!(
            lines,
            [
                "ID  WORDS  TITLE",
                "1      20  犬と猫",
                "犬      3   [31mred",
            ]
        );
        assert_eq!(Table::new(&["ID"]).to_string(), "");
    }

    #[test]
    fn who_stops_reading_does_no_harm_and_a_full_disk_does() {
        struct Pipe(io::ErrorKind);
        impl io::Write for Pipe {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(self.0.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        assert!(write_to(&mut Pipe(io::ErrorKind::BrokenPipe), "x").is_ok());
        assert!(write_to(&mut Pipe(io::ErrorKind::StorageFull), "x").is_err());
        let mut kept = Vec::new();
        for text in ["one", "", "two\n"] {
            write_to(&mut kept, text).unwrap();
        }
        assert_eq!(kept, b"one\ntwo\n");
    }

    #[test]
    fn moments_are_written_for_both() {
        let at = Timestamp::from_micros(1_700_000_000_123_456);
        assert_eq!(moment(at), "2023-11-14T22:13:20Z");
    }
}
